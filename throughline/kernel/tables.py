"""What the planner of the database knows about tables."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, models


def renew_statistics(*of: type[models.Model]) -> None:
    """Have the tables of some models analysed, or of all models where none is named.

    After much has been written at once: PostgreSQL notices by itself within a minute or so, and
    until then plans queries as if the tables were as empty as before. It takes some 10 ms a
    table. The locks of it last until the transaction ends, so it belongs behind the commit.
    """
    tables = [model._meta.db_table for model in of or apps.get_models()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_analyze(VARIADIC %s::text[]::regclass[])", [tables])
