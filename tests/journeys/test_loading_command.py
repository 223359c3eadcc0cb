"""Loading files of figures by the command line: what it says, and its exit codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.world import World, build_world
from throughline.config.cli import main
from throughline.kernel.errors import NotFound

GOOD = "Code,Place,Series,Period,Value,Status,Note\nN111,,jobs-reported,2020,55,,\n"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setattr("throughline.config.cli.ensure_database", lambda: None)
    return lambda *words: main(["observations", "load", *map(str, words)])


def test_an_unknown_mapping_is_named_with_the_known_ones(world, command, tmp_path, capsys):
    path = tmp_path / "figures.csv"
    path.write_text(GOOD)
    assert command(path, "--mapping", "nope") == NotFound.exit_code
    said = capsys.readouterr().err
    assert "no mapping “nope”" in said and "figures" in said and "census-2020" in said


def test_what_partial_left_out_is_said_and_makes_the_exit_code(world, command, tmp_path, capsys):
    path = tmp_path / "figures.csv"
    path.write_text(GOOD)
    assert command(path, "--mapping", "figures") == 0
    path.write_text(GOOD + "N999,,jobs-reported,2020,5,,\n")
    assert command(path, "--mapping", "figures") == 2
    assert "--partial" in capsys.readouterr().out
    assert command(path, "--mapping", "figures", "--partial") == 1
    assert "NOT ALL" in capsys.readouterr().out
