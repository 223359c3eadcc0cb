"""Statements that go out together, and the plans that they are carried out by."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from throughline.kernel.pipelining import plan_once, together


def asked(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_they_run_in_their_order_and_what_one_raises_comes_out():
    with together(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.one', '7', true)")
        cursor.execute("SELECT current_setting('throughline.one')")
        assert cursor.fetchone() == ("7",)
    with pytest.raises(DatabaseError), transaction.atomic(), together():
        connection.cursor().execute("SELECT 1 / 0")


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_kept_until_the_transaction_ends():
    with transaction.atomic():
        plan_once()
        assert asked("SHOW plan_cache_mode") == "force_generic_plan"
    assert asked("SHOW plan_cache_mode") == "auto"
