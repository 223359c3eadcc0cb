"""What weakens a target: a child that lets pass what its parent does not.

A place may add and tighten. Its target is weaker than the superior one for the same indicator,
place and day where it accepts any published figure that the superior one does not accept.
"""

from __future__ import annotations

import math
from dataclasses import replace

from throughline.figures.rules.adding import shown
from throughline.figures.rules.goals import NOISE, Band, Direction, Goal, Operator

INCREMENTS = (Operator.PLUS, Operator.MINUS)


def weaker(child: Goal, parent: Goal) -> bool:
    """Whether a child accepts a figure that its parent, a target of the same indicator at the
    same place by the same day, does not accept.

    Figures are held against targets as they are published, so only those count that can be
    published at the indicator's decimals.

    >>> from throughline.kernel.period import Period
    >>> def goal(operator, value=None, **more): return Goal(operator, value, Period(2025), **more)
    >>> at_least = goal(Operator.GE, 65)
    >>> weaker(goal(Operator.GE, 64), at_least), weaker(goal(Operator.GE, 66), at_least)
    (True, False)
    >>> within = goal(Operator.RANGE, 65, upper=70)
    >>> weaker(goal(Operator.LE, 70), at_least), weaker(within, at_least)
    (True, False)
    >>> weaker(goal(Operator.EQ, 65, decimals=1), at_least)
    False

    More than 64 is no weaker than at least 65 where figures are whole numbers:

    >>> more_than = goal(Operator.GE, 64, strict=True, decimals=0)
    >>> weaker(more_than, at_least), weaker(at_least, more_than)
    (False, False)
    >>> weaker(goal(Operator.GE, 64, strict=True), at_least)
    True

    A direction alone asks to be better than the baseline was; an increment stands on it. A
    baseline that only one of the two states is that of both.

    >>> rise = goal(Operator.DIRECTION, baseline=63.9)
    >>> weaker(rise, at_least), weaker(at_least, rise), weaker(goal(Operator.GE, 63), rise)
    (True, False, True)
    >>> weaker(goal(Operator.PLUS, 1), goal(Operator.GE, 65, baseline=63.9))
    True
    >>> weaker(goal(Operator.PLUS, 1.2), goal(Operator.GE, 65, baseline=63.9))
    False

    Without a baseline increments are compared with each other; a direction is only weakened by
    what lets the figure go the other way for good.

    >>> weaker(goal(Operator.PLUS, 3), goal(Operator.PLUS, 5))
    True
    >>> weaker(goal(Operator.LE, 9), goal(Operator.DIRECTION))
    True
    >>> weaker(goal(Operator.GE, 9), goal(Operator.DIRECTION))
    False
    """
    child, parent = _based(child, parent), _based(parent, child)
    given, asked = accepted(child), accepted(parent)
    if asked is not None:
        return given is None or not _lies_within(_published(given, child, parent), asked)
    if parent.operator in INCREMENTS and child.operator is Operator.DIRECTION:
        return True
    if parent.operator in INCREMENTS and child.operator is parent.operator:
        return _is_smaller_step(child, parent)
    return given is not None and _runs_away(given, parent)


def _based(goal: Goal, other: Goal) -> Goal:
    """The goal with the baseline that the other one states, where it states none."""
    if goal.baseline is not None or other.baseline is None:
        return goal
    return replace(goal, baseline=other.baseline)


def accepted(goal: Goal) -> Band | None:
    """The figures that a target accepts: of a direction alone, those better than the baseline
    as published. None where it cannot be said.

    >>> from throughline.kernel.period import Period
    >>> accepted(Goal(Operator.DIRECTION, None, Period(2025), 18.54, decimals=1))
    Band(low=18.5, high=inf, open=True)
    """
    if goal.operator is not Operator.DIRECTION:
        return goal.wanted
    if goal.baseline is None:
        return None
    before = goal.baseline if goal.decimals is None else shown(goal.baseline, goal.decimals)
    if before is None:
        return None
    if goal.direction is Direction.UP:
        return Band(before, math.inf, open=True)
    if goal.direction is Direction.DOWN:
        return Band(-math.inf, before, open=True)
    if goal.band is None:
        return None
    far = max(goal.band.outside(before), 0.0)
    return Band(goal.band.low - far, goal.band.high + far, open=far > 0)


def _published(band: Band, child: Goal, parent: Goal) -> Band:
    """The lowest and the highest figure of a band that can be published."""
    decimals = parent.decimals if child.decimals is None else child.decimals
    if decimals is None:
        return band
    return Band(_on_grid(band.low, decimals, band.open), -_on_grid(-band.high, decimals, band.open))


def _on_grid(low: float, decimals: int, is_open: bool) -> float:
    if not math.isfinite(low):
        return low
    factor = 10.0**decimals
    steps = low * factor
    nearest = round(steps)
    if abs(steps - nearest) <= NOISE * max(1.0, abs(steps)):
        return (nearest + is_open) / factor
    return math.ceil(steps) / factor


def _lies_within(band: Band, outer: Band) -> bool:
    """Whether every figure of a band lies in another one; what differs by rounding alone is
    equal. A band that holds no figure lies anywhere."""
    if band.low > band.high:
        return True
    below = NOISE * _size(band.low, outer.low)
    above = NOISE * _size(band.high, outer.high)
    if outer.open and not band.open:
        return _beyond(band.low, outer.low, below) and _beyond(-band.high, -outer.high, above)
    return band.low >= outer.low - below and band.high <= outer.high + above


def _beyond(edge: float, bound: float, noise: float) -> bool:
    return bound == -math.inf or edge > bound + noise


def _size(one: float, other: float) -> float:
    return max((abs(edge) for edge in (one, other) if math.isfinite(edge)), default=0.0)


def _is_smaller_step(child: Goal, parent: Goal) -> bool:
    if child.value is None or parent.value is None or child.percent != parent.percent:
        return False
    if child.value == parent.value:
        return parent.strict and not child.strict
    return child.value < parent.value


def _runs_away(given: Band, parent: Goal) -> bool:
    """Whether a band has no end on the side that a parent without a number turns from."""
    way = parent.direction
    if parent.operator in INCREMENTS:
        way = Direction.UP if parent.operator is Operator.PLUS else Direction.DOWN
    downward = way in (Direction.UP, Direction.BAND) and given.low == -math.inf
    upward = way in (Direction.DOWN, Direction.BAND) and given.high == math.inf
    return downward or upward
