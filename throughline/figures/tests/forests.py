"""Made-up trees, indicators and figures for the tests of the cube: small and awkward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from throughline.figures.cube.measures import ORDER, Measure
from throughline.figures.cube.shape import Floats, Shape
from throughline.figures.cube.strips import Key, Layout, Strip

NAMES = ("nation", "province", "city", "county")
LEVELS = {name: level for level, name in enumerate(NAMES)}
PEOPLE = 90
"""The indicator by which the others are weighed."""


@st.composite
def shapes(draw: st.DrawFn, most: int = 40) -> Shape:
    """Trees with tiers skipped and missing: a city without counties, a county right below a
    province, several tops."""
    parents, levels = [-1], [0]
    for here in range(1, draw(st.integers(1, most))):
        able = [-1, *(unit for unit in range(here) if levels[unit] < len(NAMES) - 1)]
        above = draw(st.sampled_from(able))
        lowest = levels[above] + 1 if above >= 0 else 0
        parents.append(above)
        levels.append(draw(st.integers(lowest, len(NAMES) - 1)) if above >= 0 else 0)
    places = draw(st.permutations([100 + number for number in range(len(parents))]))
    return Shape.of(places, parents, [NAMES[level] for level in levels], LEVELS)


@st.composite
def measures(draw: st.DrawFn) -> list[Measure]:
    """Indicators of every kind that is rolled up; parts are shared as they come."""
    found = [Measure(PEOPLE, "sum", (PEOPLE,), "county")]
    parts = st.integers(1, 6)
    for key in range(1, draw(st.integers(1, 8)) + 1):
        kind = draw(st.sampled_from(["sum", "ratio", "weighted_mean", "last", "max", "worst_of"]))
        low = draw(st.floats(0, 5))
        found.append(
            Measure(
                key,
                kind,
                (draw(parts), draw(parts)) if kind == "ratio" else (key,),
                draw(st.sampled_from(["city", "county"])),
                weight=draw(st.sampled_from([0, PEOPLE, 1])),
                reports_itself=draw(st.booleans()),
                scale=draw(st.sampled_from([1.0, 100.0])),
                direction=draw(st.sampled_from(["up", "down", "band"])),
                low=low,
                high=low + draw(st.floats(0, 5)),
            )
        )
    return found


@dataclass
class Change:
    """A figure that takes another's place."""

    unit: int
    column: int
    value: float


def figures(layout: Layout, units: int, seed: int) -> Floats:
    """Figures of every size and sign, zeros of both signs, and missing ones."""
    chance = np.random.default_rng(seed)
    size = (units, len(layout.columns))
    found = chance.normal(0, 1, size) * 10.0 ** chance.integers(-3, 9, size)
    found[chance.random(size) < 0.1] = 0.0
    found[chance.random(size) < 0.05] = -0.0
    found[chance.random(size) < 0.3] = np.nan
    whole = chance.random(len(layout.columns)) < 0.5
    found[:, whole] = np.round(found[:, whole])
    for number, column in enumerate(layout.columns):
        if column.holds == ORDER:
            found[:, number] = chance.permutation(units)
    return found


@st.composite
def strips(draw: st.DrawFn) -> Strip:
    """A strip that is not yet rolled up."""
    shape, layout = draw(shapes()), Layout.of(draw(measures()))
    own = figures(layout, len(shape), draw(st.integers(0, 2**32 - 1)))
    above = np.zeros((len(shape.units), len(layout.lanes)))
    return Strip(Key(1, 1, "2020"), shape, layout, own, above, {})
