"""Where answers stand in a file: the areas of its sheets, their columns and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from django.utils.translation import gettext as _

from throughline.files.sheets import Cell, Sheet, as_text
from throughline.kernel.errors import Invalid
from throughline.reporting.sheets import keys

_UNSEEN = "\ufeff\u200b \t\r\n\u3000\xa0"

Fault = tuple[str, str]
"""Why something cannot be trusted, and what mends it."""


@dataclass(slots=True, eq=False)
class Place:
    """A cell of a sheet."""

    sheet: Sheet
    row: int
    column: int
    cell: Cell

    @property
    def called(self) -> str:
        """What a person calls it."""
        return self.sheet.place(self.row, self.column)

    @property
    def is_filled(self) -> bool:
        """Whether something stands in it."""
        return not is_blank(self.cell)

    @property
    def percent(self) -> bool:
        """Whether it is shown with a % sign."""
        return (self.row, self.column) in self.sheet.percent

    @property
    def is_formula(self) -> bool:
        """Whether it holds a formula."""
        return (self.row, self.column) in self.sheet.formulas


@dataclass(slots=True, eq=False)
class Answer:
    """Where one answer stands, and whether anything does. `fault` is why nothing in it can be
    trusted."""

    value: Place | None
    absent: Place | None
    note: Place | None
    is_filled: bool
    fault: Fault | None = None

    @property
    def places(self) -> list[Place]:
        """The cells of it that the file has."""
        return [place for place in (self.value, self.absent, self.note) if place is not None]

    @property
    def first(self) -> Place:
        """Where a remark on it belongs: at what is filled in, else at the first."""
        return next((place for place in self.places if place.is_filled), self.places[0])


@dataclass
class Area:
    """The cells below (or, sorted upwards, above) a row of keys."""

    sheet: Sheet
    at: int
    kind: str
    side: int
    columns: dict[int, str] = field(default_factory=dict)

    def column(self, key: str) -> int | None:
        """The first column below a key."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, int]:
        return {key: column for column, key in reversed(self.columns.items())}

    def text(self, row: int, column: int | None) -> str:
        """What a cell calls something; empty where it is no name or code."""
        cells = self.sheet.rows[row]
        try:
            return as_text(cells[column]) if column is not None and column < len(cells) else ""
        except Invalid:
            return ""

    def place(self, row: int, key: str) -> Place | None:
        """The cell below a key, if the key is there."""
        column = self.column(key)
        return None if column is None else self.at_column(row, column)

    def at_column(self, row: int, column: int) -> Place:
        """A cell, which the file may have left out."""
        cells = self.sheet.rows[row]
        return Place(self.sheet, row, column, cells[column] if column < len(cells) else None)

    @cached_property
    def figures(self) -> list[tuple[int, str]]:
        """The columns that hold a line's figures, with the line's series."""
        return [
            (column, key.removeprefix(keys.FIGURE))
            for column, key in self.columns.items()
            if key.startswith(keys.FIGURE)
        ]

    @cached_property
    def answers(self) -> set[int]:
        """The columns that hold answers."""
        wanted = (keys.VALUE, keys.ABSENT, keys.NOTE)
        single = {column for column, key in self.columns.items() if key in wanted}
        return single | {column for column, _series in self.figures}


def area_of(sheet: Sheet) -> Area | None:
    """The area of a sheet; None if it has no keys."""
    at = keys.key_row(sheet)
    if at is None:
        return None
    columns = {
        column: cell
        for column, cell in enumerate(sheet.rows[at])
        if isinstance(cell, str) and cell.startswith("tl:")
    }
    side = next(column for column, key in columns.items() if key in keys.AREAS)
    return Area(sheet, at, columns[side], side, columns)


def is_blank(cell: Cell) -> bool:
    """Whether nothing that one can see stands in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip(_UNSEEN))


def merged_answers(area: Area) -> dict[tuple[int, int], Fault]:
    """Cells of answers that were merged with others: whose the value is, is anyone's guess."""
    fault = (
        _("cells were merged here, and the figure may belong to any of them"),
        _("Undo the merging and write each figure into its own cell."),
    )
    faults: dict[tuple[int, int], Fault] = {}
    left_over = 2 * len(area.sheet.rows) * len(area.answers)
    for top, left, bottom, right in area.sheet.merged:
        if (top, left) == (bottom, right):
            continue
        rows = range(top, min(bottom + 1, len(area.sheet.rows)))
        columns = [column for column in area.answers if left <= column <= right]
        left_over -= len(rows) * len(columns)
        if left_over < 0:
            raise Invalid(
                _("Merged ranges of “%(sheet)s” overlap; the file is damaged.")
                % {"sheet": area.sheet.name},
                remedy=_("Copy your figures into a sheet that is downloaded anew."),
            )
        faults.update(dict.fromkeys(product(rows, columns), fault))
    return faults


def misplaced_columns(area: Area, known: keys.Keys) -> dict[int, Fault]:
    """Columns whose heading is that of another line: their keys were not moved along."""
    if area.kind not in {keys.PLACES, keys.NOTES} or area.at == 0:
        return {}
    faults = {}
    for column, key in area.columns.items():
        if key.startswith(keys.FIGURE):
            own = known.lines.get(key.removeprefix(keys.FIGURE), "")
            shown = area.text(area.at - 1, column).partition("\n")[0].strip()
            if fault := _other_name(shown, own, known.lines.values()):
                faults[column] = fault
    return faults


def misplaced_row(area: Area, row: int, code: str, known: keys.Keys) -> Fault | None:
    """Why a row is not trusted: its name is that of another, as when only some of the columns
    were sorted. A name that was corrected or translated is no other's."""
    if area.kind == keys.LINES:
        number = area.text(row, area.column(keys.NUMBER))
        shown = f"{number} {area.text(row, area.column(keys.TITLE))}".strip()
        own = known.lines.get(area.text(row, area.side), "")
        return _other_name(shown, own, known.lines.values())
    if area.kind in {keys.PLACES, keys.NOTES}:
        shown = area.text(row, area.column(keys.NAME))
        return _other_name(shown, known.units.get(code, ""), known.units.values())
    return None


def _other_name(shown: str, own: str, others: Iterable[str]) -> Fault | None:
    if not shown or shown == own or shown not in others:
        return None
    return (
        _("“%(shown)s” stands where the hidden key says “%(own)s”") % {"shown": shown, "own": own},
        _("Undo the sorting or moving of single columns, or copy the figures into a new sheet."),
    )


def without_zeros(codes: Iterable[str]) -> Mapping[str, str]:
    """Codes by what a spreadsheet makes of them when it takes them for numbers."""
    bare: dict[str, list[str]] = {}
    for code in codes:
        if code.startswith("0") and code.lstrip("0"):
            bare.setdefault(code.lstrip("0"), []).append(code)
    return {short: several[0] for short, several in bare.items() if len(several) == 1}


def unasked() -> Fault:
    """Why something outside the cells of the form is not taken."""
    return (
        _("nothing is asked for in this cell"),
        _("Delete it; remarks on a figure belong in its explanation."),
    )
