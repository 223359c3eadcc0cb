"""Deadline day: every unit of the country submits its report before one close.

A form of 50 figures for each county (rules of every kind among them), some 2,900 units, each
with a body that has set one-step sign-off and a person who is signed in. All made up, in the
bench's own home, and labelled as simulated. The units submit through the HTTP door of a served
installation, at so many a second whatever the answers take (an open loop), with the generator on
the same cores. What is measured is the time from when a submission was due to be sent to its
answer, and how far the cube is behind meanwhile. Then: whether each figure is there once, and
whether the cube equals the database.

A second cycle is offered at three times that, with its close in the middle of the rush. Whoever
is turned away comes again when told; in the end all have to be in, once, and nobody late who came
before the close.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection, connections, transaction
from django.db.models import (
    BigIntegerField,
    CharField,
    FloatField,
    IntegerField,
    Model,
    UniqueConstraint,
)

from bench.national import served
from bench.row import Row
from throughline.bodies.models import Body, Holding, Person, Post
from throughline.bodies.rules import Duty
from throughline.bodies.sessions import SessionStore
from throughline.figures.models import Observation, Series
from throughline.figures.rollup import Wanted, tables
from throughline.figures.rollup.cubed import cube_folder, cube_of
from throughline.kernel import clock, journal
from throughline.kernel.actor import SYSTEM
from throughline.kernel.period import Period
from throughline.kernel.tables import renew_statistics
from throughline.places.models import Place, Tier
from throughline.plans.models import Edition, Indicator, Plan
from throughline.reporting.actions import open_cycle, submit_report
from throughline.reporting.models import Cycle, Form, FormLine, FormRule, Report
from throughline.reporting.queries import report_of
from throughline.running.database import grant_application_role
from throughline.running.migrating import append_only_tables

LINES = 50
COMPARED = range(12, 22)
"""The lines that a rule compares with their history."""
RATE = 120.0
"""Submissions a second that are offered, and in the rush three times as many."""
RUSH_LASTS = 6.0
"""Seconds from the first submission of the rush to the close."""
LIMIT = 1000.0
SHOWN = 1.0
CSRF = "b" * 32
MOST_TIMES = 20
"""How often one comes again."""
PATIENCE = 30.0
PEERS = 60
"""Units that are left for the comparison with other means."""
LOOKED = 64
"""Units that look at their report before all submit."""

WARM_UP = 5.0
FIRST_PERIOD = Period.parse("2025Q4")
FORM = "bench-deadline"
SEED = 14


@dataclass
class Unit:
    """A unit with what it will say, and the session of who says it."""

    place: str
    session: str
    payload: str


def prepare_form() -> Form:
    """The form of 50 lines with its indicators and series, made once."""
    found = Form.objects.filter(key=FORM).first()
    if found is not None:
        return found
    plan = Plan.objects.get(key="cn-new-urbanization-14fyp")
    edition = Edition.objects.filter(scheme=plan.scheme).latest("rank")
    tier = Tier.objects.get(scheme=plan.scheme, key="county")
    form = Form.objects.create(
        key=FORM, digest="0" * 64, plan=plan, asked_by=plan.lead_body, tier=tier, span="quarter",
        title_en="Deadline day", source_en="Simulated for the benchmark.",
    )  # fmt: skip
    form.review.set(Tier.objects.filter(scheme=plan.scheme, key__in=["prefecture", "province"]))
    for at in range(1, LINES + 1):
        indicator = Indicator.objects.create(
            scheme=plan.scheme, key=f"bench-{at:02}", title_en=f"Bench {at}", unit_en="units",
            direction="up", kind="sum", reporting_tier="county", span="quarter", minimum=0,
            decimals=0,
        )  # fmt: skip
        series = Series.objects.create(
            key=f"bench-{at:02}-reported", indicator=indicator, edition=edition,
            producer=plan.lead_body, nature="department", audience="line", rank=1,
            title_en=f"Bench {at}, as reported", simulated=True,
        )  # fmt: skip
        FormLine.objects.create(
            form=form, series=series, position=at, number=str(at), section_en="All"
        )
    rules: list[dict[str, Any]] = [
        {"kind": "must", "level": "hard", "must": f"bench-{at:02}-reported <= bench-01-reported"}
        for at in range(2, 12)
    ]
    rules += [
        {"kind": "history", "level": "soft", "series": f"bench-{at:02}-reported", "factor": 5.0}
        for at in COMPARED
    ]
    for at, rule in enumerate(rules, 1):
        FormRule.objects.create(form=form, key=f"rule-{at}", position=at, says_en="No.", **rule)
    return form


def prepare_people(places: list[Place]) -> dict[int, Person]:
    """By place, a person of a small body who reports and signs for it."""
    found = {
        holding.post.body.place_id: holding.person
        for holding in Holding.objects.filter(
            post__body__key__startswith="bench-unit-"
        ).select_related("post__body", "person")
    }
    day = places[0].valid_from
    for place in places:
        if place.pk in found:
            continue
        body = Body.objects.create(
            key=f"bench-unit-{place.code}", name_en=f"Bench unit {place.code}", kind="government",
            place=place, one_step=True, illustrative=True,
        )  # fmt: skip
        post = Post.objects.create(
            body=body, key="officer", title_en="Officer", duties=[Duty.REPORT, Duty.SIGN, Duty.READ]
        )
        person = Person.objects.create(login=f"bench-{place.code}", password="!")
        Holding.objects.create(post=post, person=person, valid_from=day)
        found[place.pk] = person
    return {place: person for place, person in found.items() if place is not None}


def session_of(person: Person) -> str:
    """The key of a session in which a person is signed in; signing in is measured apart."""
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def quarters(form: Form) -> tuple[Period, Period]:
    """The first two quarters that no run has asked about, as a deadline is about a new one."""
    asked = set(Cycle.objects.filter(forms=form).values_list("period", flat=True))
    period = FIRST_PERIOD
    while period.code in asked:
        period = period.next()
    return period, period.next()


def new_cycle(form: Form, key: str, period: Period) -> Cycle:
    """A cycle that is open for an hour."""
    now = clock.now()
    opened: Cycle = open_cycle(
        SYSTEM, key=key, title=f"Deadline day {key}", forms=[form], period=period,
        opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(hours=1),
    )  # fmt: skip
    return opened


def values_of(draw: random.Random) -> dict[str, dict[str, Any]]:
    """Fifty values that no rule minds: those that are compared with earlier quarters stay."""
    first = draw.randrange(1000, 2000)
    given = {1: first} | dict.fromkeys(COMPARED, 500)
    return {
        f"bench-{at:02}-reported": {"value": given.get(at, draw.randrange(first))}
        for at in range(1, LINES + 1)
    }


# -- the units' browsers ---------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back for one unit in the end: its status, when it was first sent (seconds
    of the epoch), and for each time that it came the seconds from when it was due to its answer."""

    status: int
    came: float
    took: tuple[float, ...]

    @property
    def turned_away(self) -> int:
        """How often it was asked to come again."""
        return len(self.took) - 1


