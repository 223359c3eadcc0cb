"""Writing the journal: the next gapless position, under one lock taken last.

Only `@action` calls `write`. The lock is PostgreSQL's transaction-level advisory lock:
it is held to commit, so that positions are in commit order and an instant can be
resolved to a position for good. Whoever holds it holds everybody up: the database takes it,
completes the entry and writes it in one call, and waits for nothing of ours meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection
from psycopg.sql import SQL

from throughline.kernel import clock
from throughline.kernel.canonical import canonical
from throughline.kernel.verify import ORIGIN

LOCK = 7_421_001
"""Key of the advisory lock that writing takes."""

COMPLETED = ("at", "position", "previous")
"""What the database puts into an entry's body, at its place in the order of the keys."""
LAST_KEY = "~"
"""Behind every key that there is."""

WRITE = SQL("SELECT kernel_journal_write({}, {}, {}, {}, {})")


def next_act_number() -> int:
    """A number for an act that begins. Numbers of acts that fail are never used again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('kernel_act')")
        row = cursor.fetchone()
    return int(row[0])


def head() -> tuple[int, str, datetime | None]:
    """Position, hash and time of the last entry; zero and the origin when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, hash, at FROM kernel_journalentry ORDER BY position DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return (int(row[0]), str(row[1]), row[2]) if row else (0, ORIGIN, None)


def write(contents: Sequence[dict[str, Any]], *, with_commit: bool) -> None:
    """Append entries, now or with the COMMIT of the transaction in which the caller is."""
    given: list[list[datetime | str]] = [[clock.now(), *_pieces(each)] for each in contents]
    if with_commit:
        # ENGINE: throughline.running.postgresql
        cast(Any, connection).commit_with([WRITE.format(*each) for each in given])
        return
    with connection.cursor() as cursor:
        for each in given:
            cursor.execute("SELECT kernel_journal_write(%s, %s, %s, %s, %s)", each)


def _pieces(content: dict[str, Any]) -> list[str]:
    """The canonical text of an entry's body, in the pieces around what only the holder of the
    lock knows.

    >>> _pieces({"act": 7, "verb": "a.b", "post": "q"})
    ['{"act":7,', ',', ',"post":"q",', ',"verb":"a.b"}']
    """
    found, after = [], ""
    for before in (*COMPLETED, LAST_KEY):
        part = {key: value for key, value in content.items() if after < key < before}
        inner = canonical(part)[1:-1]
        found.append(f"{',' if after and inner else ''}{inner}{',' if inner or after else ''}")
        after = before
    found[0], found[-1] = "{" + found[0], found[-1].removesuffix(",") + "}"
    return found


def content_of(body: str) -> dict[str, Any]:
    """What an entry's body says."""
    content: dict[str, Any] = json.loads(body)
    return content
