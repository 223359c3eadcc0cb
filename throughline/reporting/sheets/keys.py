"""The keys by which a sheet is known again: to a reader they are hidden, to us they are all.

Each area of cells has a hidden row with a key above every column; what stands in the rows is
known by a code or series at their side. A hidden sheet says which cycle, units and lines it was
and how each was called in print, so that rows that were torn from their codes are noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from throughline.files.sheets import Cell, Sheet, as_text
from throughline.kernel.errors import Invalid
from throughline.reporting.sheets.template import MARK, NOTHING, Slot, Template, mark_of

KEYS = "tl:keys"
LINES, PLACES, NOTES, LIST = "tl:lines", "tl:places", "tl:explained-places", "tl:list"
AREAS = frozenset({LINES, PLACES, NOTES, LIST})
"""The key of the first column tells what an area is: the lines of one unit, places by lines,
their explanations, or a row for each figure (CSV)."""

SERIES, NAME, NUMBER, TITLE, MEASURE = "tl:series", "tl:name", "tl:number", "tl:title", "tl:measure"
BEFORE, VALUE, ABSENT, NOTE = "tl:before", "tl:value", "tl:absent", "tl:note"
WAS = "tl:was"
"""The column of a CSV that says what stood in a row when it went out."""
FIGURE, CYCLE, PERIOD, DIGEST = "tl:figure:", "tl:cycle:", "tl:period:", "tl:digest:"
"""Beginnings of keys; the rest is the series, the cycle, the period, the digest."""
SECTION = "tl:section"
"""Stands in place of a series in a row that is a heading among the lines."""

_EDITION = "1"


@dataclass
class Keys:
    """What a file says that it is. Names are as printed, in the language it was printed in."""

    cycle: str = ""
    period: str = ""
    digest: str = ""
    units: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    was: dict[Slot, str] = field(default_factory=dict)


def rows_of(template: Template) -> Iterable[Sequence[str]]:
    """The rows of the hidden sheet."""
    yield KEYS, _EDITION
    yield "cycle", template.cycle
    yield "period", template.period
    yield "digest", template.digest
    for line in template.lines:
        yield "line", line.series, line.label
    for unit in template.units:
        marks = [mark_in(template, unit.code, line.series) for line in template.lines]
        per_cell = LONGEST_CELL // MARK
        several = ["".join(marks[at : at + per_cell]) for at in range(0, len(marks), per_cell)]
        yield "unit", unit.code, unit.name, *several


LONGEST_CELL = 32_000
"""Letters that a cell of a spreadsheet holds, and some to spare."""


def mark_in(template: Template, code: str, series: str) -> str:
    """What stands in a cell of a template, in short."""
    return mark_of(template.given.get((code, series), NOTHING))


def marks_of(template: Template) -> tuple[str, str, str]:
    """The same in short, for the key row of a file that has one table only."""
    return CYCLE + template.cycle, PERIOD + template.period, DIGEST + template.digest


def keys_of(sheets: Sequence[Sheet]) -> Keys:
    """What the file says that it is. Raises `Invalid` if it says nothing."""
    for sheet in sheets:
        if sheet.rows and sheet.rows[0] and sheet.rows[0][0] == KEYS:
            return _from_sheet(sheet)
    for sheet in sheets:
        at = key_row(sheet)
        if at is not None and any(_begins(cell, CYCLE) for cell in sheet.rows[at]):
            return _from_row(sheet, at)
    raise Invalid(
        _("This file is no report sheet of this system, or its hidden keys were removed."),
        remedy=_("Download the sheet of this cycle, copy your figures into it and upload that."),
    )


def key_row(sheet: Sheet) -> int | None:
    """The first row that has the key of an area."""
    for at, row in enumerate(sheet.rows):
        if any(isinstance(cell, str) and cell in AREAS for cell in row):
            return at
    return None


def _from_sheet(sheet: Sheet) -> Keys:
    keys = Keys()
    for row in sheet.rows[1:]:
        what, *words = [as_text(cell) for cell in (*row, None, None, None)]
        if what == "unit":
            keys.units[words[0]] = words[1]
            marks = "".join(words[2:])
            several = [marks[at : at + MARK] for at in range(0, len(marks), MARK)]
            if len(several) == len(keys.lines):
                keys.was |= {
                    (words[0], line): mark for line, mark in zip(keys.lines, several, strict=True)
                }
        elif what == "line":
            keys.lines[words[0]] = words[1]
        elif what in {"cycle", "period", "digest"}:
            setattr(keys, what, words[0])
    return keys


def _from_row(sheet: Sheet, at: int) -> Keys:
    row = sheet.rows[at]

    def after(beginning: str) -> str:
        return next((str(cell)[len(beginning) :] for cell in row if _begins(cell, beginning)), "")

    keys = Keys(after(CYCLE), after(PERIOD), after(DIGEST))
    if LIST in row:
        code, name = row.index(LIST), row.index(NAME) if NAME in row else len(row)
        for cells in sheet.rows[at + 1 :]:
            if code < len(cells) and cells[code] is not None:
                named = str(cells[name] or "") if name < len(cells) else ""
                keys.units.setdefault(str(cells[code]).strip(), named)
                if {SERIES, WAS} <= set(row):
                    series, was = (
                        str(cells[at] or "").strip() if at < len(cells) else ""
                        for at in (row.index(SERIES), row.index(WAS))
                    )
                    if was:
                        keys.was[str(cells[code]).strip(), series] = was
    return keys


def _begins(cell: Cell, beginning: str) -> bool:
    return isinstance(cell, str) and cell.startswith(beginning)


def check(keys: Keys, template: Template) -> None:
    """Raises `Invalid` if the file is of another cycle, an older version or other units."""
    if keys.cycle != template.cycle:
        raise Invalid(
            _("This sheet is of another reporting cycle (%(theirs)s), not of %(ours)s.")
            % {"theirs": keys.period or keys.cycle, "ours": template.period},
            remedy=_("Upload it in its own cycle, or download the sheet of this one."),
        )
    if keys.digest != template.digest:
        raise Invalid(
            _("What is asked has changed since this sheet was downloaded."),
            remedy=_("Download the sheet anew, copy your figures into it and upload that."),
        )
    ours = {unit.code for unit in template.units}
    ours |= {code.lstrip("0") for code in ours}
    if keys.units and not keys.units.keys() & ours:
        several = list(keys.units.items())
        named = ", ".join(f"{name} ({code})" for code, name in several[:3])
        raise Invalid(
            _("This sheet is of other units: %(units)s.")
            % {"units": named + (" …" if len(several) > 3 else "")},
            remedy=_("Choose the sheet that was downloaded for this unit."),
        )
