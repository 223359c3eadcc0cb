"""The rows of a file by the names of their columns, with what a person calls each cell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from django.utils.translation import gettext as _

from throughline.figures.loading.cells import plain_name
from throughline.files.sheets import Cell, Sheet, Workbook, as_text, read_sheets
from throughline.kernel.errors import Invalid, Problem
from throughline.plans.packs.mapping import Mapping

_ROWS_SEARCHED = 30
_HEADINGS_NAMED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as a person counts, its cells as text, and as they were stored.

    `faults` are the cells whose text cannot be had, by column.
    """

    number: int
    index: int
    texts: Names[str, str]
    cells: Names[str, Cell]
    faults: Names[str, Invalid] = field(default_factory=dict)
    is_torn: bool = False
    """More cells than there are headings: in CSV a comma inside a number does that, and
    every cell behind it stands under the wrong heading."""

    @property
    def is_empty(self) -> bool:
        """Whether no column that the mapping speaks of holds anything."""
        return not any(self.texts.values())


@dataclass(frozen=True)
class _Range:
    """A merged range, seen from one of its columns."""

    top: int
    low: int
    left: int


@dataclass(frozen=True)
class Source:
    """A file's table under a mapping. Rows are made when they are asked for: a file may have
    a million of them.

    `headings` are the columns found, by the mapping's names; `shown` their headings in the file.
    """

    sheet: Sheet
    header: int
    headings: Names[str, int]
    shown: Names[str, str]
    notes: tuple[str, ...]
    merged: Names[int, list[_Range]]

    @cached_property
    def width(self) -> int:
        """How many cells the row of headings has."""
        return len(self.sheet.rows[self.header])

    @property
    def count(self) -> int:
        """How many rows stand below the headings."""
        return max(0, len(self.sheet.rows) - self.header - 1)

    def __iter__(self) -> Iterator[Line]:
        """The rows below the headings."""
        for index in range(self.header + 1, len(self.sheet.rows)):
            yield self._line(index)

    def _line(self, index: int) -> Line:
        row = self.sheet.rows[index]
        width = len(row)
        cells = {
            name: row[column] if column < width else None for name, column in self.headings.items()
        }
        texts, faults = {}, {}
        for name, cell in cells.items():
            try:
                texts[name] = as_text(cell)
            except Invalid as error:
                # Only a name or a code loses its meaning; a long figure is judged as one.
                texts[name] = str(cell)
                faults[name] = error
        torn = width > self.width and self.sheet.delimited and any(row[self.width :])
        return Line(index + 1, index, texts, cells, faults, torn)

    def repeats_headings(self, line: Line) -> bool:
        """Whether a row shows the headings once more, as printed tables do."""
        return all(line.texts[name] == shown for name, shown in self.shown.items())

    def merged_above(self, line: Line, column: str) -> Cell:
        """What stands in the first cell of a range merged downwards over this empty cell."""
        here = self.range_of(line, column)
        if here is None or here.left != self.headings[column]:
            return None
        return self.sheet.rows[here.top][here.left]

    def range_of(self, line: Line, column: str) -> _Range | None:
        """The merged range that a cell lies in."""
        ranges = self.merged.get(self.headings[column], [])
        at = bisect_right(ranges, line.index, key=lambda each: each.top) - 1
        return ranges[at] if at >= 0 and ranges[at].low >= line.index else None

    def cell_place(self, line: Line, column: str) -> str:
        """What a person calls a cell, with its heading."""
        if column not in self.headings:
            return self.row_place(line)
        shown = self.shown[column]
        place = self.sheet.place(line.index, self.headings[column], shown)
        return f"{self.sheet.name}!{place} ({shown})" if self.sheet.name else place

    def row_place(self, line: Line) -> str:
        """What a person calls a row."""
        return row_place(self.sheet, line.index)

    def is_percent(self, line: Line, column: str) -> bool:
        """Whether the cell is shown with a % sign."""
        return (line.index, self.headings[column]) in self.sheet.percent


def row_place(sheet: Sheet, index: int) -> str:
    """What a person calls a row, counted here from 0."""
    place = sheet.row_place(index)
    return f"{sheet.name}!{place}" if sheet.name else place


def read_source(path: Path, mapping: Mapping, *, file_name: str = "") -> Source:
    """Read a file in a separate process and find the mapping's columns in it.

    Raises Invalid where the file cannot be read, or lacks the sheet, a column or any row.
    """
    workbook = read_sheets(path, media_hint=file_name or path.name)
    sheet, notes = _sheet(workbook, mapping)
    header = mapping.header_row - 1
    if len(sheet.rows) <= header:
        raise Invalid(
            _("The file has no row %(row)s for its headings.") % {"row": header + 1},
            remedy=_("Put the headings into that row and the figures below."),
        )
    headings, shown, more = _headings(sheet, header, mapping)
    if len(sheet.rows) == header + 1:
        raise Invalid(
            _("The file has headings and no row of figures."),
            place=row_place(sheet, header),
            remedy=_("Put the figures below the headings; an empty return need not be loaded."),
        )
    return Source(sheet, header, headings, shown, (*notes, *more), _merged(sheet, header, headings))


