"""Every command has its help and its place in `docs/guide/commands.md`."""

from __future__ import annotations

import re
from argparse import ArgumentParser

import pytest

from tests.architecture.tree import DOCS
from throughline.config.cli import commands, main
from throughline.kernel.command import Command

COMMANDS = {command.name: command for command in commands()}
HEADING = re.compile(r"^### `throughline ([a-z]+(?: [a-z]+)?) ?([^`]*)`$", re.MULTILINE)


def said() -> dict[str, str]:
    """By command, the arguments that the page names; a name that takes an argument of one
    word (`people list`, `serve`) is told from its arguments by what commands there are."""
    found = {}
    for name, rest in HEADING.findall((DOCS / "guide" / "commands.md").read_text()):
        first, _space, second = name.partition(" ")
        if name not in COMMANDS and first in COMMANDS:
            name, rest = first, f"{second} {rest}"
        found[name] = rest.strip()
    return found


def arguments_of(command: Command) -> str:
    """A command's arguments as the page writes them: those that may be left out in brackets."""
    parser = ArgumentParser()
    command.arguments(parser)
    words = []
    for each in parser._actions[1:]:
        name = each.option_strings[0] if each.option_strings else each.dest
        words.append(name if each.required else f"[{name}]")
    return " ".join(words)


def test_no_command_has_two_places_and_none_is_left_out() -> None:
    assert sorted(said()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_page_names_what_a_command_takes(name: str) -> None:
    assert said()[name] == arguments_of(COMMANDS[name])


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMANDS[name].help
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    assert ended.value.code == 0
    assert COMMANDS[name].help in capsys.readouterr().out


def test_every_command_that_prints_data_prints_json_too() -> None:
    data = {"value", "status", "groups", "observations load", "pack check", "places show",
            "people list", "journal show", "journal verify", "doctor", "version"}  # fmt: skip
    assert {name for name in data if "[--json]" not in arguments_of(COMMANDS[name])} == set()
