"""预警: what is wrong with a plan's figures at every place at once, computed from its tables.

`alerts_of` knows nobody: who sees which is said by `queries.alerts_visible_to`. A process keeps
what it computed for as long as nothing happens, at most for a minute while much does.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from django.db import connection

from throughline.figures.confidence import latest_judgements
from throughline.figures.cube.shape import Flags, Longs
from throughline.figures.models import Observation, Series
from throughline.figures.queries import edition_meant
from throughline.figures.rollup import Table, Wanted, adds_up, members_of, tables
from throughline.figures.rules import alerting as rules
from throughline.figures.rules.alerting import (
    Alert,
    AlertKind,
    AlertSeverity,
    Floats,
    Lack,
    Thresholds,
)
from throughline.figures.rules.bulk import shown_all
from throughline.figures.rules.confidence import ConfidenceLevel, holds_still
from throughline.figures.surveying import periods_known
from throughline.kernel import clock
from throughline.kernel.period import PER_YEAR, Period, Span
from throughline.kernel.queries import Known, known_now
from throughline.places.models import Grouping, Place
from throughline.places.queries import Tree, tree_at
from throughline.plans.models import Edition, Indicator, PlanVersion
from throughline.plans.queries import binding_targets, composed_of, measured_by

KEPT = 60.0
"""Seconds for which alerts may be older than the journal, while others go on writing it."""

RECENT = 4
"""In how many of the last periods figures are looked for."""

MOST = 16
"""Plans whose alerts a process keeps."""

COMPARABLE = frozenset(
    {Indicator.Kind.RATIO, Indicator.Kind.WEIGHTED_MEAN, Indicator.Kind.FORMULA,
     Indicator.Kind.WORST_OF}
)  # fmt: skip
"""Kinds whose figures compare between places of different size. A total does not: a small county
is not behind a large one."""


@dataclass(frozen=True)
class Found:
    """The alerts of a plan, as known at a position of the journal, and when that was."""

    alerts: tuple[Alert, ...]
    known: Known


_kept: dict[int, tuple[float, date, Found]] = {}
_lock = Lock()


def forget() -> None:
    """Forget every alert, for tests, in which plans come and go under the same numbers."""
    _kept.clear()


def alerts_of(version: PlanVersion) -> Found:
    """The alerts about the figures of a plan's version in force, with its plan and place."""
    known, today = known_now(), clock.now().date()
    if connection.in_atomic_block:  # sees what it has written itself, which nobody else may
        return Found(tuple(_Plan(version, known, today).alerts()), known)
    kept = _current(version, known, today)
    if kept is not None:
        return kept
    with _lock:  # one of a process's threads computes, the others take what it found
        kept = _current(version, known, today)
        if kept is None:
            kept = Found(tuple(_Plan(version, known, today).alerts()), known)
            if len(_kept) >= MOST:
                _kept.pop(next(iter(_kept)))
            _kept[version.pk] = (time.monotonic(), today, kept)
    return kept


def _current(version: PlanVersion, known: Known, today: date) -> Found | None:
    made, day, found = _kept.get(version.pk, (0.0, None, None))
    if found is None or day != today or found.known.position > known.position:
        return None
    if found.known.position == known.position or time.monotonic() - made < KEPT:
        return found
    return None


@dataclass(frozen=True)
class _Asked:
    """An indicator with the periods in which its figures are looked at. `last` is the last one
    with a figure of any place of the plan, `due` the last for which there should be one by now,
    `composed` the one in which it is asked what is missing; `compared` are those that compare
    with the last one, in order, `recent` the last of all."""

    indicator: Indicator
    edition: Edition
    last: Period
    due: Period
    composed: Period
    compared: tuple[Period, ...]
    recent: tuple[Period, ...]

    @property
    def periods(self) -> set[Period]:
        return {*self.compared, *self.recent, self.last}

    @property
    def checked(self) -> Period:
        """The last period for which every figure should be there by now."""
        return min(self.last, self.due)


@dataclass(frozen=True)
class _Known:
    """An indicator with all periods in which something of it, or of its parts, is known."""

    indicator: Indicator
    edition: Edition
    periods: tuple[Period, ...]

    @property
    def recent(self) -> tuple[Period, ...]:
        return self.periods[-RECENT:]


