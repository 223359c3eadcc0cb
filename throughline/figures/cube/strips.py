"""Strips: the figures of one period in one edition, and everything above them.

A strip holds the columns of all indicators side by side, a row for each unit, small enough
that a row and the sums above it stay in the processor's nearest cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from throughline.figures.cube.measures import EVERY, SIMULATED, Column, Lane, Measure, Op, begun
from throughline.figures.cube.shape import Floats, Ints, Shape

CELL = np.dtype(
    [
        ("part", "<i4"), ("place", "<i8"), ("series", "<i4"), ("status", "<i1"),
        ("provisional", "<i1"), ("simulated", "<i1"), ("observation", "<i8"), ("value", "<f8"),
    ]
)  # fmt: skip
"""One standing figure. Cells are sorted by part and place, then by which goes before."""

Cells = npt.NDArray[Any]


class Key(NamedTuple):
    """Which strip: a scheme of places, an edition, a period's code."""

    scheme: int
    edition: int
    period: str


@dataclass(frozen=True)
class Layout:
    """Which columns and lanes a strip has, and the runs in which the kernels fill the lanes.

    Lanes that are added come first. A run is a row of `runs`: op, first column a, first b
    (-1: none), step of b (0: one b for the whole run), column w (-1: none), first lane, how
    many.
    """

    columns: tuple[Column, ...]
    lanes: tuple[Lane, ...]
    measures: tuple[Measure, ...]

    absent: tuple[Column, ...] = ()

    @classmethod
    def of(cls, measures: Iterable[Measure], absent: Iterable[Column] = ()) -> Layout:
        """The layout for some measures. Columns that are `absent` are not kept: accepted
        figures where none is provisional, marks of simulated ones where there are none."""
        asked, missing = tuple(measures), tuple(sorted(set(absent)))
        wanted = (kept(lane, frozenset(missing)) for each in asked for lane in each.all_lanes)
        lanes = [lane for lane in dict.fromkeys(wanted) if lane is not None]
        named = [column for lane in lanes for column in (lane.a, lane.b, lane.w) if column]
        summed = {lane.a for lane in lanes if lane.op is Op.SUM}
        second = {lane.b for lane in lanes}
        columns = tuple(
            sorted(
                dict.fromkeys(named),
                key=lambda column: (column not in summed, column.holds, column in second),
            )
        )
        number = {column: index for index, column in enumerate(columns)}

        shared = Counter((lane.op, lane.w, lane.b) for lane in lanes)

        def place(lane: Lane) -> tuple[int, ...]:
            """Lanes that can be filled in one sweep stand together: pairs of columns as far
            apart, or columns with the same second one."""
            a, w = number[lane.a], number[lane.w] if lane.w else -1
            if lane.b is None:
                return (lane.op, w, 0, 0, a)
            b = number[lane.b]
            if shared[lane.op, lane.w, lane.b] > 1:
                return (lane.op, w, 1, b, a)
            return (lane.op, w, 0, b - a, a)

        return cls(columns, tuple(sorted(lanes, key=place)), asked, missing)

    @cached_property
    def column_number(self) -> dict[Column, int]:
        return {column: index for index, column in enumerate(self.columns)}

    @cached_property
    def lane_number(self) -> dict[Lane, int]:
        return {lane: index for index, lane in enumerate(self.lanes)}

    @cached_property
    def measure(self) -> dict[int, Measure]:
        """By key, the measures of the strip."""
        return {each.key: each for each in self.measures}

    @cached_property
    def added(self) -> int:
        """How many lanes are added; the others stand behind them."""
        return sum(lane.op.is_added for lane in self.lanes)

    @cached_property
    def paired(self) -> int:
        """So many lanes, the first, are sums of the first columns; so many after them count
        the same columns. The kernels fill both in one sweep."""
        return sum(lane.op is Op.SUM for lane in self.lanes)

    @cached_property
    def table(self) -> Ints:
        """A row for each lane: op, a, b, w; -1 for none."""
        number = self.column_number
        rows = [
            (lane.op, *(-1 if each is None else number[each] for each in (lane.a, lane.b, lane.w)))
            for lane in self.lanes
        ]
        return np.asarray(rows, np.int32).reshape(-1, 4)

    @cached_property
    def bands(self) -> Floats:
        """A row for each lane: its band."""
        rows = [(lane.low, lane.high) for lane in self.lanes]
        return np.asarray(rows, np.float64).reshape(-1, 2)

    @cached_property
    def runs(self) -> Ints:
        """Lanes of one kind over neighbouring columns, which are filled in one sweep."""
        found: list[list[int]] = []
        for lane in range(2 * self.paired, self.added):
            op, a, b, w = self.table[lane].tolist()
            last = found[-1] if found else None
            if last and (op, w) == (last[0], last[4]) and a == last[1] + last[6]:
                size, step = last[6], last[3]
                if b < 0 or (b == last[2] + size * step and (step or b == last[2])):
                    last[6] += 1
                    continue
                if size == 1 and b == last[2]:
                    last[3], last[6] = 0, 2
                    continue
            found.append([op, a, b, int(b >= 0), w, lane, 1])
        return np.asarray(found, np.int32).reshape(-1, 7)

    @cached_property
    def touched(self) -> tuple[tuple[int, ...], ...]:
        """By column, the lanes that change with it."""
        found: list[list[int]] = [[] for _ in self.columns]
        for lane, row in enumerate(self.table.tolist()):
            for column in {*row[1:]} - {-1}:
                found[column].append(lane)
        return tuple(map(tuple, found))


