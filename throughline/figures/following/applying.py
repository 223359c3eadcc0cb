"""Bringing changed figures into the strips of the cube that have room for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from throughline.figures.cube.columns import (
    NOTHING,
    by_part,
    column_of,
    positions_of,
    replaced,
    where,
)
from throughline.figures.cube.file import ABOVE, CLEARED, OWN, PLACED, Batch, Generation
from throughline.figures.cube.file import Standing as Position
from throughline.figures.cube.measures import ACCEPTED, ORDER, SIMULATED, Column
from throughline.figures.cube.rolling import roll_again
from throughline.figures.cube.shape import Longs
from throughline.figures.cube.strips import CELL, Cells, Key, Strip, fits
from throughline.figures.following.changes import Cell
from throughline.figures.rollup.measuring import Home, cells_of
from throughline.figures.rollup.standing import Standing

Array = npt.NDArray[Any]
PLACE, SERIES = (list(CELL.names or ()).index(name) for name in ("place", "series"))


class Changed(NamedTuple):
    """What stands now in some places for a part of a strip: the places, in order, and every
    figure that stands there, sorted like a strip's cells."""

    places: Longs
    cells: Cells


Changes = Mapping[Key, Mapping[int, Changed]]
"""By strip and part."""


def changes_of(
    generation: Generation,
    cells: Iterable[Cell],
    rows: Iterable[Standing],
    homes: Mapping[int, Home],
) -> tuple[Changes, Mapping[Key, str]]:
    """What stands now in the places in which a cell changed: what was just read of the
    changed cells, and what stood in the other series. And the strips that have no room for
    theirs, with the reason: those have to be made anew."""
    read = cells_of(rows, homes)
    changed: dict[Key, dict[int, set[tuple[int, int]]]] = {}
    for series, place, period in cells:
        home = homes[series]
        changed.setdefault(home.key(period), {}).setdefault(home.part, set()).add((place, series))
    found: dict[Key, dict[int, Changed]] = {}
    narrow: dict[Key, str] = {}
    for key, parts in changed.items():
        number = generation.number.get(key)
        new = by_part(read.get(key, NOTHING))
        if number is None:
            if new:
                narrow[key] = f"{key.period} is new"
            continue  # a draft, or a figure that is not released yet, in a period without any
        strip = generation.strip(number)
        now = {
            part: _standing_now(
                strip.cells.get(part, NOTHING), new.get(part, NOTHING), pairs, homes
            )
            for part, pairs in parts.items()
        }
        if why := _why_no_room(strip, now):
            narrow[key] = why
        else:
            found[key] = now
    return found, narrow


def _standing_now(
    before: Cells, new: Cells, changed: set[tuple[int, int]], homes: Mapping[int, Home]
) -> Changed:
    """The figures of a part in the places of changed (place, series)."""
    places = np.unique(np.asarray([place for place, _series in changed], np.int64))
    stood = before[where(before, places)].tolist()
    both = [cell for cell in stood if (cell[PLACE], cell[SERIES]) not in changed] + new.tolist()
    both.sort(key=lambda cell: (cell[PLACE], homes[cell[SERIES]].rank, cell[SERIES]))
    return Changed(places, np.array(both, CELL))


def apply(generation: Generation, changes: Changes, standing: Position) -> Batch:
    """Bring changes for which there is room into the generation's arrays, and give them as a
    batch for the others."""
    parts: dict[str, list[Array]] = {"own": [], "above": [], "cleared": [], "placed": []}
    for key, changed in changes.items():
        number = generation.number[key]
        strip = generation.strip(number)
        for part, (places, new) in changed.items():
            strip.cells[part] = replaced(strip.cells.get(part, NOTHING), places, new)
            cleared = np.zeros(len(places), CLEARED)
            cleared["strip"], cleared["part"], cleared["place"] = number, part, places
            placed = np.zeros(len(new), PLACED)
            placed["strip"], placed["cell"] = number, new
            parts["cleared"].append(cleared)
            parts["placed"].append(placed)
        own, above = _roll_again(
            strip, number, {part: places for part, (places, _new) in changed.items()}
        )
        parts["own"].append(own)
        parts["above"].append(above)
    generation.standing = standing
    empty = {"own": OWN, "above": ABOVE, "cleared": CLEARED, "placed": PLACED}
    whole = {
        name: np.concatenate([np.zeros(0, kind), *parts[name]]) for name, kind in empty.items()
    }
    return Batch(standing, **whole)


def _why_no_room(strip: Strip, changed: Mapping[int, Changed]) -> str:
    """Why a strip cannot hold a change as it is laid out; nothing where it can."""
    absent = {(column.part, column.holds) for column in strip.layout.absent}
    ordered = {column.part for column in strip.layout.columns if column.holds == ORDER}
    for part, (_places, new) in changed.items():
        if not len(new):
            continue
        if part not in strip.cells:
            return f"the first figure of an indicator in {strip.key.period}"
        if new["provisional"].any() and (part, ACCEPTED) in absent:
            return "the first provisional figure"
        if new["simulated"].any() and (part, SIMULATED) in absent:
            return "the first simulated figure"
        if strip.own.dtype == np.float32 and not (
            fits(new["value"])
            and (part not in ordered or fits(new["observation"].astype(np.float64)))
        ):
            return "a number of more than 24 bits"
    return ""


def _roll_again(strip: Strip, number: int, changed: Mapping[int, Longs]) -> tuple[Array, Array]:
    """Refill the columns of changed parts in the places in which they changed, and roll up
    what depends on them; the figures and lanes whose bits changed."""
    own, above = [np.zeros(0, OWN)], [np.zeros(0, ABOVE)]
    units: set[int] = set()
    touched = []
    for column, index in strip.layout.column_number.items():
        places = [changed[part] for part in (column.part, column.itself) if part in changed]
        if not places:
            continue
        here, values = _again(strip, column, np.unique(np.concatenate(places)))
        differs = _bits(values) != _bits(strip.own[here, index])
        if not differs.any():
            continue
        here, values = here[differs], values[differs]
        strip.own[here, index] = values
        rows = np.zeros(len(here), OWN)
        rows["strip"], rows["unit"], rows["column"] = number, here, index
        rows["value"] = values
        own.append(rows)
        units |= set(here.tolist())
        touched.append(index)
    if touched:
        lanes = sorted({lane for index in touched for lane in strip.layout.touched[index]})
        before = strip.above[:, lanes]
        roll_again(strip, units, touched)
        after = strip.above[:, lanes]
        upper, which = np.nonzero(_bits(after) != _bits(before))
        rows = np.zeros(len(upper), ABOVE)
        rows["strip"], rows["upper"], rows["lane"] = number, upper, np.asarray(lanes)[which]
        rows["value"] = after[upper, which]
        above.append(rows)
    return np.concatenate(own), np.concatenate(above)


def _again(strip: Strip, column: Column, places: Longs) -> tuple[Longs, Array]:
    """The units of some places, and what a column now holds for them."""
    here = positions_of(strip.shape, places)
    here = here[here >= 0]
    known = [part for part in (column.part, column.itself) if part in strip.cells]
    cells = {part: strip.cells[part][where(strip.cells[part], places)] for part in known}
    return here, column_of(strip.shape, column, cells)[here].astype(strip.own.dtype)


def _bits(values: Array) -> Array:
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")
