"""What is typed into a sheet and not sent: saved as one types, no act, counted nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from throughline.figures.actions.writing import hold_cells
from throughline.files.numbers import read_in_unit
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Invalid, NotFound, Problem
from throughline.kernel.pipelining import plan_once, together
from throughline.kernel.selecting import send, the_one
from throughline.plans.models import Indicator
from throughline.reporting.asking import (
    Asked,
    Known,
    asked_of,
    known_of,
    places_that_check,
    send_for_known,
)
from throughline.reporting.comparing import peers_of
from throughline.reporting.models import LONGEST, Report, Sheet, Ticket
from throughline.reporting.permissions import CHECKING, require_filling
from throughline.reporting.queries import send_for_again, send_for_turn
from throughline.reporting.rules.life import Bar, Deed, ReportStep, bar_to

Given = dict[str, Any]

NOT_APPLICABLE = frozenset(
    {"-", "--", "–", "—", "——", "―", "－", "−", "/", "n/a", "na", "n.a.", "不适用"}
)  # fmt: skip
"""Texts of a cell that say "not applicable"; `ui/static/ui/sheet.js` knows the same."""


def hold_cycle(cycle: int) -> None:
    """Keep a cycle from being locked or opened again until the act is on record: whoever does
    it waits for those who are at work in it, and they do not wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM reporting_cycle WHERE id = %s FOR KEY SHARE", [cycle])


def hold_report(report: int) -> None:
    """Keep a report from all other acts on it until this one is on record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM reporting_report WHERE id = %s FOR NO KEY UPDATE", [report])


def locked(report: Report) -> Report:
    """A report, read again under its lock, with its cycle held."""
    with together():
        hold_cycle(report.cycle_id)
        hold_report(report.pk)
        return _there(send_for_again(report)())


@dataclass(frozen=True)
class Taken:
    """A report with what is known of its unit and what was typed, all under its lock."""

    report: Report
    known: Known
    sheet: Sheet | None
    ticket: Ticket | None
    turn: Callable[[], int | None]
    """The place above the unit that checks it first, once it is signed."""


def taken_up(report: Report, *, to_write: bool = False) -> Taken:
    """A report under its lock, with its sheet; `to_write` holds the cells of its figures too.
    Asked in one go, by statements that need no plan of their own each time: at a close thousands
    of units do it at once."""
    period = report.cycle.period
    asked = asked_of(report)
    cells = [(each.series.pk, report.place_id, period) for each in asked.lines]
    peers = peers_of(report, asked.beside)
    above = places_that_check(report, report.place.tier.level)
    with together():
        plan_once()
        hold_cycle(report.cycle_id)
        hold_report(report.pk)
        if to_write:
            hold_cells(cells)
        row = send_for_again(report)
        known = send_for_known(report, peers)
        beside = send(_BESIDE, [report.pk], sheet=Sheet, ticket=Ticket)
        turn = send_for_turn(above, CHECKING)
        taken = _there(row())
        sheet, ticket = next(beside(), (None, None))
        return Taken(taken, known(), sheet, ticket, turn)


_BESIDE = """
  reporting_report report
  LEFT JOIN reporting_sheet sheet ON sheet.report_id = report.id
  LEFT JOIN reporting_ticket ticket ON ticket.report_id = report.id
 WHERE report.id = %s"""


def _there(report: Report | None) -> Report:
    if report is None:
        raise NotFound(_("This unit has no report in such a cycle."))
    return report


def why_not(report: Report, deed: Deed) -> Bar | None:
    """Why a deed cannot be done with a report now; None where only a duty is wanted."""
    one_step = report.body is not None and report.body.one_step
    stage = report.times.stage(clock.now())
    return bar_to(deed, ReportStep(report.step), stage, one_step=one_step)


def sentence_of(bar: Bar, report: Report) -> str:
    """Why something cannot be done, and who or what can change it."""
    cycle = report.cycle
    whose = report.turn.name if report.turn else cycle.owner.name
    body = report.body.name if report.body else report.place.name
    said = {
        Bar.NOT_OPEN_YET: _("The cycle is not open yet."),
        Bar.LOCKED: _("The cycle is locked. %(owner)s can open it again, by two people."),
        Bar.UNDER_REVIEW: _("The report is under review in %(body)s. It can be sent back there."),
        Bar.WITH_THE_SUPERIOR: _(
            "The report is signed and lies with %(whose)s, who can return it."
        ),
        Bar.ACCEPTED: _("The report is accepted. %(whose)s can return it, with a reason."),
        Bar.NOT_PREPARED: _("The sheet has not been prepared yet."),
        Bar.NOT_REVIEWED: _("The report has not been reviewed yet in %(body)s."),
        Bar.NOT_SIGNED: _("The report has not been signed yet by %(body)s."),
    }
    return said[bar] % {"owner": cycle.owner.name, "body": body, "whose": whose}


def require_no_bar(report: Report, deed: Deed) -> None:
    """Raise where a deed cannot be done with a report now."""
    bar = why_not(report, deed)
    if bar is not None:
        raise Conflict(sentence_of(bar, report))


def standing_values(known: Known) -> dict[str, Given]:
    """What a sheet begins with: the figures that stand for its period already, whoever asked
    for them first, so that nobody types them twice."""
    return {
        each.key: {"value": stands.value, "absent": False, "note": stands.note}
        for each in known.asked.lines
        if (stands := known.here(each)) is not None and stands.value is not None
    }


def sheet_values(report: Report, known: Known | None = None) -> tuple[dict[str, Given], int]:
    """What stands in a sheet now, and its revision: what was typed, over what was prepared
    before, over the figures that stand."""
    sheet = the_one(Sheet.objects.filter(report=report))
    return laid_over(report, known or known_of(report), sheet)


def laid_over(report: Report, known: Known, sheet: Sheet | None) -> tuple[dict[str, Given], int]:
    """The values of a sheet laid over what was prepared before, laid over the figures that
    stand; and the sheet's revision, 0 where there is none."""
    values = standing_values(known) | report.values
    return (values | sheet.values, sheet.revision) if sheet else (values, 0)


