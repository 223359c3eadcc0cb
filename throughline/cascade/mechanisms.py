"""Working mechanisms: which exist for whom, and which of them live."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.queries import (
    EVERYTHING,
    NOTHING,
    acting_for,
    places_below,
    places_in_line,
    standing_of,
    today,
)
from throughline.cascade.models import LocalPlan, Mechanism, Meeting
from throughline.cascade.queries import leads_a_plan_at
from throughline.cascade.rules.mechanism import Pulse, Vitality, next_due, vitality
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.memory import remembered
from throughline.places.models import Closure, Place, Tier
from throughline.places.queries import valid_on
from throughline.plans.models import Plan

UNITS = (Place.Kind.REGULAR, Place.Kind.ZONE)
"""The kinds of places that have a government, and so could have a mechanism."""


def day_of(plan: Plan) -> date:
    """Today where the plan applies."""
    return clock.now().astimezone(ZoneInfo(plan.zone)).date()


def end_of(day: date, plan: Plan) -> datetime:
    """The last second of a day in the plan's zone."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(plan.zone))


# -- what exists for whom ------------------------------------------------------------------


def places_overseen(field: str, actor: Actor) -> Q:
    """Rows whose place (a foreign key at `field`) has mechanisms that are open to the actor as
    such: the line of its place for a government, what lies below for a body that leads a plan
    there, and one's own place. Of these one may also know that they have none."""
    standing = standing_of(actor)
    if standing.audits:
        return EVERYTHING
    if standing.body is None or standing.place is None or not standing.sees_content:
        return NOTHING
    if standing.governs:
        return places_in_line(field, actor)
    if leads_a_plan_at(standing.body, standing.place):
        return places_below(field, actor)
    return Q(**{field: standing.place})


def mechanisms_visible_to(actor: Actor) -> QuerySet[Mechanism]:
    """Mechanisms that exist for an actor: those of the places that it oversees, those that its
    body is a member or the office of, and those for a plan that its body leads."""
    standing = standing_of(actor)
    if standing.audits:
        return Mechanism.objects.all()
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Mechanism.objects.none()
    mine = acting_for(standing.body)
    member = Mechanism.members.through.objects.filter(mechanism=OuterRef("pk"), body__in=mine)
    seen = places_overseen("place", actor) | Q(office__in=mine) | Q(Exists(member))
    return Mechanism.objects.filter(seen | Q(plan__lead_body__in=mine))


def with_last_meeting(rows: QuerySet[Mechanism]) -> QuerySet[Mechanism]:
    """Mechanisms with the day of their last meeting, as `last_met`."""
    return rows.annotate(last_met=Max("meetings__on"))


def mechanism_by_id(actor: Actor, key: int) -> Mechanism:
    """A mechanism with what its page needs, or NotFound."""
    found = None
    if 0 <= key < 2**62:
        rows = with_last_meeting(mechanisms_visible_to(actor)).filter(pk=key)
        found = rows.select_related(
            "plan__lead_body", "place__tier", "place__scheme", "office"
        ).first()
    if found is None:
        raise NotFound(_("There is no such working mechanism."))
    return found


def meeting_by_id(actor: Actor, key: int) -> Meeting:
    """A meeting of a mechanism that exists for the actor, or NotFound."""
    found = None
    if 0 <= key < 2**62:
        rows = Meeting.objects.filter(pk=key, mechanism__in=mechanisms_visible_to(actor))
        found = rows.select_related("mechanism__plan__lead_body", "mechanism__office").first()
    if found is None:
        raise NotFound(_("There is no such meeting."))
    return found


def pulse_of(mechanism: Mechanism) -> Pulse:
    """What the rules need to know of a mechanism read by `with_last_meeting`."""
    return Pulse(
        founded=mechanism.founded_on,
        rhythm=mechanism.meets_every,
        last=getattr(mechanism, "last_met", None),
        ended=mechanism.ended_on,
    )


# -- a plan with those above and below it --------------------------------------------------


