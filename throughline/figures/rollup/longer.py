"""Longer periods from the shorter ones in them: a year from its quarters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from throughline.figures import rules
from throughline.figures.cube.shape import Floats
from throughline.figures.rollup.table import Figure, Table
from throughline.figures.rules.bulk import over_time_all
from throughline.kernel.period import Period, Span
from throughline.plans.models import Indicator


def shorter_in(indicator: Indicator, period: Period) -> list[Period]:
    """The periods that an indicator is given by which make a longer one up, in order; none
    where it is no longer one, or where the indicator's periods are not put together."""
    if indicator.over_time == "none":
        return []
    within = rules.periods_in(period, Span(indicator.span))
    return within if len(within) > 1 else []


def longer_of(indicator: Indicator, periods: Sequence[Period], span: Span) -> list[Period]:
    """The longer periods in which some of an indicator's lie and that they make up, in order."""
    found = {Period.containing(each.start, span) for each in periods}
    return sorted(each for each in found if shorter_in(indicator, each))


def is_composed(indicator: Indicator) -> bool:
    """Whether an indicator's longer periods come of what it is made of: rates are never
    averaged. Its last period stands for a longer one as it is."""
    kinds = (Indicator.Kind.RATIO, Indicator.Kind.WEIGHTED_MEAN)
    return indicator.kind in kinds and indicator.over_time in ("sum", "mean")


def made_of(indicator: Indicator) -> list[Indicator]:
    """What has to be read beside an indicator to put its periods together: numerator and
    denominator of a ratio, the weight of a mean."""
    if not is_composed(indicator):
        return []
    sides = (
        (indicator.numerator, indicator.denominator)
        if indicator.kind == Indicator.Kind.RATIO
        else (indicator.weight,)
    )
    return [each for each in sides if each is not None]


def adds_up(indicator: Indicator) -> bool:
    """Whether a longer period's figure is the total of shorter ones, so that figures of periods
    of different length never compare."""
    return indicator.over_time == "sum" and not is_composed(indicator)


Read = Callable[[Figure], float | None]


def _value(figure: Figure) -> float | None:
    return figure.value


def _rollup(figure: Figure) -> float | None:
    return figure.rollup


def _accepted(figure: Figure) -> float | None:
    return figure.accepted


@dataclass(frozen=True)
class Shorter:
    """What is known of one of the shorter periods: the indicator's table, and by indicator
    those of what `made_of` names."""

    table: Table
    beside: Mapping[int, Table]


@dataclass(eq=False)
class Longer(Table):
    """The figures of a longer period. What a table itself says (its tree, its series) is that
    of the last period within of which anything is known; `within` are all of them in order,
    None for those of which nothing is."""

    within: Sequence[Shorter | None] = ()

    @classmethod
    def of(cls, indicator: Indicator, period: Period, within: Sequence[Shorter | None]) -> Longer:
        """A longer period from those within it; at least one of them is known."""
        known = [each.table for each in within if each is not None]
        last = known[-1]
        return cls(
            indicator=indicator,
            edition=last.edition,
            period=period,
            numbers=last.numbers,
            cells=last.cells,
            series=last.series,
            summed=tuple(dict.fromkeys(each for table in known for each in table.summed)),
            within=within,
        )

    def at(self, place: int) -> Figure:
        """The figure at a unit: complete once every period within has one, and only as complete
        over the units below as the least complete of them."""
        return self._figure(place, lambda table: table.at(place))

    def grouped(self, places: Iterable[int]) -> Figure:
        """The figure of a group of units, likewise."""
        several = list(places)
        return self._figure(0, lambda table: table.grouped(several))

    def _figure(self, place: int, of: Callable[[Table], Figure]) -> Figure:
        figures = [None if each is None else of(each.table) for each in self.within]
        there = [each for each in figures if each is not None and each.value is not None]
        every = [each for each in figures if each is not None]
        least = min(there or every, key=_completeness)
        return replace(
            least,
            place=place,
            period=self.period,
            rollup=self._whole(figures, of, _rollup).value,
            accepted=self._whole(figures, of, _accepted).value,
            own=None,
            official=None,
            stated=(),
            series=self.summed,
            simulated=any(each.simulated for each in there),
            provisional=any(each.provisional for each in there),
            whole=self._whole(figures, of, _value),
        )

    def _whole(
        self, figures: Sequence[Figure | None], of: Callable[[Table], Figure], read: Read
    ) -> rules.Whole:
        indicator = self.indicator
        given = [None if each is None else read(each) for each in figures]
        if not is_composed(indicator):
            return rules.over_time(indicator.over_time, given)
        # The sums of a ratio are those of the units: an official rate has none of its own.
        other = _accepted if read is _accepted else _rollup
        sides = [
            [None if each is None else other(of(each.beside[one.pk])) for each in self.within]
            for one in made_of(indicator)
        ]
        if len(sides) == 1:
            return rules.mean_over_time(given, sides[0])
        above, under = sides
        return rules.ratio_over_time(self._hows, above, under, indicator.scale)

    @property
    def _hows(self) -> tuple[str, str]:
        above, under = (each.over_time for each in made_of(self.indicator))
        return above, under

    @cached_property
    def own_values(self) -> dict[int, float]:
        """By place, what units that owe a figure gave in all periods within, put together."""
        parts = [{} if each is None else each.table.own_values for each in self.within]
        places = set.intersection(*(set(each) for each in parts))
        found = {
            place: rules.over_time(self.indicator.over_time, [each[place] for each in parts]).value
            for place in sorted(places)
        }
        return {place: value for place, value in found.items() if value is not None}

    def values_at(self, places: Sequence[int]) -> Floats:
        """By place, the `value` of its figure, NaN where there is none."""
        indicator = self.indicator
        if is_composed(indicator):
            found = [self.at(place).value for place in places]
            return np.array([np.nan if each is None else each for each in found])
        nothing = np.full(len(places), np.nan)
        parts = [nothing if each is None else each.table.values_at(places) for each in self.within]
        return over_time_all(indicator.over_time, np.stack(parts))[0]


def _completeness(figure: Figure) -> float:
    return figure.reported / figure.expected if figure.expected else 1.0
