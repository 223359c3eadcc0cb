"""Cycles and reports by the API: what is asked, what was given, and each act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.period import Period
from throughline.kernel.refusals import REFUSALS
from throughline.reporting import actions
from throughline.reporting.asking import known_of
from throughline.reporting.drafting import save_sheet, shown_values
from throughline.reporting.models import Cycle, Extension, Form, Report
from throughline.reporting.owing import Owed, narrowed, owed_at, owed_lines, tasks_visible_to
from throughline.reporting.permissions import may_urge, sees_drafts
from throughline.reporting.queries import (
    cycle_by_key,
    cycles_visible_to,
    forms_in_use,
    report_of,
    reports_visible_to,
)
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.rules.owing import Said
from throughline.reporting.story import Round, sent_back_inside, story_of

router = Router()

Size = Annotated[int, Field(ge=1, le=500)]
Number = Annotated[int, Field(ge=1, le=100_000)]


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


class CellIn(Schema):
    """What one cell says: a value, or that it does not exist here (`absent`), and a note."""

    value: float | None = None
    absent: bool = False
    note: str = ""


class AskedOut(Schema):
    """A figure that is asked of the unit, by which forms."""

    series: str
    number: str
    title_en: str
    title_zh: str
    unit_en: str
    decimals: int
    required: bool
    forms: list[str]


class CheckedOut(Schema):
    """That a place has looked at a report; without a place, the body that runs the cycle."""

    place: str | None
    at: datetime
    note: str
    accepted: bool


class ReturnedOut(Schema):
    """That a report came back: from above, or `inside` its body before it was signed. `reason`
    is for the whole, `cells` are those at cells, by series."""

    at: datetime
    by: str
    inside: bool
    reason: str
    cells: dict[str, str]


class RoundOut(Schema):
    """One round of a report: signed, checked, returned or accepted."""

    round: int
    signed_at: datetime | None
    checks: list[CheckedOut]
    returned: list[ReturnedOut]
    accepted_at: datetime | None


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


class UnitReportOut(Schema):
    """A unit's report and where it stands. `values` is the sheet, to those who fill it in, and
    to all others what is signed, or else on record; `turn` is the place that checks next."""

    cycle: str
    place: str
    step: ReportStep
    due: datetime
    late: bool
    body: str | None
    turn: str | None
    round: int
    signed_at: datetime | None
    decided_at: datetime | None
    returned: str
    remarks: dict[str, str]
    rounds: list[RoundOut]
    tasks: list[OwedTaskOut]
    lines: list[AskedOut]
    values: dict[str, CellIn]
    revision: int


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


class ValuesIn(Schema):
    """Cells by the key of their series; those that are left out stay as they are."""

    values: dict[str, CellIn] = {}


class SavedOut(Schema):
    revision: int
    saved_at: datetime


class SubmittedOut(Schema):
    """What a submission came to; `turn` is the place that checks next."""

    step: ReportStep
    late: bool
    round: int
    turn: str | None
    due: datetime
    signed_at: datetime


class CheckIn(Schema):
    note: str = ""


class WhyIn(Schema):
    reason: str


class ReturnIn(Schema):
    """Why: for the whole, or by the key of a series at its cell."""

    reason: str = ""
    cells: dict[str, str] = {}


class TimeIn(Schema):
    until: datetime
    reason: str


class TimeOut(Schema):
    id: int
    cycle: str
    place: str
    until: datetime
    reason: str
    granted: bool | None
    answer: str


class TimeDecisionIn(Schema):
    """`until` is left out to grant what was asked for."""

    granted: bool
    until: datetime | None = None
    answer: str = ""


def _actor(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    signed_in(actor)
    return actor


def _found(request: HttpRequest, cycle: str, place: str) -> tuple[Actor, Report]:
    actor = _actor(request)
    return actor, report_of(actor, cycle, place)


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


def _report_out(actor: Actor, row: Report) -> UnitReportOut:
    known = known_of(row)
    seen = sees_drafts(actor, signed_in(actor), row)
    values, revision = shown_values(row, known, seen=seen)
    remarks = row.remarks.filter(round=row.round, series__isnull=False)
    return UnitReportOut(
        cycle=row.cycle.key, place=row.place.code, step=ReportStep(row.step), due=row.times.due,
        late=row.late, body=row.body.key if row.body else None,
        turn=row.turn.code if row.turn else None, round=row.round, signed_at=row.signed_at,
        decided_at=row.decided_at,
        returned=row.returned if seen or not sent_back_inside(row) else "",
        remarks=dict(remarks.values_list("series__key", "reason")),
        tasks=[_task_out(each) for each in owed_at(actor, row.cycle, row.place)],
        rounds=[_round_out(each) for each in story_of(row, seen=seen).rounds],
        lines=[
            AskedOut(
                series=each.key, number=each.line.number,
                title_en=each.series.indicator.title_en, title_zh=each.series.indicator.title_zh,
                unit_en=each.series.indicator.unit_en, decimals=each.series.indicator.decimals,
                required=each.required, forms=[form.key for form in each.forms],
            )
            for each in known.asked.lines
        ],
        values={key: CellIn(**given) for key, given in values.items()},
        revision=revision,
    )  # fmt: skip


def _task_out(each: Owed) -> OwedTaskOut:
    row = each.assignment
    element, body = row.element, row.body
    return OwedTaskOut(
        assignment=row.pk, plan=element.version.plan.key, element=element.key,
        title_en=element.title_en, title_zh=element.title_zh, body=body.key,
        place=row.place.code if row.place else None, state=each.said, due=each.due,
        signed_at=each.signed_at, late=each.is_late,
    )  # fmt: skip


def _round_out(each: Round) -> RoundOut:
    return RoundOut(
        round=each.number, signed_at=each.signed.at if each.signed else None,
        checks=[
            CheckedOut(
                place=check.place.code if check.place else None, at=check.at, note=check.note,
                accepted=check.accepted,
            )
            for check in each.checks
        ],
        returned=[
            ReturnedOut(at=back.at, by=back.by, inside=back.inside, reason=back.reason,
                        cells=back.cells)
            for back in each.returned
        ],
        accepted_at=each.accepted_at,
    )  # fmt: skip


def _again(actor: Actor, row: Report) -> UnitReportOut:
    return _report_out(actor, report_of(actor, row.cycle.key, row.place.code))


def _plain(values: dict[str, CellIn]) -> dict[str, dict[str, Any]]:
    return {key: cell.dict() for key, cell in values.items()}


@router.get("/forms", response={200: list[FormOut], **REFUSALS}, url_name="forms")
def forms(request: HttpRequest) -> Sequence[FormOut]:
    """The forms in use."""
    _actor(request)
    rows = forms_in_use().select_related("plan", "asked_by", "tier")
    return [_form_out(row) for row in rows.prefetch_related("review", "lines__series")]


@router.get("/cycles", response={200: list[CycleOut], **REFUSALS}, url_name="cycles")
def cycles(request: HttpRequest, page: Number = 1, size: Size = 100) -> Sequence[CycleOut]:
    """Reporting cycles, the latest close first."""
    rows = cycles_visible_to(_actor(request)).select_related("owner").prefetch_related("forms")
    return [_cycle_out(row) for row in rows[(page - 1) * size : page * size]]


@router.post("/cycles", response={201: CycleOut, **REFUSALS}, url_name="cycles")
def open_cycle(request: HttpRequest, given: CycleIn) -> Status[CycleOut]:
    """Open a cycle: every unit of the forms' tiers gets its report."""
    actor = _actor(request)
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
    return _cycle_out(cycle_by_key(_actor(request), cycle))


