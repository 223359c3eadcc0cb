"""The roll-up process is killed at any moment: after a restart the cube is what it would be if
it were made anew. `THROUGHLINE_KILLS` says how often (`make faults`: 200)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.installation import await_that
from tests.world import World, build_world
from throughline.figures.cube import file
from throughline.figures.cube.lock import hold, is_held
from throughline.figures.following.building import everything
from throughline.figures.following.definitions import definitions_now
from throughline.figures.following.process import Follower
from throughline.figures.rollup import Wanted, cubed, tables
from throughline.figures.tests.cubes import differences
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.actor import SYSTEM
from throughline.kernel.period import Period
from throughline.kernel.queries import known_now
from throughline.places.models import Scheme
from throughline.running.home import CHECKOUT

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("THROUGHLINE_KILLS", "4"))
START = 120.0
"""Seconds in which a process has to come to the head, its kernels compiled for the first time
on a busy machine."""

WORLDS: list[World] = []
COUNTIES = ("N111", "N112", "N211")


@action("test.change")
def change(act: Act, *, cells: list[tuple[str, str, str, dict[str, Any]]]) -> None:
    """Write figures as an action would: (series, place, period, what else)."""
    act.about("test:change")
    for series, place, period, more in cells:
        before = WORLDS[-1].last(series, place, period)
        WORLDS[-1].observe(act.number, series, place, period, supersedes=before, **more)


def happen(chance: random.Random) -> None:
    """Something by chance: mostly an edit, now and then what makes the cube anew."""
    if chance.random() < 0.01:
        Scheme.objects.update(revision=chance.randrange(2**31))
    series = chance.choice(["jobs-reported", "roads-reported", "people-official", "jobs-check"])
    status = chance.choice(["accepted", "accepted", "unreviewed", "draft"])
    more = {"value": chance.choice([None, chance.random() * 1e6]), "status": status}
    place, period = chance.choice([*COUNTIES, "N1"]), chance.choice(["2020", "2021", "2022"])
    change(SYSTEM, cells=[(series, place, period, more)])


def start(home: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The roll-up process, alone in its session."""
    with (home / "rollup.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "throughline", "rollup", "follow"],
            cwd=CHECKOUT,
            env=environment | {"THROUGHLINE_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )


def at_head(folder: Path) -> bool:
    """Whether the cube that lies there stands at the journal's head."""
    standing = cubed.cube_of(folder).standing
    return standing is not None and standing.position == known_now().position


def test_a_killed_roll_up_leaves_a_cube_that_is_right_again(
    database_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cube"
    folder.mkdir()
    monkeypatch.setattr(cubed, "cube_folder", lambda: folder)
    WORLDS.append(build_world())
    chance = random.Random(20260731)  # repeatable but for the scheduler
    victim = start(tmp_path, database_environment)
    try:
        for number in range(KILLS):
            told = lambda: (tmp_path / "rollup.log").read_text()[-2000:]  # noqa: E731
            await_that(lambda: at_head(folder), START, told)
            end = time.monotonic() + chance.random() * 0.5
            while time.monotonic() < end:
                happen(chance)
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait(10)
            with hold(folder):  # the lock went with the process
                again = Follower(folder)
                while again.step():
                    pass
                fresh = everything(definitions_now(), clock.now())
                assert differences(again.generation.strips(), fresh) == [], number
            if number + 1 < KILLS:
                victim = start(tmp_path, database_environment)
    finally:
        victim.kill()
        victim.wait(10)
        cubed.cube_of.cache_clear()


def test_without_the_process_figures_are_right_all_the_same(
    database_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cube"
    folder.mkdir()
    monkeypatch.setattr(cubed, "cube_folder", lambda: folder)
    world = build_world()
    WORLDS.append(world)
    with hold(folder):
        Follower(folder)
    cells: list[tuple[str, str, str, dict[str, Any]]] = [
        ("jobs-reported", "N111", "2020", {"value": 15.0})
    ]
    change(SYSTEM, cells=cells)
    assert not is_held(folder)
    wanted = Wanted(world.indicators["jobs"], world.editions["census"], Period(2020))
    assert tables([wanted])[wanted].at(world.cast.places["N"].pk).rollup == 65
    standing = cubed.cube_of(folder).standing
    assert standing and standing.position < known_now().position
    assert (folder / file.NAME).exists()
    cubed.cube_of.cache_clear()