class Connections:
    """Kept-alive connections to the door, as many as are wanted at once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, unit: Unit, path: str, method: str = "POST") -> tuple[int, int, float]:
        """Send a submission, or another request, and read its answer: the status, the seconds
        after which to come again (0 where nothing is said of it), and when it was sent."""
        reader, writer = stream = await self._one()
        body = unit.payload.encode() if method == "POST" else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Cookie: {settings.SESSION_COOKIE_NAME}={unit.session};"
            f" {settings.CSRF_COOKIE_NAME}={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        sent = time.time()
        writer.write(head.encode() + body)
        status, length, again = 0, 0, 0
        while line := (await reader.readline()).strip():
            if not status:
                status = int(line.split()[1])
            elif line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            elif line.lower().startswith(b"retry-after:"):
                again = int(line.split(b":")[1])
        await reader.readexactly(length)
        self.idle.append(stream)
        return status, again, sent

    async def _one(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that the server has not closed because nobody used it."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)


async def submit_all(port: int, cycle: str, units: list[Unit], rate: float) -> list[Answer]:
    """Submit for all units, so many a second, whether or not the ones before are answered; who
    is turned away comes again when told."""
    door = Connections(port)
    begun = time.monotonic()

    async def one(number: int, unit: Unit) -> Answer:
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        came, took = 0.0, []
        path = f"/api/cycles/{cycle}/reports/{unit.place}/submit"
        while True:
            status, again, sent = await door.send(unit, path)
            came = came or sent
            took.append(time.monotonic() - due)
            if status != 429 or len(took) > MOST_TIMES:
                return Answer(status, came, tuple(took))
            due = time.monotonic() + again
            await asyncio.sleep(again)

    return await asyncio.gather(*(one(n, unit) for n, unit in enumerate(units)))


async def look_at(port: int, cycle: str, units: list[Unit]) -> None:
    """Some units look at what they have to report, one after the other, as all will have done:
    a web process that has just begun knows neither the cycle nor its form."""
    door = Connections(port)
    for unit in units:
        status, _again, _sent = await door.send(
            unit, f"/api/cycles/{cycle}/reports/{unit.place}", "GET"
        )
        if status != 200:
            raise AssertionError(f"{unit.place} cannot look at its report: {status}")


class Behind:
    """How long the cube takes to reach what is in the journal, looked at while units submit."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Behind:
        with cube_of(cube_folder()).reading():
            pass  # what was written so far is brought in before anything is measured
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        cube = cube_of(cube_folder())
        while not self._ended.wait(0.5):
            position, begun, reached = journal.head()[0], time.monotonic(), 0
            while reached < position and time.monotonic() - begun < PATIENCE:
                with cube.reading() as generation:
                    reached = generation.standing.position if generation else 0
                time.sleep(0.005)
            self.seconds.append(time.monotonic() - begun)
        connection.close()


