"""The same arithmetic for whole arrays: every cell against every target at once.

Arrays hold float64 and NaN for "no value". Goals lie along the first axis, periods along the
second. What is said here is bit for bit what `judging.judge` says of each cell alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from throughline.figures.rules.goals import (
    ABOUT_SHARE,
    NOISE,
    Direction,
    Goal,
    Operator,
)
from throughline.figures.rules.judging import Corridor, Move, Status, Why
from throughline.figures.rules.trajectories import Leg, Trajectory, leg_of
from throughline.kernel.period import Period
from throughline.plans.rules import Formula, Operations

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

OPERATORS = list(Operator)
DIRECTIONS = list(Direction)
STATUSES = list(Status)
MOVES = list(Move)
WHYS = list(Why)
NONE = -1
"""The code of "nothing" among moves and reasons, and of "no number" in `met`."""

_POWERS = np.array([10.0**decimals for decimals in range(16)])


def _code(status: Status) -> int:
    return STATUSES.index(status)


@dataclass(frozen=True)
class Columns:
    """Targets as columns of equal length, NaN where there is no number. `operator` and
    `direction` are codes in `OPERATORS` and `DIRECTIONS`; `decimals` is -1 where figures are
    judged as they come; `schedule` says which of the schedules (goals of which only periods,
    trajectory and steps count) each follows."""

    operator: Codes
    value: Floats
    upper: Floats
    percent: Flags
    tolerance: Floats
    strict: Flags
    baseline: Floats
    decimals: Codes
    direction: Codes
    band_low: Floats
    band_high: Floats
    schedule: NDArray[np.int64]


def columns_of(goals: Sequence[Goal]) -> tuple[Columns, list[Goal]]:
    """Targets as columns, and their distinct schedules."""
    schedules: dict[tuple[Any, ...], int] = {}
    kept: list[Goal] = []
    which = []
    for goal in goals:
        key = (goal.baseline_period, goal.by, goal.trajectory, goal.steps)
        if key not in schedules:
            schedules[key] = len(kept)
            kept.append(goal)
        which.append(schedules[key])

    def numbers(values: list[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    return Columns(
        operator=np.array([OPERATORS.index(goal.operator) for goal in goals], np.int8),
        value=numbers([goal.value for goal in goals]),
        upper=numbers([goal.upper for goal in goals]),
        percent=np.array([goal.percent for goal in goals], np.bool_),
        tolerance=numbers([goal.tolerance for goal in goals]),
        strict=np.array([goal.strict for goal in goals], np.bool_),
        baseline=numbers([goal.baseline for goal in goals]),
        decimals=np.array([-1 if g.decimals is None else g.decimals for g in goals], np.int8),
        direction=np.array([DIRECTIONS.index(goal.direction) for goal in goals], np.int8),
        band_low=numbers([goal.band.low if goal.band else None for goal in goals]),
        band_high=numbers([goal.band.high if goal.band else None for goal in goals]),
        schedule=np.array(which, np.int64),
    ), kept


@dataclass(frozen=True)
class Goals:
    """Targets made ready to be judged in bulk: what each wants, where it aims, whether its
    baseline meets it already."""

    columns: Columns
    schedules: Sequence[Goal]
    low: Floats
    high: Floats
    open: Flags
    aim: Floats
    has_far_side: Flags
    holds: Flags

    def __len__(self) -> int:
        return len(self.columns.operator)

    @classmethod
    def of(cls, goals: Sequence[Goal]) -> Goals:
        """Goals from single ones."""
        return cls.prepared(*columns_of(goals))

    @classmethod
    def prepared(cls, given: Columns, schedules: Sequence[Goal]) -> Goals:
        """Goals from columns, however many, without a loop over them."""

        def is_(*several: Operator) -> Flags:
            return np.isin(given.operator, [OPERATORS.index(each) for each in several])

        step = np.where(given.percent, np.abs(given.baseline) * given.value / 100, given.value)
        number = np.where(is_(Operator.PLUS), given.baseline + step, given.value)
        number = np.where(is_(Operator.MINUS), given.baseline - step, number)
        number = np.where(is_(Operator.DIRECTION), np.nan, number)
        allowed = _allowed(given, is_(Operator.ABOUT), is_(Operator.EQ))
        hit, ranged = is_(Operator.EQ, Operator.ABOUT), is_(Operator.RANGE)
        low = np.where(hit, number - allowed, number)
        low = np.where(is_(Operator.LE, Operator.MINUS) & ~np.isnan(number), -np.inf, low)
        high = np.where(hit, number + allowed, number)
        high = np.where(is_(Operator.GE, Operator.PLUS) & ~np.isnan(number), np.inf, high)
        high = np.where(ranged, given.upper, high)
        low = np.where(np.isnan(high), np.nan, low)
        into = np.minimum(np.maximum(given.baseline, number), given.upper)
        aim = np.where(ranged & ~np.isnan(given.baseline), into, number)
        opened = given.strict & ~hit
        return cls(
            columns=given,
            schedules=schedules,
            low=low,
            high=high,
            open=opened,
            aim=aim,
            has_far_side=hit | ranged,
            holds=_inside(given.baseline, low, high, opened),
        )


def _allowed(given: Columns, about: Flags, equal: Flags) -> Floats:
    known = np.where(about, ABOUT_SHARE * np.abs(given.value), 0.0)
    exact = 0.5 * np.array([10.0**-decimals for decimals in range(16)])[given.decimals]
    known = np.where(equal & (given.decimals >= 0), exact, known)
    found: Floats = np.where(np.isnan(given.tolerance), known, given.tolerance)
    return found


def _inside(value: Floats, low: Floats, high: Floats, opened: Flags) -> Flags:
    """As `Band.holds`; nothing lies in a band that is not there."""
    size = np.abs(value)
    below = np.where(np.isfinite(low), np.maximum(np.abs(low), size), 0.0)
    above = np.where(np.isfinite(high), np.maximum(np.abs(high), size), 0.0)
    below, above = NOISE * below, NOISE * above
    within = (low + below < value) & (value < high - above)
    touched = (low - below <= value) & (value <= high + above)
    found: Flags = np.where(opened, within, touched)
    return found


def shown_all(values: Floats, decimals: Codes) -> Floats:
    """Values at the decimals of each goal; as they are where those are -1."""
    factor = _POWERS[np.maximum(decimals, 0)]
    rounded = np.floor(np.abs(values) * factor * (1 + 1e-12) + 0.5) / factor
    found: Floats = np.where(decimals < 0, values, np.where(values >= 0, rounded, -rounded))
    return found


@dataclass(frozen=True)
class Judgements:
    """What every cell says against its target, goals by periods: `status` codes in
    `STATUSES`; `met` 1, 0 or `NONE`; `progress`, `expected` and `gap` (figure less expected) NaN
    where there is none; `move` and `why` codes in `MOVES` and `WHYS`, or `NONE`."""

    status: Codes
    met: Codes
    progress: Floats
    expected: Floats
    gap: Floats
    move: Codes
    why: Codes

    def counts(self) -> dict[Status, int]:
        """How many cells have each status."""
        found = np.bincount(self.status.ravel(), minlength=len(STATUSES))
        return {status: int(found[_code(status)]) for status in STATUSES}


def judge_all(
    goals: Goals, values: Floats, periods: Sequence[Period], corridor: Corridor | None = None
) -> Judgements:
    """Judge figures (goals by periods) against their targets."""
    shape = (len(goals), len(periods))
    if values.shape != shape:
        raise ValueError(f"figures are {values.shape}, goals by periods {shape}")
    said = Judgements(
        status=np.empty(shape, np.int8),
        met=np.empty(shape, np.int8),
        progress=np.empty(shape),
        expected=np.empty(shape),
        gap=np.empty(shape),
        move=np.empty(shape, np.int8),
        why=np.empty(shape, np.int8),
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for column, period in enumerate(periods):
            found = _judge(goals, values[:, column], period, corridor or Corridor())
            for name, part in found.items():
                getattr(said, name)[:, column] = part
    return said


def _judge(goals: Goals, raw: Floats, period: Period, bounds: Corridor) -> dict[str, Any]:
    given = goals.columns
    value = shown_all(raw, given.decimals)
    known, numbered = ~np.isnan(value), ~np.isnan(goals.low)
    directed = given.operator == OPERATORS.index(Operator.DIRECTION)
    legs = Legs.at(goals.schedules, period)
    expected, due = _due(goals, legs)
    gone = np.where(known, _gone(goals, value), np.nan)
    last = legs.last[given.schedule]
    move = np.where(known, _moves(goals, value), NONE)
    met = _inside(value, goals.low, goals.high, goals.open)
    status = _by_number(goals, value, met, last, gone, due, bounds)
    status = np.where(directed, _by_direction(move, last, legs.early[given.schedule]), status)
    silent = ~known | (~numbered & ~directed)
    status = np.where(silent, _code(Status.NO_DATA), status)
    why = _reasons(known, directed, np.isnan(given.baseline), status)
    counted = known & numbered & ~directed
    return {
        "status": status,
        "met": np.where(counted, met, NONE),
        "progress": np.where(counted, gone, np.nan),
        "expected": expected,
        "gap": value - expected,
        "move": move,
        "why": why,
    }


def _reasons(known: Flags, directed: Flags, baseless: Flags, status: NDArray[Any]) -> NDArray[Any]:
    silent = status == _code(Status.NO_DATA)
    based = np.where(directed, WHYS.index(Why.NO_BAND), WHYS.index(Why.NO_WAY))
    why = np.where(silent, np.where(baseless, WHYS.index(Why.NO_BASELINE), based), NONE)
    return np.where(~known, WHYS.index(Why.NO_FIGURE), why)


@dataclass(frozen=True)
class Legs:
    """Where each schedule stands at a period's end: the values its leg lies between (NaN for the
    baseline's and the target's own), the share of it that has passed (NaN where no way leads
    through time), whether it is a line, has come to its end, has not yet begun."""

    before: Floats
    after: Floats
    share: Floats
    linear: Flags
    last: Flags
    early: Flags

    @classmethod
    def at(cls, schedules: Sequence[Goal], period: Period) -> Legs:
        """All schedules at the end of a period."""
        empty = Leg(None, None, np.nan)
        legs = [leg_of(each, period) or empty for each in schedules]
        started = [each.baseline_period for each in schedules]
        return cls(
            before=np.array([np.nan if leg.before is None else leg.before for leg in legs]),
            after=np.array([np.nan if leg.after is None else leg.after for leg in legs]),
            share=np.array([leg.share for leg in legs], np.float64),
            linear=np.array([each.trajectory == Trajectory.LINEAR for each in schedules]),
            last=np.array([period.end >= each.by.end for each in schedules]),
            early=np.array([start is not None and period.end <= start.end for start in started]),
        )


def _due(goals: Goals, legs: Legs) -> tuple[Floats, Floats]:
    """Where each trajectory stands at a period's end, and what share of its way is due."""
    given = goals.columns
    before, after = legs.before[given.schedule], legs.after[given.schedule]
    share, linear = legs.share[given.schedule], legs.linear[given.schedule]
    start = np.where(np.isnan(before), given.baseline, before)
    end = np.where(np.isnan(after), goals.aim, after)
    expected = np.where(share == 1, end, start + (end - start) * share)
    expected = np.where(share == 0, start, expected)
    missing = np.isnan(goals.aim) | np.isnan(given.baseline) | np.isnan(share)
    expected = np.where(missing | (linear & goals.holds), np.nan, expected)
    due = np.where(linear, share, (expected - given.baseline) / (goals.aim - given.baseline))
    due = np.where(np.isnan(goals.aim) | (goals.aim == given.baseline), np.nan, due)
    return expected, due


