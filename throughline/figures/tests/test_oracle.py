"""The cube against the independent oracle: random trees, indicators, figures and groups.

`THROUGHLINE_ORACLE_CASES` says how many cases are tried (`make oracle`: 10,000).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from throughline.figures.cube.columns import Read, by_part, strip_of
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.numbers import Numbers
from throughline.figures.cube.rolling import roll_up
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import CELL, Cells, Key, Strip
from throughline.figures.rollup.composed import Composed
from throughline.figures.tests.forests import LEVELS, NAMES
from throughline.plans.rules import Formula

oracle = pytest.importorskip("throughline.figures.oracle", reason="needs the extra `scale`")

TOGETHER = 30
"""Worlds that the oracle answers in one query."""

CASES = int(os.environ.get("THROUGHLINE_ORACLE_CASES", "300"))
KINDS = ("sum", "ratio", "weighted_mean", "last", "max", "worst_of")


@dataclass
class World:
    """A period of a small country: its tree, what is rolled up, the figures that stand, and
    groups of its places."""

    number: int
    whole: bool
    shape: Shape
    measures: list[Measure]
    cells: Cells
    ranks: dict[int, int]
    groups: dict[int, list[int]]
    formulas: dict[int, str]


def world_of(number: int, seed: int) -> World:
    """A world by chance; every third has whole numbers alone."""
    chance = np.random.default_rng(seed)
    whole = seed % 3 == 0
    shape = tree(chance)
    measures = [measure(chance, key) for key in range(1, chance.integers(2, 9))]
    ranks = {series: int(chance.integers(1, 4)) for series in range(1, 30)}
    groups = {
        -group: chance.choice(shape.places, chance.integers(1, len(shape) + 1), False).tolist()
        for group in (1, 2, 3)
    }
    cells = figures(chance, shape, whole, ranks)
    formulas = {100 + each: formula(chance, measures, whole) for each in (1, 2)}
    return World(number, whole, shape, measures, cells, ranks, groups, formulas)


def tree(chance: np.random.Generator) -> Shape:
    """Tiers skipped and missing, several tops."""
    parents, levels = [-1], [0]
    for _ in range(chance.integers(0, 40)):
        able = [-1, *(unit for unit, level in enumerate(levels) if level < len(NAMES) - 1)]
        above = int(chance.choice(able))
        parents.append(above)
        levels.append(int(chance.integers(levels[above] + 1, len(NAMES))) if above >= 0 else 0)
    places = 1000 + chance.permutation(len(parents))
    return Shape.of(places.tolist(), parents, [NAMES[level] for level in levels], LEVELS)


def measure(chance: np.random.Generator, key: int) -> Measure:
    """An indicator of any kind."""
    kind = str(chance.choice(KINDS))
    low = float(chance.integers(0, 50))
    parts = tuple(int(part) for part in chance.integers(1, 7, 2)) if kind == "ratio" else (key,)
    return Measure(
        key,
        kind,
        parts,
        str(chance.choice(["city", "county", "village"])),
        weight=int(chance.choice([0, 1, 2])),
        reports_itself=bool(chance.random() < 0.2),
        scale=float(chance.choice([1, 100])),
        direction=str(chance.choice(["up", "down", "band"])),
        low=low,
        high=low + float(chance.integers(0, 50)),
    )


FORMULAS = (
    "{a} + {b}", "{a} × 2.5 / {b}", "{a} * {b} ÷ ({c} + 1)", "({a} + {b}) / ({c} * {c})",
    "max({a}, {b}, 3) + min({a}, {c})", "min({a} / {b}, {c}) * 100", "7 / {a}",
)  # fmt: skip
DIFFERENCES = ("{a} - {b}", "-{a} + {b} − {c} * 2", "{a} / ({b} - {c})")
"""Only for whole numbers: a difference of two nearly equal figures has nothing to be close to."""


def formula(chance: np.random.Generator, measures: list[Measure], whole: bool) -> str:
    """A formula of some of the measures, whose names are parts of each other's."""
    known = [each.key for each in measures if not whole or each.kind not in DIVIDED]
    texts = FORMULAS + (DIFFERENCES if whole else ())
    keys = [name_of(int(chance.choice(known or [1]))) for _ in range(3)]
    return str(chance.choice(texts)).format(**dict(zip("abc", keys, strict=True)))


