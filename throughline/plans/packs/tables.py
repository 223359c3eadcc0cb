"""CSV files of observations: rows with their line, and faults with row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from throughline.plans.packs.documents import decode, read_bytes
from throughline.plans.packs.faults import Fault

MAX_BYTES = 20_000_000
MAX_CELL = 2_000

COLUMNS = ("series", "place", "period", "value", "status", "source", "support")
OPTIONAL = ("released", "note", "note_zh", "simulated")


class Reader(Protocol):
    """What `csv.reader` gives: rows, and the line it has come to."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on, and its cells by column, trimmed."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A CSV file whose header is known."""

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def fault(self, row: Row, column: str, code: str, message: str, remedy: str) -> Fault:
        """A fault of one cell; the field's number stands for its column."""
        number = self.header.index(column) + 1 if column in self.header else 0
        return Fault(self.file, row.line, number, code, message, remedy)


def read_table(folder: Path, file: str) -> tuple[Table | None, list[Fault]]:
    """Read one CSV file; the table is none where its header cannot be taken."""
    data = read_bytes(folder, file, MAX_BYTES)
    if isinstance(data, Fault):
        return None, [data]
    text = decode(file, data)
    if isinstance(text, Fault):
        return None, [text]
    return parse_table(file, text)


def parse_table(file: str, text: str) -> tuple[Table | None, list[Fault]]:
    """Read CSV text.

    >>> table, faults = parse_table("x.csv", "series,colour\\n")
    >>> [fault.message for fault in faults][:2]
    ['there is no column "colour"', 'the column "place" is missing']
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        faults = _header_faults(file, header)
        if faults:
            return None, faults
        rows, faults = _rows(file, header, reader)
    except csv.Error as error:
        return None, [
            Fault(
                file,
                reader.line_num,
                0,
                "csv",
                _("this is not CSV: %s") % error,
                _("look at the quotes on this line"),
            )
        ]
    return Table(file, header, tuple(rows)), faults


def _header_faults(file: str, header: tuple[str, ...]) -> list[Fault]:
    known = (*COLUMNS, *OPTIONAL)
    faults = [
        Fault(
            file,
            1,
            number,
            "unknown-column",
            _('there is no column "%s"') % name,
            _("known columns: %s") % ", ".join(known),
        )
        for number, name in enumerate(header, start=1)
        if name not in known
    ]
    faults += [
        Fault(
            file,
            1,
            0,
            "missing-column",
            _('the column "%s" is missing') % name,
            _("add it to the first line"),
        )
        for name in COLUMNS
        if name not in header
    ]
    faults += [
        Fault(
            file,
            1,
            number,
            "duplicate-column",
            _('the column "%s" stands twice') % name,
            _("keep one of the two"),
        )
        for number, name in enumerate(header, start=1)
        if name in header[: number - 1]
    ]
    return faults


def _rows(file: str, header: tuple[str, ...], reader: Reader) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    before = reader.line_num
    for fields in reader:
        line, before = before + 1, reader.line_num
        if not any(field.strip() for field in fields):
            continue
        if len(fields) != len(header):
            message = _("the row has %(found)d fields, the header has %(wanted)d")
            faults.append(
                Fault(
                    file,
                    line,
                    0,
                    "row-length",
                    message % {"found": len(fields), "wanted": len(header)},
                    _("add or remove commas; put a text with commas in quotes"),
                )
            )
            continue
        too_long = [n for n, field in enumerate(fields, start=1) if len(field) > MAX_CELL]
        if too_long:
            message = _("the cell is longer than %d characters") % MAX_CELL
            faults.append(Fault(file, line, too_long[0], "too-large", message, _("shorten it")))
            continue
        cells = {name: field.strip() for name, field in zip(header, fields, strict=True)}
        rows.append(Row(line, cells))
    return rows, faults
