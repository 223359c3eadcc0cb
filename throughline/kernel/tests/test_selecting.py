"""Rows by a written statement are what a queryset gives."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from throughline.kernel import clock
from throughline.kernel.models import Draft
from throughline.kernel.selecting import select


@pytest.fixture
def drafts(db: None) -> list[Draft]:
    for number in range(3):
        Draft.objects.create(
            person="0" * 32, form=f"form {number}", updated_at=clock.now(),
            content={"a": [number, "二"]},
        )  # fmt: skip
    return list(Draft.objects.order_by("pk"))


def _values(row: Draft) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_rows_are_whole_and_asked_for_at_once(drafts: list[Draft]) -> None:
    with CaptureQueriesContext(connection) as captured:
        found = [row for (row,) in select("kernel_draft d ORDER BY d.id", [], d=Draft)]
        assert [_values(row) for row in found] == [_values(row) for row in drafts]
    assert len(captured) == 1
    assert all(not row._state.adding and row._state.db == "default" for row in found)


def test_rows_stand_side_by_side_and_an_outer_join_may_find_none(drafts: list[Draft]) -> None:
    rest = (
        "kernel_draft d LEFT JOIN kernel_draft o ON o.id = d.id + 1"
        " WHERE d.form = ANY(%s) ORDER BY d.id"
    )
    _first, second, third = drafts
    pairs = list(select(rest, [["form 1", "form 2"]], d=Draft, o=Draft))
    assert pairs == [(second, third), (third, None)]
