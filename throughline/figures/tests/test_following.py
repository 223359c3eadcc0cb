"""The roll-up process and those who read what it writes: right at every position, and right
again after whatever goes wrong."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import time_machine
from django.db import connection, connections, transaction

from tests.world import World, build_world
from throughline.figures import checks
from throughline.figures.actions import record_observation
from throughline.figures.cube import file
from throughline.figures.cube.lock import Held, hold, is_held
from throughline.figures.cube.strips import Key, Strip
from throughline.figures.following import building, process
from throughline.figures.following.building import everything
from throughline.figures.following.changes import Look, look
from throughline.figures.following.definitions import definitions_now
from throughline.figures.following.process import Follower
from throughline.figures.models import Series
from throughline.figures.rollup import Wanted, cubed, tables
from throughline.figures.rollup.standing import all_standing
from throughline.figures.rollup.table import Table
from throughline.figures.tests.cubes import differences
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.actor import SYSTEM
from throughline.kernel.period import Period
from throughline.kernel.queries import known_at, known_now
from throughline.places.models import Parentage, Scheme
from throughline.plans.models import Indicator
from throughline.running.checks import Verdict

YEAR = Period(2020)
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("mean", {"kind": "weighted_mean", "weight": "people"}),
    ("highest", {"kind": "max"}),
    ("worst", {"kind": "worst_of", "direction": "band", "band_low": 5.0, "band_high": 9.0}),
    ("latest", {"kind": "last"}),
    ("itself", {"kind": "sum", "reports_itself": True}),
    ("heavy", {"kind": "sum", "weight": "people"}),
)


WORLDS: list[World] = []
"""The world of the test that runs."""


@action("test.observe")
def observe(act: Act, *, cells: list[tuple[str, str, str, dict[str, Any]]]) -> None:
    """Write figures as an action would: (series, place, period, what else)."""
    act.about("test:observe")
    for series, place, period, more in cells:
        before = WORLDS[-1].last(series, place, period)
        WORLDS[-1].observe(act.number, series, place, period, supersedes=before, **more)


def extend(world: World) -> None:
    """Indicators of the other kinds, with a series each, and two formulas."""
    for key, said in KINDS:
        more = dict(said)
        weight = world.indicators[more.pop("weight")] if "weight" in more else None
        world.indicators[key] = Indicator.objects.create(
            scheme=world.cast.scheme, key=key, title_en=key, unit_en="units",
            reporting_tier="county", weight=weight, **{"direction": "up", **more},
        )  # fmt: skip
        world.series[key] = Series.objects.create(
            key=key, indicator=world.indicators[key], producer=world.cast.bodies["cabinet"],
            edition=world.editions["census"], nature="department", audience="public", rank=1,
            title_en=key,
        )  # fmt: skip
    for key, formula in (("density", "people / roads"), ("twice", "density * 2 + urban-rate")):
        world.indicators[key] = Indicator.objects.create(
            scheme=world.cast.scheme, key=key, title_en=key, unit_en="units", direction="up",
            kind="formula", formula=formula,
        )  # fmt: skip


@dataclass
class Cubed:
    """A committed world with a cube that follows it."""

    world: World
    folder: Path
    follower: Follower

    def record(self, series: str, place: str, value: float | None, **more: Any) -> None:
        cells = [(series, place, "2020", {"value": value, **more})]
        observe(SYSTEM, cells=cells)

    def tables(self, *, cube: bool) -> dict[Wanted, Table]:
        """Every table, from the cube or from the observations."""
        wanted = [
            Wanted(indicator, edition, Period(year))
            for indicator in self.world.indicators.values()
            for edition in self.world.editions.values()
            for year in (2020, 2021, 2022)
        ]
        if cube:
            return tables(wanted, known_now())
        with transaction.atomic():  # for which the cube is never asked
            return tables(wanted, known_now())

    def require_right(self) -> None:
        """The cube equals one made anew, and every table of it the one by SQL."""
        strips = everything(definitions_now(), clock.now())
        assert differences(self.follower.generation.strips(), strips) == []
        ours, theirs = self.tables(cube=True), self.tables(cube=False)
        for wanted, table in ours.items():
            assert unlike(table, theirs[wanted], self.world) == [], wanted


ARRAYS = (
    "total", "accepted", "own", "reported", "expected", "weight", "provisional", "simulated",
)  # fmt: skip


def unlike(one: Table, other: Table, world: World) -> list[str]:
    """In what two tables differ."""
    found = []
    for name in ARRAYS:
        a, b = getattr(one.numbers, name), getattr(other.numbers, name)
        if a.tobytes() != b.tobytes():
            found.append(f"{name}: {a} and {b}")
    places = [place.pk for place in world.cast.places.values()]
    groups: list[list[int]] = [places[:3], places[-3:], [places[-1]], []]
    pairs: list[tuple[object, object]] = [(one.at(each), other.at(each)) for each in places]
    several = one.values_at([*places, 0]).tolist()  # the last is nowhere
    alone = [one.at(each).value for each in [*places, 0]]
    pairs += [([None if math.isnan(value) else value for value in several], alone)]
    pairs += [(one.grouped(each), other.grouped(each)) for each in groups]
    return found + [f"{a} and {b}" for a, b in pairs if a != b]


@pytest.fixture
def cubed_world(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cubed]:
    world = build_world()
    extend(world)
    WORLDS.append(world)
    monkeypatch.setattr(cubed, "cube_folder", lambda: tmp_path)
    monkeypatch.setattr(cubed, "_patience", cubed._Patience())
    yield Cubed(world, tmp_path, Follower(tmp_path))
    cubed.cube_of.cache_clear()


COUNTIES = ("N111", "N112", "N211")


def fill(here: Cubed) -> None:
    """A figure of every kind in every county, one provisional."""
    cells: list[tuple[str, str, str, dict[str, Any]]] = [
        (key, place, "2020", {"value": float(number * 3 + len(key))})
        for key, _ in KINDS
        for number, place in enumerate(COUNTIES)
    ]
    cells += [("highest", "N112", "2021", {"value": 0.1, "status": "unreviewed"})]
    cells += [("people-official", "N1", "2022", {"value": 5.0, "simulated": True})]
    observe(SYSTEM, cells=cells)


def test_every_kind_reads_alike_from_the_cube_and_from_the_observations(cubed_world: Cubed) -> None:
    fill(cubed_world)
    while cubed_world.follower.step():
        pass
    cubed_world.require_right()
    found = cubed_world.tables(cube=True)
    nation = cubed_world.world.cast.places["N"].pk
    edition = cubed_world.world.editions["census"]

    def at(key: str) -> float | None:
        wanted = Wanted(cubed_world.world.indicators[key], edition, YEAR)
        return found[wanted].at(nation).rollup

    assert at("highest") == 13.0
    assert at("latest") == 12.0
    assert at("density") == 6000 / 6
    assert at("twice") == 6000 / 6 * 2 + 100 * 2400 / 6000
    mean = (4 * 1000 + 7 * 2000 + 10 * 3000) / 6000
    assert at("mean") == pytest.approx(mean)
    assert at("worst") == 11.0


def test_the_cube_says_in_which_periods_and_editions_a_figure_stands(cubed_world: Cubed) -> None:
    fill(cubed_world)
    cubed_world.record("itself", "N2", 1.5)
    cubed_world.record("itself", "N2", None)
    while cubed_world.follower.step():
        pass
    expected: dict[int, set[tuple[int, str]]] = {}
    homes = definitions_now().homes
    for row in all_standing(clock.now()):
        home = homes[row.series]
        expected.setdefault(home.part, set()).add((home.edition, row.period))
    found = cubed.parts_in_cube(known_now())
    assert found is not None
    assert {part: set(held) for part, held in found.items()} == expected
    assert cubed.parts_in_cube(known_at(1)) is None
    with transaction.atomic():
        assert cubed.parts_in_cube(known_now()) is None


CHANGES: tuple[tuple[str, str, float | None, dict[str, Any]], ...] = (
    ("jobs-reported", "N111", 15.25, {}),
    ("jobs-reported", "N111", None, {}),
    ("jobs-check", "N112", 3.0, {}),  # of another series at the same place
    ("jobs-reported", "N1", 1e9, {}),  # a stated total
    ("jobs-reported", "N112", 7.0, {"status": "unreviewed"}),  # the first provisional one
    ("jobs-reported", "N112", 8.0, {"status": "preliminary"}),
    ("jobs-reported", "N112", 9.0, {"status": "draft"}),
    ("people-official", "N211", 126_012_510.1, {}),
    ("people-official", "N211", 0.0, {"simulated": True}),
    ("people-rebased", "N211", 5.0, {}),  # a new period of an edition
    ("itself", "N2", 1.5, {}),
    ("itself", "N", 99.0, {}),
    ("worst", "N112", -3.0, {}),
    ("latest", "N111", 77.0, {}),
    ("highest", "N211", None, {}),
)


def test_the_cube_is_right_after_every_act(cubed_world: Cubed) -> None:
    fill(cubed_world)
    for series, place, value, more in CHANGES:
        cubed_world.record(series, place, value, **more)
        assert cubed_world.follower.step()
        assert not cubed_world.follower.step()
        cubed_world.require_right()


def test_most_acts_are_followed_without_making_the_cube_anew(cubed_world: Cubed) -> None:
    made = cubed_world.follower.generation.id
    for value in (11.0, 12.0, 13.0):
        cubed_world.record("jobs-reported", "N111", value)
        cubed_world.follower.step()
    assert cubed_world.follower.generation.id == made
    assert cubed_world.follower.generation.standing.position == known_now().position
    cubed_world.require_right()


def test_a_reader_sees_what_was_written_behind_the_generation(cubed_world: Cubed) -> None:
    reader = cubed.cube_of(cubed_world.folder)
    first = reader.standing
    cubed_world.record("jobs-reported", "N111", 15.0)
    cubed_world.follower.step()
    second = reader.standing
    assert first and second and second.position > first.position


def test_a_figure_shows_when_its_release_has_passed(cubed_world: Cubed) -> None:
    now = clock.now()
    cubed_world.record("jobs-reported", "N111", 15.0, released_at=now + timedelta(hours=1))
    cubed_world.follower.step()
    cubed_world.require_right()
    assert at_nation(cubed_world) == 60
    with time_machine.travel(now + timedelta(minutes=59)):
        assert not cubed_world.follower.step()
    with time_machine.travel(now + timedelta(minutes=61)):
        assert at_nation(cubed_world) == 65, "who reads before the process has come to it"
        assert cubed_world.follower.step()
        cubed_world.require_right()
        assert not cubed_world.follower.step()


def test_a_release_that_comes_between_two_looks_at_the_clock_is_not_lost(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = clock.now() + timedelta(seconds=30)
    cubed_world.record("jobs-reported", "N111", 15.0, released_at=due)
    while cubed_world.follower.step():
        pass
    cubed_world.record("jobs-reported", "N112", 99.0)
    just = timedelta(milliseconds=1)
    instants = iter([due - just])
    monkeypatch.setattr(clock, "now", lambda: next(instants, due + just))
    while cubed_world.follower.step():
        pass
    cubed_world.require_right()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_many_figures_later_a_strip_is_still_followed(cubed_world: Cubed) -> None:
    fill(cubed_world)
    with connections["owner"].cursor() as cursor:  # float32 holds whole numbers up to 2 ** 24
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('figures_observation', 'id'), 16777217)"
        )
    cubed_world.record("jobs-reported", "N111", 1.0)
    while cubed_world.follower.step():
        pass
    made = cubed_world.follower.generation.id
    for value in (11.0, 12.0, 13.0, 14.0):
        cubed_world.record("people-official", "N111", value)
        cubed_world.follower.step()
    assert cubed_world.follower.generation.id == made
    cubed_world.require_right()


def at_nation(here: Cubed) -> float | None:
    wanted = Wanted(here.world.indicators["jobs"], here.world.editions["census"], YEAR)
    return tables([wanted])[wanted].at(here.world.cast.places["N"].pk).rollup


def change_tree(here: Cubed) -> None:
    Parentage.objects.filter(place=here.world.cast.places["N112"]).update(
        parent=here.world.cast.places["N21"]
    )
    Scheme.objects.update(revision=99)


def change_definition(here: Cubed) -> None:
    Indicator.objects.filter(key="urban-rate").update(scale=1000)
    here.world.indicators["urban-rate"].refresh_from_db()


def change_rank(here: Cubed) -> None:
    Series.objects.filter(key="jobs-check").update(rank=0)


@pytest.mark.parametrize("change", [change_tree, change_definition, change_rank])
def test_another_tree_or_definition_makes_the_cube_anew(
    cubed_world: Cubed, change: Callable[[Cubed], None]
) -> None:
    cubed_world.record("jobs-check", "N111", 4.0)
    cubed_world.follower.step()
    made = cubed_world.follower.generation.id
    change(cubed_world)
    cubed_world.record("jobs-reported", "N112", 21.0)
    cubed_world.follower.step()
    assert cubed_world.follower.generation.id != made
    cubed_world.require_right()


def test_the_cube_of_another_journal_is_not_used(cubed_world: Cubed) -> None:
    standing = cubed_world.follower.generation.standing
    other = file.Standing(standing.position, "f" * 64, standing.until, standing.due)
    strips = cubed_world.follower.generation.strips()
    for strip in strips:
        strip.above[:] = 1e6
    file.write(cubed_world.folder, other, cubed_world.follower.generation.definitions, strips)
    assert at_nation(cubed_world) == 60
    again = Follower(cubed_world.folder)
    assert again.generation.standing.hash == standing.hash


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as content:
        content.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        byte = content.read(1)
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([byte[0] ^ 255]))


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_file_is_never_read_and_is_made_anew(cubed_world: Cubed, at: int) -> None:
    path = cubed_world.folder / file.NAME
    made = cubed_world.follower.generation.id
    flip(path, at)
    wanted = Wanted(
        cubed_world.world.indicators["jobs"], cubed_world.world.editions["census"], Period(2021)
    )
    assert tables([wanted])[wanted].at(cubed_world.world.cast.places["N"].pk).rollup == 63
    again = Follower(cubed_world.folder)
    assert again.generation.id != made
    cubed_world.follower = again
    cubed_world.require_right()


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_a_batch_that_a_crash_cut_off_does_not_count(cubed_world: Cubed, keep: float) -> None:
    name = cubed_world.follower.generation.id
    changes = cubed_world.folder / f"changes-{name}"
    cubed_world.record("jobs-reported", "N111", 15.0)
    cubed_world.follower.step()
    before = changes.stat().st_size
    cubed_world.record("jobs-reported", "N111", 16.0)
    cubed_world.follower.step()
    os.truncate(changes, before + int((changes.stat().st_size - before) * keep))
    again = Follower(cubed_world.folder)
    assert again.generation.id == name
    assert changes.stat().st_size == before
    while again.step():
        pass
    cubed_world.follower = again
    cubed_world.require_right()


def test_changes_are_folded_into_a_new_generation(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LONGEST", 10)
    made = cubed_world.follower.generation.id
    cubed_world.record("jobs-reported", "N111", 15.0)
    cubed_world.follower.step()
    assert cubed_world.follower.generation.id != made
    assert len(list(cubed_world.folder.glob("changes-*"))) == 1
    cubed_world.require_right()


def test_many_changes_make_it_anew(cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MANY", 2)
    made = cubed_world.follower.generation.id
    fill(cubed_world)
    cubed_world.follower.step()
    assert cubed_world.follower.generation.id != made
    cubed_world.require_right()


def made_strips(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The periods of the strips that are made one by one, whenever they are; the whole never is."""
    made: list[set[str]] = []

    def strips_for(keys: Collection[Key], *more: Any) -> list[Strip]:
        made.append({key.period for key in keys})
        return building.strips_for(keys, *more)

    monkeypatch.setattr(process, "strips_for", strips_for)
    monkeypatch.setattr(process, "everything", None)
    return made