def _gone(goals: Goals, value: Floats) -> Floats:
    """As `judging.progress`, of figures that are read as published."""
    base, aim = goals.columns.baseline, goals.aim
    gone = (value - base) / (aim - base)
    past = np.where(aim > base, value - goals.high, goals.low - value)
    bounded = 1 - np.maximum(past, 0.0) / np.abs(aim - base)
    gone = np.where(goals.has_far_side & (gone > 1), bounded, gone)
    return np.where((aim == base) | goals.holds, np.nan, gone)


def _moves(goals: Goals, value: Floats) -> NDArray[Any]:
    """As `judging.moved`."""
    given = goals.columns
    towards, still, away = (MOVES.index(each) for each in (Move.TOWARDS, Move.STILL, Move.AWAY))
    before = shown_all(given.baseline, given.decimals)
    rising = value > before
    numbered = ~np.isnan(goals.low) & ~goals.holds
    wanted = np.where(
        numbered, given.baseline <= goals.low, given.direction == DIRECTIONS.index(Direction.UP)
    )
    move = np.where(rising == wanted, towards, away)
    banded = ~numbered & (given.direction == DIRECTIONS.index(Direction.BAND))
    was = _outside(before, given)
    lies = _outside(value, given)
    inward = np.where(lies < was, towards, np.where(lies == was, still, away))
    move = np.where(banded, np.where(np.isnan(given.band_low), NONE, inward), move)
    size = np.maximum(np.abs(value), np.abs(before))
    move = np.where(np.abs(value - before) <= NOISE * size, still, move)
    return np.where(np.isnan(given.baseline), NONE, move)


