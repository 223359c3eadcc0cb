"""The permission matrix: every endpoint, by every member of the cast."""

from __future__ import annotations

import pytest
from django.urls import get_resolver, include, path

from tests.permissions.endpoints import METHODS, Request, client_of, endpoints
from tests.permissions.matrix import ANY_METHOD, CASES, MEMBERS, Case
from tests.world import World
from throughline.running.pages import healthz

ENDPOINTS = endpoints()


def statuses(world: World, case: Case) -> dict[str, int]:
    """What each member of the cast gets."""
    request = case.request(world)
    found = {}
    for member in MEMBERS:
        answer = request.send(client_of(world, member, case.scopes))
        found[member] = answer.status_code
    return found


def differences(world: World, case: Case) -> dict[str, str]:
    """Where the answers differ from the matrix, by member."""
    return {
        member: f"{status}, not {case.who[member]}"
        for member, status in statuses(world, case).items()
        if status != case.who[member]
    }


def test_every_endpoint_is_classified_and_nothing_else() -> None:
    assert sorted({case.endpoint for case in CASES}) == sorted(ENDPOINTS)


def test_a_new_endpoint_would_be_found() -> None:
    grown = [
        *get_resolver().url_patterns,
        path("deep/", include([path("new", healthz, name="new-page")])),
        path("nameless", healthz),
    ]
    assert set(endpoints(grown)) - set(ENDPOINTS) == {"new-page", "(nameless) nameless"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_everybody_gets_the_answer_of_the_matrix(case: Case, world: World) -> None:
    assert differences(world, case) == {}


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
def test_a_method_that_is_not_classified_is_not_offered(endpoint: str, world: World) -> None:
    here = [case for case in CASES if ENDPOINTS.get(case.endpoint) == ENDPOINTS[endpoint]]
    assert here, f"classify {endpoint} in tests/permissions/matrix.py"
    client = client_of(world, "coordinator")
    arguments = here[0].arguments(world)
    got = {
        method: Request(endpoint, method, arguments).send(client).status_code
        for method in set(METHODS) - {case.method for case in here}
    }
    allowed = {405, here[0].who["coordinator"]} if endpoint in ANY_METHOD else {405}
    assert {method: status for method, status in got.items() if status not in allowed} == {}
