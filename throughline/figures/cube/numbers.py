"""The numbers of one measure at every unit, finished from its lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from throughline.figures.cube.measures import (
    ACCEPTED,
    EVERY,
    Column,
    Lane,
    Measure,
    Op,
    begun,
    outside,
)
from throughline.figures.cube.shape import Flags, Floats, Shape


class Source(Protocol):
    """Where columns and lanes come from: the cube, or figures that were just read."""

    @property
    def shape(self) -> Shape:
        """The tree."""

    def column(self, column: Column) -> Floats:
        """A column by unit, NaN for a missing figure."""

    def lane(self, lane: Lane) -> Floats:
        """A lane at every unit."""


@dataclass(frozen=True)
class Joined:
    """The numbers of a group of units."""

    total: float | None
    reported: int
    expected: int
    provisional: bool
    simulated: bool


@dataclass(eq=False)
class Numbers:
    """Arrays by unit, each made when it is first asked for; NaN is "no value"."""

    measure: Measure
    source: Source

    @property
    def shape(self) -> Shape:
        """The tree."""
        return self.source.shape

    def _lanes(self, holds: int) -> dict[str, Floats]:
        return {name: self.source.lane(lane) for name, lane in self.measure.lanes(holds).items()}

    @cached_property
    def _every(self) -> dict[str, Floats]:
        return self._lanes(EVERY)

    @cached_property
    def _marks(self) -> dict[str, Floats]:
        return {name: self.source.lane(lane) for name, lane in self.measure.marks().items()}

    @cached_property
    def total(self) -> Floats:
        """From accepted and provisional figures."""
        return self.measure.finished(self._every)

    @cached_property
    def accepted(self) -> Floats:
        """From accepted figures alone."""
        return self.measure.finished(self._lanes(ACCEPTED))

    @cached_property
    def own(self) -> Floats:
        """What each unit that owes a figure gave itself (of a ratio, its numerator)."""
        return self.source.column(self.measure.column(self.measure.parts[0]))

    @cached_property
    def owing(self) -> Flags:
        """Which units owe a figure; of an indicator whose units report themselves, those that
        gave one."""
        if self.measure.reports_itself:
            return ~np.isnan(self.own)
        return self.shape.owing(self.measure.tier)

    @cached_property
    def reported(self) -> Floats:
        """How many units at or below gave a figure (both, of a ratio)."""
        return self._marks.get("both", self._every["count"])

    @cached_property
    def expected(self) -> Floats:
        """How many units at or below owe a figure."""
        if self.measure.reports_itself:
            return self._every["count"]
        return self.shape.expected(self.measure.tier)

    @cached_property
    def weight(self) -> Floats:
        """The share of the weight at or below that the units with figures hold."""
        if not self.measure.weight:
            return np.full(len(self.shape), np.nan)
        whole = self._marks["whole"]
        with np.errstate(all="ignore"):
            return np.where(whole != 0, self._marks["weight"] / whole, np.nan)

    @cached_property
    def provisional(self) -> Flags:
        """Whether a provisional figure lies at or below."""
        return self._any(lambda n: self._marks[f"every_{n}"] > self._marks[f"accepted_{n}"])

    @cached_property
    def simulated(self) -> Flags:
        """Whether a simulated figure lies at or below."""
        return self._any(lambda n: self._marks[f"simulated_{n}"] > 0)

    def joined(self, inside: Sequence[int]) -> Joined:
        """The numbers of a group of units: lanes are joined, then finished. An indicator whose
        units report themselves joins their own figures, any other their totals."""
        found = {name: self._join(lane, inside) for name, lane in self.measure.lanes().items()}
        total = float(self.measure.finished({k: np.asarray([v]) for k, v in found.items()})[0])
        here = np.asarray(inside, np.int64)
        return Joined(
            total=None if np.isnan(total) else total,
            reported=int(self.reported[here].sum()),
            expected=int(self.expected[here].sum()),
            provisional=bool(self.provisional[here].any()),
            simulated=bool(self.simulated[here].any()),
        )

    def _join(self, lane: Lane, inside: Sequence[int]) -> float:
        if lane.op.is_added:
            itself = self.measure.reports_itself
            values = begun(lane, self.source.column) if itself else self.source.lane(lane)
            total = 0.0
            for here in inside:
                total += float(values[here])
            return total
        within = self.shape.within(inside, below=not self.measure.reports_itself)
        values = self.source.column(lane.a)[within]
        orders = self.source.column(lane.w)[within] if lane.w else values
        given = ~np.isnan(values)
        if not given.any():
            return float("nan")
        return float(values[given][np.argmax(_ranks(lane, values[given], orders[given]))])

    def _any(self, holds: Callable[[int], Flags]) -> Flags:
        found = np.zeros(len(self.shape), np.bool_)
        for number in range(len(self.measure.read)):
            found |= holds(number)
        return found


def _ranks(lane: Lane, values: Floats, orders: Floats) -> Floats:
    """By what one figure goes before another; of equal ones the first stands."""
    if lane.op is Op.BAND:
        return np.asarray([outside(float(each), lane.low, lane.high) for each in values])
    return -values if lane.op is Op.MIN else orders
