"""From standing observations to the table of a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from throughline.figures import rules
from throughline.figures.models import Series
from throughline.figures.rollup.standing import PROVISIONAL, Standing, standing_observations
from throughline.figures.rollup.table import Layer, Stated, Table
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_now
from throughline.places.models import Scheme
from throughline.places.queries import Tree, trees_at
from throughline.plans.models import Edition, Indicator


def parts_of(indicator: Indicator) -> list[Indicator]:
    """What is summed: numerator and denominator of a ratio, else the indicator itself."""
    if indicator.numerator is not None and indicator.denominator is not None:
        return [indicator.numerator, indicator.denominator]
    return [indicator]


@dataclass(frozen=True)
class Wanted:
    """One table: of an indicator, in an edition, for a period."""

    indicator: Indicator
    edition: Edition
    period: Period


@dataclass(frozen=True)
class _Source:
    """What stands in the series of some editions, read once for all tables."""

    series: Mapping[int, Series]
    rows: Mapping[tuple[int, int, str], Sequence[Standing]]
    known: dict[tuple[int, int, str], dict[int, list[Stated]]] = field(default_factory=dict)

    def stated(self, indicator: Indicator, wanted: Wanted) -> dict[int, list[Stated]]:
        """By place, every standing figure of an indicator in the edition and period of a
        table, first the one that goes before."""
        key = (indicator.pk, wanted.edition.pk, wanted.period.code)
        if key not in self.known:
            found: dict[int, list[Stated]] = {}
            for row in self.rows.get(key, ()):
                series = self.series[row.series]
                stated = Stated(row.value, series, row.status, row.id, row.simulated)
                found.setdefault(row.place, []).append(stated)
            for several in found.values():
                several.sort(key=lambda each: each.series.rank)
            self.known[key] = found
        return self.known[key]


def _read(asked: Sequence[Wanted], known: Known) -> _Source:
    """What stands in the series that the tables need: two statements, whatever is asked."""
    needed = {part.pk for each in asked for part in _needed(each.indicator)}
    series = Series.objects.filter(
        indicator__in=needed, edition__in={each.edition.pk for each in asked}
    ).select_related("producer", "edition")
    by_key = {each.pk: each for each in series}
    rows: dict[tuple[int, int, str], list[Standing]] = {}
    periods = list({each.period for each in asked})
    for row in standing_observations(list(by_key.values()), periods, known):
        of = by_key[row.series]
        rows.setdefault((of.indicator_id, of.edition_id, row.period), []).append(row)
    return _Source(by_key, rows)


def _needed(indicator: Indicator) -> list[Indicator]:
    weight = [indicator.weight] if indicator.weight is not None else []
    return [indicator, *parts_of(indicator), *weight]


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
    totals = rules.roll_up(tree.parents, every, reporting).totals
    accepted = totals
    if provisional:
        sure = {here: value for here, value in every.items() if here not in provisional}
        accepted = rules.roll_up(tree.parents, sure, reporting).totals
    return Layer(
        totals=totals,
        accepted=accepted,
        values=values,
        provisional=provisional,
        simulated=frozenset(h for h, each in values.items() if each.simulated),
    )


def _table(wanted: Wanted, source: _Source, tree: Tree) -> Table:
    indicator = wanted.indicator
    parts = parts_of(indicator)
    stated = [source.stated(part, wanted) for part in parts]
    if indicator.reports_itself:
        # What is given for the top is a total of the whole, not a unit's own figure.
        reporting = [
            place in stated[0] and above >= 0
            for place, above in zip(tree.ids, tree.parents, strict=True)
        ]
    else:
        reporting = reporting_units(parts[0], tree)
    weights = {}
    if indicator.weight is not None:
        heavy = source.stated(indicator.weight, wanted)
        weights = {
            here: heavy[place][0].value
            for here, place in enumerate(tree.ids)
            if reporting[here] and place in heavy
        }
    return Table(
        indicator=indicator,
        edition=wanted.edition,
        period=wanted.period,
        tree=tree,
        layers=tuple(_layer(tree, reporting, each) for each in stated),
        reporting=reporting,
        stated=source.stated(indicator, wanted),
        weights=weights,
    )


def tables(wanted: Iterable[Wanted], known: Known | None = None) -> dict[Wanted, Table]:
    """Several tables, of any indicators, editions and periods, read at once.

    A stated total (a figure above the reporting units) is kept beside the roll-up and
    never added to it.
    """
    asked = list(dict.fromkeys(wanted))
    known = known or known_now()
    source = _read(asked, known)
    days: dict[Scheme, set[date]] = {}
    for each in asked:
        days.setdefault(each.indicator.scheme, set()).add(each.period.end)
    trees = {scheme: trees_at(scheme, ends, known) for scheme, ends in days.items()}
    return {
        each: _table(each, source, trees[each.indicator.scheme][each.period.end]) for each in asked
    }


def figures(
    indicator: Indicator,
    periods: Sequence[Period],
    edition: Edition,
    known: Known | None = None,
) -> dict[Period, Table]:
    """The figures of an indicator in one edition, for some periods, at every unit."""
    found = tables((Wanted(indicator, edition, period) for period in periods), known)
    return {wanted.period: table for wanted, table in found.items()}
