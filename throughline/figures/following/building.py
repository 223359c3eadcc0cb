"""Making a generation of the cube from what stands in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from throughline.figures.cube.columns import by_part, strip_of
from throughline.figures.cube.file import Standing
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.rolling import roll_up
from throughline.figures.cube.strips import Cells, Key, Strip
from throughline.figures.following.changes import due_after
from throughline.figures.following.definitions import Definitions
from throughline.figures.rollup import standing as observations
from throughline.figures.rollup.measuring import cells_of, shape_of
from throughline.kernel import clock, journal
from throughline.kernel.period import Period
from throughline.places.models import Scheme
from throughline.places.queries import trees_at


def measures_in(cells: Cells, measures: Iterable[Measure]) -> list[Measure]:
    """Those of some measures for which a strip holds a figure, of a part or of a weight."""
    parts = set(by_part(cells))
    return [each for each in measures if parts.intersection((*each.parts, each.weight))]


def strips_of(cells: dict[Key, Cells], definitions: Definitions) -> list[Strip]:
    """Strips from their standing figures, rolled up; ordered by key."""
    schemes = Scheme.objects.in_bulk({key.scheme for key in cells})
    found = []
    for number, scheme in schemes.items():
        keys = sorted(key for key in cells if key.scheme == number)
        ends = {key: Period.parse(key.period).end for key in keys}
        shapes = {on: shape_of(tree) for on, tree in trees_at(scheme, set(ends.values())).items()}
        for key in keys:
            measures = measures_in(cells[key], definitions.measures.get(number, ()))
            found.append(strip_of(key, shapes[ends[key]], measures, cells[key]))
    roll_up(found)
    return sorted(found, key=lambda strip: strip.key)


def everything(definitions: Definitions, at: datetime) -> list[Strip]:
    """Every strip, from all that stands at an instant."""
    return strips_of(cells_of(observations.all_standing(at), definitions.homes), definitions)


def strips_for(keys: Collection[Key], definitions: Definitions, at: datetime) -> list[Strip]:
    """Some strips, from what stands in them at an instant; those in which nothing stands are
    not there."""
    kinds = {(key.scheme, key.edition) for key in keys}
    homes = [each for each in definitions.homes.values() if (each.scheme, each.edition) in kinds]
    rows = observations.standing_in_periods(
        [home.series for home in homes], {key.period for key in keys}, at
    )
    cells = cells_of(rows, definitions.homes)
    return strips_of({key: cells[key] for key in keys if key in cells}, definitions)


def standing_now() -> tuple[Standing, datetime]:
    """Where a cube stands that is made from what this transaction sees."""
    at = clock.now()
    position, entry, _ = journal.head()
    return Standing(position, entry, at.timestamp(), due_after(at)), at