def _sheet(workbook: Workbook, mapping: Mapping) -> tuple[Sheet, list[str]]:
    """The table to be read, and what was noticed of the file."""
    notes = list(workbook.notes)
    if mapping.sheet:
        for sheet in workbook.sheets:
            if sheet.name == mapping.sheet:
                return sheet, notes
        raise Invalid(
            _("There is no sheet “%(name)s”.") % {"name": mapping.sheet},
            remedy=_("The file has: %(names)s.")
            % {"names": ", ".join(s.name for s in workbook.sheets)},
        )
    filled = [sheet for sheet in workbook.sheets if any(any(row) for row in sheet.rows)]
    if not filled:
        raise Invalid(_("The file holds no table."))
    chosen = next((sheet for sheet in filled if not sheet.hidden), filled[0])
    others = [sheet.name for sheet in filled if sheet is not chosen]
    if others:
        notes.append(
            _("Only the sheet “%(name)s” was read, not: %(others)s.")
            % {"name": chosen.name, "others": ", ".join(others)}
        )
    return chosen, notes


def _known(mapping: Mapping) -> dict[str, str]:
    """The mapping's columns by every heading under which they may stand, made plain."""
    found = {plain_name(other): column for other, column in mapping.headings}
    return found | {plain_name(column): column for column in mapping.columns_used()}


def _texts(cells: Iterable[Cell]) -> list[str]:
    """A row's cells as texts; a heading that is no text is none."""
    return [cell.strip() if isinstance(cell, str) else _as_heading(cell) for cell in cells]


def _as_heading(cell: Cell) -> str:
    try:
        return as_text(cell)
    except Invalid:
        return ""


def _headings(
    sheet: Sheet, header: int, mapping: Mapping
) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """Where the mapping's columns stand, their headings as shown, and what was noticed."""
    known = _known(mapping)
    found: dict[str, int] = {}
    shown: dict[str, str] = {}
    unread, problems = [], []
    for column, heading in enumerate(_texts(sheet.rows[header])):
        name = known.get(plain_name(heading))
        if name is None:
            unread += [heading] if heading else []
        elif name in found:
            place = sheet.place(header, column)
            problems.append(
                Problem(
                    f"{sheet.name}!{place}" if sheet.name else place,
                    _("the heading “%(name)s” stands twice") % {"name": heading},
                    _("Rename or remove one of the two columns."),
                    name,
                    "heading",
                )
            )
        else:
            found[name], shown[name] = column, heading
    missing = sorted(mapping.columns_needed() - set(found))
    problems += _missing(sheet, header, mapping, missing)
    if problems:
        raise Invalid(_("The headings do not fit the mapping."), problems=problems)
    notes = []
    if unread:
        notes.append(
            _("Columns that the mapping does not speak of were not read: %(names)s.")
            % {"names": ", ".join(unread)}
        )
    return found, shown, notes


def _missing(sheet: Sheet, header: int, mapping: Mapping, missing: list[str]) -> list[Problem]:
    """A problem for each column that is not there, and where the headings may stand instead."""
    if not missing:
        return []
    instead = _row_with(sheet, mapping)
    if instead is not None:
        remedy = _("The headings stand in row %(found)s; delete the rows above it.")
        said = remedy % {"found": instead + 1}
        if instead < header:
            said = _("The headings stand in row %(found)s; the mapping looks in row %(row)s.") % {
                "found": instead + 1, "row": header + 1,
            }  # fmt: skip
    else:
        given = [heading for heading in _texts(sheet.rows[header]) if heading]
        more = ["…"] if len(given) > _HEADINGS_NAMED else []
        listed = ", ".join([*given[:_HEADINGS_NAMED], *more]) or _("nothing")
        said = _("The mapping “%(key)s” needs it; the row has: %(names)s.") % {
            "key": mapping.key, "names": listed,
        }  # fmt: skip
    place = row_place(sheet, header)
    return [
        Problem(
            place, _("the column “%(name)s” is missing") % {"name": name}, said, name, "heading"
        )
        for name in missing
    ]


def _row_with(sheet: Sheet, mapping: Mapping) -> int | None:
    """The row near the top that holds every heading needed."""
    known, needed = _known(mapping), mapping.columns_needed()
    for index, row in enumerate(sheet.rows[:_ROWS_SEARCHED]):
        if needed <= {known.get(plain_name(text), "") for text in _texts(row)}:
            return index
    return None


def _merged(sheet: Sheet, header: int, headings: Names[str, int]) -> dict[int, list[_Range]]:
    """The merged ranges below the headings by each column read, from the top."""
    found: dict[int, list[_Range]] = {}
    read = sorted(headings.values())
    for top, left, low, right in sheet.merged:
        if top <= header:
            continue
        for column in read:
            if left <= column <= right:
                found.setdefault(column, []).append(_Range(top, low, left))
    for ranges in found.values():
        ranges.sort(key=lambda each: each.top)
    return found
