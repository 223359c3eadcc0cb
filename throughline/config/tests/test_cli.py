"""The command line as a whole: how it says that something is not right."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

import pytest
from django.db import ProgrammingError, connection

from throughline.config import cli
from throughline.kernel.command import Command

pytestmark = pytest.mark.django_db


def asking(statement: str) -> Command:
    """A command that sends one statement."""

    def run(_arguments: Namespace) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return 0

    return Command("ask", "asks", run, _json)


def _json(parser: ArgumentParser) -> None:
    parser.add_argument("--json")


def run(monkeypatch: pytest.MonkeyPatch, statement: str, *words: str) -> int:
    monkeypatch.setattr(cli, "commands", lambda: [asking(statement)])
    monkeypatch.setattr(cli, "ensure_database", lambda: None)
    return cli.main(["ask", *words])


@pytest.mark.parametrize(
    "statement", ["SELECT 1 FROM no_table", "SELECT no_column FROM django_migrations"]
)
def test_a_database_of_another_release_is_told_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], statement: str
) -> None:
    assert run(monkeypatch, statement) == 6
    assert "throughline migrate" in capsys.readouterr().err


def test_and_so_are_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "SELECT 1 FROM no_table", "--json", "yes") == 6
    assert "throughline migrate" in json.loads(capsys.readouterr().out)["remedy"]


def test_a_defect_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProgrammingError):
        run(monkeypatch, "SELEKT 1")


def test_a_group_may_be_a_command_itself() -> None:
    alone, inside = (Command(name, "does", lambda _: 0, _json) for name in ("do", "do more"))
    made = cli.parser([inside, alone])
    assert made.parse_args(["do"]).command is alone
    assert made.parse_args(["do", "--json", "x"]).json == "x"
    assert made.parse_args(["do", "more"]).command is inside
    with pytest.raises(SystemExit):
        cli.parser([inside]).parse_args(["do"])
