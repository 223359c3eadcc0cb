"""Tables out: CSV and XLSX whose text is never run and whose numbers are the numbers.

The same input gives the same bytes, so that an issued file can be made again and compared.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from throughline.files.formulas import neutralised
from throughline.kernel.errors import Invalid

Value = str | int | float | Decimal | bool | date | None
"""What a cell may be given. Codes are given as text, missing values as None, never as NaN."""

_BOM = b"\xef\xbb\xbf"
_CSV_ROWS_A_PART = 1000
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zone; fixed, not a time
_DIGITS_A_SPREADSHEET_KEEPS = 15
_WIDEST, _NARROWEST = 60, 8
_LONGEST_SHEET_NAME = 31


@dataclass(frozen=True)
class Table:
    """A sheet: headings above rows. The name is made to fit what spreadsheets allow."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_csv(
    rows: Iterable[Sequence[Value]], columns: Sequence[str], *, mark: bool = True
) -> bytes:
    r"""The table as UTF-8 CSV; `mark` puts the byte order mark that Excel and WPS need.

    Text that a spreadsheet would run gets an apostrophe, which `read_sheets` takes off again.

    >>> write_csv([["=1+1", -5, None]], ["name", "value", "note"], mark=False)
    b"name,value,note\r\n'=1+1,-5,\r\n"
    """
    return b"".join(csv_parts(rows, columns, mark=mark))


def csv_parts(
    rows: Iterable[Sequence[Value]], columns: Sequence[str], *, mark: bool = True
) -> Iterator[bytes]:
    """`write_csv` in parts, for answers that are sent while they are made."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([neutralised(heading) for heading in columns])
    if mark:
        yield _BOM
    for number, row in enumerate(rows, start=1):
        writer.writerow([_as_csv(value) for value in row])
        if number % _CSV_ROWS_A_PART == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def write_xlsx(tables: Sequence[Table], *, notes: Sequence[str] = ()) -> bytes:
    """The tables as a workbook, a sheet each; `notes` become a last sheet of plain text.

    Headings stay in view. Text is text whatever it begins with, and whole numbers of more
    digits than a spreadsheet keeps are written as text. Raises `Invalid` for what does not
    fit: 1,048,576 rows, 16,384 columns, 32,767 characters in a cell.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": MADE})
    styles = _Styles(
        heading=book.add_format(
            {"bold": True, "bg_color": "#E8EDF2", "bottom": 1, "text_wrap": True, "valign": "top"}
        ),
        day=book.add_format({"num_format": "yyyy-mm-dd"}),
        note=book.add_format({"text_wrap": True, "valign": "top"}),
    )
    names: list[str] = []
    for table in tables:
        names.append(sheet_name(table.name, names))
        _write_table(book.add_worksheet(names[-1]), table, styles)
    if notes:
        _write_notes(book.add_worksheet(sheet_name(_("Notes"), names)), notes, styles)
    book.close()
    return out.getvalue()


def sheet_name(wanted: str, taken: Sequence[str] = ()) -> str:
    """The nearest name that spreadsheets allow and that is not yet taken.

    >>> sheet_name("2020/Q1: [draft]"), sheet_name("Units", ["units"]), sheet_name("")
    ('2020 Q1 draft', 'Units (2)', 'Sheet')
    """
    plain = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wanted).split()).strip("'")
    plain = plain[:_LONGEST_SHEET_NAME].strip(" '") or "Sheet"
    if plain.casefold() == "history":  # the program keeps this name for itself
        plain += "_"
    used = {name.casefold() for name in taken}
    name, number = plain, 1
    while name.casefold() in used:
        number += 1
        ending = f" ({number})"
        name = plain[: _LONGEST_SHEET_NAME - len(ending)] + ending
    return name


@dataclass(frozen=True)
class _Styles:
    heading: Format
    day: Format
    note: Format


class Exact(float):
    """A float that is written with as many digits as tell it from its neighbours.

    XlsxWriter formats numbers to 16 digits, which is one too few: a figure exported and
    imported again would be another figure.
    """

    def __format__(self, specification: str) -> str:
        return repr(float(self)).removesuffix(".0")


def _write_table(sheet: Worksheet, table: Table, styles: _Styles) -> None:
    sheet.freeze_panes(1, 0)
    widths = [_shown_width(heading) for heading in table.columns]
    for column, heading in enumerate(table.columns):
        _fits(sheet.write_string(0, column, heading, styles.heading), sheet, 0)
    for number, row in enumerate(table.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value, styles)
        widths = [max(width, _shown_width(value)) for width, value in zip(widths, row, strict=True)]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))


def _write_notes(sheet: Worksheet, notes: Sequence[str], styles: _Styles) -> None:
    sheet.set_column(0, 0, 100)
    for number, note in enumerate(notes):
        _fits(sheet.write_string(number, 0, note, styles.note), sheet, number)


def _write_cell(sheet: Worksheet, row: int, column: int, value: Value, styles: _Styles) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        written = sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal) and _is_kept(value):
        written = sheet.write_number(row, column, Exact(value))
    elif isinstance(value, date) and not isinstance(value, datetime):
        written = sheet.write_datetime(row, column, value, styles.day)
    else:
        written = sheet.write_string(row, column, _as_text(value))
    _fits(written, sheet, row)


def _fits(written: int, sheet: Worksheet, row: int) -> None:
    """XlsxWriter leaves out or cuts what does not fit and says so in its answer alone."""
    if written != 0:
        raise Invalid(
            _("Row %(row)d does not fit into the sheet “%(sheet)s”.")
            % {"row": row + 1, "sheet": sheet.get_name()},
            remedy=_("Export fewer rows at a time, or export CSV."),
        )


def _is_kept(value: int | float | Decimal) -> bool:
    """Whether a spreadsheet keeps every digit of it. Fractions are kept as doubles are."""
    return isinstance(value, float) or abs(value) < 10**_DIGITS_A_SPREADSHEET_KEEPS


def _as_csv(value: Value) -> str:
    return neutralised(value) if isinstance(value, str) else _as_text(value)


def _as_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | Decimal):
        return _in_digits(Decimal(repr(value)) if isinstance(value, float) else value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _in_digits(exact: Decimal) -> str:
    """Plain digits, for readers that know no exponents: 126012510, not 1.2601251E+8."""
    if not exact.is_finite():
        raise ValueError("a missing value is None, never NaN or infinite")
    written = f"{exact:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _shown_width(value: Value) -> int:
    """About how many columns of Latin letters it takes; wide characters count double."""
    longest = max(_as_text(value).splitlines(), key=len, default="")[:_WIDEST]
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in longest)


def _taken(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
