"""The list of plans, and a plan in reading order."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.permissions.endpoints import client_of
from tests.world import World, build_cascade, build_world
from throughline.plans import pages
from throughline.plans.models import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = build_world()
    build_cascade(made)
    return made


@pytest.fixture
def browser(world: World) -> Client:
    return client_of(world, "coordinator")


def shown(browser: Client, query: str = "") -> list[str]:
    """The keys of the plans on a page of the list, in their order."""
    return [plan.key for plan in browser.get(f"/plans/{query}").context["plans"]]


def test_the_nations_plan_stands_before_those_of_its_places(browser: Client) -> None:
    assert shown(browser) == ["growth", "secret", "growth-n1"]


def test_the_list_is_narrowed_by_tier_title_and_place(browser: Client, world: World) -> None:
    own = Plan.objects.get(key="growth-n1")
    assert shown(browser, f"?tier={own.place.tier.key}") == ["growth-n1"]
    assert shown(browser, f"?words={world.cast.places['N1'].code}") == ["growth-n1"]
    assert shown(browser, "?words=nothing-of-the-kind") == []
    page = browser.get("/plans/?words=nothing-of-the-kind").content.decode()
    assert "Nothing fits." in page
    tiers = browser.get("/plans/").context["filters"][0]
    assert [choice.count for choice in tiers.choices] == [None, 2, 1]


def test_a_long_list_is_paged(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    assert shown(browser) == ["growth"]
    assert shown(browser, "?page=3") == ["growth-n1"]


def test_what_stands_under_a_strand_is_listed_under_it(browser: Client) -> None:
    """Whatever the numbers of the rows are: 257 is not 257 to `is`."""
    context = browser.get("/plans/growth/").context
    [strand] = context["strands"]
    assert strand.line.element.key == "strand"
    assert [line.element.key for line in strand.lines] == ["jobs", "urban-rate", "task"]
    assert context["loose"] == []


@pytest.mark.parametrize("number", ["9", "²", "9" * 17, "9" * 40])
def test_a_version_that_is_not_there_is_not_found(browser: Client, number: str) -> None:
    assert browser.get("/plans/growth/", {"version": number}).status_code == 404
