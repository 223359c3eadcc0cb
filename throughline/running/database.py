"""Which database an installation uses, under which roles. Django-free.

`DATABASE_URL` names your own server under the application's role, `DATABASE_OWNER_URL`
the same database under the owner's; without them it is the embedded server's.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from throughline.kernel.errors import Busy, Invalid
from throughline.running import embedded


def parse_url(url: str) -> dict[str, str]:
    """A database URL as connection parameters; percent escapes are undone.

    >>> parse_url("postgres://app:p%40ss@db:5433/plans")["password"]
    'p@ss'
    >>> parse_url("postgresql:///plans?host=/run/postgresql&sslmode=disable")["host"]
    '/run/postgresql'
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise Invalid(
            f"a database URL begins with postgres://, not {parts.scheme}://",
            remedy="PostgreSQL 15 or newer is the one engine",
        )
    options = dict(parse_qsl(parts.query))
    found = {
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or 5432),
        "dbname": unquote(parts.path.lstrip("/")),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    } | options
    return {name: value for name, value in found.items() if value}


def uses_embedded() -> bool:
    """Whether no other server is named."""
    return not os.environ.get("DATABASE_URL")


def parameters(owner: bool = False) -> dict[str, str]:
    """Connection parameters of the application's role, or of the owner's."""
    if uses_embedded():
        return embedded.connection(role=embedded.OWNER if owner else embedded.APPLICATION)
    url = os.environ["DATABASE_URL"]
    return parse_url(os.environ.get("DATABASE_OWNER_URL", url) if owner else url)


def _alias(found: dict[str, str]) -> dict[str, Any]:
    known = {"host", "port", "dbname", "user", "password"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.get("dbname", ""),
        "HOST": found.get("host", ""),
        "PORT": found.get("port", ""),
        "USER": found.get("user", ""),
        "PASSWORD": found.get("password", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {name: value for name, value in found.items() if name not in known},
    }


def database_settings() -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` is the application's role, `owner` runs migrations."""
    return {"default": _alias(parameters()), "owner": _alias(parameters(owner=True))}


def ensure_database() -> None:
    """Have the database answer: start the embedded one, or say that yours does not."""
    if uses_embedded():
        embedded.ensure_running()
        return
    try:
        psycopg.connect(**parameters(), connect_timeout=5).close()  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise Busy(
            f"the database does not answer: {error}",
            remedy="check DATABASE_URL, and that the server runs",
        ) from error


def grant_application_role(connection: Any, append_only: list[str]) -> None:
    """After migrations, as the owner: what the application's role may do.

    It reads and writes rows, owns nothing and truncates nothing; append-only tables can
    be read and added to.
    """
    role = parameters()["user"]
    statements = [
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
        f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{role}"',
    ]
    statements += [f'REVOKE UPDATE, DELETE ON "{table}" FROM "{role}"' for table in append_only]
    statements.append(f'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM "{role}"')
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
