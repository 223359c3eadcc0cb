"""What is asked of a unit in a year: counted once, by whom, and before more is asked."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.cycles import add_forms, build_reporting
from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.plans.packs import read_pack
from throughline.plans.packs.commands import figures_asked
from throughline.reporting.models import Form
from throughline.running.home import CHECKOUT


def said_by(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def tier_page(world: World, tier: str = "county") -> str:
    return reverse("tier-burden", args=[world.cast.scheme.key, tier])


def test_a_figure_that_two_ask_for_is_counted_once(world: World) -> None:
    add_forms(world)  # people asks for jobs and roads, works for roads
    client = client_of(world, "county")
    text = said_by(client, tier_page(world))
    assert "2 figures a year, in 1 report." in text
    assert "Bodies that ask: 2; forms: 2; plans: 1; documents: 2." in text
    assert "filled in by itself: 3 figures a year, in 2 reports." in text
    assert "Paper of people" in text
    found = client.get(f"/api/burden/{world.cast.scheme.key}/tiers/county").json()
    assert found["burden"]["figures"] == 2
    assert found["burden"]["apart"] == 3
    assert {each["form"]: each["shared"] for each in found["forms"]} == {"people": 1, "works": 1}


def test_a_form_that_is_withdrawn_asks_for_nothing(world: World) -> None:
    add_forms(world)
    Form.objects.filter(key="people").update(withdrawn=True)
    text = said_by(client_of(world, "county"), tier_page(world))
    assert "1 figure a year, in 1 report." in text
    assert "filled in by itself" not in text


def test_the_cycles_of_a_year_are_counted_each_figure_of_a_period_once(world: World) -> None:
    build_reporting(world)  # eight cycles for the same year
    scheme = world.cast.scheme.key
    found = client_of(world, "county").get(f"/api/burden/{scheme}/units/N111?year=2022").json()
    assert len(found["cycles"]) == 8
    assert (found["opened"]["figures"], found["opened"]["apart"]) == (2, 24)
    none = client_of(world, "county").get(f"/api/burden/{scheme}/units/N111?year=2020").json()
    assert (none["cycles"], none["opened"]["figures"]) == ([], 0)


def test_a_unit_with_nothing_below_it_gives_what_is_asked_below(world: World) -> None:
    add_forms(world)
    scheme = world.cast.scheme.key
    client = client_of(world, "province")
    for code, figures in (("N111", 2), ("N11", 0), ("N1", 0)):
        found = client.get(f"/api/burden/{scheme}/units/{code}").json()
        assert found["burden"]["figures"] == figures, code
    assert client.get(f"/api/burden/{scheme}/units/none").status_code == 404
    assert client.get(f"/burden/{scheme}/tiers/none/").status_code == 404


def test_who_does_not_work_on_plans_learns_nothing(world: World) -> None:
    add_forms(world)
    for member in ("administrator", "former"):
        assert client_of(world, member).get(tier_page(world)).status_code == 404


def opening(client: Client, *forms: str, period: str = "2022") -> str:
    query: dict[str, Any] = {"forms": list(forms), "period": period}
    return said_by(client, reverse("open-cycle-burden", query=query))


def test_who_opens_a_cycle_sees_what_it_asks_beside_what_is_given_already(world: World) -> None:
    add_forms(world)
    client = client_of(world, "coordinator")
    assert "hx-get" in said_by(client, reverse("open-cycle"))
    one = opening(client, "works")
    assert "This asks 1 figure of each of 3 County." in one
    assert "They give all of them already to others." in one
    assert "A unit then gives 2 figures a year in this and 1 other form, by" in one
    assert "so far it gives 2." in one
    other = opening(client, "people", period="no period")
    assert "This asks 2 figures" in other
    assert "1 of them is given already to others." in other
    both = opening(client, "people", "works")
    assert "None of them is asked by anybody else. A unit then gives 2 figures a year, all" in both
    assert "Choose forms" in opening(client)
    adds = client.get("/api/burden/adds?forms=works&period=2022").json()
    assert (adds[0]["units"], adds[0]["given"], adds[0]["after"]["figures"]) == (3, 1, 2)


def test_a_pack_says_what_it_asks() -> None:
    pack = read_pack(CHECKOUT / "packs" / "cn-new-urbanization-14fyp")
    (asked,) = figures_asked(pack).values()
    lines = [
        {line.series for section in form.sections for line in section.lines} for form in pack.forms
    ]
    assert asked == (4 * len(set.union(*lines)), 4 * sum(map(len, lines)), len(lines))
    assert asked[0] < asked[1]
