"""A figure held against its target: over a stated bridge, where it stands in another edition."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from throughline.figures import rules
from throughline.figures.rollup import Figure, Table, adds_up, figures, shorter_in
from throughline.kernel.period import Period, Span
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Bridge, Edition, Indicator, Target


def goal_of(target: Target, indicator: Indicator) -> rules.Goal:
    """A target as the arithmetic needs it; judged at the decimals of its indicator."""
    tolerance = target.tolerance
    if target.tolerance_share is not None:
        tolerance = target.tolerance_share * abs(target.value or 0.0)
    band = None
    if indicator.band_low is not None and indicator.band_high is not None:
        band = rules.Band(indicator.band_low, indicator.band_high)
    return rules.Goal(
        operator=rules.Operator(target.operator),
        value=target.value,
        by=Period.parse(target.by),
        baseline=target.baseline_value,
        baseline_period=Period.parse(target.baseline_period) if target.baseline_period else None,
        strict=target.strict,
        upper=target.upper,
        percent=target.percent,
        tolerance=tolerance,
        decimals=indicator.decimals,
        direction=rules.Direction(indicator.direction),
        band=band,
        trajectory=target.trajectory,
        steps=tuple((Period.parse(code), float(value)) for code, value in target.steps),
    )


def length_meant(indicator: Indicator, target: Target | None) -> Span:
    """The length of the periods in which an indicator is held against its target: that of its
    figures, or where these add up and the target is set for a longer one, the target's. A
    quarter's total is no part of the way to a year's."""
    own = Span(indicator.span)
    if target is None or not adds_up(indicator):
        return own
    by = Period.parse(target.by)
    return by.span if shorter_in(indicator, by) else own


def compares(indicator: Indicator, target: Target, period: Period) -> bool:
    """Whether a period's figure can be held against a target at all: a total of one length
    says nothing of a total of another."""
    return not adds_up(indicator) or Period.parse(target.by).span is period.span


@dataclass(frozen=True)
class Crossing:
    """A figure as it reads in the edition of its target: what it was, what it became, and the
    bridge that says so. `link` is what was done to it."""

    bridge: Bridge
    link: rules.Bridge
    before: float
    value: float


@dataclass
class Bridges:
    """The stated bridges, read when a figure first needs one. An overlap is taken from the
    figures of its period as known at the same position."""

    known: Known
    _overlaps: dict[tuple[int, int, str], Table] = field(default_factory=dict)

    @cached_property
    def _stated(self) -> dict[tuple[int, int, int], list[Bridge]]:
        found: dict[tuple[int, int, int], list[Bridge]] = {}
        # Those of one place stand before the one for all.
        for each in Bridge.objects.select_related("origin", "onto").order_by("place", "pk"):
            key = (each.indicator_id, each.origin_id, each.onto_id)
            found.setdefault(key, []).append(each)
        return found

    def cross(self, table: Table, place: Place, value: float, onto: Edition) -> Crossing | None:
        """Carry a table's figure into another edition; None where no bridge is stated."""
        key = (table.indicator.pk, table.edition.pk, onto.pk)
        for bridge in self._stated.get(key, ()):
            if bridge.place_id not in (None, place.pk):
                continue
            link = self._link(bridge, table.indicator, place)
            link = link and _lengthened(link, bridge, table)
            crossed = link.cross(value) if link else None
            if link is not None and crossed is not None:
                return Crossing(bridge, link, value, crossed)
        return None

    def _link(self, bridge: Bridge, indicator: Indicator, place: Place) -> rules.Bridge | None:
        if bridge.kind == Bridge.Kind.SHIFT:
            return rules.Bridge(shift=bridge.amount or 0.0)
        if bridge.kind == Bridge.Kind.FACTOR:
            return None if bridge.amount is None else rules.Bridge(factor=bridge.amount)
        before, after = (
            self._overlap(indicator, edition, bridge.period).at(place.pk).value
            for edition in (bridge.origin, bridge.onto)
        )
        return rules.linked(before, after, bridge.link)

    def _overlap(self, indicator: Indicator, edition: Edition, code: str) -> Table:
        key = (indicator.pk, edition.pk, code)
        if key not in self._overlaps:
            period = Period.parse(code)
            self._overlaps[key] = figures(indicator, [period], edition, self.known)[period]
        return self._overlaps[key]


