"""Who reports on time and who never does, by unit, over the last cycles of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from throughline.bodies.models import Body
from throughline.bodies.queries import today
from throughline.figures.rules.alerting import Alert, AlertKind, AlertSeverity, Thresholds
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.places.models import Closure, Place
from throughline.places.queries import valid_on
from throughline.plans.models import Plan
from throughline.reporting.models import Cycle
from throughline.reporting.queries import cycles_visible_to, reporting_bodies, reports_visible_to
from throughline.reporting.rules.life import ReportStep, Times
from throughline.reporting.rules.punctuality import Given, Punctuality, punctuality

LAST = 8
"""How many cycles are looked at where nobody says otherwise."""

MOST = 40
"""The most that are looked at."""


@dataclass(frozen=True)
class Record:
    """What became of a unit's reports over some cycles; `last` is the newest of them, `answered`
    the newest that it answered, `body` the id of the body that prepared the newest report."""

    place: int
    found: Punctuality
    rows: tuple[tuple[int, Given], ...]
    body: int | None

    @property
    def silent_since(self) -> tuple[int, datetime] | None:
        """The oldest cycle (its id) in the run of those that nobody answered, and its close."""
        over = [row for row in self.rows if row[1].outcome(clock.now()) != "waiting"]
        if not self.found.run:
            return None
        cycle, given = over[self.found.run - 1]
        return cycle, given.times.due


def last_cycles(actor: Actor, plan: Plan | None, count: int = LAST) -> list[Cycle]:
    """The last cycles that have begun, of a plan or of all, the latest close first."""
    rows = cycles_visible_to(actor).filter(opens_at__lte=clock.now())
    if plan is not None:
        rows = rows.filter(forms__plan=plan).distinct()
    return list(rows.order_by("-closes_at", "-pk")[: min(count, MOST)])


def records_of(
    actor: Actor, cycles: Sequence[Cycle], places: Sequence[int] | None = None
) -> list[Record]:
    """By unit of which the actor sees the reports, what became of them in some cycles. One
    statement; a unit's own body gets its own record and no other."""
    rows = reports_visible_to(actor).filter(cycle__in=[each.pk for each in cycles])
    if places is not None:
        rows = rows.filter(place__in=places)
    named = ("place_id", "cycle_id", "step", "first_signed_at", "until", "round", "body_id")
    by_unit: dict[int, dict[int, tuple[Any, ...]]] = {}
    for place, cycle, *rest in rows.order_by().values_list(*named):
        by_unit.setdefault(place, {})[cycle] = tuple(rest)
    now = clock.now()
    return [_record(place, said, cycles, now) for place, said in by_unit.items()]


def _record(
    place: int, said: Mapping[int, tuple[Any, ...]], cycles: Sequence[Cycle], now: datetime
) -> Record:
    rows: list[tuple[int, Given]] = []
    bodies: list[int] = []
    for cycle in cycles:
        if cycle.pk in said:
            step, signed_at, until, rounds, body = said[cycle.pk]
            times = Times(cycle.opens_at, cycle.closes_at, cycle.locked_at is not None, until)
            rows.append((cycle.pk, Given(times, ReportStep(step), signed_at, rounds)))
            bodies += [body] if body else []
    found = punctuality([given for _cycle, given in rows], now)
    return Record(place, found, tuple(rows), bodies[0] if bodies else None)


def bodies_for(records: Sequence[Record]) -> dict[int, Body]:
    """By place (its id), the body that reports there: that of the newest report, else the first
    of the place that has a post which reports."""
    named = {each.place: each.body for each in records if each.body is not None}
    rows = Body.objects.in_bulk(set(named.values()))
    found = {place: rows[body] for place, body in named.items()}
    missing = [each.place for each in records if each.place not in found]
    for body in reporting_bodies(missing) if missing else ():
        if body.place_id is not None:
            found.setdefault(body.place_id, body)
    return found


def silent_alerts(actor: Actor, plan: Plan) -> list[Alert]:
    """Units that did not answer the last cycle whose time is over, or several on end."""
    thresholds = Thresholds.of(plan.alerts)
    cycles = last_cycles(actor, plan, MOST // 2)
    closed = [each for each in cycles if each.closes_at <= clock.now()]
    if not closed:
        return []
    late = reports_visible_to(actor).filter(
        cycle__in=[each.pk for each in closed], first_signed_at__isnull=True
    )
    suspects = list(late.order_by().values_list("place", flat=True).distinct())
    keys = {each.pk: each for each in closed}
    alerts = []
    for record in records_of(actor, closed, suspects) if suspects else ():
        since = record.silent_since
        if since is None:
            continue
        missed = record.found.run
        newest = next(row for row in record.rows if row[1].outcome(clock.now()) != "waiting")
        alerts.append(
            Alert(
                kind=AlertKind.SILENT,
                severity=AlertSeverity.SERIOUS
                if missed >= thresholds.silent_serious
                else AlertSeverity.WATCH,
                plan=plan.pk,
                place=record.place,
                since=_day(since[1]),
                subject=keys[newest[0]].key,
                numbers={
                    "missed": missed,
                    "cycles": record.found.over,
                    "threshold": thresholds.silent_serious,
                    "title_en": keys[newest[0]].title_en,
                    "title_zh": keys[newest[0]].title_zh,
                },
            )
        )
    return alerts


def _day(instant: datetime) -> date:
    return instant.date()


def places_named(records: Sequence[Record]) -> dict[int, Place]:
    """The places of some records, by id, with their tiers."""
    rows = Place.objects.select_related("tier", "scheme")
    return rows.in_bulk([each.place for each in records])


def places_within(code: str) -> set[int]:
    """The places (their ids) that lie today in one of a code, itself included."""
    rows = Closure.objects.filter(valid_on(today()), ancestor__code=code)
    return set(rows.values_list("descendant", flat=True))


def regions_of(places: Sequence[int]) -> list[Place]:
    """The places directly below the top in which some places lie today, by name."""
    above = Closure.objects.filter(valid_on(today()), descendant__in=places)
    rows = Place.objects.filter(tier__level=1, pk__in=above.values("ancestor"))
    return list(rows.order_by("sort_key"))