def serving(plan: Plan) -> Q:
    """Mechanisms that a plan is carried out by: founded for itself, for a plan that it refines,
    or for one that refines it, over all tiers."""
    family = remembered(("plans above", plan.pk), lambda: _with_those_above(plan.pk))
    seen = Q(plan__in=family)
    reaching = "plan__local__superior"
    # A tier each: as many steps as there can be between a nation and its villages.
    for _tier in range(4):
        seen |= Q(**{reaching: plan.pk})
        reaching += "__local__superior"
    return seen


def _with_those_above(plan: int) -> frozenset[int]:
    """A plan (its id) and those that it refines, up to the uppermost."""
    found = {plan}
    here = {plan}
    while here:
        above = LocalPlan.objects.filter(plan__in=here).values_list("superior", flat=True)
        here = set(above) - found
        found |= here
    return frozenset(found)


def places_of(plan: Plan) -> QuerySet[Place]:
    """The places within that of a plan, itself included, that there are today."""
    inside = Closure.objects.filter(
        valid_on(today()), descendant=OuterRef("pk"), ancestor=plan.place_id
    )
    return Place.objects.filter(Exists(inside), valid_on(today()), kind__in=UNITS)


def places_surveyed(actor: Actor, plan: Plan) -> QuerySet[Place]:
    """The places within a plan's of which the actor may know whether they have a mechanism."""
    met = mechanisms_visible_to(actor).filter(place=OuterRef("pk"))
    return places_of(plan).filter(places_overseen("pk", actor) | Q(Exists(met)))


def tiers_surveyed(actor: Actor, plan: Plan) -> list[tuple[Tier, int]]:
    """The tiers of which there is anything to survey, from the top, with how many places."""
    counts = dict(places_surveyed(actor, plan).order_by().values_list("tier").annotate(Count("pk")))
    return [(tier, counts[tier.pk]) for tier in Tier.objects.filter(pk__in=counts)]


@dataclass(frozen=True)
class Line:
    """A place with one of its mechanisms, as far as it is told in a table; or with none."""

    place: int
    tier: int
    name: str
    code: str
    sort_key: str
    mechanism: Mechanism | None = None
    vitality: Vitality | None = None
    due: date | None = None


@dataclass(frozen=True)
class Survey:
    """Who of a tier has a mechanism for a plan. `places` counts places, by the state of the one
    that lives best; None is a place without any."""

    lines: Sequence[Line]
    places: dict[Vitality | None, int]

    @property
    def total(self) -> int:
        return sum(self.places.values())

    @property
    def having(self) -> int:
        """Places with a mechanism that has not ended."""
        return sum(self.places.get(each, 0) for each in STANDING)


STANDING = (Vitality.ALIVE, Vitality.DUE, Vitality.DORMANT)
"""The states of a mechanism that has not ended, the best first."""


def survey(actor: Actor, plan: Plan, tier: Tier | None, on: date) -> Survey:
    """Every place of a tier (of all tiers, where none is given) that the actor may know of, with
    its mechanisms for a plan and whether they live on a day. A place whose mechanisms have all
    ended has none, and still shows them."""
    rows = places_surveyed(actor, plan)
    if tier is not None:
        rows = rows.filter(tier=tier)
    places = list(rows.only("id", "name_en", "name_zh", "code", "sort_key", "tier_id"))
    found = with_last_meeting(mechanisms_visible_to(actor).filter(serving(plan)))
    if tier is not None:
        found = found.filter(place__tier=tier)
    there: dict[int, list[Mechanism]] = defaultdict(list)
    for each in found.select_related("office").order_by("founded_on", "pk"):
        there[each.place_id].append(each)
    lines: list[Line] = []
    counts: Counter[Vitality | None] = Counter()
    for place in places:
        told = (place.pk, place.tier_id, place.name, place.code, place.sort_key)
        here = [_line(told, each, on) for each in there.get(place.pk, ())]
        lines += here or [Line(*told)]
        states = {line.vitality for line in here}
        counts[next((state for state in STANDING if state in states), None)] += 1
    return Survey(lines, dict(counts))


def _line(told: tuple[int, int, str, str, str], mechanism: Mechanism, on: date) -> Line:
    pulse = pulse_of(mechanism)
    return Line(*told, mechanism=mechanism, vitality=vitality(pulse, on), due=next_due(pulse))
