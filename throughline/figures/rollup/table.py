"""The figures of one indicator in one period at every unit of the tree of that period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from throughline.figures.cube.columns import positions_of
from throughline.figures.cube.shape import Floats, Longs, Shape
from throughline.figures.cube.strips import Cells
from throughline.figures.models import Series
from throughline.figures.rollup.composed import Rolled
from throughline.figures.rollup.measuring import STATUSES
from throughline.figures.rollup.standing import PROVISIONAL
from throughline.figures.rules import Whole
from throughline.kernel.period import Period
from throughline.plans.models import Edition, Indicator


@dataclass(frozen=True)
class Stated:
    """A figure given for a place as such, with the series it stands in."""

    value: float
    series: Series
    status: str
    observation: int
    simulated: bool

    @property
    def provisional(self) -> bool:
        return self.status in PROVISIONAL


@dataclass(frozen=True)
class Figure:
    """All that is known of an indicator at a place in a period; values unrounded, in the
    indicator's unit. Provisional figures count alike; `accepted` leaves them out."""

    place: int
    period: Period
    rollup: float | None
    accepted: float | None
    own: Stated | None
    official: Stated | None
    stated: tuple[Stated, ...]
    reported: int
    expected: int
    weight: float | None
    series: tuple[Series, ...]
    simulated: bool = False
    provisional: bool = False
    whole: Whole | None = None
    """How a longer period comes about from the shorter ones in it, where it does."""

    @property
    def value(self) -> float | None:
        """The figure that stands: the official one where there is one; of a longer period,
        what those in it come to once all of them are there."""
        if self.whole is not None:
            return self.whole.value
        if self.official is not None:
            return self.official.value
        if self.own is not None:
            return self.own.value
        return self.rollup

    @property
    def basis(self) -> str:
        """Which figure `value` is: official, reported, rollup, periods (put together from
        shorter ones), or none."""
        if self.whole is not None:
            return "none" if self.whole.value is None else "periods"
        if self.official is not None:
            return "official"
        if self.own is not None:
            return "reported"
        return "rollup" if self.rollup is not None else "none"

    @property
    def check(self) -> float | None:
        """The roll-up from below that stands beside an official figure, or beside one that is
        put together from any."""
        if self.whole is not None and self.rollup != self.value:
            return self.rollup
        return self.rollup if self.official is not None else None


def _given(value: np.floating | float) -> float | None:
    return None if np.isnan(value) else float(value)


def _first_at(cells: Cells, places: Longs) -> Floats:
    """By place, the value of the cell that goes before the others there; NaN for none."""
    if not len(cells):
        return np.full(len(places), np.nan)
    near = np.minimum(np.searchsorted(cells["place"], places, side="left"), len(cells) - 1)
    return np.where(cells["place"][near] == places, cells["value"][near], np.nan)


@dataclass(eq=False)
class Table:
    """The figures of one indicator in one period at every unit of the tree of that period.

    Light: it holds arrays, and makes a figure when one is asked for. `cells` are the figures
    given for places as such, by place, the one that goes before first; `summed` the series
    whose figures enter the roll-up.
    """

    indicator: Indicator
    edition: Edition
    period: Period
    numbers: Rolled
    cells: Cells
    series: Mapping[int, Series]
    summed: tuple[Series, ...]

    @property
    def shape(self) -> Shape:
        """The tree of the period."""
        return self.numbers.shape

    @cached_property
    def own_values(self) -> dict[int, float]:
        """By place, what units that owe a figure gave themselves (of a ratio, of its
        numerator)."""
        own = self.numbers.own
        given = np.flatnonzero(~np.isnan(own))
        places = self.shape.places[given].tolist()
        return dict(zip(places, own[given].tolist(), strict=True))

    def _stated(self, place: int) -> list[Stated]:
        begin, end = np.searchsorted(self.cells["place"], [place, place + 1])
        return [
            Stated(
                value=float(cell["value"]),
                series=self.series[int(cell["series"])],
                status=STATUSES[cell["status"]],
                observation=int(cell["observation"]),
                simulated=bool(cell["simulated"]),
            )
            for cell in self.cells[begin:end]
        ]

    def at(self, place: int) -> Figure:
        """The figure at a unit; empty where the tree of the period does not hold it."""
        here = self.shape.positions.get(place)
        stated = self._stated(place)
        official = next((s for s in stated if s.series.nature == Series.Nature.OFFICIAL), None)
        others = tuple(s for s in stated if s is not official)
        if here is None:
            return Figure(place, self.period, None, None, None, official, others, 0, 0, None, ())
        numbers = self.numbers
        is_leaf = bool(numbers.owing[here]) and self.indicator.kind != Indicator.Kind.RATIO
        own = stated[0] if is_leaf and stated else None
        if own is not None and own.series.nature == Series.Nature.OFFICIAL:
            official, own = official or own, None
        provisional = official.provisional if official else bool(numbers.provisional[here])
        return Figure(
            place=place,
            period=self.period,
            rollup=_given(numbers.total[here]),
            accepted=_given(numbers.accepted[here]),
            own=own,
            official=official,
            stated=others,
            reported=int(numbers.reported[here]),
            expected=int(numbers.expected[here]),
            weight=_given(numbers.weight[here]),
            series=self.summed,
            simulated=bool(numbers.simulated[here]) or bool(official and official.simulated),
            provisional=provisional,
        )

    def values_at(self, places: Sequence[int]) -> Floats:
        """By place, the `value` of its figure, NaN where there is none."""
        asked = np.asarray(places, np.int64).reshape(-1)
        here = positions_of(self.shape, asked)
        found = np.where(here >= 0, self.numbers.total[here], np.nan)
        if self.indicator.kind != Indicator.Kind.RATIO:
            own = _first_at(self.cells, asked)
            found = np.where((here >= 0) & self.numbers.owing[here] & ~np.isnan(own), own, found)
        nature = Series.Nature.OFFICIAL
        named = [key for key, series in self.series.items() if series.nature == nature]
        official = _first_at(self.cells[np.isin(self.cells["series"], named)], asked)
        return np.where(np.isnan(official), found, official)

    def grouped(self, places: Iterable[int]) -> Figure:
        """The figure of a group of units: sums are added, then combined. An indicator whose
        units report themselves adds their own figures; any other, each territory once."""
        if self.indicator.reports_itself:
            positions = self.shape.positions
            inside = [positions[place] for place in places if place in positions]
        else:
            inside = self.shape.outermost(places)
        joined = self.numbers.joined(inside)
        return Figure(
            place=0,
            period=self.period,
            rollup=joined.total,
            accepted=None,
            own=None,
            official=None,
            stated=(),
            reported=joined.reported,
            expected=joined.expected,
            weight=None,
            series=(),
            simulated=joined.simulated,
            provisional=joined.provisional,
        )
