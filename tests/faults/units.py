"""Units that submit, made inside a throw-away installation, and what became of what they said.

Three provinces with their counties, a form of fifty figures for each county, a person in each
county who is signed in and signs in one step, and as many cycles as are asked for, each for a
quarter of its own. All of it is simulated. `make` and `look` are run by the installation's own
Python; they print one line of JSON.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from tests.faults.installation import await_that
from throughline.bodies.models import Body, Holding, Person, Post
from throughline.bodies.rules import BodyKind, Duty
from throughline.figures.cube.lock import is_held
from throughline.figures.following.building import everything
from throughline.figures.following.definitions import definitions_now
from throughline.figures.models import Observation, Series
from throughline.figures.rollup import cubed
from throughline.figures.tests.cubes import differences
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.queries import known_now
from throughline.places.models import Closure, Parentage, Place, Scheme, Tier
from throughline.plans.models import Edition, Indicator, Plan
from throughline.reporting.actions import open_cycle
from throughline.reporting.models import Cycle, Form, FormLine, FormRule, Report

LINES = 50
PROVINCES = 3
ALWAYS = date(1980, 1, 1)
FIRST_YEAR = 1990
HEAD = 60.0
"""Seconds in which the roll-up process has to be at the journal's head in the end."""

SERIES = [f"said-{at:02}" for at in range(1, LINES + 1)]


def values_of(cycle: str, place: str) -> dict[str, int]:
    """What a unit says in a cycle: the same whoever asks, and no rule minds it."""
    draw = random.Random(f"{cycle} {place}")
    first = draw.randrange(1000, 2000)
    return {key: first if key == SERIES[0] else draw.randrange(first) for key in SERIES}


# -- making ----------------------------------------------------------------------------------


def make(counties: int, cycles: int) -> dict[str, Any]:
    """All of it: the session of each unit by its code, and the keys of the cycles."""
    with transaction.atomic():
        form, places = _form(*_places(counties))
        sessions = {place.code: _session(place) for place in places}
    return {"sessions": sessions, "cycles": [_open(form, at) for at in range(cycles)]}


def _places(counties: int) -> tuple[Scheme, dict[str, Place]]:
    scheme = Scheme.objects.create(key="land", name_en="Land", name_zh="国")
    tiers = [
        Tier.objects.create(scheme=scheme, key=key, level=level, name_en=key.title())
        for level, key in enumerate(("nation", "province", "county"))
    ]
    above: dict[str, tuple[str, ...]] = {"N": ()}
    above |= {f"N{province}": ("N",) for province in range(PROVINCES)}
    for number in range(counties):
        province = f"N{number % PROVINCES}"
        above[f"{province}-{number:03}"] = (province, "N")
    rows = Place.objects.bulk_create(
        Place(
            scheme=scheme, code=code, name_en=f"Place {code}", name_zh=f"地{code}",
            sort_key=code.lower(), tier=tiers[len(higher)], valid_from=ALWAYS,
        )
        for code, higher in above.items()
    )  # fmt: skip
    places = {row.code: row for row in rows}
    Parentage.objects.bulk_create(
        Parentage(place=places[code], parent=places[higher[0]], valid_from=ALWAYS)
        for code, higher in above.items()
        if higher
    )
    Closure.objects.bulk_create(
        Closure(
            ancestor=places[each], descendant=places[code], distance=distance, valid_from=ALWAYS
        )
        for code, higher in above.items()
        for distance, each in enumerate((code, *higher))
    )
    return scheme, places


def _form(scheme: Scheme, places: dict[str, Place]) -> tuple[Form, list[Place]]:
    """The form, asked by a department of the nation and checked by provinces; who fills it in."""
    nation = places["N"]
    asks = Body.objects.create(
        key="asks", name_en="Asks", kind=BodyKind.DEPARTMENT, place=nation, illustrative=True
    )
    plan = Plan.objects.create(
        key="plan", scheme=scheme, place=nation, title_en="Plan", lead_body=asks,
        period_from="2021", period_to="2025", zone="UTC", pack="plan", pack_digest="0" * 64,
    )  # fmt: skip
    edition = Edition.objects.create(scheme=scheme, key="one", title_en="One", rank=1)
    county = Tier.objects.get(scheme=scheme, key="county")
    form = Form.objects.create(
        key="form", digest="0" * 64, plan=plan, asked_by=asks, tier=county, span="quarter",
        title_en="Fifty figures", source_en="Simulated for the tests.",
    )  # fmt: skip
    form.review.set(Tier.objects.filter(scheme=scheme, key="province"))
    for at, key in enumerate(SERIES, 1):
        indicator = Indicator.objects.create(
            scheme=scheme, key=f"indicator-{at:02}", title_en=f"Indicator {at}", unit_en="units",
            direction="up", kind="sum", reporting_tier="county", span="quarter", minimum=0,
            decimals=0,
        )  # fmt: skip
        series = Series.objects.create(
            key=key, indicator=indicator, edition=edition, producer=asks, nature="department",
            audience="line", rank=1, title_en=f"As said, {at}", simulated=True,
        )  # fmt: skip
        FormLine.objects.create(
            form=form, series=series, position=at, number=str(at), section_en="All"
        )
        if at > 1:
            FormRule.objects.create(
                form=form, key=f"rule-{at}", position=at, kind="must", level="hard", says_en="No.",
                must=f"{key} <= {SERIES[0]}",
            )  # fmt: skip
    return form, [place for place in places.values() if place.tier_id == county.pk]


