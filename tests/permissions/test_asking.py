"""Every query that answers with rows, by the cast, asked without any page between."""

from __future__ import annotations

import inspect

import pytest

from tests.permissions.asking import QUESTIONS, Question
from tests.permissions.guards import functions
from tests.world import World


def _answers_with_rows(name: str, function: object) -> bool:
    answer = str(inspect.signature(function).return_annotation)  # type: ignore[arg-type]
    return name.endswith("_visible_to") or answer.startswith(("QuerySet", "Q"))


def test_every_query_with_rows_is_listed() -> None:
    rows = {name for name, each in functions().items() if _answers_with_rows(name, each)}
    assert rows <= {question.name for question in QUESTIONS}


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_everybody_gets_what_is_listed(question: Question, world: World) -> None:
    assert question.shares(world) == question.expected()
