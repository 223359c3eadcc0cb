"""An embedded database of an older PostgreSQL, brought to the one of this release. Django-free.

Dumped from the old programs' server, restored into the new one's. Both run on a socket of
their own meanwhile, so that nobody writes into what is being left. The old data is kept.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from throughline.kernel.errors import Busy, Conflict
from throughline.running import embedded
from throughline.running.clients import run_client
from throughline.running.clusters import OWNER, Cluster, cluster
from throughline.running.programs import majors


@dataclass(frozen=True)
class Upgraded:
    """From which version to which, and where the old data lies."""

    before: int
    now: int
    kept: Path


def upgrade(at: Path | None = None) -> Upgraded:
    """Upgrade the embedded database of a home; it must not be running.

    Raises `Conflict` when there is nothing to do or it runs, `Busy` when the programs of
    its version are not at hand.
    """
    here = cluster(at)
    with embedded.lock(here):
        if not (here.data / "PG_VERSION").exists():
            raise Conflict(f"there is no embedded database in {here.data.parent}")
        before = embedded.data_major(here)
        if before == here.major:
            raise Conflict(f"the database is of PostgreSQL {here.major} already")
        if before not in majors():
            raise Busy(
                f"the programs of PostgreSQL {before} are not at hand",
                remedy="make a backup under the release that has them, and restore it here",
            )
        if embedded.takes_connections(here):
            raise Conflict("the database is running", remedy="run `throughline database stop`")
        kept = here.data.with_name(f"{here.data.name}.{before}")
        with tempfile.TemporaryDirectory(dir=here.home, prefix=".upgrade-") as folder:
            dump = Path(folder) / "database.dump"
            _dump(replace(_apart(here), major=before), dump)
            here.data.rename(kept)
            try:
                _restore(_apart(here), dump)
            except BaseException:
                shutil.rmtree(here.data, ignore_errors=True)
                kept.rename(here.data)
                raise
    return Upgraded(before, here.major, kept)


def _apart(here: Cluster) -> Cluster:
    """The cluster on a socket where nobody looks for it."""
    return replace(here, socket=here.socket.with_name(f"{here.socket.name}-upgrade"))


def _dump(old: Cluster, to: Path) -> None:
    embedded.start(old)
    try:
        run_client(
            "pg_dump", "--format=custom", f"--file={to}", parameters=old.parameters(OWNER)
        )  # fmt: skip
    finally:
        embedded.halt(old)


def _restore(new: Cluster, dump: Path) -> None:
    embedded.initialise(new)
    embedded.start(new)
    try:
        embedded.prepare(new)
        run_client(
            "pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(dump),
            parameters=new.parameters(OWNER),
        )  # fmt: skip
    finally:
        embedded.halt(new)
