"""`/healthz` and `/readyz`."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from throughline.running import pages


def test_a_living_process_needs_no_database() -> None:
    assert pages.healthz(RequestFactory().get("/healthz")).status_code == 200


@pytest.mark.django_db
def test_it_is_ready_with_every_migration() -> None:
    answer = pages.readyz(RequestFactory().get("/readyz"))
    assert (answer.status_code, answer.content) == (200, b'{"ready": true, "missing": null}')
    assert "no-store" in answer["Cache-Control"]


def test_a_missing_migration_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "missing_migrations", lambda: ["kernel.0002"])
    answer = pages.readyz(RequestFactory().get("/readyz"))
    assert (answer.status_code, answer.content) == (
        503, b'{"ready": false, "missing": "migrations"}',
    )  # fmt: skip


def test_a_silent_database_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise OperationalError("password authentication failed for user x")

    monkeypatch.setattr(pages, "missing_migrations", fail)
    answer = pages.readyz(RequestFactory().get("/readyz"))
    assert (answer.status_code, answer.content) == (
        503, b'{"ready": false, "missing": "database"}',
    )  # fmt: skip


def test_they_take_no_writing() -> None:
    assert pages.healthz(RequestFactory().post("/healthz")).status_code == 405
