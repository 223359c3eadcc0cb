"""Writing figures: the locks on cells, and bulk writing that supersedes. No action of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q

from throughline.figures.models import Load, Observation, Series
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.kernel.period import Period
from throughline.places.models import Place

Cell = tuple[int, int, str]
"""A cell of the figures: series, place, period."""


@dataclass(frozen=True)
class Entry:
    """A figure to be written."""

    series: Series
    place: Place
    period: Period
    value: float | None
    status: str
    note: str = ""
    note_zh: str = ""
    source: str = ""
    source_zh: str = ""
    support: str = ""
    simulated: bool = False
    released_at: datetime | None = None
    row: int | None = None


@dataclass
class Outcome:
    """What writing came to."""

    stored: int = 0
    unchanged: int = 0
    superseded: int = 0
    changes: list[dict[str, object]] = field(default_factory=list)


def lock_cells(cells: Sequence[Cell]) -> dict[Cell, Observation]:
    """Lock cells in one order for all callers, and return what stands in them.

    The lock is on the cell's name, because a cell without a figure has no row to lock. A
    file locks the series it fills instead of its thousands of cells.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(4201, s) FROM"
            " (SELECT DISTINCT unnest(%s::int[]) AS s ORDER BY 1) AS series",
            [[series for series, _place, _period in cells]],
        )
        for series, place, period in sorted(set(cells)):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(4202, hashtext(%s))", [f"{series}/{place}/{period}"]
            )
    asked = Q(pk__in=[])
    for series, place, period in set(cells):
        asked |= Q(series=series, place=place, period=period)
    return _last_of(Observation.objects.filter(asked).order_by("id"))


def lock_series(series: Sequence[int], periods: Sequence[str]) -> dict[Cell, Observation]:
    """Lock whole series against all other writers and return what stands in some periods."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(4201, s) FROM"
            " (SELECT DISTINCT unnest(%s::int[]) AS s ORDER BY 1) AS series",
            [list(series)],
        )
    rows = Observation.objects.filter(series__in=series, period__in=periods).order_by("id")
    return _last_of(rows)


def _last_of(rows: Iterable[Observation]) -> dict[Cell, Observation]:
    return {(row.series_id, row.place_id, row.period): row for row in rows}


def _says_the_same(before: Observation, entry: Entry) -> bool:
    """Whether a figure stands already; an entry without a note says nothing of the note."""
    if (before.value, before.status) != (entry.value, entry.status):
        return False
    return entry.note in ("", before.note)


def write(act: Act, entries: Sequence[Entry], load: Load | None = None) -> Outcome:
    """Write figures in bulk; a figure that stands already is left as it is."""
    outcome = Outcome()
    standing = lock_series(
        sorted({entry.series.pk for entry in entries}),
        sorted({entry.period.code for entry in entries}),
    )
    new = []
    for entry in entries:
        before = standing.get((entry.series.pk, entry.place.pk, entry.period.code))
        if before is not None and _says_the_same(before, entry):
            outcome.unchanged += 1
            continue
        if before is not None:
            outcome.superseded += 1
            outcome.changes.append(
                {
                    "place": entry.place.code,
                    "series": entry.series.key,
                    "period": entry.period.code,
                    "before": before.value,
                    "after": entry.value,
                }
            )
        new.append(
            Observation(
                series=entry.series,
                place=entry.place,
                period=entry.period.code,
                value=entry.value,
                status=entry.status,
                released_at=entry.released_at or clock.now(),
                supersedes=before,
                note=entry.note,
                note_zh=entry.note_zh,
                source=entry.source,
                source_zh=entry.source_zh,
                support=entry.support,
                simulated=entry.simulated,
                load=load,
                row=entry.row,
                act=act.number,
            )
        )
    Observation.objects.bulk_create(new, batch_size=2000)
    outcome.stored = len(new)
    if len(new) > 1000:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE figures_observation")
    return outcome
