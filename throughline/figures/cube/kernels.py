"""The compiled kernels: a whole strip in one pass, and single lanes after a change.

Only the roll-up process imports this module. Sums are float64 and are taken child by child,
from the first to the last, then the unit's own figure; upper units are fed from finished
lower ones, tier by tier from below, so that memory is read in the order in which it lies.
Vector instructions run over neighbouring columns, never along a sum, so a sum has the same
bits however it is come by: in full, after a change, or in `plain`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, prange, uintp

from throughline.figures.cube.fetching import fetch_row
from throughline.figures.cube.measures import Op

F = TypeVar("F", bound=Callable[..., Any])

SUM, COUNT, BOTH, WEIGHT, WEIGHT_BOTH, PRODUCT, MAX, MIN, BAND, LAST = (int(op) for op in Op)

AHEAD = 8
"""So many rows before it is needed, a row is asked for."""


def compiled(function: F) -> F:
    """Compile a function once per machine. Nothing is fused or reordered: "fastmath" is off."""
    return cast(F, njit(cache=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Set a function's text into its callers: the loops over a row's neighbours become vector
    instructions only there."""
    return cast(F, njit(inline="always", error_model="numpy")(function))


def swept(function: F) -> F:
    """Compile a function whose outermost loop runs on every core; its arrays are known to lie
    apart from each other, which is worth half the time."""
    return cast(F, njit(parallel=True, cache=True, error_model="numpy")(function))


@inlined
def _bring(own: Any, unit: int, above: Any, p: int, runs: Any, paired: int) -> None:
    """Add what a unit itself brings to the lanes of an upper unit, run by run.

    Places in a row are unsigned, for a signed one might count from the end; and rows are not
    cut into slices, for each slice is counted as a user of its array, by one core at a time.
    """
    for i in range(uintp(paired)):
        value = np.float64(own[unit, i])
        above[p, i] += value if value == value else 0.0
        above[p, uintp(paired) + i] += 1.0 if value == value else 0.0
    for k in range(runs.shape[0]):
        op, b, step, w = runs[k, 0], runs[k, 2], runs[k, 3], runs[k, 4]
        a, to, size = uintp(runs[k, 1]), uintp(runs[k, 5]), uintp(runs[k, 6])
        weight = np.float64(own[unit, w]) if w >= 0 else 1.0
        if not weight > 0:
            continue
        if op == PRODUCT:
            for i in range(size):
                value = np.float64(own[unit, a + i])
                above[p, to + i] += weight * value if value == value else 0.0
        elif b >= 0 and step == 1:
            other = uintp(b)
            for i in range(size):
                given = own[unit, a + i] == own[unit, a + i]
                both = given & (own[unit, other + i] == own[unit, other + i])
                above[p, to + i] += weight if both else 0.0
        elif b < 0 or own[unit, b] == own[unit, b]:
            for i in range(size):
                given = own[unit, a + i] == own[unit, a + i]
                above[p, to + i] += weight if given else 0.0


@compiled
def _before(value: float, rank: float, best: float, best_rank: float) -> bool:
    """Whether a figure goes before the one found so far."""
    if value != value:
        return False
    return (best != best) or rank >= best_rank


@compiled
def _rank(op: int, value: float, order: float, low: float, high: float) -> float:
    if op == MAX:
        return value
    if op == MIN:
        return -value
    if op == LAST:
        return order
    return max(low - value, value - high)


@compiled
def _begun(own: Any, op: int, a: int, b: int, w: int) -> float:
    """What a unit itself brings into one lane that is added."""
    value = np.float64(own[a])
    if value != value or (b >= 0 and own[b] != own[b]):
        return 0.0
    if op == SUM:
        return value
    if w < 0:
        return 1.0
    weight = np.float64(own[w])
    if not weight > 0:
        return 0.0
    return weight * value if op == PRODUCT else weight


@compiled
def _add(own: Any, above: Any, tree: Any, p: int, lane: int, row: Any) -> float:
    """One added lane at an upper unit, from its children."""
    first, last, upper, units, _order = tree
    op, a, b, w = row[0], row[1], row[2], row[3]
    total = 0.0
    for child in range(first[p], last[p]):
        q = upper[child]
        total += above[q, lane] if q >= 0 else _begun(own[child], op, a, b, w)
    return total + _begun(own[units[p]], op, a, b, w)


@compiled
def _take(
    own: Any, above: Any, orders: Any, tree: Any, p: int, lane: int, row: Any, band: Any
) -> float:
    """One lane at an upper unit that takes the figure that goes before the others. `orders`
    keeps the rank of the figure taken at each upper unit."""
    first, last, upper, units, _order = tree
    op, a, w = row[0], row[1], row[3]
    best, best_rank = np.nan, 0.0
    for child in range(last[p] - 1, first[p] - 2, -1):
        here = child if child >= first[p] else units[p]  # the unit's own figure comes last
        q = upper[here] if child >= first[p] else -1
        if q >= 0:
            value, rank = above[q, lane], orders[q]
        else:
            value = np.float64(own[here, a])
            rank = _rank(op, value, np.float64(own[here, w]) if w >= 0 else 0.0, band[0], band[1])
        if _before(value, rank, best, best_rank):
            best, best_rank = value, rank
    orders[p] = best_rank
    return best


@compiled
def _take_all(own: Any, above: Any, tree: Any, added: int, table: Any, bands: Any) -> None:
    orders = np.empty(above.shape[0])
    for lane in range(added, table.shape[0]):
        for p in range(above.shape[0] - 1, -1, -1):
            above[p, lane] = _take(own, above, orders, tree, p, lane, table[lane], bands[lane])


@inlined
def add_up(own: Any, above: Any, tree: Any, p: int, runs: Any, paired: int, added: int) -> None:
    """Fill the lanes that are added at an upper unit whose children are finished.

    The first `paired` lanes are sums, followed by the counts of the same columns in the same
    order: the two are filled in one sweep.
    """
    first, last, upper, units, _order = tree
    for i in range(uintp(added)):
        above[p, i] = 0.0
    for child in range(first[p], last[p]):
        q = upper[child]
        if q >= 0:
            for i in range(uintp(added)):
                above[p, i] += above[q, i]
        else:
            fetch_row(own, child + AHEAD)
            _bring(own, child, above, p, runs, paired)
    _bring(own, units[p], above, p, runs, paired)


@swept
def roll(
    owns: Any, aboves: Any, tree: Any, runs: Any, paired: int, added: int, table: Any, bands: Any
) -> None:
    """Fill every lane of strips of one layout, a strip on each core at a time."""
    for t in prange(owns.shape[0]):
        own, above = owns[t], aboves[t]
        for p in tree[4]:
            add_up(own, above, tree, p, runs, paired, added)
        if added < table.shape[0]:
            _take_all(own, above, tree, added, table, bands)


@compiled
def roll_again(
    own: Any, above: Any, tree: Any, added: int, table: Any, bands: Any, uppers: Any, lanes: Any
) -> None:
    """Recompute some lanes at some upper units (deepest first) from their children. A lane
    that is not added is recomputed whole, for the ranks of its figures are not kept."""
    orders = np.empty(above.shape[0])
    for k in range(lanes.shape[0]):
        lane = lanes[k]
        if lane < added:
            for i in range(uppers.shape[0]):
                above[uppers[i], lane] = _add(own, above, tree, uppers[i], lane, table[lane])
        else:
            for p in range(above.shape[0] - 1, -1, -1):
                above[p, lane] = _take(own, above, orders, tree, p, lane, table[lane], bands[lane])
