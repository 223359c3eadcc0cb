"""Alerts and who reports on time, by the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Schema

from throughline.figures.rules.alerting import AlertKind, AlertSeverity
from throughline.kernel.refusals import REFUSALS
from throughline.plans.queries import plan_in_force
from throughline.reporting.api.routing import Number, Size, actor_in, router
from throughline.reporting.tracking.alerts import Narrowed, alerts_for, in_order_of
from throughline.reporting.tracking.alerts import narrowed as narrowed_alerts
from throughline.reporting.tracking.lines import alert_lines
from throughline.reporting.tracking.punctuality import (
    LAST,
    MOST,
    bodies_for,
    last_cycles,
    places_named,
    records_of,
)


class AlertOut(Schema):
    """Something that is wrong with figures or reports of a place that you answer for.
    `numbers` are what made it; `cycle` is set where it is about a unit's reports."""

    kind: AlertKind
    severity: AlertSeverity
    plan: str
    place: str
    indicator: str | None
    cycle: str | None
    period: str | None
    since: date
    said: str
    numbers: dict[str, Any]


class AlertPage(Schema):
    total: int
    page: int
    as_of: datetime | None
    alerts: list[AlertOut]


class PunctualityOut(Schema):
    """What became of a unit's reports over some cycles. `days` is the median from the close to
    the first signature, below 0 before it; `run` how many cycles at the end were not answered."""

    place: str
    body: str | None
    cycles: int
    on_time: int
    extended: int
    late: int
    never: int
    waiting: int
    returned: int
    share: float | None
    days: float | None
    run: int


class PunctualityPage(Schema):
    total: int
    page: int
    cycles: list[str]
    units: list[PunctualityOut]


@router.get("/alerts", response={200: AlertPage, **REFUSALS}, url_name="alerts")
def list_alerts(
    request: HttpRequest,
    plan: str = "",
    kind: AlertKind | None = None,
    severity: AlertSeverity | None = None,
    place: str = "",
    indicator: str = "",
    words: str = "",
    page: Number = 1,
    size: Size = 100,
) -> AlertPage:
    """Alerts about the places that you answer for, the most serious first. Nobody gets those of
    sister places."""
    found = alerts_for(actor_in(request), plan)
    asked = Narrowed(kind or "", severity or "", place, indicator, words)
    shown = in_order_of(narrowed_alerts(found.alerts, asked), "")
    return AlertPage(
        total=len(shown),
        page=page,
        as_of=found.as_of,
        alerts=[
            AlertOut(
                kind=line.alert.kind, severity=line.alert.severity, plan=line.plan.key,
                place=line.place.code, indicator=line.indicator.key if line.indicator else None,
                cycle=line.alert.subject or None,
                period=line.alert.period.code if line.alert.period else None,
                since=line.since, said=line.sentence, numbers=dict(line.alert.numbers),
            )
            for line in alert_lines(shown[(page - 1) * size : page * size])
        ],
    )  # fmt: skip


@router.get("/punctuality", response={200: PunctualityPage, **REFUSALS}, url_name="punctuality")
def list_punctuality(
    request: HttpRequest,
    plan: str = "",
    cycles: Annotated[int, Field(ge=1, le=MOST)] = LAST,
    page: Number = 1,
    size: Size = 100,
) -> PunctualityPage:
    """Units whose reports you see, with what became of them over the last cycles, by name."""
    actor = actor_in(request)
    of_plan = plan_in_force(actor, plan).plan if plan else None
    looked = last_cycles(actor, of_plan, cycles)
    records = records_of(actor, looked)
    places = places_named(records)
    records.sort(key=lambda each: (places[each.place].sort_key, each.place))
    shown = records[(page - 1) * size : page * size]
    bodies = bodies_for(shown)
    return PunctualityPage(
        total=len(records),
        page=page,
        cycles=[each.key for each in looked],
        units=[
            PunctualityOut(
                place=places[each.place].code,
                body=bodies[each.place].key if each.place in bodies else None,
                cycles=each.found.over, on_time=each.found.on_time,
                extended=each.found.extended, late=each.found.late, never=each.found.never,
                waiting=each.found.waiting, returned=each.found.returned,
                share=each.found.share, days=each.found.days, run=each.found.run,
            )
            for each in shown
        ],
    )  # fmt: skip
