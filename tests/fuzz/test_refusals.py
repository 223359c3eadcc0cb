"""What fuzzing found, each kept as a test of its own, with what would happen without the mend."""

from __future__ import annotations

import json

import pytest
from django.db import DataError, transaction
from django.test import Client

from tests.permissions.endpoints import client_of
from tests.world import World

NUL = "a\x00b"


@pytest.fixture
def county(whole_world: World) -> Client:
    return client_of(whole_world, "county")


@pytest.mark.parametrize(
    "address", ["/journal/?verb=a%00b", "/api/places/land?words=a%00b", "/places/land/a%00b/"]
)
def test_a_text_that_cannot_be_stored_is_refused(county: Client, address: str) -> None:
    assert county.get(address).status_code == 422


def test_without_the_refusal_the_page_breaks(
    county: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("throughline.config.errors.is_storable", lambda _value: True)
    with pytest.raises((ValueError, DataError)), transaction.atomic():
        county.get("/journal/?verb=a%00b")


@pytest.mark.parametrize("text", [NUL, "\ud800"], ids=["nul", "half of a pair"])
def test_a_body_that_cannot_be_stored_is_refused(county: Client, text: str) -> None:
    sent = {"name": text, "scopes": [], "expires_at": "2030-01-01T00:00:00Z"}
    answer = county.post("/api/tokens", json.dumps(sent), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid")


def test_a_draft_that_cannot_be_stored_is_refused(county: Client) -> None:
    sent = {"form": "f", "url": "/", "content": json.dumps({"a": NUL})}
    assert county.post("/drafts/", sent).status_code == 422


def test_a_body_that_is_no_json_is_refused_in_the_form_of_all_refusals(county: Client) -> None:
    answer = county.post("/api/tokens", "{", content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "message"}


def test_the_api_says_in_its_own_form_that_an_address_does_not_exist(county: Client) -> None:
    answer = county.get("/api/plans/growth/nothing/")
    assert (answer.status_code, answer.json()["error"]) == (404, "not-found")
    assert county.get("/nothing/")["Content-Type"].startswith("text/html")
