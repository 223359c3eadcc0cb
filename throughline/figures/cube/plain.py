"""Roll-up of single lanes in NumPy: for web processes, which hold no compiler.

The kernels do the same in the same order; tests hold the two to the same bits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from throughline.figures.cube.measures import Column, Lane, Op, begun, outside
from throughline.figures.cube.shape import Floats, Shape


def rolled(shape: Shape, lane: Lane, read: Callable[[Column], Floats]) -> Floats:
    """A lane at every unit. Children are added from the first to the last, then the unit's
    own figure.

    >>> shape = Shape.of([1, 2, 3], [-1, 0, 0], ["top", "low", "low"], {"top": 0, "low": 1})
    >>> figures = np.array([np.nan, 2.0, 3.0])
    >>> rolled(shape, Lane(Op.SUM, Column(1, "low", 0, 0)), lambda column: figures).tolist()
    [5.0, 2.0, 3.0]
    """
    own = begun(lane, read)
    return _added(shape, own) if lane.op.is_added else _taken(shape, lane, own, read)


def _added(shape: Shape, own: Floats) -> Floats:
    found = np.zeros(len(shape))
    for step in shape.steps:
        found[step] += own[step]
        np.add.at(found, shape.parents[step], found[step])  # one after another, as they stand
    top = shape.parents < 0
    found[top] += own[top]
    return found


def _taken(shape: Shape, lane: Lane, own: Floats, read: Callable[[Column], Floats]) -> Floats:
    order = read(lane.w) if lane.w is not None else own
    found, ranks = [float("nan")] * len(shape), [0.0] * len(shape)
    values, orders, parents = own.tolist(), order.tolist(), shape.parents.tolist()

    def take(here: int, value: float, rank: float) -> None:
        if value == value and (found[here] != found[here] or rank >= ranks[here]):
            found[here], ranks[here] = value, rank

    for here in range(len(shape) - 1, -1, -1):
        take(here, values[here], _rank(lane, values[here], orders[here]))
        if parents[here] >= 0:
            take(parents[here], found[here], ranks[here])
    return np.asarray(found, np.float64)


def _rank(lane: Lane, value: float, order: float) -> float:
    """By what one figure goes before another."""
    if lane.op is Op.MAX:
        return value
    if lane.op is Op.MIN:
        return -value
    return order if lane.op is Op.LAST else outside(value, lane.low, lane.high)
