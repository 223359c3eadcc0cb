"""A rush of sign-ins: how many people are let in, and what it costs those who submit.

The units and the form of `bench.reporting`, in the same home, all of it simulated. Those who sign
in do as a browser does (`sign-in.js`): told to come again, they come again when they were told.
First some hundred come at once and nothing else happens: sign-ins a second. Then units submit
at a moderate rate (an open loop), in windows without and with people who come to sign in,
in turn, several times as many as can be let in.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from bench.national import served
from bench.reporting import (
    CSRF,
    Answer,
    Unit,
    new_cycle,
    p95,
    prepare_form,
    prepare_people,
    quarters,
    session_of,
    submit_all,
    values_of,
)
from bench.row import Row
from throughline.bodies.models import Person
from throughline.kernel import clock
from throughline.reporting.models import Report

PASSWORD = "of the bench, twelve and more"
ALONE = 100
"""People who come at once."""
RATE = 40.0
"""Submissions a second."""
COME = 20.0
"""People a second who come to sign in during a rush."""
WINDOWS, EACH = 3, 320
"""Windows of either sort, and submissions in each."""
WARM_UP = 5.0
SLOWER = 2.0
"""How many times as long 19 of 20 submissions may take beside a rush."""
SEED = 15


@dataclass
class Rush:
    """What came of those who came to sign in."""

    let_in: int = 0
    told_to_wait: int = 0
    took: list[float] = field(default_factory=list)
    """Seconds from coming to being let in."""


async def _post(port: int, login: str) -> tuple[int, float]:
    """Sign in once; the status, and in how many seconds to come again."""
    body = urlencode({"login": login, "password": PASSWORD, "next": ""}).encode()
    head = (
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Cookie: {settings.CSRF_COOKIE_NAME}={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + body)
        status, wait = 0, 0.0
        while line := (await reader.readline()).strip():
            if not status:
                status = int(line.split()[1])
            elif line.lower().startswith(b"retry-after:"):
                wait = float(line.split(b":")[1])
        await reader.read()
        return status, wait
    finally:
        writer.close()


async def sign_in(port: int, login: str, rush: Rush) -> None:
    """Come to sign in, and again as one is told, until one is let in."""
    begun = time.monotonic()
    while True:
        status, wait = await _post(port, login)
        if status == 302:
            rush.let_in += 1
            rush.took.append(time.monotonic() - begun)
            return
        if status != 503 or not wait:
            raise AssertionError(f"{login} was answered {status}")
        rush.told_to_wait += 1
        await asyncio.sleep(wait + random.random())


async def all_at_once(port: int, logins: list[str]) -> tuple[Rush, float]:
    """All come at the same moment; the seconds until the last is let in."""
    rush, begun = Rush(), time.monotonic()
    await asyncio.gather(*(sign_in(port, login, rush) for login in logins))
    return rush, time.monotonic() - begun


async def _keep_coming(port: int, logins: list[str], rush: Rush) -> None:
    """So many a second, until one is told to stop."""
    draw = random.Random(SEED)
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(sign_in(port, draw.choice(logins), rush))
            await asyncio.sleep(draw.expovariate(COME))


async def beside_a_rush(
    port: int, cycle: str, units: list[Unit], logins: list[str], rush: Rush
) -> list[Answer]:
    """Submit while people come to sign in."""
    coming = asyncio.create_task(_keep_coming(port, logins, rush))
    await asyncio.sleep(2.0)  # until there is a crowd
    try:
        return await submit_all(port, cycle, units, RATE)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def prepare(reports: list[Report]) -> tuple[list[Unit], list[str]]:
    """The units, each with who is signed in for it, and the logins of all."""
    places = [each.place for each in reports]
    with transaction.atomic():
        prepare_people(places)
        # One salt for all: what is measured is checking, not making.
        Person.objects.filter(login__startswith="bench-").update(password=make_password(PASSWORD))
        people = prepare_people(places)
    draw = random.Random(SEED)
    units = [
        Unit(each.place.code, session_of(people[each.place_id]),
             json.dumps({"values": values_of(draw)}))
        for each in reports[: 2 * WINDOWS * EACH]
    ]  # fmt: skip
    return units, sorted(person.login for person in people.values())


def run() -> list[Row]:
    """Sign-ins alone, then submissions without and beside a rush."""
    with served() as port:
        with transaction.atomic():
            form = prepare_form()
        cycle = new_cycle(form, f"rush-{clock.now():%Y%m%d%H%M%S}", quarters(form)[0])
        reports = list(Report.objects.filter(cycle=cycle).select_related("place"))
        units, logins = prepare(reports)
        time.sleep(WARM_UP)
        alone, lasted = asyncio.run(all_at_once(port, logins[:ALONE]))
        print(f"{ALONE} at once: {ALONE / lasted:.1f} a second, {alone.told_to_wait} told to wait")
        rush = Rush()
        calm: list[Answer] = []
        beside: list[Answer] = []
        for at in range(0, len(units), 2 * EACH):
            first, second = units[at : at + EACH], units[at + EACH : at + 2 * EACH]
            calm += asyncio.run(submit_all(port, cycle.key, first, RATE))
            beside += asyncio.run(beside_a_rush(port, cycle.key, second, logins, rush))
            time.sleep(1.0)
    refused = sum(each.status != 200 for each in calm + beside)
    if refused:
        raise AssertionError(f"{refused} submissions were not accepted")
    spread = [statistics.median([each.took[-1] for each in several]) for several in (calm, beside)]
    without, beside_it = (each * 1000 for each in spread)
    print(
        f"medians {without:.0f} and {beside_it:.0f} ms; beside the submissions "
        f"{rush.let_in} were let in and {rush.told_to_wait} times somebody was told to wait"
    )
    return [
        Row("an hour's sign-ins, nothing else", "the country's counties",
            len(reports), ALONE / lasted * 3600, "", 1.0),
        Row(f"submissions, {RATE:.0f} a second, p95 beside a rush", f"no rush, × {SLOWER:.0f}",
            p95(beside), p95(calm) * SLOWER, "ms", 1.0),
    ]  # fmt: skip
