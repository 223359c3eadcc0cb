"""Rows of models without what their SQL costs to build.

Django builds the SQL of a query anew each time it is asked, which for a join of wide tables
takes longer than the database does. What is read for every page or every changed figure is
written out once by `select` instead; the rows are what a queryset would give.

What is written for thousands at once, `update` writes.

What costs most is an order: for each column of an ordered statement Django works out a hash, in
a join some milliseconds. `the_one` and `in_order` read without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

Converter = Callable[[Any, Any, Any], Any]


class _Kind:
    """A model as its rows are read: its columns, and what turns a column into a value."""

    def __init__(self, model: type[Model]) -> None:
        fields = model._meta.concrete_fields
        self.model = model
        self.names = [field.attname for field in fields]
        self.columns = [str(field.column) for field in fields]
        self.key = self.columns.index(str(model._meta.pk.column))
        self.converted: list[tuple[int, Any, list[Converter]]] = [
            (number, field.get_col(model._meta.db_table), converters)
            for number, field in enumerate(fields)
            if (converters := field.get_db_converters(connection))
        ]

    def row(self, values: Sequence[Any]) -> Model | None:
        """A row; None where an outer join found nothing."""
        if values[self.key] is None:
            return None
        if self.converted:
            values = list(values)
            for number, column, converters in self.converted:
                for convert in converters:
                    values[number] = convert(values[number], column, connection)
        return self.model.from_db(connection.alias, self.names, values)


def the_one(rows: QuerySet[M]) -> M | None:
    """The row of a queryset that a unique key keeps to one, or None: `.first()` unordered."""
    return next(iter(rows.order_by()), None)


def in_order(rows: QuerySet[M], *names: str) -> list[M]:
    """All rows of a queryset, ordered here by attributes (`plan.key`) that are never None."""
    return sorted(rows.order_by(), key=attrgetter(*names))


@cache
def _kind(model: type[Model]) -> _Kind:
    return _Kind(model)


@cache
def _head(models: tuple[tuple[str, type[Model]], ...]) -> str:
    columns = (f'{name}."{column}"' for name, model in models for column in _kind(model).columns)
    return f"SELECT {', '.join(columns)} FROM "  # noqa: S608 (names of models)


def select(rest: str, given: Sequence[Any], **models: type[Model]) -> Iterator[tuple[Any, ...]]:
    """The rows of some models, side by side; `rest` is the statement from behind FROM, in which
    the models go by their names here.

    An outer join that found nothing gives None. Relations between them are for the caller to
    set: `series.producer = body`.
    """
    return send(rest, given, **models)()


def send(
    rest: str, given: Sequence[Any], **models: type[Model]
) -> Callable[[], Iterator[tuple[Any, ...]]]:
    """`select` in two steps: the statement is sent, and what comes back reads its rows. Within
    `pipelining.together` nobody waits for it before that."""
    kinds = [_kind(model) for model in models.values()]
    cursor = connection.cursor()
    cursor.execute(_head(tuple(models.items())) + rest, given)

    def rows() -> Iterator[tuple[Any, ...]]:
        with cursor:
            found = cursor.fetchall()
        for row in found:
            split, at = [], 0
            for kind in kinds:
                split.append(kind.row(row[at : at + len(kind.columns)]))
                at += len(kind.columns)
            yield tuple(split)

    return rows


@cache
def _setting(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    of = {field.name: field for field in model._meta.concrete_fields}
    fields = [of[name] for name in names]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    key = model._meta.pk.column
    table = model._meta.db_table
    return f'UPDATE "{table}" SET {columns} WHERE "{key}" = %s', fields  # noqa: S608 (of models)


def update(row: Model, *names: str) -> None:
    """Write some fields of a row that the caller has locked: `row.save(update_fields=names)`."""
    statement, fields = _setting(type(row), names)
    given = [field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, row.pk])
