"""Rolling strips up, in full and after changes. Needs the compiler: only for the roll-up
process, tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from throughline.figures.cube import kernels
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.shape import Ints, Shape
from throughline.figures.cube.strips import Key, Layout, Strip

Tree = tuple[Ints, Ints, Ints, Ints, Ints]


def compile_kernels() -> None:
    """Have every kernel compiled for this machine, for figures of both sizes, by rolling up a
    parent with a child. Some 20 s the first time; what is compiled is kept."""
    shape = Shape.of([1, 2], [-1, 0], ["above", "below"], {"above": 0, "below": 1})
    layout = Layout.of([Measure(1, "sum", (1,), "below")])
    for kind in (np.float32, np.float64):
        own = np.ones((len(shape), len(layout.columns)), kind)
        above = np.zeros((len(shape.units), len(layout.lanes)))
        strip = Strip(Key(0, 0, "2020"), shape, layout, own, above, {})
        roll_up([strip])
        roll_again(strip, [1], [0])


def tree_of(shape: Shape) -> Tree:
    """A shape as the kernels take it."""
    return shape.first, shape.last, shape.upper, shape.units, shape.order


def roll_up(strips: Sequence[Strip]) -> None:
    """Fill every lane of some strips. Those that are alike are laid side by side in memory
    and rolled up together, one on each core at a time."""
    alike: dict[tuple[object, ...], list[Strip]] = {}
    for strip in strips:
        mark = (strip.shape.digest, strip.layout, strip.own.dtype)
        alike.setdefault(mark, []).append(strip)
    for block in alike.values():
        _roll_block(block)


def _roll_block(block: Sequence[Strip]) -> None:
    shape, layout = block[0].shape, block[0].layout
    owns = np.stack([strip.own for strip in block])
    aboves = np.zeros((len(block), len(shape.units), len(layout.lanes)))
    kernels.roll(
        owns, aboves, tree_of(shape),
        layout.runs, layout.paired, layout.added, layout.table, layout.bands,
    )  # fmt: skip
    for number, strip in enumerate(block):
        strip.own, strip.above = owns[number], aboves[number]


def roll_again(
    strip: Strip, units: Iterable[int], columns: Iterable[int]
) -> tuple[list[int], list[int]]:
    """Recompute what depends on changed figures: the lanes of some columns at the upper units
    at or above some units. Gives the upper units and the lanes in which values changed."""
    shape, layout = strip.shape, strip.layout
    uppers: set[int] = set()
    for unit in units:
        here = unit
        while here >= 0:
            if shape.upper[here] >= 0:
                uppers.add(int(shape.upper[here]))
            here = int(shape.parents[here])
    lanes = sorted({lane for column in columns for lane in layout.touched[column]})
    at = np.asarray(sorted(uppers, reverse=True), np.int32)  # children before their parents
    again = np.asarray(lanes, np.int32)
    kernels.roll_again(
        strip.own, strip.above, tree_of(shape),
        layout.added, layout.table, layout.bands, at, again,
    )  # fmt: skip
    return at.tolist(), lanes
