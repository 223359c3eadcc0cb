"""Who somebody is today, and what is in sight from there."""

from __future__ import annotations

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.cast import CODES, DISMISSED, Cast
from throughline.bodies import queries
from throughline.bodies.actions.relations import end_relation, relate_bodies
from throughline.bodies.models import Body, Holding, Person, Post, Relation
from throughline.bodies.queries import (
    acting_for,
    actor_for,
    bodies_visible_to,
    holdings_of,
    lines_between,
    people_visible_to,
    places_administered,
    places_below,
    places_in_line,
    standing_of,
    tokens_visible_to,
)
from throughline.bodies.rules import BodyKind, Duty, Line, RelationKind, Standing
from throughline.kernel.actor import NOBODY, SYSTEM, Actor, Door
from throughline.kernel.memory import remembering
from throughline.places.models import Closure, Place
from throughline.places.queries import valid_on

ALL = set(CODES)


def codes(condition: Q) -> set[str]:
    return set(Place.objects.filter(condition).values_list("code", flat=True))


def test_a_standing_says_what_permissions_need(cast: Cast):
    standing = standing_of(cast.county.actor)
    assert standing.body == cast.bodies["n111-government"].pk
    assert standing.body_kind is BodyKind.GOVERNMENT
    assert standing.place == cast.places["N111"].pk
    assert standing.duties == {Duty.REPORT, Duty.REVIEW, Duty.SIGN, Duty.READ}


def test_an_ex_holder_and_nobody_stand_nowhere(cast: Cast):
    former = standing_of(cast.former.actor)
    assert former == Standing(person=cast.former.person.opaque)
    assert standing_of(NOBODY) == Standing()


@pytest.mark.parametrize("day", [date(2021, 12, 31), DISMISSED - timedelta(days=1), DISMISSED])
def test_what_a_request_asks_first_is_what_the_person_holds(cast: Cast, day: date):
    """The same rule stands twice: as a queryset, and written out for every request."""
    Person.objects.filter(pk=cast.county.person.pk).update(is_active=False)
    beside = Post.objects.create(body=cast.former.post.body, key="beside", duties=[])
    held = {"person": cast.former.person, "post": beside}
    Holding.objects.create(**held, valid_from=DISMISSED - timedelta(days=1))
    with patch.object(queries, "today", return_value=day):
        for person in Person.objects.all():
            expected = list(holdings_of(person))
            assert held_when_read_by_id(person) == expected
        assert bool(held_when_read_by_id(cast.former.person)) is True
        assert held_when_read_by_id(cast.county.person) == []


def held_when_read_by_id(person: Person) -> list[Holding]:
    """The posts that a request remembers from reading its person."""
    with remembering():
        assert queries.person_with_posts(person.pk) == person
        with CaptureQueriesContext(connection) as sent:
            held = queries._held_today(person)
        assert not sent.captured_queries
    return held


def test_access_ends_on_the_day_the_holding_ends(cast: Cast):
    with patch.object(queries, "today", return_value=date(2021, 12, 31)):
        assert standing_of(cast.former.actor).post == cast.former.post.pk
    with patch.object(queries, "today", return_value=DISMISSED):
        assert standing_of(cast.former.actor).post is None


def test_access_begins_on_the_day_of_appointment(cast: Cast):
    with patch.object(queries, "today", return_value=date(2019, 12, 31)):
        assert standing_of(cast.county.actor).post is None


def test_an_inactive_person_stands_nowhere(cast: Cast):
    Person.objects.filter(pk=cast.county.person.pk).update(is_active=False)
    assert standing_of(cast.county.actor).post is None


def test_an_actor_cannot_claim_a_post_of_somebody_else(cast: Cast):
    claimed = Actor(person=cast.county.person.opaque, post=cast.top.post.pk)
    assert standing_of(claimed).post is None