@router.post("/cycles/{cycle}/lock", response={200: CycleOut, **REFUSALS}, url_name="lock-cycle")
def lock(request: HttpRequest, cycle: str) -> CycleOut:
    """Lock a closed cycle."""
    actor = _actor(request)
    return _cycle_out(actions.lock_cycle(actor, cycle=cycle_by_key(actor, cycle)))


@router.post(
    "/cycles/{cycle}/ask-unlock", response={200: CycleOut, **REFUSALS}, url_name="ask-unlock-cycle"
)
def ask_unlock(request: HttpRequest, cycle: str, given: WhyIn) -> CycleOut:
    """Ask that a locked cycle is opened again."""
    actor = _actor(request)
    row = cycle_by_key(actor, cycle)
    return _cycle_out(actions.ask_unlock(actor, cycle=row, reason=given.reason))


@router.post(
    "/cycles/{cycle}/unlock", response={200: CycleOut, **REFUSALS}, url_name="unlock-cycle"
)
def unlock(request: HttpRequest, cycle: str) -> CycleOut:
    """Agree, as a second person, that a locked cycle is opened again."""
    actor = _actor(request)
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
    actor = _actor(request)
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
    actor = _actor(request)
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
    actor = _actor(request)
    rows = tasks_visible_to(actor, cycle_by_key(actor, cycle))
    rows = narrowed(rows, state) if state else rows
    found = rows.order_by("body__key", "pk")[(page - 1) * size : page * size]
    return OwedTaskPage(
        total=rows.count(), page=page, tasks=[_task_out(each) for each in owed_lines(found, ())]
    )


REPORT = "/cycles/{cycle}/reports/{place}"


@router.get(REPORT, response={200: UnitReportOut, **REFUSALS}, url_name="report")
def report(request: HttpRequest, cycle: str, place: str) -> UnitReportOut:
    """One report: what is asked, what is given, where it stands."""
    return _report_out(*_found(request, cycle, place))


