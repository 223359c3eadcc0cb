"""A department below sees what the department that guides it works on, in its own line."""

from __future__ import annotations

import pytest

from tests.world import World
from throughline.bodies.models import Body, Holding, Person, Post, Relation
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.figures.queries import (
    observations_visible_to,
    places_with_figures,
    seen_among,
    sees_figures,
)
from throughline.figures.surveying import visible_at
from throughline.kernel.actor import Actor
from throughline.kernel.clock import now

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
