"""The lines of a sheet as they are shown: each with what stands in it, what stood before, and what
is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from throughline.figures.marking import Mark
from throughline.kernel.period import PER_YEAR
from throughline.reporting.asking import AskedLine, Known
from throughline.reporting.drafting import Given
from throughline.reporting.models import CellRemark, Report
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.rules.validating import EMPTY, Finding, Level
from throughline.reporting.validation import sentence_of
from throughline.ui import writing
from throughline.ui.shapes import Sparkline, anchor


@dataclass(frozen=True)
class Said:
    """A finding as it is shown: its sentence, and the other cells that it speaks of."""

    hard: bool
    sentence: str
    others: list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A line of a sheet."""

    asked: AskedLine
    label: str
    text: str
    given: Given
    before: float | None
    last_year: float | None
    change: str
    history: list[tuple[str, float | None]]
    spark: Sparkline
    found: list[Said]
    remarks: list[CellRemark]
    problem: str = ""
    said: Sequence[Mark] = ()

    @property
    def key(self) -> str:
        """The series' key, by which the cell goes everywhere."""
        return self.asked.key

    @property
    def anchor(self) -> str:
        """The id of the cell's input."""
        return anchor(self.key)

    @property
    def past(self) -> list[tuple[str, float]]:
        """The periods before for which there is a figure."""
        return [(code, value) for code, value in self.history if value is not None]

    @property
    def state(self) -> str:
        """How the cell is marked: wrong, to explain, not applicable, or not at all."""
        if self.problem or any(each.hard for each in self.found):
            return "wrong"
        if self.given["absent"]:
            return "na"
        return "odd" if self.found and not self.given["note"] else ""

    @property
    def explains(self) -> bool:
        """Whether an explanation stands or is wanted here."""
        return bool(self.given["note"]) or any(not each.hard for each in self.found)


@dataclass(frozen=True)
class Counts:
    """How far a sheet has come."""

    lines: int
    filled: int
    absent: int
    missing: int
    wrong: int
    odd: int

    @property
    def stops(self) -> bool:
        """Whether something keeps it from being prepared."""
        return bool(self.missing or self.wrong or self.odd)


def rows_of(
    report: Report,
    known: Known,
    values: Mapping[str, Given],
    found: Sequence[Finding],
    typed: Mapping[str, Mapping[str, Any]],
    problems: Mapping[str, str],
    *,
    seen: bool,
) -> list[Row]:
    """The lines of a sheet. What was typed and not taken (`typed`) stays in its cells, with what
    is wrong with it (`problems`)."""
    remarks = _remarks(report)
    asked, period = known.asked, known.period
    codes = [each.code for each in known.before]
    label = {each.key: label_of(each) for each in asked.lines}
    rows = []
    for line in asked.lines:
        key, before = line.key, known.history(line)
        given: Given = {"value": None, "absent": False, "note": ""} | values.get(key, {})
        text = written(given["value"], line.series.indicator.decimals)
        if key in typed and key in problems:
            text = str(typed[key].get("text", ""))
            given = given | {"note": typed[key].get("note", "")}
        own = [each for each in found if each.series == key and each.rule != EMPTY]
        rows.append(
            Row(
                asked=line,
                label=label[key],
                text=text,
                given=given,
                before=before[-1],
                last_year=before[-PER_YEAR[period.span]],
                change=change(given["value"], before[-1], line),
                history=list(zip(codes, before, strict=True)),
                spark=Sparkline(list(before), status="no_data"),
                found=[
                    Said(
                        each.level is Level.HARD,
                        sentence_of(asked, each),
                        [(other, label[other]) for other in each.others if other in label],
                    )
                    for each in own
                ],
                remarks=[each for each in remarks if each.series_id == line.series.pk and seen],
                problem=problems.get(key, ""),
            )
        )
    return rows


def _remarks(report: Report) -> list[CellRemark]:
    """Why cells came back the last time, while the report has not been signed again."""
    if ReportStep(report.step) in {ReportStep.SIGNED, ReportStep.ACCEPTED} or not report.round:
        return []
    at_cells = report.remarks.filter(round=report.round, series__isnull=False)
    return list(at_cells.select_related("place"))


def label_of(line: AskedLine) -> str:
    """A line in short, as others speak of it: its number, or its title."""
    return line.line.number or line.series.indicator.title


def written(value: float | None, decimals: int) -> str:
    """A figure as it stands in its cell: with the decimals that are asked for, or more where
    it has more.

    >>> written(1234.5, 0), written(7.0, 2), written(None, 0)
    ('1,234.5', '7.00', '')
    """
    if value is None:
        return ""
    own = writing.number(value)
    has = len(own.partition(".")[2])
    return own if has >= decimals else writing.number(value, decimals)


def change(value: float | None, before: float | None, line: AskedLine) -> str:
    """By how much a figure differs from the one before: in per cent of it, and where figures
    are per cents themselves by their difference; from ten times on, how many times it is."""
    if value is None or before is None:
        return ""
    language = get_language() or "en"
    if line.series.indicator.symbol == "%":
        return writing.number(value - before, line.series.indicator.decimals, signed=True)
    if not before:
        return ""
    by = (value - before) / abs(before) * 100
    if value >= 10 * before > 0:
        return f"×{writing.number(value / before, 0)}"
    return writing.with_unit(
        writing.number(by, 0 if abs(by) >= 10 else 1, signed=True), "%", language
    )


def count(rows: Sequence[Row]) -> Counts:
    """How far the lines have come."""
    given = [row for row in rows if row.given["value"] is not None]
    absent = [row for row in rows if row.given["absent"]]
    return Counts(
        lines=len(rows),
        filled=len(given),
        absent=len(absent),
        missing=sum(
            row.asked.required and row.given["value"] is None and not row.given["absent"]
            for row in rows
        ),
        wrong=sum(row.state == "wrong" for row in rows),
        odd=sum(row.state == "odd" for row in rows),
    )