def kept(lane: Lane, absent: Collection[Column]) -> Lane | None:
    """The lane in which another is found where some columns are absent; None for a lane that
    is 0 everywhere."""
    if lane.a.holds == SIMULATED:
        return None if lane.a in absent else lane

    def found(column: Column | None) -> Column | None:
        return column._replace(holds=EVERY) if column in absent and column else column

    return lane._replace(a=found(lane.a) or lane.a, b=found(lane.b), w=found(lane.w))


@dataclass(eq=False)
class Strip:
    """The figures of a period in an edition: what the units gave (`own`, a row for each
    unit), the lanes of the upper units (`above`, a row for each), by part the standing
    figures, also of places that owe none."""

    key: Key
    shape: Shape
    layout: Layout
    own: npt.NDArray[np.floating[Any]]
    above: Floats
    cells: dict[int, Cells]

    def column(self, column: Column) -> Floats:
        """A column by unit, NaN for a missing figure."""
        number = self.layout.column_number[column]
        return self.own[:, number].astype(np.float64)

    def lane(self, lane: Lane) -> Floats:
        """A lane at every unit."""
        found = begun(lane, self.column)
        found[self.shape.units] = self.above[:, self.layout.lane_number[lane]]
        return found

    def held(self, measure: Measure) -> Held:
        """A copy of all that makes up the values of one measure."""
        wanted = {lane: kept(lane, self.layout.absent) for lane in measure.all_lanes}
        lanes = {lane for lane in wanted.values() if lane is not None}
        columns = {each for lane in lanes for each in (lane.a, lane.b, lane.w) if each}
        number = self.layout.lane_number
        return Held(
            self.shape,
            wanted,
            {column: self.column(column) for column in columns},
            {lane: self.above[:, number[lane]].copy() for lane in lanes},
        )


@dataclass(eq=False)
class Held:
    """What makes up the values of one measure, apart from the cube it was read from."""

    shape: Shape
    wanted: Mapping[Lane, Lane | None]
    columns: Mapping[Column, Floats]
    above: Mapping[Lane, Floats]

    def column(self, column: Column) -> Floats:
        """A column by unit; accepted figures are every figure where none is provisional."""
        return self.columns[column if column in self.columns else column._replace(holds=EVERY)]

    def lane(self, lane: Lane) -> Floats:
        """A lane at every unit."""
        found_in = self.wanted[lane]
        if found_in is None:
            return np.zeros(len(self.shape))
        found = begun(found_in, self.columns.__getitem__)
        found[self.shape.units] = self.above[found_in]
        return found


def tile(own: Floats) -> npt.NDArray[np.floating[Any]]:
    """The figures in the smallest type that holds every one of them exactly: whole numbers of
    24 bits, say, in half the space. Checked figure by figure, for float32 cannot hold a
    population of 126,012,510.

    >>> tile(np.array([16_777_216.0, np.nan])).dtype, tile(np.array([16_777_217.0])).dtype
    (dtype('float32'), dtype('float64'))
    """
    return own.astype(np.float32) if fits(own) else own


def fits(values: Floats) -> bool:
    """Whether float32 loses nothing of some values."""
    with np.errstate(over="ignore"):
        small = values.astype(np.float32)
    return bool(np.array_equal(small.astype(np.float64), values, equal_nan=True))
