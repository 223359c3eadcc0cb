"""Who I am, which bodies there are, and my tokens, by the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from throughline.bodies import actions
from throughline.bodies.authentication import actor_of, new_secret, person_of
from throughline.bodies.directory import bodies_bearing, holders_in, relations_of
from throughline.bodies.models import Body, Holding, Post, Relation, Token
from throughline.bodies.queries import (
    bodies_visible_to,
    holdings_of,
    superiors_of,
    tokens_visible_to,
)
from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS

router = Router()

Key = Annotated[str, StringConstraints(pattern=r"^[-A-Za-z0-9_]{0,80}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\u0000-\u001f]{1,80}$")]
Words = Annotated[str, Query(max_length=100)]
Size = Annotated[int, Field(ge=1, le=1000)]


class PostOut(Schema):
    id: int
    key: str
    title_en: str
    title_zh: str
    body: str
    duties: list[Duty]


class MeOut(Schema):
    person: str
    language: str
    post: PostOut | None
    posts: list[PostOut]
    scopes: list[Scope] | None


class BodyOut(Schema):
    key: str
    kind: BodyKind
    name_en: str
    name_zh: str
    short_en: str
    short_zh: str
    scheme: str | None
    place: str | None
    illustrative: bool
    one_step: bool = Field(description="one person prepares and signs reports")
    valid_from: date | None
    valid_to: date | None


class BodyPage(Schema):
    bodies: list[BodyOut]
    next: str | None = Field(description="`after` of the next page; null on the last")


class SuperiorOut(Schema):
    body: str
    kind: RelationKind


class TieOut(Schema):
    """A relation of any time; `valid_to` is the first day without it, null is open."""

    id: int
    superior: str
    subordinate: str
    kind: RelationKind
    valid_from: date | None
    valid_to: date | None


class HolderOut(Schema):
    """Somebody's time in a post, as far as the person may be seen."""

    person: str
    name: str
    post: int
    valid_from: date
    valid_to: date | None


class BodyDetail(BodyOut):
    aliases: list[str]
    superiors: list[SuperiorOut] = Field(description="of today")
    above: list[TieOut]
    below: list[TieOut]
    posts: list[PostOut]
    holders: list[HolderOut]


class TokenIn(Schema):
    name: Line
    scopes: list[Scope]
    expires_at: AwareDatetime
    post: int | None = Field(None, description="a post you hold; the one you act in if empty")


class TokenOut(Schema):
    id: int
    name: str
    prefix: str
    post: PostOut
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class IssuedToken(TokenOut):
    secret: str = Field(description="shown this once; only its hash is kept")


def post_out(post: Post) -> PostOut:
    """A post as the API gives it."""
    return PostOut(
        id=post.pk,
        key=post.key,
        title_en=post.title_en,
        title_zh=post.title_zh,
        body=post.body.key,
        duties=[Duty(duty) for duty in post.duties],
    )


def body_out(body: Body) -> BodyOut:
    """A body as the API gives it."""
    return BodyOut(
        key=body.key,
        kind=BodyKind(body.kind),
        name_en=body.name_en,
        name_zh=body.name_zh,
        short_en=body.short_en,
        short_zh=body.short_zh,
        scheme=body.place.scheme.key if body.place else None,
        place=body.place.code if body.place else None,
        illustrative=body.illustrative,
        one_step=body.one_step,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
    )


def _token(token: Token) -> TokenOut:
    return TokenOut(
        id=token.pk,
        name=token.name,
        prefix=token.prefix,
        post=post_out(token.post),
        scopes=[Scope(scope) for scope in token.scopes],
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )


def visible_body(actor: Actor, key: str) -> Body:
    """A body of the directory, or NotFound."""
    bodies = bodies_visible_to(actor).select_related("place__scheme")
    body = bodies.filter(key=key).first()
    if body is None:
        raise NotFound(_("There is no such body."), place=key)
    return body


def _tie(relation: Relation, superior: str, subordinate: str) -> TieOut:
    return TieOut(
        id=relation.pk,
        superior=superior,
        subordinate=subordinate,
        kind=RelationKind(relation.kind),
        valid_from=relation.valid_from,
        valid_to=relation.valid_to,
    )


