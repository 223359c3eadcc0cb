"""`throughline doctor` finds what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from throughline.kernel.errors import Busy
from throughline.running import checks, migrating
from throughline.running.checks import Check, Verdict, diagnose
from throughline.running.database import parameters
from throughline.running.home import secret


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checks, "home", lambda: tmp_path)
    secret("key", tmp_path)
    return tmp_path


def verdicts(check: Check) -> set[Verdict]:
    return {finding.verdict for finding in check()}


def as_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def test_a_secret_open_to_others_is_a_fault(own_home: Path) -> None:
    assert verdicts(checks.secrets) == {Verdict.OK}
    (own_home / "secrets" / "key").chmod(0o640)
    (finding,) = checks.secrets()
    assert finding.verdict == Verdict.FAULT
    assert "key" in finding.message
    assert finding.remedy


def test_scarce_disk_is_noted_and_then_a_fault(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, expected in ((5e9, Verdict.OK), (5e8, Verdict.NOTE), (1e8, Verdict.FAULT)):
        usage = type("Usage", (), {"free": int(free)})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        assert verdicts(checks.disk_space) == {expected}


def test_static_files_that_were_not_built_are_a_fault(tmp_path: Path, settings: Settings) -> None:
    settings.DEBUG = False
    settings.STATIC_ROOT = tmp_path
    assert verdicts(checks.static_files) == {Verdict.FAULT}
    (tmp_path / "staticfiles.json").write_text("{}")
    assert verdicts(checks.static_files) == {Verdict.OK}


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_right_installation_has_no_fault_in_its_database() -> None:
    for check in checks.DATABASE_CHECKS:
        assert verdicts(check) == {Verdict.OK}, check


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("GRANT UPDATE ON kernel_journalentry TO {application}", checks.append_only),
        ("GRANT TRUNCATE ON kernel_journalentry TO {application}", checks.append_only),
        ("ALTER TABLE kernel_journalentry DISABLE TRIGGER USER", checks.append_only),
        ("DELETE FROM django_migrations WHERE app = 'kernel'", checks.migrations),
    ],
)
def test_a_change_past_the_application_is_found(change: str, check: Check) -> None:
    as_owner(change.format(application=parameters()["user"]))
    assert Verdict.FAULT in verdicts(check)


def test_one_role_for_both_is_a_fault(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "parameters", lambda owner=False: {"user": "same"})
    assert Verdict.FAULT in verdicts(checks.application_role)


def test_a_database_that_does_not_answer_is_one_fault(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise Busy("no answer", remedy="start it")

    def never() -> Iterator[checks.Finding]:
        raise AssertionError("asked nevertheless")

    monkeypatch.setattr(checks, "ensure_database", fail)
    monkeypatch.setattr(checks, "DATABASE_CHECKS", (never,))
    found = [finding for finding in diagnose() if finding.name == "database"]
    assert [(finding.verdict, finding.remedy) for finding in found] == [(Verdict.FAULT, "start it")]


def test_a_missing_front_end_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_words: str, **_options: object) -> None:
        raise ValueError("The file 'vendor/x.js' could not be found\nand much more")

    monkeypatch.setattr(migrating, "static_files_are_current", lambda: False)
    monkeypatch.setattr(migrating, "call_command", fail)
    with pytest.raises(Busy, match=r"vendor/x\.js' could not be found$") as refused:
        migrating.build_static_files()
    assert "throughline.ui.vendor" in str(refused.value.remedy)