def _outside(value: Floats, given: Columns) -> Floats:
    found: Floats = np.maximum(np.maximum(given.band_low - value, value - given.band_high), 0.0)
    return found


def _by_direction(move: NDArray[Any], last: Flags, early: Flags) -> NDArray[Any]:
    towards = np.where(last, _code(Status.ACHIEVED), _code(Status.ON_TRACK))
    slow = (move == MOVES.index(Move.STILL)) & ~last
    other = np.where(slow, _code(Status.AT_RISK), _code(Status.OFF_TRACK))
    status = np.where(move == MOVES.index(Move.TOWARDS), towards, other)
    status = np.where(early & ~last, _code(Status.NOT_STARTED), status)
    return np.where(move == NONE, _code(Status.NO_DATA), status)


def _by_number(
    goals: Goals,
    value: Floats,
    met: Flags,
    last: Flags,
    gone: Floats,
    due: Floats,
    bounds: Corridor,
) -> NDArray[Any]:
    risk, off = _code(Status.AT_RISK), _code(Status.OFF_TRACK)
    pace = gone / due
    status = np.where(pace >= bounds.at_risk - NOISE, risk, off)
    status = np.where(pace >= bounds.on_track - NOISE, _code(Status.ON_TRACK), status)
    status = np.where(pace >= bounds.ahead - NOISE, _code(Status.AHEAD), status)
    base = goals.columns.baseline
    middle = np.where(goals.has_far_side, goals.low + goals.high, 0) / 2
    beyond = goals.has_far_side & ~met & ((value > middle) == (base < middle))
    status = np.where(beyond, np.where(gone >= bounds.at_risk - NOISE, risk, off), status)
    status = np.where(due <= 0, _code(Status.NOT_STARTED), status)
    status = np.where(np.isnan(gone) | np.isnan(due), _code(Status.NO_DATA), status)
    status = np.where(last, off, status)
    status = np.where(met, _code(Status.ACHIEVED), status)
    kept = np.where(last, _code(Status.ACHIEVED), _code(Status.ON_TRACK))
    return np.where(goals.holds, np.where(met, kept, np.where(last, off, risk)), status)


