"""Telling a body something: for actions of the rooms above, within their own act.

    notify(
        act, to=task.body, kind="task-assigned", subject=f"task:{task.key}",
        url=reverse("task", args=[task.key]), facts={"title_en": …, "title_zh": …}, due=task.due,
    )

It is no action by itself: what is told is part of the act that tells it, is written in its
transaction, bears its number, and is gone with it if it fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from throughline.bodies.models import Body, Post
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.kernel.canonical import plain
from throughline.notices.kinds import Facts, kind_of
from throughline.notices.models import Notice

AT_A_TIME = 2000
"""Rows of one statement, where thousands are told at once."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One notice to one body: all of its posts that work on plans, or one post of it, or one
    person (an opaque id) in it."""

    to: Body
    kind: str
    subject: str
    url: str
    facts: Facts
    post: Post | None = None
    person: str = ""
    due: datetime | None = None
    reading_only: bool = False


def notify(
    act: Act,
    *,
    to: Body,
    post: Post | None = None,
    person: str = "",
    kind: str,
    subject: str,
    url: str,
    facts: Facts,
    due: datetime | None = None,
    reading_only: bool = False,
) -> Notice:
    """Tell a body something, within an act under way."""
    telling = Telling(
        to=to, post=post, person=person, kind=kind, subject=subject, url=url, facts=facts,
        due=due, reading_only=reading_only,
    )  # fmt: skip
    return notify_all(act, [telling])[0]


def notify_all(act: Act, tellings: Iterable[Telling]) -> list[Notice]:
    """Tell many bodies at once: one statement for thousands of them."""
    told = list(tellings)
    _try_to_tell(told)
    at = clock.now()
    rows = [_row(telling, act, at) for telling in told]
    return Notice.objects.bulk_create(rows, batch_size=AT_A_TIME)


def _try_to_tell(tellings: list[Telling]) -> None:
    """Put the first of each kind into words: facts that make no sentence, and kinds that are
    unknown, stop the act that sends them, and not the readers."""
    first = {telling.kind: telling for telling in reversed(tellings)}
    for kind, telling in first.items():
        kind_of(kind).tell(plain(telling.facts))


def _row(telling: Telling, act: Act, at: datetime) -> Notice:
    if telling.post is not None and telling.post.body_id != telling.to.pk:
        raise ValueError(f"{telling.post!r} is no post of {telling.to!r}")
    if not telling.url.startswith("/") or telling.url.startswith("//"):
        raise ValueError(f"a notice leads to a page of ours, not to {telling.url!r}")
    return Notice(
        body=telling.to,
        post=telling.post,
        person=telling.person,
        kind=telling.kind,
        subject=telling.subject,
        facts=plain(telling.facts),
        url=telling.url,
        at=at,
        act=act.number,
        due=telling.due,
        reading_only=telling.reading_only,
    )
