"""The kinds of subjects, as the rooms above declare them; filled once by `config/wiring.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound


@dataclass(frozen=True)
class Subject:
    """A thing that remarks, attachments and followers belong to. `key` is its name within
    its kind and outlives versions of it; `url` is its own page."""

    kind: str
    key: str
    title: str
    url: str

    @property
    def name(self) -> str:
        """Kind and key in one word: `element:growth/jobs`."""
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True)
class Change:
    """Something that happened to a subject, for those who follow it."""

    position: int
    at: datetime
    text: str
    url: str


@dataclass(frozen=True)
class SubjectKind:
    """How a room finds a subject of one kind for an actor, and what has happened to it since
    a journal position.

    `find` raises NotFound for what does not exist for the actor. `changes` gives what the
    actor may see, in any order. `part` is the condition that one of some bodies (their ids)
    has a part in the subject of a key; None where nobody has one, as in a place.
    """

    word: str | Promise
    find: Callable[[Actor, str], Subject]
    changes: Callable[[Actor, Subject, int], Sequence[Change]]
    part: Callable[[str, frozenset[int]], Exists] | None = None


KINDS: dict[str, SubjectKind] = {}


def declare(kinds: Mapping[str, SubjectKind]) -> None:
    """Make kinds known. Called by `config/wiring.py` when the product starts."""
    KINDS.update(kinds)


def subject_visible_to(actor: Actor, kind: str, key: str) -> Subject:
    """A subject, or NotFound where it does not exist for the actor."""
    known = KINDS.get(kind)
    if known is None or actor.is_nobody or len(key) > 200 or "\x00" in key:
        raise NotFound(_("There is no such page."), place=f"{kind}:{key}"[:200])
    return known.find(actor, key)
