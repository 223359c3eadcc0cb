"""PostgreSQL's client programs (pg_dump, pg_restore), run by the caller. Django-free."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo

from throughline.kernel.errors import Busy
from throughline.running.database import uses_embedded
from throughline.running.programs import programs


def client(program: str) -> Path:
    """The program: the embedded server's, or for your own server the one in the PATH."""
    found = None if uses_embedded() else shutil.which(program)
    return Path(found) if found else programs(None) / program


def run_client(program: str, *arguments: str, parameters: dict[str, str]) -> None:
    """Run a client program on a database. Raises `Busy` with what it said when it fails."""
    public = {name: value for name, value in parameters.items() if name != "password"}
    done = subprocess.run(
        [client(program), f"--dbname={make_conninfo(**public)}", *arguments],
        env=os.environ | {"PGPASSWORD": parameters.get("password", ""), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Busy(f"{program}: {done.stderr.strip()}")
