"""Who reports on time and who never does; units that fall silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.cycles import build_reporting
from tests.world import World
from throughline.figures.rules.alerting import AlertSeverity
from throughline.kernel import clock
from throughline.reporting.models import Cycle, Report
from throughline.reporting.tracking.punctuality import last_cycles, records_of, silent_alerts


def past(world: World, number: int, signed: dict[str, float | None], **more: Any) -> Cycle:
    """A cycle that closed `number` weeks ago; by county the days from its close to the
    signature."""
    closes: datetime = clock.now() - timedelta(weeks=number)
    cycle = Cycle.objects.create(
        key=f"past-{number}", title_en=f"Past {number}", title_zh=f"往期{number}", period="2022",
        owner=world.cast.bodies["lead-agency"], zone="UTC", opens_at=closes - timedelta(days=9),
        closes_at=closes, act=0,
    )  # fmt: skip
    cycle.forms.set(world.forms.values())
    for code, days in signed.items():
        at = None if days is None else closes + timedelta(days=days)
        Report.objects.create(
            cycle=cycle, place=world.cast.places[code], first_signed_at=at, signed_at=at,
            step="open" if at is None else "accepted", round=0 if at is None else 1, **more,
        )  # fmt: skip
    return cycle


def begin(world: World) -> None:
    """The forms of the world, and none of its cycles."""
    build_reporting(world)
    for cycle in Cycle.objects.all():
        cycle.opens_at, cycle.closes_at = (
            clock.now() + timedelta(days=1), clock.now() + timedelta(days=9),
        )  # fmt: skip
        cycle.save()


def by_code(world: World, member: str) -> dict[str, Any]:
    actor = getattr(world.cast, member).actor
    codes = {place.pk: code for code, place in world.cast.places.items()}
    return {codes[each.place]: each.found for each in records_of(actor, last_cycles(actor, None))}


def test_what_became_of_each_units_reports(world: World) -> None:
    begin(world)
    past(world, 1, {"N111": -2.0, "N112": None, "N211": 3.0})
    past(world, 2, {"N111": 1.0, "N112": None, "N211": -1.0})
    found = by_code(world, "coordinator")
    assert (found["N111"].on_time, found["N111"].late, found["N111"].days) == (1, 1, -0.5)
    assert (found["N112"].never, found["N112"].is_silent, found["N112"].share) == (2, True, 0.0)
    assert (found["N211"].on_time, found["N211"].late) == (1, 1)


def test_a_unit_sees_itself_and_a_superior_its_own_line(world: World) -> None:
    begin(world)
    past(world, 1, {"N111": -2.0, "N112": None, "N211": 3.0})
    assert set(by_code(world, "county")) == {"N111"}
    assert set(by_code(world, "prefecture")) == {"N111", "N112"}
    assert set(by_code(world, "sibling")) == {"N211"}
    assert by_code(world, "uninvolved") == {}


def test_a_silent_unit_is_an_alert_the_longer_the_more_serious(world: World) -> None:
    begin(world)
    plan, actor = world.plans["growth"], world.cast.coordinator.actor
    first = past(world, 2, {"N111": -2.0, "N112": None, "N211": None})
    past(world, 1, {"N111": None, "N112": None, "N211": -1.0})
    codes = {place.pk: code for code, place in world.cast.places.items()}
    found = {codes[each.place]: each for each in silent_alerts(actor, plan)}
    assert set(found) == {"N111", "N112"}
    assert found["N111"].severity is AlertSeverity.WATCH
    assert found["N112"].severity is AlertSeverity.SERIOUS
    assert found["N112"].numbers["missed"] == 2
    assert found["N112"].since == first.closes_at.date()


def test_who_has_more_time_is_not_silent_yet(world: World) -> None:
    begin(world)
    past(world, 1, {"N111": None}, until=clock.now() + timedelta(days=2))
    assert silent_alerts(world.cast.coordinator.actor, world.plans["growth"]) == []
    assert by_code(world, "county")["N111"].waiting == 1


def test_the_page_lists_filters_and_goes_out_as_a_file(world: World) -> None:
    begin(world)
    past(world, 1, {"N111": -2.0, "N112": None, "N211": 3.0})
    client = Client()
    client.force_login(world.cast.coordinator.person)
    url = reverse("punctuality")
    every = client.get(url).content.decode()
    assert all(f"Place {code}" in every for code in ("N111", "N112", "N211"))
    silent = client.get(url, {"state": "silent"}).content.decode()
    assert "Place N112" in silent
    assert "Place N111" not in silent
    within = client.get(url, {"within": "N2"}).content.decode()
    assert "Place N211" in within
    assert "Place N111" not in within
    order = client.get(reverse("punctuality-export", args=["csv"]), {"sort": "-never"})
    lines = order.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("N112")
    told = client.get(reverse("api:punctuality"), {"plan": "growth"}).json()
    assert {each["place"]: each["never"] for each in told["units"]} == {
        "N111": 0, "N112": 1, "N211": 0,
    }  # fmt: skip
