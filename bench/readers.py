"""Pages of the national demo for 64 readers at once, who pause five seconds on average.

The readers are threads of this process, signed in as the demo's people; each asks for a page,
reads it, pauses (exponentially), asks for the next. Pages of single places and figures are
drawn at random over all counties, so that what is cached for one is of no use to the next. The
peer is the limit that we set ourselves: 300 ms for 19 of 20 pages.
"""

from __future__ import annotations

import http.client
import random
import statistics
import threading
import time
from collections.abc import Callable
from itertools import cycle

from django.conf import settings
from django.test import Client
from django.urls import reverse

from bench.national import served
from bench.row import Row
from throughline.bodies.models import Person
from throughline.places.models import Place
from throughline.plans.models import Element, Indicator

READERS = 64
PAUSE = 5.0
SECONDS = 60.0
WARM_UP = 8.0
"""Seconds until what is asked counts."""
LIMIT = 300.0
SEED = 14

Pages = dict[str, Callable[[random.Random], str]]


def _pages() -> Pages:
    """The kinds of pages, each with an address drawn at random."""
    counties = list(Place.objects.filter(tier__key="county", scheme__key="cn", kind="regular"))
    elements = list(
        Element.objects.filter(version__state="in_force", version__plan__scheme__key="cn")
        .select_related("version__plan")
    )  # fmt: skip
    indicators = list(Indicator.objects.filter(scheme__key="cn"))

    def place(draw: random.Random) -> str:
        return reverse("place", args=["cn", draw.choice(counties).code])

    def element(draw: random.Random) -> str:
        found = draw.choice(elements)
        return reverse("element", args=[found.version.plan.key, found.key])

    def indicator(draw: random.Random) -> str:
        return reverse("indicator", args=["cn", draw.choice(indicators).key])

    return {
        "My work": lambda _: reverse("my-work"),
        "status board": lambda _: reverse("status"),
        "place": place,
        "element": element,
        "indicator": indicator,
    }


def _sessions() -> list[str]:
    people = Person.objects.filter(
        demo=True, is_active=True, holdings__post__body__place__scheme__key="cn"
    )
    cookies = []
    for person in people.distinct():
        client = Client()
        client.force_login(person)
        cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return cookies


class _Reader(threading.Thread):
    """One reader; keeps the seconds and status of each page after the warm-up."""

    def __init__(self, port: int, session: str, pages: Pages, number: int, begun: float) -> None:
        super().__init__(daemon=True)
        self.port, self.session, self.pages, self.begun = port, session, pages, begun
        self.draw = random.Random(SEED + number)
        self.times: list[tuple[str, float]] = []
        self.refused = 0

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        time.sleep(self.draw.uniform(0, PAUSE))
        while time.monotonic() < self.begun + WARM_UP + SECONDS:
            kind = self.draw.choice(sorted(self.pages))
            address = self.pages[kind](self.draw)
            asked = time.monotonic()
            try:
                answer = self._ask(connection, address)
            except http.client.RemoteDisconnected:
                # It had stood idle and was closed; a browser asks once more, and so do we.
                connection.close()
                answer = self._ask(connection, address)
            took = time.monotonic() - asked
            self.refused += answer.status not in {200, 404}
            if asked > self.begun + WARM_UP:
                self.times.append((kind, took))
            time.sleep(self.draw.expovariate(1 / PAUSE))

    def _ask(
        self, connection: http.client.HTTPConnection, address: str
    ) -> http.client.HTTPResponse:
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.session}"
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        return answer


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1000


def run() -> list[Row]:
    """Let them read; one line for all pages and one for each kind, 95th percentiles."""
    with served() as port:
        pages, sessions = _pages(), cycle(_sessions())
        begun = time.monotonic()
        readers = [_Reader(port, next(sessions), pages, n, begun) for n in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    refused = sum(reader.refused for reader in readers)
    if refused:
        raise AssertionError(f"{refused} pages were refused")
    times = [each for reader in readers for each in reader.times]
    named = {"all pages": [took for _kind, took in times]}
    named |= {kind: [took for each, took in times if each == kind] for kind in pages}
    limit = f"limit, {READERS} readers"
    return [
        Row(f"{name}, p95 of {len(several)}", limit, _p95(several), LIMIT, "ms", 1.0)
        for name, several in named.items()
    ]
