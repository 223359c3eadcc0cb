"""Who acts: a person in a capacity, through a door, under one request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Door(StrEnum):
    """The way by which an act came in."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    IMPORT = "import"
    JOB = "job"


@dataclass(frozen=True)
class Actor:
    """What the journal records of the one who acts.

    `person` is an opaque id: names and contacts stand in one table that can be blanked.
    `post` and `body` are row ids of the capacity acted in; `body_code` is what a reader
    of an export can understand. Nobody (not signed in) has no person.
    `scopes` narrows what a token may do; None means all that the person may do.
    """

    person: str = ""
    post: int | None = None
    body: int | None = None
    body_code: str = ""
    door: Door = Door.WEB
    request_id: str = ""
    idempotency_key: str = ""
    scopes: frozenset[str] | None = None

    @property
    def is_nobody(self) -> bool:
        """True for a reader who is not signed in."""
        return not self.person

    @property
    def capacity(self) -> tuple[str, int | None, frozenset[str] | None]:
        """What decides what the actor may see and do: the person, the post, the scopes."""
        return self.person, self.post, self.scopes

    def keyed(self, key: str) -> Actor:
        """The same actor sending one act under an idempotency key."""
        return replace(self, idempotency_key=key)


NOBODY = Actor()

SYSTEM = Actor(person="system", door=Door.JOB)
"""The installation itself: set-up and clocks. It holds no post and appears by this name."""
