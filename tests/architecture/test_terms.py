"""`docs/terms.md`: each term of the field is one class or function, and each table has a term."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from tests.architecture.tree import DOCS, table_rows

ROWS = table_rows(DOCS / "terms.md", columns=4)
NAMES = [row[2].strip("`") for row in ROWS]


def found(name: str) -> Any:
    """What a dotted name stands for: a member of a module, or of a class in it."""
    parts = name.split(".")
    here: Any = import_module(".".join(parts[:3]))
    for depth, part in enumerate(parts[3:], start=4):
        if not hasattr(here, part):
            import_module(".".join(parts[:depth]))
        here = getattr(here, part)
    return here


def test_the_page_has_terms() -> None:
    assert len(ROWS) > 40


@pytest.mark.parametrize("name", NAMES)
def test_what_a_term_names_is_a_class_or_function_that_stands_there(name: str) -> None:
    term = found(name)
    assert callable(term)
    assert f"{term.__module__}.{term.__qualname__}" == name


def test_no_term_and_no_class_stands_twice() -> None:
    for column in (0, 1, 2):
        counts = Counter(row[column] for row in ROWS)
        assert [each for each, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_term_stands_in_both_languages_and_is_explained(row: list[str]) -> None:
    english, chinese, _name, meaning = row
    assert english.isascii()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert meaning


def test_every_table_has_its_term() -> None:
    models = [m for m in apps.get_models() if m.__module__.startswith("throughline.")]
    tables = {f"{model.__module__}.{model.__qualname__}" for model in models}
    assert {name for name in tables if ".tests." not in name} <= set(NAMES)


def test_what_does_not_exist_would_be_found() -> None:
    with pytest.raises((ImportError, AttributeError)):
        found("throughline.plans.models.Programme")
