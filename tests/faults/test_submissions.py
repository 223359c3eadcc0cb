"""Every process of an installation is killed at any moment while units submit: what was
acknowledged is there, whole and once; nothing is half there; it serves again within ten seconds.

`THROUGHLINE_KILLS` says how often (`make faults`: 200)."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from psycopg.conninfo import make_conninfo

from tests.faults.installation import (
    RECOVERY,
    Installation,
    Serving,
    await_that,
    children_of,
    command_of,
    is_gone,
    new_home,
)
from tests.faults.units import LINES, values_of
from throughline.running.clusters import DATABASE, SUPERUSER, cluster

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("THROUGHLINE_KILLS", "20"))
COUNTIES = 300
CLIENTS = 8
RATE = 24.0
"""Submissions a second that all clients offer together."""
A_KILL = 5.0
"""Seconds that one kill may take on average, so that there is enough left to submit."""
LONGEST_PAUSE = 1.0
"""Seconds of peace between a return and the next kill, at most."""
AGAIN, HANG_UP = 0.1, 0.05
"""How often an acknowledged submission is sent once more, and how often a client hangs up
before it is answered."""
ALL_BACK = 3 * RECOVERY
"""Seconds in which every process is there again: their starts take turns on the processors."""
CSRF = "c" * 32


TURNED_AWAY = 429
"""Where a killed process left a queue behind, whoever comes is asked to come again."""


@dataclass
class Door:
    """What the clients have sent and heard."""

    port: int
    sessions: dict[str, str]
    waiting: Iterator[tuple[str, str]]
    acknowledged: dict[tuple[str, str], str] = field(default_factory=dict)
    """By cycle and place, the idempotency key."""
    under_way: set[tuple[str, str]] = field(default_factory=set)
    """Those that are sent and not acknowledged."""
    last_begun: float = 0.0
    """When the youngest request that was acknowledged had been begun."""
    told: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, cycle: str, place: str, key: str, hang_up: bool = False) -> tuple[int, str]:
        """Send a submission; its status and what was said to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=RECOVERY)
        values = {each: {"value": value} for each, value in values_of(cycle, place).items()}
        try:
            connection.request(
                "POST",
                f"/api/cycles/{cycle}/reports/{place}/submit",
                json.dumps({"values": values}),
                {
                    "Content-Type": "application/json",
                    "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.sessions[place]};"
                    f" {settings.CSRF_COOKIE_NAME}={CSRF}",
                    "X-CSRFToken": CSRF,
                    "Idempotency-Key": key,
                },
            )
            if hang_up:
                return 0, "hung up"
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__
        finally:
            connection.close()

    def submit(self, cycle: str, place: str, chance: random.Random) -> None:
        """Send a submission, under one key, until it is acknowledged; now and then once more."""
        key, hang_up = str(uuid4()), chance.random() < HANG_UP
        with self.lock:
            self.under_way.add((cycle, place))
        while not self.over.is_set():
            begun = time.monotonic()
            status, said = self.send(cycle, place, key, hang_up)
            hang_up = False
            if status == 200:
                break
            with self.lock:
                self.told[f"{status} {said}" if status == 0 else str(status)] += 1
                if status and status < 500 and status != TURNED_AWAY:
                    self.wrong.append(f"{cycle} {place}: {status} {said[:300]}")
                    return
            time.sleep(chance.uniform(0.0, 1.0 if status == TURNED_AWAY else 0.2))
        else:
            return
        with self.lock:
            self.acknowledged[cycle, place] = key
            self.under_way.discard((cycle, place))
            self.last_begun = max(self.last_begun, begun)
        if chance.random() < AGAIN:
            status, said = self.send(cycle, place, key)
            with self.lock:
                self.told["sent again"] += 1
                if status and status < 500 and (status, json.loads(said).get("round")) != (200, 1):
                    self.wrong.append(f"{cycle} {place}, sent again: {status} {said[:300]}")

    def one_client(self, number: int) -> None:
        """Submit one after the other, at its share of the rate."""
        chance = random.Random(number)
        while not self.over.is_set():
            due = time.monotonic() + chance.expovariate(RATE / CLIENTS)
            with self.lock:
                cycle, place = next(self.waiting, ("", ""))
            if not cycle:
                self.wrong.append("there was nothing left to submit")
                return
            self.submit(cycle, place, chance)
            self.over.wait(max(0.0, due - time.monotonic()))


