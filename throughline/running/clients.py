"""PostgreSQL's client programs (pg_dump, pg_restore), run by the caller. Django-free."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from throughline.kernel.errors import Busy
from throughline.running.programs import majors, programs


def client(program: str, major: int) -> Path:
    """The program of the server's own major version, else of the next newer one at hand.

    An older pg_dump refuses the server; a newer pg_restore may set what it does not know.
    """
    found = [(own, programs(None, own) / program) for own in majors()]
    if installed := shutil.which(program):
        found.append((_major_of(installed), Path(installed)))
    fitting = [(its, path) for its, path in found if its >= major]
    if not fitting:
        raise Busy(
            f"there is no {program} for PostgreSQL {major}",
            remedy="install the client programs of your server's version",
        )
    return min(fitting)[1]


def _major_of(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)", said.stdout)
    return int(number[1]) if number else 0


def run_client(program: str, *arguments: str, parameters: dict[str, str]) -> None:
    """Run a client program on a database. Raises `Busy` with what it said when it fails."""
    with psycopg.connect(make_conninfo(**parameters)) as server:
        major = server.info.server_version // 10000
    # The password goes by the environment: everybody can read a command line.
    public = {name: value for name, value in parameters.items() if name != "password"}
    done = subprocess.run(
        [client(program, major), f"--dbname={make_conninfo(**public)}", *arguments],
        env=os.environ | {"PGPASSWORD": parameters.get("password", ""), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Busy(f"{program}: {done.stderr.strip()}")
