"""Local plans by the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema, Status

from throughline.bodies.queries import today
from throughline.cascade import actions
from throughline.cascade.api.routing import (
    WordsIn,
    actor_signed_in,
    bodies_by_key,
    body_by_key,
    element_by_key,
    router,
)
from throughline.cascade.drafting import Drafted, Proposal, drafted, proposals
from throughline.cascade.models import Assignment
from throughline.cascade.permissions import require_drafting, require_issuing_local_plan
from throughline.cascade.queries import (
    assignments_visible_to,
    draft_of,
    local_plan_by_key,
    superior_of,
    version_now,
)
from throughline.cascade.rules.kinds import Treatment
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, NotFound
from throughline.kernel.refusals import REFUSALS
from throughline.places.queries import place_by_code
from throughline.plans.models import Element, Plan, PlanVersion, Target
from throughline.plans.queries import indicator_by_key, plan_in_force

Check = Callable[[Actor, Plan], object]


class LinkOut(Schema):
    superior: str
    treatment: Treatment
    stale: bool


class LocalElementOut(Schema):
    """An element of a local plan; `stale` answers read otherwise now than when looked at."""

    key: str
    kind: str
    title_en: str
    title_zh: str
    deadline: date | None
    leads: list[str]
    supports: list[str]
    answers: list[LinkOut]


class LocalPlanOut(Schema):
    """A local plan with its draft, or what is in force where there is none."""

    key: str
    superior: str
    place: str
    lead_body: str
    version: int
    state: str
    elements: list[LocalElementOut]


class ProposalOut(Schema):
    """A superior element that is not answered yet; `assignment` is the one by which the place
    owes it. Bodies are the counterparts at the place."""

    element: str
    leads: list[str]
    supports: list[str]
    assignment: int | None
    due: date | None


class BeginIn(Schema):
    place: str
    lead_body: str
    title: WordsIn


class AdoptIn(Schema):
    element: str
    leads: list[str] = []
    supports: list[str] = []
    deadline: date | None = None


class MeasureIn(Schema):
    """An element of the draft; `answers` are keys of superior elements."""

    title: WordsIn
    text: WordsIn = WordsIn()
    completion: WordsIn = WordsIn()
    kind: Element.Kind = Element.Kind.TASK
    answers: list[str] = []
    deadline: date | None = None
    leads: list[str] = []
    coordinating: str | None = None
    supports: list[str] = []
    note: str = ""


class TargetIn(Schema):
    indicator: str
    operator: Target.Operator
    by: str
    value: float | None = None
    upper: float | None = None


class IssueIn(Schema):
    """The paper that issues the plan. Errors that the checks find in the draft are listed, and
    the plan is issued despite them when that is said."""

    number: str = ""
    title: WordsIn
    on: date
    despite_errors: bool = False


def _element(each: Drafted) -> LocalElementOut:
    row = each.element
    return LocalElementOut(
        key=row.key,
        kind=row.kind,
        title_en=row.title_en,
        title_zh=row.title_zh,
        deadline=row.deadline,
        leads=[body.key for body in each.leads],
        supports=[body.key for body in each.supports],
        answers=[
            LinkOut(
                superior=answer.link.superior.key,
                treatment=Treatment(answer.link.treatment),
                stale=answer.stale,
            )
            for answer in each.answers
        ],
    )


def _found(request: HttpRequest, key: str) -> tuple[Actor, Plan, Plan]:
    actor = actor_signed_in(request)
    plan = local_plan_by_key(actor, key)
    superior = superior_of(plan) if plan is not None else None
    if plan is None or superior is None:
        raise NotFound(_("There is no such local plan."))
    return actor, plan, superior


def _draft(actor: Actor, plan: Plan, check: Check = require_drafting) -> PlanVersion:
    """The draft of a plan; whoever may not work on it is told so before anything else."""
    check(actor, plan)
    draft = draft_of(actor, plan)
    if draft is None:
        raise Conflict(
            _("There is no draft of this plan."), remedy=_("Begin the next version first.")
        )
    return draft


def _out(actor: Actor, plan: Plan) -> LocalPlanOut:
    version = draft_of(actor, plan) or version_now(plan)
    superior = superior_of(plan)
    if version is None or superior is None:
        raise NotFound(_("There is no such local plan."))
    return LocalPlanOut(
        key=plan.key,
        superior=superior.key,
        place=plan.place.code,
        lead_body=plan.lead_body.key,
        version=version.number,
        state=version.state,
        elements=[_element(each) for each in drafted(version)],
    )


def _wanted(actor: Actor, superior: Plan, given: MeasureIn) -> actions.Measure:
    return actions.Measure(
        title=given.title.text(),
        text=given.text.text(),
        completion=given.completion.text(),
        kind=given.kind,
        superiors=[element_by_key(actor, superior.key, key) for key in given.answers],
        deadline=given.deadline,
        leads=bodies_by_key(actor, given.leads, "leads"),
        coordinating=body_by_key(actor, given.coordinating, "coordinating")
        if given.coordinating
        else None,
        supports=bodies_by_key(actor, given.supports, "supports"),
        note=given.note,
    )


@router.post("/plans/{plan}/local-plans", response={201: LocalPlanOut} | REFUSALS)
def begin_local_plan(request: HttpRequest, plan: str, given: BeginIn) -> Status[LocalPlanOut]:
    """Begin the own plan of a place directly below the plan's."""
    actor = actor_signed_in(request)
    superior = plan_in_force(actor, plan).plan
    version = actions.begin_local_plan(
        actor,
        superior=superior,
        place=place_by_code(superior.scheme, given.place, today()),
        lead_body=body_by_key(actor, given.lead_body, "lead_body"),
        title=given.title.text(),
    )
    return Status(201, _out(actor, version.plan))


