"""An assignment as pages show it: where it stands in a sentence, and what its reader may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from throughline.bodies.queries import today
from throughline.cascade.models import Assignment, Claim, ProgressReport
from throughline.cascade.permissions import (
    require_decider,
    require_issuer,
    require_leader,
    require_office,
    require_returning,
    require_reviewing,
)
from throughline.cascade.queries import life_of, text_now
from throughline.cascade.rules.difference import Piece, difference, same_text
from throughline.cascade.rules.life import Deed, Life, Step, may_do
from throughline.cascade.words import STAGES
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import ThroughlineError
from throughline.plans.models import Element
from throughline.ui.shapes import Act

SHAPES = {
    0: "none", 1: "assigned", 2: "received", 3: "taken-on", 4: "refined", 5: "started",
    6: "finished", 7: "not-applicable",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Where an assignment stands: the shape and word of its stage, and what is wrong."""

    shape: str
    word: str
    late: bool
    silent: bool
    claimed: bool

    @classmethod
    def of(cls, assignment: Assignment) -> Standing:
        """The standing now, of an assignment read by `queries.with_rows`."""
        life = life_of(assignment)
        return cls(
            shape=SHAPES[life.stage],
            word=str(STAGES[life.stage]),
            late=life.is_late(today()),
            silent=life.is_silent(clock.now()),
            claimed=life.claimed and life.is_open,
        )


AT_ONCE = frozenset({Deed.RECEIVE, Deed.TAKE_ON})
"""What needs no word: one click."""


def passes(check: Callable[[], object]) -> bool:
    """Whether a permission that raises where it refuses lets pass."""
    try:
        check()
    except ThroughlineError:
        return False
    return True


def acts_of(actor: Actor, assignment: Assignment) -> list[Act]:
    """What the reader may do with an assignment now; what comes next is first and filled."""
    life = life_of(assignment)
    office = passes(lambda: require_office(actor, assignment))
    leader = passes(lambda: require_leader(actor, assignment))
    issuer = passes(lambda: require_issuer(actor, assignment))
    offered: list[tuple[Deed, bool, str, str]] = [
        (Deed.RECEIVE, office, _("Sign for its arrival"), "receive-assignment"),
        (Deed.TAKE_ON, leader, _("Take it on"), "take-on-assignment"),
        (Deed.REPORT, office, _("Report progress"), "prepare-report"),
        (Deed.SET_MILESTONES, office, _("Set the steps"), "set-milestones"),
        (Deed.NAME_PEOPLE, office, _("Name leader and officer"), "name-people"),
        (Deed.CONTEST, leader, _("Contest …"), "contest-assignment"),
        (
            Deed.DECLARE_NOT_APPLICABLE, leader and assignment.part not in {"lead", "coordinating"},
            _("Not applicable here …"), "declare-not-applicable",
        ),
        (Deed.URGE, issuer, _("Urge"), "urge-assignment"),
        (Deed.REASSIGN, issuer, _("Reassign …"), "reassign-assignment"),
        (Deed.WITHDRAW, issuer, _("Withdraw …"), "withdraw-assignment"),
    ]  # fmt: skip
    first = {Deed.RECEIVE, Deed.TAKE_ON, Deed.REPORT}
    found: list[Act] = []
    for deed, allowed, label, name in offered:
        if allowed and may_do(deed, life):
            primary = deed in first and not any(act.primary for act in found)
            method = "post" if deed in AT_ONCE else "get"
            found.append(Act(label, reverse(name, args=[assignment.pk]), primary, method))
    return found


def may_decide(actor: Actor, claim: Claim) -> bool:
    """Whether the reader decides on a claim."""
    return not claim.outcome and passes(lambda: require_decider(actor, claim))


def may_take_back(actor: Actor, claim: Claim) -> bool:
    """Whether the reader may take a claim back."""
    return not claim.outcome and passes(lambda: require_leader(actor, claim.assignment))


def report_acts(actor: Actor, report: ProgressReport, assignment: Assignment) -> list[Act]:
    """What the reader may do with a report now."""
    reviews = passes(lambda: require_reviewing(actor, assignment))
    another = assignment.body.one_step or report.prepared_by != actor.person
    signs = passes(lambda: require_leader(actor, assignment))
    issues = passes(lambda: require_issuer(actor, assignment))
    returns = passes(lambda: require_returning(actor, report, assignment))
    prepares = passes(lambda: require_office(actor, assignment))
    step = Step(report.step)
    signable = step is Step.REVIEWED or (step is Step.DRAFT and assignment.body.one_step)
    offered = [
        (step is Step.DRAFT and reviews and another, _("Review"), "review-report", "post"),
        (signable and signs, _("Sign"), "sign-report", "post"),
        (step is Step.SIGNED and issues, _("Accept"), "accept-report", "post"),
        (
            step in {Step.DRAFT, Step.REVIEWED, Step.SIGNED} and returns,
            _("Return …"), "return-report", "get",
        ),
    ]  # fmt: skip
    acts: list[Act] = []
    for allowed, label, name, method in offered:
        if allowed:
            primary = method == "post" and not acts
            acts.append(Act(label, reverse(name, args=[report.pk]), primary, method))
    if step in {Step.DRAFT, Step.RETURNED} and prepares:
        acts.append(Act(_("Go on with it"), reverse("prepare-report", args=[assignment.pk])))
    return acts


@dataclass(frozen=True)
class Changed:
    """How the text of an assignment's element changed since its body looked at it; nothing
    now where it stands in the plan no longer."""

    now: Element | None
    title: Sequence[Piece] = ()
    text: Sequence[Piece] = ()
    completion: Sequence[Piece] = ()
    deadline: bool = False


def changed_since(seen: Element) -> Changed | None:
    """The difference between a text that was looked at and the one in force; None where
    there is none."""
    now = text_now(seen.thread_id)
    if now is None:
        return Changed(None)
    if now.pk == seen.pk or same_text(now, seen):
        return None
    return Changed(
        now,
        difference(seen.title, now.title),
        difference(seen.text, now.text),
        difference(seen.completion, now.completion),
        now.deadline != seen.deadline,
    )


def sentence_of(assignment: Assignment, life: Life) -> str:
    """What is to be said first of an assignment."""
    names = {"body": assignment.body.short, "issuer": assignment.issuer.short}
    if life.ending is not None:
        return _("Nothing is owed under it any more.")
    if life.closed:
        return _("%(body)s has completed it, and %(issuer)s has accepted it.") % names
    if life.claimed:
        return _("%(body)s has made a claim, which is not decided yet.") % names
    if life.is_silent(clock.now()):
        return (
            _("%(body)s has received it and has not answered in time.")
            if life.received
            else _("%(body)s has not answered in time.")
        ) % names
    if not life.received:
        return _("%(body)s has still to sign for its arrival.") % names
    if not life.taken_on:
        return _("%(body)s has received it; its leader has still to take it on.") % names
    if life.is_late(today()):
        return _("%(body)s has taken it on and is late.") % names
    if life.started:
        return _("%(body)s has begun, as an accepted report says.") % names
    if life.refined:
        return _("%(body)s has taken it on and refined it in its own plan.") % names
    return _("%(body)s has taken it on.") % names


def looks_again(actor: Actor, assignment: Assignment) -> bool:
    """Whether the reader may put on record that the body has looked at the present text."""
    return passes(lambda: require_office(actor, assignment))
