"""The planner is told by a role that owns no table."""

import pytest
from django.db import connection

from throughline.kernel.models import JournalEntry
from throughline.kernel.tables import renew_statistics

pytestmark = pytest.mark.django_db

GUESSED = "SELECT reltuples FROM pg_class WHERE oid = %s::regclass"


def guessed() -> float:
    with connection.cursor() as cursor:
        cursor.execute(GUESSED, [JournalEntry._meta.db_table])
        return float(cursor.fetchone()[0])


def test_the_planner_knows_how_many_rows_there_are() -> None:
    renew_statistics(JournalEntry)
    assert guessed() == JournalEntry.objects.count()


def test_all_tables_can_be_renewed_at_once() -> None:
    renew_statistics()
    assert guessed() == JournalEntry.objects.count()


def test_the_application_still_owns_no_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = CURRENT_USER")
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW is_superuser")
        assert cursor.fetchone() == ("off",)