@router.get("/local-plans/{plan}", response={200: LocalPlanOut} | REFUSALS)
def get_local_plan(request: HttpRequest, plan: str) -> LocalPlanOut:
    """A local plan: its draft for those who work on it, else what is in force."""
    actor, row, _superior = _found(request, plan)
    return _out(actor, row)


@router.get("/local-plans/{plan}/proposals", response={200: list[ProposalOut]} | REFUSALS)
def list_proposals(request: HttpRequest, plan: str) -> list[ProposalOut]:
    """What stands in the superior plan and is not answered yet, with counterparts and dates."""
    actor, row, superior = _found(request, plan)
    version = draft_of(actor, row) or version_now(row)
    found = proposals(superior, row.place, version)
    laid = [each.owed.pk for each in found if each.owed]
    seen = set(assignments_visible_to(actor).filter(pk__in=laid).values_list("pk", flat=True))
    return [
        _proposal(each, each.owed if each.owed and each.owed.pk in seen else None) for each in found
    ]


def _proposal(each: Proposal, owed: Assignment | None) -> ProposalOut:
    return ProposalOut(
        element=each.element.key,
        leads=[body.key for body in each.leads],
        supports=[body.key for body in each.supports],
        assignment=owed.pk if owed else None,
        due=owed.due if owed else each.element.deadline,
    )


@router.post("/local-plans/{plan}/adopt", response={200: LocalPlanOut} | REFUSALS)
def adopt_elements(request: HttpRequest, plan: str, given: list[AdoptIn]) -> LocalPlanOut:
    """Take superior elements over as they stand, many at once."""
    actor, row, superior = _found(request, plan)
    actions.adopt_elements(
        actor,
        version=_draft(actor, row),
        adoptions=[
            actions.Adoption(
                superior=element_by_key(actor, superior.key, each.element),
                leads=bodies_by_key(actor, each.leads, "leads"),
                supports=bodies_by_key(actor, each.supports, "supports"),
                deadline=each.deadline,
            )
            for each in given
        ],
    )
    return _out(actor, row)


