"""Backup, wipe, restore; and an older PostgreSQL brought to this release's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.installation import Installation, remove_tree
from throughline.running.clusters import cluster
from throughline.running.programs import MAJOR, majors

pytestmark = pytest.mark.faults

QUESTION = ("value", "resident-urbanization-rate", "--unit", "CN", "--period", "2020", "--json")


def wipe(installation: Installation) -> None:
    """Lose everything but the folder of the home."""
    installation.run("database", "stop")
    remove_tree(cluster(installation.home).data)
    for path in installation.home.iterdir():
        if path.suffix != ".tar":
            remove_tree(path) if path.is_dir() else path.unlink()


def head(installation: Installation) -> str:
    verdict = json.loads(installation.run("journal", "verify", "--json"))
    assert verdict["entries"] > 0
    return str(verdict["head"])


def test_a_backup_survives_the_loss_of_everything(empty: Installation) -> None:
    empty.run("demo")
    before, answer = head(empty), empty.run(*QUESTION)
    assert json.loads(answer)["value"]
    stored = empty.home / "files" / "ab" / "cd" / "abcd"
    stored.parent.mkdir(parents=True)
    stored.write_text("evidence")
    archive = empty.home / "backup.tar"
    empty.run("backup", str(archive))
    assert archive.stat().st_mode & 0o077 == 0
    wipe(empty)
    done = json.loads(empty.run("restore", str(archive), "--json"))
    assert done["journal"]["holds"]
    assert done["journal"]["head"] == before
    assert empty.run(*QUESTION) == answer
    assert stored.read_text() == "evidence"
    assert head(empty) == before
    empty.run("doctor")
    empty.act()  # the application's role can go on writing


@pytest.mark.skipif(16 not in majors(), reason="the programs of PostgreSQL 16 are not at hand")
def test_a_database_of_postgresql_16_is_upgraded(empty: Installation) -> None:
    start_with(empty, 16)
    empty.run("migrate")
    empty.act()
    before = head(empty)
    empty.run("database", "stop")
    assert "database upgrade" in empty.run("database", "start", fails=True)
    done = json.loads(empty.run("database", "upgrade", "--json"))
    assert (done["before"], done["now"]) == (16, MAJOR)
    assert done["journal"]["head"] == before
    assert head(empty) == before
    assert (Path(done["kept"]) / "PG_VERSION").read_text().strip() == "16"
    empty.run("doctor")
    empty.act()


def start_with(installation: Installation, major: int) -> None:
    """Start the home's database under an older PostgreSQL."""
    script = (
        "from dataclasses import replace; from throughline.running import clusters, embedded;"
        f"old = replace(clusters.cluster(), major={major});"
        "embedded.initialise(old); embedded.start(old); embedded.prepare(old)"
    )
    process = installation.start("-c", script)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
