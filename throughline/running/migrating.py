"""Bringing an installation to this release: migrations by the owner, rights for the
application, static files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from throughline.kernel.errors import Busy
from throughline.running.database import (
    grant_application_role,
    grant_database,
    require_two_roles,
)


def append_only_tables() -> list[str]:
    """The tables of every model that says `append_only`."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)
    )


def missing_migrations() -> list[str]:
    """Migrations of this release that the database does not have, as `app.name`."""
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def migrate(owner: BaseDatabaseWrapper, verbosity: int = 0) -> None:
    """Run all migrations over the owner's connection and grant the application its rights."""
    call_command("migrate", database=owner.alias, interactive=False, verbosity=verbosity)
    with transaction.atomic(using=owner.alias):  # so that nobody sees the rights half given
        grant_database(owner, str(owner.settings_dict["NAME"]))
        grant_application_role(owner, append_only_tables())
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE")


def bring_up_to_date(verbosity: int = 0) -> None:
    """Bring this installation's database and static files to this release."""
    require_two_roles()
    migrate(connections["owner"], verbosity)
    build_static_files()


@contextmanager
def compiling() -> Iterator[None]:
    """Meanwhile have the roll-up's kernels compiled, in a process of its own: some 20 s of one
    core after each release that changes them. Left to the roll-up process it would be those of
    the first readers, whose pages are slower without the cube on top."""
    process = subprocess.Popen([sys.executable, "-m", "throughline", "rollup", "compile"])
    try:
        yield
        if process.poll() is None:
            sys.stderr.write("compiling the roll-up for this machine\n")
    except BaseException:
        process.terminate()
        raise
    finally:
        process.wait()


def static_files_are_current() -> bool:
    """Whether the built static files are younger than everything they are built from."""
    if settings.DEBUG:
        return True  # served as they lie
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    built = manifest.stat().st_mtime
    sources = (
        Path(storage.path(name))
        for finder in get_finders()
        for name, storage in finder.list(ignore_patterns=[])
    )
    return all(source.stat().st_mtime <= built for source in sources)


def build_static_files() -> None:
    """Build the static files when they are not current.

    Raises `Busy` when one refers to another that is not there.
    """
    if static_files_are_current():
        return
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    except ValueError as error:
        raise Busy(
            f"the static files cannot be built: {str(error).splitlines()[0]}",
            remedy="fetch the front-end packages: `python -m throughline.ui.vendor`",
        ) from error
