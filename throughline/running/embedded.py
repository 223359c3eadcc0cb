"""The embedded PostgreSQL: its making, its start and its stop. Django-free.

A server that runs is used as it is; nothing but `stop`, asked for by name, ever ends one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from throughline.kernel.errors import Busy
from throughline.running.clusters import (
    APPLICATION,
    DATABASE,
    OWNER,
    SUPERUSER,
    Cluster,
    cluster,
    mark_elsewhere,
)
from throughline.running.home import secret
from throughline.running.programs import own_folder

_PATIENCE = 20.0
"""Seconds to wait for a start; orphans of a killed server hold it up for a moment."""

_SETTINGS = """
# Throughline
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
log_min_error_statement = panic  # a statement's text can hold what people wrote
checkpoint_timeout = 1min  # a killed server replays, and syncs, no more than that
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
"""


def connection(at: Path | None = None, role: str = APPLICATION) -> dict[str, str]:
    """How to reach a home's server under a role: host, port, dbname, user, password."""
    return cluster(at).parameters(role, SUPERUSER if role == SUPERUSER else DATABASE)


def is_running(at: Path | None = None) -> bool:
    """Whether the server takes connections."""
    return takes_connections(cluster(at))


def takes_connections(here: Cluster) -> bool:
    """Whether a cluster's server takes connections; no password is needed to ask."""
    address = make_conninfo(host=str(here.socket), port="5432", dbname=DATABASE, connect_timeout=3)
    return psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK


def _is_ready(here: Cluster) -> bool:
    """Whether the application can use it: the database is the last thing that is made."""
    if not (here.socket / ".s.PGSQL.5432").exists():
        return False
    try:
        psycopg.connect(make_conninfo(**here.parameters(APPLICATION), connect_timeout=3)).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def lock(here: Cluster) -> Iterator[None]:
    """One process at a time makes, starts, upgrades or stops the cluster of a home."""
    with (here.home / "postgres.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def ensure_running(at: Path | None = None) -> bool:
    """Have the server up and its roles made; True if this call started it.

    Raises `Busy` when it cannot be started, naming its log.
    """
    here = cluster(at)
    if _is_ready(here):
        return False
    with lock(here):
        if _is_ready(here):
            return False
        started = not takes_connections(here)
        if started:
            if not (here.data / "PG_VERSION").exists():
                initialise(here)
            _check_major(here)
            start(here)
        prepare(here)
        return started


def initialise(here: Cluster) -> None:
    """Make the cluster; what an interrupted first start left behind is made anew."""
    if here.data.parent != here.home:
        here.data.parent.mkdir(parents=True, exist_ok=True)
        for folder in (here.data.parent, here.data.parent.parent):
            folder.chmod(0o755)  # whatever the umask was
        mark_elsewhere(here)
    partial = here.data.with_suffix(".new")
    if partial.exists():
        shutil.rmtree(partial)
    own_folder(partial, here.account)
    with tempfile.NamedTemporaryFile("w", suffix=".pw") as password:
        password.write(secret(f"database-{SUPERUSER}", here.home))
        password.flush()
        if here.account:
            os.chown(password.name, here.account.pw_uid, here.account.pw_gid)
        done = here.run(
            "initdb", "-D", partial, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8",
            "--auth=scram-sha-256", f"--pwfile={password.name}", "--data-checksums",
        )  # fmt: skip
    if done.returncode:
        raise Busy(f"the database could not be made: {done.stderr.strip()}")
    with (partial / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS)
    partial.rename(here.data)


def data_major(here: Cluster) -> int:
    """The major version that wrote the data."""
    return int((here.data / "PG_VERSION").read_text())


def _check_major(here: Cluster) -> None:
    found = data_major(here)
    if found != here.major:
        raise Busy(
            f"the database in {here.data} is of PostgreSQL {found}, this release runs {here.major}",
            remedy="run `throughline database upgrade`",
        )


def start(here: Cluster, patience: float = _PATIENCE) -> None:
    """Start the server and wait for it; the caller holds the lock."""
    own_folder(here.socket, here.account, 0o755)
    here.log.touch()
    if here.account:
        os.chown(here.log, here.account.pw_uid, here.account.pw_gid)
    deadline = time.monotonic() + patience
    while not takes_connections(here):
        _forget_stale_mark(here)
        done = here.run(
            "pg_ctl", "start", "-w", "-t", "60", "-D", here.data, "-l", here.log,
            "-o", f"-c unix_socket_directories='{here.socket}'",
        )  # fmt: skip
        if done.returncode == 0:
            return
        if time.monotonic() > deadline:
            tail = " / ".join(here.log.read_text(errors="replace").splitlines()[-3:])
            raise Busy(f"the database does not start: {tail}", remedy=f"see {here.log}")
        time.sleep(0.3)


def _forget_stale_mark(here: Cluster) -> None:
    """Remove a killed server's postmaster.pid when another program has its number by now.

    PostgreSQL takes any living process of that number for its own and refuses to start.
    It keeps a second guard against orphans, by the shared memory of the data folder.
    """
    mark = here.data / "postmaster.pid"
    try:
        process = int(mark.read_text().split("\n", 1)[0])
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return  # no mark, or no such process: PostgreSQL sees that by itself
    if os.fsencode(here.data) not in words:
        mark.unlink(missing_ok=True)


def prepare(here: Cluster) -> None:
    """Make the two roles and the database, and give the roles this home's passwords."""
    superuser = make_conninfo(**here.parameters(SUPERUSER, SUPERUSER))
    try:
        server = psycopg.connect(superuser, autocommit=True)
    except psycopg.OperationalError as error:
        raise Busy(
            f"the database does not let this home in: {error}",
            remedy=f"put back the passwords that were in {here.home / 'secrets'}",
        ) from error
    with server:
        for role, rights in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
            known = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            server.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
                    sql.SQL("ALTER" if known else "CREATE"),
                    sql.Identifier(role),
                    sql.SQL(rights),
                    sql.Literal(here.parameters(role)["password"]),
                )
            )
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if not server.execute(query, [DATABASE]).fetchone():
            server.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )


def stop(at: Path | None = None) -> bool:
    """Stop the server in an orderly way; False if it did not run."""
    here = cluster(at)
    with lock(here):
        return halt(here)


def halt(here: Cluster) -> bool:
    """Stop a cluster's server; False if it did not run. The caller holds the lock."""
    if not (here.data / "postmaster.pid").exists():
        return False
    done = here.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", here.data)
    return done.returncode == 0
