"""One-time passwords: handed over once, good for choosing another, and for nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import Cast
from throughline.bodies.models import Person
from throughline.bodies.rules import ONE_TIME_PASSWORD_LIFE
from throughline.bodies.signing_in import LETTERS, new_one_time_password
from throughline.kernel import clock
from throughline.kernel.models import JournalEntry

OWN = "a password of my own"


@pytest.fixture
def administrator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator.person)
    return client


def reset(administrator: Client, cast: Cast) -> str:
    """The one-time password that the county's officer is given."""
    page = administrator.post(f"/people/{cast.county.person.opaque}/password")
    assert "no-store" in page["Cache-Control"]
    return str(page.context["password"].text)


def signed_in(password: str, login: str = "county") -> Client:
    client = Client()
    client.post("/sign-in", {"login": login, "password": password})
    return client


def test_it_is_read_without_mistaking_a_letter():
    text = new_one_time_password().text
    assert len(text.split("-")) == 4
    assert set(text) <= set(LETTERS) | {"-"}
    assert not set(LETTERS) & set("il1o0")


def test_it_lets_choose_another_and_nothing_else(administrator: Client, cast: Cast):
    client = signed_in(reset(administrator, cast))
    for address in ("/my-work/", "/plans/", "/account", "/search/", "/bodies/"):
        assert client.get(address)["Location"] == "/account/first-password"
    assert client.get("/api/bodies").json()["rule"] == "people.one-time-password"
    assert client.post("/account/language", {"language": "en"}).status_code == 302
    assert not JournalEntry.objects.filter(verb="person.set_language").exists()
    assert client.get("/account/first-password").status_code == 200
    answer = client.post("/account/first-password", {"password": OWN, "again": OWN})
    assert answer["Location"] == "/my-work/"
    assert client.get("/bodies/").status_code == 200
    assert client.get("/account/first-password")["Location"] == "/account"


def test_without_the_redirect_it_would_still_open_nothing(
    administrator: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    client = signed_in(reset(administrator, cast))
    monkeypatch.setattr(
        "throughline.bodies.middleware._choose_a_password_first", lambda request: None
    )
    assert client.get("/bodies/n111-government/").status_code == 404


def test_it_is_no_password_to_keep(administrator: Client, cast: Cast):
    password = reset(administrator, cast)
    client = signed_in(password)
    answer = client.post("/account/first-password", {"password": password, "again": password})
    assert answer.status_code == 422
    assert "another password" in answer.content.decode()
    assert Person.objects.get(login="county").one_time_until


def test_it_expires(administrator: Client, cast: Cast):
    password = reset(administrator, cast)
    until = Person.objects.get(login="county").one_time_until
    assert until is not None
    left = until - clock.now()
    assert ONE_TIME_PASSWORD_LIFE - timedelta(minutes=1) < left <= ONE_TIME_PASSWORD_LIFE
    client = signed_in(password)
    Person.objects.update(one_time_until=clock.now())
    answer = client.post("/account/first-password", {"password": OWN, "again": OWN})
    assert "has expired" in answer.content.decode()
    told = Client().post("/sign-in", {"login": "county", "password": password})
    assert told.status_code == 401
    assert "expired" in told.content.decode()
    wrong = Client().post("/sign-in", {"login": "county", "password": "wrong"})
    assert "expired" not in wrong.content.decode()


def test_a_reset_ends_sessions_and_is_on_record_without_the_password(
    administrator: Client, cast: Cast
):
    before = Client()
    before.force_login(cast.county.person)
    password = reset(administrator, cast)
    assert before.get("/account").status_code == 302
    entry = JournalEntry.objects.get(verb="person.reset_password")
    assert password not in entry.body
    assert "argon2" not in entry.body


def test_a_person_created_by_api_signs_in_by_the_password_of_the_answer(
    administrator: Client, cast: Cast
):
    answer = administrator.post(
        "/api/people", {"login": "li.si", "name": "李四"}, content_type="application/json"
    )
    given = answer.json()
    assert answer.status_code == 201
    client = signed_in(given["one_time_password"], "li.si")
    assert client.get("/my-work/")["Location"] == "/account/first-password"
    again = administrator.post("/api/people", {"login": "li.si"}, content_type="application/json")
    assert (again.status_code, again.json()["place"]) == (409, "login")
