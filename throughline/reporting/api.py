"""Cycles and reports by the API: what is asked, what was given, and each act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, File, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import BaseModel

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.pages.answers import CSV, XLSX
from throughline.figures.rules.alerting import AlertKind, AlertSeverity
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.period import Period
from throughline.kernel.refusals import REFUSALS, ErrorOut
from throughline.places.models import Scheme, Tier
from throughline.places.queries import place_by_code
from throughline.plans.queries import plan_in_force
from throughline.reporting import actions
from throughline.reporting.alert_lines import alert_lines
from throughline.reporting.alerts import Narrowed, alerts_for, in_order_of
from throughline.reporting.alerts import narrowed as narrowed_alerts
from throughline.reporting.asking import code_of_turn, known_of
from throughline.reporting.drafting import save_sheet, shown_values
from throughline.reporting.models import Cycle, Extension, Form, Report, Workbook
from throughline.reporting.owing import Owed, narrowed, owed_at, owed_lines, tasks_visible_to
from throughline.reporting.permissions import may_urge, sees_drafts
from throughline.reporting.punctuality import (
    LAST,
    MOST,
    bodies_for,
    last_cycles,
    places_named,
    records_of,
)
from throughline.reporting.queries import (
    cycle_by_key,
    cycles_visible_to,
    forms_in_use,
    forms_visible_to,
    report_of,
    reports_visible_to,
)
from throughline.reporting.rules.burden import Burden
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.rules.owing import Said
from throughline.reporting.sheets import write, write_csv
from throughline.reporting.story import Round, sent_back_inside, story_of
from throughline.reporting.tickets import admit_signature, admit_submission
from throughline.reporting.weighing import Weighed, weigh, weigh_asking
from throughline.reporting.workbooks import (
    filled_in_by,
    receive_workbook,
    template_of_several,
    workbooks_visible_to,
)

router = Router()

Size = Annotated[int, Field(ge=1, le=500)]
Number = Annotated[int, Field(ge=1, le=100_000)]


class AlertOut(Schema):
    """Something that is wrong with figures or reports of a place that you answer for.
    `numbers` are what made it; `cycle` is set where it is about a unit's reports."""

    kind: AlertKind
    severity: AlertSeverity
    plan: str
    place: str
    indicator: str | None
    cycle: str | None
    period: str | None
    since: date
    said: str
    numbers: dict[str, Any]


class AlertPage(Schema):
    total: int
    page: int
    as_of: datetime | None
    alerts: list[AlertOut]


class PunctualityOut(Schema):
    """What became of a unit's reports over some cycles. `days` is the median from the close to
    the first signature, below 0 before it; `run` how many cycles at the end were not answered."""

    place: str
    body: str | None
    cycles: int
    on_time: int
    extended: int
    late: int
    never: int
    waiting: int
    returned: int
    share: float | None
    days: float | None
    run: int


class PunctualityPage(Schema):
    total: int
    page: int
    cycles: list[str]
    units: list[PunctualityOut]


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


class CellIn(BaseModel):
    """What one cell says: a value, or that it does not exist here (`absent`), and a note."""

    # Not a `Schema`: fifty of them come with each submission, and each `Schema` looks twice
    # for what it could be made from.

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
    return {key: cell.model_dump() for key, cell in values.items()}


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


