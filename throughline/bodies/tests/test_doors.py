"""The pages, the API and the command line of this room."""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.cast import DISMISSED, Cast
from throughline.bodies.authentication import client_address
from throughline.bodies.commands import COMMANDS
from throughline.bodies.models import Holding, Person, SignInAttempt, Token
from throughline.kernel import clock
from throughline.kernel.errors import Invalid, NotFound
from throughline.kernel.models import JournalEntry

PASSWORD = "a password of the tests"
ENCODED = make_password(PASSWORD)


@pytest.fixture
def county(cast: Cast) -> Person:
    Person.objects.filter(pk=cast.county.person.pk).update(password=ENCODED)
    return Person.objects.get(pk=cast.county.person.pk)


def credentials(**changed: str) -> dict[str, str]:
    return {"login": "county", "password": PASSWORD} | changed


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("position").values_list("verb", flat=True))


# -- signing in by page --------------------------------------------------------------------


def test_signing_in_and_out_is_on_record(client: Client, county: Person):
    assert client.post("/sign-in", credentials()).status_code == 302
    assert client.get("/account").status_code == 200
    assert client.post("/sign-out").status_code == 302
    assert client.get("/account").status_code == 302
    assert verbs() == ["person.sign_in", "person.sign_out"]
    entry = JournalEntry.objects.get(verb="person.sign_in")
    assert (entry.person, entry.body_code, entry.door) == (
        county.opaque,
        "n111-government",
        "web",
    )


def test_a_failure_is_no_entry_of_the_journal_and_gives_no_hint(client: Client, county: Person):
    wrong = client.post("/sign-in", credentials(password="wrong"))
    unknown = client.post("/sign-in", credentials(login="unknown"))
    assert wrong.status_code == unknown.status_code == 401
    for answer in (wrong, unknown):
        assert "The login or the password is not right." in answer.content.decode()
    assert verbs() == []
    assert SignInAttempt.objects.filter(success=False).count() == 2


def test_a_throttled_sign_in_says_when_to_try_again(client: Client, county: Person):
    for _ in range(5):
        client.post("/sign-in", credentials(password="wrong"))
    answer = client.post("/sign-in", credentials())
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 900
    assert f"{answer['Retry-After']} seconds" in answer.content.decode()


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/account", "/account"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_next_stays_on_this_site(client: Client, county: Person, wanted: str, lands: str | None):
    answer = client.post("/sign-in", credentials(next=wanted))
    home = client.get("/sign-in")["Location"]
    assert answer["Location"] == (lands or home)
    assert answer["Location"].startswith("/")


def test_signing_in_renews_the_session(client: Client, county: Person):
    client.get("/sign-in")
    client.session["kept"] = "by somebody else"
    before = client.session.session_key
    client.post("/sign-in", credentials())
    assert client.session.session_key != before


def test_the_demo_is_listed_where_there_is_one(client: Client, cast: Cast):
    assert "throughline-demo" not in client.get("/sign-in").content.decode()
    Person.objects.filter(login="county").update(demo=True)
    page = client.get("/sign-in").content.decode()
    assert "Sign in as county" in page
    assert "throughline-demo" in page
    assert "Sign in as province" not in page


def test_an_own_demo_password_is_not_shown(client: Client, cast: Cast, monkeypatch):
    Person.objects.filter(login="county").update(demo=True)
    monkeypatch.setenv("THROUGHLINE_DEMO_PASSWORD", "known to the hosts only")
    page = client.get("/sign-in").content.decode()
    assert "county" in page
    assert "throughline-demo" not in page
    assert "known to the hosts only" not in page


def test_pages_ask_for_the_csrf_token(county: Person):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in", credentials()).status_code == 403
    client.force_login(county)
    for path in ("/sign-out", "/account/post", "/account/tokens", "/account/password"):
        assert client.post(path).status_code == 403


# -- one's account -------------------------------------------------------------------------


def test_a_person_switches_between_posts(client: Client, cast: Cast, county: Person):
    second, foreign = cast.province.post, cast.top.post
    Holding.objects.create(person=county, post=second, valid_from=date(2021, 1, 1))
    client.force_login(county)
    assert client.get("/api/me").json()["post"]["body"] == "n111-government"
    assert client.post("/account/post", {"post": second.pk}).status_code == 302
    assert client.get("/api/me").json()["post"]["body"] == "n1-government"
    assert client.post("/account/post", {"post": foreign.pk}).status_code == 404
    assert client.get("/api/me").json()["post"]["body"] == "n1-government"
    Holding.objects.filter(post=second, person=county).update(valid_to=DISMISSED)
    assert client.get("/api/me").json()["post"]["body"] == "n111-government"


