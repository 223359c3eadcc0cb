"""The observations that stand in the cells of series, as known at a journal position."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from throughline.figures.models import Observation, Series
from throughline.kernel.period import Period
from throughline.kernel.queries import Known

PROVISIONAL = frozenset({Observation.Status.PRELIMINARY, Observation.Status.UNREVIEWED})


class Standing(NamedTuple):
    """The observation that stands in a cell of a series."""

    id: int
    series: int
    place: int
    period: str
    value: float
    status: str
    simulated: bool

    @property
    def provisional(self) -> bool:
        return self.status in PROVISIONAL


_STANDING = """
SELECT DISTINCT ON (o.series_id, o.place_id, o.period)
       o.id, o.series_id, o.place_id, o.period, o.value, o.status, o.simulated
  FROM figures_observation o
  {more}
   AND o.released_at <= %(at)s AND o.status <> 'draft'
 ORDER BY o.series_id, o.place_id, o.period, o.id DESC
"""
_OF_SERIES = "WHERE o.series_id = ANY(%(series)s) AND o.period = ANY(%(periods)s)"
_AS_KNOWN = "JOIN kernel_journalentry j ON j.act = o.act AND j.position <= %(position)s "
_OF_CELLS = """
  JOIN unnest(%(series)s::int[], %(places)s::bigint[], %(periods)s::text[])
    AS cell (series, place, period)
    ON cell.series = o.series_id AND cell.place = o.place_id AND cell.period = o.period
 WHERE true"""


def _read(more: str, asked: dict[str, Any]) -> list[Standing]:
    """Withdrawn figures (no value) are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING.format(more=more), asked)
        return [Standing._make(row) for row in cursor.fetchall() if row[4] is not None]


def standing_observations(
    series: Sequence[Series], periods: Sequence[Period], known: Known
) -> list[Standing]:
    """The observations that stand in the cells of some series, as known at a position.

    A cell's observations form a chain, each written while the one before was locked, so
    the last id is the last of the chain.
    """
    return _read(
        _OF_SERIES if known.is_now else _AS_KNOWN + _OF_SERIES,
        {
            "series": [each.pk for each in series],
            "periods": [period.code for period in periods],
            "at": known.at,
            "position": known.position,
        },
    )


def all_standing(at: datetime) -> list[Standing]:
    """Every observation that stands, of figures released by an instant."""
    return _read("WHERE true", {"at": at})


def standing_in_periods(
    series: Collection[int], periods: Collection[str], at: datetime
) -> list[Standing]:
    """Every observation that stands in some periods of some series, of figures released by an
    instant."""
    return _read(_OF_SERIES, {"series": list(series), "periods": list(periods), "at": at})


def standing_in_cells(cells: Sequence[tuple[int, int, str]], at: datetime) -> list[Standing]:
    """What stands in some cells (series, place, period), of figures released by an instant."""
    series, places, periods = zip(*cells, strict=True) if cells else ((), (), ())
    asked = {"series": list(series), "places": list(places), "periods": list(periods), "at": at}
    return _read(_OF_CELLS, asked)
