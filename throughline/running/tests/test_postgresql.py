"""Whether a kept connection still lives is seen without asking the server, and what ends a
transaction goes out with its COMMIT."""

from __future__ import annotations

from typing import cast

import pytest
from django.db import (
    DataError,
    InternalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from psycopg.sql import SQL, Composable

from tests.racing import race
from throughline.running.database import uses_embedded
from throughline.running.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


def asked(statement: str, *given: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchone()[0]


def test_the_settings_name_it() -> None:
    assert all(isinstance(connections[alias], DatabaseWrapper) for alias in connections)


def test_one_that_lives_is_used_on() -> None:
    number = asked("SELECT pg_backend_pid()")
    assert connection.is_usable()
    assert asked("SELECT pg_backend_pid()") == number


@pytest.mark.skipif(not uses_embedded(), reason="only on this host can it be seen")
def test_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked("SELECT 1")

    def no_cursor(*_given: object) -> object:
        raise AssertionError("the server is asked")

    monkeypatch.setattr(connection.connection, "cursor", no_cursor)
    assert connection.is_usable()


def test_one_whose_transaction_has_failed_is_not() -> None:
    with pytest.raises(InternalError), transaction.atomic():
        with pytest.raises(ProgrammingError):
            asked("SELECT nothing FROM nowhere")
        assert not connection.is_usable()
        asked("SELECT 1")
    assert connection.is_usable()


def test_one_that_the_server_has_ended_is_not_and_the_next_request_gets_another() -> None:
    number = asked("SELECT pg_backend_pid()")
    assert race(
        lambda _number: asked("SELECT pg_terminate_backend(%s, 5000)", int(str(number))), 1
    ) == [True]
    assert not connection.is_usable()
    # As when a request begins.
    connection.health_check_enabled = True  # type: ignore[attr-defined]
    connection.health_check_done = False  # type: ignore[attr-defined]
    connection.close_if_health_check_failed()
    assert asked("SELECT pg_backend_pid()") != number


SEEN = "SELECT count(*) FROM kernel_draft WHERE form = 'last'"
LAST = SQL(
    "INSERT INTO kernel_draft (person, form, url, title, content, updated_at)"
    " VALUES ({}, 'last', '/', '', '{{}}', now())"
)


def end_with(*statements: Composable) -> None:
    cast(DatabaseWrapper, connections["default"]).commit_with(statements)


def test_what_comes_last_is_done_with_the_commit() -> None:
    told: list[object] = []
    with transaction.atomic():
        end_with(LAST.format("100 % {sure}; '\\ \""), LAST.format("又一"))
        transaction.on_commit(lambda: told.append(asked(SEEN)))
        assert asked(SEEN) == 0
    assert (asked(SEEN), told) == (2, [2])
    with transaction.atomic():
        pass
    assert asked(SEEN) == 2


def test_what_comes_last_and_fails_undoes_all_and_the_connection_goes_on() -> None:
    told: list[object] = []
    with pytest.raises(DataError), transaction.atomic():
        asked("SELECT 1")
        end_with(LAST.format("a"), SQL("SELECT 1 / 0"))
        transaction.on_commit(lambda: told.append(1))
    assert connection.is_usable()
    assert (asked(SEEN), told) == (0, [])


def test_what_was_to_come_last_is_forgotten_where_the_transaction_does_not_end_so() -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        end_with(LAST.format("a"))
        raise ValueError("no")
    with transaction.atomic():
        end_with(LAST.format("a"))
        connection.close()
    with transaction.atomic():
        asked("SELECT 1")
    assert asked(SEEN) == 0


def test_a_transaction_has_one_end() -> None:
    with pytest.raises(ProgrammingError):
        end_with(LAST.format("a"))
    with pytest.raises(ProgrammingError), transaction.atomic():
        end_with(LAST.format("a"))
        end_with(LAST.format("b"))
    with pytest.raises(ProgrammingError), transaction.atomic(), transaction.atomic():
        end_with(LAST.format("of a savepoint that may be undone"))
