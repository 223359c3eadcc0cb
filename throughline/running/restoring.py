"""Putting a backup in place of an empty database, or of one that is to be replaced."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import ProgrammingError, connections, transaction
from django.db.migrations.loader import MigrationLoader

from throughline.kernel.commands import export_lines
from throughline.kernel.errors import Busy, Conflict, Invalid
from throughline.kernel.verify import Verdict, verify_export
from throughline.running.archives import (
    DUMP,
    SETTINGS,
    Manifest,
    configuration,
    stored_files,
    unpacked,
)
from throughline.running.clients import run_client
from throughline.running.database import parameters, require_two_roles
from throughline.running.home import home
from throughline.running.migrating import bring_up_to_date

ASIDE = "before_restore"
"""The schema that keeps what a restore replaces until the restore has worked."""


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    verdict: Verdict
    files: int
    other_settings: dict[str, str]


def restore(archive: Path, *, replace: bool = False) -> Restored:
    """Restore a backup, bring it to this release and verify its journal.

    What stood in the database is put back when the restore fails, and when it replaced
    something and the restored journal does not verify.
    """
    require_two_roles()
    with unpacked(archive) as (place, manifest):
        _refuse_newer(manifest)
        _refuse_company()
        if not replace and _has_happened():
            raise Conflict(
                "the database is not empty", remedy="`--replace` puts the backup in its place"
            )
        _set_aside()
        try:
            verdict = _fill(place, manifest)
        except BaseException:
            _put_back()
            raise
        if replace and not verdict.holds:
            _put_back()
        else:
            _execute(f"DROP SCHEMA {ASIDE} CASCADE")
        settings = json.loads((place / SETTINGS).read_text()).items() - configuration().items()
        return Restored(manifest, verdict, _place_files(place), dict(settings))


def _fill(place: Path, manifest: Manifest) -> Verdict:
    run_client(
        "pg_restore", "--no-owner", "--no-privileges", "--single-transaction",
        "--exit-on-error", str(place / DUMP), parameters=parameters(owner=True),
    )  # fmt: skip
    bring_up_to_date()
    return verify_export(export_lines(), expect_head=manifest.journal_hash)


def _execute(*statements: str) -> None:
    """Run statements as the owner, all or none; nobody keeps a connection to the old tables."""
    connections.close_all()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _set_aside() -> None:
    _execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE", f"ALTER SCHEMA public RENAME TO {ASIDE}")


def _put_back() -> None:
    _execute("DROP SCHEMA IF EXISTS public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")


def _refuse_newer(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if set(manifest.migrations) - known:
        raise Invalid(
            f"the backup was made by a newer release, {manifest.version}",
            remedy="install that release first",
        )


def _refuse_company() -> None:
    """Whoever else uses the database would see it vanish."""
    connections.close_all()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        others = cursor.fetchone()[0]
    if others:
        raise Busy(
            f"{others} other connections use the database", remedy="stop `throughline serve` first"
        )


def _has_happened() -> bool:
    """Whether anything was ever done here: whatever happens is in the journal."""
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM kernel_journalentry)")
            return bool(cursor.fetchone()[0])
    except ProgrammingError:  # not even migrated
        return False


def _place_files(place: Path) -> int:
    """Copy a backup's files into the home; those that are there already are kept."""
    copied = 0
    for name, path in stored_files(place).items():
        to = home() / name
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)
            copied += 1
    return copied
