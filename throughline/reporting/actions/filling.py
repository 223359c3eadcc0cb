"""A unit's report inside its body: prepared, reviewed, signed; small bodies in one step.

With the signature its figures are on record, as provisional ones: nobody above has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import body_of
from throughline.figures.actions.writing import Entry, Outcome, write
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.selecting import update
from throughline.notices.sending import notify_all
from throughline.reporting import telling
from throughline.reporting.actions.cycles import require_reason
from throughline.reporting.asking import Known, places_that_check
from throughline.reporting.drafting import (
    Taken,
    clean_values,
    laid_over,
    locked,
    require_no_bar,
    taken_up,
)
from throughline.reporting.models import CellRemark, Report, Sheet
from throughline.reporting.permissions import (
    CHECKING,
    require_another,
    require_filling,
    require_reviewing,
    require_signing,
)
from throughline.reporting.queries import send_for_turn
from throughline.reporting.rules.life import Deed, ReportStep, handed_in
from throughline.reporting.rules.validating import stops
from throughline.reporting.validation import cells_of, found_in, problems_of
from throughline.running.pressure import arrived

COUNTED = frozenset(
    {
        Observation.Status.ACCEPTED.value,
        Observation.Status.FINAL.value,
        Observation.Status.CENSUS_REVISION.value,
    }
)
"""A figure that stands as one of these is not made provisional again by being said again."""


@action("report.prepare")
def prepare_report(
    act: Act, *, report: Report, values: Mapping[str, Mapping[str, Any]] | None = None
) -> Report:
    """Prepare a unit's report 拟稿: the sheet as it stands, or these values over it. What breaks
    a rule, and what is unusual and not explained, keeps it from being prepared."""
    taken = taken_up(report)
    row = taken.report
    standing = require_filling(act.actor, row)
    require_no_bar(row, Deed.PREPARE)
    _prepare(act, taken, body_of(standing), values)
    row.save(update_fields=PREPARED)
    act.about(row)
    act.record(step=row.step, values=row.values)
    return row


@action("report.submit")
def submit_report(
    act: Act, *, report: Report, values: Mapping[str, Mapping[str, Any]] | None = None
) -> Report:
    """Prepare and sign in one step, in a body that has set so: its figures are on record, and
    the report lies with the body above."""
    taken = taken_up(report, to_write=True)
    row = taken.report
    standing = require_filling(act.actor, row)
    require_no_bar(row, Deed.PREPARE)
    body = body_of(standing)
    if not standing.is_installation and (body is None or not body.one_step):
        raise Conflict(
            _("“%(body)s” has not set one-step sign-off.") % {"body": body or row.place.name},
            remedy=_("Prepare the report; a colleague reviews it. A small body may set it."),
        )
    _prepare(act, taken, body, values)
    outcome = _sign(act, taken)
    act.write_last(partial(update, row, *dict.fromkeys((*PREPARED, *SIGNED))))
    act.about(row)
    act.record(
        step=row.step, values=row.values, late=row.late, stored=outcome.stored,
        changes=outcome.changes,
    )  # fmt: skip
    return row


PREPARED = (
    "values", "body", "step", "prepared_by", "prepared_at", "reviewed_by", "reviewed_at",
)  # fmt: skip
SIGNED = (
    "step", "signed_at", "signed_by", "signed_act", "first_signed_at", "late", "round",
    "returned", "decided_by", "decided_at", "turn",
)  # fmt: skip
"""What preparing and signing change of a report."""


def _prepare(
    act: Act,
    taken: Taken,
    body: Body | None,
    values: Mapping[str, Mapping[str, Any]] | None,
) -> None:
    row, known, asked = taken.report, taken.known, taken.known.asked
    sheet, revision = laid_over(row, known, taken.sheet)
    given = sheet | (clean_values(row, values) if values else {})
    given = {key: each for key, each in given.items() if key in asked.by_key}
    stopping = stops(found_in(known, given), cells_of(given))
    if stopping:
        raise Invalid(_("The report was not taken."), problems=problems_of(asked, stopping))
    row.values, row.body, row.step = given, body, ReportStep.PREPARED
    row.prepared_by, row.prepared_at = act.actor.person, clock.now()
    row.reviewed_by, row.reviewed_at = "", None
    if revision:
        Sheet.objects.filter(report=row).delete()  # what was typed is in the report now


@action("report.review")
def review_report(act: Act, *, report: Report) -> Report:
    """审核: another than who prepared it has looked, unless the body has set one-step sign-off."""
    row = locked(report)
    require_reviewing(act.actor, row)
    require_no_bar(row, Deed.REVIEW)
    require_another(act.actor, row, row.prepared_by)
    with act.changing(row, "step"):
        row.step = ReportStep.REVIEWED
        row.reviewed_by, row.reviewed_at = act.actor.person, clock.now()
        row.save(update_fields=["step", "reviewed_by", "reviewed_at"])
    return row


@action("report.send_back")
def send_back_report(act: Act, *, report: Report, reason: str) -> Report:
    """Send a report back inside the body, before it is signed, with the reason."""
    row = locked(report)
    require_reviewing(act.actor, row)
    require_no_bar(row, Deed.SEND_BACK)
    require_reason(reason)
    with act.changing(row, "step", "returned"):
        row.step, row.returned = ReportStep.RETURNED, reason.strip()
        row.decided_by, row.decided_at = act.actor.person, clock.now()
        row.save(update_fields=["step", "returned", "decided_by", "decided_at"])
    CellRemark.objects.create(
        report=row, round=row.round, reason=row.returned, inside=True, body=row.body,
        person=act.actor.person, at=row.decided_at,
    )  # fmt: skip
    if row.body is not None:
        told = telling.tell_report(
            telling.SENT_BACK, row, row.body, by=row.body, words=row.returned,
            person=row.prepared_by,
        )  # fmt: skip
        notify_all(act, [told])
    return row


@action("report.sign")
def sign_report(act: Act, *, report: Report) -> Report:
    """签发: the figures are on record as provisional, and the report goes to the body above.
    After the close it is taken and marked late."""
    taken = taken_up(report, to_write=True)
    row = taken.report
    require_signing(act.actor, row)
    require_no_bar(row, Deed.SIGN)
    with act.changing(row, "step", "late"):
        outcome = _sign(act, taken)
        row.save(update_fields=SIGNED)
    act.record(stored=outcome.stored, changes=outcome.changes)
    return row


def _sign(act: Act, taken: Taken) -> Outcome:
    row, known, ticket = taken.report, taken.known, taken.ticket
    now = clock.now()
    row.step, row.signed_at, row.signed_by = ReportStep.SIGNED, now, act.actor.person
    row.signed_act = act.number
    if row.first_signed_at is None:
        came = arrived()
        if ticket is not None:
            came = handed_in(came, ticket.issued_at, ticket.until)
        row.first_signed_at, row.late = now, row.times.is_late(came)
        if row.late != row.times.is_late(now):
            act.record(came=came)
    if ticket is not None:
        act.record(ticket=ticket.issued_at)
        ticket.delete()
    row.round += 1
    row.returned, row.decided_by, row.decided_at = "", "", None
    row.turn_id = taken.turn()
    here = {
        (each.series.pk, row.place_id, known.period.code): known.here(each)
        for each in known.asked.lines
    }
    standing = {cell: stands for cell, stands in here.items() if stands is not None}
    return write(act, _entries(row, known), standing=standing, last=True)


def turn_after(row: Report, above: int) -> int | None:
    """The place (its id) of the next tier above a level that checks the report; None where none
    is left. A tier in which the unit lies in no place, or in one without a body that checks, is
    passed over: a report does not lie where nobody can take it up."""
    return send_for_turn(places_that_check(row, above), CHECKING)()


def _entries(row: Report, known: Known) -> list[Entry]:
    """What a signature puts on record: each figure that is not there as an accepted one, and
    for a cell that is not applicable the withdrawal of the figure that stands in it."""
    entries = []
    for each in known.asked.lines:
        given = row.values.get(each.key)
        stands = known.here(each)
        value = None if given is None or given["absent"] else given["value"]
        if value is None and (stands is None or stands.value is None):
            continue
        if stands is not None and stands.value == value and stands.status in COUNTED:
            continue
        entries.append(
            Entry(
                series=each.series, place=row.place, period=known.period, value=value,
                status=Observation.Status.UNREVIEWED, note=given["note"] if given else "",
                simulated=each.series.simulated,
            )
        )  # fmt: skip
    return entries
