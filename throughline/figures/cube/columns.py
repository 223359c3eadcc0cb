"""From standing figures to columns and strips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from throughline.figures.cube.measures import (
    ACCEPTED,
    EVERY,
    ORDER,
    SIMULATED,
    Column,
    Lane,
    Measure,
)
from throughline.figures.cube.plain import rolled
from throughline.figures.cube.shape import Flags, Floats, Longs, Shape
from throughline.figures.cube.strips import CELL, Cells, Key, Layout, Strip, tile

NOTHING: Cells = np.zeros(0, CELL)


def by_part(cells: Cells) -> dict[int, Cells]:
    """Cells that are sorted by part, part by part."""
    if not len(cells):
        return {}
    parts, starts = np.unique(cells["part"], return_index=True)
    ends = [*starts[1:].tolist(), len(cells)]
    return {
        int(part): cells[start:end]
        for part, start, end in zip(parts, starts.tolist(), ends, strict=True)
    }


def standing(cells: Cells) -> Cells:
    """Of the cells of one part, the figure of each place that goes before the others."""
    if not len(cells):
        return cells
    first = np.ones(len(cells), np.bool_)
    first[1:] = cells["place"][1:] != cells["place"][:-1]
    return cells[first]


def where(cells: Cells, places: Longs) -> Longs:
    """In the cells of one part, the indexes of those of some places; in order of the places."""
    begin = np.searchsorted(cells["place"], places, side="left")
    counts = np.searchsorted(cells["place"], places, side="right") - begin
    before = np.cumsum(counts) - counts
    found: Longs = np.repeat(begin - before, counts) + np.arange(counts.sum())
    return found


def replaced(cells: Cells, places: Longs, new: Cells) -> Cells:
    """A copy of the cells of one part in which some others, sorted by place, are all that
    stands in some places."""
    gone = where(cells, places)
    if np.array_equal(cells["place"][gone], new["place"]):
        found = cells.copy()
        found[gone] = new
        return found
    stay = np.ones(len(cells), np.bool_)
    stay[gone] = False
    found = np.concatenate([cells[stay], new])
    return found[np.argsort(found["place"], kind="stable")]


def positions_of(shape: Shape, places: Longs) -> Longs:
    """The positions of places in a tree, -1 for those that it does not hold."""
    order = shape.places_sorted
    near = np.minimum(np.searchsorted(shape.places[order], places), len(order) - 1)
    found = order[near]
    return np.where(shape.places[found] == places, found, -1)


def column_of(shape: Shape, column: Column, cells: Mapping[int, Cells]) -> Floats:
    """A column by unit: what stands first in each place that owes a figure."""
    return _filled(shape, column, cells, _owing(shape, column, cells))


def _owing(shape: Shape, column: Column, cells: Mapping[int, Cells]) -> Flags:
    if not column.itself:
        return shape.owing(column.tier)
    # What is given for the top is a total of the whole, not a unit's own figure.
    found = np.zeros(len(shape), np.bool_)
    here = positions_of(shape, standing(cells.get(column.itself, NOTHING))["place"])
    found[here[here >= 0]] = True
    return found & (shape.parents >= 0)


def _filled(shape: Shape, column: Column, cells: Mapping[int, Cells], owing: Flags) -> Floats:
    found = np.full(len(shape), np.nan)
    rows = standing(cells.get(column.part, NOTHING))
    here = positions_of(shape, rows["place"])
    counts = (here >= 0) & owing[here]
    if column.holds == ACCEPTED:
        counts &= rows["provisional"] == 0
    elif column.holds == SIMULATED:
        counts &= rows["simulated"] != 0
    here, rows = here[counts], rows[counts]
    if column.holds == SIMULATED:
        found[here] = 1.0
    else:
        found[here] = rows["observation" if column.holds == ORDER else "value"]
    return found


def strip_of(key: Key, shape: Shape, measures: Iterable[Measure], cells: Cells) -> Strip:
    """A strip from its standing figures, sorted by part and place; not yet rolled up."""
    parts, asked = by_part(cells), tuple(measures)
    read: dict[Column, Floats] = {}
    absent = []
    for column in Layout.of(asked).columns:
        read[column] = column_of(shape, column, parts)
        if column.holds == ACCEPTED:
            every = column_of(shape, column._replace(holds=EVERY), parts)
            if np.array_equal(np.isnan(every), np.isnan(read[column])):
                absent.append(column)
        elif column.holds == SIMULATED and np.isnan(read[column]).all():
            absent.append(column)
    layout = Layout.of(asked, absent)
    own = np.full((len(shape), len(layout.columns)), np.nan)
    for number, column in enumerate(layout.columns):
        own[:, number] = read[column] if column in read else column_of(shape, column, parts)
    above = np.zeros((len(shape.units), len(layout.lanes)))
    return Strip(key, shape, layout, tile(own), above, parts)


class Read:
    """What makes up the values of one measure, from figures that were just read: columns and
    lanes are made when they are asked for."""

    def __init__(self, shape: Shape, cells: Mapping[int, Cells]) -> None:
        self.shape = shape
        self.cells = cells
        self._columns: dict[Column, Floats] = {}
        self._lanes: dict[Lane, Floats] = {}

    def column(self, column: Column) -> Floats:
        """A column by unit."""
        if column not in self._columns:
            self._columns[column] = column_of(self.shape, column, self.cells)
        return self._columns[column]

    def lane(self, lane: Lane) -> Floats:
        """A lane at every unit."""
        if lane not in self._lanes:
            self._lanes[lane] = self._lane(lane)
        return self._lanes[lane]

    def _lane(self, lane: Lane) -> Floats:
        if lane.op.is_added and not len(self.cells.get(lane.a.part, NOTHING)):
            return np.zeros(len(self.shape))  # nothing is given, and nothing comes of it
        return rolled(self.shape, lane, self.column)


def contributing(shape: Shape, column: Column, cells: Mapping[int, Cells]) -> set[int]:
    """The series whose figures stand in a column."""
    rows = standing(cells.get(column.part, NOTHING))
    here = positions_of(shape, rows["place"])
    counts = (here >= 0) & _owing(shape, column, cells)[here]
    return set(np.unique(rows["series"][counts]).tolist())
