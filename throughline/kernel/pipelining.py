"""Statements that go to the database together.

Each statement waits for the answer to the one before, which at a deadline costs more than the
statements do. Within `together` they go out one behind the other; whoever fetches rows waits for
all that was sent so far. They run in their order, each with a view of its own of the data, as
they would one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def plan_once() -> None:
    """Until the transaction ends, take for a statement that was planned before the plan that it
    has, whatever it is given now. For acts that thousands do at once with statements that find
    their rows by keys: to plan such a one takes PostgreSQL longer than to carry it out."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of the block without waiting for each; what one raises is raised at
    the next fetch, or at the end of the block."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