def test_a_new_period_makes_its_own_strip_and_others_are_followed(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cubed_world)
    while cubed_world.follower.step():
        pass
    made = made_strips(monkeypatch)
    other = ("jobs-reported", "N111", "2020", {"value": 15.0})
    observe(SYSTEM, cells=[("jobs-reported", "N112", "2023", {"value": 4.0}), other])
    cubed_world.record("jobs-reported", "N112", 16.0)
    assert cubed_world.follower.step()
    assert made == [{"2023"}]
    cubed_world.require_right()
    cubed_world.record("jobs-reported", "N112", 17.0)
    cubed_world.follower.step()
    assert len(made) == 1, "nothing is left to be made"
    cubed_world.require_right()


def test_a_load_makes_the_strips_to_which_it_wrote(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cubed_world)
    while cubed_world.follower.step():
        pass
    made = made_strips(monkeypatch)
    monkeypatch.setattr(process, "MANY", 2)
    cells = [("jobs-reported", place, "2021", {"value": 4.0}) for place in COUNTIES]
    observe(SYSTEM, cells=[*cells, ("jobs-reported", "N111", "2022", {"value": 5.0})])
    cubed_world.follower.step()
    assert made == [{"2021", "2022"}]
    cubed_world.require_right()


def test_a_definition_that_changed_meanwhile_makes_the_whole_anew(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Look] = []

    def looked(*asked: Any) -> Look:
        looks.append(look(*asked))
        if len(looks) == 1:
            change_definition(cubed_world)
        return looks[-1]

    monkeypatch.setattr(process, "look", looked)
    observe(SYSTEM, cells=[("jobs-reported", "N111", "2023", {"value": 4.0})])
    cubed_world.follower.step()
    assert len(looks) == 2
    cubed_world.require_right()


