"""What of the cascade waits for somebody: which rows ask for what, without reading them.

`work` makes lines of them for My work, and counts them for the bar at the top of every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.queries import acting_for, standing_of, today
from throughline.bodies.rules import Duty, Standing
from throughline.cascade.models import Assignment, Claim, ProgressReport
from throughline.cascade.permissions import ISSUING, LEADER, OFFICE
from throughline.cascade.queries import (
    bodies_served,
    in_state,
    marked,
    open_assignments,
    parts_not_laid,
    refined_here,
    states,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.life import Step
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group
from throughline.plans.models import Responsibility
from throughline.plans.queries import IN_FORCE

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Tasks:
    """Assignments that ask for the same: their condition on those of `Waiting.own`,
    what is to be done, the state under which the plan's list has them, and by what they are
    ordered."""

    name: str
    condition: Q
    verb: str
    action: str
    state: str
    group: Group = Group.TO_DO
    by: str = "due"


@dataclass(frozen=True)
class Reports:
    """Reports that ask for the same."""

    rows: QuerySet[ProgressReport]
    verb: str
    action: str
    group: Group = Group.TO_DO


@dataclass(frozen=True)
class _There:
    """What there is at all for some bodies: beside most readers nothing is, and every page
    counts what waits for its reader."""

    owed: bool
    silent: bool
    reports: bool
    signed: bool
    claims: bool
    claimed: bool
    mechanisms: bool
    plans: bool


_PRESENCE = """SELECT
    EXISTS (SELECT FROM cascade_assignment WHERE body_id = ANY(%(served)s)
        AND ended_at IS NULL AND closed_at IS NULL),
    EXISTS (SELECT FROM cascade_assignment WHERE issuer_id = ANY(%(mine)s)
        AND ended_at IS NULL AND closed_at IS NULL AND taken_on_at IS NULL
        AND respond_by <= %(now)s),
    EXISTS (SELECT FROM cascade_progressreport r JOIN cascade_assignment a
        ON a.id = r.assignment_id WHERE a.body_id = ANY(%(served)s)
        AND r.step IN ('draft', 'reviewed', 'signed', 'returned')),
    EXISTS (SELECT FROM cascade_progressreport r JOIN cascade_assignment a
        ON a.id = r.assignment_id WHERE a.issuer_id = ANY(%(mine)s) AND r.step = 'signed'),
    EXISTS (SELECT FROM cascade_claim WHERE decider_id = ANY(%(mine)s) AND outcome = ''),
    EXISTS (SELECT FROM cascade_claim WHERE by_body_id = ANY(%(served)s) AND outcome = ''),
    EXISTS (SELECT FROM cascade_mechanism WHERE office_id = ANY(%(served)s) AND ended_on IS NULL),
    EXISTS (SELECT FROM plans_plan WHERE lead_body_id = ANY(%(mine)s))"""


def _presence(served: frozenset[int], mine: frozenset[int]) -> _There:
    asked: dict[str, Any] = {"served": list(served), "mine": list(mine), "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_PRESENCE, asked)
        return _There(*cursor.fetchone())


@dataclass(frozen=True)
class Waiting:
    """What waits for an actor: `served` are the bodies on whose assignments it works, `mine`
    those for which it lays them on others."""

    person: str
    standing: Standing
    served: frozenset[int]
    mine: frozenset[int]
    there: _There

    @classmethod
    def of(cls, actor: Actor) -> Waiting | None:
        """What waits for an actor; None for one for whom nothing can."""
        standing = standing_of(actor)
        if actor.is_nobody or standing.body is None or not standing.sees_content:
            return None
        served, mine = bodies_served(actor), acting_for(standing.body)
        return cls(actor.person, standing, served, mine, _presence(served, mine))

    @property
    def own(self) -> QuerySet[Assignment]:
        """The open assignments of the bodies served."""
        rows = marked(open_assignments().filter(body__in=self.served))
        return rows.alias(is_refined=refined_here())

    def tasks(self) -> list[Tasks]:
        """What these ask of the actor's post."""
        if not self.there.owed:
            return []
        found: list[Tasks] = []
        unanswered = states(clock.now())["unanswered"]
        if self._has(OFFICE):
            found.append(Tasks(
                "to_receive", unanswered & Q(received_at__isnull=True), _("Sign for arrival"),
                _("Open"), "unanswered", by="respond_by",
            ))  # fmt: skip
        if self._has(LEADER):
            named = Q(leader__isnull=True, body__in=self.mine) | Q(leader=self.standing.post)
            found.append(Tasks(
                "to_answer", unanswered & Q(received_at__isnull=False) & named,
                _("Take on or contest"), _("Open"), "unanswered", by="respond_by",
            ))  # fmt: skip
        return [*found, *_of_office()] if self._has(OFFICE) else found

    def counted(self, tasks: Sequence[Tasks]) -> dict[str, int]:
        """By name, how many assignments ask for what. One statement."""
        if not tasks:
            return {}
        return self.own.aggregate(
            **{each.name: Count("pk", filter=each.condition) for each in tasks}
        )

    def reports(self) -> Iterator[Reports]:
        """Reports inside the bodies served: returned to the office, waiting for review or for
        the leader; and those from below that wait to be accepted."""
        if self.there.reports:
            yield from self._reports_inside()
        if self.there.signed and self._has(ISSUING):
            signed = ProgressReport.objects.filter(
                step=Step.SIGNED, assignment__issuer__in=self.mine
            )
            yield Reports(signed, _("Accept or return the report"), _("Open"))

    def _reports_inside(self) -> Iterator[Reports]:
        rows = ProgressReport.objects.filter(assignment__body__in=self.served)
        if self._has(OFFICE):
            returned = rows.filter(step=Step.RETURNED)
            yield Reports(returned, _("Report again"), _("Open"), Group.RETURNED)
        if self._has({Duty.REVIEW}):
            drafts = rows.filter(step=Step.DRAFT).exclude(prepared_by=self.person)
            yield Reports(drafts, _("Review the report"), _("Review"))
        if self._has(LEADER):
            unsigned = Q(step=Step.REVIEWED) | Q(step=Step.DRAFT, assignment__body__one_step=True)
            hand = Q(assignment__leader__isnull=True, assignment__body__in=self.mine)
            hand |= Q(assignment__leader=self.standing.post)
            yield Reports(rows.filter(unsigned, hand), _("Sign the report"), _("Sign"))

    def claims(self) -> QuerySet[Claim]:
        """The claims to decide."""
        if not self.there.claims or not self._has(ISSUING | LEADER):
            return Claim.objects.none()
        return Claim.objects.filter(decider__in=self.mine, outcome="")

    def parts_to_assign(self) -> QuerySet[Responsibility]:
        """The printed parts of plans that the actor's body leads and that nobody was told of."""
        if not self.there.plans or not self._has(ISSUING):
            return Responsibility.objects.none()
        return parts_not_laid().filter(element__version__plan__lead_body__in=self.mine).order_by()

    def claims_of_ours(self) -> QuerySet[Claim]:
        """Claims of the bodies served that somebody else is to decide."""
        if not self.there.claimed:
            return Claim.objects.none()
        rows = Claim.objects.filter(by_body__in=self.served, outcome="")
        return rows.exclude(decider__in=self.mine)

    def reports_of_ours(self) -> Reports:
        """Reports of the bodies served that somebody else is to accept."""
        rows = ProgressReport.objects.none()
        if self.there.reports:
            signed = ProgressReport.objects.filter(
                step=Step.SIGNED, assignment__body__in=self.served
            )
            rows = signed.exclude(assignment__issuer__in=self.mine)
        return Reports(rows, _("Report not accepted yet"), _("Open"), Group.WAITING)

    def silent(self) -> tuple[QuerySet[Assignment], Tasks]:
        """Assignments laid by the own bodies that nobody has answered in time."""
        rows = Assignment.objects.none()
        if self.there.silent:
            laid = open_assignments().filter(issuer__in=self.mine)
            rows = in_state(laid, "silent", clock.now())
        tasks = Tasks(
            "silent", Q(), _("No answer in time"), _("Open"), "silent", Group.WAITING, "respond_by"
        )
        return rows, tasks

    def _has(self, duties: frozenset[Duty] | set[Duty]) -> bool:
        return bool(self.standing.duties & duties)


def _of_office() -> list[Tasks]:
    """What assignments ask of an office once they are taken on, or when the text changes."""
    taken, late = Q(taken_on_at__isnull=False), Q(due__lt=today())
    soon = Q(due__gte=today(), due__lte=today() + SOON)
    unrefined = Q(part=Part.LOCALITY) & (Q(due__isnull=True) | ~late) & Q(is_refined=False)
    return [
        Tasks(
            "outdated", ~Q(element__version__state=IN_FORCE),
            _("Look again: the text has changed"), _("Open"), "changed",
        ),
        Tasks(
            "unrefined", taken & unrefined, _("Refine it in your own plan"), _("Open"), "working"
        ),
        Tasks("late", taken & late, _("Report: it is late"), _("Report"), "late", Group.OVERDUE),
        Tasks("soon", taken & soon, _("Report progress"), _("Report"), "working", Group.DUE_SOON),
    ]  # fmt: skip
