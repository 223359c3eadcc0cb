"""Sheets of 500 places by 40 lines: written, read, and given back with remarks.

Ours against the limits that we set ourselves (1 s to write, 0.5 s to read), and against openpyxl
doing the same: it writes the same cells with formats, protection and the programs' own checks,
and reads them with their formats, in the same process, without looking for bombs and without
judging any: that we are not to take much longer is all that is asked there.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from random import Random
from statistics import median

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Border, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from bench.row import Row, paired
from throughline.reporting.sheets import (
    Given,
    SheetLine,
    Template,
    Unit,
    read,
    with_comments,
    write,
    write_csv,
)

PLACES, LINES, FAULTS = 500, 40, 200
WRITE_LIMIT, READ_LIMIT = 1000.0, 500.0
SEED = 14


def _template() -> Template:
    draw = Random(SEED)
    lines = [
        SheetLine(
            f"line-{n}", str(n + 1), f"What is asked in line {n + 1}", "%" if n % 5 == 0 else "km",
            n % 3, 0, 100 if n % 5 == 0 else None, section=f"Section {n // 10 + 1}",
        )
        for n in range(LINES)
    ]  # fmt: skip
    units = [Unit(f"{340000 + n:06d}", f"County {n}") for n in range(PLACES)]
    given = {
        (unit.code, line.series): Given(
            round(draw.uniform(0, 100), line.decimals),
            note="as agreed with the bureau" if draw.random() < 0.02 else "",
        )
        for unit in units
        for line in lines
    }
    return Template("bench", "Bench", "2025 Q1", "1", lines, units, given)


def _openpyxl_writes(template: Template) -> bytes:
    """The same cells in the quicker of openpyxl's two ways."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Figures")
    sheet.protection.sheet = True
    sheet.freeze_panes = "C7"
    thin = Side("thin")
    edge = Border(thin, thin, thin, thin)
    fill, free = PatternFill("solid", "FFFBE6"), Protection(locked=False)
    for number in range(len(template.lines)):
        letter = get_column_letter(number + 3)
        cell = f"{letter}7"
        guard = DataValidation("custom", formula1=f"AND(ISNUMBER({cell}),{cell}>=0)")
        guard.add(f"{letter}7:{letter}{len(template.units) + 6}")
        sheet.data_validations.append(guard)
    for _row in range(5):
        sheet.append([])
    sheet.append(["", "", *(line.title for line in template.lines)])
    for unit in template.units:
        row: list[object] = [unit.code, unit.name]
        for line in template.lines:
            figure = WriteOnlyCell(sheet, template.given[unit.code, line.series].value)
            figure.border, figure.fill, figure.protection = edge, fill, free
            figure.number_format = "#,##0.00"
            row.append(figure)
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _openpyxl_reads(content: bytes) -> dict[tuple[str, int], object]:
    """With what one must know of a cell to trust it: its format, and whether it is merged."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    merged = {place for each in sheet.merged_cells.ranges for place in each.cells}
    found: dict[tuple[str, int], object] = {}
    for row in sheet.iter_rows(min_row=7):
        for at, cell in enumerate(row[2:]):
            if "%" not in cell.number_format and (cell.row, cell.column) not in merged:
                found[str(row[0].value), at] = cell.value
    return found


def _openpyxl_remarks(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in range(7, 7 + FAULTS):
        cell = book.worksheets[0].cell(row, 3)
        cell.comment = Comment("this is text where a number is expected", "bench")
        cell.fill = PatternFill("solid", "FFC7CE")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _alone(work: Callable[[], object], rounds: int = 5) -> float:
    """Median in milliseconds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)


def run() -> list[Row]:
    """Writing, reading, giving back; what was read is asserted to be what was written."""
    template = _template()
    content, table = write(template), write_csv(template)
    found = read(content, template)
    if found.accepted != PLACES * LINES or found.changes(template) or found.rejects:
        raise AssertionError("an unchanged sheet must change nothing")

    def spoil() -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        for row in range(7, 7 + FAULTS):
            book.worksheets[0].cell(row, 3).value = "some"
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    faulty = spoil()
    rejects = read(faulty, template).rejects
    if len(rejects) != FAULTS:
        raise AssertionError("each fault must be found")
    size = f"{PLACES} × {LINES}"
    write_ms, peer_write = _pair(lambda: write(template), lambda: _openpyxl_writes(template))
    read_ms, peer_read = _pair(lambda: read(content, template), lambda: _openpyxl_reads(content))
    back_ms, peer_back = _pair(
        lambda: with_comments(faulty, rejects), lambda: _openpyxl_remarks(faulty)
    )
    return [
        Row(f"{size} written", "limit", write_ms, WRITE_LIMIT, "ms", 1.0),
        Row(f"{size} read and judged", "limit", read_ms, READ_LIMIT, "ms", 1.0),
        Row(f"{size} CSV read and judged", "limit",
            _alone(lambda: read(table, template)), 2 * READ_LIMIT, "ms", 1.0),
        Row(f"{size} written", "openpyxl", write_ms, peer_write, "ms", 1.5),
        Row(f"{size} read and judged", "openpyxl, unjudged", read_ms, peer_read, "ms", 0.7),
        Row(f"{FAULTS} remarks put in", "openpyxl", back_ms, peer_back, "ms", 1.5),
    ]  # fmt: skip


def _pair(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Medians in milliseconds, in turn."""
    times = paired(ours, theirs, rounds=5)
    return times[0] * 1000, times[1] * 1000
