"""Arithmetic of figures: roll-up, ratios, completeness, targets, progress, status. Pure.

Trees are given as parent positions in tree order (a parent stands before its children;
the root's parent is -1), so that one backward pass adds every unit to its parent.
Sums are taken child by child in that fixed order: the same input gives the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughline.kernel.period import Period


@dataclass(frozen=True)
class Sums:
    """Totals at every unit, and how many of the units below that owe a value gave one."""

    totals: list[float | None]
    reported: list[int]
    expected: list[int]


def roll_up(parents: Sequence[int], values: Mapping[int, float], reporting: Sequence[bool]) -> Sums:
    """Add values up a tree; a unit without any value below it has None, never 0.

    `values` is by position in the tree; only positions that are reporting count, so that a
    stated total above them can never be added twice.

    >>> sums = roll_up([-1, 0, 0, 0], {1: 2.0, 2: 3.0, 0: 99.0}, [False, True, True, True])
    >>> sums.totals, sums.reported, sums.expected
    ([5.0, 2.0, 3.0, None], [2, 1, 1, 0], [3, 1, 1, 1])
    """
    totals: list[float | None] = [None] * len(parents)
    reported = [0] * len(parents)
    expected = [0] * len(parents)
    for here in range(len(parents) - 1, -1, -1):
        if reporting[here]:
            expected[here] += 1
            if here in values:
                totals[here] = (totals[here] or 0.0) + values[here]
                reported[here] += 1
        above = parents[here]
        if above < 0:
            continue
        reported[above] += reported[here]
        expected[above] += expected[here]
        own = totals[here]
        if own is not None:
            totals[above] = own + (totals[above] or 0.0)
    return Sums(totals, reported, expected)


def ratio(numerator: float | None, denominator: float | None, scale: float = 1.0) -> float | None:
    """A ratio of two sums in the indicator's unit; no value where it has none.

    >>> ratio(899_991_162, 1_409_778_724, 100)
    63.83...
    >>> ratio(1, 0) is None and ratio(None, 4) is None
    True
    """
    if numerator is None or denominator is None or denominator == 0:
        return None
    return numerator / denominator * scale


def shown(value: float | None, decimals: int) -> float | None:
    """A value at the decimals its indicator is published with, halves away from zero.

    >>> shown(63.8391, 2), shown(2.675, 2), shown(-0.5, 0), shown(None, 2)
    (63.84, 2.68, -1.0, None)
    """
    if value is None:
        return None
    factor = 10.0**decimals
    # The smallest nudge makes decimal halves, which binary cannot hold, round as on paper.
    nudged = abs(value) * factor * (1 + 1e-12) + 0.5
    rounded = int(nudged) / factor
    return rounded if value >= 0 else -rounded


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


class Status(StrEnum):
    """What the figures say against the schedule. A person's confidence is never merged in."""

    ACHIEVED = "achieved"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NOT_STARTED = "not_started"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class Corridor:
    """Where the words for progress change, as shares of the progress due by now."""

    ahead: float = 1.1
    on_track: float = 0.9
    at_risk: float = 0.6


@dataclass(frozen=True)
class Goal:
    """A target as the arithmetic needs it; values in the indicator's unit."""

    operator: Operator
    value: float | None
    by: Period
    baseline: float | None = None
    baseline_period: Period | None = None
    strict: bool = False

    def met_by(self, value: float) -> bool:
        """Whether a value reaches the target.

        >>> Goal(Operator.LE, 29.5, Period(2025)).met_by(29.5)
        True
        >>> Goal(Operator.GE, 43, Period(2025), strict=True).met_by(43)
        False
        """
        if self.value is None:
            return False
        if self.operator is Operator.LE:
            return value < self.value or (value == self.value and not self.strict)
        return value > self.value or (value == self.value and not self.strict)

    @property
    def is_computed(self) -> bool:
        """Whether this form of the product computes progress for the target."""
        return self.operator in (Operator.GE, Operator.LE) and self.value is not None


