"""The observations that stand in the cells of series, as known at a journal position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from throughline.figures.models import Observation, Series
from throughline.kernel.period import Period
from throughline.kernel.queries import Known

PROVISIONAL = frozenset({Observation.Status.PRELIMINARY, Observation.Status.UNREVIEWED})


@dataclass(frozen=True)
class Standing:
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
  {known}
 WHERE o.series_id = ANY(%(series)s) AND o.period = ANY(%(periods)s)
   AND o.released_at <= %(at)s AND o.status <> 'draft'
 ORDER BY o.series_id, o.place_id, o.period, o.id DESC
"""
_AS_KNOWN = "JOIN kernel_journalentry j ON j.act = o.act AND j.position <= %(position)s"


def standing_observations(
    series: Sequence[Series], periods: Sequence[Period], known: Known
) -> list[Standing]:
    """The observations that stand in the cells of some series, as known at a position.

    A cell's observations form a chain, each written while the one before was locked, so
    the last id is the last of the chain. Withdrawn figures (no value) are left out.
    """
    statement = _STANDING.format(known="" if known.is_now else _AS_KNOWN)
    asked: dict[str, Any] = {
        "series": [each.pk for each in series],
        "periods": [period.code for period in periods],
        "at": known.at,
        "position": known.position,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [Standing(*row) for row in cursor.fetchall() if row[4] is not None]
