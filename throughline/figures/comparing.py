"""The roll-up of all that stands, by the cube and by the independent engine, held together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from throughline.figures import oracle
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.numbers import Numbers
from throughline.figures.cube.shape import Floats
from throughline.figures.cube.strips import Strip
from throughline.figures.following.building import everything
from throughline.figures.following.definitions import Definitions, definitions_now
from throughline.figures.rollup.composed import Composed, Rolled
from throughline.figures.rollup.cubed import cube_folder, cube_of
from throughline.kernel import clock, journal
from throughline.plans.models import Edition, Indicator
from throughline.plans.rules import Formula

TOLERANCE = 1e-12
"""Relative: the engines add in different orders. Whole numbers have to agree exactly."""


@dataclass(frozen=True)
class Line:
    """An indicator in an edition and a period: its value at the top by each engine, and at how
    many of the places they were compared and differ."""

    indicator: str
    edition: str
    period: str
    cube: float | None
    duckdb: float | None
    places: int
    different: int


@dataclass
class Comparison:
    """What came of it."""

    engine: str
    position: int
    source: str
    found: list[Line] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """At how many places the engines differ, over all lines."""
        return sum(line.different for line in self.found)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"differences": self.differences}

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"at position {self.position}, from {self.source}"
        for each in self.found:
            said = [f"cube {_shown(each.cube)}"] if self.engine != "duckdb" else []
            said += [f"duckdb {_shown(each.duckdb)}"] if self.engine != "cube" else []
            different = f", {each.different} of {each.places} differ" if each.different else ""
            yield f"{each.indicator} {each.edition} {each.period}: {', '.join(said)}{different}"
        if self.engine == "both":
            yield f"{self.differences} differences"


def _shown(value: float | None) -> str:
    return "no value" if value is None else f"{value:,.10g}"


def compare(engine: str) -> Comparison:
    """Roll up all that stands by one engine or both."""
    definitions = definitions_now()
    made = everything(definitions, clock.now())
    strips, source = made, "the observations"
    with cube_of(cube_folder()).reading() as generation:
        head, entry, _ = journal.head()
        if generation and (generation.standing.position, generation.standing.hash) == (head, entry):
            strips, source = generation.strips(), "the cube's file"
    comparison = Comparison(engine, head, source)
    indicators = {each.pk: each for each in Indicator.objects.all()}
    told: Mapping[tuple[int, int, int], oracle.Told] = {}
    if engine != "cube":
        told = oracle.roll_up(relations_of(made, definitions, indicators))
    editions = {each.pk: each for each in Edition.objects.all()}
    numbered = {strip.key: number for number, strip in enumerate(made)}
    for strip in strips:
        for key, numbers in _numbers(strip, indicators).items():
            said = {} if strip.key not in numbered else told
            line = _line(strip, key, numbers.total, said, numbered.get(strip.key, -1), engine)
            comparison.found.append(
                Line(indicators[key].key, editions[strip.key.edition].key, strip.key.period, *line)
            )
    return comparison


Indicators = Mapping[int, Indicator]


def _formulas(strip: Strip, indicators: Indicators) -> dict[str, Indicator]:
    """By key, the formulas of a strip's scheme."""
    return {
        each.key: each
        for each in indicators.values()
        if each.scheme_id == strip.key.scheme and each.kind == Indicator.Kind.FORMULA
    }


def _numbers(strip: Strip, indicators: Indicators) -> dict[int, Rolled]:
    """By indicator, what the strip holds or what is computed of that; a formula that names
    one of which nothing is known has no value."""
    held = {each.key: Numbers(each, strip.held(each)) for each in strip.layout.measures}
    known: dict[str, Rolled] = {indicators[key].key: each for key, each in held.items()}
    formulas = _formulas(strip, indicators)

    def composed(key: str) -> Rolled:
        parsed = Formula.parse(formulas[key].formula)
        parts = {name: composed(name) for name in parsed.keys if name in formulas}
        parts |= {name: known[name] for name in parsed.keys if name in known}
        return Composed(strip.shape, parsed, parts)

    return held | {each.pk: composed(key) for key, each in formulas.items()}


def _formula_rows(number: int, strip: Strip, indicators: Indicators) -> Iterator[oracle.Formula]:
    """The same formulas as the oracle takes them: over what is rolled up alone."""
    measured = {indicators[each.key].key: each.key for each in strip.layout.measures}
    formulas = _formulas(strip, indicators)

    def plain(key: str) -> str:
        text = formulas[key].formula
        for name in sorted(Formula.parse(text).keys, key=len, reverse=True):
            if name in formulas:
                text = re.sub(rf"(?<!\w){re.escape(name)}(?![\w-])", f"({plain(name)})", text)
        return text

    for key, each in formulas.items():
        text = plain(key)
        named = Formula.parse(text).keys
        if measured.keys() >= set(named):
            yield oracle.Formula(number, each.pk, text, {name: measured[name] for name in named})


def relations_of(
    strips: list[Strip], definitions: Definitions, indicators: Indicators
) -> oracle.Relations:
    """The strips' figures and trees as the oracle takes them; nothing of their lanes."""
    rows = oracle.Relations()
    trees: dict[str, int] = {}
    for number, strip in enumerate(strips):
        shape = strip.shape
        if shape.digest not in trees:
            trees[shape.digest] = len(trees)
            places = shape.places.tolist()
            above = [places[here] if here >= 0 else None for here in shape.parents.tolist()]
            tiers = [(shape.names[tier], shape.levels[tier]) for tier in shape.tiers.tolist()]
            rows.add_tree(trees[shape.digest], places, above, tiers)
        rows.strips.append((number, trees[shape.digest]))
        for cells in strip.cells.values():
            for cell in cells.tolist():
                part, place, series, _status, provisional, _made_up, observation, value = cell
                rank = definitions.homes[series].rank
                rows.figures.append(
                    (number, part, place, rank, series, value, bool(provisional), observation)
                )
        levels = dict(zip(shape.names, shape.levels, strict=True))
        for each in strip.layout.measures:
            rows.measures.append(_measure_row(number, each, levels.get(each.tier, -1)))
        rows.formulas += _formula_rows(number, strip, indicators)
    return rows


def _measure_row(strip: int, measure: Measure, level: int) -> tuple[Any, ...]:
    return (
        strip, measure.key, measure.kind, measure.parts[0],
        measure.parts[1] if len(measure.parts) > 1 else 0, measure.weight, measure.tier, level,
        measure.reports_itself, measure.scale, measure.direction, measure.low, measure.high,
    )  # fmt: skip


def _line(
    strip: Strip, key: int, total: Floats, told: Any, number: int, engine: str
) -> tuple[float | None, float | None, int, int]:
    values = [None if np.isnan(each) else float(each) for each in total]
    said = [told.get((number, key, place)) for place in strip.shape.places.tolist()]
    theirs = [each.value if each else None for each in said]
    different = 0
    if engine == "both":
        different = sum(not _agree(a, b) for a, b in zip(values, theirs, strict=True))
    return values[0] if values else None, theirs[0] if theirs else None, len(values), different


def _agree(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours == theirs or abs(ours - theirs) <= TOLERANCE * abs(theirs)