def elapsed(goal: Goal, period: Period) -> float | None:
    """The share of the way from baseline to deadline that has passed by a period's end.

    >>> elapsed(Goal(Operator.GE, 65, Period(2025), 63.89, Period(2020)), Period(2022))
    0.4
    """
    if goal.baseline_period is None:
        return None
    start, end = goal.baseline_period.end, goal.by.end
    if end <= start:
        return None
    if period.span is goal.by.span is goal.baseline_period.span:
        way = goal.by.ordinal - goal.baseline_period.ordinal
        passed = period.ordinal - goal.baseline_period.ordinal
        return min(max(passed / way, 0.0), 1.0)
    return min(max(_days(start, period.end) / _days(start, end), 0.0), 1.0)


def _days(start: date, end: date) -> int:
    return (end - start).days


def expected_value(goal: Goal, period: Period) -> float | None:
    """Where a linear trajectory stands at the end of a period.

    >>> expected_value(Goal(Operator.GE, 65, Period(2025), 60, Period(2020)), Period(2022))
    62.0
    """
    passed = elapsed(goal, period)
    if passed is None or goal.baseline is None or goal.value is None:
        return None
    return goal.baseline + (goal.value - goal.baseline) * passed


def progress(goal: Goal, value: float | None) -> float | None:
    """The share of the way from baseline to target that a value has gone; signed, unbounded.

    Rising and falling targets read alike; below 0 the figure moved away from the target.

    >>> falling = Goal(Operator.LE, 15.5, Period(2025), 18.5, Period(2020))
    >>> progress(falling, 17.0), progress(falling, 19.1) < 0
    (0.5, True)
    """
    if value is None or goal.baseline is None or goal.value is None:
        return None
    way = goal.value - goal.baseline
    return (value - goal.baseline) / way if way else None


def holds(goal: Goal) -> bool:
    """A target that its baseline already meets asks to hold, not to move."""
    return goal.baseline is not None and goal.met_by(goal.baseline)


def status(
    goal: Goal, value: float | None, period: Period | None, corridor: Corridor | None = None
) -> Status:
    """The computed status of a figure of a period against a target.

    >>> goal = Goal(Operator.GE, 65, Period(2025), 60, Period(2020))
    >>> [str(status(goal, v, Period(2022))) for v in (63.0, 62.0, 61.5, 60.5, 65.0, None)]
    ['ahead', 'on_track', 'at_risk', 'off_track', 'achieved', 'no_data']
    >>> str(status(goal, 60, Period(2020))), str(status(goal, 64.9, Period(2025)))
    ('not_started', 'off_track')
    """
    bounds = corridor or Corridor()
    if value is None or period is None or not goal.is_computed:
        return Status.NO_DATA
    last = period.end >= goal.by.end
    if holds(goal):
        return _held(goal, value, last)
    if goal.met_by(value):
        return Status.ACHIEVED
    if last:
        return Status.OFF_TRACK
    gone, due = progress(goal, value), elapsed(goal, period)
    if gone is None or due is None:
        return Status.NO_DATA
    if due <= 0:
        return Status.NOT_STARTED
    return _paced(gone / due, bounds)


def _held(goal: Goal, value: float, last: bool) -> Status:
    if goal.met_by(value):
        return Status.ACHIEVED if last else Status.ON_TRACK
    return Status.OFF_TRACK if last else Status.AT_RISK


def _paced(pace: float, bounds: Corridor) -> Status:
    if pace >= bounds.ahead:
        return Status.AHEAD
    if pace >= bounds.on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if pace >= bounds.at_risk else Status.OFF_TRACK


@dataclass(frozen=True)
class SizeClass:
    """A class of a computed grouping: from its lower bound (included) up to the next."""

    key: str
    at_least: float


def classify(value: float | None, classes: Sequence[SizeClass]) -> str | None:
    """The class of a value, or None where there is no value or it lies below every class.

    >>> sizes = [SizeClass("small", 0), SizeClass("large", 1_000_000)]
    >>> classify(1_000_000, sizes), classify(999_999, sizes), classify(None, sizes)
    ('large', 'small', None)
    """
    if value is None:
        return None
    found = [each for each in classes if value >= each.at_least]
    return max(found, key=lambda each: each.at_least).key if found else None


def differs(stated: float, computed: float, decimals: int) -> bool:
    """Whether a stated total disagrees with the sum below it, at the published decimals.

    >>> differs(100.0, 100.4, 0), differs(100.0, 101.0, 0)
    (False, True)
    """
    return shown(stated, decimals) != shown(computed, decimals)
