"""Which database is used, and what its roles may do."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from throughline.kernel.errors import Busy, Invalid
from throughline.running.database import (
    database_settings,
    ensure_database,
    parse_url,
    require_two_roles,
    uses_embedded,
)


@pytest.fixture
def two_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://app:a@db.example:5433/plans?sslmode=require")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner:o@db.example:5433/plans")


@pytest.mark.usefixtures("two_urls")
def test_two_urls_become_two_aliases() -> None:
    assert not uses_embedded()
    aliases = database_settings()
    assert aliases["default"]["USER"] == "app"
    assert aliases["default"]["OPTIONS"]["sslmode"] == "require"
    assert (aliases["default"]["HOST"], aliases["default"]["PORT"]) == ("db.example", "5433")
    assert aliases["owner"]["USER"] == "owner"
    assert aliases["owner"]["NAME"] == "plans"
    assert aliases["owner"]["OPTIONS"] == {}, "its statements come once"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:///var/db",
        "postgres://",
        "postgres://db",
        "postgres://db/plans",
        "postgres://app:sec%ret@db/plans",
        "postgres://app:secret@db/plans?unknown=1",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_url(url)
    assert "sec" not in str(refused.value.as_dict())


def test_hosts_of_every_kind_are_understood() -> None:
    assert parse_url("postgres://a@[::1]:5433/p")["host"] == "::1"
    assert parse_url("postgres://a@/p?host=/Run/Pg")["host"] == "/Run/Pg"
    assert parse_url("postgres://a@h1:1,h2:2/p")["host"] == "h1,h2"


def test_one_role_for_both_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://app:a@db.example/plans")
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    with pytest.raises(Invalid, match="two roles"):
        require_two_roles()


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://app:hidden@127.0.0.1:1/plans")
    with pytest.raises(Busy, match="does not answer") as refused:
        ensure_database()
    assert "hidden" not in str(refused.value.as_dict())


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False


@pytest.mark.django_db
def test_the_application_creates_and_truncates_nothing() -> None:
    for table in connection.introspection.table_names():
        assert refused(f'TRUNCATE "{table}"'), table
        assert refused(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL'), table
    assert refused("CREATE TABLE mine (i int)")
    assert refused("CREATE TEMPORARY TABLE kernel_journalentry (i int)")
    assert refused("CREATE SCHEMA mine")
    assert refused("CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert refused("DELETE FROM django_migrations")


@pytest.mark.django_db
def test_the_application_only_adds_to_append_only_tables() -> None:
    models = [model for model in apps.get_models() if getattr(model, "append_only", False)]
    assert "kernel_journalentry" in {model._meta.db_table for model in models}
    for model in models:
        table, key = model._meta.db_table, model._meta.pk.column
        assert refused(f'DELETE FROM "{table}"'), table
        assert refused(f'UPDATE "{table}" SET "{key}" = "{key}"'), table


@pytest.mark.django_db
def test_nobody_else_has_rights() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND array_to_string(relacl, ',') ~ '(^|,)='"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT datacl::text FROM pg_database WHERE datname = current_database()"
            " AND (datacl IS NULL OR array_to_string(datacl, ',') ~ '(^|,)=')"
        )
        assert cursor.fetchall() == []
