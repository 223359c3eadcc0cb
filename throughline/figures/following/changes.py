"""What has happened since the cube stood where it stands: how far the journal is, and which
figures changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from throughline.figures.following.definitions import DIGEST
from throughline.figures.models import Observation
from throughline.figures.rollup.standing import Standing
from throughline.kernel.verify import ORIGIN

Cell = tuple[int, int, str]
"""Series, place, period."""

_LOOK = f"""
SELECT head.position, head.hash, here.hash, {DIGEST},
       cell.series_id, cell.place_id, cell.period, cell.waiting,
       stands.id, stands.value, stands.status, stands.simulated
  FROM (SELECT 1) AS one
  LEFT JOIN LATERAL (
       SELECT position, hash FROM kernel_journalentry ORDER BY position DESC LIMIT 1
       ) AS head ON true
  LEFT JOIN kernel_journalentry AS here ON here.position = %(position)s
  LEFT JOIN (
       SELECT o.series_id, o.place_id, o.period,
              min(o.released_at) FILTER (WHERE o.released_at > %(at)s AND o.status <> 'draft')
                  AS waiting
         FROM kernel_journalentry j JOIN figures_observation o ON o.act = j.act
        WHERE j.position > %(position)s
        GROUP BY o.series_id, o.place_id, o.period
        LIMIT %(most)s
       ) AS cell ON true
  LEFT JOIN LATERAL (
       SELECT o.id, o.value, o.status, o.simulated FROM figures_observation o
        WHERE o.series_id = cell.series_id AND o.place_id = cell.place_id
          AND o.period = cell.period AND o.released_at <= %(at)s AND o.status <> 'draft'
        ORDER BY o.id DESC LIMIT 1
       ) AS stands ON true
"""  # noqa: S608 (a constant)


@dataclass(frozen=True)
class Look:
    """How things are for a cube that stands at a position: the journal's head with the hash of
    its entry, the hash of the entry at the cube's own position, the digest of all definitions;
    the cells that later acts wrote, what stands in them, and when the first of their figures is
    released that is not yet (seconds of the epoch)."""

    position: int
    hash: str
    hash_here: str
    definitions: str
    cells: frozenset[Cell]
    standing: Sequence[Standing]
    due: float | None


def look(position: int, at: datetime, most: int) -> Look:
    """How things are at an instant, with so many cells at most. It is one statement: so it sees
    one state, and a changed figure does not wait for several."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"position": position, "at": at, "most": most})
        rows = cursor.fetchall()
    head, entry, here, definitions = rows[0][:4]
    found = [row[4:] for row in rows if row[4] is not None]
    return Look(
        position=head or 0,
        hash=entry or ORIGIN,
        hash_here=here or ORIGIN,
        definitions=definitions,
        cells=frozenset(row[:3] for row in found),
        standing=[
            Standing(number, series, place, period, value, status, simulated)
            for series, place, period, _waiting, number, value, status, simulated in found
            if value is not None
        ],
        due=min((row[3].timestamp() for row in found if row[3]), default=None),
    )


def written_after(position: int) -> set[tuple[int, str]]:
    """The series and periods to which acts behind a position wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT o.series_id, o.period FROM kernel_journalentry j"
            " JOIN figures_observation o ON o.act = j.act WHERE j.position > %s",
            [position],
        )
        return {(series, period) for series, period in cursor.fetchall()}


def due_after(at: datetime) -> float | None:
    """When the next figure is released, in seconds of the epoch; None where none waits."""
    rows = Observation.objects.filter(released_at__gt=at).exclude(status=Observation.Status.DRAFT)
    found = rows.order_by("released_at").values_list("released_at", flat=True).first()
    return found.timestamp() if found else None


def released_between(after: datetime, until: datetime) -> set[Cell]:
    """The cells with a figure that is released between two instants."""
    rows = Observation.objects.filter(released_at__gt=after, released_at__lte=until)
    return set(rows.values_list("series_id", "place_id", "period"))
