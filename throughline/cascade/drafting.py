"""A local plan as it is drafted: what the place owes and has not answered, what the draft
holds, and who is proposed for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from throughline.bodies.models import Body
from throughline.bodies.queries import GUIDING, relations_today
from throughline.cascade.models import Assignment, Refinement
from throughline.cascade.queries import open_assignments, version_now
from throughline.cascade.rules.difference import same_text
from throughline.cascade.rules.kinds import Part
from throughline.places.models import Place
from throughline.plans.models import Element, Plan, PlanVersion, Responsibility

STRAND = Element.Kind.STRAND


def counterparts(bodies: Sequence[int], place: Place) -> dict[int, Body]:
    """By body (its id) the one at a place that it guides: its counterpart there."""
    rows = relations_today().filter(superior__in=bodies, subordinate__place=place, kind__in=GUIDING)
    return {row.superior_id: row.subordinate for row in rows.select_related("subordinate")}


@dataclass
class Proposal:
    """A superior element as a place may take it over: its own bodies in the parts of their
    superiors, and the assignment by which it is owed, if it is."""

    element: Element
    leads: list[Body] = field(default_factory=list)
    supports: list[Body] = field(default_factory=list)
    owed: Assignment | None = None


def proposals(superior: Plan, place: Place, draft: PlanVersion | None) -> list[Proposal]:
    """What stands in the superior plan and is not answered by the draft yet, in reading order;
    what the place owes is marked."""
    version = version_now(superior)
    if version is None:
        return []
    answered: set[int] = set()
    if draft is not None:
        links = Refinement.objects.filter(element__version=draft)
        answered = set(links.values_list("superior_id", flat=True))
    rows = (
        Element.objects.filter(version=version)
        .exclude(kind=STRAND)
        .exclude(thread__in=answered)
        .select_related("version__plan")
        .order_by("position")
    )
    owed = {
        row.thread_id: row
        for row in open_assignments().filter(thread__plan=superior, place=place, part=Part.LOCALITY)
    }
    found = {row.pk: Proposal(row, owed=owed.get(row.thread_id)) for row in rows}
    _propose_bodies(found, place)
    return list(found.values())


def _propose_bodies(found: dict[int, Proposal], place: Place) -> None:
    parts = Responsibility.objects.filter(element__in=found).order_by("role", "position")
    named = list(parts.values_list("element_id", "body_id", "role"))
    here = counterparts([body for _element, body, _role in named], place)
    for element, body, role in named:
        own = here.get(body)
        if own is None:
            continue
        proposal = found[element]
        if role == Responsibility.Role.SUPPORT:
            if own not in proposal.leads and own not in proposal.supports:
                proposal.supports.append(own)
        elif own not in proposal.leads:
            proposal.leads.append(own)


@dataclass(frozen=True)
class Answered:
    """A superior element that one of a local plan answers; stale where it reads otherwise now
    than when it was looked at, or stands no longer."""

    link: Refinement
    stale: bool


@dataclass
class Drafted:
    """An element of a local plan with what it answers and who is to do it."""

    element: Element
    answers: list[Answered] = field(default_factory=list)
    leads: list[Body] = field(default_factory=list)
    supports: list[Body] = field(default_factory=list)

    @property
    def is_stale(self) -> bool:
        """Whether what it answers reads otherwise now than when it was looked at."""
        return any(each.stale for each in self.answers)


def drafted(version: PlanVersion) -> list[Drafted]:
    """The elements of a version in reading order."""
    rows = version.elements.select_related("version__plan").order_by("position")
    found = {row.pk: Drafted(row) for row in rows}
    links = Refinement.objects.filter(element__version=version).select_related(
        "seen__version__plan", "superior"
    )
    now: dict[int, Element] = {}
    superiors = [link.superior_id for link in links]
    for row in Element.objects.filter(thread__in=superiors, version__state="in_force"):
        now[row.thread_id] = row
    for link in links:
        present = now.get(link.superior_id)
        stale = present is None or not same_text(present, link.seen)
        found[link.element_id].answers.append(Answered(link, stale))
    parts = Responsibility.objects.filter(element__version=version).select_related("body")
    bodies: dict[tuple[int, bool], list[Body]] = defaultdict(list)
    for part in parts.order_by("position"):
        if part.role != Responsibility.Role.COORDINATING:
            bodies[part.element_id, part.role == Responsibility.Role.LEAD].append(part.body)
    for key, each in found.items():
        each.leads, each.supports = bodies[key, True], bodies[key, False]
    return list(found.values())
