"""The search, composed from what each room offers by its `search_for`."""

from __future__ import annotations

from throughline.bodies.search import search_for as bodies_search
from throughline.figures.search import search_for as figures_search
from throughline.kernel.actor import Actor
from throughline.kernel.search import Kind
from throughline.places.search import search_for as places_search
from throughline.plans.search import search_for as plans_search

SOURCES = (plans_search, places_search, bodies_search, figures_search)


def search_for(actor: Actor, words: str) -> list[Kind]:
    """All kinds of things that can be found, whether or not any was; only what the actor
    may see."""
    return [kind for source in SOURCES for kind in source(actor, words)]