def test_a_standing_is_one_query_and_one_a_request(cast: Cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        standing_of(cast.county.actor)
    with remembering(), django_assert_num_queries(1):
        standing_of(cast.county.actor)
        standing_of(cast.county.actor.keyed("k"))


def test_what_one_request_learnt_another_does_not_know(cast: Cast):
    with remembering():
        assert standing_of(cast.county.actor).post
    Holding.objects.filter(person=cast.county.person).update(valid_to=DISMISSED)
    with remembering():
        assert standing_of(cast.county.actor).post is None


def test_a_person_with_two_posts_acts_in_the_chosen_one(cast: Cast):
    second = cast.province.post
    Holding.objects.create(person=cast.county.person, post=second, valid_from=date(2021, 1, 1))
    assert holdings_of(cast.county.person).count() == 2
    assert actor_for(cast.county.person, door=Door.WEB).post == cast.county.post.pk
    assert actor_for(cast.county.person, second.pk, door=Door.WEB).post == second.pk
    stranger = cast.top.post.pk
    assert actor_for(cast.county.person, stranger, door=Door.WEB).post == cast.county.post.pk


LINES = {
    "top": ALL,
    "coordinator": ALL,
    "auditor": ALL,
    "province": {"N", "N1", "N11", "N111", "N112"},
    "sibling": {"N", "N2", "N21", "N211"},
    "prefecture": {"N", "N1", "N11", "N111", "N112"},
    "county": {"N", "N1", "N11", "N111"},
    "administrator": set(),
    "former": set(),
    "nobody": set(),
}


@pytest.mark.parametrize("name", LINES)
def test_the_line_is_above_and_below_and_not_beside(cast: Cast, name: str):
    assert codes(places_in_line("pk", getattr(cast, name).actor)) == LINES[name]


def test_below_does_not_look_up(cast: Cast):
    assert codes(places_below("pk", cast.prefecture.actor)) == {"N11", "N111", "N112"}
    assert codes(places_below("pk", cast.county.actor)) == {"N111"}
    assert codes(places_below("pk", cast.former.actor)) == set()
    assert codes(places_below("pk", SYSTEM)) == ALL


def test_the_line_follows_todays_tree(cast: Cast):
    """N112 moves from N11 to N21: the old line loses it, the new one gains it."""
    moved = Closure.objects.filter(descendant=cast.places["N112"])
    moved.filter(ancestor__code__in=["N1", "N11"]).update(valid_to=DISMISSED)
    for distance, code in enumerate(["N21", "N2"], start=1):
        Closure.objects.create(
            ancestor=cast.places[code],
            descendant=cast.places["N112"],
            distance=distance,
            valid_from=DISMISSED,
        )
    assert "N112" not in codes(places_in_line("pk", cast.prefecture.actor))
    assert "N112" in codes(places_in_line("pk", cast.sibling.actor))


def test_a_line_filter_joins_with_other_conditions(cast: Cast):
    """The conditions for everything and nothing survive `|`, `&` and `~`."""
    county, nobody, auditor = (
        places_in_line("pk", each.actor) for each in (cast.county, cast.nobody, cast.auditor)
    )
    assert codes(nobody | county) == codes(county)
    assert codes(auditor | county) == ALL
    assert codes(auditor & county) == codes(county)
    assert codes(~nobody) == ALL
    assert codes(~auditor) == set()
    assert Body.objects.filter(places_in_line("place", cast.county.actor)).count() > 1


def test_administering_reaches_below_the_own_place_only(cast: Cast):
    assert codes(places_administered("pk", cast.administrator.actor)) == ALL
    Post.objects.filter(pk=cast.county.post.pk).update(duties=[Duty.ADMINISTER.value])
    assert codes(places_administered("pk", cast.county.actor)) == {"N111"}
    assert codes(places_administered("pk", cast.top.actor)) == set()
    assert codes(places_administered("pk", cast.auditor.actor)) == set()


@pytest.mark.parametrize("name", ["former", "nobody"])
def test_without_a_post_there_is_no_directory(cast: Cast, name: str):
    actor = getattr(cast, name).actor
    assert not bodies_visible_to(actor).exists()
    assert not people_visible_to(actor).exists()
    assert not tokens_visible_to(actor).exists()


def test_people_are_seen_along_the_line(cast: Cast):
    seen = set(people_visible_to(cast.county.actor).values_list("login", flat=True))
    assert {"county", "prefecture", "province", "top", "former"} <= seen
    assert "sibling" not in seen


def test_an_administrator_sees_people_who_wait_for_a_post(cast: Cast):
    Person.objects.create(login="new")
    for name, sees in {
        "administrator": True,
        "county": False,
        "top": False,
        "auditor": True,
    }.items():
        seen = people_visible_to(getattr(cast, name).actor).filter(login="new")
        assert seen.exists() is sees, name


def test_relations_between_bodies(cast: Cast):
    top, agency, sibling = (
        cast.bodies[key].pk for key in ("cabinet", "lead-agency", "n2-government")
    )
    assert lines_between(top, agency) == {Line(RelationKind.LEADS, above=True)}
    assert lines_between(agency, top) == {Line(RelationKind.LEADS, above=False)}
    assert lines_between(agency, sibling) == frozenset()


def test_an_office_acts_for_the_body_that_it_is_an_office_of(cast: Cast):
    office, agency = cast.bodies["conference-office"], cast.bodies["lead-agency"]
    relation = Relation.objects.create(superior=agency, subordinate=office, kind="leads")
    assert acting_for(office.pk) == {office.pk, agency.pk}
    assert acting_for(agency.pk) == {agency.pk}
    Relation.objects.filter(pk=relation.pk).update(valid_to=DISMISSED)
    assert acting_for(office.pk) == {office.pk}


def test_an_office_is_asked_for_once_a_request_and_another_body_not_at_all(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
):
    office, county = cast.office.actor, cast.county.actor
    with remembering():
        for actor, asked in ((office, 1), (county, 0)):
            body = standing_of(actor).body
            assert body is not None
            for statements in (asked, 0):
                with django_assert_num_queries(statements):
                    assert acting_for(body) == {body}


def test_who_relates_bodies_within_a_request_learns_of_it_there(cast: Cast):
    office, agency = cast.bodies["conference-office"], cast.bodies["lead-agency"]
    county, above = cast.bodies["n111-government"], cast.bodies["n11-government"]
    given = {"valid_from": queries.today(), "valid_to": None}
    with remembering():
        assert acting_for(office.pk) == {office.pk}
        assert queries.guiding(county.pk) == frozenset()
        relate_bodies(SYSTEM, superior=agency, subordinate=office, kind=RelationKind.LEADS, **given)
        assert acting_for(office.pk) == {office.pk, agency.pk}
        found = relate_bodies(
            SYSTEM, superior=above, subordinate=county, kind=RelationKind.GUIDES, **given
        )
        assert queries.guiding(county.pk) == {above.pk}
        end_relation(SYSTEM, relation=found, valid_to=queries.today() + timedelta(days=1))
        assert queries.guiding(county.pk) == {above.pk}, "until then it holds"


def _pairs(place: Place) -> set[str]:
    """Codes of what lies above and below a place today, asked by the models."""
    today = Closure.objects.filter(valid_on(queries.today()))
    below = today.filter(ancestor=place).values_list("descendant__code", flat=True)
    above = today.filter(descendant=place).values_list("ancestor__code", flat=True)
    return {*below, *above}


@pytest.mark.parametrize(("days", "lies"), [(-1, False), (0, False), (1, True), (None, True)])
def test_a_place_lies_in_line_until_the_day_it_ends(cast: Cast, days: int | None, lies: bool):
    place, end = cast.places["N1"], queries.today() + timedelta(days=days or 0)
    pair = Closure.objects.filter(ancestor=place, descendant=cast.places["N11"])
    pair.update(valid_to=None if days is None else end)
    line = codes(places_in_line("pk", cast.province.actor))
    assert line == _pairs(place)
    assert ("N11" in line) is lies
    assert codes(~places_in_line("pk", cast.province.actor)) == ALL - line


@pytest.mark.parametrize(("days", "lies"), [(0, True), (1, False)])
def test_a_place_lies_in_line_from_the_day_it_begins(cast: Cast, days: int, lies: bool):
    place, begin = cast.places["N1"], queries.today() + timedelta(days=days)
    Closure.objects.filter(ancestor=place, descendant=cast.places["N11"]).update(valid_from=begin)
    line = codes(places_in_line("pk", cast.province.actor))
    assert line == _pairs(place)
    assert ("N11" in line) is lies
