"""Bringing changed figures into the cube without making it anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from throughline.figures.cube.columns import NOTHING, column_of
from throughline.figures.cube.file import ABOVE, CLEARED, OWN, PLACED, Batch, Generation, put
from throughline.figures.cube.file import Standing as Position
from throughline.figures.cube.measures import ACCEPTED, SIMULATED
from throughline.figures.cube.rolling import roll_again
from throughline.figures.cube.strips import Cells, Key, Strip, fits
from throughline.figures.rollup.measuring import Home, cells_of
from throughline.figures.rollup.standing import Standing


class NeedsMaking(Exception):
    """A change for which a strip has no room: a period or an indicator of which nothing was
    known, the first provisional figure, a value that takes more than 24 bits."""


Array = npt.NDArray[Any]

Changed = Mapping[tuple[int, int], Cells]
"""By part and place, every figure that stands there now."""


def changes_of(
    generation: Generation,
    cells: Sequence[tuple[int, int, str]],
    rows: Iterable[Standing],
    homes: Mapping[int, Home],
) -> Mapping[Key, Changed]:
    """By strip, what stands now in the places in which a cell changed: what was just read of
    the changed cells, and what stood in the other series."""
    read = cells_of(rows, homes)
    found: dict[Key, dict[tuple[int, int], Cells]] = {}
    changed: dict[Key, dict[tuple[int, int], set[int]]] = {}
    for series, place, period in cells:
        home = homes[series]
        key = Key(home.scheme, home.edition, period)
        changed.setdefault(key, {}).setdefault((home.part, place), set()).add(series)
    for key, places in changed.items():
        number = generation.number.get(key)
        new = read.get(key, NOTHING)
        if number is None:
            if len(new):
                raise NeedsMaking(f"{key.period} is new")
            continue  # a draft, or a figure that is not released yet, in a period without any
        strip = generation.strip(number)
        for (part, place), series_changed in places.items():
            before = strip.cells.get(part, NOTHING)
            before = before[before["place"] == place]
            stay = before[~np.isin(before["series"], list(series_changed))]
            come = new[(new["part"] == part) & (new["place"] == place)]
            both = np.concatenate([stay, come])
            order = sorted(
                range(len(both)),
                key=lambda n: (homes[int(both["series"][n])].rank, int(both["series"][n])),
            )
            found.setdefault(key, {})[part, place] = both[order]
    return found


def apply(generation: Generation, changes: Mapping[Key, Changed], standing: Position) -> Batch:
    """Bring changes into the generation's arrays, and give them as a batch for the others.

    Raises NeedsMaking before anything is touched.
    """
    for key, changed in changes.items():
        _require_room(generation.strip(generation.number[key]), changed)
    parts: dict[str, list[Array]] = {"own": [], "above": [], "cleared": [], "placed": []}
    for key, changed in changes.items():
        number = generation.number[key]
        strip = generation.strip(number)
        for (part, place), new in changed.items():
            put(strip, part, place, new)
            parts["cleared"].append(np.array([(number, part, place)], CLEARED))
            placed = np.zeros(len(new), PLACED)
            placed["strip"], placed["cell"] = number, new
            parts["placed"].append(placed)
        own, above = _roll_again(strip, number, {part for part, _place in changed})
        parts["own"].append(own)
        parts["above"].append(above)
    generation.standing = standing
    empty = {"own": OWN, "above": ABOVE, "cleared": CLEARED, "placed": PLACED}
    whole = {
        name: np.concatenate([np.zeros(0, kind), *parts[name]]) for name, kind in empty.items()
    }
    return Batch(standing, **whole)


def _require_room(strip: Strip, changed: Changed) -> None:
    """Whether a strip can hold a change as it is laid out."""
    absent = {(column.part, column.holds) for column in strip.layout.absent}
    for (part, _place), new in changed.items():
        if not len(new):
            continue
        if part not in strip.cells:
            raise NeedsMaking(f"the first figure of an indicator in {strip.key.period}")
        if new["provisional"].any() and (part, ACCEPTED) in absent:
            raise NeedsMaking("the first provisional figure")
        if new["simulated"].any() and (part, SIMULATED) in absent:
            raise NeedsMaking("the first simulated figure")
        if strip.own.dtype == np.float32 and not (
            fits(new["value"]) and fits(new["observation"].astype(np.float64))
        ):
            raise NeedsMaking("a number of more than 24 bits")


def _roll_again(strip: Strip, number: int, parts: set[int]) -> tuple[Array, Array]:
    """Refill the columns of changed parts and roll up what depends on them; the figures and
    lanes whose bits changed."""
    own, above = [np.zeros(0, OWN)], [np.zeros(0, ABOVE)]
    units: set[int] = set()
    touched = []
    for column, index in strip.layout.column_number.items():
        if column.part not in parts and column.itself not in parts:
            continue
        values = column_of(strip.shape, column, strip.cells).astype(strip.own.dtype)
        differs = np.flatnonzero(_bits(values) != _bits(strip.own[:, index]))
        if not len(differs):
            continue
        strip.own[differs, index] = values[differs]
        rows = np.zeros(len(differs), OWN)
        rows["strip"], rows["unit"], rows["column"] = number, differs, index
        rows["value"] = values[differs]
        own.append(rows)
        units |= set(differs.tolist())
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


def _bits(values: Array) -> Array:
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")
