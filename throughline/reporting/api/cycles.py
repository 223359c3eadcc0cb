"""Cycles by the API: opened, locked, who owes what in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status

from throughline.kernel import clock
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.period import Period
from throughline.kernel.refusals import REFUSALS
from throughline.reporting import actions
from throughline.reporting.api.routing import Number, Size, WhyIn, actor_in, router
from throughline.reporting.models import Cycle, Form
from throughline.reporting.owing import Owed, narrowed, owed_lines, tasks_visible_to
from throughline.reporting.permissions import may_urge
from throughline.reporting.queries import (
    cycle_by_key,
    cycles_visible_to,
    forms_in_use,
    reports_visible_to,
)
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.rules.owing import Said


class FormOut(Schema):
    """What a body asks of every unit of a tier. `key` and `edition` name it."""

    key: str
    edition: int
    plan: str
    asked_by: str
    tier: str
    review: list[str]
    span: str
    title_en: str
    title_zh: str
    source_en: str
    source_zh: str
    tasks: bool = Field(description="asks for progress reports on the plan's tasks as well")
    remind: list[int] | None = Field(description="hours before the close; null: as is usual")
    lines: list[str] = Field(description="keys of the series, in their order")


class CycleOut(Schema):
    """Forms opened for one period."""

    key: str
    title_en: str
    title_zh: str
    owner: str
    period: str
    zone: str
    opens_at: datetime
    closes_at: datetime
    locked_at: datetime | None
    stage: Stage
    forms: list[str]
    remind: list[int] = Field(description="hours before the close")
    told_at: datetime | None = Field(description="when its units were told of its opening")
    simulated: bool


class CycleIn(Schema):
    """`forms` are keys of forms in use. Without `key` and `title` the cycle goes by its forms
    and its period."""

    key: str = ""
    title: str = ""
    forms: list[str]
    period: str
    opens_at: datetime | None = Field(None, description="left out: at once")
    closes_at: datetime
    remind: list[int] | None = Field(
        None, description="hours before the close; left out: as the forms say"
    )


class OwedTaskOut(Schema):
    """A progress report that a cycle asks for: on which task (`assignment`), of which body, and
    where it stands."""

    assignment: int
    plan: str
    element: str
    title_en: str
    title_zh: str
    body: str
    place: str | None
    state: Said
    due: datetime
    signed_at: datetime | None
    late: bool


class OwedTaskPage(Schema):
    total: int
    page: int
    tasks: list[OwedTaskOut]


class UrgeIn(Schema):
    """Whom: the codes of places, or left out, all whose report is missing."""

    places: list[str] | None = None
    words: str = ""


class UrgedUnitsOut(Schema):
    urged: int


class UnitReportLine(Schema):
    """A report in a list."""

    place: str
    step: ReportStep
    due: datetime
    late: bool
    turn: str | None
    signed_at: datetime | None


class UnitReportPage(Schema):
    total: int
    page: int
    reports: list[UnitReportLine]


def _form_out(row: Form) -> FormOut:
    return FormOut(
        key=row.key, edition=row.edition, plan=row.plan.key, asked_by=row.asked_by.key,
        tier=row.tier.key, review=[tier.key for tier in row.review.all()], span=row.span,
        title_en=row.title_en, title_zh=row.title_zh, source_en=row.source_en,
        source_zh=row.source_zh, tasks=row.tasks, remind=row.remind,
        lines=[line.series.key for line in row.lines.all()],
    )  # fmt: skip


def _cycle_out(row: Cycle) -> CycleOut:
    return CycleOut(
        key=row.key, title_en=row.title_en, title_zh=row.title_zh, owner=row.owner.key,
        period=row.period, zone=row.zone, opens_at=row.opens_at, closes_at=row.closes_at,
        locked_at=row.locked_at, stage=row.times.stage(clock.now()),
        forms=[form.key for form in row.forms.all()],
        remind=row.remind, told_at=row.told_at, simulated=row.simulated,
    )  # fmt: skip


def task_out(each: Owed) -> OwedTaskOut:
    row = each.assignment
    element, body = row.element, row.body
    return OwedTaskOut(
        assignment=row.pk, plan=element.version.plan.key, element=element.key,
        title_en=element.title_en, title_zh=element.title_zh, body=body.key,
        place=row.place.code if row.place else None, state=each.said, due=each.due,
        signed_at=each.signed_at, late=each.is_late,
    )  # fmt: skip


@router.get("/forms", response={200: list[FormOut], **REFUSALS}, url_name="forms")
def forms(request: HttpRequest) -> Sequence[FormOut]:
    """The forms in use."""
    actor_in(request)
    rows = forms_in_use().select_related("plan", "asked_by", "tier")
    return [_form_out(row) for row in rows.prefetch_related("review", "lines__series")]


@router.get("/cycles", response={200: list[CycleOut], **REFUSALS}, url_name="cycles")
def cycles(request: HttpRequest, page: Number = 1, size: Size = 100) -> Sequence[CycleOut]:
    """Reporting cycles, the latest close first."""
    rows = cycles_visible_to(actor_in(request)).select_related("owner").prefetch_related("forms")
    return [_cycle_out(row) for row in rows[(page - 1) * size : page * size]]


@router.post("/cycles", response={201: CycleOut, **REFUSALS}, url_name="cycles")
def open_cycle(request: HttpRequest, given: CycleIn) -> Status[CycleOut]:
    """Open a cycle: every unit of the forms' tiers gets its report."""
    actor = actor_in(request)
    known = {form.key: form for form in forms_in_use().select_related("plan", "tier", "asked_by")}
    unknown = [key for key in given.forms if key not in known]
    if unknown:
        raise Invalid(
            _("There is no such form."),
            problems=[Problem(key, _("no form in use"), field="forms") for key in unknown],
        )
    row = actions.open_cycle(
        actor, key=given.key, title=given.title, forms=[known[key] for key in given.forms],
        period=Period.parse(given.period), opens_at=given.opens_at or clock.now(),
        closes_at=given.closes_at, remind=given.remind,
    )  # fmt: skip
    return Status(201, _cycle_out(row))


