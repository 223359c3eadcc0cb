"""A unit's report inside its body: prepared, reviewed, signed; small bodies in one step.

With the signature its figures are on record, as provisional ones: nobody above has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from throughline.bodies.rules import Standing
from throughline.figures.actions.writing import Entry, Outcome, write
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.period import Period
from throughline.notices.sending import notify_all
from throughline.places.queries import ancestors
from throughline.reporting import telling
from throughline.reporting.actions.cycles import require_reason
from throughline.reporting.asking import asked_of, standing_at
from throughline.reporting.drafting import clean_values, require_no_bar, sheet_values
from throughline.reporting.models import Report, Sheet
from throughline.reporting.permissions import (
    require_another,
    require_filling,
    require_reviewing,
    require_signing,
)
from throughline.reporting.queries import body_of, checking_bodies, levels_of
from throughline.reporting.rules.life import Deed, Step, next_level
from throughline.reporting.rules.validating import stops
from throughline.reporting.validation import cells_of, found_in, problems_of

COUNTED = frozenset(
    {
        Observation.Status.ACCEPTED.value,
        Observation.Status.FINAL.value,
        Observation.Status.CENSUS_REVISION.value,
    }
)
"""A figure that stands as one of these is not made provisional again by being said again."""


def locked(report: Report) -> Report:
    """A report, read again under its lock with what its actions ask of it; its cycle is not
    locked meanwhile."""
    hold_cycle(report.cycle_id)
    return (
        Report.objects.select_for_update(of=("self",))
        .select_related("cycle__owner", "place__tier", "body", "turn")
        .get(pk=report.pk)
    )


def hold_cycle(cycle: int) -> None:
    """Keep a cycle as it is until the act is on record: whoever locks it waits for those who
    are at work in it, and they do not wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM reporting_cycle WHERE id = %s FOR SHARE", [cycle])


@action("report.prepare")
def prepare_report(
    act: Act, *, report: Report, values: Mapping[str, Mapping[str, Any]] | None = None
) -> Report:
    """Prepare a unit's report 拟稿: the sheet as it stands, or these values over it. What breaks
    a rule, and what is unusual and not explained, keeps it from being prepared."""
    row = locked(report)
    standing = require_filling(act.actor, row)
    require_no_bar(row, Deed.PREPARE)
    _prepare(act, row, standing, values)
    act.about(row)
    act.record(step=row.step, values=row.values)
    return row


@action("report.submit")
def submit_report(
    act: Act, *, report: Report, values: Mapping[str, Mapping[str, Any]] | None = None
) -> Report:
    """Prepare and sign in one step, in a body that has set so: its figures are on record, and
    the report lies with the body above."""
    row = locked(report)
    standing = require_filling(act.actor, row)
    require_no_bar(row, Deed.PREPARE)
    body = body_of(standing)
    if not standing.is_installation and (body is None or not body.one_step):
        raise Conflict(
            _("“%(body)s” has not set one-step sign-off.") % {"body": body or row.place.name},
            remedy=_("Prepare the report; a colleague reviews it. A small body may set it."),
        )
    _prepare(act, row, standing, values)
    outcome = _sign(act, row)
    act.about(row)
    act.record(
        step=row.step, values=row.values, late=row.late, stored=outcome.stored,
        changes=outcome.changes,
    )  # fmt: skip
    return row


def _prepare(
    act: Act, row: Report, standing: Standing, values: Mapping[str, Mapping[str, Any]] | None
) -> None:
    sheet, _revision = sheet_values(row)
    taken = sheet | (clean_values(row, values) if values else {})
    asked = asked_of(row)
    taken = {key: given for key, given in taken.items() if key in asked.by_key}
    stopping = stops(found_in(row, taken), cells_of(taken))
    if stopping:
        raise Invalid(_("The report was not taken."), problems=problems_of(asked, stopping))
    row.values = taken
    row.body = body_of(standing)
    row.step = Step.PREPARED
    row.prepared_by, row.prepared_at = act.actor.person, clock.now()
    row.reviewed_by, row.reviewed_at = "", None
    row.save()
    Sheet.objects.filter(report=row).delete()  # what was typed is in the report now


@action("report.review")
def review_report(act: Act, *, report: Report) -> Report:
    """审核: another than who prepared it has looked, unless the body has set one-step sign-off."""
    row = locked(report)
    require_reviewing(act.actor, row)
    require_no_bar(row, Deed.REVIEW)
    require_another(act.actor, row, row.prepared_by)
    with act.changing(row, "step"):
        row.step = Step.REVIEWED
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
        row.step, row.returned = Step.RETURNED, reason.strip()
        row.decided_by, row.decided_at = act.actor.person, clock.now()
        row.save(update_fields=["step", "returned", "decided_by", "decided_at"])
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
    row = locked(report)
    require_signing(act.actor, row)
    require_no_bar(row, Deed.SIGN)
    with act.changing(row, "step", "late"):
        outcome = _sign(act, row)
    act.record(stored=outcome.stored, changes=outcome.changes)
    return row


def _sign(act: Act, row: Report) -> Outcome:
    now = clock.now()
    row.step, row.signed_at, row.signed_by = Step.SIGNED, now, act.actor.person
    row.signed_act = act.number
    if row.first_signed_at is None:
        row.first_signed_at, row.late = now, row.times.is_late(now)
    row.round += 1
    row.returned, row.decided_by, row.decided_at = "", "", None
    row.turn = _first_turn(row)
    row.save()
    outcome = write(act, _entries(row), by_cell=True)
    above = checking_bodies(row.turn) if row.turn else [row.cycle.owner]
    notify_all(act, [telling.tell_report(telling.SIGNED, row, each, by=row.body) for each in above])
    return outcome


def _first_turn(row: Report) -> Any:
    """The place that checks first: of the lowest tier above the unit that the forms name."""
    return turn_after(row, row.place.tier.level)


def turn_after(row: Report, above: int) -> Any:
    """The place of the next tier above a level that checks the report; None where none is
    left. A tier in which the unit lies in no place, or in one without a body that checks, is
    passed over: a report does not lie where nobody can take it up."""
    lines = {
        place.tier.level: place
        for place in ancestors(row.place, Period.parse(row.cycle.period).end)
        if place.pk != row.place_id
    }
    level = next_level(levels_of(row.cycle), above)
    while level is not None and not (level in lines and checking_bodies(lines[level])):
        level = next_level(levels_of(row.cycle), level)
    return lines.get(level) if level is not None else None


def _entries(row: Report) -> list[Entry]:
    """What a signature puts on record: each figure that is not there as an accepted one, and
    for a cell that is not applicable the withdrawal of the figure that stands in it."""
    period = Period.parse(row.cycle.period)
    asked = asked_of(row)
    known = standing_at(row.place_id, [each.series.pk for each in asked.lines], [period])
    entries = []
    for each in asked.lines:
        given = row.values.get(each.key)
        stands = known.get((each.series.pk, period.code))
        value = None if given is None or given["absent"] else given["value"]
        if value is None and (stands is None or stands.value is None):
            continue
        if stands is not None and stands.value == value and stands.status in COUNTED:
            continue
        entries.append(
            Entry(
                series=each.series, place=row.place, period=period, value=value,
                status=Observation.Status.UNREVIEWED, note=given["note"] if given else "",
                simulated=each.series.simulated,
            )
        )  # fmt: skip
    return entries
