"""Assignments and claims by the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status

from throughline.bodies.api.directory import visible_body
from throughline.bodies.models import Post
from throughline.cascade import actions
from throughline.cascade.api.routing import (
    WordsIn,
    actor_signed_in,
    body_by_key,
    element_by_key,
    found,
    router,
)
from throughline.cascade.models import Assignment, Claim
from throughline.cascade.queries import (
    assignment_by_id,
    assignments_visible_to,
    claim_by_id,
    claims_visible_to,
    in_state,
    life_of,
    paper_of,
    with_rows,
)
from throughline.cascade.rules.kinds import ClaimKind, Part
from throughline.cascade.rules.life import Ending, Outcome
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.refusals import REFUSALS
from throughline.plans.queries import plan_in_force

Size = Annotated[int, Field(ge=1, le=500)]


class AssignmentOut(Schema):
    """An element laid on a body, and where it stands."""

    id: int
    plan: str
    element: str
    version: int = Field(description="of the text that the body last looked at")
    body: str
    place: str | None
    part: Part
    deliverable_en: str
    deliverable_zh: str
    due: date | None
    by_name: bool
    issuer: str
    authority: str
    issued_at: datetime
    respond_by: datetime | None
    received_at: datetime | None
    taken_on_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    ended_as: Ending | None
    successor: int | None
    stage: str
    late: bool
    silent: bool
    claimed: bool


class AssignmentIn(Schema):
    """A task for one body. `due` falls back to the element's deadline, `authority` to its
    paper or the plan's, `respond_by` to the last second of the tenth day from now."""

    plan: str
    element: str
    body: str
    part: Part
    deliverable: WordsIn = WordsIn()
    due: date | None = None
    authority: str = ""
    respond_by: datetime | None = None
    by_name: bool = False


class ClaimOut(Schema):
    """What a body answered instead of taking on, and what was decided."""

    id: int
    assignment: int
    kind: ClaimKind
    reason: str
    proposed_body: str | None
    proposed_due: date | None
    proposed_text: str
    by: str
    at: datetime
    decider: str
    outcome: Outcome | None
    answer: str
    decided_at: datetime | None


class ReasonIn(Schema):
    reason: str


class ProposalIn(Schema):
    """Why, and what should be instead: another body, another date, another content."""

    reason: str
    body: str | None = None
    due: date | None = None
    text: str = ""


class DecisionIn(Schema):
    """What is decided on a claim; body, due and text count with the outcome `changed`."""

    outcome: Outcome
    answer: str
    body: str | None = None
    due: date | None = None
    text: str = ""


class PeopleIn(Schema):
    """Posts by their ids; null names nobody."""

    leader: int | None = None
    officer: int | None = None


class ReassignIn(Schema):
    body: str
    reason: str


class HandOverIn(ReassignIn):
    """`assignments` are ids of open assignments of the body; without it all are handed over."""

    assignments: list[int] | None = None


class HandedOverOut(Schema):
    """How many the successor has now, and how many ended in favour of what it had."""

    passed: int
    merged: int


class ReceivedOut(Schema):
    """The ids of those signed for now, and of those that had been signed for or had ended."""

    received: list[int]
    left: list[int]


class UrgeIn(Schema):
    words: str = ""


def _out(row: Assignment) -> AssignmentOut:
    life = life_of(row)
    now = clock.now()
    return AssignmentOut(
        id=row.pk,
        plan=row.element.version.plan.key,
        element=row.element.key,
        version=row.element.version.number,
        body=row.body.key,
        place=row.place.code if row.place else None,
        part=Part(row.part),
        deliverable_en=row.deliverable_en,
        deliverable_zh=row.deliverable_zh,
        due=row.due,
        by_name=row.by_name,
        issuer=row.issuer.key,
        authority=row.paper.title if row.paper else row.authority,
        issued_at=row.issued_at,
        respond_by=row.respond_by,
        received_at=row.received_at,
        taken_on_at=row.taken_on_at,
        started_at=row.started_at,
        closed_at=row.closed_at,
        ended_at=row.ended_at,
        ended_as=Ending(row.ended_as) if row.ended_as else None,
        successor=row.successor_id,
        stage=life.stage.name.lower(),
        late=life.is_late(now.date()),
        silent=life.is_silent(now),
        claimed=life.claimed,
    )


def _again(actor: Actor, row: Assignment) -> AssignmentOut:
    """An assignment as it stands after an act."""
    return _out(assignment_by_id(actor, row.pk))


def _claim(row: Claim) -> ClaimOut:
    return ClaimOut(
        id=row.pk,
        assignment=row.assignment_id,
        kind=ClaimKind(row.kind),
        reason=row.reason,
        proposed_body=row.proposed_body.key if row.proposed_body else None,
        proposed_due=row.proposed_due,
        proposed_text=row.proposed_text,
        by=row.by_body.key,
        at=row.at,
        decider=row.decider.key,
        outcome=Outcome(row.outcome) if row.outcome else None,
        answer=row.answer,
        decided_at=row.decided_at,
    )