@dataclass
class _Plan:
    """One plan's alerts in the making."""

    version: PlanVersion
    known: Known
    today: date
    read: dict[Wanted, Table] = field(default_factory=dict)

    @cached_property
    def thresholds(self) -> Thresholds:
        return Thresholds.of(self.version.plan.alerts)

    @cached_property
    def tree(self) -> Tree:
        return tree_at(self.version.plan.scheme, self.today)

    @cached_property
    def inside(self) -> Flags:
        """Which places of the tree are the plan's own and those below it."""
        found = np.zeros(len(self.tree.ids), np.bool_)
        for here, (place, parent) in enumerate(zip(self.tree.ids, self.tree.parents, strict=True)):
            found[here] = place == self.version.plan.place_id or (parent >= 0 and found[parent])
        return found

    @cached_property
    def regular(self) -> Flags:
        """Which places of the tree are regular ones."""
        rows = Place.objects.filter(scheme=self.version.plan.scheme_id, kind=Place.Kind.REGULAR)
        there = set(rows.values_list("pk", flat=True))
        return np.array([each in there for each in self.tree.ids], np.bool_)

    @cached_property
    def levels(self) -> Longs:
        return np.asarray(self.tree.levels, np.int64)

    @cached_property
    def groupings(self) -> list[Grouping]:
        """The computed groupings, of which the first that holds a place says who is alike."""
        rows = Grouping.objects.filter(scheme=self.version.plan.scheme_id)
        return list(rows.exclude(computed_from="").prefetch_related("groups").order_by("key"))

    # -- reading ---------------------------------------------------------------------------

    def alerts(self) -> Iterator[Alert]:
        """Every alert, by indicator."""
        indicators = measured_by(self.version)
        asked = self._asked(self._known_of(indicators))
        for each in asked:
            values = self._values(each)
            yield from self._stale(each, values)
            yield from self._behind(each, values[each.last])
            yield from self._falling(each, values)
            yield from self._not_computable(each)
            yield from self._differs(each)
        yield from self._provisional(asked)
        yield from self._low_confidence(indicators, {each.indicator.pk: each for each in asked})

    def _known_of(self, indicators: Sequence[Indicator]) -> list[_Known]:
        """In which periods something is known, in the edition that the target of the plan's own
        place means."""
        steps = periods_known(indicators, self.known)
        rows = binding_targets(indicators, [self.version.plan.place])
        targets = {each.indicator_id: each for each in rows}
        found = []
        for indicator in indicators:
            there = [step for step in steps[indicator.pk] if step[0].span == indicator.span]
            edition = edition_meant(there[-1][1], targets.get(indicator.pk)) if there else None
            periods = tuple(period for period, several in there if edition in several)
            if edition is not None and periods:
                found.append(_Known(indicator, edition, periods))
        return found

    def _asked(self, several: Sequence[_Known]) -> list[_Asked]:
        """What is looked at of each indicator: all that it needs is read in two goes, for which
        periods compare depends on the last one with a figure."""
        self._read(Wanted(k.indicator, k.edition, period) for k in several for period in k.recent)
        asked = [self._asked_of(each) for each in several]
        wanted = {
            Wanted(each.indicator, each.edition, period)
            for each in asked
            for period in {*each.periods, each.composed}
        }
        wanted |= {
            Wanted(part, each.edition, each.composed)
            for each in asked
            for part in composed_of(each.indicator)
        }
        self._read(wanted)
        return asked

    def _asked_of(self, known: _Known) -> _Asked:
        indicator, span = known.indicator, Span(known.indicator.span)
        due = rules.due_period(self.today, span, self.thresholds.stale_after(span))
        given = (each for each in reversed(known.recent) if self._has_any(known, each))
        last = next(given, known.periods[-1])
        # What adds up over a year has its seasons: it is held against the year before.
        step = PER_YEAR[span] if adds_up(indicator) else 1
        back = max(self.thresholds.falling_serious, self.thresholds.falling_periods)
        wanted = (last.shift(-step * each) for each in range(back, -1, -1))
        return _Asked(
            indicator=indicator,
            edition=known.edition,
            last=last,
            due=due,
            composed=max((each for each in known.periods if each <= due), default=last),
            compared=tuple(each for each in wanted if each in known.periods),
            recent=known.recent,
        )

    def _has_any(self, known: _Known, period: Period) -> bool:
        table = self.read[Wanted(known.indicator, known.edition, period)]
        values = table.values_at(self.tree.ids)
        return bool((~np.isnan(values) & self.inside).any())

    def _read(self, wanted: Iterable[Wanted]) -> None:
        missing = set(wanted) - self.read.keys()
        ordered = sorted(missing, key=lambda one: (one.indicator.pk, one.period))
        self.read |= tables(ordered, self.known)

    def _table(self, each: _Asked, period: Period, of: Indicator | None = None) -> Table:
        return self.read[Wanted(of or each.indicator, each.edition, period)]

    def _values(self, each: _Asked) -> dict[Period, Floats]:
        """By period, the figures of the tree's places as they are published."""
        decimals = np.array(each.indicator.decimals)
        return {
            period: shown_all(self._table(each, period).values_at(self.tree.ids), decimals)
            for period in each.periods
        }

    def _alert(
        self, kind: AlertKind, serious: bool, each: _Asked, here: int, since: date, **numbers: Any
    ) -> Alert:
        period = numbers.pop("at", each.last)
        return Alert(
            kind=kind,
            severity=AlertSeverity.SERIOUS if serious else AlertSeverity.WATCH,
            plan=self.version.plan_id,
            place=self.tree.ids[here],
            since=since,
            indicator=each.indicator.pk,
            period=period,
            edition=each.edition.key,
            numbers=numbers,
        )

    # -- the rules -------------------------------------------------------------------------

    def _stale(self, each: _Asked, values: dict[Period, Floats]) -> Iterator[Alert]:
        """No figure where there should be one by now: of no place at all, told once at the
        plan's own; or of a place that gave some before."""
        after = self.thresholds.stale_after(Span(each.indicator.span))
        top = self.tree.ids.index(self.version.plan.place_id) if self.inside.any() else -1
        missed = each.due.ordinal - each.last.ordinal
        told = -1
        if missed > 0 and top >= 0:
            since = each.last.next().end + after
            told = top
            yield self._alert(
                AlertKind.STALE, missed >= self.thresholds.stale_serious_periods, each, top, since,
                at=each.due, last=each.last.code, missed=missed, days=after.days, everywhere=True,
            )  # fmt: skip
        checked = each.checked
        if checked not in values:
            return
        order = sorted(period for period in values if period <= checked)
        given = ~np.isnan(np.stack([values[period] for period in order]))
        gone = self.inside & ~given[-1] & given[:-1].any(axis=0)
        for here in np.flatnonzero(gone):
            if here == told:
                continue
            last = order[int(np.flatnonzero(given[:, here])[-1])]
            missed = checked.ordinal - last.ordinal
            yield self._alert(
                AlertKind.STALE, missed >= self.thresholds.stale_serious_periods, each, int(here),
                last.next().end + after, at=checked, last=last.code, missed=missed,
                days=after.days, everywhere=False,
            )  # fmt: skip

    def _badness(self, indicator: Indicator, values: Floats) -> Floats:
        return rules.badness(values, indicator.direction, indicator.band_low, indicator.band_high)

    def _behind(self, each: _Asked, values: Floats) -> Iterator[Alert]:
        indicator = each.indicator
        if indicator.kind not in COMPARABLE and not indicator.reports_itself:
            return
        bad = self._badness(indicator, values)
        for peers, judged, group in self._peers(each):
            found = rules.behind(values[peers], bad[peers], self.thresholds.fewest_peers)
            if found is None:
                continue
            far = (self.inside & judged)[peers] & (found.deviations >= self.thresholds.behind_watch)
            for at in np.flatnonzero(far):
                off = float(found.deviations[at])
                yield self._alert(
                    AlertKind.BEHIND, off >= self.thresholds.behind_serious, each, int(peers[at]),
                    each.last.end, value=float(values[peers[at]]), median=found.median,
                    peers=found.count - 1, off=round(off, 1),
                    threshold=self.thresholds.behind_watch, group=group,
                )  # fmt: skip

    def _peers(self, each: _Asked) -> Iterator[tuple[Longs, Flags, str]]:
        """Who is held against whom: the regular places of each tier, those of one class among
        themselves where the class is large enough; each place once. Longs of the peers, which
        of them are judged in this company, and the class."""
        classes = self._classes(each)
        for level in np.unique(self.levels[self.inside & self.regular]):
            tier = self.regular & (self.levels == level)
            left = tier
            for key, members in classes:
                alike = left & members
                if int(alike.sum()) >= self.thresholds.fewest_peers:
                    left = left & ~alike
                    yield np.flatnonzero(alike), alike, key
            if left.any():
                enough = int(left.sum()) >= self.thresholds.fewest_peers
                yield np.flatnonzero(left if enough else tier), left, ""

    def _classes(self, each: _Asked) -> list[tuple[str, Flags]]:
        key = (each.edition.pk, each.last)
        if key not in self._known_classes:
            found = []
            ids = np.asarray(self.tree.ids, np.int64)
            for grouping in self.groupings[:1]:
                several = members_of(grouping, each.last, each.edition, self.known)
                found = [
                    (f"{grouping.key}/{name}", np.isin(ids, inside))
                    for name, inside in several.items()
                    if len(inside) >= self.thresholds.fewest_peers
                ]
            self._known_classes[key] = found
        return self._known_classes[key]

    @cached_property
    def _known_classes(
        self,
    ) -> dict[tuple[int, Period], list[tuple[str, Flags]]]:
        return {}

    def _falling(self, each: _Asked, values: dict[Period, Floats]) -> Iterator[Alert]:
        """Worse from one period to the next, several times on end. Only periods that follow
        each other compare."""
        order = each.compared
        if len(order) <= self.thresholds.falling_periods:
            return
        steps = {after.ordinal - before.ordinal for before, after in itertools.pairwise(order)}
        if len(steps) > 1:
            return
        stacked = np.stack([values[period] for period in order])
        runs = rules.falling(self._badness(each.indicator, stacked))
        for here in np.flatnonzero(self.inside & (runs >= self.thresholds.falling_periods)):
            run = int(runs[here])
            first = order[-1 - run]
            yield self._alert(
                AlertKind.FALLING, run >= self.thresholds.falling_serious, each, int(here),
                order[-run].end, first=first.code, before=float(values[first][here]),
                value=float(values[each.last][here]), run=run,
                threshold=self.thresholds.falling_periods,
            )  # fmt: skip

    def _not_computable(self, each: _Asked) -> Iterator[Alert]:
        """No value although a part of it is there. Where no place has a value, it is out of date,
        and what is missing is missing everywhere."""
        parts = composed_of(each.indicator)
        if not parts:
            return
        value = self._table(each, each.composed).values_at(self.tree.ids)
        read = [self._table(each, each.composed, part).values_at(self.tree.ids) for part in parts]
        mean = each.indicator.kind == Indicator.Kind.WEIGHTED_MEAN
        if mean:
            read.append(self._own(each))
        ratio = each.indicator.kind == Indicator.Kind.RATIO and len(parts) == 2
        stacked = np.stack(read)
        zero, lacking = rules.missing_of(value, stacked, 1 if ratio else None)
        if mean:
            lacking &= ~np.isnan(stacked[-1])  # who gave no mean is out of date, or silent
        if not (~np.isnan(value) & self.inside).any():
            lacking[:] = False
        for here in np.flatnonzero(self.inside & (zero | lacking)):
            missing = [part.key for at, part in enumerate(parts) if np.isnan(stacked[at, here])]
            yield self._alert(
                AlertKind.NOT_COMPUTABLE, bool(zero[here]), each, int(here), each.composed.end,
                at=each.composed, lack=str(Lack.ZERO if zero[here] else Lack.MISSING),
                parts=[parts[1].key] if zero[here] else missing,
            )  # fmt: skip

    def _own(self, each: _Asked) -> Floats:
        own = self._table(each, each.composed).own_values
        return np.array([own.get(place, np.nan) for place in self.tree.ids])

    def _differs(self, each: _Asked) -> Iterator[Alert]:
        """A total that was stated for a place and what all units below it add up to."""
        table = self._table(each, each.last)
        numbers, shape = table.numbers, table.shape
        cells = table.cells
        official = Series.Nature.OFFICIAL
        stated: dict[int, tuple[float, int]] = {}
        for cell in cells:
            place, series = int(cell["place"]), table.series.get(int(cell["series"]))
            if place not in stated or (series is not None and series.nature == official):
                stated[place] = (float(cell["value"]), int(cell["series"]))
        at = {place: here for here, place in enumerate(self.tree.ids)}
        whole = (numbers.expected > 0) & (numbers.reported == numbers.expected) & ~numbers.owing
        for place, (value, series_id) in stated.items():
            inner = shape.positions.get(place)
            here = at.get(place)
            if inner is None or here is None or not self.inside[here] or not whole[inner]:
                continue
            summed = float(numbers.total[inner])
            share = float(rules.apart_by(np.array([value]), np.array([summed]))[0])
            if not share > self.thresholds.differs_share:
                continue
            series = table.series.get(series_id)
            yield self._alert(
                AlertKind.DIFFERS, share > self.thresholds.differs_serious_share, each, here,
                each.last.end, value=value, summed=summed, share=round(share * 100, 1),
                threshold=self.thresholds.differs_share * 100,
                series=series.key if series else "",
            )  # fmt: skip

    def _provisional(self, asked: Sequence[_Asked]) -> Iterator[Alert]:
        """Figures that nobody has looked at for too long: of each place the oldest."""
        oldest: dict[tuple[int, int], tuple[int, _Asked, Period]] = {}
        at = {place: here for here, place in enumerate(self.tree.ids) if self.inside[here]}
        for each in asked:
            for period in sorted(each.recent):
                cells = self._table(each, period).cells
                cells = cells[_first_of_each(cells["place"])]
                waiting = cells[cells["provisional"] != 0]
                for place, observation in zip(
                    waiting["place"].tolist(), waiting["observation"].tolist(), strict=True
                ):
                    if place in at:
                        oldest.setdefault((each.indicator.pk, place), (observation, each, period))
        limit = self.today - timedelta(days=self.thresholds.provisional_days)
        released = _released([row[0] for row in oldest.values()], limit)
        for (_indicator, place), (observation, each, period) in oldest.items():
            since = released.get(observation)
            if since is None:
                continue
            days = (self.today - since).days
            yield self._alert(
                AlertKind.PROVISIONAL, days >= self.thresholds.provisional_serious_days, each,
                at[place], since, at=period, days=days,
                threshold=self.thresholds.provisional_days,
            )  # fmt: skip

    def _low_confidence(
        self, indicators: Sequence[Indicator], asked: dict[int, _Asked]
    ) -> Iterator[Alert]:
        at = {place: here for here, place in enumerate(self.tree.ids) if self.inside[here]}
        judged = latest_judgements(self.version.plan, indicators, self.known)
        for (indicator, place), row in judged.items():
            each = asked.get(indicator)
            if row.level != ConfidenceLevel.LOW or place not in at or each is None:
                continue
            period = Period.parse(row.period) if row.period else None
            if not holds_still(period, each.last, self.thresholds.confidence_periods):
                continue
            yield self._alert(
                AlertKind.LOW_CONFIDENCE, False, each, at[place], row.at.date(),
                at=period or each.last, reason=row.reason,
            )  # fmt: skip


def _first_of_each(places: Longs) -> Longs:
    """The positions at which a new place begins: what goes before the others there."""
    if not len(places):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))


def _released(observations: Sequence[int], limit: date) -> dict[int, date]:
    """Of some observations, the days on which those that are old enough were released."""
    rows = Observation.objects.filter(pk__in=list(observations), released_at__date__lte=limit)
    return {key: at.date() for key, at in rows.values_list("pk", "released_at")}
