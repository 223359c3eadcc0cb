"""What is in whose inbox, and what of it has been read.

The statements look for the numbers of the notices first, in the index and nowhere else, and read
the rows of one page. Of 500,000 generated notices, 2,000 of them to the reader's body and nearly
all of these read, PostgreSQL counts the unread, and finds a page, in 1 ms (EXPLAIN ANALYZE on two
cores); of 20,000 to the reader's body it counts them in 10 ms, and finds a page, beside other work,
in 18 to 39 ms. It grows with what the body was ever told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from throughline.bodies.queries import acting_for, standing_of
from throughline.kernel.actor import Actor
from throughline.kernel.conditions import Written
from throughline.kernel.memory import remember, remembered
from throughline.notices.models import Notice, Reading

UNREAD = "unread notices"

_ADDRESSED = """(notices_notice.body_id = ANY(%s) AND (
    (%s AND notices_notice.post_id IS NULL AND notices_notice.person = '')
    OR notices_notice.post_id = %s OR notices_notice.person = %s))"""
"""What is addressed to a reader: to a body that the own body acts for, and there to all, to the
reader's post, or to the reader. Counted for every page, so it is SQL as it is written."""

_NOT_READ = """NOT EXISTS (SELECT FROM notices_reading AS reading
    WHERE reading.notice_id = notices_notice.id AND reading.person = %s)"""

# Materialized, or the planner would walk through the notices of all bodies, the last first, in
# the hope of finding a page of the reader's soon.
_INBOX = """WITH inbox AS MATERIALIZED (SELECT id FROM notices_notice WHERE {conditions})
    SELECT (SELECT count(*) FROM inbox),
        ARRAY(SELECT id FROM inbox WHERE id < %s ORDER BY id DESC LIMIT %s OFFSET %s)"""

# Neither the number of a notice nor its instant would do: both are given before the act is
# committed, so that one with a lower number may come to light later.
_TOLD_BY = f"""WITH inbox AS MATERIALIZED
        (SELECT id FROM notices_notice WHERE {_ADDRESSED} AND {_NOT_READ})
    SELECT inbox.id FROM inbox JOIN notices_notice AS notice ON notice.id = inbox.id
        JOIN kernel_journalentry AS entry ON entry.act = notice.act
    WHERE entry.position <= %s"""  # noqa: S608

LAST = 2**62
"""More than the number of any notice."""


def _addressed(actor: Actor) -> list[Any] | None:
    """What `_ADDRESSED` is to be filled with; None for who has no inbox: nobody, those who hold
    no post (any more), and the installation. Who audits reads what is told to his own body.

    What is told to a whole body is for its posts that work on plans; a post that only
    administers gets what is told to it by name."""
    standing = standing_of(actor)
    if standing.post is None or standing.body is None:
        return None
    bodies = sorted(acting_for(standing.body))
    return [bodies, standing.sees_content, standing.post, actor.person]


def notices_visible_to(actor: Actor) -> QuerySet[Notice]:
    """The inbox of an actor, the last first: what was told to a body in whose name the actor
    acts today, whoever held the post then."""
    addressed = _addressed(actor)
    if addressed is None:
        return Notice.objects.none()
    return Notice.objects.filter(Written(_ADDRESSED, "body_id", *addressed))


@dataclass(frozen=True)
class Inbox:
    """A page of an inbox, the last first: each notice with whether the reader has read it; and
    how many there are in all."""

    lines: Sequence[tuple[Notice, bool]]
    total: int


def inbox_of(
    actor: Actor, *, unread: bool = False, before: int = LAST, start: int = 0, length: int = 30
) -> Inbox:
    """Some of an actor's inbox, or of what is unread there: `length` of them from `start` on, of
    those before a number."""
    addressed = _addressed(actor)
    if addressed is None:
        return Inbox([], 0)
    conditions = f"{_ADDRESSED} AND {_NOT_READ}" if unread else _ADDRESSED
    given = [*addressed, actor.person] if unread else addressed
    with connection.cursor() as cursor:
        statement = _INBOX.format(conditions=conditions)
        cursor.execute(statement, [*given, before, length, start])
        total, found = cursor.fetchone()
    if unread:
        remember((UNREAD, *actor.capacity), total)
    read_by = Exists(Reading.objects.filter(notice=OuterRef("pk"), person=actor.person))
    rows = Notice.objects.filter(pk__in=found).annotate(is_read=read_by)
    return Inbox([(row, row.is_read) for row in rows], total)


def unread_count(actor: Actor) -> int:
    """How many notices an actor has not read, for the bar at the top; asked once a request."""
    return remembered((UNREAD, *actor.capacity), lambda: _unread_count(actor))


def _unread_count(actor: Actor) -> int:
    addressed = _addressed(actor)
    if addressed is None:
        return 0
    with connection.cursor() as cursor:
        statement = f"SELECT count(*) FROM notices_notice WHERE {_ADDRESSED} AND {_NOT_READ}"  # noqa: S608
        cursor.execute(statement, [*addressed, actor.person])
        return int(cursor.fetchone()[0])


def unread_told_by(actor: Actor, position: int) -> list[int]:
    """The numbers of an actor's unread notices whose acts were on record at a position of the
    journal."""
    addressed = _addressed(actor)
    if addressed is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TOLD_BY, [*addressed, actor.person, position])
        return [row[0] for row in cursor.fetchall()]