@router.get("/plans/{plan}/assignments", response={200: list[AssignmentOut]} | REFUSALS)
def list_assignments(
    request: HttpRequest,
    plan: str,
    element: str = "",
    state: str = "",
    after: int = 0,
    limit: Size = 100,
) -> list[AssignmentOut]:
    """Who does what under a plan, by id; `after` is the last id of the page before. `state`
    narrows to unanswered, silent, claimed, late, changed, working, closed or ended."""
    actor = actor_signed_in(request)
    version = plan_in_force(actor, plan)
    rows = assignments_visible_to(actor).filter(thread__plan=version.plan)
    if element:
        rows = rows.filter(thread__key=element)
    rows = in_state(rows, state, clock.now()).filter(pk__gt=max(0, min(after, 2**62)))
    return [_out(row) for row in with_rows(rows).order_by("pk")[:limit]]


def _wanted(actor: Actor, given: AssignmentIn) -> actions.Wanted:
    element = element_by_key(actor, given.plan, given.element)
    return actions.Wanted(
        element=element,
        body=body_by_key(actor, given.body),
        part=given.part,
        deliverable=given.deliverable.text(),
        due=given.due,
        paper=None if given.authority.strip() else paper_of(element),
        authority=given.authority,
        by_name=given.by_name,
    )


@router.post("/assignments", response={201: AssignmentOut} | REFUSALS)
def assign_task(request: HttpRequest, given: AssignmentIn) -> Status[AssignmentOut]:
    """Lay an element on a body."""
    actor = actor_signed_in(request)
    wanted = _wanted(actor, given)
    row = actions.assign_task(
        actor,
        element=wanted.element,
        body=wanted.body,
        part=wanted.part,
        deliverable=wanted.deliverable,
        due=wanted.due,
        paper=wanted.paper,
        authority=wanted.authority,
        respond_by=given.respond_by,
        by_name=wanted.by_name,
    )
    return Status(201, _again(actor, row))


@router.post("/plans/{plan}/assignments", response={200: dict[str, int]} | REFUSALS)
def assign_tasks(request: HttpRequest, plan: str, given: list[AssignmentIn]) -> dict[str, int]:
    """Lay many elements of a plan on many bodies in one act: all of them or none."""
    actor = actor_signed_in(request)
    if any(each.plan != plan for each in given):
        text = _("Tasks of one plan are assigned at a time.")
        raise Invalid(text, problems=[Problem("plan", text, field="plan")])
    wanted = [_wanted(actor, each) for each in given]
    answer = given[0].respond_by if given else None
    return {"assigned": actions.assign_tasks(actor, wanted=wanted, respond_by=answer)}


@router.post("/plans/{plan}/assignments/receive", response={200: ReceivedOut} | REFUSALS)
def receive_tasks(request: HttpRequest, plan: str, given: list[int]) -> ReceivedOut:
    """The office signs for the arrival of several at once, by their ids."""
    actor = actor_signed_in(request)
    version = plan_in_force(actor, plan)
    wanted = {each for each in given if 0 < each < 2**62}
    rows = assignments_visible_to(actor).filter(thread__plan=version.plan, pk__in=wanted)
    chosen = list(rows.select_related("body"))
    if len(chosen) < len(set(given)):
        raise NotFound(_("There is no such assignment."))
    received = actions.receive_tasks(actor, assignments=chosen)
    return ReceivedOut(received=received, left=sorted(wanted - set(received)))


@router.get("/assignments/{id}", response={200: AssignmentOut} | REFUSALS)
def get_assignment(request: HttpRequest, id: int) -> AssignmentOut:
    """One assignment."""
    _actor, row = found(request, id)
    return _out(row)


@router.post("/assignments/{id}/receive", response={200: AssignmentOut} | REFUSALS)
def receive_task(request: HttpRequest, id: int) -> AssignmentOut:
    """The office signs for arrival."""
    actor, row = found(request, id)
    return _again(actor, actions.receive_task(actor, assignment=row))


@router.post("/assignments/{id}/take-on", response={200: AssignmentOut} | REFUSALS)
def take_on_task(request: HttpRequest, id: int) -> AssignmentOut:
    """The responsible leader takes the task on."""
    actor, row = found(request, id)
    return _again(actor, actions.take_on_task(actor, assignment=row))


@router.post("/assignments/{id}/look-again", response={200: AssignmentOut} | REFUSALS)
def look_again(request: HttpRequest, id: int) -> AssignmentOut:
    """The body has looked at the present text."""
    actor, row = found(request, id)
    return _again(actor, actions.look_again(actor, assignment=row))


def _post(key: int | None, field: str) -> Post | None:
    if key is None:
        return None
    row = Post.objects.select_related("body").filter(pk=key).first() if 0 < key < 2**62 else None
    if row is None:
        text = _("There is no such post.")
        raise Invalid(text, problems=[Problem(field, text, field=field)])
    return row


