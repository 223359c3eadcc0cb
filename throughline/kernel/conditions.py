"""Conditions that are the same SQL each time, written as such."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler


class Written(Func):
    """A condition over a column, in SQL as it is written. It joins with others by `|`, `&` and
    `~` within `Q`, and is handed to `filter` like them.

    Building and compiling a nested queryset takes Django milliseconds, often longer than
    PostgreSQL takes to answer, and conditions of permission stand several times on every page.
    `{column}` stands in the SQL for the column, wherever it is wanted; `%s` for the values, in
    their order.
    """

    output_field = BooleanField()

    def __init__(self, sql: str, column: str | Combinable, *values: Any) -> None:
        super().__init__(column)
        self.sql = sql
        self.values = values

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_other: Any
    ) -> tuple[str, list[Any]]:
        """The SQL with the column by its name in the statement at hand."""
        column, _none = compiler.compile(self.get_source_expressions()[0])
        return self.sql.replace("{column}", column), [*self.values]