def _session(place: Place) -> str:
    """The key of the session in which a person of the unit's small body is signed in."""
    body = Body.objects.create(
        key=f"of-{place.code.lower()}", name_en=f"Of {place.code}", kind=BodyKind.GOVERNMENT,
        place=place, one_step=True, illustrative=True,
    )  # fmt: skip
    duties = [Duty.REPORT, Duty.SIGN, Duty.READ]
    post = Post.objects.create(body=body, key="officer", title_en="Officer", duties=duties)
    person = Person.objects.create(login=f"of-{place.code.lower()}", password="!")
    Holding.objects.create(post=post, person=person, valid_from=ALWAYS)
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def _open(form: Form, at: int) -> str:
    now = clock.now()
    cycle: Cycle = open_cycle(
        SYSTEM, key=f"cycle-{at}", title=f"Cycle {at}", forms=[form],
        period=Period.parse(f"{FIRST_YEAR + at // 4}Q{at % 4 + 1}"),
        opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(days=1),
    )  # fmt: skip
    return cycle.key


# -- looking ---------------------------------------------------------------------------------


def look() -> dict[str, Any]:
    """What there is in the end: the reports that are signed, each as `cycle place`, and
    whatever is not as it has to be, in words."""
    signed, wrong = _reports()
    return {"signed": signed, "wrong": wrong + _cube()}


def _reports() -> tuple[list[str], list[str]]:
    """The signed reports, and what is half there, twice there or other than it was said."""
    wrong: list[str] = []
    figures: dict[tuple[int, str], dict[str, float | None]] = {}
    twice: Counter[tuple[int, str]] = Counter()
    rows = Observation.objects.values_list(
        "place_id", "period", "series__key", "value", "superseded_by"
    )
    for place, period, series, value, later in rows.iterator():
        cell = figures.setdefault((place, period), {})
        twice[place, period] += later is not None or series in cell
        cell[series] = value
    entries = Counter(
        JournalEntry.objects.filter(verb="report.submit").values_list("subject", flat=True)
    )
    signed = []
    for row in Report.objects.select_related("cycle", "place").iterator(chunk_size=2000):
        name = f"{row.cycle.key} {row.place.code}"
        here = figures.pop((row.place_id, row.cycle.period), {})
        acts = entries.pop(f"reporting.report:{row.pk}", 0)
        if twice[row.place_id, row.cycle.period]:
            wrong.append(f"{name}: figures were written twice")
        if row.step == "open":
            if here or acts or row.values or row.round:
                wrong.append(f"{name} is open, with {len(here)} figures and {acts} entries")
            continue
        signed.append(name)
        said = values_of(row.cycle.key, row.place.code)
        if (row.step, row.round, acts) != ("signed", 1, 1):
            wrong.append(f"{name} is {row.step} for the {row.round}th time by {acts} entries")
        if here != said or {key: each["value"] for key, each in row.values.items()} != said:
            wrong.append(f"{name} does not hold what was said")
    wrong += [f"figures of no report: {key}" for key in figures]
    return signed, wrong + [f"an entry about no report: {subject}" for subject in entries]


def _cube() -> list[str]:
    """In what the cube that the roll-up process keeps differs from one made of the database."""
    folder = cubed.cube_folder()

    def at_head() -> bool:
        standing = cubed.cube_of(folder).standing
        return standing is not None and standing.position == known_now().position

    # Who was killed last may still be reading its definitions.
    await_that(lambda: is_held(folder), HEAD, lambda: "nobody keeps the cube")
    await_that(at_head, HEAD)
    with cubed.cube_of(folder).reading() as generation:
        assert generation is not None
        return differences(generation.strips(), everything(definitions_now(), clock.now()))


if __name__ == "__main__":
    asked, *numbers = sys.argv[1:]
    done = make(*map(int, numbers)) if asked == "make" else look()
    sys.stdout.write(json.dumps(done) + "\n")
