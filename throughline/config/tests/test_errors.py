"""What is answered where something broke, or where the database does not answer."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.test import Client
from django.utils import translation

from throughline.config import errors

PAGE, CALL = "/status/", "/api/me"


def answered(monkeypatch: pytest.MonkeyPatch, error: Exception, path: str, language: str = "en"):
    """What a request gets into which an error falls while its session is read."""

    def fail(*_given: object) -> object:
        raise error

    monkeypatch.setattr("throughline.bodies.middleware._actor_and_person", fail)
    with translation.override(language):
        return Client(raise_request_exception=False).get(
            path, headers={"accept-language": language}
        )


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_told_as_that(monkeypatch, kind):
    page = answered(monkeypatch, kind("gone"), PAGE)
    call = answered(monkeypatch, kind("gone"), CALL)
    assert (page.status_code, call.status_code) == (503, 503)
    assert page["Retry-After"] == call["Retry-After"] == str(errors.AWAY)
    assert "The database does not answer" in page.content.decode()
    assert call.json()["error"] == "busy" and "on record" in call.json()["remedy"]
    chinese = answered(monkeypatch, kind("gone"), PAGE, "zh-hans").content.decode()
    assert "数据库暂时没有响应" in chinese


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ValueError("x"), IntegrityError("x"), DatabaseError("x")])
def test_a_defect_is_told_as_one(monkeypatch, error):
    page = answered(monkeypatch, error, PAGE)
    assert page.status_code == 500 and "Retry-After" not in page
    assert "Something broke on our side" in page.content.decode()