@router.patch(f"{REPORT}/values", response={200: SavedOut, **REFUSALS}, url_name="report-values")
def save(request: HttpRequest, cycle: str, place: str, given: ValuesIn) -> SavedOut:
    """Keep some cells of the sheet. It is a draft and counts nowhere."""
    actor, row = _found(request, cycle, place)
    kept = save_sheet(actor, row, _plain(given.values))
    return SavedOut(revision=kept.revision, saved_at=kept.saved_at)


@router.post(
    f"{REPORT}/prepare", response={200: UnitReportOut, **REFUSALS}, url_name="report-prepare"
)
def prepare(request: HttpRequest, cycle: str, place: str, given: ValuesIn) -> UnitReportOut:
    """Prepare the report: the sheet, with these cells over it."""
    actor, row = _found(request, cycle, place)
    actions.prepare_report(actor, report=row, values=_plain(given.values))
    return _again(actor, row)


@router.post(f"{REPORT}/submit", response={200: SubmittedOut, **REFUSALS}, url_name="report-submit")
def submit(request: HttpRequest, cycle: str, place: str, given: ValuesIn) -> SubmittedOut:
    """Prepare and sign in one step, in a body that has set so. Answered when it is durable."""
    actor, row = _found(request, cycle, place)
    done = actions.submit_report(actor, report=row, values=_plain(given.values))
    return SubmittedOut(
        step=ReportStep(done.step), late=done.late, round=done.round,
        turn=done.turn.code if done.turn else None, due=done.times.due,
        signed_at=done.signed_at or clock.now(),
    )  # fmt: skip


@router.post(
    f"{REPORT}/review", response={200: UnitReportOut, **REFUSALS}, url_name="report-review"
)
def review(request: HttpRequest, cycle: str, place: str) -> UnitReportOut:
    """Review a prepared report."""
    actor, row = _found(request, cycle, place)
    actions.review_report(actor, report=row)
    return _again(actor, row)


@router.post(
    f"{REPORT}/send-back", response={200: UnitReportOut, **REFUSALS}, url_name="report-send-back"
)
def send_back(request: HttpRequest, cycle: str, place: str, given: WhyIn) -> UnitReportOut:
    """Send a report back inside the body."""
    actor, row = _found(request, cycle, place)
    actions.send_back_report(actor, report=row, reason=given.reason)
    return _again(actor, row)


@router.post(f"{REPORT}/sign", response={200: UnitReportOut, **REFUSALS}, url_name="report-sign")
def sign(request: HttpRequest, cycle: str, place: str) -> UnitReportOut:
    """Sign a report: its figures are on record as provisional ones."""
    actor, row = _found(request, cycle, place)
    actions.sign_report(actor, report=row)
    return _again(actor, row)


@router.post(f"{REPORT}/check", response={200: UnitReportOut, **REFUSALS}, url_name="report-check")
def check(request: HttpRequest, cycle: str, place: str, given: CheckIn) -> UnitReportOut:
    """Pass a signed report on; the last one that checks accepts it."""
    actor, row = _found(request, cycle, place)
    actions.check_report(actor, report=row, note=given.note)
    return _again(actor, row)


@router.post(
    f"{REPORT}/return", response={200: UnitReportOut, **REFUSALS}, url_name="report-return"
)
def give_back(request: HttpRequest, cycle: str, place: str, given: ReturnIn) -> UnitReportOut:
    """Return a report with its reasons."""
    actor, row = _found(request, cycle, place)
    actions.return_report(actor, report=row, reason=given.reason, cells=given.cells)
    return _again(actor, row)


@router.post(
    f"{REPORT}/more-time", response={201: TimeOut, **REFUSALS}, url_name="report-more-time"
)
def more_time(request: HttpRequest, cycle: str, place: str, given: TimeIn) -> Status[TimeOut]:
    """Ask for more time for a unit."""
    actor, row = _found(request, cycle, place)
    asked = actions.ask_extension(actor, report=row, until=given.until, reason=given.reason)
    return Status(201, _time_out(asked))


@router.post(
    "/extensions/{extension}/decide", response={200: TimeOut, **REFUSALS}, url_name="decide-time"
)
def decide_time(request: HttpRequest, extension: int, given: TimeDecisionIn) -> TimeOut:
    """Grant more time or refuse it."""
    actor = _actor(request)
    seen = Extension.objects.filter(report__in=reports_visible_to(actor))
    asked = seen.filter(pk=extension).first() if 0 <= extension < 2**62 else None
    if asked is None:
        raise NotFound(_("There is no such request for more time."))
    done = actions.decide_extension(
        actor, extension=asked, granted=given.granted, until=given.until, answer=given.answer
    )
    return _time_out(done)


def _time_out(row: Extension) -> TimeOut:
    return TimeOut(
        id=row.pk, cycle=row.report.cycle.key, place=row.report.place.code, until=row.until,
        reason=row.reason, granted=row.granted, answer=row.answer,
    )  # fmt: skip
