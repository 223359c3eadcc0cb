"""Every endpoint, as the URL resolver knows it, and asking one as a member of the cast."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.world import World
from throughline.bodies.models import Token
from throughline.bodies.rules import secret_hash
from throughline.kernel import clock

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


Patterns = Sequence[URLPattern | URLResolver]


def endpoints(patterns: Patterns | None = None) -> dict[str, str]:
    """The route of every endpoint by its name, `namespace:name`. One without a name goes by
    its route, so that it cannot be classified."""
    every = _named(patterns or get_resolver().url_patterns, "", "")
    return {name: route for name, route, _view in every}


def views() -> dict[str, Callable[..., Any]]:
    """The view of every endpoint by its name."""
    return {name: view for name, _, view in _named(get_resolver().url_patterns, "", "")}


def _named(
    patterns: Patterns, namespace: str, route: str
) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for each in patterns:
        here = f"{route}{each.pattern}"
        if isinstance(each, URLResolver):
            inside = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _named(each.url_patterns, inside, here)
        else:
            yield f"{namespace}{each.name or f'(nameless) {here}'}", here, each.callback


@dataclass(frozen=True)
class Request:
    """One request, the same for everybody."""

    endpoint: str
    method: str = "GET"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    payload: Any = None

    def send(self, client: Client) -> HttpResponse:
        """Send it with a client, read the answer to its end, and undo what it did."""
        with transaction.atomic():
            answer = self._send(client)
            if answer.streaming:
                whole = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
                answer = HttpResponse(whole, status=answer.status_code)
            transaction.set_rollback(True)
        return answer

    def _send(self, client: Client) -> HttpResponse:
        address = reverse(self.endpoint, kwargs=dict(self.arguments), query=dict(self.query))
        if self.payload is not None:
            content = json.dumps(self.payload)
            return client.generic(self.method, address, content, "application/json")  # type: ignore[return-value]
        data = dict(self.form or {}) if self.method == "POST" else None
        return getattr(client, self.method.lower())(address, data)  # type: ignore[no-any-return]


HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for all clients: each would load the middleware anew."""


def client_of(world: World, member: str, scopes: frozenset[str] | None = None) -> Client:
    """A browser in which a member of the cast is signed in, or a program with a token of
    theirs; for nobody, one without either."""
    acting = getattr(world.cast, member)
    client = Client()
    client.handler = HANDLER
    if acting.actor.is_nobody:
        return client
    if scopes is None:
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(world, member)
    else:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token_of(world, member, scopes)}"
    return client


def session_of(world: World, member: str) -> str:
    """The key of a member's session; one for the whole life of the world."""
    if member not in world.sessions:
        client = Client()
        client.force_login(getattr(world.cast, member).person)
        world.sessions[member] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return world.sessions[member]


def token_of(world: World, member: str, scopes: frozenset[str]) -> str:
    """The secret of a token of a member's with some scopes."""
    acting = getattr(world.cast, member)
    secret = f"tl_{member}_{'_'.join(sorted(scopes))}"
    Token.objects.get_or_create(
        secret_hash=secret_hash(secret),
        defaults={
            "person": acting.person, "post": acting.post, "name": secret[:80],
            "prefix": secret[:16], "scopes": sorted(scopes),
            "expires_at": clock.now() + timedelta(days=1),
        },
    )  # fmt: skip
    return secret
