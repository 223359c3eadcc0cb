"""The database of the tests: a pytest plugin.

The suite runs under the application's role, so that its rights are tested with everything
else, on a copy of a template database that the owner migrated once. Transactional tests
cannot truncate (the journal refuses it): after one the copy is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

from throughline.running import database
from throughline.running.home import home
from throughline.running.migrating import migrate

CHECKOUT = Path(__file__).resolve().parent.parent


def _template_name() -> str:
    """Named by what it is made from, so that a changed migration makes a new one."""
    made_from = [*sorted(CHECKOUT.glob("throughline/*/migrations/*.py")), Path(database.__file__)]
    content = hashlib.sha256(b"".join(path.read_bytes() for path in made_from))
    return f"throughline_template_{content.hexdigest()[:12]}"


def _server() -> psycopg.Connection:
    """The owner's connection to the home's own database, from where others are made."""
    return psycopg.connect(**database.parameters(owner=True), autocommit=True)


def _exists(server: psycopg.Connection, name: str) -> bool:
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(server: psycopg.Connection, name: str, template: str) -> None:
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _point_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _make_template(server: psycopg.Connection, name: str) -> None:
    partial = f"{name}_new"
    _drop(server, partial)
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(partial)))
    _point_to(partial)
    migrate(connections["owner"])
    _point_to(partial)
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(partial), sql.Identifier(name)
        )
    )


def _drop_leftovers(server: psycopg.Connection) -> None:
    """Copies of processes that are gone."""
    rows = server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'throughline_run_%'")
    for (name,) in rows.fetchall():
        if not Path(f"/proc/{name.rsplit('_', 1)[1]}").exists():
            _drop(server, name)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Replaces pytest-django's own: one copy of the template for each process."""
    database.ensure_database()
    template, mine = _template_name(), f"throughline_run_{os.getpid()}"
    with django_db_blocker.unblock(), _server() as server:  # type: ignore[attr-defined]
        with (home() / "template.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _exists(server, template):
                _make_template(server, template)
            _drop_leftovers(server)
            _create(server, mine, template)
        _point_to(mine)
        remake = _remake(mine, template)
        original = TransactionTestCase._fixture_teardown
        TransactionTestCase._fixture_teardown = remake  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]
            _point_to(mine)
            _drop(server, mine)


def _remake(mine: str, template: str):
    """What follows a transactional test: the process's database made anew."""

    def teardown(self: TransactionTestCase) -> None:
        _point_to(mine)
        with _server() as server, (home() / "template.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _drop(server, mine)
            _create(server, mine, template)

    return teardown


@pytest.fixture
def other_connection(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A second connection of the application's role to the test's database."""
    parameters = database.parameters() | {"dbname": connections["default"].settings_dict["NAME"]}
    with psycopg.connect(**parameters) as connection:
        yield connection
