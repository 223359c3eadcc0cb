"""The administration of people by the API: for administrators, within what they administer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import StringConstraints

from throughline.bodies import actions
from throughline.bodies.api.directory import Size
from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import (
    holdings_seen,
    in_bodies_bearing,
    last_sign_in,
    people_bearing,
    people_in_state,
)
from throughline.bodies.models import Holding, Person, Post
from throughline.bodies.permissions import require_administrator, require_directory_of_people
from throughline.bodies.queries import people_administered
from throughline.bodies.signing_in import OneTimePassword, new_one_time_password
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS

router = Router()

Words = Annotated[str, Query(max_length=100)]
Text = Annotated[str, StringConstraints(max_length=150, pattern=r"^[^\u0000-\u001f]*$")]
Login = Annotated[
    str, StringConstraints(min_length=1, max_length=150, pattern=r"^[^\u0000-\u001f]+$")
]
State = Literal["", "active", "one-time", "without-post", "inactive", "forgotten"]


class HoldingOut(Schema):
    """A person's time in a post; `valid_to` is the first day without it."""

    id: int
    person: str
    post: int
    body: str
    key: str = Field(description="of the post in its body")
    valid_from: date
    valid_to: date | None


class PersonOut(Schema):
    person: str = Field(description="by which the journal knows the person")
    login: str
    name: str
    name_en: str
    active: bool
    one_time_until: datetime | None = Field(description="until when a one-time password counts")
    forgotten_at: datetime | None


class PersonDetail(PersonOut):
    email: str
    phone: str
    last_sign_in: datetime | None
    holdings: list[HoldingOut]


class PeoplePage(Schema):
    people: list[PersonOut]
    next: str | None = Field(description="`after` of the next page; null on the last")


class IdentityIn(Schema):
    name: Text = ""
    name_en: Text = ""
    email: Text = ""
    phone: Text = ""


class PersonIn(IdentityIn):
    login: Login
    language: Literal["", "en", "zh-hans"] = ""


class PasswordOut(Schema):
    person: str
    login: str
    one_time_password: str = Field(description="in this answer and nowhere else")
    expires_at: datetime


class AppointmentIn(Schema):
    person: str
    post: int
    valid_from: date
    valid_to: date | None = None


class EndIn(Schema):
    valid_to: date = Field(description="the first day without it")
    seen: date | None = Field(None, description="the end that you saw standing; null for none")


class SeenIn(Schema):
    seen: date = Field(description="the end that you saw standing")


def _person(person: Person) -> PersonOut:
    details = person.details
    return PersonOut(
        person=person.opaque,
        login="" if details.blanked_at else person.login,
        name=details.name,
        name_en=details.name_en,
        active=person.is_active,
        one_time_until=person.one_time_until,
        forgotten_at=details.blanked_at,
    )


def _holding(holding: Holding) -> HoldingOut:
    return HoldingOut(
        id=holding.pk,
        person=holding.person.opaque,
        post=holding.post_id,
        body=holding.post.body.key,
        key=holding.post.key,
        valid_from=holding.valid_from,
        valid_to=holding.valid_to,
    )


def _password(person: Person, password: OneTimePassword) -> PasswordOut:
    return PasswordOut(
        person=person.opaque,
        login=person.login,
        one_time_password=password.text,
        expires_at=password.expires_at,
    )


def _found(actor: Actor, person: str) -> Person:
    require_directory_of_people(actor)
    found = people_administered(actor).select_related("details").filter(opaque=person).first()
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _found_holding(actor: Actor, holding: int) -> Holding:
    require_administrator(actor)
    found = holdings_seen(actor).filter(pk=holding).first()
    if found is None:
        raise NotFound(_("There is no such time in a post."))
    return found


@router.get("/people", response={200: PeoplePage} | REFUSALS)
def list_people(
    request: HttpRequest,
    words: Words = "",
    body: Words = "",
    state: State = "",
    after: Words = "",
    limit: Size = 100,
) -> PeoplePage:
    """The people whom I administer, in the order of their logins, a page at a time."""
    actor = actor_of(request)
    require_directory_of_people(actor)
    rows = people_administered(actor).select_related("details").order_by("login")
    if words:
        rows = people_bearing(rows, words)
    if body:
        rows = in_bodies_bearing(rows, actor, body)
    rows = people_in_state(rows, actor, state)
    found = list(rows.filter(login__gt=after)[: limit + 1])
    return PeoplePage(
        people=[_person(each) for each in found[:limit]],
        next=found[limit - 1].login if len(found) > limit else None,
    )


