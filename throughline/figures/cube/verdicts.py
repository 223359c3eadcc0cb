"""Status and gap of whole strips, compiled: what `rules.bulk` says of each cell, bit for bit, in
one pass. Only what loads the compiler anyway imports this module.

What depends on a target alone is made ready once, what depends on the calendar once for each
schedule and period; a cell then costs a few comparisons and at most three divisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import prange
from numpy.typing import NDArray

from throughline.figures.cube.kernels import compiled, inlined, swept
from throughline.figures.rules.bulk import (
    DIRECTIONS,
    OPERATORS,
    STATUSES,
    Codes,
    Floats,
    Goals,
    Legs,
    shown_all,
)
from throughline.figures.rules.goals import NOISE, Direction, Operator
from throughline.figures.rules.judging import Corridor, Status
from throughline.kernel.period import Period

ACHIEVED, AHEAD, ON_TRACK, AT_RISK, OFF_TRACK, NOT_STARTED, NO_DATA = (
    float(STATUSES.index(each))
    for each in (
        Status.ACHIEVED, Status.AHEAD, Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK,
        Status.NOT_STARTED, Status.NO_DATA,
    )
)  # fmt: skip

OPEN, FAR_SIDE, HOLDS, BASED, NUMBERED = (1 << bit for bit in range(5))
BASE, AIM, LOW, HIGH, FACTOR = range(5)
LOWER_BAND, UPPER_BAND, BASE_SHOWN, RISING = range(4)
BEFORE, AFTER, SHARE, LINEAR, LAST, EARLY = range(6)
BLOCK = 128
"""So many targets at once: what is known of them stays in the nearest memory."""


@dataclass(frozen=True)
class Prepared:
    """Targets and periods as the compiled pass reads them: for each target a column of numbers,
    flags and a schedule; for each period and schedule where its trajectory stands; the targets
    of a direction only, which have no number, apart."""

    numbers: Floats
    flags: NDArray[np.int64]
    schedule: NDArray[np.int64]
    ways: Floats
    directed: NDArray[np.int64]
    bands: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Periods and targets."""
        return len(self.ways), len(self.flags)

    @classmethod
    def of(cls, goals: Goals, periods: Sequence[Period]) -> Prepared:
        """Goals in their order, at the end of each period."""
        given = goals.columns
        factor = np.where(given.decimals < 0, 0.0, 10.0 ** np.maximum(given.decimals, 0))
        numbers = np.stack([given.baseline, goals.aim, goals.low, goals.high, factor])
        flags = np.zeros(len(goals), np.int64)
        flags[goals.open] |= OPEN
        flags[goals.has_far_side] |= FAR_SIDE
        flags[goals.holds] |= HOLDS
        flags[~np.isnan(given.baseline) & (goals.aim != given.baseline)] |= BASED
        flags[~np.isnan(goals.low)] |= NUMBERED
        legs = [Legs.at(goals.schedules, period) for period in periods]
        ways = [
            [each.before, each.after, each.share, each.linear, each.last, each.early]
            for each in legs
        ]
        shape = (len(periods), 6, len(goals.schedules))
        directed = np.flatnonzero(given.operator == OPERATORS.index(Operator.DIRECTION))
        rising = np.where(given.direction == DIRECTIONS.index(Direction.UP), 1.0, 0.0)
        rising[given.direction == DIRECTIONS.index(Direction.BAND)] = np.nan
        before = shown_all(given.baseline, given.decimals)
        bands = np.stack([given.band_low, given.band_high, before, rising])[:, directed]
        return cls(
            numbers=numbers,
            flags=flags,
            schedule=given.schedule,
            ways=np.array(ways, np.float64).reshape(shape),
            directed=directed,
            bands=bands,
        )


def judge_strips(
    prepared: Prepared,
    values: NDArray[Any],
    corridor: Corridor | None = None,
    into: tuple[Codes, Floats] | None = None,
) -> tuple[Codes, Floats]:
    """Status (codes in `bulk.STATUSES`) and gap (figure less where its trajectory stands; NaN
    where there is none) of figures, periods by goals, in arrays of that shape."""
    if values.shape != prepared.shape:
        raise ValueError(f"figures are {values.shape}, periods by goals {prepared.shape}")
    status, gap = into or (np.empty(values.shape, np.int8), np.empty(values.shape))
    bounds = corridor or Corridor()
    paces = np.array([bounds.ahead - NOISE, bounds.on_track - NOISE, bounds.at_risk - NOISE])
    _judge(
        values, prepared.numbers, prepared.flags, prepared.schedule, prepared.ways,
        prepared.directed, prepared.bands, paces, status, gap,
    )  # fmt: skip
    return status, gap


@inlined
def _read(value: float, factor: float) -> float:
    """A figure at its published decimals; as it is where the factor is 0."""
    rounded = np.floor(abs(value) * factor * (1 + 1e-12) + 0.5) / factor
    rounded = rounded if value >= 0 else -rounded
    return value if factor == 0.0 else rounded


@inlined
def _noise(edge: float, size: float) -> float:
    most = abs(edge) if abs(edge) > size else size
    return NOISE * most if abs(edge) < np.inf else 0.0


@compiled
def _outside(value: float, low: float, high: float) -> float:
    return max(max(low - value, value - high), 0.0)


