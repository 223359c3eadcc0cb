"""Comparing cubes, bit by bit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from throughline.figures.cube.columns import Read
from throughline.figures.cube.strips import Strip


def differences(ours: Iterable[Strip], theirs: Iterable[Strip]) -> list[str]:
    """In what two cubes differ: trees, standing figures, every lane of every measure. A strip
    in which nothing stands, and a lane that is read from the standing figures because it has
    no room of its own, are as good as any."""
    left = {strip.key: strip for strip in ours if _stands(strip)}
    right = {strip.key: strip for strip in theirs if _stands(strip)}
    found = [f"only one has {key}" for key in left.keys() ^ right.keys()]
    for key in left.keys() & right.keys():
        found += [f"{key}: {each}" for each in _strip_differences(left[key], right[key])]
    return found


def _stands(strip: Strip) -> bool:
    return any(len(each) for each in strip.cells.values())


def _strip_differences(one: Strip, other: Strip) -> list[str]:
    if one.shape.digest != other.shape.digest:
        return ["their trees"]
    found = []
    for part in one.cells.keys() | other.cells.keys():
        a, b = (np.asarray(each.cells.get(part, [])).tolist() for each in (one, other))
        if a != b:
            found.append(f"figures of {part}: {a} and {b}")
    for measure in {*one.layout.measures, *other.layout.measures}:
        a, b = (
            each.held(measure) if measure in each.layout.measures else Read(each.shape, each.cells)
            for each in (one, other)
        )
        for lane in measure.all_lanes:
            if a.lane(lane).tobytes() != b.lane(lane).tobytes():
                found.append(f"{measure.key} {lane}")
    return found
