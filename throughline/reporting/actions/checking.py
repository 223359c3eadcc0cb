"""A signed report at the bodies above: checked tier by tier, accepted by the last, or returned
with the reason at the cell. Nothing is accepted by the passing of time."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import body_of
from throughline.figures.actions.writing import Entry, lock_cells, write
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.period import Period
from throughline.notices.sending import Telling, notify_all
from throughline.reporting import telling
from throughline.reporting.actions.cycles import require_reason
from throughline.reporting.actions.filling import turn_after
from throughline.reporting.asking import asked_of
from throughline.reporting.drafting import locked, require_no_bar
from throughline.reporting.models import LONGEST, CellRemark, Check, Report
from throughline.reporting.permissions import require_checking, require_returning
from throughline.reporting.rules.life import Deed, ReportStep


@action("report.check")
def check_report(act: Act, *, report: Report, note: str = "") -> Report:
    """Pass a signed report on after looking at it. The last one that checks accepts it: its
    figures count as accepted from then on."""
    row = locked(report)
    standing = require_checking(act.actor, row)
    require_no_bar(row, Deed.CHECK)
    body = body_of(standing)
    now = clock.now()
    check = Check(
        report=row, round=row.round, place=row.turn, body=body, person=act.actor.person, at=now,
        note=note.strip()[:LONGEST],
    )  # fmt: skip
    with act.changing(row, "step", "turn_id"):
        row.turn_id = turn_after(row, row.turn.tier.level) if row.turn else None
        last = row.turn_id is None
        if last:
            row.step, row.decided_at, row.decided_by = ReportStep.ACCEPTED, now, act.actor.person
        row.save(update_fields=["step", "turn", "decided_at", "decided_by"])
    check.accepted = last
    check.save()
    if last:
        act.record(accepted=_accept_figures(act, row))
    by = body or row.cycle.owner
    kind = telling.ACCEPTED if last else telling.CHECKED
    notify_all(
        act,
        [telling.tell_report(kind, row, each, by=by, reading_only=True) for each in _own(row)],
    )
    return row


def _accept_figures(act: Act, row: Report) -> int:
    """Make the reported figures accepted ones; those that somebody has changed since they were
    signed are left as they are. Returns how many."""
    period = Period.parse(row.cycle.period)
    lines = {each.key: each.series for each in asked_of(row).lines}
    cells = [(series.pk, row.place_id, period.code) for series in lines.values()]
    standing = lock_cells(cells)
    entries = []
    for key, given in row.values.items():
        series = lines.get(key)
        stands = standing.get((series.pk, row.place_id, period.code)) if series else None
        if series is None or stands is None or stands.value is None:
            continue
        if stands.value != given["value"] or stands.status != Observation.Status.UNREVIEWED:
            continue
        entries.append(
            Entry(
                series=series, place=row.place, period=period, value=stands.value,
                status=Observation.Status.ACCEPTED, note=stands.note, simulated=series.simulated,
            )
        )  # fmt: skip
    return write(act, entries, standing=standing).stored if entries else 0


@action("report.return")
def return_report(
    act: Act, *, report: Report, reason: str = "", cells: Mapping[str, str] | None = None
) -> Report:
    """Return a signed or accepted report, with a reason for the whole or at single cells (by
    series key). The unit hears of it, and so does every tier that had passed it on."""
    row = locked(report)
    standing = require_returning(act.actor, row)
    require_no_bar(row, Deed.RETURN)
    at_cells = {key: text.strip() for key, text in (cells or {}).items() if text.strip()}
    _require_sound(row, reason, at_cells)
    series = {each.key: each.series for each in asked_of(row).lines}
    now, body = clock.now(), body_of(standing) or row.cycle.owner
    reasons = {None: reason.strip()} if reason.strip() else {}
    CellRemark.objects.bulk_create(
        CellRemark(
            report=row, series=each, round=row.round, reason=text, place=row.turn, body=body,
            person=act.actor.person, at=now,
        )
        for each, text in (reasons | {series[key]: text for key, text in at_cells.items()}).items()
    )  # fmt: skip
    told = [
        telling.tell_report(telling.RETURNED, row, each, by=body, words=reason.strip())
        for each in _own(row)
    ]
    told += _earlier_steps(row, body)
    with act.changing(row, "step", "returned"):
        row.step, row.returned, row.turn = ReportStep.RETURNED, reason.strip(), None
        row.decided_by, row.decided_at = act.actor.person, now
        row.save(update_fields=["step", "returned", "turn", "decided_by", "decided_at"])
    act.record(cells=at_cells)
    notify_all(act, told)
    return row


def _earlier_steps(row: Report, by: Body) -> list[Telling]:
    """Those that had passed the report on hear that it came back."""
    checks = row.checks.filter(round=row.round, body__isnull=False).select_related("body")
    bodies = {each.body_id: each.body for each in checks if each.body_id != by.pk}
    return [
        telling.tell_report(telling.RETURNED, row, body, by=by, reading_only=True)
        for body in bodies.values()
        if body is not None
    ]


def _own(row: Report) -> list[Body]:
    return [row.body] if row.body is not None else []


def _require_sound(row: Report, reason: str, cells: Mapping[str, str]) -> None:
    if not cells:
        require_reason(reason)
    problems = [
        Problem(key, _("This figure is not asked for here."), field=key)
        for key in cells
        if key not in asked_of(row).by_key
    ]
    problems += [
        Problem(
            key, _("A reason of at most %(most)s characters is needed.") % {"most": LONGEST},
            field=key,
        )
        for key, text in cells.items()
        if len(text) > LONGEST
    ]  # fmt: skip
    if problems:
        raise Invalid(_("The report was not returned."), problems=problems)