@contextmanager
def submitting(door: Door) -> Iterator[None]:
    """All clients at work until the end of the block."""
    clients = [threading.Thread(target=door.one_client, args=[n]) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        door.over.set()
        for client in clients:
            client.join()


def backends(installation: Installation, words: str = "postgres:") -> list[int]:
    """The server's processes whose titles have these words."""
    found = children_of(installation.postmaster)
    return [each for each in found if words in command_of(each)]


@dataclass
class Killer:
    """Kills one process after the other, by its own number."""

    installation: Installation
    serving: Serving
    chance: random.Random

    def victim(self, kind: str) -> int:
        """The number of a process of a kind; 0 while there is none."""
        found: dict[str, Callable[[], list[int]]] = {
            "web worker": lambda: sorted(self.serving.web_workers()),
            "web": lambda: [self.serving.child("config.web")],
            "jobs": lambda: [self.serving.child("procrastinate")],
            "roll-up": lambda: [self.serving.child("rollup follow")],
            "backend": lambda: backends(self.installation, "throughline_app"),
            "other of PostgreSQL": lambda: backends(self.installation),
            "PostgreSQL": lambda: [self.installation.postmaster],
        }
        return self.chance.choice(found[kind]() or [0])

    def kinds(self) -> Iterator[str]:
        """Kinds by chance, each as often as the others."""
        deck = [
            "web worker", "web", "jobs", "roll-up", "backend", "other of PostgreSQL", "PostgreSQL",
        ]  # fmt: skip
        while True:
            self.chance.shuffle(deck)
            yield from deck

    def all_there(self, workers: int) -> bool:
        """Whether every process is there, and the door says that it is ready."""
        return (
            self.serving.child("procrastinate") != 0
            and self.serving.child("rollup follow") != 0
            and len(self.serving.web_workers()) == workers
            and self.serving.is_ready()
        )


HALF = """
SELECT c.key, p.code, r.step, r.round,
  (SELECT count(*) FROM figures_observation o
   WHERE o.place_id = r.place_id AND o.period = c.period),
  (SELECT count(*) FROM kernel_journalentry j
   WHERE j.subject = 'reporting.report:' || r.id AND j.verb = 'report.submit')
FROM reporting_report r
JOIN reporting_cycle c ON c.id = r.cycle_id
JOIN places_place p ON p.id = r.place_id
WHERE (c.key, p.code) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


def half_done(installation: Installation, asked: list[tuple[str, str]]) -> list[str]:
    """Which of some submissions are neither there nor not there, as anybody would see them in
    one statement: all of report, figures and entry, or nothing."""
    here = cluster(installation.home).parameters(SUPERUSER, DATABASE)
    with psycopg.connect(make_conninfo(**here)) as database:
        rows = database.execute(HALF, [[c for c, _ in asked], [p for _, p in asked]]).fetchall()
    assert len(rows) == len(asked)
    whole = {("open", 0, 0, 0), ("signed", 1, LINES, 1)}
    return [str(row) for row in rows if row[2:] not in whole]


def inside(installation: Installation, *words: str, seconds: float) -> dict[str, Any]:
    """What `tests/faults/units.py`, run by the installation's Python, says."""
    process = installation.start("-c", UNITS, *words)
    printed, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, printed[-4000:]
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


UNITS = """
import runpy, sys, django
django.setup()
runpy.run_module("tests.faults.units", run_name="__main__")
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Installation]:
    """An installation of the account that runs the tests, migrated."""
    made = Installation(new_home(None), None, sys.executable)
    try:
        made.run("migrate")
        yield made
    finally:
        made.remove()


def kill_all(door: Door, killer: Killer) -> dict[str, list[tuple[float, float]]]:
    """Kill so many times; by kind the seconds until a submission that was begun after it was
    acknowledged, and until every process was there again."""
    took: dict[str, list[tuple[float, float]]] = {}
    workers = len(killer.serving.web_workers())
    for kind in islice(killer.kinds(), KILLS):
        time.sleep(killer.chance.uniform(0.0, LONGEST_PAUSE))
        times = kill(kind, door, killer, workers)
        took.setdefault(kind, []).append(times)
        print(
            f"{kind}: served again after {times[0]:.1f} s, all there after {times[1]:.1f} s,"
            f" {len(door.acknowledged)} acknowledged, load {os.getloadavg()[0]:.0f}",
            flush=True,
        )
        assert door.wrong == []
    return took


def kill(kind: str, door: Door, killer: Killer, workers: int) -> tuple[float, float]:
    """Kill one process of a kind; the two times that it took to be back."""

    def told() -> str:
        log = (killer.installation.home / "serve.log").read_text()[-3000:]
        return f"{kind} was killed: {door.told} {door.wrong[:3]}\n{log}"

    # A worker of jobs whose connection was killed before has ended too, and comes back by itself.
    await_that(lambda: bool(killer.victim(kind)), ALL_BACK, told)
    victim = killer.victim(kind)
    assert victim, told()
    with door.lock:
        under_way = sorted(door.under_way)
        door.told["under way when something was killed"] += len(under_way)
    killed = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: door.last_begun > killed or bool(door.wrong), RECOVERY, told)
    served = time.monotonic() - killed
    await_that(lambda: is_gone(victim) and killer.all_there(workers), ALL_BACK, told)
    back = time.monotonic() - killed
    assert half_done(killer.installation, under_way) == [], told()
    return served, back


def test_no_acknowledged_submission_is_lost_and_none_is_half_there(home: Installation) -> None:
    cycles = 2 + int(KILLS * A_KILL * RATE / COUNTIES)
    made = inside(home, "make", str(COUNTIES), str(cycles), seconds=60 + 5 * cycles)
    home.run("database", "stop")  # as after setting up: nothing of that is left to be synced
    with home.serving() as serving:
        order = ((cycle, place) for cycle in made["cycles"] for place in made["sessions"])
        door = Door(serving.port, made["sessions"], order)
        killer = Killer(home, serving, random.Random(20261130))
        await_that(lambda: serving.child("rollup follow") != 0, ALL_BACK)
        begun = time.monotonic()
        with submitting(door):
            await_that(lambda: len(door.acknowledged) >= CLIENTS or bool(door.wrong), RECOVERY)
            took = kill_all(door, killer)
        lasted = time.monotonic() - begun
        seen = inside(home, "look", seconds=300)
    tell(door, took, lasted)
    assert door.wrong == []
    assert door.told["under way when something was killed"] > 0
    assert seen["wrong"] == []
    signed = set(seen["signed"])
    lost = [each for each in door.acknowledged if " ".join(each) not in signed]
    assert lost == []
    assert len(signed) - len(door.acknowledged) <= CLIENTS  # those that nobody could answer
    verdict = json.loads(home.run("journal", "verify", "--json"))
    assert verdict["fault"] is None
    assert verdict["entries"] >= len(signed)


def tell(door: Door, took: dict[str, list[tuple[float, float]]], lasted: float) -> None:
    """Print what happened, for whoever runs the long form with `-s`."""
    print(f"\n{len(door.acknowledged):,} submissions acknowledged in {lasted:.0f} s")
    print(f"what else was heard: {dict(door.told)}")
    for kind, times in sorted(took.items()):
        served, back = (max(each) for each in zip(*times, strict=True))
        print(
            f"{kind:<20} killed {len(times):>3} times: served again within {served:.1f} s"
            f" ({sum(each > RECOVERY for each, _ in times)} above {RECOVERY:.0f}),"
            f" all processes there within {back:.1f} s"
        )