def test_a_question_waits_a_moment_and_then_asks_the_observations(cubed_world: Cubed) -> None:
    cubed_world.record("jobs-reported", "N111", 15.0)
    with hold(cubed_world.folder):  # somebody writes it, and does not come to it
        begun = time.monotonic()
        assert at_nation(cubed_world) == 65
        waited = time.monotonic() - begun
        begun = time.monotonic()
        assert at_nation(cubed_world) == 65
        again = time.monotonic() - begun
    assert waited >= cubed.PATIENCE
    assert again < waited, "nobody waits again right after"


def test_nobody_waits_for_a_cube_that_nobody_writes(cubed_world: Cubed) -> None:
    cubed_world.record("jobs-reported", "N111", 15.0)
    begun = time.monotonic()
    assert at_nation(cubed_world) == 65
    assert time.monotonic() - begun < cubed.PATIENCE


def test_what_was_known_before_is_not_asked_of_the_cube(cubed_world: Cubed) -> None:
    before = known_now().position
    cubed_world.record("jobs-reported", "N111", 15.0)
    cubed_world.follower.step()
    wanted = Wanted(
        cubed_world.world.indicators["jobs"], cubed_world.world.editions["census"], YEAR
    )
    table = tables([wanted], known_at(before))[wanted]
    assert table.at(cubed_world.world.cast.places["N"].pk).rollup == 60