@router.post("/local-plans/{plan}/elements", response={201: LocalPlanOut} | REFUSALS)
def add_element(request: HttpRequest, plan: str, given: MeasureIn) -> Status[LocalPlanOut]:
    """Add an element to the draft."""
    actor, row, superior = _found(request, plan)
    actions.put_element(actor, version=_draft(actor, row), measure=_wanted(actor, superior, given))
    return Status(201, _out(actor, row))


def _of_draft(draft: PlanVersion, key: str) -> Element:
    row = draft.elements.filter(key=key).first()
    if row is None:
        raise NotFound(_("The draft has no such element."))
    return row


@router.put("/local-plans/{plan}/elements/{key}", response={200: LocalPlanOut} | REFUSALS)
def put_element(request: HttpRequest, plan: str, key: str, given: MeasureIn) -> LocalPlanOut:
    """Change an element of the draft."""
    actor, row, superior = _found(request, plan)
    draft = _draft(actor, row)
    actions.put_element(
        actor,
        version=draft,
        element=_of_draft(draft, key),
        measure=_wanted(actor, superior, given),
    )
    return _out(actor, row)


@router.delete("/local-plans/{plan}/elements/{key}", response={200: LocalPlanOut} | REFUSALS)
def remove_element(request: HttpRequest, plan: str, key: str) -> LocalPlanOut:
    """Take an element out of the draft."""
    actor, row, _superior = _found(request, plan)
    draft = _draft(actor, row)
    actions.remove_element(actor, version=draft, element=_of_draft(draft, key))
    return _out(actor, row)


@router.put("/local-plans/{plan}/targets", response={200: LocalPlanOut} | REFUSALS)
def set_target(request: HttpRequest, plan: str, given: TargetIn) -> LocalPlanOut:
    """Say what an indicator shall be at the place by the end of a period."""
    actor, row, _superior = _found(request, plan)
    actions.set_target(
        actor,
        version=_draft(actor, row),
        indicator=indicator_by_key(actor, given.indicator, row.scheme.key),
        operator=given.operator,
        value=given.value,
        upper=given.upper,
        by=given.by,
    )
    return _out(actor, row)


@router.delete(
    "/local-plans/{plan}/targets/{indicator}/{by}", response={200: LocalPlanOut} | REFUSALS
)
def remove_target(request: HttpRequest, plan: str, indicator: str, by: str) -> LocalPlanOut:
    """Take a target of the place out of the draft."""
    actor, row, _superior = _found(request, plan)
    actions.remove_target(
        actor, version=_draft(actor, row), by=by,
        indicator=indicator_by_key(actor, indicator, row.scheme.key),
    )  # fmt: skip
    return _out(actor, row)


@router.post("/local-plans/{plan}/revise", response={200: LocalPlanOut} | REFUSALS)
def revise_local_plan(request: HttpRequest, plan: str) -> LocalPlanOut:
    """Begin the next version."""
    actor, row, _superior = _found(request, plan)
    actions.revise_local_plan(actor, plan=row)
    return _out(actor, row)


@router.post("/local-plans/{plan}/discard", response={200: LocalPlanOut} | REFUSALS)
def discard_draft(request: HttpRequest, plan: str) -> LocalPlanOut:
    """Throw the draft of a next version away."""
    actor, row, _superior = _found(request, plan)
    actions.discard_draft(actor, version=_draft(actor, row))
    return _out(actor, row)


@router.post("/local-plans/{plan}/issue", response={200: LocalPlanOut} | REFUSALS)
def issue_local_plan(request: HttpRequest, plan: str, given: IssueIn) -> LocalPlanOut:
    """Issue the draft: it comes into force."""
    actor, row, _superior = _found(request, plan)
    actions.issue_local_plan(
        actor,
        version=_draft(actor, row, require_issuing_local_plan),
        number=given.number,
        title=given.title.text(),
        on=given.on,
        despite_errors=given.despite_errors,
    )
    return _out(actor, row)