def _holder(holding: Holding) -> HolderOut:
    return HolderOut(
        person=holding.person.opaque,
        name=str(holding.person.details),
        post=holding.post_id,
        valid_from=holding.valid_from,
        valid_to=holding.valid_to,
    )


@router.get("/me", response={200: MeOut} | REFUSALS)
def me(request: HttpRequest) -> MeOut:
    """Who I am here: the capacity I act in, the posts I hold, the scopes of my token."""
    person, actor = person_of(request), actor_of(request)
    posts = [post_out(holding.post) for holding in holdings_of(person)]
    return MeOut(
        person=person.opaque,
        language=person.language,
        post=next((post for post in posts if post.id == actor.post), None),
        posts=posts,
        scopes=None if actor.scopes is None else sorted(Scope(scope) for scope in actor.scopes),
    )


@router.get("/bodies", response={200: BodyPage} | REFUSALS)
def list_bodies(
    request: HttpRequest,
    kind: BodyKind | None = None,
    place: Key = "",
    scheme: Key = "",
    words: Words = "",
    after: Key = "",
    limit: Size = 100,
) -> BodyPage:
    """The directory of bodies in the order of their keys, a page at a time."""
    bodies = bodies_visible_to(actor_of(request)).select_related("place__scheme").order_by("key")
    if kind:
        bodies = bodies.filter(kind=kind)
    if place:
        bodies = bodies.filter(place__code=place)
    if scheme:
        bodies = bodies.filter(place__scheme__key=scheme)
    if words:
        bodies = bodies_bearing(bodies, words)
    found = list(bodies.filter(key__gt=after)[: limit + 1])
    return BodyPage(
        bodies=[body_out(body) for body in found[:limit]],
        next=found[limit - 1].key if len(found) > limit else None,
    )


@router.get("/bodies/{key}", response={200: BodyDetail} | REFUSALS)
def get_body(request: HttpRequest, key: Key) -> BodyDetail:
    """One body with its other names, those above and below it over time, its posts, and who
    holds them as far as I may see the people."""
    actor = actor_of(request)
    body = visible_body(actor, key)
    above, below = relations_of(body)
    superiors = superiors_of(body).order_by("kind", "superior__key")
    holders = holders_in(actor, body)
    return BodyDetail(
        **body_out(body).model_dump(),
        aliases=list(body.aliases.values_list("alias", flat=True).order_by("alias")),
        superiors=[
            SuperiorOut(body=each.superior.key, kind=RelationKind(each.kind)) for each in superiors
        ],
        above=[_tie(each, each.superior.key, key) for each in above],
        below=[_tie(each, key, each.subordinate.key) for each in below],
        posts=[post_out(post) for post in body.posts.select_related("body")],
        holders=[_holder(each) for several in holders.values() for each in several],
    )


@router.get("/tokens", response={200: list[TokenOut]} | REFUSALS)
def list_tokens(request: HttpRequest) -> list[TokenOut]:
    """My tokens; for an administrator also those of the posts it administers."""
    return [_token(token) for token in tokens_visible_to(actor_of(request))]


@router.post("/tokens", response={201: IssuedToken} | REFUSALS)
def issue_token(request: HttpRequest, asked: TokenIn) -> Status[IssuedToken]:
    """Issue a token for a post I hold; its secret is in this answer and nowhere else."""
    person, actor = person_of(request), actor_of(request)
    wanted = asked.post or actor.post
    holding = holdings_of(person).filter(post=wanted).first()
    if holding is None:
        raise NotFound(_("You hold no such post."), place="post")
    secret = new_secret()
    token = actions.issue_token(
        actor,
        person=person,
        post=holding.post,
        name=asked.name,
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=asked.scopes,
        expires_at=asked.expires_at,
    )
    return Status(201, IssuedToken(**_token(token).model_dump(), secret=secret.text))


@router.post("/tokens/{id}/revoke", response={200: TokenOut} | REFUSALS)
def revoke_token(request: HttpRequest, id: int) -> TokenOut:
    """End a token for good."""
    token = tokens_visible_to(actor_of(request)).filter(pk=id).first()
    if token is None:
        raise NotFound(_("There is no such token."))
    return _token(actions.revoke_token(actor_of(request), token=token))
