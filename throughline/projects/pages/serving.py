"""The projects that serve an element, on its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from throughline.bodies.authentication import actor_of
from throughline.plans.models import Element
from throughline.plans.sections import Section
from throughline.projects.models import Project
from throughline.projects.queries import projects_visible_to, serving
from throughline.projects.viewing import State, state_shown

SHOWN = 10
BUILT = {Element.Kind.MAJOR_PROJECT, Element.Kind.KEY_PROJECT}
"""Elements of which one expects that something is built for them."""


@dataclass(frozen=True)
class Serving:
    """Some of the projects that serve an element, and whether there are more."""

    element: str
    projects: Sequence[tuple[Project, State]]
    are_more: bool


def projects_serving(request: HttpRequest, element: Element) -> Section | None:
    """What the reader sees of the projects that serve an element or one that descends from it;
    nothing where there is none, but for elements that are themselves about building."""
    rows = projects_visible_to(actor_of(request)).filter(serving(element.thread_id))
    found = list(rows.select_related("owner").order_by("key")[: SHOWN + 1])
    if not found and element.kind not in BUILT:
        return None
    named = [(row, state_shown(row.state)) for row in found[:SHOWN]]
    key = f"{element.version.plan.key}/{element.key}"
    return Section("projects/serving.html", Serving(key, named, len(found) > SHOWN))
