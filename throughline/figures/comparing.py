"""The roll-up of all that stands, by the cube and by the independent engine, held together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from throughline.figures import oracle
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.numbers import Numbers
from throughline.figures.cube.strips import Strip
from throughline.figures.following.building import everything
from throughline.figures.following.definitions import Definitions, definitions_now
from throughline.figures.rollup.cubed import cube_folder, cube_of
from throughline.kernel import clock, journal
from throughline.plans.models import Edition, Indicator

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
    told = {} if engine == "cube" else oracle.roll_up(_relations(made, definitions))
    comparison = Comparison(engine, head, source)
    indicators = {each.pk: each for each in Indicator.objects.all()}
    editions = {each.pk: each for each in Edition.objects.all()}
    numbered = {strip.key: number for number, strip in enumerate(made)}
    for strip in strips:
        for measure in strip.layout.measures:
            said = {} if strip.key not in numbered else told
            line = _line(strip, measure, said, numbered.get(strip.key, -1), engine)
            comparison.found.append(
                Line(
                    indicators[measure.key].key, editions[strip.key.edition].key,
                    strip.key.period, *line,
                )
            )  # fmt: skip
    return comparison


def _relations(strips: list[Strip], definitions: Definitions) -> oracle.Relations:
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
    return rows


def _measure_row(strip: int, measure: Measure, level: int) -> tuple[Any, ...]:
    return (
        strip, measure.key, measure.kind, measure.parts[0],
        measure.parts[1] if len(measure.parts) > 1 else 0, measure.weight, measure.tier, level,
        measure.reports_itself, measure.scale, measure.direction, measure.low, measure.high,
    )  # fmt: skip


def _line(
    strip: Strip, measure: Measure, told: Any, number: int, engine: str
) -> tuple[float | None, float | None, int, int]:
    numbers = Numbers(measure, strip.held(measure))
    values = [None if np.isnan(each) else float(each) for each in numbers.total]
    said = [told.get((number, measure.key, place)) for place in strip.shape.places.tolist()]
    theirs = [each.value if each else None for each in said]
    different = 0
    if engine == "both":
        different = sum(not _agree(a, b) for a, b in zip(values, theirs, strict=True))
    return values[0] if values else None, theirs[0] if theirs else None, len(values), different


def _agree(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours == theirs or abs(ours - theirs) <= TOLERANCE * abs(theirs)
