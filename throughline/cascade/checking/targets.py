"""Which targets are weaker than those above them, for all at once. Free of Django.

What `rules.weakening.weaker` says of two targets, for columns of them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from throughline.cascade.checking.rows import Flags, Floats, Targets
from throughline.cascade.rules.weakening import weaker
from throughline.figures.rules.bulk import (
    DIRECTIONS,
    OPERATORS,
    Columns,
    Goals,
    shown_all,
)
from throughline.figures.rules.goals import NOISE, Band, Direction, Goal, Operator
from throughline.kernel.period import Period, Span

_DIRECTION = OPERATORS.index(Operator.DIRECTION)
_UP, _DOWN = DIRECTIONS.index(Direction.UP), DIRECTIONS.index(Direction.DOWN)

Rows = NDArray[np.int64]


def are_weaker(targets: Targets, children: Rows, parents: Rows) -> Flags:
    """For pairs of rows: whether the first is weaker than the second. Pairs in which one has
    no number to compare are asked one by one."""
    low, high, opened = _accepted(targets)
    known = ~np.isnan(low)
    plain = known[children] & known[parents]
    found = np.zeros(len(children), np.bool_)
    child, parent = children[plain], parents[plain]
    found[plain] = ~_lie_within(targets, low, high, opened, child, parent)
    for row in np.flatnonzero(~plain):
        found[row] = weaker(
            goal_at(targets, int(children[row])), goal_at(targets, int(parents[row]))
        )
    return found


def _accepted(targets: Targets) -> tuple[Floats, Floats, Flags]:
    """The figures that each target accepts: the ends, NaN where they cannot be said, and
    whether they lie outside themselves."""
    none = np.full(len(targets), np.nan)
    goals = Goals.prepared(
        Columns(
            operator=targets.operator, value=targets.value, upper=targets.upper,
            percent=targets.percent, tolerance=targets.tolerance, strict=targets.strict,
            baseline=targets.baseline, decimals=targets.decimals, direction=targets.direction,
            band_low=none, band_high=none, schedule=np.zeros(len(targets), np.int64),
        ),
        [],
    )  # fmt: skip
    before = shown_all(targets.baseline, targets.decimals)
    directed = (targets.operator == _DIRECTION) & ~np.isnan(before)
    up = directed & (targets.direction == _UP)
    down = directed & (targets.direction == _DOWN)
    low = np.where(up, before, np.where(down, -np.inf, goals.low))
    high = np.where(up, np.inf, np.where(down, before, goals.high))
    return low, high, goals.open | up | down


def _lie_within(
    targets: Targets, low: Floats, high: Floats, opened: Flags, child: Rows, parent: Rows
) -> Flags:
    decimals = np.where(
        targets.decimals[child] < 0, targets.decimals[parent], targets.decimals[child]
    )
    first = _on_grid(low[child], decimals, opened[child])
    last = -_on_grid(-high[child], decimals, opened[child])
    is_open = opened[child] & (decimals < 0)
    bottom, top = low[parent], high[parent]
    below = NOISE * _size(first, bottom)
    above = NOISE * _size(last, top)
    touching = (first >= bottom - below) & (last <= top + above)
    inside = ((bottom == -np.inf) | (first > bottom + below)) & (
        (top == np.inf) | (last < top - above)
    )
    strict = opened[parent] & ~is_open
    found: Flags = (first > last) | np.where(strict, inside, touching)
    return found


def _on_grid(low: Floats, decimals: NDArray[np.int8], is_open: Flags) -> Floats:
    """The lowest figure that can be published, of those from `low` on."""
    factor = 10.0 ** np.maximum(decimals, 0)
    finite = np.isfinite(low) & (decimals >= 0)
    steps = np.where(finite, low, 0.0) * factor
    nearest = np.round(steps)
    on_it = np.abs(steps - nearest) <= NOISE * np.maximum(1.0, np.abs(steps))
    first = np.where(on_it, nearest + is_open, np.ceil(steps)) / factor
    return np.where(finite, first, low)


def _size(one: Floats, other: Floats) -> Floats:
    return np.maximum(
        np.where(np.isfinite(one), np.abs(one), 0.0),
        np.where(np.isfinite(other), np.abs(other), 0.0),
    )


def goal_at(targets: Targets, row: int) -> Goal:
    """One target as the rule wants it."""

    def number(column: Floats) -> float | None:
        value = float(column[row])
        return None if np.isnan(value) else value

    band_low, band_high = number(targets.band_low), number(targets.band_high)
    decimals = int(targets.decimals[row])
    return Goal(
        operator=OPERATORS[targets.operator[row]],
        value=number(targets.value),
        by=Period.containing(date.fromordinal(int(targets.by[row])), Span.MONTH),
        baseline=number(targets.baseline),
        strict=bool(targets.strict[row]),
        upper=number(targets.upper),
        percent=bool(targets.percent[row]),
        tolerance=number(targets.tolerance),
        decimals=None if decimals < 0 else decimals,
        direction=DIRECTIONS[targets.direction[row]],
        band=None if band_low is None or band_high is None else Band(band_low, band_high),
    )
