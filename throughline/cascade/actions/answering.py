"""What a body does with a task that is laid on it: signs for its arrival, names its people,
takes it on, or answers with a claim that another decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from throughline.bodies.models import Body, Post
from throughline.cascade import telling
from throughline.cascade.actions.assigning import (
    LONGEST,
    end,
    is_in_hand,
    locked,
    passed_to,
    replace_by,
    tell_issued,
)
from throughline.cascade.actions.texts import Text
from throughline.cascade.models import Assignment, Claim
from throughline.cascade.permissions import (
    is_leading,
    require_decider,
    require_leader,
    require_office,
    require_state,
    require_writing,
)
from throughline.cascade.queries import (
    common_superior,
    life_of,
    locked_rows,
    text_now,
    with_rows,
)
from throughline.cascade.rules.kinds import ClaimKind
from throughline.cascade.rules.life import Deed, Ending, Outcome, may_do
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all


@action("task.receive")
def receive_task(act: Act, *, assignment: Assignment) -> Assignment:
    """签收: the office signs for arrival. It says nothing on whether the task is taken on."""
    row = locked(assignment)
    require_office(act.actor, row)
    require_state(Deed.RECEIVE, life_of(row))
    with act.changing(row, "received_at"):
        row.received_at = clock.now()
        row.save(update_fields=["received_at"])
    return row


@action("tasks.receive")
def receive_tasks(act: Act, *, assignments: Sequence[Assignment]) -> list[int]:
    """签收 of several at once, each on record as one that is signed for by itself. What was
    signed for or has ended meanwhile stays as it is. Returns the ids of those signed for now."""
    if not assignments:
        raise Invalid(_("Nothing was chosen."))
    for row in assignments:
        require_office(act.actor, row)
    held = locked_rows(Assignment.objects.filter(pk__in=[each.pk for each in assignments]))
    found = with_rows(held).order_by("pk")
    rows = [row for row in found if may_do(Deed.RECEIVE, life_of(row))]
    if not rows:
        raise Conflict(
            _("None of these waits for its arrival to be signed for any more."),
            remedy=_("Somebody else signed for them, or they have ended."),
        )
    # The key of a request names the act as a whole; within it there are many under one verb.
    signing = replace(act.actor, idempotency_key="")
    for row in rows:
        receive_task(signing, assignment=row)
    act.about(rows[0].thread)
    received = [row.pk for row in rows]
    act.record(assignments=received)
    return received


@action("task.name_people")
def name_people(
    act: Act, *, assignment: Assignment, leader: Post | None, officer: Post | None
) -> Assignment:
    """Name the responsible leader 分管领导 and the handling officer 经办人: posts of the body
    itself, or of the planning body that works for it at its place."""
    row = locked(assignment)
    require_office(act.actor, row)
    require_state(Deed.NAME_PEOPLE, life_of(row))
    problems = [
        Problem(field, _("Choose a post of a body at the same place."), field=field)
        for field, post in (("leader", leader), ("officer", officer))
        if post is not None and post.body_id != row.body_id and post.body.place_id != row.place_id
    ]
    if problems:
        raise Invalid(_("The people were not named."), problems=problems)
    with act.changing(row, "leader_id", "officer_id"):
        row.leader, row.officer = leader, officer
        row.save(update_fields=["leader", "officer"])
    return row


@action("task.take_on")
def take_on_task(act: Act, *, assignment: Assignment) -> Assignment:
    """认领: the responsible leader takes the task on for the body."""
    row = locked(assignment)
    require_leader(act.actor, row)
    require_state(Deed.TAKE_ON, life_of(row))
    with act.changing(row, "taken_on_at"):
        row.taken_on_at = clock.now()
        row.save(update_fields=["taken_on_at"])
    notify_all(act, [telling.tell(telling.ANSWERED, row, row.issuer, reading_only=True)])
    return row


@action("task.contest")
def contest_task(
    act: Act,
    *,
    assignment: Assignment,
    reason: str,
    body: Body | None = None,
    due: date | None = None,
    text: str = "",
) -> Claim:
    """Contest a task with a proposal: another body, another date, another content. Until it
    is decided the body has the task as it is."""
    row = locked(assignment)
    require_leader(act.actor, row)
    require_state(Deed.CONTEST, life_of(row))
    problems = _reason_problems(reason, text)
    if body is None and due is None and not text.strip():
        problems.append(
            Problem(
                "proposal",
                _("Propose another body, another date or another content."),
                _("Who sees no way at all declares it not applicable here."),
                field="body",
            )
        )
    if body is not None and body.pk == row.body_id:
        problems.append(Problem("body", _("Propose another body than your own."), field="body"))
    if problems:
        raise Invalid(_("The task was not contested."), problems=problems)
    return _claim(
        act, row, ClaimKind.CONTEST, reason, body=body, due=due, text=text.strip(),
        decider=_decider(row, body),
    )  # fmt: skip


@action("task.declare_not_applicable")
def declare_not_applicable(act: Act, *, assignment: Assignment, reason: str) -> Claim:
    """Declare that a task does not apply here. The reason is accepted or rejected by the one
    that laid it on the body; what a document lays on a body by name is changed by the body
    that leads the plan. Whoever leads an element proposes another instead."""
    row = locked(assignment)
    require_leader(act.actor, row)
    require_state(Deed.DECLARE_NOT_APPLICABLE, life_of(row))
    if is_leading(row):
        raise Conflict(
            _("Somebody has to lead this element."),
            remedy=_("Contest it, and propose who should."),
        )
    problems = _reason_problems(reason, "")
    if problems:
        raise Invalid(_("Nothing was declared."), problems=problems)
    decider = row.thread.plan.lead_body if row.by_name else row.issuer
    return _claim(act, row, ClaimKind.NOT_APPLICABLE, reason, decider=decider)


def _reason_problems(reason: str, text: str) -> list[Problem]:
    problems = []
    if not reason.strip():
        problems.append(Problem("reason", _("A reason is needed."), field="reason"))
    problems += [
        Problem(
            field,
            _("At most %(most)s characters are taken.") % {"most": LONGEST},
            _("Attach a document instead."),
            field=field,
        )
        for field, said in (("reason", reason), ("text", text))
        if len(said) > LONGEST
    ]
    return problems


def _decider(row: Assignment, proposed: Body | None) -> Body:
    """Who decides on a contest: the issuer; where the body would pass the task to a peer, the
    nearest body that leads both."""
    if proposed is None:
        return row.issuer
    above = common_superior(row.body, proposed)
    return row.issuer if above is None or above.pk in {row.body_id, proposed.pk} else above


def _claim(
    act: Act,
    row: Assignment,
    kind: ClaimKind,
    reason: str,
    *,
    decider: Body,
    body: Body | None = None,
    due: date | None = None,
    text: str = "",
) -> Claim:
    claim = Claim.objects.create(
        assignment=row,
        kind=kind,
        reason=reason.strip(),
        proposed_body=body,
        proposed_due=due,
        proposed_text=text,
        by_body=row.body,
        by_person=act.actor.person,
        at=clock.now(),
        decider=decider,
    )
    act.about(claim)
    act.record(
        assignment=row.pk, kind=kind, reason=claim.reason, body=body and body.key, due=due,
        text=text, decider=decider.key,
    )  # fmt: skip
    tellings = [telling.tell(telling.CLAIMED, row, decider, by=row.body, words=claim.reason)]
    if decider.pk != row.issuer_id:
        tellings.append(
            telling.tell(
                telling.CLAIMED,
                row,
                row.issuer,
                by=row.body,
                words=claim.reason,
                reading_only=True,
            )
        )
    notify_all(act, tellings)
    return claim


@action("claim.withdraw")
def withdraw_claim(act: Act, *, claim: Claim) -> Claim:
    """Take a claim back before it is decided: the task stands as it was."""
    row = locked(claim.assignment)
    require_leader(act.actor, row)
    found = _open_claim(claim)
    with act.changing(found, "outcome", "decided_at"):
        found.outcome, found.decided_at = Outcome.WITHDRAWN, clock.now()
        found.decided_person = act.actor.person
        found.save(update_fields=["outcome", "decided_at", "decided_person"])
    return found


def _open_claim(claim: Claim) -> Claim:
    """A claim read again; the caller holds the lock of its assignment."""
    found = Claim.objects.select_related(
        "decider", "proposed_body", "by_body", "assignment__body"
    ).get(pk=claim.pk)
    if found.outcome:
        raise Conflict(_("This claim was decided already."))
    return found


@action("claim.decide")
def decide_claim(
    act: Act,
    *,
    claim: Claim,
    outcome: str,
    answer: str,
    body: Body | None = None,
    due: date | None = None,
    text: str = "",
) -> Claim:
    """Decide on a claim: as proposed, otherwise, or not at all, always with an answer. What
    is decided takes effect in the same act."""
    require_writing(act.actor)
    row = locked(claim.assignment)
    found = _open_claim(claim)
    standing = require_decider(act.actor, found)
    _require_sound_decision(found, outcome, answer, body, due, text)
    require_state(Deed.DECIDE, life_of(row))
    found.outcome, found.answer = outcome, answer.strip()
    found.decided_at, found.decided_person = clock.now(), act.actor.person
    found.save()
    if outcome == Outcome.ACCEPTED:
        body, due = found.proposed_body, found.proposed_due
        text = found.proposed_text
    taken_over = body is not None and is_in_hand(standing, found.decider_id, body)
    arrived = found.decided_at if taken_over else None
    successor = (
        None
        if outcome == Outcome.REJECTED
        else _carry_out(act, row, found, body, due, text, arrived)
    )
    act.about(found)
    act.record(
        assignment=row.pk, outcome=outcome, answer=found.answer,
        body=body.key if body and outcome != Outcome.REJECTED else None,
        due=due, text=text, successor=successor and successor.pk,
        received_at=successor and successor.received_at,
    )  # fmt: skip
    told = [telling.tell(telling.DECIDED, row, found.by_body, by=found.decider, words=answer)]
    if found.decider_id != row.issuer_id:
        told.append(
            telling.tell(
                telling.DECIDED,
                row,
                row.issuer,
                by=found.decider,
                words=answer,
                reading_only=True,
            )
        )
    if successor is not None:
        told += tell_issued([successor])
    notify_all(act, told)
    return found


def _require_sound_decision(
    claim: Claim, outcome: str, answer: str, body: Body | None, due: date | None, text: str
) -> None:
    problems = []
    if outcome not in {Outcome.ACCEPTED, Outcome.CHANGED, Outcome.REJECTED}:
        problems.append(Problem("outcome", _("Choose what is decided."), field="outcome"))
    if outcome == Outcome.CHANGED and claim.kind == ClaimKind.NOT_APPLICABLE:
        problems.append(
            Problem(
                "outcome",
                _("Whether it applies here is accepted or rejected, nothing between."),
                field="outcome",
            )
        )
    elif outcome == Outcome.CHANGED and body is None and due is None and not text.strip():
        problems.append(
            Problem("body", _("Say what applies instead of the proposal."), field="body")
        )
    if not answer.strip():
        problems.append(Problem("answer", _("An answer is needed."), field="answer"))
    if len(answer) > LONGEST:
        problems.append(
            Problem(
                "answer",
                _("At most %(most)s characters are taken.") % {"most": LONGEST},
                field="answer",
            )
        )
    if problems:
        raise Invalid(_("Nothing was decided."), problems=problems)


def _carry_out(
    act: Act, row: Assignment, claim: Claim, body: Body | None, due: date | None, text: str,
    arrived: datetime | None,
) -> Assignment | None:  # fmt: skip
    """What a decision in favour does to the assignment; its successor, if it has one, which
    has arrived where the body that decides has taken it itself."""
    if claim.kind == ClaimKind.NOT_APPLICABLE:
        end(row, Ending.NOT_APPLICABLE)
        return None
    changed: dict[str, object] = {}
    if due is not None:
        changed["due"] = due
    if text.strip():
        changed |= Text.written(text).fields("deliverable")
    if body is not None and body.pk != row.body_id:
        new = passed_to(row, body, act, received_at=arrived, **changed)
        return replace_by(act, row, new, Ending.REASSIGNED)
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed) or None)
    return None


@action("task.look_again")
def look_again(act: Act, *, assignment: Assignment) -> Assignment:
    """Put on record that the body has looked at the present text of its task, after it was
    changed: it is the text that it now owes, by the day of that text where its own day was that
    of the text before."""
    row = locked(assignment)
    require_office(act.actor, row)
    if not life_of(row).is_open:
        raise Conflict(_("This assignment is closed: nothing more is owed under it."))
    now = text_now(row.thread_id)
    if now is None:
        raise Conflict(
            _("The element stands in the plan no longer."),
            remedy=_("The body that laid it out withdraws the assignment."),
        )
    if now.pk == row.element_id:
        raise Conflict(_("Its text has not changed since it was last looked at."))
    with act.changing(row, "element_id", "due"):
        if row.due == row.element.deadline:
            row.due = now.deadline
        row.element = now
        row.save(update_fields=["element", "due"])
    return row
