"""What of cases waits for a person: steps to answer, what to hand in, opinions to give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.queries import acting_for, standing_of
from throughline.bodies.rules import Standing
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group, Item
from throughline.procedures.models import AddedSigner, Case, CaseAct, CaseStep, Supplement
from throughline.procedures.permissions import ANSWERING, SUBMITTING
from throughline.procedures.queries import steps_waiting
from throughline.procedures.rules.kinds import Relation
from throughline.procedures.rules.life import Deed
from throughline.procedures.telling import address_of

LONGEST = 50
"""So many of one kind are listed; the others come up as those are done."""


@dataclass(frozen=True)
class _Mine:
    """What waits for one who acts for some bodies in a post."""

    person: str
    bodies: frozenset[int]
    standing: Standing

    @staticmethod
    def of(actor: Actor) -> _Mine | None:
        """None for who handles no cases."""
        standing = standing_of(actor)
        if standing.body is None or standing.is_installation or not standing.sees_content:
            return None
        return _Mine(actor.person, acting_for(standing.body), standing)

    def steps(self) -> QuerySet[CaseStep]:
        """Steps that wait for the person to answer or to hand in: not those on which he may not
        decide, nor those at which others have to answer first."""
        rows = steps_waiting(self.bodies)
        own = Q(relation=Relation.SUBMITTER)
        answers, hands_in = self.standing.duties & ANSWERING, self.standing.duties & SUBMITTING
        mine = Q(post=self.standing.post)
        if answers:
            mine |= Q(post__isnull=True) & ~own
        if hands_in:
            mine |= Q(post__isnull=True) & own
        awaited = Supplement.objects.filter(step=OuterRef("pk"), closed_at__isnull=True)
        signing = AddedSigner.objects.filter(step=OuterRef("pk"), answered_at__isnull=True)
        free = own | Q(relation=Relation.LEAD_BODY) | ~Q(Exists(self._submitted("case")))
        return rows.filter(
            mine, free, ~Exists(awaited), ~Exists(signing), ~Exists(self._answered())
        )

    def _submitted(self, case: str) -> QuerySet[CaseAct]:
        return CaseAct.objects.filter(
            case=OuterRef(case), person=self.person,
            deed__in=[Deed.SUBMIT.value, Deed.SUPPLEMENT.value],
        )  # fmt: skip

    def _answered(self) -> QuerySet[CaseStep]:
        return CaseStep.objects.filter(
            case=OuterRef("case"), node=OuterRef("node"), round=OuterRef("round"),
            ended_at__isnull=False, person=self.person,
        ).exclude(body=OuterRef("body"))  # fmt: skip

    def supplements(self) -> QuerySet[Supplement]:
        """What others ask the person's body for."""
        if not self.standing.duties & SUBMITTING:
            return Supplement.objects.none()
        return Supplement.objects.filter(
            closed_at__isnull=True, step__case__submitter__in=self.bodies,
            step__case__ended_at__isnull=True,
        )  # fmt: skip

    def signatures(self) -> QuerySet[AddedSigner]:
        """Steps at which the person's body was added as a signer."""
        if not self.standing.duties & ANSWERING:
            return AddedSigner.objects.none()
        return AddedSigner.objects.filter(
            ~Exists(self._submitted("step__case")), body__in=self.bodies,
            answered_at__isnull=True, step__ended_at__isnull=True,
        )  # fmt: skip

    def submitted(self) -> QuerySet[Case]:
        """Cases of the person's body that run."""
        if not self.standing.duties & SUBMITTING:
            return Case.objects.none()
        return Case.objects.filter(submitter__in=self.bodies, ended_at__isnull=True)


def work_for(actor: Actor) -> list[Item]:
    """What an actor has to do in cases, and what others have to do in those of its body."""
    mine = _Mine.of(actor)
    if mine is None:
        return []
    return [*_of_steps(mine), *_of_supplements(mine), *_of_signatures(mine), *_of_submitted(mine)]


def count_for(actor: Actor) -> int:
    """How many things an actor has to do in cases, in one statement: every page says it."""
    mine = _Mine.of(actor)
    if mine is None:
        return 0
    several = (mine.supplements(), mine.signatures())
    keys = [rows.order_by().values_list("pk") for rows in several if not rows.query.is_empty()]
    steps = mine.steps().order_by().values_list("pk")
    return steps.union(*keys, all=True).count() if keys else steps.count()


def _of_steps(mine: _Mine) -> Iterator[Item]:
    rows = mine.steps().select_related("case__submitter", "body").order_by("due_at", "pk")
    now = clock.now()
    for each in rows[:LONGEST]:
        returned = each.relation == Relation.SUBMITTER and each.round > 1
        late = each.due_at is not None and each.due_at <= now
        group = Group.RETURNED if returned else Group.TO_DO
        yield Item(
            group=Group.OVERDUE if late else group,
            verb=each.title,
            title=each.case.title,
            detail=f"{each.case.number} · {each.case.submitter.short}",
            url=address_of(each.case),
            action=_("Handle"),
            at=each.opened_at,
            dated=_("due %(day)s") if each.due_at else _("came %(ago)s"),
            due=each.due_at,
        )


def _of_supplements(mine: _Mine) -> Iterator[Item]:
    rows = mine.supplements().select_related("step__case", "body").order_by("asked_at")
    for each in rows[:LONGEST]:
        yield Item(
            group=Group.RETURNED,
            verb=_("Supplement the case"),
            title=each.step.case.title,
            detail=f"{each.body.short}: {each.question}"[:200],
            url=address_of(each.step.case),
            action=_("Supplement"),
            at=each.asked_at,
            dated=_("asked for %(ago)s"),
        )


def _of_signatures(mine: _Mine) -> Iterator[Item]:
    rows = mine.signatures().select_related("step__case", "by").order_by("asked_at")
    for each in rows[:LONGEST]:
        yield Item(
            group=Group.TO_DO,
            verb=_("Give your opinion as an added signer"),
            title=each.step.case.title,
            detail=f"{each.by.short}: {each.question}"[:200],
            url=address_of(each.step.case),
            action=_("Answer"),
            at=each.asked_at,
            dated=_("due %(day)s") if each.step.due_at else _("asked for %(ago)s"),
            due=each.step.due_at,
        )


def _of_submitted(mine: _Mine) -> Iterator[Item]:
    rows = mine.submitted().select_related("procedure").order_by("submitted_at")
    for each in rows[:LONGEST]:
        yield Item(
            group=Group.WAITING,
            verb=_("Case not decided yet"),
            title=each.title,
            detail=f"{each.number} · {each.procedure.title}",
            url=address_of(each),
            action=_("Open"),
            at=each.submitted_at,
            dated=_("submitted %(ago)s"),
        )
