"""The tables of several indicators, editions and periods, read with as many statements as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from throughline.figures.models import Series
from throughline.figures.rollup.build import _Source, _table, parts_of
from throughline.figures.rollup.standing import Standing, standing_observations
from throughline.figures.rollup.table import Table
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_now
from throughline.places.queries import Tree, tree_at
from throughline.plans.models import Edition, Indicator


@dataclass(frozen=True)
class Wanted:
    """One table: of an indicator, in an edition, for a period."""

    indicator: Indicator
    edition: Edition
    period: Period


def tables(wanted: Iterable[Wanted], known: Known | None = None) -> dict[Wanted, Table]:
    """The tables asked for, each as `figures` would give it.

    Two statements read the series and what stands in them, whatever is asked; one more
    for each tree that a process has not met before.
    """
    asked = list(dict.fromkeys(wanted))
    sources = _read(asked, known or known_now())
    trees: dict[tuple[int, date], Tree] = {}
    for each in asked:
        at = (each.indicator.scheme_id, each.period.end)
        if at not in trees:
            trees[at] = tree_at(each.indicator.scheme, each.period.end)
    return {
        each: _table(
            each.indicator,
            each.edition,
            each.period,
            sources[each.edition.pk],
            trees[each.indicator.scheme_id, each.period.end],
        )
        for each in asked
    }


def _needed(indicator: Indicator) -> list[Indicator]:
    weight = [indicator.weight] if indicator.weight is not None else []
    return [indicator, *parts_of(indicator), *weight]


def _read(asked: list[Wanted], known: Known) -> dict[int, _Source]:
    """What stands in the series of each edition."""
    editions = {each.edition.pk for each in asked}
    indicators = {part.pk for each in asked for part in _needed(each.indicator)}
    series = {
        each.pk: each
        for each in Series.objects.filter(
            indicator__in=indicators, edition__in=editions
        ).select_related("producer", "edition")
    }
    rows: dict[int, dict[str, list[Standing]]] = {edition: {} for edition in editions}
    for row in standing_observations(
        list(series.values()), list({each.period for each in asked}), known
    ):
        of_edition = rows[series[row.series].edition_id]
        of_edition.setdefault(row.period, []).append(row)
    return {
        edition: _Source(
            {key: each for key, each in series.items() if each.edition_id == edition},
            rows[edition],
        )
        for edition in editions
    }
