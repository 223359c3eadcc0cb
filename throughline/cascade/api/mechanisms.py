"""Working mechanisms by the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status
from pydantic import StringConstraints

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.queries import bodies_visible_to, today
from throughline.cascade import actions
from throughline.cascade.actions import Charter
from throughline.cascade.api.routing import router
from throughline.cascade.mechanisms import (
    day_of,
    mechanism_by_id,
    mechanisms_visible_to,
    meeting_by_id,
    pulse_of,
    serving,
    survey,
    tiers_surveyed,
    with_last_meeting,
)
from throughline.cascade.models import Mechanism, Meeting
from throughline.cascade.permissions import require_changing, require_founding
from throughline.cascade.rules.mechanism import (
    LONGEST_RHYTHM,
    MechanismKind,
    Vitality,
    next_due,
    vitality,
)
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.refusals import REFUSALS
from throughline.places.queries import place_by_code
from throughline.plans.queries import plan_in_force

Short = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\u0000-\u001f]*$")]
Long = Annotated[str, StringConstraints(max_length=8000, pattern=r"^[^\u0000]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[-A-Za-z0-9_]{0,80}$")]
Size = Annotated[int, Field(ge=1, le=1000)]


class MechanismOut(Schema):
    id: int
    plan: str
    scheme: str
    place: str
    kind: MechanismKind
    name: str
    founded_by: str
    founded_on: date
    head: str
    office: str
    meets_every: int = Field(description="months; 0: as needed")
    ended_on: date | None
    last_met: date | None
    next_due: date | None = Field(description="the last day on which the next meeting is in time")
    state: Vitality


class MechanismPage(Schema):
    mechanisms: list[MechanismOut]
    next: int | None = Field(description="`after` of the next page; null on the last")


class MeetingOut(Schema):
    id: int
    mechanism: int
    on: date
    title: str
    decisions: str = Field(description="one on each line")


class MechanismDetail(MechanismOut):
    members: list[str]
    meetings: list[MeetingOut]
    seen: str = Field(description="names the state; send it with a change that rests on it")


class TierOut(Schema):
    """How the places of a tier stand, as far as I may know; `none` have no mechanism."""

    tier: str
    places: int
    alive: int
    due: int
    dormant: int
    none: int


class CharterIn(Schema):
    kind: MechanismKind
    name: Short
    founded_by: Short = Field(description="the founding paper, with its number")
    founded_on: date
    head: Short = Field(description="the post that heads it")
    office: Key = Field(description="key of a body of the same place")
    members: list[Key] = []
    meets_every: int = Field(0, ge=0, le=LONGEST_RHYTHM, description="months; 0: as needed")


class MechanismIn(CharterIn):
    place: Short = Field(description="code of the place, as of today")


class ChangeIn(CharterIn):
    seen: Short = Field("", description="the state that the change rests on")


class MeetingIn(Schema):
    on: date
    title: Short
    decisions: Long = Field("", description="one on each line")


class MechanismEndIn(Schema):
    on: date
    reason: Short = Field(description="the paper by which it ends, or why")


def _told(row: Mechanism) -> dict[str, Any]:
    pulse = pulse_of(row)
    return {
        "id": row.pk,
        "plan": row.plan.key,
        "scheme": row.place.scheme.key,
        "place": row.place.code,
        "kind": row.kind,
        "name": row.name,
        "founded_by": row.founded_by,
        "founded_on": row.founded_on,
        "head": row.head,
        "office": row.office.key,
        "meets_every": row.meets_every,
        "ended_on": row.ended_on,
        "last_met": pulse.last,
        "next_due": next_due(pulse),
        "state": vitality(pulse, day_of(row.plan)),
    }


def _meeting(row: Meeting) -> MeetingOut:
    return MeetingOut(
        id=row.pk, mechanism=row.mechanism_id, on=row.on, title=row.title, decisions=row.decisions
    )


def _detail(actor: Actor, id: int) -> MechanismDetail:
    row = mechanism_by_id(actor, id)
    return MechanismDetail(
        **_told(row),
        members=[body.key for body in row.members.order_by("sort_key", "key")],
        meetings=[_meeting(each) for each in row.meetings.order_by("-on", "-pk")],
        seen=actions.state_of(row),
    )


def _charter(actor: Actor, given: CharterIn) -> Charter:
    """What was given, with its bodies; Invalid names the keys that no body bears."""
    wanted = {given.office, *given.members}
    bodies: dict[str, Body] = {
        body.key: body for body in bodies_visible_to(actor).filter(key__in=wanted)
    }
    problems = [
        Problem(key, _("There is no body “%(key)s”.") % {"key": key},
                field="office" if key == given.office else "members")
        for key in sorted(wanted - bodies.keys())
    ]  # fmt: skip
    if problems:
        raise Invalid(_("Not every member was found."), problems=problems)
    return Charter(
        kind=given.kind,
        name=given.name,
        founded_by=given.founded_by,
        founded_on=given.founded_on,
        head=given.head,
        office=bodies[given.office],
        members=[bodies[key] for key in dict.fromkeys(given.members)],
        meets_every=given.meets_every,
    )


@router.get("/plans/{plan}/mechanisms", response={200: MechanismPage} | REFUSALS)
def list_mechanisms(
    request: HttpRequest, plan: str, tier: str = "", after: int = 0, limit: Size = 100
) -> MechanismPage:
    """The working mechanisms for a plan that I see, also those for plans made of it and for
    those that it is made of; of one tier by its key."""
    actor = actor_of(request)
    found = plan_in_force(actor, plan).plan
    rows = mechanisms_visible_to(actor).filter(serving(found), pk__gt=min(max(after, 0), 2**62))
    if tier:
        rows = rows.filter(place__tier__key=tier)
    several = with_last_meeting(rows).select_related("plan", "place__scheme", "office")
    listed = list(several.order_by("pk")[: limit + 1])
    return MechanismPage(
        mechanisms=[MechanismOut(**_told(row)) for row in listed[:limit]],
        next=listed[limit - 1].pk if len(listed) > limit else None,
    )


@router.get("/plans/{plan}/mechanisms/overview", response={200: list[TierOut]} | REFUSALS)
def survey_mechanisms(request: HttpRequest, plan: str) -> list[TierOut]:
    """How many places of each tier have a working mechanism for a plan, and how many of them
    live; a place counts once, by the one that lives best."""
    actor = actor_of(request)
    found = plan_in_force(actor, plan).plan
    told = []
    for tier, _count in tiers_surveyed(actor, found):
        surveyed = survey(actor, found, tier, day_of(found))
        counts = {state: surveyed.places.get(state, 0) for state in [*Vitality, None]}
        told.append(
            TierOut(
                tier=tier.key,
                places=surveyed.total,
                alive=counts[Vitality.ALIVE],
                due=counts[Vitality.DUE],
                dormant=counts[Vitality.DORMANT],
                none=counts[None],
            )
        )
    return told


@router.get("/mechanisms/{id}", response={200: MechanismDetail} | REFUSALS)
def get_mechanism(request: HttpRequest, id: int) -> MechanismDetail:
    """A working mechanism with its members, its meetings and what they decided."""
    return _detail(actor_of(request), id)


@router.post("/plans/{plan}/mechanisms", response={201: MechanismDetail} | REFUSALS)
def register_mechanism(
    request: HttpRequest, plan: str, given: MechanismIn
) -> Status[MechanismDetail]:
    """Put a working mechanism of my place on record."""
    actor = actor_of(request)
    found = plan_in_force(actor, plan).plan
    place = place_by_code(found.scheme, given.place, today())
    require_founding(actor, found, place)
    charter = _charter(actor, given)
    row = actions.register_mechanism(actor, plan=found, place=place, charter=charter)
    return Status(201, _detail(actor, row.pk))


@router.post("/mechanisms/{id}/change", response={200: MechanismDetail} | REFUSALS)
def change_mechanism(request: HttpRequest, id: int, given: ChangeIn) -> MechanismDetail:
    """Change what is on record of a mechanism, all of it at once."""
    actor = actor_of(request)
    row = mechanism_by_id(actor, id)
    require_changing(actor, row)
    actions.change_mechanism(actor, mechanism=row, charter=_charter(actor, given), seen=given.seen)
    return _detail(actor, id)


@router.post("/mechanisms/{id}/meetings", response={201: MeetingOut} | REFUSALS)
def record_meeting(request: HttpRequest, id: int, given: MeetingIn) -> Status[MeetingOut]:
    """Put on record that a mechanism met."""
    actor = actor_of(request)
    row = mechanism_by_id(actor, id)
    return Status(201, _meeting(actions.record_meeting(actor, mechanism=row, **given.model_dump())))


@router.post("/meetings/{id}/correct", response={200: MeetingOut} | REFUSALS)
def correct_meeting(request: HttpRequest, id: int, given: MeetingIn) -> MeetingOut:
    """Correct what was recorded of a meeting."""
    actor = actor_of(request)
    row = meeting_by_id(actor, id)
    return _meeting(actions.correct_meeting(actor, meeting=row, **given.model_dump()))


@router.post("/mechanisms/{id}/end", response={200: MechanismDetail} | REFUSALS)
def end_mechanism(request: HttpRequest, id: int, given: MechanismEndIn) -> MechanismDetail:
    """End a mechanism; its meetings stay on record."""
    actor = actor_of(request)
    row = mechanism_by_id(actor, id)
    actions.end_mechanism(actor, mechanism=row, **given.model_dump())
    return _detail(actor, id)
