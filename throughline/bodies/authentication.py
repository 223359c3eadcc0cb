"""How a request says who is behind it: a session of the browser, or a bearer token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer

from throughline.bodies import rules
from throughline.bodies.models import Person, Token
from throughline.bodies.queries import actor_for, actor_of_token, token_of
from throughline.kernel import clock
from throughline.kernel.actor import NOBODY, Actor, Door
from throughline.kernel.errors import Invalid, Unauthenticated
from throughline.running.logs import request_id

POST_IN_SESSION = "post"
LONGEST_KEY = 200
USE_NOTED_EVERY = timedelta(minutes=1)


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request, as the middleware found; nobody where nobody signed in."""
    actor: Actor = getattr(request, "actor", NOBODY)
    return actor


def person_of(request: HttpRequest) -> Person:
    """The person behind this request; raises Unauthenticated where nobody signed in."""
    actor = actor_of(request)
    if actor.is_nobody:
        raise Unauthenticated(_("Sign in first."))
    return Person.objects.select_related("details").get(opaque=actor.person)


def client_address(request: HttpRequest) -> str:
    """Where the request comes from.

    Behind N proxies of one's own (setting THROUGHLINE_PROXIES) it is the Nth address from
    the right of X-Forwarded-For: what stands further left, the client may have made up.
    """
    proxies: int = getattr(settings, "THROUGHLINE_PROXIES", 0)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return hops[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


# -- tokens ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Secret:
    """A token's secret as its holder gets it, once, and what is kept of it."""

    text: str
    prefix: str
    digest: str


def new_secret() -> Secret:
    """A secret of 256 random bits."""
    prefix = f"tl_{secrets.token_hex(3)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return Secret(text, prefix, rules.secret_hash(text))


def _note_use(token: Token) -> None:
    """Remember when a token was last used, writing at most once a minute."""
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def actor_from_token(secret: str) -> Actor:
    """The actor of a bearer token.

    Raises Unauthenticated for a token that is unknown, expired, revoked, or whose person
    no longer holds its post, without saying which.
    """
    token = token_of(secret)
    actor = actor_of_token(token, request_id()) if token else None
    if token is None or actor is None:
        raise Unauthenticated(_("This token does not count (any more)."))
    _note_use(token)
    return actor


def bearer_secret(request: HttpRequest) -> str | None:
    """The secret of an `Authorization: Bearer …` header; None where there is none."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def actor_from_session(request: HttpRequest) -> tuple[Actor, Person | None]:
    """The actor and person of the browser's session, in the post that was chosen there.

    Whoever still has a one-time password acts in no post: all there is to do is to choose
    another one.
    """
    person = request.user
    if not isinstance(person, Person):
        return replace(NOBODY, request_id=request_id()), None
    if person.one_time_until:
        return Actor(person=person.opaque, door=Door.WEB, request_id=request_id()), person
    post = request.session.get(POST_IN_SESSION)
    return actor_for(person, post, door=Door.WEB, request_id=request_id()), person


# -- what the API asks for ---------------------------------------------------------------


def _at_the_api(request: HttpRequest) -> Actor:
    """The request's actor as one who came in by the API, with the key of its call."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY:
        raise Invalid(
            _("An idempotency key has at most %(count)s characters.") % {"count": LONGEST_KEY},
            place="Idempotency-Key",
        )
    actor = replace(actor_of(request), door=Door.API, idempotency_key=key)
    request.actor = actor  # type: ignore[attr-defined]
    return actor


class TokenAuth(HttpBearer):
    """`Authorization: Bearer tl_…`. The middleware has judged the token before."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return _at_the_api(request)


class SessionAuth(APIKeyCookie):
    """The browser's own session, with the CSRF token for whatever is not a GET.

    It stands last: without a session either, the call is refused.
    """

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        if actor_of(request).is_nobody:
            raise Unauthenticated(_("Sign in, or send a token."))
        return _at_the_api(request)


authentication = [TokenAuth(), SessionAuth()]
"""What the API asks of every call, in this order."""