@compiled
def _by_direction(value: float, base: float, band: Any, last: bool, early: bool) -> float:
    """As `judging._by_direction`."""
    before, rising = band[BASE_SHOWN], band[RISING]
    if value != value or base != base:
        return NO_DATA
    towards = (value > before) == (rising == 1.0)
    still = abs(value - before) <= NOISE * max(abs(value), abs(before))
    if rising != rising and not still:
        if band[LOWER_BAND] != band[LOWER_BAND]:
            return NO_DATA
        was = _outside(before, band[LOWER_BAND], band[UPPER_BAND])
        lies = _outside(value, band[LOWER_BAND], band[UPPER_BAND])
        towards, still = lies < was, lies == was
    if early and not last:
        return NOT_STARTED
    if towards and not still:
        return ACHIEVED if last else ON_TRACK
    return AT_RISK if still and not last else OFF_TRACK


@inlined
def _where_due(
    bases: Any, aims: Any, flags: Any, schedule: Any, way: Any,
    expected: Any, due: Any, last: Any,
) -> None:  # fmt: skip
    """As `bulk._due`, for a block."""
    for i in range(flags.shape[0]):
        s, base, aim = schedule[i], bases[i], aims[i]
        share, linear = way[SHARE, s], way[LINEAR, s] != 0
        start = base if way[BEFORE, s] != way[BEFORE, s] else way[BEFORE, s]
        end = aim if way[AFTER, s] != way[AFTER, s] else way[AFTER, s]
        stands = end if share == 1 else start + (end - start) * share
        stands = start if share == 0 else stands
        missing = (aim != aim) | (base != base) | (share != share)
        missing |= linear & (flags[i] & HOLDS != 0)
        expected[i] = np.nan if missing else stands
        due[i] = share if linear else (expected[i] - base) / (aim - base)
        last[i] = way[LAST, s]


@inlined
def _by_number(
    values: Any, bases: Any, aims: Any, lows: Any, highs: Any, factors: Any, flags: Any,
    expected: Any, due: Any, last: Any, paces: Any, said: Any, gap: Any,
) -> None:  # fmt: skip
    """As `judging._by_number`, for a block and without a branch."""
    for i in range(flags.shape[0]):
        base, aim, low, high = bases[i], aims[i], lows[i], highs[i]
        value = _read(np.float64(values[i]), factors[i])
        gap[i] = value - expected[i]
        size, told, at_end = abs(value), flags[i], last[i] != 0
        below, above = _noise(low, size), _noise(high, size)
        within = (low + below < value) & (value < high - above)
        touched = (low - below <= value) & (value <= high + above)
        met = within if told & OPEN != 0 else touched
        far, way = told & FAR_SIDE != 0, aim - base
        gone = (value - base) / way
        past = value - high if way > 0 else low - value
        lost = 1 - (past if past > 0 else 0.0) / abs(way)
        gone = lost if far & (gone > 1) else gone
        pace = gone / due[i]
        slow = AT_RISK if pace >= paces[2] else OFF_TRACK
        code = ON_TRACK if pace >= paces[1] else slow
        code = AHEAD if pace >= paces[0] else code
        middle = (low + high) / 2
        beyond = far & ((value > middle) == (base < middle))
        code = (AT_RISK if gone >= paces[2] else OFF_TRACK) if beyond else code
        code = NOT_STARTED if due[i] <= 0 else code
        code = code if (told & BASED != 0) & (due[i] == due[i]) else NO_DATA
        code = OFF_TRACK if at_end else code
        code = ACHIEVED if met else code
        kept = ACHIEVED if at_end else ON_TRACK
        broken = OFF_TRACK if at_end else AT_RISK
        code = (kept if met else broken) if told & HOLDS != 0 else code
        said[i] = code if (value == value) & (told & NUMBERED != 0) else NO_DATA


@swept
def _judge(
    values: Any, numbers: Any, flags: Any, schedule: Any, ways: Any, directed: Any, bands: Any,
    paces: Any, status: Any, gap: Any,
) -> None:  # fmt: skip
    blocks = (flags.shape[0] + BLOCK - 1) // BLOCK
    for block in prange(blocks):
        begin = block * BLOCK
        end = min(begin + BLOCK, flags.shape[0])
        told, when = flags[begin:end], schedule[begin:end]
        bases, aims = numbers[BASE][begin:end], numbers[AIM][begin:end]
        lows, highs = numbers[LOW][begin:end], numbers[HIGH][begin:end]
        factors = numbers[FACTOR][begin:end]
        expected, due, last, said = (
            np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK),
        )  # fmt: skip
        for t in range(values.shape[0]):
            _where_due(bases, aims, told, when, ways[t], expected, due, last)
            _by_number(
                values[t][begin:end], bases, aims, lows, highs, factors, told,
                expected, due, last, paces, said, gap[t][begin:end],
            )  # fmt: skip
            for i in range(end - begin):
                status[t, begin + i] = np.int8(said[i])
    for t in prange(values.shape[0]):
        way = ways[t]
        for k in range(directed.shape[0]):
            g = directed[k]
            s = schedule[g]
            value = np.float64(values[t, g])
            status[t, g] = _by_direction(
                _read(value, numbers[FACTOR, g]), numbers[BASE, g], bands[:, k],
                way[LAST, s] != 0, way[EARLY, s] != 0,
            )  # fmt: skip