@router.put("/assignments/{id}/people", response={200: AssignmentOut} | REFUSALS)
def name_people(request: HttpRequest, id: int, given: PeopleIn) -> AssignmentOut:
    """Name the responsible leader and the handling officer."""
    actor, row = found(request, id)
    done = actions.name_people(
        actor,
        assignment=row,
        leader=_post(given.leader, "leader"),
        officer=_post(given.officer, "officer"),
    )
    return _again(actor, done)


@router.post("/assignments/{id}/contest", response={201: ClaimOut} | REFUSALS)
def contest_task(request: HttpRequest, id: int, given: ProposalIn) -> Status[ClaimOut]:
    """Contest a task with a proposal."""
    actor, row = found(request, id)
    claim = actions.contest_task(
        actor,
        assignment=row,
        reason=given.reason,
        body=body_by_key(actor, given.body) if given.body else None,
        due=given.due,
        text=given.text,
    )
    return Status(201, _claim(claim_by_id(actor, claim.pk)))


@router.post("/assignments/{id}/not-applicable", response={201: ClaimOut} | REFUSALS)
def declare_not_applicable(request: HttpRequest, id: int, given: ReasonIn) -> Status[ClaimOut]:
    """Declare that a task does not apply here."""
    actor, row = found(request, id)
    claim = actions.declare_not_applicable(actor, assignment=row, reason=given.reason)
    return Status(201, _claim(claim_by_id(actor, claim.pk)))


@router.get("/assignments/{id}/claims", response={200: list[ClaimOut]} | REFUSALS)
def list_claims(request: HttpRequest, id: int) -> list[ClaimOut]:
    """The claims on an assignment, the last first."""
    actor, row = found(request, id)
    return [_claim(each) for each in claims_visible_to(actor).filter(assignment=row)]


@router.post("/claims/{id}/withdraw", response={200: ClaimOut} | REFUSALS)
def withdraw_claim(request: HttpRequest, id: int) -> ClaimOut:
    """Take a claim back."""
    actor = actor_signed_in(request)
    claim = actions.withdraw_claim(actor, claim=claim_by_id(actor, id))
    return _claim(claim_by_id(actor, claim.pk))


@router.post("/claims/{id}/decide", response={200: ClaimOut} | REFUSALS)
def decide_claim(request: HttpRequest, id: int, given: DecisionIn) -> ClaimOut:
    """Decide on a claim."""
    actor = actor_signed_in(request)
    claim = actions.decide_claim(
        actor,
        claim=claim_by_id(actor, id),
        outcome=given.outcome,
        answer=given.answer,
        body=body_by_key(actor, given.body) if given.body else None,
        due=given.due,
        text=given.text,
    )
    return _claim(claim_by_id(actor, claim.pk))


@router.post("/assignments/{id}/reassign", response={200: AssignmentOut} | REFUSALS)
def reassign_task(request: HttpRequest, id: int, given: ReassignIn) -> AssignmentOut:
    """Lay a task on another body; answers with the one that succeeds it."""
    actor, row = found(request, id)
    successor = actions.reassign_task(
        actor, assignment=row, body=body_by_key(actor, given.body), reason=given.reason
    )
    return _again(actor, successor)


@router.post("/assignments/{id}/withdraw", response={200: AssignmentOut} | REFUSALS)
def withdraw_task(request: HttpRequest, id: int, given: ReasonIn) -> AssignmentOut:
    """Take a task from a body."""
    actor, row = found(request, id)
    return _again(actor, actions.withdraw_task(actor, assignment=row, reason=given.reason))


@router.post("/assignments/{id}/urge", response={200: AssignmentOut} | REFUSALS)
def urge_task(request: HttpRequest, id: int, given: UrgeIn) -> AssignmentOut:
    """Press a body."""
    actor, row = found(request, id)
    actions.urge_tasks(actor, assignments=[row], words=given.words)
    return _again(actor, row)


@router.post("/bodies/{key}/hand-over", response={200: HandedOverOut} | REFUSALS)
def hand_over_tasks(request: HttpRequest, key: str, given: HandOverIn) -> HandedOverOut:
    """Pass what a body has open, all or some of it, to its successor."""
    actor = actor_signed_in(request)
    body = visible_body(actor, key)
    chosen = None
    if given.assignments is not None:
        wanted = [each for each in given.assignments if 0 < each < 2**62]
        # Also those that are closed by now: a call that is repeated says the same as before.
        chosen = list(Assignment.objects.filter(body=body, pk__in=wanted))
    done = actions.hand_over_tasks(
        actor,
        body=body,
        successor=body_by_key(actor, given.body),
        reason=given.reason,
        assignments=chosen,
    )
    return HandedOverOut(passed=done.passed, merged=done.merged)