@router.get("/people/{person}", response={200: PersonDetail} | REFUSALS)
def get_person(request: HttpRequest, person: str) -> PersonDetail:
    """A person whom I administer, with the posts held over time as far as I administer them."""
    actor = actor_of(request)
    found = _found(actor, person)
    return PersonDetail(
        **_person(found).model_dump(),
        email=found.details.email,
        phone=found.details.phone,
        last_sign_in=last_sign_in(found),
        holdings=[_holding(each) for each in holdings_seen(actor).filter(person=found)],
    )


@router.post("/people", response={201: PasswordOut} | REFUSALS)
def create_person(request: HttpRequest, given: PersonIn) -> Status[PasswordOut]:
    """Create a person with a one-time password, which is in this answer and nowhere else."""
    password = new_one_time_password()
    person = actions.create_person(
        actor_of(request),
        identity=actions.Identity(**given.model_dump(exclude={"language"})),
        encoded=password.encoded,
        language=given.language,
        one_time_until=password.expires_at,
    )
    return Status(201, _password(person, password))


@router.post("/people/{person}/correct", response={200: PersonOut} | REFUSALS)
def correct_person(request: HttpRequest, person: str, given: IdentityIn) -> PersonOut:
    """Correct name and contacts, all of them at once."""
    actor = actor_of(request)
    found = _found(actor, person)
    identity = actions.Identity(found.login, **given.model_dump())
    actions.correct_person(actor, person=found, identity=identity)
    return _person(_found(actor, person))


@router.post("/people/{person}/reset-password", response={200: PasswordOut} | REFUSALS)
def reset_password(request: HttpRequest, person: str) -> PasswordOut:
    """Give a one-time password, which is in this answer and nowhere else; all sessions end."""
    actor = actor_of(request)
    found = _found(actor, person)
    password = new_one_time_password()
    actions.reset_password(
        actor, person=found, encoded=password.encoded, one_time_until=password.expires_at
    )
    return _password(found, password)


@router.post("/people/{person}/deactivate", response={200: PersonOut} | REFUSALS)
def deactivate_person(request: HttpRequest, person: str) -> PersonOut:
    """Let a person sign in no more, and no token of theirs count."""
    actor = actor_of(request)
    actions.deactivate_person(actor, person=_found(actor, person))
    return _person(_found(actor, person))


@router.post("/people/{person}/reactivate", response={200: PersonOut} | REFUSALS)
def reactivate_person(request: HttpRequest, person: str) -> PersonOut:
    """Undo a deactivation."""
    actor = actor_of(request)
    actions.reactivate_person(actor, person=_found(actor, person))
    return _person(_found(actor, person))


@router.post("/people/{person}/blank", response={200: PersonOut} | REFUSALS)
def blank_person(request: HttpRequest, person: str) -> PersonOut:
    """Forget who a person was, for good: name, contacts and login go, posts and tokens end."""
    actor = actor_of(request)
    actions.blank_person(actor, person=_found(actor, person))
    return _person(_found(actor, person))


@router.post("/holdings", response={201: HoldingOut} | REFUSALS)
def appoint_person(request: HttpRequest, given: AppointmentIn) -> Status[HoldingOut]:
    """Give a person a post from a day on."""
    actor = actor_of(request)
    require_administrator(actor)
    person = _found(actor, given.person)
    post = Post.objects.select_related("body__place").filter(pk=given.post).first()
    if post is None:
        raise NotFound(_("There is no such post."), place="post")
    holding = actions.appoint_person(
        actor, person=person, post=post, valid_from=given.valid_from, valid_to=given.valid_to
    )
    return Status(201, _holding(_found_holding(actor, holding.pk)))


@router.post("/holdings/{id}/end", response={200: HoldingOut} | REFUSALS)
def end_holding(request: HttpRequest, id: int, given: EndIn) -> HoldingOut:
    """End a person's time in a post, or move its end."""
    actor = actor_of(request)
    found = _found_holding(actor, id)
    actions.end_holding(actor, holding=found, valid_to=given.valid_to, seen=given.seen)
    return _holding(_found_holding(actor, id))


@router.post("/holdings/{id}/reopen", response={200: HoldingOut} | REFUSALS)
def reopen_holding(request: HttpRequest, id: int, given: SeenIn) -> HoldingOut:
    """Undo the end of a person's time in a post."""
    actor = actor_of(request)
    actions.reopen_holding(actor, holding=_found_holding(actor, id), seen=given.seen)
    return _holding(_found_holding(actor, id))
