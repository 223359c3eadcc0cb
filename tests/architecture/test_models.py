"""Tables: facts that the application cannot change, and migrations that are all there."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

FACTS = [model for model in apps.get_models() if getattr(model, "append_only", False)]


def test_journal_and_observations_are_facts() -> None:
    assert {model.__name__ for model in FACTS} >= {"JournalEntry", "Observation"}


def _refuses(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return True
    return False


def _statements(model: type[models.Model]) -> dict[str, str]:
    table, key = model._meta.db_table, model._meta.pk.column
    return {
        "UPDATE": f'UPDATE "{table}" SET "{key}" = "{key}" WHERE false',
        "DELETE": f'DELETE FROM "{table}" WHERE false',
        "TRUNCATE": f'TRUNCATE "{table}" CASCADE',
        "DROP": f'DROP TABLE "{table}" CASCADE',
    }


@pytest.mark.django_db
@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_the_application_can_only_add_facts(model: type[models.Model]) -> None:
    accepted = [name for name, each in _statements(model).items() if not _refuses(each)]
    assert accepted == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["kernel_journalentry", "figures_observation"])
def test_triggers_stop_those_who_have_the_right_too(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgtype FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        kinds = [row[0] for row in cursor.fetchall()]
    delete, update, truncate = 8, 16, 32  # bits of pg_trigger.tgtype
    assert all(any(kind & bit for kind in kinds) for bit in (delete, update, truncate))


@pytest.mark.django_db
def test_what_is_no_fact_can_be_changed() -> None:
    draft = _statements(apps.get_model("kernel", "Draft"))
    assert not _refuses(draft["UPDATE"])
    assert not _refuses(draft["DELETE"])


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