@router.post(
    f"{REPORT}/submit",
    response={200: SubmittedOut, **REFUSALS, 429: ErrorOut},
    url_name="report-submit",
)
def submit(request: HttpRequest, cycle: str, place: str, given: ValuesIn) -> SubmittedOut:
    """Prepare and sign in one step, in a body that has set so. Answered when it is durable.

    Where very many come at once the answer is 429 `turned-away`: the values are kept in the
    sheet, `Retry-After` says when to send them again, and sent before `until` they count as
    handed in now."""
    actor, row = _found(request, cycle, place)
    values = _plain(given.values)
    admit_submission(actor, row, values)
    done = actions.submit_report(actor, report=row, values=values)
    return SubmittedOut(
        step=ReportStep(done.step), late=done.late, round=done.round,
        turn=code_of_turn(done), due=done.times.due,
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


@router.post(
    f"{REPORT}/sign",
    response={200: UnitReportOut, **REFUSALS, 429: ErrorOut},
    url_name="report-sign",
)
def sign(request: HttpRequest, cycle: str, place: str) -> UnitReportOut:
    """Sign a report: its figures are on record as provisional ones."""
    actor, row = _found(request, cycle, place)
    admit_signature(actor, row)
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


@router.get("/alerts", response={200: AlertPage, **REFUSALS}, url_name="alerts")
def list_alerts(
    request: HttpRequest,
    plan: str = "",
    kind: AlertKind | None = None,
    severity: AlertSeverity | None = None,
    place: str = "",
    indicator: str = "",
    words: str = "",
    page: Number = 1,
    size: Size = 100,
) -> AlertPage:
    """Alerts about the places that you answer for, the most serious first. Nobody gets those of
    sister places."""
    found = alerts_for(_actor(request), plan)
    asked = Narrowed(kind or "", severity or "", place, indicator, words)
    shown = in_order_of(narrowed_alerts(found.alerts, asked), "")
    return AlertPage(
        total=len(shown),
        page=page,
        as_of=found.as_of,
        alerts=[
            AlertOut(
                kind=line.alert.kind, severity=line.alert.severity, plan=line.plan.key,
                place=line.place.code, indicator=line.indicator.key if line.indicator else None,
                cycle=line.alert.subject or None,
                period=line.alert.period.code if line.alert.period else None,
                since=line.since, said=line.sentence, numbers=dict(line.alert.numbers),
            )
            for line in alert_lines(shown[(page - 1) * size : page * size])
        ],
    )  # fmt: skip


@router.get("/punctuality", response={200: PunctualityPage, **REFUSALS}, url_name="punctuality")
def list_punctuality(
    request: HttpRequest,
    plan: str = "",
    cycles: Annotated[int, Field(ge=1, le=MOST)] = LAST,
    page: Number = 1,
    size: Size = 100,
) -> PunctualityPage:
    """Units whose reports you see, with what became of them over the last cycles, by name."""
    actor = _actor(request)
    of_plan = plan_in_force(actor, plan).plan if plan else None
    looked = last_cycles(actor, of_plan, cycles)
    records = records_of(actor, looked)
    places = places_named(records)
    records.sort(key=lambda each: (places[each.place].sort_key, each.place))
    shown = records[(page - 1) * size : page * size]
    bodies = bodies_for(shown)
    return PunctualityPage(
        total=len(records),
        page=page,
        cycles=[each.key for each in looked],
        units=[
            PunctualityOut(
                place=places[each.place].code,
                body=bodies[each.place].key if each.place in bodies else None,
                cycles=each.found.over, on_time=each.found.on_time,
                extended=each.found.extended, late=each.found.late, never=each.found.never,
                waiting=each.found.waiting, returned=each.found.returned,
                share=each.found.share, days=each.found.days, run=each.found.run,
            )
            for each in shown
        ],
    )  # fmt: skip


class CellFaultOut(Schema):
    """A cell of a workbook, what is wrong with it and what mends it."""

    sheet: str
    cell: str
    text: str
    fault: str
    remedy: str


class WorkbookUnitOut(Schema):
    """A unit of a workbook: how many of its cells were filled, and what keeps its report from
    being prepared."""

    place: str
    changed: int
    wrong: int
    odd: int
    missing: int


class WorkbookOut(Schema):
    """What became of a workbook of several units. While it is `reading`, `done` of `units` sheets
    are filled; `rejects` were not taken, `found` were, and have to be corrected or explained.
    Both lists end after the first 500."""

    id: int
    cycle: str
    name: str
    state: Workbook.State
    at: datetime
    units: int
    done: int
    changed: int
    rejected: int
    rejects: list[CellFaultOut]
    faults: int
    found: list[CellFaultOut]
    sheets: list[WorkbookUnitOut]
    notes: list[str]
    message: str = Field(description="why nothing was taken")


def _workbook_out(row: Workbook) -> WorkbookOut:
    said = row.report
    return WorkbookOut(
        id=row.pk, cycle=row.cycle.key, name=row.name, state=Workbook.State(row.state), at=row.at,
        units=row.units, done=row.done, changed=said.get("changed", 0),
        rejected=said.get("rejected", 0), faults=said.get("faults", 0),
        rejects=[CellFaultOut(**each) for each in said.get("rejects", [])],
        found=[CellFaultOut(**each) for each in said.get("found", [])],
        sheets=[
            WorkbookUnitOut(
                place=each["code"], changed=each["changed"], wrong=each["wrong"], odd=each["odd"],
                missing=each["missing"],
            )
            for each in said.get("units", [])
        ],
        notes=said.get("notes", []), message=said.get("message", ""),
    )  # fmt: skip


FILE = {"schema": {"type": "string", "format": "binary"}}
AS_FILE: dict[str, Any] = {
    "responses": {200: {"description": "The file", "content": {XLSX: FILE, CSV: FILE}}}
}


@router.get(
    "/cycles/{cycle}/workbook", response=REFUSALS, url_name="cycle-workbook", openapi_extra=AS_FILE
)
def take_workbook(request: HttpRequest, cycle: str, csv: bool = False) -> HttpResponse:
    """The sheets of all units for which you report, as a workbook, or as CSV."""
    actor = _actor(request)
    row = cycle_by_key(actor, cycle)
    reports = list(filled_in_by(actor, row))
    found = template_of_several(actor, row, reports, row.zone, get_language() or "en").template
    if csv:
        return HttpResponse(write_csv(found), content_type=CSV)
    return HttpResponse(write(found), content_type=XLSX)


@router.post(
    "/cycles/{cycle}/workbook", response={202: WorkbookOut, **REFUSALS}, url_name="cycle-workbook"
)
def give_workbook(
    request: HttpRequest, cycle: str, file: File[UploadedFile]
) -> Status[WorkbookOut]:
    """Give a filled-in workbook in. A job reads it; ask for the workbook until it is done."""
    actor = _actor(request)
    row = cycle_by_key(actor, cycle)
    given = receive_workbook(actor, row, file.read(), file.name or "workbook")
    return Status(202, _workbook_out(given))


@router.get("/workbooks/{workbook}", response={200: WorkbookOut, **REFUSALS}, url_name="workbook")
def workbook(request: HttpRequest, workbook: int) -> WorkbookOut:
    """What became of a workbook that you gave in."""
    actor = _actor(request)
    rows = workbooks_visible_to(actor)
    found = rows.filter(pk=workbook).first() if 0 <= workbook < 2**62 else None
    if found is None:
        raise NotFound(_("There is no such workbook."))
    return _workbook_out(found)


class BurdenOut(Schema):
    """What a unit gives in a year. `figures` are entered, `apart` would be if each form were
    filled in by itself; the same of `reports`."""

    figures: int
    apart: int
    reports: int
    reports_apart: int
    forms: int
    bodies: int
    plans: int
    documents: int


class FormBurdenOut(Schema):
    """What one form asks of a unit: `lines` figures, `times` a year, of which others ask for
    `shared` too."""

    form: str
    asked_by: str
    plan: str
    source_en: str
    times: int
    lines: int
    shared: int


class UnitBurdenOut(Schema):
    """What is asked of a unit: in any year by the forms in use, and by the cycles `opened` for
    periods of a `year`."""

    scheme: str
    tier: str
    place: str | None
    burden: BurdenOut
    forms: list[FormBurdenOut]
    year: int
    opened: BurdenOut
    cycles: list[str]


class AddsOut(Schema):
    """What some forms ask of each of `units` units for a period, what of it they give already,
    and what a unit gives in a year before and after."""

    tier: str
    units: int
    figures: int
    given: int
    before: BurdenOut
    after: BurdenOut
    others: list[str]


def _burden_out(burden: Burden) -> BurdenOut:
    return BurdenOut(**asdict(burden))


def _weighed_out(weighed: Weighed) -> UnitBurdenOut:
    return UnitBurdenOut(
        scheme=weighed.tier.scheme.key, tier=weighed.tier.key,
        place=weighed.place.code if weighed.place else None,
        burden=_burden_out(weighed.burden),
        forms=[
            FormBurdenOut(
                form=each.form.key, asked_by=each.form.asked_by.key, plan=each.form.plan.key,
                source_en=each.form.source_en, times=each.asks.times, lines=each.lines,
                shared=each.shared,
            )
            for each in weighed.forms
        ],
        year=weighed.year, opened=_burden_out(weighed.opened),
        cycles=[each.cycle.key for each in weighed.cycles],
    )  # fmt: skip


Year = Annotated[int, Field(ge=1800, le=2999)]


@router.get(
    "/burden/{scheme}/tiers/{tier}", response={200: UnitBurdenOut, **REFUSALS},
    url_name="tier-burden",
)  # fmt: skip
def tier_burden(
    request: HttpRequest, scheme: str, tier: str, year: Year | None = None
) -> UnitBurdenOut:
    """What is asked of each unit of a tier in a year."""
    actor = _actor(request)
    found = Tier.objects.filter(scheme__key=scheme, key=tier).select_related("scheme").first()
    if found is None:
        raise NotFound(_("There is no such tier."))
    return _weighed_out(weigh(actor, found, year=year))


@router.get(
    "/burden/{scheme}/units/{code}", response={200: UnitBurdenOut, **REFUSALS},
    url_name="unit-burden",
)  # fmt: skip
def unit_burden(
    request: HttpRequest, scheme: str, code: str, year: Year | None = None
) -> UnitBurdenOut:
    """What is asked of one unit in a year."""
    actor = _actor(request)
    known = Scheme.objects.filter(key=scheme).first()
    if known is None:
        raise NotFound(_("There is no such place."))
    place = place_by_code(known, code, clock.now().date())
    return _weighed_out(weigh(actor, place.tier, place=place, year=year))


@router.get("/burden/adds", response={200: list[AddsOut], **REFUSALS}, url_name="burden-adds")
def burden_adds(request: HttpRequest, forms: Query[list[str]], period: str = "") -> list[AddsOut]:
    """What a cycle of some forms would ask of the units of each tier, beside what is asked of
    them already."""
    actor = _actor(request)
    rows = list(forms_visible_to(actor).filter(key__in=forms))
    found = weigh_asking(actor, rows, Period.parse(period) if period else None)
    return [
        AddsOut(
            tier=each.tier.key, units=each.units, figures=each.adds.figures,
            given=each.adds.given, before=_burden_out(each.adds.before),
            after=_burden_out(each.adds.after), others=each.others,
        )
        for each in found
    ]  # fmt: skip
