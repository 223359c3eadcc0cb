"""What is usual among a unit's peers, for the rules that compare with similar places.

Peers are the units of a cycle that are of the same tier and in the same province; of all
provinces, where those are too few. Their figures are those that were accepted and released for
the last period before, as they stood when the cycle was opened: what is held of a sheet does not
change while it is filled in, and a process reads them once a cycle. Nobody is told the figure of
another: only what is usual, and only of enough others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from throughline.figures.models import Observation
from throughline.kernel.period import Period
from throughline.places.models import Scheme
from throughline.places.queries import Tree, tree_at
from throughline.reporting.models import Cycle, Report
from throughline.reporting.rules.validating import FEWEST_PEERS, Usual, among_peers

BACK = 12
"""So many periods before its own a cycle looks for figures to compare with."""

PROVINCE = 1
"""The level of the tier within which peers are looked for first."""

COUNTED = [
    Observation.Status.ACCEPTED.value,
    Observation.Status.FINAL.value,
    Observation.Status.CENSUS_REVISION.value,
]

Compared = tuple[int, str, int]
"""A series that a rule compares, its key, and how many decimals its figures have."""


@dataclass(frozen=True)
class _Known:
    """Of the units of a cycle that are of one tier: in which province each lies, and by series
    the figures of the last period for which enough of them have any."""

    province: Mapping[int, int]
    figures: Mapping[str, Mapping[int, float]]


def peers_of(report: Report, compared: Sequence[Compared]) -> dict[str, Usual]:
    """By series key, what is usual among the peers of a report's unit."""
    if not compared:
        return {}
    known = _known(report.cycle_id, report.place.tier_id, tuple(compared))
    found = {}
    for _series, key, decimals in compared:
        others = _others(known, key, report.place_id)
        usual = among_peers(others, 0.5 / 10**decimals)
        if usual is not None:
            found[key] = usual
    return found


def _others(known: _Known, key: str, place: int) -> list[float]:
    """The figures of others: in the same province, or where those are too few in the tier."""
    given = {other: value for other, value in known.figures[key].items() if other != place}
    here = known.province.get(place)
    near = [value for other, value in given.items() if known.province.get(other) == here]
    return near if here is not None and len(near) >= FEWEST_PEERS else list(given.values())


_FIGURES = """
SELECT DISTINCT ON (o.series_id, o.period, o.place_id)
       o.series_id, o.period, o.place_id, o.value, o.status
  FROM figures_observation o
 WHERE o.series_id = ANY(%(series)s) AND o.period = ANY(%(periods)s)
   AND o.act <= %(act)s AND o.released_at <= %(opened)s
   AND o.place_id IN (SELECT r.place_id FROM reporting_report r
                        JOIN places_place p ON p.id = r.place_id
                       WHERE r.cycle_id = %(cycle)s AND p.tier_id = %(tier)s)
 ORDER BY o.series_id, o.period, o.place_id, o.id DESC
"""


@lru_cache(maxsize=64)
def _known(cycle: int, tier: int, compared: tuple[Compared, ...]) -> _Known:
    row = Cycle.objects.get(pk=cycle)
    period = Period.parse(row.period)
    before = [period.shift(-back).code for back in range(1, BACK + 1)]
    asked: dict[str, Any] = {
        "series": [each[0] for each in compared], "periods": before, "cycle": cycle, "tier": tier,
        "act": row.act, "opened": row.opens_at,
    }  # fmt: skip
    given: dict[tuple[int, str], dict[int, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, asked)
        for series, code, place, value, status in cursor.fetchall():
            if value is not None and status in COUNTED:
                given.setdefault((series, code), {})[place] = value
    figures = {}
    for series, key, _decimals in compared:
        periods = (given.get((series, code), {}) for code in before)
        figures[key] = next((each for each in periods if len(each) > FEWEST_PEERS), {})
    scheme = Scheme.objects.get(tiers=tier)
    return _Known(_provinces(tree_at(scheme, period.end)), figures)


def _provinces(tree: Tree) -> dict[int, int]:
    """By place, the one of the first level in which it lies."""
    found: dict[int, int] = {}
    inside: list[int | None] = []
    for here, level, above in zip(tree.ids, tree.levels, tree.parents, strict=True):
        own = here if level == PROVINCE else (inside[above] if above >= 0 else None)
        inside.append(own)
        if own is not None and level > PROVINCE:
            found[here] = own
    return found


def forget() -> None:
    """Forget what is known, for tests, in which cycles come and go under the same numbers."""
    _known.cache_clear()
