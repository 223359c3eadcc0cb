"""What one who administers N1 alone is answered: the administrator of the cast has the whole
country in reach, and so does not show where a reach ends.

In each, the officer of the prefecture has moved: from N11, which is in reach, to N2, which
is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client

from tests.cast import APPOINTED, DISMISSED
from tests.permissions.endpoints import HANDLER, Request
from tests.world import World
from throughline.bodies.models import Holding, Person, Relation

Found = Callable[[World], str]
"""What stands in an answer, or must not."""


@dataclass(frozen=True)
class Reach:
    """A request of the administrator of N1, what comes of it, and what stands in it."""

    note: str
    request: Callable[[World], Request]
    status: int = 200
    shows: Found | None = None
    hides: Found | None = None

    def __str__(self) -> str:
        return self.note

    def wrong(self, world: World) -> list[str]:
        """What is not as it stands here; undone afterwards."""
        with transaction.atomic():
            move(world)
            try:
                answer = self.request(world).send(_client(world))
            except Exception as error:  # a page may well break on what it was never meant to show
                return [type(error).__name__]
            finally:
                transaction.set_rollback(True)
        text = answer.content.decode()
        found = [] if answer.status_code == self.status else [f"{answer.status_code}"]
        if self.shows and self.shows(world) not in text:
            found.append(f"does not show {self.shows(world)}")
        if self.hides and self.hides(world) in text:
            found.append(f"shows {self.hides(world)}")
        return found


def move(world: World) -> None:
    """Let the officer of the prefecture go from N11 to N2."""
    person = world.cast.prefecture.person
    Holding.objects.filter(person=person).update(valid_to=DISMISSED)
    Holding.objects.create(person=person, post=world.cast.sibling.post, valid_from=DISMISSED)


def _client(world: World) -> Client:
    client = Client()
    client.handler = HANDLER
    client.force_login(Person.objects.get(opaque=world.local_administrator.person))
    return client


def _get(endpoint: str, query: dict[str, str] | None = None, **arguments: str) -> Any:
    return lambda _world: Request(endpoint, "GET", arguments, query or {})


def _of(member: str, endpoint: str, method: str = "GET", **given: Any) -> Any:
    """A request about a member of the cast."""
    return lambda world: Request(endpoint, method, {"person": _opaque(member)(world)}, **given)


def _opaque(member: str) -> Found:
    return lambda world: str(getattr(world.cast, member).person.opaque)


def _text(text: str) -> Found:
    return lambda _world: text


def _post(member: str) -> Found:
    return lambda world: f'value="{getattr(world.cast, member).post.pk}"'


def _place(code: str) -> Found:
    return lambda world: f'value="{world.cast.places[code].pk}"'


def _tie(body: str) -> int:
    return int(Relation.objects.get(subordinate__key=body).pk)


def _appointment(world: World, person: str, post: str) -> dict[str, Any]:
    return {
        "person": _opaque(person)(world),
        "post": getattr(world.cast, post).post.pk,
        "valid_from": APPOINTED.isoformat(),
    }


def _appoint(person: str, post: str) -> Any:
    return lambda world: Request("appoint-person", "POST", form=_appointment(world, person, post))


def _appoint_by_api(person: str, post: str) -> Any:
    return lambda world: Request(
        "api:appoint_person", "POST", payload=_appointment(world, person, post)
    )


def _create_body(place: str) -> Any:
    return lambda world: Request(
        "create-body",
        "POST",
        form={
            "key": "new",
            "kind": "office",
            "name_en": "New",
            "place": world.cast.places[place].pk,
        },
    )


def _end_holding(member: str) -> Any:
    return lambda world: Request(
        "end-holding",
        arguments={"holding": Holding.objects.get(person=getattr(world.cast, member).person).pk},
    )


def _end_relation(body: str) -> Any:
    return lambda _world: Request("end-relation", arguments={"relation": _tie(body)})


def _choices(source: str, words: str) -> Any:
    return _get("find-options", {"field": "one", "one-words": words}, source=source)


REACHES = [
    # -- people ----------------------------------------------------------------------------
    Reach(
        "people: those who are or were in reach",
        _get("people"),
        shows=_opaque("prefecture"),
        hides=_opaque("sibling"),
    ),
    Reach(
        "people: not the posts beyond",
        _get("people"),
        shows=_text("N111 Government"),
        hides=_text("N2 Government"),
    ),
    Reach(
        "people by a body in reach",
        _get("people", {"body": "n111-government"}),
        shows=_opaque("county"),
    ),
    Reach(
        "people by a body beyond",
        _get("people", {"body": "n2-government"}),
        hides=_opaque("prefecture"),
    ),
    Reach(
        "people without a post in reach",
        _get("people", {"state": "without-post"}),
        shows=_opaque("prefecture"),
        hides=_opaque("county"),
    ),
    Reach(
        "people by the API: by a body beyond",
        _get("api:list_people", {"body": "n2-government"}),
        hides=_opaque("prefecture"),
    ),
    Reach("a person in reach", _of("county", "person"), shows=_text("N111 Government")),
    Reach("a person beyond", _of("sibling", "person"), 404),
    Reach("one who moved beyond", _of("prefecture", "person"), hides=_text("n2-government")),
    Reach("a person beyond by the API", _of("sibling", "api:get_person"), 404),
    Reach(
        "one who moved beyond by the API",
        _of("prefecture", "api:get_person"),
        hides=_text("n2-government"),
    ),
    Reach("correcting a person in reach", _of("county", "correct-person")),
    Reach("correcting one who moved beyond", _of("prefecture", "correct-person"), 403),
    Reach(
        "a new password for one who moved beyond",
        _of("prefecture", "api:reset_password", "POST"),
        403,
    ),
    Reach("ending a time in a post", _end_holding("county")),
    Reach("ending a time in a post beyond", _end_holding("sibling"), 404),
    Reach("appointing", _appoint("county", "province"), 302),
    Reach("appointing a person beyond", _appoint("sibling", "province"), 422),
    Reach("appointing by the API", _appoint_by_api("county", "province"), 201),
    Reach("appointing a person beyond by the API", _appoint_by_api("sibling", "province"), 404),
    Reach("appointing to a post beyond by the API", _appoint_by_api("county", "sibling"), 403),
    Reach("appointing to a post beyond", _appoint("county", "sibling"), 422),
    # -- bodies ----------------------------------------------------------------------------
    Reach(
        "a body in reach",
        _get("body", key="n11-government"),
        shows=_text("/bodies/n11-government/correct"),
    ),
    Reach(
        "a body beyond",
        _get("body", key="n2-government"),
        hides=_text("/bodies/n2-government/correct"),
    ),
    Reach(
        "those who hold posts in a body in reach",
        _get("api:get_body", key="n111-government"),
        shows=_opaque("county"),
    ),
    Reach(
        "those who hold posts in a body beyond",
        _get("api:get_body", key="n2-government"),
        hides=_opaque("sibling"),
    ),
    Reach(
        "relations of which some are in reach",
        _get("body", key="cabinet"),
        shows=lambda _world: f"/relations/{_tie('n1-government')}/end",
        hides=lambda _world: f"/relations/{_tie('n2-government')}/end",
    ),
    Reach("ending a relation", _end_relation("n11-government")),
    Reach("ending a relation beyond", _end_relation("n2-government"), 403),
    Reach("correcting a body beyond", _get("correct-body", key="n2-government"), 403),
    Reach("a new body", _create_body("N11"), 302),
    Reach("a new body beyond", _create_body("N2"), 422),
    # -- what is offered and found -----------------------------------------------------------
    Reach("a person to choose", _choices("people", "county"), shows=_opaque("county")),
    Reach("a person beyond to choose", _choices("people", "sibling"), hides=_opaque("sibling")),
    Reach("a post to choose", _choices("posts", "n111-government"), shows=_post("county")),
    Reach("a post beyond to choose", _choices("posts", "n2-government"), hides=_post("sibling")),
    Reach("a place to choose", _choices("places", "N11"), shows=_place("N11")),
    Reach("a place beyond to choose", _choices("places", "N2"), hides=_place("N2")),
    Reach("a person by the search", _get("search", {"q": "county"}), shows=_opaque("county")),
    Reach("a person beyond by the search", _get("search", {"q": "sib"}), hides=_opaque("sibling")),
]
