"""`throughline doctor`: what is wrong with an installation, and what mends it.

A check is a function of `CHECKS`; it gives findings and raises nothing.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string

from throughline.kernel import clock
from throughline.kernel.errors import ThroughlineError
from throughline.running.database import OLDEST_MAJOR, ensure_database, parameters
from throughline.running.home import home
from throughline.running.migrating import (
    append_only_tables,
    missing_migrations,
    static_files_are_current,
)

SCARCE_BYTES = 1_000_000_000
"""Less free disk than this is worth a note; a fifth of it is a fault."""

LARGEST_CLOCK_DIFFERENCE = 2.0
"""Seconds that the clocks of this machine and of the database may differ."""


class Verdict(StrEnum):
    """How a check ended. A note is no fault: something optional is not there."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    verdict: Verdict
    message: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)


def _judge(name: str, holds: bool, message: str, remedy: str) -> Finding:
    """A finding with a remedy only where one is needed."""
    return Finding(name, Verdict.OK if holds else Verdict.FAULT, message, "" if holds else remedy)


def _ask(query: str, values: Sequence[list[str]] = ()) -> list[Any]:
    """The first column of what the application's role is told."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def python_version() -> Iterator[Finding]:
    """Python is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    yield _judge("python", sys.version_info >= (3, 11), found, "install Python 3.11 or newer")


def home_folder() -> Iterator[Finding]:
    """The home can be written by the account that runs us, and belongs to it."""
    place = home()
    writable = os.access(place, os.W_OK | os.X_OK)
    yield _judge("home", writable, str(place), "give it to the account that runs Throughline")
    if place.stat().st_uid != os.geteuid():
        remedy = "run commands as the account that the home belongs to"
        yield Finding("home", Verdict.NOTE, "the home belongs to another account", remedy)


def secrets() -> Iterator[Finding]:
    """Nobody else can read the secrets."""
    folder = home() / "secrets"
    loose = [
        path.name
        for path in (folder, *folder.iterdir())
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    message = f"open to others: {', '.join(loose)}" if loose else "closed to others"
    yield _judge("secrets", not loose, message, f"chmod -R go= {folder}")


def disk_space() -> Iterator[Finding]:
    """There is room for the database to grow."""
    free = shutil.disk_usage(home()).free
    message, remedy = f"{free / 1e9:.1f} GB free", "free some disk space"
    if free < SCARCE_BYTES / 5:
        yield Finding("disk", Verdict.FAULT, message, remedy)
    elif free < SCARCE_BYTES:
        yield Finding("disk", Verdict.NOTE, message, remedy)
    else:
        yield Finding("disk", Verdict.OK, message)


def static_files() -> Iterator[Finding]:
    """The static files are built from what is installed."""
    current = static_files_are_current()
    message = "built" if current else "missing or older than their sources"
    yield _judge("static files", current, message, "run `throughline migrate`")


def debug_mode() -> Iterator[Finding]:
    """Debugging pages, which show settings and values, are off."""
    if settings.DEBUG:
        yield Finding("debug", Verdict.NOTE, "is on", "unset THROUGHLINE_DEBUG in production")


def optional_programs() -> Iterator[Finding]:
    """Fonts for Chinese documents; Chromium for the browser tests."""
    listing = shutil.which("fc-list")
    fonts = listing and subprocess.run(
        [listing, ":lang=zh"], capture_output=True, text=True, check=False
    ).stdout.strip()  # fmt: skip
    if not fonts:
        yield Finding("fonts", Verdict.NOTE, "no Chinese font", "install fonts-noto-cjk")
    if not shutil.which("chromium"):
        remedy = "install chromium to run the browser tests"
        yield Finding("chromium", Verdict.NOTE, "not installed", remedy)


def database_answers() -> Iterator[Finding]:
    """The database answers and is new enough."""
    major = int(_ask("SHOW server_version_num")[0]) // 10000
    remedy = f"PostgreSQL {OLDEST_MAJOR} or newer is needed"
    yield _judge("database", major >= OLDEST_MAJOR, f"PostgreSQL {major}", remedy)


def application_role() -> Iterator[Finding]:
    """The application is another role than the owner, owns nothing and has no great rights."""
    application, owner = parameters()["user"], parameters(owner=True)["user"]
    remedy = "make a role of its own for the application; see the guide, `docs/guide/running.md`"
    yield _judge("two roles", application != owner, f"{application}, {owner}", remedy)
    rights = _ask(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
        " OR EXISTS (SELECT FROM pg_auth_members WHERE member = oid)"
        " FROM pg_roles WHERE rolname = current_user"
    )[0]
    message = "has rights beyond its tables" if rights else "is an ordinary role"
    yield _judge("application role", not rights, message, remedy)
    owned = _ask("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")[0]
    yield _judge("ownership", not owned, f"the application owns {owned} relations", remedy)


def append_only() -> Iterator[Finding]:
    """What is append-only cannot be changed by the application, and its triggers are on."""
    tables = append_only_tables()
    open_tables = _ask(
        "SELECT name FROM unnest(%s::text[]) name WHERE has_table_privilege(name::regclass,"
        " 'UPDATE') OR has_table_privilege(name::regclass, 'DELETE')"
        " OR has_table_privilege(name::regclass, 'TRUNCATE')",
        [tables],
    )
    message = f"open: {', '.join(open_tables)}" if open_tables else f"{len(tables)} are closed"
    yield _judge("append-only tables", not open_tables, message, "run `throughline migrate`")
    silent = _ask(
        "SELECT tgrelid::regclass::text || '.' || tgname FROM pg_trigger"
        " WHERE tgenabled IN ('D', 'R') AND tgrelid = ANY (%s::regclass[])",
        [tables],
    )
    message = f"switched off: {', '.join(silent)}" if silent else "on"
    yield _judge("triggers", not silent, message, "find out who did it; verify the journal")


def migrations() -> Iterator[Finding]:
    """The database is at this release."""
    missing = missing_migrations()
    message = f"{len(missing)} missing, the first {missing[0]}" if missing else "applied"
    yield _judge("migrations", not missing, message, "run `throughline migrate`")


def clocks() -> Iterator[Finding]:
    """Times are kept in UTC, and the two clocks agree."""
    yield _judge("time zone", settings.TIME_ZONE == "UTC", settings.TIME_ZONE, "set it to UTC")
    difference = abs((_ask("SELECT clock_timestamp()")[0] - clock.now()).total_seconds())
    agree = difference < LARGEST_CLOCK_DIFFERENCE
    yield _judge("clocks", agree, f"differ by {difference:.1f} s", "synchronise the clocks")


Check = Callable[[], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    python_version, home_folder, secrets, disk_space, static_files, debug_mode, optional_programs,
)  # fmt: skip
"""Checks that need no database."""

DATABASE_CHECKS: tuple[Check, ...] = (
    database_answers, application_role, migrations, append_only, clocks,
)  # fmt: skip
"""Checks that ask the database; after the first that cannot, the others are left out."""


def diagnose() -> Iterator[Finding]:
    """Run every check."""
    for check in CHECKS:
        yield from check()
    try:
        ensure_database()
        for check in DATABASE_CHECKS:
            yield from check()
        for name in settings.THROUGHLINE_CHECKS:
            yield from import_string(name)()
    except ThroughlineError as error:
        yield Finding("database", Verdict.FAULT, error.message, error.remedy or "")
    except DatabaseError as error:
        yield Finding("database", Verdict.FAULT, str(error), "run `throughline migrate`")
