"""The suite's databases: a pytest plugin.

The suite runs under the application's role, so that its rights are tested with everything
else. Each process of a run has a database of its own, cloned in a moment from a template
that the owner migrated once for every state of the migrations. A transactional test, which
really commits, is followed by a fresh clone: the journal refuses the TRUNCATE that Django
would use. The server is the tests' own, in `var/test`, unless `DATABASE_URL` names one
whose owner may create databases.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TextIO
from urllib.parse import urlencode

import psycopg
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_django.plugin import DjangoDbBlocker

from throughline.figures import alerting
from throughline.places import queries
from throughline.reporting import asking
from throughline.running import embedded
from throughline.running.clusters import SUPERUSER
from throughline.running.database import (
    as_alias,
    ensure_database,
    grant_database,
    parameters,
    uses_embedded,
)
from throughline.running.home import CHECKOUT, home
from throughline.running.migrating import migrate

ALIASES = {"default": False, "owner": True}


def _template_name() -> str:
    """A name that changes with the migrations and with the grants."""
    content = hashlib.sha256(f"{version('django')} {version('procrastinate')}".encode())
    running = CHECKOUT / "throughline" / "running"
    sources = [*CHECKOUT.glob("throughline/*/migrations/*.py"), running / "migrating.py"]
    for path in sorted([*sources, running / "database.py"]):
        content.update(f"{path.relative_to(CHECKOUT)}\n".encode() + path.read_bytes())
    return f"template_{content.hexdigest()[:16]}"


@contextmanager
def _administrator() -> Iterator[psycopg.Connection]:
    """A connection that may create and drop databases, and end what still uses them."""
    here = embedded.connection(role=SUPERUSER) if uses_embedded() else parameters(True)
    with psycopg.connect(make_conninfo(**here), autocommit=True) as server:
        yield server


@contextmanager
def _lock() -> Iterator[None]:
    """One process at a time makes the template, or looks whether others use the server."""
    with (home() / "tests.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _is_alone(users: TextIO) -> bool:
    """Whether no other process tests here: each shares a lock on this file. Call under `_lock`."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        fcntl.flock(users, fcntl.LOCK_SH)
    return True


def _databases(server: psycopg.Connection, prefix: str) -> list[str]:
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    return [row[0] for row in server.execute(query, [prefix])]


def _create(server: psycopg.Connection, name: str, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY")
    owner = parameters(owner=True)["user"]
    server.execute(statement.format(*map(sql.Identifier, (name, owner, template))))
    grant_database(server, name)


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _use(name: str) -> None:
    """Point Django's aliases, in every thread, to a database."""
    for alias, owner in ALIASES.items():
        connections[alias].close()
        connections.settings[alias].update(as_alias(owner, dbname=name))


def _ensure_template(server: psycopg.Connection, alone: bool) -> str:
    """The template for the present migrations; those of other states go if nobody uses them."""
    template = _template_name()
    known = _databases(server, "template_")
    if template in known:
        return template
    for outdated in [*(known if alone else []), *_databases(server, "partial_")]:
        _drop(server, outdated)
    partial = f"partial_{template}"
    _create(server, partial, "template0")
    _use(partial)
    migrate(connections["owner"])
    connections.close_all()
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    server.execute(rename.format(sql.Identifier(partial), sql.Identifier(template)))
    return template


def _drop_orphans(server: psycopg.Connection) -> None:
    """Drop the databases of runs that were killed; a name ends in its process's number."""
    for name in _databases(server, "test_"):
        if not Path(f"/proc/{name.removeprefix('test_')}").exists():
            _drop(server, name)


def _left_open(server: psycopg.Connection, name: str, seconds: float = 10.0) -> list[str]:
    """The last statement of each connection to a database that does not go in time."""
    ends = time.monotonic() + seconds
    query = "SELECT query FROM pg_stat_activity WHERE datname = %s AND backend_type = %s"
    while True:
        left = [row[0] for row in server.execute(query, [name, "client backend"])]
        if not left or time.monotonic() > ends:
            return left
        time.sleep(0.05)


def _renew(name: str, template: str) -> None:
    """Forget everything that a transactional test has committed. Whoever left a connection open
    is told here: used again, it would break a test that has nothing to do with it."""
    connections.close_all()
    with _administrator() as server:
        left = _left_open(server, name)
        _drop(server, name)
        _create(server, name, template)
    # What the process keeps for the numbers of rows: those begin anew, and mean others.
    queries._tree.cache_clear()
    asking.forget()
    alerting.forget()
    cache.clear()
    assert not left, f"connections to the test's database were left open: {left}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The database of this process, instead of the one that pytest-django would make."""
    name = f"test_{os.getpid()}"
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        (home() / "tests.users").open("a") as users,
    ):
        with _lock():
            alone = _is_alone(users)
            ensure_database()
            with _administrator() as server:
                _drop_orphans(server)
                template = _ensure_template(server, alone)
                _create(server, name, template)
        _use(name)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: _renew(name, template))
        yield
        connections.close_all()
        with _lock():
            with _administrator() as server:
                _drop(server, name)
            if uses_embedded() and _is_alone(users):
                embedded.stop()  # the tests' own server


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For a module whose tests really commit, from several threads: a fresh copy follows it."""
    with django_db_blocker.unblock():
        yield
        _renew(f"test_{os.getpid()}", _template_name())


@pytest.fixture
def other_connection(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A second connection of the application's role to the test's database."""
    here = parameters() | {"dbname": connections.settings["default"]["NAME"]}
    with psycopg.connect(make_conninfo(**here)) as connection:
        yield connection


@pytest.fixture
def database_environment(transactional_db: None) -> dict[str, str]:
    """What a command that a test starts needs in its environment to use the test's database."""
    variables = {}
    for variable, owner in (("DATABASE_URL", False), ("DATABASE_OWNER_URL", True)):
        found = parameters(owner) | {"dbname": connections.settings["default"]["NAME"]}
        variables[variable] = f"postgresql:///?{urlencode(found)}"
    return os.environ | variables
