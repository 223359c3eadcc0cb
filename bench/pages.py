"""Every page of the simulated cascade, for one reader after another: how long it takes.

The pages are asked for as a browser would, through the whole stack of the product in this process,
by the demo's people of each tier; single elements, assignments, places and plans are drawn at
random, so that what is kept for one is of no use to the next. The picture is that of national
elements that hundreds or thousands of units refine. The peers are the limits that we set ourselves:
300 ms for 19 of 20 pages, 1 s for the picture, 50 ms to find what somebody may see.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.urls import reverse

from bench.cascade import simulated
from bench.row import Row
from throughline.bodies.models import Body, Person
from throughline.bodies.queries import actor_for
from throughline.cascade.models import Assignment
from throughline.cascade.queries import (
    assignments_visible_to,
    claims_visible_to,
    local_plans_visible_to,
    reports_visible_to,
)
from throughline.kernel.actor import Actor, Door
from throughline.notices.queries import notices_visible_to
from throughline.places.models import Place
from throughline.plans.models import Element, Indicator, Plan
from throughline.plans.queries import elements_visible_to, plans_visible_to
from throughline.running.warming import warm_up

READERS = (
    "coordinator", "lead-department", "province", "prefecture", "county", "county-head", "auditor",
)  # fmt: skip
DRAWS = 12
"""So many pages of each kind for each reader."""
PAGE = 50
PAGE_LIMIT, PICTURE_LIMIT, FILTER_LIMIT = 300.0, 1000.0, 50.0
SEED = 14

Draw = Callable[[random.Random], str | None]


class Kinds:
    """The kinds of pages of a reader, each with an address drawn at random."""

    def __init__(self, plan: Plan, actor: Actor) -> None:
        self.plan, self.actor = plan, actor
        self.national = list(
            Element.objects.filter(version__plan=plan).values_list("key", flat=True)
        )
        seen = assignments_visible_to(actor).filter(element__version__plan=plan)
        self.assignments = _some(seen.values_list("pk", flat=True))
        local = local_plans_visible_to(actor).filter(local__superior__isnull=False)
        self.local = _some(local.values_list("key", flat=True))
        below = Place.objects.filter(scheme=plan.scheme, kind="regular", tier__level__gt=0)
        self.places = _some(below.values_list("code", flat=True))
        bodies = Body.objects.filter(place__scheme=plan.scheme)
        self.bodies = _some(bodies.values_list("key", flat=True))
        indicators = Indicator.objects.filter(scheme=plan.scheme)
        self.indicators = _some(indicators.values_list("key", flat=True))

    def addresses(self) -> dict[str, Draw]:
        """By kind; None where the reader has no such page."""
        key = self.plan.key
        picture = partial(self._of_element, "throughline")
        return {
            "My work": lambda _: reverse("my-work"),
            "inbox": lambda _: reverse("inbox"),
            "status board": lambda _: reverse("status"),
            "status board of the plan": lambda _: reverse("status") + f"?plan={key}",
            "indicators": lambda _: reverse("indicators"),
            "indicator": lambda draw: reverse(
                "indicator", args=[self.plan.scheme.key, draw.choice(self.indicators)]
            ),
            "places": lambda _: reverse("places"),
            "place": lambda draw: reverse(
                "place", args=[self.plan.scheme.key, draw.choice(self.places)]
            ),
            "bodies": lambda _: reverse("bodies"),
            "body": lambda draw: reverse("body", args=[draw.choice(self.bodies)]),
            "search": lambda _: reverse("search") + "?words=simulated",
            "journal": lambda _: reverse("journal"),
            "plans": lambda _: reverse("plans"),
            "plans, by words": lambda _: reverse("plans") + "?words=county",
            "plan": lambda _: reverse("plan", args=[key]),
            "element": self._of_element("element"),
            "work of the plan": lambda _: reverse("plan-work", args=[key]),
            "work, one state": lambda _: reverse("plan-work", args=[key]) + "?state=working",
            "work, by words": lambda _: reverse("plan-work", args=[key]) + "?words=county",
            "work, a later page": lambda _: reverse("plan-work", args=[key]) + "?page=40",
            "checks": lambda _: reverse("checks", args=[key]),
            "assign": self._of_element("assign-element"),
            "pass down": self._of_element("pass-down"),
            "assign as printed": lambda _: reverse("assign-as-printed", args=[key]),
            "mechanisms": lambda _: reverse("mechanisms", args=[key]),
            "assignment": self._assignment,
            "local plan": self._local,
            "hand-over": lambda draw: reverse("hand-over", args=[draw.choice(self.bodies)]),
            "work of a local plan": self._local_work,
            "picture": picture(),
            "picture, list": picture("?stage=done"),
            "picture, words": picture("?words=xian"),
            "picture, worst first": picture("?order=worst&only=breaks"),
        }

    def _of_element(self, name: str, query: str = "") -> Draw:
        def address(draw: random.Random) -> str:
            return reverse(name, args=[self.plan.key, draw.choice(self.national)]) + query

        return address

    def _assignment(self, draw: random.Random) -> str | None:
        if not self.assignments:
            return None
        return reverse("assignment", args=[draw.choice(self.assignments)])

    def _local(self, draw: random.Random) -> str | None:
        return reverse("local-plan", args=[draw.choice(self.local)]) if self.local else None

    def _local_work(self, draw: random.Random) -> str | None:
        return reverse("plan-work", args=[draw.choice(self.local)]) if self.local else None


def _some(rows: QuerySet[Any, Any]) -> list[Any]:
    """A thousand, spread over all."""
    found = list(rows.order_by("pk"))
    return found[:: max(1, len(found) // 1000)]


def _actor(person: Person) -> Actor:
    return actor_for(person, None, door=Door.WEB)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1000 if len(times) > 1 else times[0] * 1000


def _pages(plan: Plan) -> dict[str, list[float]]:
    """By kind, the seconds of each page."""
    draw = random.Random(SEED)
    times: dict[str, list[float]] = {}
    for login in READERS:
        person = Person.objects.get(login=login)
        client = Client()
        client.force_login(person)
        for kind, address in Kinds(plan, _actor(person)).addresses().items():
            for turn in range(DRAWS + 1):
                asked = address(draw)
                if asked is None:
                    break
                begun = time.perf_counter()
                answer = client.get(asked)
                taken = time.perf_counter() - begun
                if answer.status_code not in {200, 403, 404}:
                    raise AssertionError(f"{answer.status_code} for {login} at {asked}")
                if turn and answer.status_code == 200:  # the first one is to warm up
                    times.setdefault(kind, []).append(taken)
    return times


def _filters(plan: Plan) -> dict[str, list[float]]:
    """By what is looked for, the seconds to find the first page of what a reader may see.
    Claims and reports are only ever looked for at one assignment."""
    one = Assignment.objects.filter(thread__plan=plan).order_by("-pk").first()
    assert one is not None
    asked: dict[str, Callable[[Actor], QuerySet[Any]]] = {
        "assignments": assignments_visible_to,
        "elements": elements_visible_to,
        "claims": lambda actor: claims_visible_to(actor).filter(assignment=one),
        "reports": lambda actor: reports_visible_to(actor).filter(assignment=one),
        "local plans": local_plans_visible_to,
        "plans": plans_visible_to,
        "notices": notices_visible_to,
    }
    times: dict[str, list[float]] = {}
    for login in READERS:
        actor = _actor(Person.objects.get(login=login))
        for name, of in asked.items():

            def work(of: Callable[[Actor], QuerySet[Any]] = of, actor: Actor = actor) -> object:
                return list(of(actor).order_by("-pk").values_list("pk")[:PAGE])

            work()
            times.setdefault(name, []).extend(_seconds(work) for _ in range(5))
    return times


def run() -> list[Row]:
    """A line for each kind of page, and for each filter: 95th percentiles."""
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    plan, _written = simulated()
    # As where it is served: the cube stands at the journal's head, and nothing here moves that.
    subprocess.run([sys.executable, "-m", "throughline", "rollup", "follow", "--once"], check=True)
    warm_up()
    gc.collect()
    gc.freeze()  # as the web process does with what it has loaded
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": plain}, ALLOWED_HOSTS=["testserver"]
    ):
        pages = _pages(plan)
    rows = []
    for kind, times in pages.items():
        limit = PICTURE_LIMIT if kind == "picture" else PAGE_LIMIT
        name = f"{kind}, p95 of {len(times)}"
        rows.append(Row(name, "limit", _p95(times), limit, "ms", 1.0))
    for kind, times in _filters(plan).items():
        name = f"which {kind} one may see"
        rows.append(Row(name, "limit", _p95(times), FILTER_LIMIT, "ms", 1.0))
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return rows
