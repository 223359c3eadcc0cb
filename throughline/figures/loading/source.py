"""The rows of a file by the names of their columns, with what a person calls each cell."""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from throughline.files.sheets import Cell, Sheet, as_text, read_sheets
from throughline.kernel.errors import Invalid, Problem
from throughline.plans.packs.mapping import Mapping


@dataclass(frozen=True)
class Line:
    """One row: its number as a person counts, its cells as text, and as they were stored."""

    number: int
    index: int
    texts: Names[str, str]
    cells: Names[str, Cell]


@dataclass(frozen=True)
class Source:
    """A file's table under a mapping."""

    sheet: Sheet
    headings: Names[str, int]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]

    def cell_place(self, line: Line, column: str) -> str:
        """What a person calls a cell, with its heading."""
        place = self.sheet.place(line.index, self.headings[column], column)
        return f"{self.sheet.name}!{place}" if self.sheet.name else place

    def is_percent(self, line: Line, column: str) -> bool:
        """Whether the cell is shown with a % sign."""
        return (line.index, self.headings[column]) in self.sheet.percent


def read_source(path: Path, mapping: Mapping, *, file_name: str = "") -> Source:
    """Read a file in a separate process and find the mapping's columns in it.

    Raises Invalid where the file cannot be read, or lacks the sheet or a column.
    """
    workbook = read_sheets(path, media_hint=file_name or path.name)
    sheet = _sheet(workbook.sheets, mapping)
    header = mapping.header_row - 1
    if len(sheet.rows) <= header:
        raise Invalid(_("The file has no row %(row)s for its headings.") % {"row": header + 1})
    headings = _headings(sheet, header, mapping)
    lines, problems = [], []
    for index in range(header + 1, len(sheet.rows)):
        row = sheet.rows[index]
        cells = {
            name: row[column] if column < len(row) else None for name, column in headings.items()
        }
        texts = {}
        for name, cell in cells.items():
            try:
                texts[name] = as_text(cell)
            except Invalid as error:
                # Only a name or a code loses its meaning; a long figure is judged as one.
                texts[name] = str(cell)
                if name in (mapping.code, *mapping.names):
                    place = sheet.place(index, headings[name], name)
                    problems.append(Problem(place, error.message, error.remedy or "", name))
        lines.append(Line(index + 1, index, texts, cells))
    unread = [name for name in headings if name not in mapping.columns_used()]
    notes = list(workbook.notes)
    if unread:
        notes.append(
            _("Columns that the mapping does not speak of were not read: %(names)s.")
            % {"names": ", ".join(unread)}
        )
    return Source(sheet, headings, tuple(lines), tuple(notes), tuple(problems))


def _sheet(sheets: list[Sheet], mapping: Mapping) -> Sheet:
    if not mapping.sheet:
        if not sheets:
            raise Invalid(_("The file holds no table."))
        return sheets[0]
    for sheet in sheets:
        if sheet.name == mapping.sheet:
            return sheet
    raise Invalid(
        _("There is no sheet “%(name)s”.") % {"name": mapping.sheet},
        remedy=_("The file has: %(names)s.") % {"names": ", ".join(s.name for s in sheets)},
    )


def _headings(sheet: Sheet, header: int, mapping: Mapping) -> dict[str, int]:
    found: dict[str, int] = {}
    problems = []
    for column, cell in enumerate(sheet.rows[header]):
        name = as_text(cell)
        if not name:
            continue
        if name in found:
            problems.append(
                Problem(
                    sheet.place(header, column),
                    _("the heading “%(name)s” stands twice") % {"name": name},
                    _("rename or remove one of the two columns"),
                )
            )
        found[name] = column
    for name in sorted(mapping.columns_used() - set(found)):
        problems.append(
            Problem(
                sheet.row_place(header),
                _("the column “%(name)s” is missing") % {"name": name},
                _("the mapping “%(key)s” needs it") % {"key": mapping.key},
                name,
            )
        )
    if problems:
        raise Invalid(_("The headings do not fit the mapping."), problems=problems)
    return found
