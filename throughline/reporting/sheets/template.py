"""What a sheet asks and what a file answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

Slot = tuple[str, str]
"""The place of one answer: a unit's code and a line's series."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One that reports, by its code. `locked` says why nothing of it can be edited, and `lacks`
    names the series that are asked of others in the same file, and not of it."""

    code: str
    name: str
    locked: str = ""
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A figure that is asked for. `measure` is its unit of measure; `locked` says why it
    cannot be edited, and is empty where it can."""

    series: str
    number: str
    title: str
    measure: str
    decimals: int = 0
    low: float | None = None
    high: float | None = None
    section: str = ""
    locked: str = ""

    @property
    def label(self) -> str:
        """What it is called on paper: number and title."""
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in a cell: a figure, or that it does not apply, and an explanation."""

    value: float | None = None
    absent: bool = False
    note: str = ""


NOTHING = Given()


@dataclass(frozen=True)
class Template:
    """A sheet to be filled in. `digest` names the version of what is asked, `closes` says
    until when; `before` are earlier values, which only the sheet of a single unit shows."""

    cycle: str
    title: str
    period: str
    digest: str
    lines: Sequence[SheetLine]
    units: Sequence[Unit]
    given: Mapping[Slot, Given] = field(default_factory=dict)
    before: Mapping[Slot, Sequence[float | None]] = field(default_factory=dict)
    before_names: Sequence[str] = ()
    closes: str = ""

    def locked(self, unit: Unit, line: SheetLine) -> str:
        """Why a cell cannot be edited; empty where it can."""
        if line.locked or unit.locked:
            return line.locked or unit.locked
        return _("this figure is not asked of this unit") if line.series in unit.lacks else ""

    @cached_property
    def _names(self) -> tuple[dict[str, str], dict[str, str]]:
        return (
            {unit.code: unit.name for unit in self.units},
            {line.series: line.label for line in self.lines},
        )

    def named(self, slot: Slot) -> str:
        """Which figure a slot is, and where the sheet is of several units, whose."""
        units, lines = self._names
        label = lines[slot[1]]
        if len(units) == 1:
            return label
        return _("%(unit)s: %(figure)s") % {"unit": units[slot[0]], "figure": label}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer stands in a file, its cell by name and counted from 0."""

    sheet: str
    cell: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing of a file that was not taken. `cell` is its name (B12, or in CSV its row and
    column), `row` and `column` the same counted from 0; `text` is what was typed; `message` says
    where and what is wrong, `fault` only what. `about` names the figure that belongs there, where
    one does."""

    sheet: str
    cell: str
    row: int
    column: int
    text: str
    fault: str
    message: str
    remedy: str
    about: str = ""


@dataclass
class ReadSheet:
    """What a file said. `cells` holds every place that it has an answer or a gap for; what it
    does not hold at all keeps what it had. Nothing is passed over in silence:
    `found == accepted + len(rejects) + empty`, counted apart.

    `rows` are the rows of figures, `notes` what was noticed on the way; `at` says where an answer
    stands, and `was` what stood there when the file went out, as far as the file tells.
    """

    cells: dict[Slot, Given] = field(default_factory=dict)
    at: dict[Slot, Spot] = field(default_factory=dict, repr=False)
    was: dict[Slot, str] = field(default_factory=dict, repr=False)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0
    found: int = 0
    accepted: int = 0
    empty: int = 0
    notes: list[str] = field(default_factory=list)

    def changes(self, template: Template) -> dict[Slot, Given]:
        """The cells that say something else than what stands in the template, and than what
        stood there when the file went out: what nobody has touched undoes nothing that was
        typed elsewhere since."""
        return {
            slot: given
            for slot, given in self.cells.items()
            if given != as_it_comes_back(template.given.get(slot, NOTHING))
            and self.was.get(slot) != mark_of(given)
        }

    def overtaken(self, template: Template) -> dict[Slot, Given]:
        """Those of the changes whose cell somebody has changed otherwise since the file went
        out."""
        return {
            slot: given
            for slot, given in self.changes(template).items()
            if slot in self.was
            and self.was[slot] != mark_of(as_it_comes_back(template.given.get(slot, NOTHING)))
        }


def mark_of(given: Given) -> str:
    """What a cell said, so short that a file can carry it for each of its cells.

    >>> mark_of(Given(5.0)), mark_of(Given(5)), mark_of(Given(5.0, note="so"))
    ('w4e00f023', 'w4e00f023', 'w1f625d99')
    """
    kept = as_it_comes_back(given)
    text = repr((kept.value, kept.absent, kept.note))
    # With a letter before it no spreadsheet takes it for a number.
    return f"w{hashlib.sha256(text.encode()).hexdigest()[: MARK - 1]}"


MARK = 9
"""Letters of a mark."""


def as_it_comes_back(given: Given) -> Given:
    """What a sheet that was written and not touched says: text comes back without the white
    space around it, and what does not apply has no figure."""
    value = None if given.absent or given.value is None else float(given.value)
    return Given(value, given.absent, plain_text(given.note))


def plain_text(text: str) -> str:
    r"""Text as it is kept: line ends are \n, no white space around it.

    >>> plain_text(" moved\r\nfrom farming ")
    'moved\nfrom farming'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
