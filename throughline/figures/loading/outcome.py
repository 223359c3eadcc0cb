"""What a file says under a mapping, as the interpreter leaves it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import get_language

from throughline.figures.loading.directory import Gazetteer
from throughline.figures.loading.faults import MOST_LISTED
from throughline.figures.loading.source import Line
from throughline.figures.models import Series
from throughline.kernel.errors import Problem
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.plans.packs.mapping import Rule, Words

MOST_REMARKS = 500
"""How many things noticed a report lists; all are counted."""


@dataclass(frozen=True)
class ZoneWanted:
    """A unit without a code, to be registered under a place before its figures are stored.
    `on` is a day on which it is there."""

    name: str
    parent: Place
    row: int
    reason: str
    on: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure of the file: for a place, or for a zone that is yet to be registered."""

    row: int
    column: str
    place: Place | ZoneWanted
    series: Series
    period: Period
    value: float
    status: str
    note: str = ""


@dataclass(frozen=True)
class Decision:
    """What was done with a row that is not simply a unit's, and why."""

    row: int
    name: str
    treat: str
    code: str
    why: str


@dataclass
class Missed:
    """Empty cells of one meaning in a column: how many, and the rows of the first."""

    count: int = 0
    rows: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """All that a file says under a mapping. `refused` counts every fault, `problems` holds
    the first; `counts` says how many there are of a kind in a column."""

    candidates: list[Candidate] = field(default_factory=list)
    zones: list[ZoneWanted] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: dict[str, dict[str, Missed]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    remarked: int = 0
    subtotals: list[tuple[Line, Rule]] = field(default_factory=list)
    units: dict[int, Place | ZoneWanted] = field(default_factory=dict)
    values: dict[tuple[int, str], float] = field(default_factory=dict)
    rows: int = 0
    empty: int = 0
    gazetteers: dict[int, Gazetteer] = field(default_factory=dict)

    def refuse(self, problem: Problem) -> None:
        """Put a fault on record."""
        self.count(problem.field, problem.code)
        if len(self.problems) < MOST_LISTED:
            self.problems.append(problem)

    def count(self, column: str, kind: str) -> None:
        """Count a fault without listing it."""
        self.refused += 1
        self.counts[column, kind] += 1

    def remark(self, text: str) -> None:
        """Put something noticed on record."""
        self.remarked += 1
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(text)


def in_reader_language(words: Words) -> str:
    """A text of a pack for whoever reads the report."""
    chinese = (get_language() or "en").startswith("zh")
    return (words.zh or words.en) if chinese else (words.en or words.zh)
