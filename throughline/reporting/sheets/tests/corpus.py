"""Two hundred nasty files, made from our own templates as people and programs spoil them.

Each is a `Case`: the file, what must be read of it, and how many things must be refused, or a
word of the sentence by which the file as a whole is.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, partial
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from throughline.files.tests import samples as files
from throughline.reporting.sheets import Given, Template, write, write_csv
from throughline.reporting.sheets.template import mark_of
from throughline.reporting.sheets.tests.samples import MANY, ONE, UNITS, edited, template

REFUSED = "refused"
ABSENT = Given(absent=True)


@dataclass(frozen=True)
class Case:
    """`of` is the template, `says` what is read, `rejects` how many things are not, and `mended`
    how many of these are no fault any more when the file has been given back. `counted` tells
    whether openpyxl sees the cells as they were made, to count them independently."""

    content: bytes
    says: dict[tuple[str, str], Given] = field(default_factory=dict)
    rejects: int = 0
    of: Template = MANY
    whole: str = ""
    counted: bool = True
    mended: int = 0


@cache
def many() -> bytes:
    return write(MANY)


@cache
def one() -> bytes:
    return write(ONE)


def on(edit: Callable[[Worksheet], object], content: bytes | None = None) -> bytes:
    """The template with its first sheet changed."""
    return edited(content or many(), lambda book: edit(book.worksheets[0]))


# What is typed into a cell: of people (E7 of no scale), a share, and money in 万元.

WHOLE: dict[str, tuple[object, object]] = {
    "a number": (1234, 1234.0),
    "a number as text": ("1234", 1234.0),
    "full-width digits": ("１２３４", 1234.0),
    "full-width separators": ("１，２３４．５", 1234.5),
    "thousands": ("1,234,567", 1234567.0),
    "thousands by thin spaces": ("1\u2009234\u2009567", 1234567.0),
    "thousands by hard spaces": ("1\xa0234", 1234.0),
    "white space around": ("  12 ", 12.0),
    "ideographic space around": ("\u300012\u3000", 12.0),
    "a zero-width mark": ("\ufeff12", 12.0),
    "ten thousands": ("3.5万", 35000.0),
    "ten thousands, spaced": ("3.5 万", 35000.0),
    "ten thousands, full-width": ("３．５万", 35000.0),
    "traditional ten thousands": ("2萬", 20000.0),
    "hundred millions": ("1.2亿", 120000000.0),
    "trillions": ("1万亿", 1e12),
    "leading zeros": ("007", 7.0),
    "a plus": ("+5", 5.0),
    "a minus": ("-5", -5.0),
    "a typographic minus": ("−5", -5.0),
    "a full-width minus": ("－5", -5.0),
    "accountants' minus": ("(5)", -5.0),
    "zero": (0, 0.0),
    "zero as text": ("0", 0.0),
    "tiny": (1e-9, 1e-9),
    "exponent": ("1.5e3", 1500.0),
    "a fraction": (0.1, 0.1),
    "seventeen digits as text": ("0.30000000000000004", 0.1 + 0.2),
    "largest exact": (2**53 - 1, float(2**53 - 1)),
    "em dash": ("—", ABSENT),
    "two em dashes": ("——", ABSENT),
    "hyphen": ("-", ABSENT),
    "full-width hyphen": ("－", ABSENT),
    "slash": ("/", ABSENT),
    "full-width slash": ("／", ABSENT),
    "not applicable in Chinese": ("不适用", ABSENT),
    "not applicable, traditional": ("不適用", ABSENT),
    "n/a": ("n/a", ABSENT),
    "N/A": ("N/A", ABSENT),
    "full-width N/A": ("Ｎ／Ａ", ABSENT),
    "not applicable in words": ("Not applicable", ABSENT),
    "white space": ("   ", Given()),
    "an ideographic space": ("\u3000", Given()),
    "missing in Chinese": ("缺", REFUSED),
    "not known": ("不详", REFUSED),
    "dots": ("……", REFUSED),
    "none in Chinese": ("无", REFUSED),
    "null": ("NULL", REFUSED),
    "too long": (2**60, REFUSED),
    "a citizen's number": ("110101199001011234", REFUSED),
    "a date": (date(2025, 3, 1), REFUSED),
    "an instant": (datetime(2025, 3, 1, 12, 30), REFUSED),
    "a time": (time(12, 30), REFUSED),
    "a date as text": ("2025-03-01", REFUSED),
    "a date in Chinese": ("2025年3月1日", REFUSED),
    "a month in Chinese": ("2025年3月", REFUSED),
    "a date with slashes": ("3/1/2025", REFUSED),
    "true": (True, REFUSED),
    "false": (False, REFUSED),
    "a percentage": ("12%", REFUSED),
    "words": ("about 12", REFUSED),
    "a unit behind": ("12人", REFUSED),
    "Chinese numerals": ("十二", REFUSED),
    "wrong groups": ("12,34", REFUSED),
    "comma for point": ("12,5", REFUSED),
    "points as groups": ("1.234.567", REFUSED),
    "two points": ("1..2", REFUSED),
    "two numbers": ("12 13", REFUSED),
    "a range": ("10-20", REFUSED),
    "more than": (">10", REFUSED),
    "a letter O": ("1O0", REFUSED),
    "not a number": ("NaN", REFUSED),
    "infinite": ("inf", REFUSED),
    "superscript": ("10²", REFUSED),
    "Arabic digits": ("١٢", REFUSED),
    "an emoji": ("👍", REFUSED),
    "right to left mark": ("\u202e12", REFUSED),
    "long text": ("长" * 3000, REFUSED),
    "a line end inside": ("12\n13", REFUSED),
    "an error": ("#DIV/0!", REFUSED),
    "a reference error": ("#REF!", REFUSED),
    "a formula never calculated": ("=SUM(1,2)", REFUSED),
    "a command": ("=cmd|' /C calc'!A0", REFUSED),
    "a command by plus": ("+cmd|' /C calc'!A0", REFUSED),
    "a command by minus": ("-2+3+cmd|' /C calc'!A0", REFUSED),
    "a command by at": ("@SUM(1+1)*cmd|' /C calc'!A0", REFUSED),
    "a full-width equals sign": ("＝1+1", REFUSED),
    "a command behind a tab": ("\t=1+1", REFUSED),
    "a link": ('=HYPERLINK("http://127.0.0.1/?"&A1,"ok")', REFUSED),
    "markup": ("<script>1</script>", REFUSED),
    "an apostrophe": ("'12", REFUSED),
}
SHARES: dict[str, tuple[object, object]] = {
    "a percent sign": ("63.84%", 63.84),
    "a full-width percent sign": ("６３．８４％", 63.84),
    "no percent sign": (63.84, 63.84),
    "a spaced percent sign": ("63.84 %", 63.84),
    "a share of ten thousands": ("3万", REFUSED),
    "a share of ten thousand percent": ("3万%", REFUSED),
    "per mille": ("6‰", REFUSED),
    "beyond the range, for others to judge": (120, 120.0),
}
MONEY: dict[str, tuple[object, object]] = {
    "in the unit": ("1,200.50", 1200.5),
    "ten thousands of ten thousands": ("3万", REFUSED),
    "hundred millions of ten thousands": ("1.2亿", REFUSED),
    "with its unit": ("12万元", REFUSED),
    "a currency sign": ("¥12", REFUSED),
}
TICKS: dict[str, tuple[object, object]] = {
    "a tick": ("✓", ABSENT),
    "another tick": ("√", ABSENT),
    "yes in Chinese": ("是", ABSENT),
    "yes": ("Yes", ABSENT),
    "true": (True, ABSENT),
    "one": (1, ABSENT),
    "no in Chinese": ("否", Given()),
    "a box": ("☐", Given()),
    "a remark": ("see below", REFUSED),
    "two": (2, REFUSED),
}


def typed(table: str, content: Any, expected: object) -> Case:
    """A value typed into the sheet of several units."""
    column = {"people": "C", "share": "D", "money": "F"}[table]
    series = {"people": "settled", "share": "share", "money": "funds"}[table]
    return _case(on(lambda sheet: sheet.__setitem__(f"{column}8", content)),
                 (UNITS[1].code, series), expected, MANY)  # fmt: skip


def _case(content: bytes, slot: tuple[str, str], expected: object, of: Template) -> Case:
    if expected is REFUSED:
        return Case(content, rejects=1, of=of)
    given = expected if isinstance(expected, Given) else Given(float(expected))  # type: ignore[arg-type]
    return Case(content, {slot: given}, of=of)


def ticked(content: Any, expected: object) -> Case:
    """A value typed beside the figure of a single unit (its third line is in row 10)."""
    return _case(on(lambda sheet: sheet.__setitem__("F7", content), one()),
                 (UNITS[0].code, "settled"), expected, ONE)  # fmt: skip


# What is done to the sheet as a whole.


def _swap_rows(sheet: Worksheet) -> None:
    for column in range(1, 8):
        upper, lower = sheet.cell(7, column), sheet.cell(10, column)
        upper.value, lower.value = lower.value, upper.value


def _filled(sheet: Worksheet) -> None:
    sheet["C7"], sheet["C8"], sheet["D10"] = 5, 6, 7


FILLED = {
    (UNITS[0].code, "settled"): Given(5.0),
    (UNITS[1].code, "settled"): Given(6.0),
    (UNITS[3].code, "share"): Given(7.0),
}


def both(*edits: Callable[[Worksheet], object]) -> Callable[[Worksheet], None]:
    def edit(sheet: Worksheet) -> None:
        for each in edits:
            each(sheet)

    return edit


def after(*edits: Callable[[Worksheet], object]) -> bytes:
    return on(both(_filled, *edits))


def _set(cell: str, value: Any) -> Callable[[Worksheet], None]:
    return lambda sheet: sheet.__setitem__(cell, value)


def _hide(*, rows: tuple[int, ...] = (), columns: str = "") -> Callable[[Worksheet], None]:
    def edit(sheet: Worksheet) -> None:
        for row in rows:
            sheet.row_dimensions[row].hidden = True
        for column in columns:
            sheet.column_dimensions[column].hidden = True

    return edit


def _sort_names_alone(sheet: Worksheet) -> None:
    sheet["B7"], sheet["B8"] = sheet["B8"].value, sheet["B7"].value


def _swap_headings(sheet: Worksheet) -> None:
    sheet["C5"], sheet["D5"] = sheet["D5"].value, sheet["C5"].value


def _number_codes(sheet: Worksheet) -> None:
    for row in range(7, 11):
        sheet.cell(row, 1).value = int(str(sheet.cell(row, 1).value))


def _move_column_to_the_end(sheet: Worksheet) -> None:
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, 9).value = sheet.cell(row, 3).value
        sheet.cell(row, 3).value = None


def _rename_everything(sheet: Worksheet) -> None:
    sheet.title = "Sheet1"
    for column in range(2, 8):
        sheet.cell(5, column).value = f"renamed {column}"
    for row in range(7, 11):
        sheet.cell(row, 2).value = f"translated {row}"


def _copy_sheet(book: openpyxl.Workbook) -> None:
    _filled(book.worksheets[0])
    book.copy_worksheet(book.worksheets[0])


def _own_sheet(book: openpyxl.Workbook) -> None:
    _filled(book.worksheets[0])
    book.create_sheet("my notes")["A1"] = "call the bureau"


def _keys_sheet_out(book: openpyxl.Workbook) -> None:
    del book["keys"]


def _key(row: int, value: str) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: book["keys"].__setitem__(f"B{row}", value)


def with_formula(result: str, formula: str = "SUM(3,4)") -> bytes:
    """A formula in C8 with a stored result, as spreadsheet programs write it."""
    content = on(_set("C8", 7))
    return files.in_sheet(content, b"<v>7</v>", f"<f>{formula}</f>{result}".encode())


def percent_format(value: float, cell: str = "D8") -> bytes:
    def edit(sheet: Worksheet) -> None:
        sheet[cell] = value
        sheet[cell].number_format = "0.00%"

    return on(edit)


STRUCTURE: dict[str, Callable[[], Case]] = {
    "as written": lambda: Case(many()),
    "as written, one unit": lambda: Case(one(), of=ONE),
    "saved by another program": lambda: Case(after(), FILLED),
    "sorted": lambda: Case(after(_swap_rows), FILLED),
    "hidden row": lambda: Case(after(_hide(rows=(8,))), FILLED),
    "hidden columns": lambda: Case(after(_hide(columns="CD")), FILLED),
    "key row shown": lambda: Case(
        after(lambda s: setattr(s.row_dimensions[6], "hidden", False)), FILLED
    ),
    "renamed and translated": lambda: Case(after(_rename_everything), FILLED),
    "rows above": lambda: Case(after(lambda s: s.insert_rows(1, 3)), FILLED),
    "a row between": lambda: Case(after(lambda s: s.insert_rows(9)), FILLED),
    "a column before": lambda: Case(after(lambda s: s.insert_cols(1)), FILLED),
    "a column between": lambda: Case(after(lambda s: s.insert_cols(4)), FILLED),
    "a column moved": lambda: Case(after(_move_column_to_the_end), FILLED),
    "a row away": lambda: Case(after(lambda s: s.delete_rows(9)), {**FILLED}),
    "a column away": lambda: Case(after(lambda s: s.delete_cols(5)), FILLED),
    "a row of nobody": lambda: Case(after(_set("A11", "999999"), _set("C11", 9)), FILLED, 1),
    "a row without code": lambda: Case(after(_set("B11", "Total"), _set("C11", 11)), FILLED, 1),
    "who made it": lambda: Case(after(_set("B13", "制表人：张三")), FILLED, 1),
    "a column of one's own": lambda: Case(after(_set("H7", "ask Li"), _set("H9", 3)), FILLED, 2),
    "a stray cell far out": lambda: Case(after(_set("AZ300", "x")), FILLED, 1),
    "codes as numbers": lambda: Case(after(_number_codes), FILLED),
    "a code with a space": lambda: Case(after(_set("A7", " 010101 ")), FILLED),
    "a code with a letter": lambda: Case(after(_set("A9", "34010O")), FILLED, 1),
    "a row twice": lambda: Case(
        after(_set("A11", "010101"), _set("C11", 5)),
        {key: given for key, given in FILLED.items() if key != (UNITS[0].code, "settled")},
        2,
    ),
    "a row twice, one empty": lambda: Case(after(_set("A11", "010101")), FILLED),
    "names sorted without codes": lambda: Case(
        after(_sort_names_alone),
        {(UNITS[3].code, "share"): Given(7.0)},
        4,
    ),
    "headings swapped": lambda: Case(after(_swap_headings), {}, 3),
    "cells merged downwards": lambda: Case(
        after(lambda s: s.merge_cells("C7:C8")),
        {(UNITS[3].code, "share"): Given(7.0)},
        1,
    ),
    "cells merged sideways": lambda: Case(
        after(lambda s: s.merge_cells("D10:E10")),
        {key: given for key, given in FILLED.items() if key[1] != "share"},
        1,
    ),
    "headings merged": lambda: Case(after(lambda s: s.merge_cells("A1:G1")), FILLED),
    "empty answers merged": lambda: Case(after(lambda s: s.merge_cells("E8:F9")), FILLED),
    "a locked cell changed": lambda: Case(after(_set("G8", 5)), FILLED, 1),
    "a locked cell emptied": lambda: Case(after(_set("G8", None)), FILLED, 1, counted=False),
    "a locked cell as text": lambda: Case(after(_set("G8", "1,001")), FILLED),
    "an unasked series": lambda: Case(
        after(_set("H6", "tl:figure:other"), _set("H7", 1)), FILLED, 1
    ),
    "a key twice": lambda: Case(
        after(_set("H6", "tl:figure:settled"), _set("H7", 6)),
        {key: given for key, given in FILLED.items() if key != (UNITS[0].code, "settled")},
        2,
    ),
    "sheet copied": lambda: Case(edited(many(), _copy_sheet), {}, 2 * (3 + 4)),
    "a sheet of one's own": lambda: Case(edited(many(), _own_sheet), FILLED),
    "a formula with a result": lambda: Case(
        with_formula("<v>7</v>"), {(UNITS[1].code, "settled"): Given(7.0)}, counted=False
    ),
    "a formula with a text": lambda: Case(with_formula("<v>x</v>"), whole="damaged"),
    "a formula without a result": lambda: Case(with_formula(""), rejects=1, counted=False),
    "a formula with an empty result": lambda: Case(
        with_formula("<v></v>"), rejects=1, counted=False
    ),
    "a formula that calls out": lambda: Case(
        with_formula("", "cmd|&apos; /C calc&apos;!A0"), rejects=1, counted=False
    ),
    "formatted as percentage": lambda: Case(
        percent_format(0.6384), {(UNITS[1].code, "share"): Given(63.84)}
    ),
    "persons as percentage": lambda: Case(percent_format(0.5, "C8"), rejects=1),
    "tick and figure": lambda: Case(
        on(both(_set("E7", 5), _set("F7", "✓")), one()), rejects=1, of=ONE
    ),
    "figure in a heading": lambda: Case(on(_set("E6", 5), one()), rejects=1, of=ONE),
    "explained": lambda: Case(
        on(
            both(_set("E7", 5), _set("G7", "1+1 is no sum")),
            one(),
        ),
        {(UNITS[0].code, "settled"): Given(5.0, note="1+1 is no sum")},
        of=ONE,
    ),
    "explained by a number": lambda: Case(
        on(_set("G7", 12), one()), {(UNITS[0].code, "settled"): Given(note="12")}, of=ONE
    ),
    "explained by a formula": lambda: Case(
        on(_set("G7", "=cmd|' /C calc'!A0"), one()), rejects=1, of=ONE, mended=1
    ),
    "lines sorted": lambda: Case(
        on(both(_set("E7", 5), lambda s: s.move_range("A7:G8", rows=30)), one()),
        {(UNITS[0].code, "settled"): Given(5.0)},
        of=ONE,
    ),
    "titles sorted without keys": lambda: Case(
        on(
            both(_set("E7", 5), _set("B7", "2"), _set("C7", "Share with a permit")),
            one(),
        ),
        {},
        1,
        of=ONE,
    ),
    # Files that are not taken at all.
    "no keys": lambda: Case(edited(many(), _keys_sheet_out), whole="hidden keys"),
    "a workbook of one's own": lambda: Case(
        files.table(["code", "value"], ["1", 2]), whole="no report sheet"
    ),
    "another cycle": lambda: Case(
        write(template(cycle="2024q4", period="2024 Q4")), whole="2024 Q4"
    ),
    "another cycle, as CSV": lambda: Case(
        write_csv(template(cycle="2024q4", period="2024 Q4")), whole="2024 Q4"
    ),
    "an older version": lambda: Case(write(template(digest="d0")), whole="has changed"),
    "keys tampered with": lambda: Case(edited(many(), _key(4, "d9")), whole="has changed"),
    "another unit": lambda: Case(write(template(UNITS[2:3])), whole="North (340100)", of=ONE),
    "other units": lambda: Case(write(template(UNITS[1:])), whole="West (010102)", of=ONE),
    "another unit, as CSV": lambda: Case(
        write_csv(template(UNITS[2:3])), whole="North (340100)", of=ONE
    ),
    "zero bytes": lambda: Case(b"", whole="empty"),
    "a PDF": lambda: Case(b"%PDF-1.7 ...", whole="PDF"),
    "a picture": lambda: Case(b"\x89PNG\r\n\x1a\n....", whole="picture"),
    "a web page named .xls": lambda: Case(b"<html><table></table></html>", whole="web page"),
    "random bytes": lambda: Case(b"\x01\x02\x00\x04", whole="neither"),
    "a bomb": lambda: Case(
        files.with_member(many(), "xl/pad.xml", bytes(20_000_000)), whole="unreasonable"
    ),
    "a bomb of references": lambda: Case(files.heavy_workbook(), whole="more than"),
    "an entity": lambda: Case(
        files.in_sheet(many(), b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'),
        whole="declaration",
    ),
    "macros": lambda: Case(files.with_member(many(), "xl/vbaProject.bin", b"x"), whole="macros"),
    "a password": lambda: Case(files.compound_file("EncryptedPackage", b""), whole="password"),
    "a stray far beyond": lambda: Case(on(_set("XFD1048576", 1)), whole="more than"),
    "a binary workbook": lambda: Case(
        files.with_member(many(), "xl/workbook.bin", b"x"), whole="xlsb"
    ),
}


def cut_off(share: int) -> Case:
    return Case(many()[: len(many()) * share // 100], whole="damaged")


STRUCTURE |= {
    f"cut off at {share} %": partial(cut_off, share) for share in (1, 10, 30, 50, 70, 90, 97, 99)
}


# CSV, and the formats of other programs.


def csv_with(old: str, new: str, encoding: str = "utf-8-sig", of: Template = MANY) -> bytes:
    text = write_csv(of).decode("utf-8-sig")
    assert old in text
    return text.replace(old, new, 1).encode(encoding)


_EMPTY = mark_of(Given())
_EAST = "010101,East,settled,1,People settled,persons,"
_SET = {(UNITS[0].code, "settled"): Given(5.0)}
CSV: dict[str, Callable[[], Case]] = {
    "as written": lambda: Case(write_csv(MANY)),
    "one unit": lambda: Case(write_csv(ONE), of=ONE),
    "without mark": lambda: Case(csv_with(_EAST, _EAST + "5", "utf-8"), _SET),
    "GB18030": lambda: Case(
        csv_with(_EAST, _EAST + "5,,增长较快".rstrip(","), "gb18030").replace(
            "增长较快,,".encode("gb18030"), "增长较快".encode("gb18030")
        ),
        {(UNITS[0].code, "settled"): Given(5.0, note="增长较快")},
    ),
    "UTF-16": lambda: Case(csv_with(_EAST, _EAST + "5", "utf-16"), _SET),
    "semicolons": lambda: Case(
        write_csv(MANY).replace(b",", b";").replace(b"persons;;", b"persons;5;", 1), _SET
    ),
    "codes without zeros": lambda: Case(csv_with(_EAST, _EAST[1:] + "5"), _SET),
    "codes in scientific notation": lambda: Case(
        csv_with(_EAST, "1.0E+04" + _EAST[6:] + "5"), {}, 1
    ),
    "thousands": lambda: Case(
        csv_with(_EAST, _EAST + '"5,000"'), {(UNITS[0].code, "settled"): Given(5000.0)}
    ),
    "quoted line end in a note": lambda: Case(
        csv_with(_EAST + ",,", _EAST + '5,,"a\nb"'),
        {(UNITS[0].code, "settled"): Given(5.0, note="a\nb")},
    ),
    "a formula neutralised in a note": lambda: Case(
        csv_with(_EAST + ",,", _EAST + "5,,'=1+1"),
        {(UNITS[0].code, "settled"): Given(5.0, note="=1+1")},
    ),
    "a formula in a figure": lambda: Case(csv_with(_EAST, _EAST + "=1+1"), {}, 1),
    "not applicable": lambda: Case(
        csv_with(_EAST + ",", _EAST + ",✓"), {(UNITS[0].code, "settled"): ABSENT}
    ),
    "a row of nobody": lambda: Case(write_csv(MANY) + b"999999,Far,settled,1,,,5,,,,,\r\n", {}, 1),
    "a line of nobody": lambda: Case(write_csv(MANY) + b"010101,East,other,1,,,5,,,,,\r\n", {}, 1),
    "a row twice": lambda: Case(
        csv_with(_EAST, _EAST + "5") + (_EAST + "5,,,,,\r\n").encode(), {}, 2
    ),
    "a short row": lambda: Case(write_csv(MANY) + b"total\r\n", {}, 1),
    "a column too many": lambda: Case(
        csv_with(f"{_EAST},,,{_EMPTY},,,", f"{_EAST}5,,,{_EMPTY},,,,x"), _SET, 1
    ),
    "empty lines": lambda: Case(csv_with(_EAST, "\r\n,,,,\r\n" + _EAST + "5"), _SET),
    "a quote never closed": lambda: Case(csv_with(_EAST, _EAST + '"5'), whole="quotation mark"),
    "the key row gone": lambda: Case(csv_with("tl:list", "code"), whole="no report sheet"),
    "damaged text": lambda: Case(
        csv_with(_EAST, _EAST + "5,,增长较快增长较快增长较快", "utf-8").replace(b"\xe5", b"", 1),
        whole="neither UTF-8",
    ),
}


def old_format(content: bytes) -> bytes:
    """The sheets of a workbook in the old binary format: only text and numbers."""
    book = openpyxl.load_workbook(io.BytesIO(content))

    def record(number: int, data: bytes) -> bytes:
        return struct.pack("<HH", number, len(data)) + data

    def bof(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))

    end = record(0x000A, b"")
    sheets: list[bytes] = []
    for sheet in book.worksheets:
        cells = b""
        for y, row in enumerate(sheet.iter_rows(values_only=True)):
            for x, value in enumerate(row):
                where = struct.pack("<HHH", y, x, 0)
                if isinstance(value, str):
                    text = value[:255].encode("utf-16-le")
                    cells += record(0x0204, where + struct.pack("<HB", len(text) // 2, 1) + text)
                elif value is not None:
                    cells += record(0x0203, where + struct.pack("<d", value))
        sheets.append(bof(0x0010) + cells + end)
    names = [sheet.title.encode() for sheet in book.worksheets]
    at = len(bof(5)) + sum(4 + 8 + len(name) for name in names) + len(end)
    bounds = b""
    for name, sheet_content in zip(names, sheets, strict=True):
        bounds += record(0x0085, struct.pack("<IHBB", at, 0, len(name), 0) + name)
        at += len(sheet_content)
    return files.compound_file("Workbook", bof(0x0005) + bounds + end + b"".join(sheets))


def open_format(content: bytes) -> bytes:
    """The sheets of a workbook as .ods: only text and numbers."""
    tables = ""
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        rows = ""
        for row in sheet.iter_rows(values_only=True):
            cells = "".join(map(_open_cell, row))
            rows += f"<table:table-row>{cells}</table:table-row>"
        tables += f'<table:table table:name="{sheet.title}">{rows}</table:table>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(files.ods(""))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "content.xml":
                start, end = part.index(b"<table:table "), part.index(b"</office:spreadsheet>")
                part = part[:start] + tables.encode() + part[end:]
            new.writestr(name, part)
    return out.getvalue()


def _open_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        plain = value.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "</text:p><text:p>")
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{plain}</text:p></table:table-cell>"
        )
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


OTHERS: dict[str, Callable[[], Case]] = {
    "old format": lambda: Case(old_format(after()), FILLED, counted=False),
    "old format, one unit": lambda: Case(old_format(one()), of=ONE, counted=False),
    "old format, faulty": lambda: Case(old_format(on(_set("C8", "abc"))), rejects=1, counted=False),
    "old format of one's own": lambda: Case(files.xls(), whole="no report sheet"),
    "open format": lambda: Case(open_format(after()), FILLED, counted=False),
    "open format, one unit": lambda: Case(open_format(one()), of=ONE, counted=False),
    "open format, faulty": lambda: Case(
        open_format(on(_set("C8", "abc"))), rejects=1, counted=False
    ),
}


def cases() -> dict[str, Callable[[], Case]]:
    """Every case by its name."""
    found: dict[str, Callable[[], Case]] = {}
    for table, values in (("people", WHOLE), ("share", SHARES), ("money", MONEY)):
        for name, (content, expected) in values.items():
            found[f"{table}: {name}"] = partial(typed, table, content, expected)
    for name, (content, expected) in TICKS.items():
        found[f"tick: {name}"] = partial(ticked, content, expected)
    for title, some in (("sheet", STRUCTURE), ("csv", CSV), ("format", OTHERS)):
        found |= {f"{title}: {name}": case for name, case in some.items()}
    return found
