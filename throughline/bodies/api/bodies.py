"""The administration of bodies by the API: for administrators, within what they administer."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status
from pydantic import StringConstraints

from throughline.bodies import actions
from throughline.bodies.api.directory import (
    BodyOut,
    PostOut,
    body_out,
    post_out,
    router,
    visible_body,
)
from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Relation
from throughline.bodies.permissions import require_administrator
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel import clock
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS
from throughline.places.queries import place_by_code, scheme_by_key

# The router of the directory: reading and creating bodies have one address.
Name = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\u0000-\u001f]*$")]
NewKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]


class NamesIn(Schema):
    name_en: Name = ""
    name_zh: Name = ""
    short_en: Name = ""
    short_zh: Name = ""
    aliases: list[Name] = []


class CorrectionIn(NamesIn):
    one_step: bool | None = Field(
        None, description="whether one person prepares and signs; null: as it was"
    )


class BodyIn(NamesIn):
    key: NewKey
    kind: BodyKind
    scheme: str
    place: str = Field(description="code of the place, as of today")
    valid_from: date | None = None


class BodyEndIn(Schema):
    valid_to: date = Field(description="the first day without it")


class RelationIn(Schema):
    superior: str
    subordinate: str
    kind: RelationKind
    valid_from: date | None = None
    valid_to: date | None = None


class RelationOut(RelationIn):
    id: int


class RelationEndIn(Schema):
    valid_to: date = Field(description="the first day without it")
    seen: date | None = Field(None, description="the end that you saw standing; null for none")


class PostIn(Schema):
    key: NewKey
    title_en: Name = ""
    title_zh: Name = ""
    duties: list[Duty]


def _relation(relation: Relation) -> RelationOut:
    return RelationOut(
        id=relation.pk,
        superior=relation.superior.key,
        subordinate=relation.subordinate.key,
        kind=RelationKind(relation.kind),
        valid_from=relation.valid_from,
        valid_to=relation.valid_to,
    )


@router.post("/bodies", response={201: BodyOut} | REFUSALS)
def create_body(request: HttpRequest, given: BodyIn) -> Status[BodyOut]:
    """Create a body at a place that I administer."""
    actor = actor_of(request)
    require_administrator(actor)
    place = place_by_code(scheme_by_key(given.scheme), given.place, clock.now().date())
    said = given.model_dump(exclude={"scheme", "place"})
    body = actions.create_body(actor, place=place, **said)
    return Status(201, body_out(visible_body(actor, body.key)))


@router.post("/bodies/{key}/correct", response={200: BodyOut} | REFUSALS)
def correct_body(request: HttpRequest, key: str, given: CorrectionIn) -> BodyOut:
    """Correct what a body is called, all names at once."""
    actor = actor_of(request)
    actions.correct_body(actor, body=visible_body(actor, key), **given.model_dump())
    return body_out(visible_body(actor, key))


@router.post("/bodies/{key}/end", response={200: BodyOut} | REFUSALS)
def end_body(request: HttpRequest, key: str, given: BodyEndIn) -> BodyOut:
    """End a body; its relations end with it, and the time of everybody in its posts."""
    actor = actor_of(request)
    actions.end_body(actor, body=visible_body(actor, key), valid_to=given.valid_to)
    return body_out(visible_body(actor, key))


@router.post("/bodies/{key}/posts", response={201: PostOut} | REFUSALS)
def create_post(request: HttpRequest, key: str, given: PostIn) -> Status[PostOut]:
    """Create a post in a body."""
    actor = actor_of(request)
    body = visible_body(actor, key)
    return Status(201, post_out(actions.create_post(actor, body=body, **given.model_dump())))


@router.post("/relations", response={201: RelationOut} | REFUSALS)
def relate_bodies(request: HttpRequest, given: RelationIn) -> Status[RelationOut]:
    """Put one body under another by a kind of relation, from a day on."""
    actor = actor_of(request)
    relation = actions.relate_bodies(
        actor,
        superior=visible_body(actor, given.superior),
        subordinate=visible_body(actor, given.subordinate),
        kind=given.kind,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )
    return Status(201, _relation(relation))


@router.post("/relations/{id}/end", response={200: RelationOut} | REFUSALS)
def end_relation(request: HttpRequest, id: int, given: RelationEndIn) -> RelationOut:
    """End a relation, or move its end."""
    actor = actor_of(request)
    require_administrator(actor)
    rows = Relation.objects.select_related("superior", "subordinate__place")
    found = rows.filter(pk=id).first()
    if found is None:
        raise NotFound(_("There is no such relation."))
    ended = actions.end_relation(actor, relation=found, valid_to=given.valid_to, seen=given.seen)
    found.valid_to = ended.valid_to
    return _relation(found)