def test_an_ended_holding_ends_access_within_the_session(client: Client, cast: Cast, county):
    client.force_login(county)
    assert client.get("/api/bodies").json()["bodies"]
    Holding.objects.filter(person=county).update(valid_to=DISMISSED)
    assert client.get("/api/bodies").json()["bodies"] == []
    assert client.get("/api/me").json()["post"] is None


def test_changing_the_password_ends_other_sessions(client: Client, county: Person):
    other = Client()
    for each in (client, other):
        each.force_login(county)
    new = "another password of the tests"
    form = {"old": PASSWORD, "password": new, "again": new}
    assert client.post("/account/password", form).status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    county.refresh_from_db()
    assert county.check_password(new)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"old": "wrong"}, "The present password is not right."),
        ({"again": "something else"}, "Type the same password twice."),
        ({"password": "short", "again": "short"}, "too short"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(client, county, form, told):
    client.force_login(county)
    given = {"old": PASSWORD, "password": "another password", "again": "another password"} | form
    answer = client.post("/account/password", given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    county.refresh_from_db()
    assert county.check_password(PASSWORD)


def test_guessing_the_present_password_is_throttled(client: Client, county: Person):
    client.force_login(county)
    for _ in range(5):
        client.post("/account/password", {"old": "wrong"})
    assert client.post("/account/password", {"old": PASSWORD}).status_code == 429


def test_a_language_set_by_oneself_is_spoken_unless_the_browser_chose_another(client, county):
    client.force_login(county)
    answer = client.post("/account/language", {"language": "zh-hans"})
    assert answer.status_code == 302
    assert 'lang="zh-Hans"' in client.get("/account").content.decode()
    client.cookies["django_language"] = "en"
    assert '<html lang="en"' in client.get("/account").content.decode()
    assert client.post("/account/language", {"language": "xx"}).status_code == 422


def test_a_token_issued_by_page_is_shown_once_and_works(client: Client, county: Person):
    client.force_login(county)
    form = {"name": "upload", "days": "30", "scopes": ["figures:write"]}
    page = client.post("/account/tokens", form)
    token = Token.objects.get()
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert secret not in client.get("/account").content.decode()
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    assert api.get("/api/me").json()["scopes"] == ["figures:write", "read"]
    assert client.post(f"/account/tokens/{token.pk}/revoke").status_code == 302
    assert api.get("/api/me").status_code == 401


def test_a_stranger_does_not_revoke_by_page(client: Client, cast: Cast, county: Person):
    client.force_login(county)
    client.post("/account/tokens", {"name": "upload"})
    client.force_login(cast.province.person)
    token = Token.objects.get()
    assert client.post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    assert Token.objects.get().revoked_at is None


# -- the API -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["me", "bodies", "bodies/cabinet", "tokens"])
def test_the_api_is_closed_to_nobody(client: Client, cast: Cast, path: str):
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthenticated"


def test_a_token_that_does_not_count_is_refused_everywhere(client: Client, county: Person):
    client.force_login(county)
    for path in ("/api/me", "/account", "/sign-in"):
        answer = client.get(path, headers={"Authorization": "Bearer tl_nonsense"})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_needs_the_csrf_token_at_the_api(county: Person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(county)
    wanted = {"name": "x", "scopes": [], "expires_at": "2099-01-01T00:00:00Z"}
    answer = client.post("/api/tokens", wanted, content_type="application/json")
    assert answer.status_code == 403
    assert not Token.objects.exists()


def test_a_token_issued_by_api(client: Client, county: Person):
    client.force_login(county)
    until = (clock.now() + timedelta(days=9)).isoformat()
    wanted = {"name": "upload", "scopes": ["journal:read"], "expires_at": until}
    answer = client.post(
        "/api/tokens",
        wanted,
        content_type="application/json",
        headers={"Idempotency-Key": "k-1"},
    )
    assert answer.status_code == 201
    issued = answer.json()
    assert client.get("/api/tokens").json()[0]["prefix"] == issued["prefix"]
    entry = JournalEntry.objects.get(verb="token.issue")
    assert (entry.door, entry.idempotency_key) == ("api", "k-1")
    bearer = Client(headers={"Authorization": f"Bearer {issued['secret']}"})
    answer = bearer.post("/api/tokens", wanted, content_type="application/json")
    assert (answer.status_code, answer.json()["rule"]) == (403, "people.in-person")
    assert client.post(f"/api/tokens/{issued['id']}/revoke").json()["revoked_at"]
    assert bearer.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": "2027-01-01T00:00:00"},
        {"scopes": ["everything"]},
        {"name": ""},
        {"name": "a\x00b"},
        {"expires_at": "2199-01-01T00:00:00Z"},
    ],
)
def test_a_token_that_cannot_be_issued_by_api(client: Client, county: Person, wrong):
    client.force_login(county)
    until = (clock.now() + timedelta(days=9)).isoformat()
    wanted = {"name": "upload", "scopes": [], "expires_at": until} | wrong
    answer = client.post("/api/tokens", wanted, content_type="application/json")
    assert answer.status_code == 422


def test_bodies_come_in_pages(client: Client, cast: Cast):
    client.force_login(cast.county.person)
    first = client.get("/api/bodies?limit=5").json()
    rest = client.get(f"/api/bodies?limit=100&after={first['next']}").json()
    keys = [body["key"] for body in first["bodies"] + rest["bodies"]]
    assert keys == sorted(cast.bodies)
    assert rest["next"] is None
    county = client.get("/api/bodies?place=N111&kind=government").json()["bodies"]
    assert [body["key"] for body in county] == ["n111-government"]


def test_a_body_with_its_superiors(client: Client, cast: Cast):
    client.force_login(cast.county.person)
    body = client.get("/api/bodies/n111-government").json()
    assert body["superiors"] == [{"body": "n11-government", "kind": "leads"}]
    assert [post["key"] for post in body["posts"]] == ["county"]
    assert client.get("/api/bodies/no-such-body").status_code == 404


# -- where a request comes from --------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (3, "203.0.113.9, 198.51.100.1", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_as_far_as_own_proxies_go(rf, settings, proxies, forwarded, address):
    settings.THROUGHLINE_PROXIES = proxies
    assert client_address(rf.get("/", headers={"X-Forwarded-For": forwarded})) == address


# -- the command line ------------------------------------------------------------------------


def call(name: str, *words: str) -> int:
    """Run a command of this room as the program would, without its handling of errors."""
    command = next(each for each in COMMANDS if each.name == name)
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(words))


