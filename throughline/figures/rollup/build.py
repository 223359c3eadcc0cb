"""From standing observations to the table of a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from throughline.figures import rules
from throughline.figures.models import Series
from throughline.figures.rollup.standing import PROVISIONAL, Standing, standing_observations
from throughline.figures.rollup.table import Layer, Stated, Table
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_now
from throughline.places.queries import Tree, tree_at
from throughline.plans.models import Edition, Indicator


def parts_of(indicator: Indicator) -> list[Indicator]:
    """What is summed: numerator and denominator of a ratio, else the indicator itself."""
    if indicator.numerator is not None and indicator.denominator is not None:
        return [indicator.numerator, indicator.denominator]
    return [indicator]


@dataclass(frozen=True)
class _Source:
    """The series of an edition and what stands in them, read once for all periods."""

    series: Mapping[int, Series]
    by_period: Mapping[str, list[Standing]]

    def stated(self, indicator: Indicator, period: Period) -> dict[int, list[Stated]]:
        """By place, every standing figure of an indicator, first the one that goes before."""
        found: dict[int, list[Stated]] = {}
        for row in self.by_period.get(period.code, ()):
            series = self.series[row.series]
            if series.indicator_id == indicator.pk:
                found.setdefault(row.place, []).append(
                    Stated(row.value, series, row.status, row.id, row.simulated)
                )
        for several in found.values():
            several.sort(key=lambda each: each.series.rank)
        return found


def _read(
    indicators: Iterable[Indicator], periods: Sequence[Period], edition: Edition, known: Known
) -> _Source:
    series = Series.objects.filter(indicator__in=list(indicators), edition=edition).select_related(
        "producer", "edition"
    )
    by_key = {each.pk: each for each in series}
    by_period: dict[str, list[Standing]] = {}
    for row in standing_observations(list(by_key.values()), periods, known):
        by_period.setdefault(row.period, []).append(row)
    return _Source(by_key, by_period)


def reporting_units(indicator: Indicator, tree: Tree) -> list[bool]:
    """Which units of a tree owe a figure: those of the reporting tier, and a unit above it
    that has nothing below it (the lowest existing unit reports itself)."""
    has_children = [False] * len(tree.ids)
    for parent in tree.parents:
        if parent >= 0:
            has_children[parent] = True
    return [
        tier == indicator.reporting_tier
        or (not has_children[here] and tree.levels[here] < tree.level_of(indicator.reporting_tier))
        for here, tier in enumerate(tree.tiers)
    ]


def _layer(tree: Tree, reporting: Sequence[bool], stated: Mapping[int, list[Stated]]) -> Layer:
    values = {
        here: stated[place][0]
        for here, place in enumerate(tree.ids)
        if reporting[here] and place in stated
    }
    provisional = frozenset(h for h, each in values.items() if each.status in PROVISIONAL)
    every = {here: each.value for here, each in values.items()}
    accepted = {here: value for here, value in every.items() if here not in provisional}
    return Layer(
        totals=rules.roll_up(tree.parents, every, reporting).totals,
        accepted=rules.roll_up(tree.parents, accepted, reporting).totals,
        values=values,
        provisional=provisional,
        simulated=frozenset(h for h, each in values.items() if each.simulated),
    )


def _table(
    indicator: Indicator, edition: Edition, period: Period, source: _Source, tree: Tree
) -> Table:
    parts = parts_of(indicator)
    stated = [source.stated(part, period) for part in parts]
    if indicator.reports_itself:
        # What is given for the top is a total of the whole, not a unit's own figure.
        reporting = [
            place in stated[0] and above >= 0
            for place, above in zip(tree.ids, tree.parents, strict=True)
        ]
    else:
        reporting = reporting_units(parts[0], tree)
    layers = tuple(_layer(tree, reporting, each) for each in stated)
    weights = {}
    if indicator.weight is not None:
        heavy = source.stated(indicator.weight, period)
        weights = {
            here: heavy[place][0].value
            for here, place in enumerate(tree.ids)
            if reporting[here] and place in heavy
        }
    return Table(
        indicator=indicator,
        edition=edition,
        period=period,
        tree=tree,
        layers=layers,
        reporting=reporting,
        stated=source.stated(indicator, period),
        weights=weights,
    )


def figures(
    indicator: Indicator,
    periods: Sequence[Period],
    edition: Edition,
    known: Known | None = None,
) -> dict[Period, Table]:
    """The figures of an indicator in one edition, for some periods, at every unit.

    A stated total (a figure above the reporting units) is kept beside the roll-up and
    never added to it.
    """
    asked = [indicator, *parts_of(indicator)]
    if indicator.weight is not None:
        asked.append(indicator.weight)
    source = _read(asked, periods, edition, known or known_now())
    return {
        period: _table(indicator, edition, period, source, tree_at(indicator.scheme, period.end))
        for period in periods
    }