DIVIDED = ("ratio", "weighted_mean")


def name_of(key: int) -> str:
    """The name of a measure in a formula."""
    return "-".join(["jobs", *(["a"] * key)])


def figures(chance: np.random.Generator, shape: Shape, whole: bool, ranks: dict[int, int]) -> Cells:
    """Figures of units, some of several series, some provisional; totals stated above; and of
    a place that the tree does not hold."""
    rows = []
    observations = iter(chance.permutation(5000))
    for part in range(1, 9):
        for place in [*shape.places.tolist(), 5]:
            for series in range(part * 3, part * 3 + 2):
                if chance.random() < 0.5:
                    value = float(chance.integers(0, 2**22) if whole else chance.gamma(1, 1e4))
                    if chance.random() < 0.1:
                        value = 0.0
                    firm = chance.random() < 0.8
                    rows.append(
                        (part, place, series, 0, not firm, False, next(observations), value)
                    )
    rows.sort(key=lambda row: (row[0], row[1], ranks[row[2]], row[2]))
    return np.array(rows, CELL)


def related(worlds: list[World]) -> object:
    """The worlds as the oracle takes them."""
    rows = oracle.Relations()
    for each in worlds:
        n, shape = each.number, each.shape
        places = shape.places.tolist()
        parents = [places[above] if above >= 0 else None for above in shape.parents.tolist()]
        tiers = [(shape.names[tier], shape.levels[tier]) for tier in shape.tiers.tolist()]
        rows.add_tree(n, places, parents, tiers)
        rows.strips.append((n, n))
        for part, place, series, _status, provisional, _made_up, seen, value in each.cells.tolist():
            rank = each.ranks[series]
            rows.figures.append((n, part, place, rank, series, value, bool(provisional), seen))
        for m in each.measures:
            under = m.parts[1] if m.kind == "ratio" else 0
            rows.measures.append(
                (
                    n, m.key, m.kind, m.parts[0], under, m.weight, m.tier,
                    LEVELS.get(m.tier, -1), m.reports_itself, m.scale, m.direction, m.low, m.high,
                )
            )  # fmt: skip
        for group, members in each.groups.items():
            rows.members += [(n, group, place) for place in members]
        for number, text in each.formulas.items():
            names = {name_of(m.key): m.key for m in each.measures}
            named = {key: names[key] for key in Formula.parse(text).keys}
            rows.formulas.append(oracle.Formula(n, number, text, named))
    return rows


def close(ours: float | None, theirs: float | None, measure: Measure, whole: bool) -> bool:
    """The same figure: exactly where all are whole numbers, else to a part in 10^12. Of two
    figures as far outside a band either is the worst."""
    if ours is None or theirs is None:
        return ours is theirs
    if measure.kind == "worst_of" and measure.direction == "band":
        ours, theirs = (max(measure.low - x, x - measure.high) for x in (ours, theirs))
    return ours == theirs or (not whole and abs(ours - theirs) <= 1e-12 * abs(theirs))


def number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


rolled_up = roll_up

NOTHING = (None, None, 0, None)


