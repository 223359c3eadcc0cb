"""Writing the journal: the next gapless position, under one lock taken last.

Only `@action` calls `write`. The lock is PostgreSQL's transaction-level advisory lock:
it is held to commit, so that positions are in commit order and an instant can be
resolved to a position for good.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from throughline.kernel import clock
from throughline.kernel.canonical import canonical
from throughline.kernel.pipelining import together
from throughline.kernel.verify import ORIGIN

LOCK = 7_421_001
"""Key of the advisory lock; the trigger on the table takes the same one."""


def next_act_number() -> int:
    """A number for an act that begins. Numbers of acts that fail are never used again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('kernel_act')")
        row = cursor.fetchone()
    return int(row[0])


def take_lock() -> None:
    """Wait for the journal's turn; from here to commit nobody else writes an entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def head() -> tuple[int, str, datetime | None]:
    """Position, hash and time of the last entry; zero and the origin when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, hash, at FROM kernel_journalentry ORDER BY position DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return (int(row[0]), str(row[1]), row[2]) if row else (0, ORIGIN, None)


def write(content: dict[str, Any], before: Iterable[Callable[[], object]] = ()) -> int:
    """Append one entry and return its position. The caller is inside a transaction, and may have
    last statements of it sent `before` the lock is taken, together with it."""
    with together():
        for each in before:
            each()
        take_lock()
        position, previous, last_at = head()
    # A clock that was set back must not let an instant resolve to two positions.
    at = max(clock.now(), last_at) if last_at else clock.now()
    body = canonical(content | {"position": position + 1, "previous": previous, "at": at})
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kernel_journalentry (body) VALUES (%s)", [body])
    return position + 1


def content_of(body: str) -> dict[str, Any]:
    """What an entry's body says."""
    content: dict[str, Any] = json.loads(body)
    return content
