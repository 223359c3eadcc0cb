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


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of the block without waiting for each; what one raises is raised at
    the next fetch, or at the end of the block."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
