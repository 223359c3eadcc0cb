"""The figures of one indicator in one period at every unit of the tree of that period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from throughline.figures import rules
from throughline.figures.models import Series
from throughline.figures.rollup.standing import PROVISIONAL
from throughline.kernel.period import Period
from throughline.places.queries import Tree
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

    @property
    def value(self) -> float | None:
        """The figure that stands: the official one where there is one."""
        if self.official is not None:
            return self.official.value
        if self.own is not None:
            return self.own.value
        return self.rollup

    @property
    def basis(self) -> str:
        """Which figure `value` is: official, reported, rollup, or none."""
        if self.official is not None:
            return "official"
        if self.own is not None:
            return "reported"
        return "rollup" if self.rollup is not None else "none"

    @property
    def check(self) -> float | None:
        """The roll-up from below that stands beside an official figure."""
        return self.rollup if self.official is not None else None


@dataclass(frozen=True)
class Layer:
    """A summed indicator over one tree: by position in the tree."""

    totals: list[float | None]
    accepted: list[float | None]
    values: Mapping[int, Stated]
    provisional: frozenset[int]
    simulated: frozenset[int]

    def own(self, here: int) -> float | None:
        """The unit's own figure, if it gave one."""
        return self.values[here].value if here in self.values else None


@dataclass
class Table:
    """The figures of one indicator in one period at every unit of the tree of that period."""

    indicator: Indicator
    edition: Edition
    period: Period
    tree: Tree
    layers: tuple[Layer, ...]
    reporting: list[bool]
    stated: Mapping[int, list[Stated]]
    weights: Mapping[int, float] = field(default_factory=dict)

    @cached_property
    def positions(self) -> dict[int, int]:
        return {place: here for here, place in enumerate(self.tree.ids)}

    @cached_property
    def completeness(self) -> rules.Sums:
        """How many of the units that owe a figure gave one (both parts, for a ratio)."""
        first = self.layers[0].values
        given = {here: 1.0 for here in first if all(here in layer.values for layer in self.layers)}
        return rules.roll_up(self.tree.parents, given, self.reporting)

    @cached_property
    def weight_shares(self) -> list[float | None]:
        """The share of the weight below each unit that the units with figures hold."""
        if not self.weights:
            return [None] * len(self.tree.ids)
        given = {
            here: self.weights[here]
            for here in self.weights
            if all(here in layer.values for layer in self.layers)
        }
        whole = rules.roll_up(self.tree.parents, self.weights, self.reporting).totals
        part = whole
        if len(given) < len(self.weights):
            part = rules.roll_up(self.tree.parents, given, self.reporting).totals
        return [rules.ratio(got or 0.0, all_of) for got, all_of in zip(part, whole, strict=True)]

    @cached_property
    def _touched(self) -> tuple[list[int], list[int]]:
        """How many provisional, and how many simulated, figures lie at or below each unit."""
        counts = []
        for kind in ("provisional", "simulated"):
            marked: dict[int, float] = {}
            for layer in self.layers:
                marked |= dict.fromkeys(getattr(layer, kind), 1.0)
            if marked:
                counts.append(rules.roll_up(self.tree.parents, marked, self.reporting).reported)
            else:
                counts.append([0] * len(self.reporting))
        return counts[0], counts[1]

    @cached_property
    def _summed(self) -> tuple[Series, ...]:
        """The series whose figures are added up."""
        used = {s.series.pk: s.series for layer in self.layers for s in layer.values.values()}
        return tuple(used.values())

    def _joined(self, parts: Sequence[float | None]) -> float | None:
        """One sum as it is, two as the indicator's ratio."""
        if len(parts) == 1:
            return parts[0]
        return rules.ratio(parts[0], parts[1], self.indicator.scale)

    def _combined(self, here: int, which: str) -> float | None:
        return self._joined([getattr(layer, which)[here] for layer in self.layers])

    def at(self, place: int) -> Figure:
        """The figure at a unit; empty where the tree of the period does not hold it."""
        here = self.positions.get(place)
        stated = self.stated.get(place, [])
        official = next((s for s in stated if s.series.nature == Series.Nature.OFFICIAL), None)
        others = tuple(s for s in stated if s is not official)
        if here is None:
            return Figure(place, self.period, None, None, None, official, others, 0, 0, None, ())
        is_leaf = self.reporting[here] and len(self.layers) == 1
        own = self.layers[0].values.get(here) if is_leaf else None
        if own is not None and own.series.nature == Series.Nature.OFFICIAL:
            official, own = official or own, None
        provisional, simulated = self._touched
        return Figure(
            place=place,
            period=self.period,
            rollup=self._combined(here, "totals"),
            accepted=self._combined(here, "accepted"),
            own=own,
            official=official,
            stated=others,
            reported=self.completeness.reported[here],
            expected=self.completeness.expected[here],
            weight=self.weight_shares[here],
            series=self._summed,
            simulated=simulated[here] > 0 or bool(official and official.simulated),
            provisional=bool(official.provisional if official else provisional[here] > 0),
        )

    def _outermost(self, places: Iterable[int]) -> list[int]:
        """Positions of places, without those that lie in another of them: a county-level
        city is in its prefecture's total already."""
        inside = {self.positions[place] for place in places if place in self.positions}

        def lies_in_another(here: int) -> bool:
            above = self.tree.parents[here]
            while above >= 0:
                if above in inside:
                    return True
                above = self.tree.parents[above]
            return False

        return sorted(here for here in inside if not lies_in_another(here))

    def grouped(self, places: Iterable[int]) -> Figure:
        """The figure of a group of units: sums are added, then combined. An indicator whose
        units report themselves adds their own figures; any other, each territory once."""
        if self.indicator.reports_itself:
            inside = [self.positions[place] for place in places if place in self.positions]
        else:
            inside = self._outermost(places)
        sums: list[float | None] = []
        for layer in self.layers:
            own = self.indicator.reports_itself
            source = [layer.own(here) if own else layer.totals[here] for here in inside]
            given = [value for value in source if value is not None]
            sums.append(sum(given) if given else None)
        total = self._joined(sums)
        provisional, simulated = self._touched
        return Figure(
            place=0,
            period=self.period,
            rollup=total,
            accepted=None,
            own=None,
            official=None,
            stated=(),
            reported=sum(self.completeness.reported[here] for here in inside),
            expected=sum(self.completeness.expected[here] for here in inside),
            weight=None,
            series=(),
            simulated=any(simulated[here] for here in inside),
            provisional=any(provisional[here] for here in inside),
        )
