"""A unit's report by the API: what is asked, what was given, and each act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema, Status
from pydantic import BaseModel

from throughline.bodies.permissions import signed_in
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS, ErrorOut
from throughline.reporting import actions
from throughline.reporting.api.cycles import OwedTaskOut, task_out
from throughline.reporting.api.routing import WhyIn, actor_in, router
from throughline.reporting.asking import code_of_turn, known_of
from throughline.reporting.drafting import save_sheet, shown_values
from throughline.reporting.laying.story import Round, sent_back_inside, story_of
from throughline.reporting.models import Extension, Report
from throughline.reporting.owing import owed_at
from throughline.reporting.permissions import sees_drafts
from throughline.reporting.queries import (
    report_of,
    reports_visible_to,
)
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tickets import admit_signature, admit_submission


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


def _found(request: HttpRequest, cycle: str, place: str) -> tuple[Actor, Report]:
    actor = actor_in(request)
    return actor, report_of(actor, cycle, place)


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
        tasks=[task_out(each) for each in owed_at(actor, row.cycle, row.place)],
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
    actor = actor_in(request)
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
