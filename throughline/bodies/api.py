"""Who I am, which bodies there are, and my tokens, by the API."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from throughline.bodies import actions
from throughline.bodies.authentication import actor_of, new_secret, person_of
from throughline.bodies.models import Body, Post, Relation, Token
from throughline.bodies.queries import (
    bodies_visible_to,
    holdings_of,
    superiors_of,
    tokens_visible_to,
)
from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.kernel.errors import NotFound

router = Router()


class ProblemOut(Schema):
    place: str
    message: str
    remedy: str
    field: str
    code: str


class ErrorOut(Schema):
    """A refusal: what happened, where, and what to do."""

    error: str
    message: str
    place: str | None = None
    remedy: str | None = None
    rule: str | None = None
    lifted_by: str | None = None
    until: datetime | None = None
    problems: list[ProblemOut] = Field(default_factory=list)


REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut}


class PostOut(Schema):
    id: int
    key: str
    title_en: str
    title_zh: str
    body: str
    duties: list[Duty]

    @staticmethod
    def resolve_body(post: Post) -> str:
        return post.body.key


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

    @staticmethod
    def resolve_scheme(body: Body) -> str | None:
        return body.place.scheme.key if body.place else None

    @staticmethod
    def resolve_place(body: Body) -> str | None:
        return body.place.code if body.place else None


class BodyPage(Schema):
    bodies: list[BodyOut]
    next: str | None = Field(description="`after` of the next page; null on the last")


class SuperiorOut(Schema):
    body: str
    kind: RelationKind

    @staticmethod
    def resolve_body(relation: Relation) -> str:
        return relation.superior.key


class BodyDetail(BodyOut):
    aliases: list[str]
    superiors: list[SuperiorOut]
    posts: list[PostOut]

    @staticmethod
    def resolve_aliases(body: Body) -> list[str]:
        return [each.alias for each in body.aliases.all()]

    @staticmethod
    def resolve_superiors(body: Body) -> list[SuperiorOut]:
        relations = superiors_of(body).order_by("kind", "superior__key")
        return [SuperiorOut.from_orm(each) for each in relations]

    @staticmethod
    def resolve_posts(body: Body) -> list[PostOut]:
        return [PostOut.from_orm(post) for post in body.posts.select_related("body")]


class TokenIn(Schema):
    name: str = Field(max_length=80)
    scopes: list[Scope]
    expires_at: datetime
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


@router.get("/me", response={200: MeOut} | REFUSALS)
def me(request: HttpRequest) -> MeOut:
    """Who I am here: the capacity I act in, the posts I hold, the scopes of my token."""
    person, actor = person_of(request), actor_of(request)
    posts = [PostOut.from_orm(holding.post) for holding in holdings_of(person)]
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
    place: str = "",
    after: str = "",
    limit: int = 100,
) -> BodyPage:
    """The directory of bodies in the order of their keys, a page at a time."""
    bodies = bodies_visible_to(actor_of(request)).select_related("place__scheme").order_by("key")
    if kind:
        bodies = bodies.filter(kind=kind)
    if place:
        bodies = bodies.filter(place__code=place)
    size = min(max(limit, 1), 1000)
    found = list(bodies.filter(key__gt=after)[: size + 1])
    return BodyPage(
        bodies=[BodyOut.from_orm(body) for body in found[:size]],
        next=found[size - 1].key if len(found) > size else None,
    )


@router.get("/bodies/{key}", response={200: BodyDetail} | REFUSALS)
def get_body(request: HttpRequest, key: str) -> BodyDetail:
    """One body with its other names, its superiors of today and its posts."""
    bodies = bodies_visible_to(actor_of(request)).select_related("place__scheme")
    body = bodies.filter(key=key).first()
    if body is None:
        raise NotFound(_("There is no such body."), place=key)
    return BodyDetail.from_orm(body)


@router.get("/tokens", response={200: list[TokenOut]} | REFUSALS)
def list_tokens(request: HttpRequest) -> list[Token]:
    """My tokens; for an administrator also those of the posts it administers."""
    return list(tokens_visible_to(actor_of(request)))


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
    issued = TokenOut.from_orm(token).model_dump() | {"secret": secret.text}
    return Status(201, IssuedToken(**issued))


@router.post("/tokens/{id}/revoke", response={200: TokenOut} | REFUSALS)
def revoke_token(request: HttpRequest, id: int) -> Token:
    """End a token for good."""
    token = tokens_visible_to(actor_of(request)).filter(pk=id).first()
    if token is None:
        raise NotFound(_("There is no such token."))
    return actions.revoke_token(actor_of(request), token=token)
