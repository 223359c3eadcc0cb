"""Templates to fill in, and what a reader of another make finds in a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl

from throughline.reporting.sheets import Given, SheetLine, Template, Unit

PEOPLE = SheetLine("settled", "1", "People settled", "persons", 0, 0, section="People")
SHARE = SheetLine("share", "2", "Share with a permit", "%", 2, 0, 100, section="People")
ROADS = SheetLine("roads", "3", "Roads renewed", "km", 1, section="Works")
FUNDS = SheetLine("funds", "4", "Funds paid", "万元", 2, 0, section="Works")
CENSUS = SheetLine(
    "census", "5", "Residents", "persons", 0, section="Works", locked="published by the bureau"
)
LINES = (PEOPLE, SHARE, ROADS, FUNDS, CENSUS)
UNITS = (
    Unit("010101", "East"),
    Unit("010102", "West"),
    Unit("340100", "North"),
    Unit("340200", "South"),
)


def template(units=UNITS, **changes) -> Template:
    known: dict[str, Any] = {
        "cycle": "2025q1",
        "title": "Quarterly figures",
        "period": "2025 Q1",
        "digest": "d1",
        "lines": LINES,
        "units": units,
        "given": {(unit.code, "census"): Given(1000.0 + n) for n, unit in enumerate(units)},
        "closes": "10 April 2025, 18:00",
    }
    return Template(**(known | changes))


ONE = template(UNITS[:1])
MANY = template()


def edited(content: bytes, edit: Callable[[openpyxl.Workbook], object]) -> bytes:
    """The workbook as another program saves it, changed by `edit`."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def census(content: bytes, asked: Template) -> tuple[int, int]:
    """How many answers are filled in and how many cells for one are empty, counted from the
    cells that openpyxl finds: a row of nobody counts once, a stray cell beside others too."""
    filled: set[tuple[object, ...]] = set()
    empty: set[tuple[object, ...]] = set()
    strays = 0
    codes, series = {unit.code for unit in asked.units}, {line.series for line in asked.lines}
    bare = {code.lstrip("0") for code in codes}
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        rows = [[_seen(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        at = next((n for n, row in enumerate(rows) if {"tl:lines", "tl:places"} & set(row)), None)
        if at is None:
            continue
        key_row = rows[at]
        side = next(n for n, key in enumerate(key_row) if key in ("tl:lines", "tl:places"))
        for number, row in enumerate(rows):
            key = row[side]
            is_known = key in series if key_row[side] == "tl:lines" else key in codes | bare
            if number == at or not any(row) or (number < at and not is_known):
                continue
            if not is_known and key != "tl:section":
                strays += 1
                continue
            here = []
            for column, value in enumerate(row):
                of = key_row[column]
                is_figure = of.startswith("tl:figure:")
                is_answer = of in ("tl:value", "tl:absent", "tl:note") or is_figure
                is_asked = of.removeprefix("tl:figure:") in series or not is_figure
                if not of.startswith("tl:") or not is_asked or (is_answer and key == "tl:section"):
                    strays += bool(value)
                elif is_figure:
                    (filled if value else empty).add((sheet.title, number, column))
                elif is_answer:
                    here.append(bool(value))
            if here:
                (filled if any(here) else empty).add((sheet.title, number))
    return len(filled) + strays, len(empty)


def _seen(value: object) -> str:
    return "" if value is None else str(value).strip()
