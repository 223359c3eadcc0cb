"""XLSX, XLS and ODS through calamine, with what calamine would pass over in silence."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from throughline.files.untrusted.marks import Marks
from throughline.files.untrusted.unreadable import UnreadableError

Value = str | float | int | bool | date | None
Range = tuple[int, int, int, int]

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MACROS = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"))


@dataclass
class SheetHead:
    """What is known of a sheet before its rows."""

    name: str
    height: int
    width: int
    hidden: bool
    merged: list[Range]
    marks: Marks
    sheet: CalamineSheet


def refuse_protected_ole(content: bytes) -> None:
    """An old-format file that is encrypted, or carries programs."""
    if _ENCRYPTED in content:
        raise UnreadableError("encrypted")
    if any(name in content for name in _MACROS):
        raise UnreadableError("macros")


def refuse_protected_package(package: zipfile.ZipFile) -> None:
    """A package that is encrypted, or carries programs."""
    names = set(package.namelist())
    if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names):
        raise UnreadableError("macros")
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in package.read(manifest):
        raise UnreadableError("encrypted")


def open_workbook(source: BinaryIO) -> CalamineWorkbook:
    """The workbook; formulas are never computed, their stored results are read."""
    try:
        return CalamineWorkbook.from_filelike(source)
    except PasswordError as error:
        raise UnreadableError("encrypted") from error
    except CalamineError as error:
        raise UnreadableError("damaged") from error


def sheets_of(
    workbook: CalamineWorkbook, marks: dict[str, Marks], *, most_sheets: int
) -> Iterator[SheetHead]:
    """Every worksheet; charts hold no table, and old macro sheets are programs."""
    metadata = workbook.sheets_metadata
    if len(metadata) > most_sheets:
        raise UnreadableError("sheets", found=len(metadata), most=most_sheets)
    for at, about in enumerate(metadata):
        if about.typ == SheetTypeEnum.MacroSheet:
            raise UnreadableError("macros")
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = workbook.get_sheet_by_index(at)
        except CalamineError as error:
            raise UnreadableError("damaged-sheet", sheet=about.name) from error
        yield _head(sheet, about, marks.get(about.name, Marks()))


def _head(sheet: CalamineSheet, about: SheetMetadata, marks: Marks) -> SheetHead:
    """The extent reaches over what the marks add: calamine knows no such cell."""
    end = sheet.end or (-1, -1)
    return SheetHead(
        name=about.name,
        height=max([end[0], *(row for row, _ in marks.texts)]) + 1,
        width=max([end[1], *(column for _, column in marks.texts)]) + 1,
        hidden=about.visible != SheetVisibleEnum.Visible,
        merged=[(*first, *last) for first, last in sheet.merged_cell_ranges or []],
        marks=marks,
        sheet=sheet,
    )


def rows_of(head: SheetHead) -> Iterator[list[Value]]:
    """The rows from the first on, each from column A on and as wide as the sheet."""
    before: list[Value] = [None] * (head.sheet.start or (0, 0))[1]
    texts: dict[int, dict[int, str]] = {}
    for (row_number, column), text in head.marks.texts.items():
        texts.setdefault(row_number, {})[column] = text
    stored = head.sheet.iter_rows()
    for row_number in range(head.height):
        row = before + [_value(cell) for cell in next(stored, [])]
        row += [None] * (head.width - len(row))
        for column, text in texts.get(row_number, {}).items():
            row[column] = text
        yield row


def _value(cell: object) -> Value:
    if cell == "":
        return None
    if isinstance(cell, str | float | int | date):
        return cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    raise UnreadableError("damaged")
