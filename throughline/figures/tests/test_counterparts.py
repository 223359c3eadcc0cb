"""A department below sees what the department that guides it works on, in its own line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import World
from throughline.bodies.models import Body, Holding, Person, Post, Relation
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.figures.models import Series
from throughline.figures.queries import (
    observations_visible_to,
    places_with_figures,
    seen_among,
    sees_figures,
    series_visible_to,
)
from throughline.figures.surveying import visible_at
from throughline.kernel.actor import Actor
from throughline.kernel.clock import now
from throughline.subjects.kinds import subject_visible_to
from throughline.subjects.models import Attachment, Remark
from throughline.subjects.queries import attachments_visible_to, remarks_visible_to

LINE = {"N", "N1", "N11", "N111", "N112"}


def commission(world: World, place: str = "N1") -> Actor:
    """An officer of a department of a place."""
    body = Body.objects.create(
        key=f"{place}-commission", kind=BodyKind.DEPARTMENT, place=world.cast.places[place]
    )
    post = Post.objects.create(body=body, key="officer", duties=[Duty.REPORT])
    person = Person.objects.create(login=body.key.lower(), password="!")
    Holding.objects.create(post=post, person=person, valid_from=now().date())
    return Actor(person=person.opaque, post=post.pk, body=body.pk, body_code=body.key)


def guide(world: World, superior: str, actor: Actor, kind: RelationKind) -> None:
    above = world.cast.bodies.get(superior) or Body.objects.get(key=superior)
    Relation.objects.create(
        superior=above, subordinate=Body.objects.get(key=actor.body_code), kind=kind
    )


def seen(world: World, actor: Actor, indicator: str = "jobs") -> set[str]:
    """Codes of the places whose figures it sees, asked in every way that there is."""
    measured = world.indicators[indicator]
    found = {place.code for place in places_with_figures(actor, measured)}
    for code, place in world.cast.places.items():
        assert sees_figures(actor, measured, place) is (code in found)
        assert bool(visible_at(actor, [measured], place)) is (code in found)
    rows = observations_visible_to(actor).filter(series__indicator=measured)
    assert {row.place.code for row in rows} == found & {"N111", "N112", "N211"}
    among = seen_among(actor, [measured], [*world.cast.places.values()])[measured.pk]
    assert among == {world.cast.places[code].pk for code in found}
    return found


@pytest.mark.parametrize(
    "kind", [RelationKind.GUIDES, RelationKind.VERTICAL, RelationKind.DUAL], ids=str
)
def test_it_sees_its_line_where_its_superior_has_a_part(world, kind):
    actor = commission(world)
    guide(world, "lead-agency", actor, kind)
    assert seen(world, actor) == LINE


def test_without_the_relation_it_sees_its_own_place_alone(world):
    assert seen(world, commission(world)) == {"N1"}


def test_its_own_government_gives_it_no_line(world):
    actor = commission(world)
    guide(world, "n1-government", actor, RelationKind.LEADS)
    assert seen(world, actor) == {"N1"}


def test_a_superior_without_a_part_gives_it_no_line(world):
    actor = commission(world)
    guide(world, "uninvolved-department", actor, RelationKind.GUIDES)
    assert seen(world, actor) == {"N1"}
    guide(world, "lead-agency", actor, RelationKind.GUIDES)
    assert seen(world, actor, "roads") == {"N1"}


def test_guidance_reaches_over_tiers(world):
    province, prefecture = commission(world), commission(world, "N11")
    guide(world, "lead-agency", province, RelationKind.GUIDES)
    guide(world, "N1-commission", prefecture, RelationKind.GUIDES)
    assert seen(world, prefecture) == LINE


# -- the series that a search may list -------------------------------------------------------


def series_of(actor: Actor) -> set[str]:
    """Keys of the series for the line that it is told of."""
    rows = series_visible_to(actor).filter(audience=Series.Audience.LINE)
    return {each.key for each in rows}


JOBS = {"jobs-reported", "jobs-check"}


@pytest.mark.parametrize(
    ("member", "keys"),
    [
        ("uninvolved", set()),
        ("office", set()),
        ("administrator", set()),
        ("leads", JOBS),
        ("coordinator", JOBS),
        ("county", JOBS | {"roads-reported"}),
        ("top", JOBS | {"roads-reported"}),
    ],
)
def test_a_department_is_told_of_the_series_that_it_has_a_part_in(world, member, keys):
    assert series_of(getattr(world.cast, member).actor) == keys


def test_a_counterpart_is_told_of_the_series_too(world):
    actor = commission(world)
    assert series_of(actor) == set()
    guide(world, "lead-agency", actor, RelationKind.GUIDES)
    assert series_of(actor) == JOBS


def test_a_series_is_told_of_where_a_figure_stands_for_the_own_place(world):
    actor = commission(world, "N111")
    assert series_of(actor) == {"jobs-reported", "roads-reported"}
    world.observe(world.standing("jobs-reported", "N111", "2020").act, "jobs-check", "N111", "2020",
                  released_at=now() + timedelta(days=1))  # fmt: skip
    assert series_of(actor) == {"jobs-reported", "roads-reported"}, "not released yet"


# -- what is said for the line -------------------------------------------------------------


def hears(world: World, actor: Actor, name: str = "element:growth/jobs") -> bool:
    """Whether it reads what N111 says for its line beside a subject, and what it attaches."""
    kind, _colon, key = name.partition(":")
    for rows in (Remark.objects, Attachment.objects):
        rows.filter(person=world.cast.county.actor.person).update(kind=kind, key=key)
    subject = subject_visible_to(actor, kind, key)
    heard = remarks_visible_to(actor, subject).exists()
    assert attachments_visible_to(actor, subject).exists() is heard
    return heard


@pytest.mark.parametrize("name", ["element:growth/jobs", "indicator:land/jobs"])
@pytest.mark.parametrize(
    ("member", "heard"),
    [("leads", True), ("supports", True), ("coordinator", True), ("uninvolved", False)],
)
def test_a_department_reads_remarks_on_what_it_has_a_part_in(world, name, member, heard):
    assert hears(world, getattr(world.cast, member).actor, name) is heard


@pytest.mark.parametrize(
    ("member", "heard"),
    [("coordinator", True), ("leads", False), ("top", True), ("sibling", False)],
)
def test_remarks_on_a_plan_reach_who_leads_it(world, member, heard):
    assert hears(world, getattr(world.cast, member).actor, "plan:growth") is heard


@pytest.mark.parametrize(
    ("member", "heard"), [("coordinator", False), ("prefecture", True), ("top", True)]
)
def test_nobody_has_a_part_in_a_place(world, member, heard):
    assert hears(world, getattr(world.cast, member).actor, "place:land/N111") is heard


def test_a_department_of_the_same_place_reads_them(world):
    assert hears(world, commission(world, "N111"))
    assert not hears(world, commission(world, "N11"))


@pytest.mark.parametrize(("place", "heard"), [("N1", True), ("N2", False)])
def test_a_counterpart_reads_them_in_its_own_line(world, place, heard):
    actor = commission(world, place)
    assert not hears(world, actor)
    guide(world, "leading-department", actor, RelationKind.GUIDES)
    assert hears(world, actor) is heard
    assert hears(world, actor, "indicator:land/jobs") is heard
    assert not hears(world, actor, "element:growth/strand")
