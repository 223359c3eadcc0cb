"""Pages under odd addresses and odd forms: they may refuse, they may not break."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.odd import bounded, languages, values
from tests.permissions.endpoints import client_of, endpoints, views
from tests.permissions.matrix import CASES
from tests.world import World
from throughline.figures.pages import asking

MEMBERS = ("coordinator", "county")
SPARED = re.compile(r"^(sign-out|change-password|api:.*)$")
"""Signing out would end what is tried, passwords cost time, the API has its own test."""

ROUTES = {name: route for name, route in endpoints().items() if not SPARED.match(name)}
READ = re.compile(r'(?:GET|POST)\.get(?:list)?\("(\w+)"')
"""How pages read a parameter."""
PART = re.compile(r"<(?:\w+:)?(\w+)>")


def _parameters(view: Callable[..., Any]) -> list[str]:
    """What a page reads from its address, and something that it does not know."""
    module = import_module(view.__module__)
    return sorted({*READ.findall(inspect.getsource(module) + inspect.getsource(asking)), "unknown"})


PARAMETERS = {name: _parameters(view) for name, view in views().items() if name in ROUTES}


def _status(client: Client, method: str, address: str, data: Any, language: str) -> int:
    """The status of an answer read to its end. A page that breaks raises here."""
    with transaction.atomic():
        answer = getattr(client, method)(address, data, headers={"accept-language": language})
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return int(answer.status_code)


def _address(route: str, meant: dict[str, Any], odd: dict[str, str]) -> str:
    """A route's address with what the matrix puts there, or something odd instead."""
    filled = {name: str(value) for name, value in meant.items()} | odd
    return "/" + PART.sub(lambda part: quote(filled.get(part[1], "x"), safe="") or "-", route)


def _fields(form: dict[str, Any]) -> st.SearchStrategy[dict[str, str]]:
    """Some fields of a form, and one that it does not have, with odd values."""
    return st.dictionaries(st.sampled_from([*sorted(form), "unknown"]), values, max_size=3)


pairs = st.lists(st.tuples(st.integers(0, 99), values), min_size=1, max_size=3)
"""Values with the number of the parameter, or part of an address, that they are given to."""


@pytest.mark.parametrize("endpoint", sorted(ROUTES))
@bounded(short=10)
@given(
    number=st.integers(0, 99),
    odd=pairs,
    bent=st.booleans(),
    member=st.sampled_from(MEMBERS),
    language=languages,
)
def test_no_address_breaks_a_page(
    endpoint: str,
    whole_world: World,
    number: int,
    odd: list[tuple[int, str]],
    bent: bool,
    member: str,
    language: str,
) -> None:
    cases = [case for case in CASES if case.endpoint == endpoint]
    meant = dict(cases[number % len(cases)].arguments(whole_world))
    names, parts = PARAMETERS[endpoint], PART.findall(ROUTES[endpoint])
    asked = {names[which % len(names)]: value for which, value in odd}
    inside = {parts[which % len(parts)]: value for which, value in odd[:1]} if parts else {}
    address = _address(ROUTES[endpoint], meant, inside if bent else {})
    assert _status(client_of(whole_world, member), "get", address, asked, language) < 500


FORMS = [case for case in CASES if case.form is not None and case.endpoint in ROUTES]


@pytest.mark.parametrize("case", FORMS, ids=str)
@bounded(short=8)
@given(data=st.data())
def test_no_form_breaks_a_page(case: Any, whole_world: World, data: st.DataObject) -> None:
    form = dict(case.form(whole_world))
    meant = {name: str(value) for name, value in case.arguments(whole_world).items()}
    address = _address(ROUTES[case.endpoint], meant, {})
    sent = form | data.draw(_fields(form))
    client = client_of(whole_world, data.draw(st.sampled_from(MEMBERS)))
    assert _status(client, "post", address, sent, data.draw(languages)) < 500


def test_a_page_that_breaks_is_noticed(whole_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_anything: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("throughline.config.pages.work.work_for", broken)
    with pytest.raises(ZeroDivisionError):
        _status(client_of(whole_world, "county"), "get", "/my-work/", {}, "en")
