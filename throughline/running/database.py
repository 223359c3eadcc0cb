"""Which database an installation uses, under which roles. Django-free.

`DATABASE_URL` names your own server under the application's role, `DATABASE_OWNER_URL`
the same database under the owner's; without them it is the embedded server's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from throughline.kernel.errors import Busy, Invalid
from throughline.running import embedded
from throughline.running.clusters import APPLICATION, OWNER

OLDEST_MAJOR = 15

SEEN_BEFORE_PREPARED = 2
"""How often a connection sends a statement before it has it prepared."""


def parse_url(url: str) -> dict[str, str]:
    """A database URL as connection parameters.

    >>> parse_url("postgres://app:p%40ss@db:5433/plans?sslmode=require")
    {'user': 'app', 'password': 'p@ss', 'dbname': 'plans', 'host': 'db', 'port': '5433',
     'sslmode': 'require'}
    >>> parse_url("postgresql://app@%2Frun%2FPostgreSQL/plans")["host"]
    '/run/PostgreSQL'
    >>> parse_url("mysql://db/plans")
    Traceback (most recent call last):
    throughline.kernel.errors.Invalid: a database URL reads postgres://USER:PASSWORD@HOST/DATABASE
    """
    try:
        found = conninfo_to_dict(url) if url.startswith(("postgres://", "postgresql://")) else {}
    except psycopg.ProgrammingError:
        found = {}  # libpq's message would repeat the password
    if "dbname" not in found or "user" not in found:
        raise Invalid(
            "a database URL reads postgres://USER:PASSWORD@HOST/DATABASE",
            remedy="percent-escape signs in the password; give a socket's folder as ?host=/run/…",
        )
    return {name: str(value) for name, value in found.items()}


def uses_embedded() -> bool:
    """Whether no other server is named."""
    return not os.environ.get("DATABASE_URL")


def parameters(owner: bool = False) -> dict[str, str]:
    """Connection parameters of the application's role, or of the owner's.

    With a server of your own and no `DATABASE_OWNER_URL` they are the same, which
    `migrate` refuses and `doctor` reports.
    """
    if uses_embedded():
        return embedded.connection(role=OWNER if owner else APPLICATION)
    url = os.environ["DATABASE_URL"]
    return parse_url(os.environ.get("DATABASE_OWNER_URL") or url if owner else url)


def as_alias(owner: bool = False, **instead: str) -> dict[str, Any]:
    """The connection of the application's role, or of the owner's, as an entry of Django's
    DATABASES; `instead` replaces single parameters."""
    found = parameters(owner) | instead
    named = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER"}
    named["password"] = "PASSWORD"  # noqa: S105 (the name of a setting)
    options: dict[str, Any] = {name: found[name] for name in found if name not in named}
    if not owner:
        # The same few hundred statements come again and again, and to plan one of many joins
        # takes the database longer than to answer it. The owner's come once.
        options |= {"server_side_binding": True, "prepare_threshold": SEEN_BEFORE_PREPARED}
    return {
        "ENGINE": "throughline.running.postgresql",
        # A new connection knows no plan of a statement yet.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        **{setting: found.get(name, "") for name, setting in named.items()},
        "OPTIONS": options,
    }


def database_settings() -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` is the application's role, `owner` runs migrations."""
    return {"default": as_alias(), "owner": as_alias(owner=True)}


def ensure_database() -> None:
    """Have the database answer: start the embedded one, or say that yours does not."""
    if uses_embedded():
        embedded.ensure_running()
        return
    try:
        with psycopg.connect(make_conninfo(**parameters()), connect_timeout=5) as server:
            version = server.info.server_version
    except psycopg.OperationalError as error:
        raise Busy(
            f"the database does not answer: {error}",
            remedy="check DATABASE_URL, and that the server runs",
        ) from error
    if version // 10000 < OLDEST_MAJOR:
        raise Busy(
            f"the database is of PostgreSQL {version // 10000}",
            remedy=f"PostgreSQL {OLDEST_MAJOR} or newer is needed",
        )


def require_two_roles() -> None:
    """Refuse to go on when the application would own what it may not change."""
    if parameters()["user"] == parameters(owner=True)["user"]:
        raise Invalid(
            "the application must not own its tables: two roles are needed",
            remedy="set DATABASE_OWNER_URL to the role that owns the database, and DATABASE_URL "
            "to one made by: CREATE ROLE throughline_app LOGIN PASSWORD '…'",
        )


def grant_database(connection: Any, database: str) -> None:
    """As the owner: who may connect to a database. A database's copy does not inherit this."""
    names = {"database": sql.Identifier(database), "role": sql.Identifier(parameters()["user"])}
    # Without TEMPORARY: a temporary table would stand before the journal's in the search
    # path of its trigger.
    _execute(
        connection,
        names,
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {role}",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
    )


def grant_application_role(connection: Any, append_only: Iterable[str]) -> None:
    """After migrations, as the owner: what the application's role may do.

    It reads and writes rows, owns nothing, creates nothing and truncates nothing;
    append-only tables can be read and added to. `connection` is Django's or psycopg's,
    inside a transaction of the caller's if others read meanwhile.
    """
    names = {"role": sql.Identifier(parameters()["user"])}
    _execute(
        connection,
        names,
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {role}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
    )
    for table in append_only:
        table_names = names | {"table": sql.Identifier(table)}
        _execute(connection, table_names, "REVOKE UPDATE, DELETE ON {table} FROM {role}")


def _execute(connection: Any, names: dict[str, sql.Identifier], *statements: LiteralString) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(**names))