def test_inside_a_transaction_its_own_figures_count(cubed_world: Cubed) -> None:
    with transaction.atomic():
        before = cubed_world.world.last("jobs-reported", "N111", "2020")
        cubed_world.world.observe(
            10**6, "jobs-reported", "N111", "2020", value=15.0, supersedes=before
        )
        assert at_nation(cubed_world) == 65
        transaction.set_rollback(True)


def test_from_the_cube_no_observation_is_read(cubed_world: Cubed, django_assert_max_num_queries):
    at_nation(cubed_world)
    with django_assert_max_num_queries(3) as asked:
        at_nation(cubed_world)
    assert not any("figures_observation" in each["sql"] for each in asked.captured_queries)


def test_one_process_writes(cubed_world: Cubed) -> None:
    assert not is_held(cubed_world.folder)
    with hold(cubed_world.folder):
        assert is_held(cubed_world.folder)
        with pytest.raises(Held), hold(cubed_world.folder):
            pass
    assert not is_held(cubed_world.folder)


def test_an_action_of_the_product_is_followed(cubed_world: Cubed) -> None:
    world = cubed_world.world
    standing = world.standing("jobs-reported", "N111", "2020")
    record_observation(
        world.cast.county.actor, series=world.series["jobs-reported"],
        place=world.cast.places["N111"], period=YEAR, value=15.5, status="accepted",
        note="corrected", supersedes=standing.pk,
    )  # fmt: skip
    cubed_world.follower.step()
    assert at_nation(cubed_world) == 65.5
    assert isinstance(clock.now(), datetime)
    assert np.isfinite(cubed_world.follower.generation.standing.until)
    assert connection.vendor == "postgresql"