def _lengthened(link: rules.Bridge, bridge: Bridge, table: Table) -> rules.Bridge:
    """A shift is stated for the periods that an indicator is given by: a total of several
    takes it as often."""
    count = len(shorter_in(table.indicator, table.period)) or 1
    overlap = Period.parse(bridge.period) if bridge.period else None
    if not adds_up(table.indicator) or (overlap and overlap.span is table.period.span):
        return link
    return rules.Bridge(link.factor, link.shift * count)


@dataclass(frozen=True)
class Answer:
    """Where an indicator stands at a place in a period, with everything behind it."""

    indicator: Indicator
    place: Place
    period: Period
    edition: Edition
    known: Known
    figure: Figure
    target: Target | None
    goal: rules.Goal | None
    judgement: rules.Judgement
    crossing: Crossing | None = None

    @property
    def value(self) -> float | None:
        """The figure at published decimals."""
        return rules.shown(self.figure.value, self.indicator.decimals)

    @property
    def judged_value(self) -> float | None:
        """What was held against the target: the figure, or what it reads over a bridge; None
        where the two stand in different editions and nothing leads across, or are totals of
        periods of different length."""
        if self.crossing is not None:
            return rules.shown(self.crossing.value, self.indicator.decimals)
        if self.judgement.why is rules.Why.OTHER_LENGTH:
            return None
        if self.target is None or self.target.edition_id != self.edition.pk:
            return None
        return self.value

    @property
    def status(self) -> rules.Status:
        """The computed status."""
        return self.judgement.status

    @property
    def expected(self) -> float | None:
        """Where the trajectory stands at the period's end."""
        return self.judgement.expected

    @property
    def progress(self) -> float | None:
        """The share of the way from baseline to target that is gone."""
        return self.judgement.progress

    @property
    def gap(self) -> float | None:
        """How far from the trajectory: above 0 the figure is higher."""
        if self.judged_value is None or self.expected is None:
            return None
        return self.judged_value - self.expected


def judged(
    table: Table, place: Place, known: Known, target: Target | None, bridges: Bridges
) -> Answer:
    """A table's figure at a place, held against the place's target.

    A target keeps the edition of its baseline: figures of another edition reach it over a
    stated bridge or not at all. Totals are held against a target of periods as long as theirs,
    and a longer period once all the shorter ones in it are there.
    """
    figure = table.at(place.pk)
    value, crossing = figure.value, None
    goal = goal_of(target, table.indicator) if target else None
    if target is None or goal is None:
        said = rules.Judgement(rules.Status.NO_DATA, why=rules.Why.NO_TARGET)
    elif not compares(table.indicator, target, table.period):
        why = rules.Why.NO_FIGURE if value is None else rules.Why.OTHER_LENGTH
        said = rules.Judgement(rules.Status.NO_DATA, why=why)
    elif figure.whole is not None and not figure.whole.is_complete and figure.whole.given:
        said = replace(rules.judge(goal, None, table.period), why=rules.Why.INCOMPLETE)
    elif target.edition_id == table.edition.pk or value is None:
        said = rules.judge(goal, value, table.period)
    else:
        crossing = bridges.cross(table, place, value, target.edition)
        said = rules.Judgement(rules.Status.NO_DATA, why=rules.Why.OTHER_EDITION)
        if crossing is not None:
            said = rules.judge(goal, crossing.value, table.period)
    return Answer(
        indicator=table.indicator,
        place=place,
        period=table.period,
        edition=table.edition,
        known=known,
        figure=figure,
        target=target,
        goal=goal,
        judgement=said,
        crossing=crossing,
    )
