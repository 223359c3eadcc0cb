"""What the search finds of bodies, and for those who see them, of people."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from throughline.bodies.directory import bodies_bearing, people_bearing, posts_of
from throughline.bodies.models import Body, Person
from throughline.bodies.queries import bodies_visible_to, people_administered, today
from throughline.kernel.actor import Actor
from throughline.kernel.search import Hit, Kind, nearness
from throughline.places.search import names_above


def search_for(actor: Actor, words: str) -> list[Kind]:
    """Bodies of the directory, and people whose pages the actor may open."""
    bodies = (
        bodies_bearing(bodies_visible_to(actor), words)
        .annotate(nearness=nearness("name_en", "name_zh", words=words))
        .prefetch_related("place")  # a join would fetch the place of each before the first few
        .order_by("nearness", "sort_key", "key")
    )
    people = (
        people_bearing(people_administered(actor), words)
        .select_related("details")
        .order_by("login")
    )
    return [
        Kind("bodies", _("Bodies"), bodies, _bodies),
        Kind("people", _("People"), people, lambda found: _people(actor, found)),
    ]


def _bodies(found: Sequence[Body]) -> list[Hit]:
    places = {each.place_id for each in found if each.place_id is not None}
    above = names_above(places, today())
    return [
        Hit(
            title=each.name,
            url=reverse("body", args=[each.key]),
            where=[*above[each.place.pk], each.place.name] if each.place else [],
            detail=str(each.get_kind_display()),
        )
        for each in found
    ]


def _people(actor: Actor, found: Sequence[Person]) -> list[Hit]:
    held = posts_of(actor, found)
    return [
        Hit(
            title=str(each.details),
            url=reverse("person", args=[each.opaque]),
            detail="; ".join(str(holding.post) for holding in held[each.pk]) or each.login,
        )
        for each in found
    ]
