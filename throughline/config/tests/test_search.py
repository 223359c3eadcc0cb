"""The search: what the page, the suggestions and the API show."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.world import World, build_world
from throughline.bodies.models import Body, BodyAlias
from throughline.config.search import search_for
from throughline.kernel.actor import NOBODY


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def found(actor, words: str) -> dict[str, list[str]]:
    """The titles of what is found, by kind; kinds with nothing left out."""
    kinds = {kind.key: [hit.title for hit in kind.hits(0, 99)] for kind in search_for(actor, words)}
    return {key: titles for key, titles in kinds.items() if titles}


def page(world: World, member: str, **query: str):
    client = Client()
    client.force_login(getattr(world.cast, member).person)
    return client.get("/search/", query)


def test_everything_is_found_by_kind(world: World):
    actor = world.cast.coordinator.actor
    assert found(actor, "growth")["plans"] == ["Plan of growth"]
    assert found(actor, "strand")["elements"] == ["Strand of growth 2", "Strand of secret 1"]
    assert "Urban rate" in found(actor, "urban")["indicators"]
    assert found(actor, "issue") == {"papers": ["The issue"]}
    assert "Jobs Reported" in found(actor, "jobs")["series"]
    assert found(actor, "coordinator")["loads"] == ["coordinator.csv"]
    assert found(actor, "cabinet") == {"bodies": ["Cabinet"]}


def test_one_character_and_a_code_find_a_place(world: World):
    actor = world.cast.county.actor
    assert len(found(actor, "地")["places"]) == 8
    assert found(actor, "n112")["places"] == ["Place N112"]


def test_another_name_finds_a_body(world: World):
    body = Body.objects.get(key="cabinet")
    BodyAlias.objects.create(body=body, alias="国务院常务会议")
    assert found(world.cast.county.actor, "常务会议") == {"bodies": ["Cabinet"]}


def test_it_says_where_a_thing_stands(world: World):
    kinds = {kind.key: kind for kind in search_for(world.cast.county.actor, "n111")}
    (place,) = kinds["places"].hits(0, 9)
    assert list(place.where) == ["Place N", "Place N1", "Place N11"]
    assert place.detail == "County N111"


def test_nobody_finds_nothing(world: World):
    for words in ("growth", "place", "jobs", "cabinet", "csv"):
        assert found(NOBODY, words) == {}


def test_people_are_found_by_those_who_administer_them(world: World):
    cast: Cast = world.cast
    finding = {name for name, member in cast if "people" in found(member.actor, "姓名 county")}
    assert finding == {"administrator", "auditor"}


def test_who_only_administers_finds_no_series_of_the_line(world: World):
    titles = found(world.cast.administrator.actor, "reported").get("series", [])
    assert titles == []
    assert found(world.cast.county.actor, "reported")["series"]


def test_an_empty_search_says_what_can_be_found(world: World):
    text = page(world, "county").content.decode()
    assert "What can be found" in text
    assert "Elements of plans" in text


def test_what_is_not_found_says_what_to_try(world: World):
    assert "Try fewer words" in page(world, "county", q="zzzz").content.decode()


def test_a_kind_is_paged(world: World):
    cast = world.cast
    Body.objects.bulk_create(
        Body(key=f"many-{n}", name_en=f"Many {n}", kind="office", place=cast.places["N"])
        for n in range(120)
    )
    first = page(world, "county", q="many")
    assert "All 120" in first.content.decode()
    third = page(world, "county", q="many", kind="bodies", page="3").content.decode()
    assert third.count('href="/bodies/many-') == 20


def test_suggestions_are_few_of_each_kind_and_lead_to_the_page(world: World):
    client = Client()
    client.force_login(world.cast.county.person)
    text = client.get("/search/suggestions", {"q": "place"}).content.decode()
    assert text.count('role="option"') == 4
    assert 'href="/search/?q=place"' in text


def test_the_api_gives_a_window(world: World):
    client = Client()
    client.force_login(world.cast.county.person)
    answer = client.get("/api/search", {"q": "place", "kind": "places", "first": "6", "limit": "5"})
    (places,) = answer.json()
    assert places["count"] == 8
    assert len(places["hits"]) == 2
    assert client.get("/api/search", {"q": ""}).status_code == 422