def told(capsys, name: str, *words: str):
    assert call(name, *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_a_person_by_the_command_line(cast: Cast, capsys, monkeypatch):
    monkeypatch.setenv("THROUGHLINE_PASSWORD", PASSWORD)
    added = told(capsys, "people add", "New.Person", "--name", "新人")
    assert added["login"] == "new.person"
    told(capsys, "people appoint", "new.person", "n1-government/province")
    listed = {row["login"]: row for row in told(capsys, "people list")}
    assert listed["new.person"]["posts"] == ["n1-government/province"]
    assert listed["former"]["posts"] == []
    wanted = ["new.person", "n1-government/province", "--name", "upload"]
    issued = told(capsys, "token issue", *wanted, "--scope", "figures:write")
    bearer = Client(headers={"Authorization": f"Bearer {issued['secret']}"})
    assert bearer.get("/api/me").json()["person"] == added["person"]
    told(capsys, "people dismiss", "new.person", "n1-government/province")
    assert bearer.get("/api/me").status_code == 401
    assert told(capsys, "people blank", "new.person")["person"] == added["person"]
    assert "new.person" not in {row["login"] for row in told(capsys, "people list")}
    assert verbs() == [
        "person.create",
        "person.appoint",
        "token.issue",
        "holding.end",
        "person.blank",
    ]
    assert set(JournalEntry.objects.values_list("person", "door")) == {("system", "cli")}


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["people add", "new"], Invalid),
        (["people appoint", "new", "n1-government/province"], NotFound),
        (["people appoint", "county", "n1-government"], NotFound),
        (["people appoint", "county", "cabinet/top", "--from", "soon"], Invalid),
        (["people dismiss", "county", "cabinet/top"], NotFound),
        (["people blank", "new"], NotFound),
        (["bodies load", "/no/such/pack"], NotFound),
    ],
)
def test_the_command_line_says_what_is_wrong(cast: Cast, monkeypatch, words, refusal):
    monkeypatch.delenv("THROUGHLINE_PASSWORD", raising=False)
    with pytest.raises(refusal):
        call(*words)


def test_people_are_listed_for_reading(cast: Cast, capsys):
    call("people list")
    assert "county\tCounty\tn111-government/county\n" in capsys.readouterr().out
