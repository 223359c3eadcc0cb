"""Backups that were damaged, forged or made elsewhere are refused before anything is touched."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from throughline.kernel import journal
from throughline.kernel.errors import Busy, Conflict, Invalid
from throughline.kernel.models import Draft, JournalEntry
from throughline.running import restoring
from throughline.running.archives import MANIFEST, backup, unpacked
from throughline.running.migrating import migrate
from throughline.running.restoring import restore

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def own_database(
    database_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Path]:
    """The test's own database as the installation's, in a home of its own."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(name, database_environment[name])
    monkeypatch.setenv("THROUGHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(restoring, "bring_up_to_date", lambda: migrate(connections["owner"]))
    yield tmp_path
    connections.close_all()


def act() -> None:
    with transaction.atomic():
        entry = {"act": journal.next_act_number(), "verb": "test.act", "door": "cli", "digest": ""}
        journal.write([entry], with_commit=True)


@pytest.fixture
def archive(own_database: Path) -> Path:
    act()
    act()
    to = own_database / "backup.tar"
    made = backup(to)
    assert (made.journal_position, made.journal_hash) == journal.head()[:2]
    return to


def rewrite(archive: Path, changes: dict[str, bytes | None], **manifest: Any) -> None:
    """Change members of a backup (None removes one), and what the manifest says."""
    with tarfile.open(archive) as tar:
        members: dict[str, bytes | None] = {
            name: content.read() for name in tar.getnames() if (content := tar.extractfile(name))
        }
    told = json.loads(members[MANIFEST] or "") | manifest
    members |= {MANIFEST: json.dumps(told).encode(), **changes}
    with tarfile.open(archive, "w") as tar:
        for name, data in members.items():
            if data is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, BytesIO(data))


@pytest.mark.parametrize(
    ("changes", "manifest", "fault"),
    [
        ({"database.dump": b"other"}, {}, "was damaged"),
        ({"settings.json": None}, {}, "lists: settings.json"),
        ({"files/aa/bb/cc": b"more"}, {}, "lists: files/aa/bb/cc"),
        ({"../out": b"x"}, {"members": {"../out": "0"}}, "lists"),
        ({}, {"format": 99}, "format 99"),
        ({}, {"unknown": 1}, "no backup"),
        ({}, {"migrations": ["kernel.9999_later"]}, "newer release"),
    ],
)
def test_a_backup_that_is_not_as_it_was_made_is_refused(
    archive: Path, changes: dict[str, bytes | None], manifest: dict[str, Any], fault: str
) -> None:
    rewrite(archive, changes, **manifest)
    with pytest.raises(Invalid, match=fault):
        restore(archive, replace=True)
    assert JournalEntry.objects.count() == 2


def test_a_member_that_leads_outside_is_refused(archive: Path, tmp_path: Path) -> None:
    rewrite(
        archive,
        {"database.dump": None, "settings.json": None, "../../out": b"x"},
        members={"../../out": "0"},
    )
    with pytest.raises(Invalid, match="leads out"), unpacked(archive):
        pass
    assert not (tmp_path / "out").exists()


def test_what_is_no_backup_is_refused(own_database: Path) -> None:
    other = own_database / "other.tar"
    other.write_text("no tar")
    for path in (other, own_database / "missing.tar"):
        with pytest.raises(Invalid, match="no backup"):
            restore(path)


def test_nothing_is_overwritten_unasked(archive: Path) -> None:
    with pytest.raises(Conflict, match="exists"):
        backup(archive)
    with pytest.raises(Conflict, match="not empty"):
        restore(archive)


def test_replacing_gives_the_state_of_the_backup(archive: Path) -> None:
    head = journal.head()
    act()
    done = restore(archive, replace=True)
    assert done.verdict.holds
    assert journal.head() == head


def test_company_is_refused(archive: Path, other_connection: object) -> None:
    with pytest.raises(Busy, match="other connections"):
        restore(archive, replace=True)
    assert JournalEntry.objects.count() == 2


def test_a_failing_restore_puts_back_what_was_there(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("a migration fails")

    monkeypatch.setattr(restoring, "bring_up_to_date", fail)
    act()
    with pytest.raises(RuntimeError):
        restore(archive, replace=True)
    assert JournalEntry.objects.count() == 3
    assert not Draft.objects.exists()


def test_a_journal_that_does_not_end_as_noted_is_not_put_in_place(archive: Path) -> None:
    rewrite(archive, {}, journal_hash="f" * 64)
    act()
    done = restore(archive, replace=True)
    assert "the chain ends in" in done.verdict.fault
    assert JournalEntry.objects.count() == 3


def test_no_secret_is_in_a_backup(
    own_database: Path, database_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THROUGHLINE_SECRET_KEY", "do-not-tell")
    monkeypatch.setenv("THROUGHLINE_HTTPS", "1")
    backup(own_database / "backup.tar")
    with tarfile.open(own_database / "backup.tar") as tar:
        settings = json.load(tar.extractfile("settings.json"))  # type: ignore[arg-type]
    assert settings["THROUGHLINE_HTTPS"] == "1"
    assert "do-not-tell" not in settings.values()
    assert b"do-not-tell" not in (own_database / "backup.tar").read_bytes()
