"""The API against its own description: whatever is sent, no defect and no undeclared answer.

Sent in the process to the WSGI application; nothing goes over a network.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.architecture.tree import DOCS
from tests.fuzz.odd import KNOWN, bounded
from tests.permissions.endpoints import token_of
from tests.world import World
from throughline.bodies.rules import Scope

MEMBER = "county"
SCOPES = frozenset({Scope.READ, Scope.FIGURES_WRITE, Scope.JOURNAL_READ})


@cache
def _handler() -> WSGIHandler:
    """The application, made when the first request comes and the settings of tests hold."""
    return get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """What a server would call."""
    return _handler()(environ, start_response)


schema = schemathesis.openapi.from_dict(json.loads((DOCS / "openapi.json").read_text("utf-8")))
schema.app = application

MEANT = {
    "plan": "growth", "scheme": "land", "code": "N111", "unit": "N111", "period": "2020",
    "series": "jobs-reported", "place": "N111", "words": "Place",
}  # fmt: skip
"""For parameters of which a guessed value never fits."""
KEYS = {"indicators": "jobs", "elements": "task", "bodies": "cabinet"}


def _strewn(path: str, given: Any) -> Any:
    """Parameters, some of them with a value that means something, by their own content."""
    if not isinstance(given, dict):
        return given
    dice = random.Random(repr(sorted(given.items(), key=str)))  # the same for the same example
    key = next((value for part, value in KEYS.items() if f"/{part}/" in path), "jobs")
    meant = MEANT | {"key": key}
    return {
        name: dice.choice([value, meant[name], meant[name], dice.choice(KNOWN)])
        if name in meant
        else value
        for name, value in given.items()
    }


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    return _strewn(context.operation.path, path_parameters)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    return _strewn(context.operation.path, query)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    return _strewn(context.operation.path, body)


@pytest.fixture(scope="module")
def authorization(whole_world: World) -> str:
    """The header by which an ordinary member of the cast sends a request."""
    return f"Bearer {token_of(whole_world, MEMBER, SCOPES)}"


NOT_ASKED = (negative_data_rejection, positive_data_acceptance)
"""A rule may refuse what the description allows (a change needs a reason); and a value that
means something may have taken the place of one that was made up to be refused."""


@schema.parametrize()
@bounded(short=12)
def test_every_answer_is_declared(case: Any, authorization: str) -> None:
    with transaction.atomic():
        case.call_and_validate(
            headers={"Authorization": authorization}, excluded_checks=list(NOT_ASKED)
        )
        transaction.set_rollback(True)