def shown_values(report: Report, known: Known, *, seen: bool) -> tuple[dict[str, Given], int]:
    """What a reader is shown of a sheet, and its revision: the unit's own people (`seen`) what
    stands in it, all others what was signed, and before that the figures on record."""
    if seen:
        return sheet_values(report, known)
    if ReportStep(report.step) in {ReportStep.SIGNED, ReportStep.ACCEPTED}:
        return report.values, 0
    return standing_values(known), 0


def save_sheet(actor: Actor, report: Report, changed: Mapping[str, Mapping[str, Any]]) -> Sheet:
    """Keep what was typed into some cells. Other cells stay as they are, so that two people of
    a unit may fill in one sheet; of one cell the later typing stays. An empty cell is kept as
    empty. Raises Conflict where the sheet cannot be filled in now, with the reason."""
    require_filling(actor, report)
    clean = clean_values(report, changed)
    with transaction.atomic():
        return _keep(actor, locked(report), clean)


def save_unless_changed(
    actor: Actor,
    report: Report,
    changed: Mapping[str, Mapping[str, Any]],
    seen: Mapping[str, Mapping[str, Any]],
) -> frozenset[str]:
    """Keep cells of which nobody has changed what was `seen` in them; the others are named."""
    require_filling(actor, report)
    clean = clean_values(report, changed)
    with transaction.atomic():
        row = locked(report)
        stood, _revision = sheet_values(row)
        overtaken = frozenset(
            key
            for key in clean
            if not _same(stood.get(key, EMPTY), seen.get(key, EMPTY))
            and not _same(stood.get(key, EMPTY), clean[key])
        )
        kept = {key: cell for key, cell in clean.items() if key not in overtaken}
        if kept:
            _keep(actor, row, kept)
    return overtaken


def _keep(actor: Actor, row: Report, clean: Mapping[str, Given]) -> Sheet:
    """Keep clean cells in the sheet of a locked report."""
    require_no_bar(row, Deed.FILL)
    sheet, _new = Sheet.objects.get_or_create(report=row, defaults={"saved_at": clock.now()})
    sheet.values |= clean
    sheet.revision += 1
    sheet.saved_by, sheet.saved_at = actor.person, clock.now()
    sheet.save()
    return sheet


