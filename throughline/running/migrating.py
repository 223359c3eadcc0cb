"""Bringing the database to this release: migrations by the owner, rights for the application."""

from __future__ import annotations

from django.apps import apps
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from throughline.running.database import grant_application_role, grant_database


def append_only_tables() -> list[str]:
    """The tables of every model that says `append_only`."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)
    )


def migrate(owner: BaseDatabaseWrapper, verbosity: int = 0) -> None:
    """Run all migrations over the owner's connection and grant the application its rights."""
    call_command("migrate", database=owner.alias, interactive=False, verbosity=verbosity)
    with transaction.atomic(using=owner.alias):  # so that nobody sees the rights half given
        grant_database(owner, str(owner.settings_dict["NAME"]))
        grant_application_role(owner, append_only_tables())
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE")


def bring_up_to_date() -> None:
    """Migrate this installation's database."""
    migrate(connections["owner"])