def verdicts() -> list[Verdict]:
    return [finding.verdict for finding in checks.cube()]


def test_doctor_says_how_the_cube_stands(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "cube_folder", lambda: cubed_world.folder)
    assert verdicts() == [Verdict.OK]
    cubed_world.record("jobs-reported", "N111", 15.0)
    assert verdicts() == [Verdict.OK], "it has a moment"
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert verdicts() == [Verdict.NOTE]
    cubed_world.follower.step()
    assert verdicts() == [Verdict.OK]
    flip(cubed_world.folder / file.NAME, -1)
    assert verdicts() == [Verdict.FAULT]
    (cubed_world.folder / file.NAME).unlink()
    assert verdicts() == [Verdict.NOTE]


def test_two_engines_agree_and_a_spoilt_cube_is_found_out(
    cubed_world: Cubed, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparing = pytest.importorskip("throughline.figures.comparing")
    monkeypatch.setattr(comparing, "cube_folder", lambda: cubed_world.folder)
    fill(cubed_world)
    cubed_world.follower.step()
    found = comparing.compare("both")
    assert found.source == "the cube's file" and len(found.found) > 10
    assert found.differences == 0
    twice = [(line.cube, line.duckdb) for line in found.found if line.indicator == "twice"]
    assert (2040.0, 2040.0) in twice
    generation = cubed_world.follower.generation
    strips = generation.strips()
    strips[0].above[0] += 1
    file.write(cubed_world.folder, generation.standing, generation.definitions, strips)
    assert comparing.compare("both").differences > 0
