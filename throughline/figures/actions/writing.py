"""Writing figures: the locks on cells, and bulk writing that supersedes. No action of its own."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple, Protocol

from django.db import connection

from throughline.figures.models import Load, Observation, Series
from throughline.figures.rollup.cubed import wake_follower
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.kernel.period import Period
from throughline.kernel.pipelining import together
from throughline.kernel.tables import renew_statistics
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

    @property
    def cell(self) -> Cell:
        """Where it is to stand."""
        return self.series.pk, self.place.pk, self.period.code


@dataclass
class Outcome:
    """What writing came to."""

    stored: int = 0
    unchanged: int = 0
    superseded: int = 0
    changes: list[dict[str, object]] = field(default_factory=list)


class Stands(Protocol):
    """The observation that stands in a cell, as far as writing looks at it."""

    @property
    def id(self) -> int: ...
    @property
    def value(self) -> float | None: ...
    @property
    def status(self) -> str: ...
    @property
    def note(self) -> str: ...


class Before(NamedTuple):
    """The observation that stands in a cell."""

    id: int
    value: float | None
    status: str
    note: str


_LAST = """
SELECT DISTINCT ON (o.series_id, o.place_id, o.period)
       o.series_id, o.place_id, o.period, o.id, o.value, o.status, o.note
  FROM figures_observation o
  JOIN unnest(%s::int[], %s::bigint[], %s::text[]) AS cell (series, place, period)
    ON cell.series = o.series_id AND cell.place = o.place_id AND cell.period = o.period
 ORDER BY o.series_id, o.place_id, o.period, o.id DESC
"""


def _last_in(cells: Collection[Cell]) -> dict[Cell, Before]:
    series, places, periods = zip(*cells, strict=True) if cells else ((), (), ())
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(series), list(places), list(periods)])
        return {tuple(row[:3]): Before(*row[3:]) for row in cursor.fetchall()}


def hold_cells(cells: Collection[Cell]) -> None:
    """Lock cells in one order for all callers, until the act is on record.

    The lock is on the name of place and period, because a cell without a figure has no row to
    lock, and fifty figures of a report need not have fifty. A file locks the series it fills
    instead of its thousands of cells, so a cell takes a share of its series too.
    """
    series = sorted({series for series, _place, _period in cells})
    names = sorted({f"{place}/{period}" for _series, place, period in cells})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(4201, series) FROM unnest(%s::int[]) AS series"
            " UNION ALL"
            " SELECT pg_advisory_xact_lock(4202, hashtext(name)) FROM unnest(%s::text[]) AS name",
            [series, names],
        )


def lock_cells(cells: Collection[Cell]) -> dict[Cell, Before]:
    """Lock cells, and return what stands in them."""
    with together():
        hold_cells(cells)
        return _last_in(cells)


def lock_series(cells: Collection[Cell]) -> dict[Cell, Before]:
    """Lock the whole series of some cells against all other writers, and return what stands
    in the cells."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(4201, s) FROM"
            " (SELECT DISTINCT unnest(%s::int[]) AS s ORDER BY 1) AS series",
            [[series for series, _place, _period in cells]],
        )
    return _last_in(cells)


def _says_the_same(before: Stands, entry: Entry) -> bool:
    """Whether a figure stands already; an entry without a note says nothing of the note."""
    if (before.value, before.status) != (entry.value, entry.status):
        return False
    return entry.note in ("", before.note)


MANY = 1000
"""From so many figures at once the planner is told."""

FEW = 500
"""Up to so many figures are sent as one statement."""

_WRITTEN = (
    "series_id", "place_id", "period", "value", "status", "released_at", "supersedes_id", "note",
    "note_zh", "source", "source_zh", "support", "simulated", "load_id", "row", "act",
)  # fmt: skip
"""The columns of an observation, all but its number."""


def write(
    act: Act,
    entries: Sequence[Entry],
    load: Load | None = None,
    *,
    standing: Mapping[Cell, Stands] | None = None,
    last: bool = False,
) -> Outcome:
    """Write figures in bulk; a figure that stands already is left as it is. The series are
    locked, unless the caller holds the cells (`hold_cells`) and says what stands in them:
    where many units write a few figures each at once. With `last` a few are written at the
    act's end, which itself does not see them."""
    outcome = Outcome()
    if standing is None:
        standing = lock_series({entry.cell for entry in entries})
    now, loaded = clock.now(), load.pk if load else None
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        before = standing.get(entry.cell)
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
        rows.append(
            (
                *entry.cell, entry.value, entry.status, entry.released_at or now,
                before.id if before else None, entry.note, entry.note_zh, entry.source,
                entry.source_zh, entry.support, entry.simulated, loaded, entry.row, act.number,
            )
        )  # fmt: skip
    if last and len(rows) <= FEW:
        act.write_last(partial(_send, rows))
    else:
        _store(rows)
    act.after_commit(wake_follower)
    if len(rows) > MANY:
        act.after_commit(partial(renew_statistics, Observation))
    outcome.stored = len(rows)
    return outcome


def _send(rows: Sequence[tuple[object, ...]]) -> None:
    """Add a few observations by one statement, which need not wait for what was sent before. What
    all of them have in common, which is most of it, is sent once."""
    if not rows:
        return
    common, single = {}, []
    for at, name in enumerate(_WRITTEN):
        first = rows[0][at]
        if all(row[at] == first for row in rows):
            common[name] = first
        else:
            single.append((at, name))
    varying = [{name: row[at] for at, name in single} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _adding(tuple(common)),
            [json.dumps(common, default=str), json.dumps(varying, default=str)],
        )


@cache
def _adding(common: tuple[str, ...]) -> str:
    """The statement that adds observations with some columns in common."""
    taken = (f"{'c' if name in common else 'x'}.{name}" for name in _WRITTEN)
    return (
        f"INSERT INTO figures_observation ({', '.join(_WRITTEN)}) SELECT {', '.join(taken)}"  # noqa: S608 (names of columns)
        " FROM json_populate_record(NULL::figures_observation, %s::json) c,"
        " json_populate_recordset(NULL::figures_observation, %s::json) x"
    )


def _store(rows: Sequence[tuple[object, ...]]) -> None:
    """Add observations. They are copied in, because thousands of figures come at once."""
    copying = f"COPY figures_observation ({', '.join(_WRITTEN)}) FROM STDIN"
    told = connection.wrap_database_errors
    with connection.cursor() as cursor, told, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(row)