# -- formulas and time ---------------------------------------------------------------------


def _finite(values: Any) -> Any:
    return np.where(np.isfinite(values), values, np.nan)


ARRAYS = Operations(
    number=np.float64,
    add=lambda left, right: _finite(left + right),
    subtract=lambda left, right: _finite(left - right),
    multiply=lambda left, right: _finite(left * right),
    divide=lambda left, right: _finite(np.divide(left, right)),
    least=np.minimum,
    greatest=np.maximum,
)
"""Arrays of figures; NaN is "no value", and so is a division by zero."""


def formula_of(formula: Formula, values: Mapping[str, Floats]) -> Floats:
    """A formula over arrays of one shape, cell by cell; NaN where a part is missing.

    >>> formula_of(Formula.parse("a / b"), {"a": np.array([1.0, 1.0]), "b": np.array([2.0, 0.0])})
    array([0.5, nan])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found: Floats = np.asarray(formula.evaluate(values, ARRAYS, missing=np.float64(np.nan)))
    return found


def over_time_all(how: str, parts: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """As `over_time` for arrays whose first axis is the parts of the longer period in order:
    its values (NaN while a part is missing), what there is so far, and how many parts are there.

    >>> over_time_all("sum", np.array([[1.0, 1.0], [2.0, np.nan]]))[:2]
    (array([ 3., nan]), array([3., 1.]))
    """
    there = ~np.isnan(parts)
    given = there.sum(axis=0)
    so_far = np.full(parts.shape[1:], np.nan)
    if how in ("sum", "mean"):
        total = np.zeros(parts.shape[1:])
        for part, known in zip(parts, there, strict=True):
            total = np.where(known, total + part, total)
        so_far = np.where(
            given > 0, total / np.maximum(given, 1) if how == "mean" else total, np.nan
        )
    elif how == "last":
        for part, known in zip(parts, there, strict=True):
            so_far = np.where(known, part, so_far)
    return np.where(given == len(parts), so_far, np.nan), so_far, given