def p95(answers: list[Answer]) -> float:
    """The 95th percentile of all answers, in milliseconds."""
    return statistics.quantiles(every_time(answers), n=20)[-1] * 1000


def every_time(answers: list[Answer]) -> list[float]:
    """The seconds of every answer, also of those that asked to come again."""
    return [seconds for each in answers for seconds in each.took]


# -- whether all of it is there --------------------------------------------------------------


def check_figures(units: list[Unit], cycle: Cycle) -> None:
    """Raise unless every figure of every unit was written once, and stands with the value that
    was sent."""
    sent = {
        (unit.place, key): float(cell["value"])
        for unit in units
        for key, cell in json.loads(unit.payload)["values"].items()
    }
    rows = Observation.objects.filter(series__key__startswith="bench-", period=cycle.period)
    standing = {
        (place, series): value
        for place, series, value in rows.filter(superseded_by__isnull=True).values_list(
            "place__code", "series__key", "value"
        )
    }
    wrong = {cell for cell, value in sent.items() if standing.get(cell) != value}
    if wrong:
        raise AssertionError(f"{len(wrong)} of {len(sent)} figures are not as they were sent")
    acts = Report.objects.filter(cycle=cycle, signed_act__isnull=False).values("signed_act")
    written = rows.filter(act__in=acts).count()
    if written != len(sent):
        raise AssertionError(f"{written} figures were written for {len(sent)} that were sent")


def seconds_until_right(period: Period) -> float:
    """Seconds from now until the nation's total of the first figure, as a page reads it, is the
    sum of the figures that stand in the database."""
    series = Series.objects.select_related("indicator", "edition").get(key="bench-01-reported")
    standing = Observation.objects.filter(
        series=series, period=period.code, superseded_by__isnull=True
    )
    right = sum(value for value in standing.values_list("value", flat=True) if value is not None)
    wanted = Wanted(series.indicator, series.edition, period)
    nation = Place.objects.get(scheme=series.indicator.scheme, tier__level=0)
    begun = time.monotonic()
    while True:
        found = tables([wanted])[wanted].at(nation.pk).rollup
        took = time.monotonic() - begun
        if found == right:
            return took
        if took > 30:
            raise AssertionError(f"the nation has {found}, not {right}")


# -- the same work by other means ------------------------------------------------------------


class Cell(Model):
    """A figure as a plain application would keep it: one row, written over."""

    series = IntegerField()
    place = BigIntegerField()
    period = CharField(max_length=10)
    value = FloatField()

    class Meta:
        app_label = "bench"
        constraints = (UniqueConstraint(fields=["series", "place", "period"], name="bench_once"),)

    def __str__(self) -> str:
        return f"{self.series} {self.place} {self.period}"


