"""A backup: one tar file with the database, the files, the settings and a manifest.

The manifest gives the SHA-256 of every other member, the versions, and the journal's head
at the very snapshot that was dumped. No password is in a backup: a restored installation
has its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from throughline import __version__
from throughline.kernel import clock
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.verify import ORIGIN
from throughline.running.clients import run_client
from throughline.running.database import parameters
from throughline.running.home import home

FORMAT = 1
DUMP = "database.dump"
SETTINGS = "settings.json"
MANIFEST = "manifest.json"
FILES = "files"

_CONFIGURATION = ("HOSTS", "ORIGINS", "HTTPS", "HOST", "PORT", "WORKERS", "THREADS", "LOG_LEVEL",
                  "UPLOAD_LIMIT", "DEBUG")  # fmt: skip
"""The variables `THROUGHLINE_…` that a backup tells: named one by one, others may be secret."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    version: str
    python: str
    postgresql: str
    made_at: str
    migrations: list[str]
    journal_position: int
    journal_hash: str
    members: dict[str, str]


def configuration() -> dict[str, str]:
    """The environment that configures this installation, without secrets."""
    names = [f"THROUGHLINE_{name}" for name in _CONFIGURATION]
    return {name: os.environ[name] for name in names if name in os.environ}


def backup(to: Path) -> Manifest:
    """Write a backup that only its owner can read; nothing is ever overwritten.

    Files are listed after the database's snapshot: all that it names are there by then.
    """
    if to.exists():
        raise Conflict(f"{to} exists already", remedy="name a new file")
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".backup-") as name:
        place = Path(name)
        manifest = _dump(place / DUMP)
        (place / SETTINGS).write_text(json.dumps(configuration(), indent=1))
        contents = {DUMP: place / DUMP, SETTINGS: place / SETTINGS} | stored_files(home())
        manifest.members.update({name: _sha256(path) for name, path in contents.items()})
        (place / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        whole = place / "backup.tar"
        whole.touch(mode=0o600)
        with tarfile.open(whole, "w") as tar:
            for member, path in {MANIFEST: place / MANIFEST, **contents}.items():
                tar.add(path, member)
        whole.rename(to)
    return manifest


def stored_files(place: Path) -> dict[str, Path]:
    """The files kept under a folder, by their names in a backup; not those just coming in."""
    found = sorted((place / FILES).glob("*/*/*"))
    return {str(path.relative_to(place)): path for path in found}


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _dump(to: Path) -> Manifest:
    """Dump the database as the owner; a manifest of that snapshot, without members yet."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        snapshot, version = cursor.fetchone()
        cursor.execute(
            "SELECT position, hash FROM kernel_journalentry ORDER BY position DESC LIMIT 1"
        )
        position, head = cursor.fetchone() or (0, ORIGIN)
        applied = MigrationRecorder(connections["owner"]).applied_migrations()
        run_client(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--schema=public",
            f"--snapshot={snapshot}", f"--file={to}", parameters=parameters(owner=True),
        )  # fmt: skip
    return Manifest(
        format=FORMAT,
        version=__version__,
        python=platform.python_version(),
        postgresql=version,
        made_at=clock.to_text(clock.now()),
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        journal_position=position,
        journal_hash=head,
        members={},
    )


@contextmanager
def unpacked(archive: Path) -> Iterator[tuple[Path, Manifest]]:
    """A backup's content in a temporary folder, checked against its manifest.

    Raises `Invalid` for a file that is no backup or was damaged.
    """
    with tempfile.TemporaryDirectory(dir=home(), prefix=".restore-") as name:
        place = Path(name).resolve()
        try:
            with tarfile.open(archive) as tar:
                manifest = Manifest(**json.loads(_content(tar, MANIFEST).read()))
                fault = _unpack(tar, manifest, place)
        except (OSError, tarfile.TarError, ValueError, TypeError, KeyError) as error:
            fault = f"no backup of Throughline: {error}"
        if fault:
            raise Invalid(fault, place=str(archive), remedy="take another copy of the backup")
        yield place, manifest


def _content(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    content = tar.extractfile(name)
    if content is None:
        raise ValueError(f"{name} is no file")
    return content


def _unpack(tar: tarfile.TarFile, manifest: Manifest, place: Path) -> str:
    """Unpack what the manifest lists; the first fault found, or nothing."""
    if manifest.format != FORMAT:
        return f"a backup of format {manifest.format}, not {FORMAT}"
    if different := sorted({*tar.getnames()} ^ {MANIFEST, *manifest.members}):
        return f"does not hold what its manifest lists: {', '.join(different[:5])}"
    for name, digest in manifest.members.items():
        to = (place / name).resolve()
        if not to.is_relative_to(place):
            return f"{name} leads out of the backup"
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("wb") as out:
            shutil.copyfileobj(_content(tar, name), out)
        if _sha256(to) != digest:
            return f"{name} was damaged: its SHA-256 is another than when it was made"
    return ""