def disagreements(world: World, told: Any) -> list[str]:
    """Where cube and oracle differ on a world; where the plain roll-up differs from the cube."""
    strip = strip_of(Key(1, 1, "2020"), world.shape, world.measures, world.cells)
    rolled_up([strip])
    found = []
    for measure in world.measures:
        numbers = Numbers(measure, strip.held(measure))
        plain = Numbers(measure, Read(world.shape, by_part(world.cells)))
        for name in ("total", "accepted", "reported", "expected", "weight", "provisional"):
            if getattr(numbers, name).tobytes() != getattr(plain, name).tobytes():
                found.append(f"{measure}: {name} differs between kernels and plain")
        for here, place in enumerate(world.shape.places.tolist()):
            said = told.get((world.number, measure.key, place))
            value, accepted, reported, weight = (
                (said.value, said.accepted, said.reported, said.weight) if said else NOTHING
            )
            same = (
                close(number(numbers.total[here]), value, measure, world.whole)
                and close(number(numbers.accepted[here]), accepted, measure, world.whole)
                and numbers.reported[here] == reported
                and (measure.weight == 0 or close_share(number(numbers.weight[here]), weight))
            )
            if not same:
                found.append(f"{measure} at {place}: {numbers.total[here]}, told {said}")
        for group, members in world.groups.items():
            inside = inside_of(world.shape, measure, members)
            joined = numbers.joined(inside)
            if joined != plain.joined(inside):
                found.append(f"{measure}: {group} differs between kernels and plain")
            said = told.get((world.number, measure.key, group))
            value, reported = (said.value, said.reported) if said else (None, 0)
            if not close(joined.total, value, measure, world.whole):
                found.append(f"{measure} of {members}: {joined}, told {said}")
            if not measure.reports_itself and joined.reported != reported:
                found.append(f"{measure} of {members}: {joined}, told {said}")
    return found + formulas_that_disagree(world, strip, told)


def formulas_that_disagree(world: World, strip: Strip, told: Any) -> list[str]:
    """The same for what is computed from finished numbers."""
    parts = {name_of(each.key): Numbers(each, strip.held(each)) for each in world.measures}
    found = []
    for number_of, text in world.formulas.items():
        parsed = Formula.parse(text)
        composed = Composed(world.shape, parsed, {key: parts[key] for key in parsed.keys})
        for here, place in enumerate(world.shape.places.tolist()):
            said = told.get((world.number, number_of, place))
            for ours, theirs in (
                (composed.total[here], said and said.value),
                (composed.accepted[here], said and said.accepted),
            ):
                if not alike(number(ours), theirs, world.whole):
                    found.append(f"{text} at {place}: {ours}, told {said}")
        if any(each.reports_itself for each in world.measures):
            continue  # of a group they count other places than the rest, so no formula is asked
        for group, members in world.groups.items():
            joined = composed.joined(world.shape.outermost(members))
            said = told.get((world.number, number_of, group))
            if not alike(joined.total, said and said.value, world.whole):
                found.append(f"{text} of {members}: {joined}, told {said}")
    return found


def alike(ours: float | None, theirs: float | None, whole: bool) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours == theirs or (not whole and abs(ours - theirs) <= 1e-12 * abs(theirs))


def close_share(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= 1e-12


def inside_of(shape: Shape, measure: Measure, members: list[int]) -> list[int]:
    if measure.reports_itself:
        return [shape.positions[place] for place in members]
    return shape.outermost(members)


@settings(
    max_examples=max(CASES // TOGETHER, 1),
    deadline=None,
    phases=[Phase.generate],  # a world is its seed: there is nothing to shrink
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.integers(0, 2**48), min_size=TOGETHER, max_size=TOGETHER, unique=True))
def test_the_cube_says_what_the_oracle_says(seeds: list[int]) -> None:
    worlds = [world_of(number, seed) for number, seed in enumerate(seeds)]
    told = oracle.roll_up(related(worlds))
    assert told
    assert [each for world in worlds for each in disagreements(world, told)] == []


def test_the_oracle_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cube that is wrong in one lane is found out."""
    worlds = [world_of(number, number) for number in range(12)]
    told = oracle.roll_up(related(worlds))
    assert [each for world in worlds for each in disagreements(world, told)] == []

    def spoilt(strips: list[Strip]) -> None:
        roll_up(strips)
        strips[0].above[:, 0] += 1

    monkeypatch.setattr(sys.modules[__name__], "rolled_up", spoilt)
    assert [each for world in worlds for each in disagreements(world, told)] != []
