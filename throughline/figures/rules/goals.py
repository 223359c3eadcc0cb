"""What a target asks: its operator, its number, its tolerance, and which figures meet it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from throughline.kernel.period import Period

ABOUT_SHARE = 0.05
"""How far from an "about" that states no tolerance a figure may lie, as a share of the number."""
NOISE = 1e-9
"""Figures that differ by less than this share of them are equal: what binary cannot hold."""


class Operator(StrEnum):
    """How a target binds; the values are those of `plans.Target`."""

    GE = "ge"
    LE = "le"
    EQ = "eq"
    ABOUT = "about"
    RANGE = "range"
    PLUS = "plus"
    MINUS = "minus"
    DIRECTION = "direction"


class Direction(StrEnum):
    """Which way is better; the values are those of `plans.Indicator`."""

    UP = "up"
    DOWN = "down"
    BAND = "band"


@dataclass(frozen=True)
class Band:
    """What is wanted or taken: from `low` to `high`, both included unless `open`."""

    low: float
    high: float
    open: bool = False

    @property
    def width(self) -> float:
        """How far apart both ends are."""
        return self.high - self.low

    @property
    def middle(self) -> float:
        """Halfway between both ends."""
        return (self.low + self.high) / 2

    def outside(self, value: float) -> float:
        """How far outside a value lies; inside it is minus the distance to the nearer edge.

        >>> Band(6.5, 8.5).outside(9.0), Band(6.5, 8.5).outside(7.0)
        (0.5, -0.5)
        """
        return max(self.low - value, value - self.high)

    def holds(self, value: float) -> bool:
        """Whether a value lies inside; what differs from an edge by rounding alone lies on it.

        >>> Band(-math.inf, 0.3).holds(0.1 + 0.2), Band(43, math.inf, open=True).holds(43.0)
        (True, False)
        """
        below, above = NOISE * _size(self.low, value), NOISE * _size(self.high, value)
        if self.open:
            return self.low + below < value < self.high - above
        return self.low - below <= value <= self.high + above


def _size(edge: float, value: float) -> float:
    return max(abs(edge), abs(value)) if math.isfinite(edge) else 0.0


@dataclass(frozen=True)
class Goal:
    """A target as the arithmetic needs it; values in the indicator's unit.

    `value` is the number (of + and −, the increment on the baseline; with `percent`, as per
    cent of it), `upper` the upper end of a range. `tolerance` is how far from an = or ≈ a
    figure may lie: None means half a unit of the last published place for =, `ABOUT_SHARE` of
    the number for ≈. `decimals` are those at which figures are published, and judged.
    `steps` are the values of a trajectory in steps or given period by period.
    """

    operator: Operator
    value: float | None
    by: Period
    baseline: float | None = None
    baseline_period: Period | None = None
    strict: bool = False
    upper: float | None = None
    percent: bool = False
    tolerance: float | None = None
    decimals: int | None = None
    direction: Direction = Direction.UP
    band: Band | None = None
    trajectory: str = "linear"
    steps: tuple[tuple[Period, float], ...] = ()

    @cached_property
    def number(self) -> float | None:
        """The number that the target comes to; of an increment, the baseline with it.

        >>> plus = Goal(Operator.PLUS, 5, Period(2025), 200, Period(2020), percent=True)
        >>> plus.number, Goal(Operator.MINUS, 3, Period(2025), 18.5, Period(2020)).number
        (210.0, 15.5)
        >>> Goal(Operator.PLUS, 5, Period(2025)).number is None
        True
        """
        if self.operator not in (Operator.PLUS, Operator.MINUS):
            return self.value
        if self.value is None or self.baseline is None:
            return None
        step = abs(self.baseline) * self.value / 100 if self.percent else self.value
        return self.baseline + (step if self.operator is Operator.PLUS else -step)

    @property
    def allowed(self) -> float:
        """How far from the number of an = or ≈ a figure may lie.

        >>> Goal(Operator.EQ, 45, Period(2025), decimals=1).allowed
        0.05
        >>> Goal(Operator.ABOUT, 60, Period(2025)).allowed
        3.0
        """
        if self.tolerance is not None:
            return self.tolerance
        if self.operator is Operator.ABOUT:
            return ABOUT_SHARE * abs(self.value or 0.0)
        if self.operator is Operator.EQ and self.decimals is not None:
            return 0.5 * 10.0**-self.decimals
        return 0.0

    @cached_property
    def wanted(self) -> Band | None:
        """The figures that meet the target; None where no number says so.

        >>> Goal(Operator.LE, 29.5, Period(2025)).wanted
        Band(low=-inf, high=29.5, open=False)
        >>> Goal(Operator.ABOUT, 60, Period(2025), tolerance=2).wanted
        Band(low=58, high=62, open=False)
        >>> Goal(Operator.DIRECTION, None, Period(2025)).wanted is None
        True
        """
        number = self.number
        if number is None or self.operator is Operator.DIRECTION:
            return None
        match self.operator:
            case Operator.GE | Operator.PLUS:
                return Band(number, math.inf, self.strict)
            case Operator.LE | Operator.MINUS:
                return Band(-math.inf, number, self.strict)
            case Operator.RANGE:
                upper = self.upper
                return None if upper is None else Band(number, upper, self.strict)
            case _:
                return Band(number - self.allowed, number + self.allowed)

    def met_by(self, value: float) -> bool:
        """Whether a value reaches the target.

        >>> Goal(Operator.LE, 29.5, Period(2025)).met_by(29.5)
        True
        >>> Goal(Operator.GE, 43, Period(2025), strict=True).met_by(43)
        False
        >>> [Goal(Operator.RANGE, 3, Period(2025), upper=5).met_by(v) for v in (2.9, 3, 5, 5.1)]
        [False, True, True, False]
        """
        wanted = self.wanted
        return wanted is not None and wanted.holds(value)

    @cached_property
    def aim(self) -> float | None:
        """Where the way from the baseline leads: the number; into a range, its nearest point.

        >>> Goal(Operator.RANGE, 3, Period(2025), 9, Period(2020), upper=5).aim
        5
        """
        if self.operator is not Operator.RANGE or self.baseline is None:
            return None if self.operator is Operator.DIRECTION else self.number
        if self.value is None or self.upper is None:
            return None
        return min(max(self.baseline, self.value), self.upper)

    @property
    def has_far_side(self) -> bool:
        """Whether a figure can go too far: past a number or a range that is to be hit."""
        return self.operator in (Operator.EQ, Operator.ABOUT, Operator.RANGE)


def holds(goal: Goal) -> bool:
    """A target that its baseline already meets asks to hold, not to move.

    >>> holds(Goal(Operator.LE, 29.5, Period(2025), 0, Period(2020)))
    True
    """
    return goal.baseline is not None and goal.met_by(goal.baseline)
