"""Who I am, which bodies there are, and my tokens, by the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from throughline.bodies import actions
from throughline.bodies.authentication import actor_of, new_secret, person_of
from throughline.bodies.models import Body, Post, Token
from throughline.bodies.queries import (
    bodies_visible_to,
    holdings_of,
    superiors_of,
    tokens_visible_to,
)
from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS

router = Router()

Key = Annotated[str, StringConstraints(pattern=r"^[-A-Za-z0-9_]{0,80}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\u0000-\u001f]{1,80}$")]
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
    valid_from: date | None
    valid_to: date | None


class BodyPage(Schema):
    bodies: list[BodyOut]
    next: str | None = Field(description="`after` of the next page; null on the last")


class SuperiorOut(Schema):
    body: str
    kind: RelationKind


class BodyDetail(BodyOut):
    aliases: list[str]
    superiors: list[SuperiorOut]
    posts: list[PostOut]


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


def _post(post: Post) -> PostOut:
    return PostOut(
        id=post.pk,
        key=post.key,
        title_en=post.title_en,
        title_zh=post.title_zh,
        body=post.body.key,
        duties=[Duty(duty) for duty in post.duties],
    )


def _body(body: Body) -> BodyOut:
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
        valid_from=body.valid_from,
        valid_to=body.valid_to,
    )


def _token(token: Token) -> TokenOut:
    return TokenOut(
        id=token.pk,
        name=token.name,
        prefix=token.prefix,
        post=_post(token.post),
        scopes=[Scope(scope) for scope in token.scopes],
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )


@router.get("/me", response={200: MeOut} | REFUSALS)
def me(request: HttpRequest) -> MeOut:
    """Who I am here: the capacity I act in, the posts I hold, the scopes of my token."""
    person, actor = person_of(request), actor_of(request)
    posts = [_post(holding.post) for holding in holdings_of(person)]
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
    after: Key = "",
    limit: Size = 100,
) -> BodyPage:
    """The directory of bodies in the order of their keys, a page at a time."""
    bodies = bodies_visible_to(actor_of(request)).select_related("place__scheme").order_by("key")
    if kind:
        bodies = bodies.filter(kind=kind)
    if place:
        bodies = bodies.filter(place__code=place)
    found = list(bodies.filter(key__gt=after)[: limit + 1])
    return BodyPage(
        bodies=[_body(body) for body in found[:limit]],
        next=found[limit - 1].key if len(found) > limit else None,
    )


@router.get("/bodies/{key}", response={200: BodyDetail} | REFUSALS)
def get_body(request: HttpRequest, key: Key) -> BodyDetail:
    """One body with its other names, its superiors of today and its posts."""
    bodies = bodies_visible_to(actor_of(request)).select_related("place__scheme")
    body = bodies.filter(key=key).first()
    if body is None:
        raise NotFound(_("There is no such body."), place=key)
    superiors = superiors_of(body).order_by("kind", "superior__key")
    return BodyDetail(
        **_body(body).model_dump(),
        aliases=list(body.aliases.values_list("alias", flat=True).order_by("alias")),
        superiors=[
            SuperiorOut(body=each.superior.key, kind=RelationKind(each.kind)) for each in superiors
        ],
        posts=[_post(post) for post in body.posts.select_related("body")],
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