def clean_values(report: Report, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Given]:
    """What was typed or sent, as it is kept; raises Invalid that names every cell at fault.

    What is no number is a fault of its form, and not kept; whether a number is right is for
    the rules to say, and it is kept meanwhile.
    """
    asked = asked_of(report)
    clean: dict[str, Given] = {}
    problems = []
    for key, given in values.items():
        if key not in asked.by_key:
            problems.append(
                Problem(key, _("This figure is not asked for here."), field=key, code="unknown")
            )
            continue
        value, note = given.get("value"), str(given.get("note") or "").strip()
        absent = bool(given.get("absent"))
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and math.isfinite(value)):
            problems.append(Problem(key, _("This is no number."), field=key, code="number"))
        elif len(note) > LONGEST:
            problems.append(
                Problem(
                    key,
                    _("An explanation has at most %(most)s characters.") % {"most": LONGEST},
                    field=key,
                    code="note",
                )
            )
        else:
            clean[key] = {
                "value": None if absent or value is None else float(value),
                "absent": absent,
                "note": note,
            }
    if problems:
        raise Invalid(_("These cells were not taken."), problems=problems)
    return clean


# -- what a page sends ---------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What was typed, as it was understood: cells to keep, by series key; what of it could not
    be read; and what was taken to mean what."""

    values: dict[str, Given]
    problems: list[Problem]
    remarks: dict[str, list[str]]


def read_typed(asked: Asked, typed: Mapping[str, Mapping[str, Any]]) -> Reading:
    """Read cells as people type them: `text`, `absent`, `note`. A cell that cannot be read is a
    problem of its own and holds up no other."""
    values: dict[str, Given] = {}
    problems: list[Problem] = []
    remarks: dict[str, list[str]] = {}
    for key, given in typed.items():
        line = asked.by_key.get(key)
        if line is None:
            problems.append(
                Problem(key, _("This figure is not asked for here."), field=key, code="unknown")
            )
            continue
        text, note = str(given.get("text") or "").strip(), str(given.get("note") or "").strip()
        absent = bool(given.get("absent")) or text.casefold() in NOT_APPLICABLE
        try:
            if len(note) > LONGEST:
                raise Invalid(
                    _("An explanation has at most %(most)s characters.") % {"most": LONGEST}
                )
            value, said = (None, []) if absent else _read(text, line.series.indicator)
        except Invalid as error:
            problems.append(
                Problem(
                    f"{line.line.number} {line.series.indicator.title}".strip(), error.message,
                    error.remedy or "", field=key, code="number",
                )
            )  # fmt: skip
            continue
        values[key] = {"value": value, "absent": absent, "note": note}
        if said:
            remarks[key] = said
    return Reading(values, problems, remarks)


def _read(text: str, indicator: Indicator) -> tuple[float | None, list[str]]:
    number = read_in_unit(text, indicator.symbol, indicator.unit)
    return number.value, list(number.remarks)


@dataclass(frozen=True)
class Merged:
    """A sheet after a page's cells were laid over it: all of its values, and the cells that
    somebody else had changed meanwhile, as they were before; `by` is who saved last before."""

    values: dict[str, Given]
    revision: int
    replaced: dict[str, Given]
    by: str


def merge_sheet(
    actor: Actor,
    report: Report,
    changed: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> Merged:
    """Keep the cells that a page sends, where `known` is what it had seen in them. Of a cell that
    two people changed at once the later typing stays, and the page is told what it replaced.
    Without cells nothing is saved: a page only asks how the sheet stands."""
    require_filling(actor, report)
    if not changed:
        require_no_bar(report, Deed.FILL)
        saved_by = Sheet.objects.filter(report=report).values_list("saved_by", flat=True).first()
        return Merged(*sheet_values(report), {}, saved_by or "")
    clean = clean_values(report, changed)
    with transaction.atomic():
        row = locked(report)
        before = the_one(Sheet.objects.filter(report=row))
        stood, _revision = sheet_values(row)
        by = before.saved_by if before else ""
        replaced = {
            key: stood.get(key, EMPTY)
            for key in changed
            if key in known
            and not _same(stood.get(key, EMPTY), known[key])
            and not _same(stood.get(key, EMPTY), changed[key])
        }
        saved = _keep(actor, row, clean)
    return Merged(stood | saved.values, saved.revision, replaced, by)


EMPTY: Given = {"value": None, "absent": False, "note": ""}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two cells say the same."""
    return _plain(one) == _plain(other)


def _plain(cell: Mapping[str, Any]) -> tuple[float | None, bool, str]:
    value = cell.get("value")
    number = float(value) if isinstance(value, int | float) else None
    return number, bool(cell.get("absent")), str(cell.get("note") or "").strip()
