"""Making a generation of the cube from what stands in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from throughline.figures.cube.columns import by_part, strip_of
from throughline.figures.cube.file import Standing
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.rolling import roll_up
from throughline.figures.cube.strips import Cells, Key, Strip
from throughline.figures.following.definitions import Definitions
from throughline.figures.models import Observation
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


def due_after(at: datetime) -> float | None:
    """When the next figure is released, in seconds of the epoch; None where none waits."""
    rows = Observation.objects.filter(released_at__gt=at).exclude(status=Observation.Status.DRAFT)
    found = rows.order_by("released_at").values_list("released_at", flat=True).first()
    return found.timestamp() if found else None


def standing_now() -> tuple[Standing, datetime]:
    """Where a cube stands that is made from what this transaction sees."""
    at = clock.now()
    position, entry, _ = journal.head()
    return Standing(position, entry, at.timestamp(), due_after(at)), at


def hash_at(position: int) -> str | None:
    """The hash of the journal's entry at a position."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM kernel_journalentry WHERE position = %s", [position])
        row = cursor.fetchone()
    return str(row[0]) if row else None


Cell = tuple[int, int, str]


def changed_between(position: int, head: int, at: datetime) -> tuple[set[Cell], float | None]:
    """The cells (series, place, period) that acts after a position wrote, up to another; and
    when the first of their figures is released that is not by an instant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.series_id, o.place_id, o.period, min(o.released_at)"
            " FILTER (WHERE o.released_at > %s AND o.status <> 'draft')"
            " FROM kernel_journalentry j JOIN figures_observation o ON o.act = j.act"
            " WHERE j.position > %s AND j.position <= %s"
            " GROUP BY o.series_id, o.place_id, o.period",
            [at, position, head],
        )
        rows = cursor.fetchall()
    cells = {(int(row[0]), int(row[1]), str(row[2])) for row in rows}
    return cells, min((row[3].timestamp() for row in rows if row[3]), default=None)


def released_between(after: datetime, until: datetime) -> set[Cell]:
    """The cells with a figure that is released between two instants."""
    rows = Observation.objects.filter(released_at__gt=after, released_at__lte=until)
    return set(rows.values_list("series_id", "place_id", "period"))