def beside_peers(units: list[Unit], cycle: Cycle) -> list[Row]:
    """The figures of single units stored: ours with all that belongs to it (permission, rules,
    history, journal), theirs the bare rows; in turn, in this process, medians."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(f'DROP TABLE IF EXISTS "{Cell._meta.db_table}"')
    with owner.schema_editor() as editor:
        editor.create_model(Cell)
    grant_application_role(owner, append_only_tables())
    series = dict(Series.objects.filter(key__startswith="bench-").values_list("key", "pk"))
    times: dict[str, list[float]] = {"ours": [], "bulk": [], "loop": []}

    def timed(name: str, work: Callable[[], object]) -> None:
        begun = time.perf_counter()
        work()
        times[name].append(time.perf_counter() - begun)

    try:
        for unit in units:
            report = report_of(SYSTEM, cycle.key, unit.place)
            values = json.loads(unit.payload)["values"]
            cells = [
                Cell(series=series[key], place=report.place_id, period=cycle.period,
                     value=given["value"])
                for key, given in values.items()
            ]  # fmt: skip
            timed("ours", partial(submit_report, SYSTEM, report=report, values=values))
            timed("bulk", partial(_in_bulk, cells))
            timed("loop", partial(_one_by_one, cells))
    finally:
        with owner.schema_editor() as editor:
            editor.delete_model(Cell)
    ours, bulk, loop = (statistics.median(times[each]) * 1000 for each in times)
    return [
        Row("one unit's 50 values", "bulk_create(update_conflicts)", ours, bulk, "ms", 0.0),
        Row("one unit's 50 values", "update_or_create, a loop", ours, loop, "ms", 1.0),
    ]


def _in_bulk(cells: list[Cell]) -> None:
    with transaction.atomic():
        Cell._default_manager.bulk_create(
            cells, update_conflicts=True, update_fields=["value"],
            unique_fields=["series", "place", "period"],
        )  # fmt: skip


def _one_by_one(cells: list[Cell]) -> None:
    with transaction.atomic():
        for each in cells:
            Cell._default_manager.update_or_create(
                series=each.series, place=each.place, period=each.period,
                defaults={"value": each.value},
            )  # fmt: skip


def units_in(cycle: Cycle, form: Form, draw: random.Random) -> list[Unit]:
    """Every unit of a cycle, with a session and what it will say."""
    reports = list(Report.objects.filter(cycle=cycle).select_related("place"))
    with transaction.atomic():
        people = prepare_people([each.place for each in reports])
    return [
        Unit(each.place.code, session_of(people[each.place_id]),
             json.dumps({"values": values_of(draw)}))
        for each in reports
    ]  # fmt: skip


def deadline(port: int, cycle: Cycle, units: list[Unit]) -> list[Row]:
    """As many as are to be taken at once."""
    with Behind() as behind:
        answers = asyncio.run(submit_all(port, cycle.key, units, RATE))
    spread = statistics.quantiles(every_time(answers), n=20)
    print(f"median {spread[9]:.3f} s, p95 {spread[18]:.3f} s of {len(answers):,} answers")
    refused = sum(each.status != 200 or each.turned_away > 0 for each in answers)
    if refused:
        raise AssertionError(f"{refused} of {len(answers)} were not accepted at once")
    shown = seconds_until_right(Period.parse(cycle.period))
    check_figures(units, cycle)
    name = f"{len(answers):,} units, {RATE:.0f} a second"
    return [
        Row(f"{name}, p95", "limit", p95(answers), LIMIT, "ms", 1.0),
        Row("the cube behind the journal, worst", "limit", max(behind.seconds), SHOWN, "s", 1.0),
        Row("the nation right after the last answer", "limit", shown, SHOWN, "s", 1.0),
    ]


def rush(port: int, cycle: Cycle, units: list[Unit]) -> list[Row]:
    """Three times as many, and the close comes meanwhile."""
    closes = clock.now() + timedelta(seconds=RUSH_LASTS)
    Cycle.objects.filter(pk=cycle.pk).update(closes_at=closes)
    answers = asyncio.run(submit_all(port, cycle.key, units, 3 * RATE))
    out = sum(each.status != 200 for each in answers)
    if out:
        raise AssertionError(f"{out} of {len(answers)} are not in")
    early = {
        unit.place
        for unit, each in zip(units, answers, strict=True)
        if each.came < closes.timestamp() - 0.5
    }
    late = Report.objects.filter(cycle=cycle, late=True, place__code__in=early)
    wronged = list(late.values_list("place__code", flat=True))
    again = [each for each in answers if each.turned_away]
    print(
        f"at {3 * RATE:.0f} a second {len(again):,} of {len(answers):,} were asked to come again,"
        f" at most {max((each.turned_away for each in again), default=0)} times;"
        f" {len(early):,} came before the close, {len(wronged)} of them count as late"
    )
    if wronged:
        raise AssertionError(f"{len(wronged)} came in time and count as late")
    seconds_until_right(Period.parse(cycle.period))
    check_figures(units, cycle)
    return [Row(f"{len(answers):,} units, {3 * RATE:.0f} a second, every answer, p95", "limit",
                p95(answers), LIMIT, "ms", 1.0)]  # fmt: skip


def run() -> list[Row]:
    """One deadline, and a rush; then the same work by other means."""
    with served() as port:
        with transaction.atomic():
            form = prepare_form()
        named = f"deadline-{clock.now():%Y%m%d%H%M%S}"
        quarter, next_quarter = quarters(form)
        cycle, other = (
            new_cycle(form, named, quarter),
            new_cycle(form, f"{named}-rush", next_quarter),
        )
        draw = random.Random(f"{SEED} {named}")
        units, rushing = units_in(cycle, form, draw), units_in(other, form, draw)
        renew_statistics(Body, Post, Person, Holding, Session)  # as PostgreSQL does in a minute
        held, offered = units[:PEERS], units[PEERS:]
        time.sleep(WARM_UP)
        for opened, several in ((cycle, units), (other, rushing)):
            asyncio.run(look_at(port, opened.key, several[:LOOKED]))
        rows = [*deadline(port, cycle, offered), *rush(port, other, rushing)]
        return [*rows, *beside_peers(held, cycle)]
