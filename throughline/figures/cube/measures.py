"""What is rolled up for an indicator: columns of figures, and lanes that are carried upward.

A *column* holds what the units gave: the figures of one part of an indicator at the units
that owe one. A *lane* is what travels up the tree: a sum, a count, a sum of weights, the
worst figure. Every value of an indicator at every unit is made of its lanes, in one place
(`finished`), whether the compiled kernels rolled them up or the plain ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from throughline.figures.cube.shape import Flags, Floats

EVERY, ACCEPTED, SIMULATED, ORDER = range(4)
"""What a column holds of a part: every figure, accepted ones alone, 1 where a figure is
simulated, the number of the observation (by which the last one is told)."""


class Column(NamedTuple):
    """Figures of a part at the units that owe one: those of a tier, or, where `itself` is a
    part, those that gave a figure of it (an indicator whose units report themselves)."""

    part: int
    tier: str
    itself: int
    holds: int


class Op(IntEnum):
    """How a lane begins at a unit and is joined above."""

    SUM = 0
    COUNT = 1
    BOTH = 2
    WEIGHT = 3
    WEIGHT_BOTH = 4
    PRODUCT = 5
    MAX = 6
    MIN = 7
    BAND = 8
    LAST = 9

    @property
    def is_added(self) -> bool:
        """Whether units above add it up; else they take the one that goes before."""
        return self < Op.MAX


class Lane(NamedTuple):
    """One lane: its columns (`b` the second part, `w` the weight or the order) and, for the
    worst within a band, the band."""

    op: Op
    a: Column
    b: Column | None = None
    w: Column | None = None
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Measure:
    """An indicator as the roll-up needs it.

    `parts` are the indicators that are read: numerator and denominator of a ratio, else the
    indicator alone. `weight` is what a mean, or completeness, is weighed by (0: nothing).
    """

    key: int
    kind: str
    parts: tuple[int, ...]
    tier: str
    weight: int = 0
    reports_itself: bool = False
    scale: float = 1.0
    direction: str = "up"
    low: float = -np.inf
    high: float = np.inf

    def column(self, part: int, holds: int = EVERY) -> Column:
        """The column of one of its parts."""
        if self.reports_itself:
            return Column(part, "", self.parts[0], holds)
        return Column(part, self.tier, 0, holds)

    @property
    def _worst(self) -> Op:
        if self.kind == "max":
            return Op.MAX
        return {"up": Op.MIN, "down": Op.MAX}.get(self.direction, Op.BAND)

    def lanes(self, holds: int = EVERY) -> dict[str, Lane]:
        """By name, what makes up its value from every figure, or from accepted ones alone."""
        a = self.column(self.parts[0], holds)
        found = {"count": Lane(Op.COUNT, a)}
        if self.kind == "ratio":
            b = self.column(self.parts[1], holds)
            found |= {"sum": Lane(Op.SUM, a), "under": Lane(Op.SUM, b)}
            found |= {"under_count": Lane(Op.COUNT, b)}
        elif self.kind == "weighted_mean":
            if self.weight:  # without one there is no mean
                w = self.column(self.weight, holds)
                found |= {"sum": Lane(Op.PRODUCT, a, w=w), "under": Lane(Op.WEIGHT, a, w=w)}
        elif self.kind in ("max", "worst_of"):
            found["value"] = Lane(self._worst, a, low=self.low, high=self.high)
        elif self.kind == "last":
            found["value"] = Lane(Op.LAST, a, w=self.column(self.parts[0], ORDER))
        else:
            found["sum"] = Lane(Op.SUM, a)
        return found

    def marks(self) -> dict[str, Lane]:
        """How many figures stand behind it, how heavy, and how many of them are simulated."""
        columns = [self.column(part) for part in self.parts]
        a, b = columns[0], columns[1] if len(columns) > 1 else None
        found = {"both": Lane(Op.BOTH, a, b)} if b else {}
        if self.weight:
            w = self.column(self.weight)
            found["weight"] = Lane(Op.WEIGHT_BOTH if b else Op.WEIGHT, a, b, w)
            found["whole"] = Lane(Op.WEIGHT, w, w=w)
        for number, part in enumerate(self.read):
            found[f"every_{number}"] = Lane(Op.COUNT, self.column(part))
            found[f"accepted_{number}"] = Lane(Op.COUNT, self.column(part, ACCEPTED))
            found[f"simulated_{number}"] = Lane(Op.COUNT, self.column(part, SIMULATED))
        return found

    @cached_property
    def read(self) -> tuple[int, ...]:
        """The parts whose figures enter its value: of a mean, its weights too."""
        if self.kind == "weighted_mean" and self.weight:
            return (*self.parts, self.weight)
        return self.parts

    @cached_property
    def all_lanes(self) -> tuple[Lane, ...]:
        """Every lane that it needs."""
        named = (self.lanes(), self.lanes(ACCEPTED), self.marks())
        return tuple(dict.fromkeys(lane for each in named for lane in each.values()))

    def finished(self, lanes: Mapping[str, Floats]) -> Floats:
        """Its values from its lanes, NaN where there is none: nothing given, or a division
        by zero."""
        if "value" in lanes:
            return lanes["value"]
        given = lanes["count"] > 0
        if "sum" not in lanes:
            return np.full(len(given), np.nan)
        if "under" not in lanes:
            return np.where(given, lanes["sum"], np.nan)
        under = lanes["under"]
        if "under_count" in lanes:
            given = given & (lanes["under_count"] > 0)
        given = given & (under != 0)
        with np.errstate(all="ignore"):
            found = lanes["sum"] / under
            if self.kind == "ratio":
                found = found * self.scale
        return np.where(given, found, np.nan)


def outside(value: float, low: float, high: float) -> float:
    """How far outside a band a value lies; below 0 inside it."""
    return max(low - value, value - high)


def begun(lane: Lane, read: Callable[[Column], Floats]) -> Floats:
    """What each unit itself brings into a lane: 0 (or NaN, where lanes are not added) for
    nothing. `read` gives a column's figures by unit, NaN for a missing one."""
    a = read(lane.a)
    given: Flags = ~np.isnan(a)
    if lane.b is not None:
        given = given & ~np.isnan(read(lane.b))
    if not lane.op.is_added:
        return a.copy()
    if lane.op is Op.SUM:
        return np.where(given, a, 0.0) + 0.0  # so that a negative zero is an ordinary one
    if lane.op in (Op.COUNT, Op.BOTH) or lane.w is None:
        return given.astype(np.float64)
    weight = read(lane.w)
    with np.errstate(invalid="ignore"):
        given = given & (weight > 0)
    if lane.op is Op.PRODUCT:
        return np.where(given, weight * a, 0.0) + 0.0
    return np.where(given, weight, 0.0)