@router.get("/cycles/{cycle}", response={200: CycleOut, **REFUSALS}, url_name="cycle")
def cycle(request: HttpRequest, cycle: str) -> CycleOut:
    """One cycle."""
    return _cycle_out(cycle_by_key(actor_in(request), cycle))


@router.post("/cycles/{cycle}/lock", response={200: CycleOut, **REFUSALS}, url_name="lock-cycle")
def lock(request: HttpRequest, cycle: str) -> CycleOut:
    """Lock a closed cycle."""
    actor = actor_in(request)
    return _cycle_out(actions.lock_cycle(actor, cycle=cycle_by_key(actor, cycle)))


@router.post(
    "/cycles/{cycle}/ask-unlock", response={200: CycleOut, **REFUSALS}, url_name="ask-unlock-cycle"
)
def ask_unlock(request: HttpRequest, cycle: str, given: WhyIn) -> CycleOut:
    """Ask that a locked cycle is opened again."""
    actor = actor_in(request)
    row = cycle_by_key(actor, cycle)
    return _cycle_out(actions.ask_unlock(actor, cycle=row, reason=given.reason))


@router.post(
    "/cycles/{cycle}/unlock", response={200: CycleOut, **REFUSALS}, url_name="unlock-cycle"
)
def unlock(request: HttpRequest, cycle: str) -> CycleOut:
    """Agree, as a second person, that a locked cycle is opened again."""
    actor = actor_in(request)
    return _cycle_out(actions.unlock_cycle(actor, cycle=cycle_by_key(actor, cycle)))


@router.get(
    "/cycles/{cycle}/reports", response={200: UnitReportPage, **REFUSALS}, url_name="cycle-reports"
)
def reports(
    request: HttpRequest,
    cycle: str,
    step: ReportStep | None = None,
    page: Number = 1,
    size: Size = 100,
) -> UnitReportPage:
    """The reports of a cycle that exist for you, by place."""
    actor = actor_in(request)
    rows = reports_visible_to(actor).filter(cycle=cycle_by_key(actor, cycle))
    rows = rows.filter(step=step) if step else rows
    found = rows.select_related("cycle", "place", "turn").order_by("place__code")
    return UnitReportPage(
        total=rows.count(),
        page=page,
        reports=[
            UnitReportLine(
                place=row.place.code, step=ReportStep(row.step), due=row.times.due, late=row.late,
                turn=row.turn.code if row.turn else None, signed_at=row.signed_at,
            )
            for row in found[(page - 1) * size : page * size]
        ],
    )  # fmt: skip


@router.post(
    "/cycles/{cycle}/urge", response={200: UrgedUnitsOut, **REFUSALS}, url_name="urge-units"
)
def urge(request: HttpRequest, cycle: str, given: UrgeIn) -> UrgedUnitsOut:
    """Urge units whose report is missing."""
    actor = actor_in(request)
    row = cycle_by_key(actor, cycle)
    rows = may_urge(actor, row).filter(step__in=list(BEFORE_SIGNING))
    if given.places is not None:
        rows = reports_visible_to(actor).filter(cycle=row, place__code__in=given.places)
    count = actions.urge_reports(actor, cycle=row, reports=list(rows), words=given.words)
    return UrgedUnitsOut(urged=count)


@router.get(
    "/cycles/{cycle}/tasks", response={200: OwedTaskPage, **REFUSALS}, url_name="cycle-tasks"
)
def cycle_tasks(
    request: HttpRequest,
    cycle: str,
    state: Said | None = None,
    page: Number = 1,
    size: Size = 100,
) -> OwedTaskPage:
    """The progress reports on tasks that a cycle asks for, of those that exist for you."""
    actor = actor_in(request)
    rows = tasks_visible_to(actor, cycle_by_key(actor, cycle))
    rows = narrowed(rows, state) if state else rows
    found = rows.order_by("body__key", "pk")[(page - 1) * size : page * size]
    return OwedTaskPage(
        total=rows.count(), page=page, tasks=[task_out(each) for each in owed_lines(found, ())]
    )
