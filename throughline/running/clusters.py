"""Where a home's embedded PostgreSQL lives, as whom it runs, how it is reached. Django-free."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from throughline.kernel.errors import Busy
from throughline.running.home import home, secret
from throughline.running.programs import (
    MAJOR,
    SHARED,
    account_of,
    can_reach,
    programs,
    server_account,
)

OWNER = "throughline_owner"
APPLICATION = "throughline_app"
SUPERUSER = "postgres"
DATABASE = "throughline"

ELSEWHERE = "postgres.is-at"
"""The file of the home that says where the data are when they cannot be in it."""

_LONGEST_SOCKET_FOLDER = 90  # a socket's whole path must stay under 107 bytes


@dataclass(frozen=True)
class Cluster:
    """Where a home's server lives, and as whom it runs (None: as the caller)."""

    home: Path
    data: Path
    socket: Path
    account: pwd.struct_passwd | None
    major: int = MAJOR

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data.with_suffix(".log")

    def parameters(self, role: str, database: str = DATABASE) -> dict[str, str]:
        """How to reach the server under a role."""
        return {
            "host": str(self.socket),
            "port": "5432",
            "dbname": database,
            "user": role,
            "password": secret(f"database-{role}", self.home),
        }

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's account."""
        return subprocess.run(
            [programs(self.account, self.major) / program, *arguments],
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def cluster(at: Path | None = None) -> Cluster:
    """The cluster of a home; nothing is made or started."""
    place = (at or home()).resolve()
    account = server_account(place)
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    data = _data(place, account, mark)
    base = data.parent
    if account and data.exists():  # made when another account was chosen
        account = account_of(data)
    socket = base / "run"
    if len(str(socket).encode()) > _LONGEST_SOCKET_FOLDER:
        # Not tempfile's folder: every process has to find it, whatever its TMPDIR.
        runs_as = account.pw_uid if account else os.geteuid()
        socket = Path(f"/tmp/throughline-{runs_as}-{mark}")  # noqa: S108
    return Cluster(place, data, socket, account)


def _data(place: Path, account: pwd.struct_passwd | None, mark: str) -> Path:
    """The data folder: where it was made, whatever has become of the home's modes since."""
    inside, elsewhere = place / "postgres", place / ELSEWHERE
    if elsewhere.exists():
        return _marked(elsewhere)
    if account is None or inside.exists() or can_reach(account, place):
        return inside
    return SHARED / mark / "postgres"


def mark_elsewhere(here: Cluster) -> None:
    """Leave word in the home where its data are; whole or not at all, whoever reads meanwhile."""
    with tempfile.NamedTemporaryFile("w", dir=here.home, delete=False) as mark:
        mark.write(f"{here.data}\n")
        mark.flush()
        os.fsync(mark.fileno())
    Path(mark.name).chmod(0o644)
    Path(mark.name).rename(here.home / ELSEWHERE)


def _marked(mark: Path) -> Path:
    """Where a mark says that the data are. One that was cut off says nothing: an empty text
    would be a path too, the folder in which a command happens to run."""
    found = Path(mark.read_text().strip())
    if not found.is_absolute() or found.name != "postgres":
        raise Busy(
            f"{mark} does not say where the database's data are",
            remedy=f"write the folder's whole path into it; it is below {SHARED}",
        )
    return found
