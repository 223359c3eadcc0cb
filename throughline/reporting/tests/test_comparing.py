"""Peers' figures in the rules: only what is usual among enough others, the same for everybody as
long as the cycle lasts, in the browser as well, and read once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tests.cast import ALWAYS
from tests.world import World
from throughline.bodies.models import Body
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period
from throughline.places.models import Closure, Parentage, Place, Scheme
from throughline.reporting import asking
from throughline.reporting.actions import open_cycle, prepare_report, submit_report
from throughline.reporting.asking import known_of
from throughline.reporting.laying.sheet import lay_out
from throughline.reporting.models import Cycle, FormRule, Report
from throughline.reporting.tests.country import GOOD, add_forms

JOBS = "jobs-reported"
AROUND = [100.0, 101.0, 99.0, 102.0, 98.0, 100.0, 103.0, 97.0, 100.0, 5000.0]
"""What the other units of a province had the year before."""


def add_units(world: World, above: str, count: int) -> list[Place]:
    """More counties in a prefecture."""
    parent, like = world.cast.places[above], world.cast.places["N111"]
    made = []
    for number in range(count):
        code = f"{above}{chr(97 + number)}"
        place = Place.objects.create(
            scheme=like.scheme, code=code, tier=like.tier, name_en=f"Place {code}",
            name_zh=f"地方{code}", valid_from=ALWAYS, sort_key=code,
        )  # fmt: skip
        Parentage.objects.create(place=place, parent=parent, valid_from=ALWAYS)
        Closure.objects.create(ancestor=place, descendant=place, distance=0, valid_from=ALWAYS)
        for closure in Closure.objects.filter(descendant=parent):
            Closure.objects.create(
                ancestor=closure.ancestor, descendant=place, distance=closure.distance + 1,
                valid_from=ALWAYS,
            )  # fmt: skip
        world.cast.places[code] = place
        made.append(place)
    Scheme.objects.filter(pk=like.scheme_id).update(revision=F("revision") + 1)
    return made


def give(
    world: World, figures: dict[str, float], period: str = "2021", act: int = 0, **more: Any
) -> None:
    """Figures of units on record."""
    for code, value in figures.items():
        before = world.last(JOBS, code, period)
        world.observe(act, JOBS, code, period, value=value, supersedes=before, **more)


def open_now(world: World, key: str = "compared") -> Report:
    """A cycle in which jobs are compared with those of peers; returns the report of N111."""
    forms = add_forms(world)
    FormRule.objects.create(
        form=forms[0], key="among-peers", position=3, level="soft", kind="peers", series=JOBS,
        says_en="Far from similar places.",
    )  # fmt: skip
    now = clock.now()
    cycle = open_cycle(
        world.cast.coordinator.actor, key=key, forms=forms, period=Period.parse("2022"),
        opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(days=7),
    )  # fmt: skip
    asking.forget()
    return Report.objects.get(cycle=cycle, place__code="N111")


@pytest.fixture
def peopled(world: World) -> World:
    units = add_units(world, "N11", len(AROUND))
    give(world, dict(zip([each.code for each in units], AROUND, strict=True)))
    return world


def usual(report: Report) -> Any:
    return known_of(report).peers.get(JOBS)


def test_what_is_usual_is_said_of_the_others_and_nothing_else(peopled: World) -> None:
    give(peopled, {"N111": 77777.0})
    report = open_now(peopled)
    found = usual(report)
    assert (found.median, found.count, found.most) == (100.0, 11, 0.0), "its own is not among them"
    sheet = json.dumps(lay_out(peopled.cast.county.actor, report).data)
    assert "5000" not in sheet and '"median": 100.0' in sheet


def test_too_few_others_say_nothing(world: World) -> None:
    add_units(world, "N11", 5)
    give(world, {f"N11{letter}": 100.0 + at for at, letter in enumerate("abcde")})
    assert usual(open_now(world)) is None


def test_with_few_in_the_province_all_of_the_tier_are_peers(peopled: World) -> None:
    report = open_now(peopled)
    elsewhere = Report.objects.get(cycle=report.cycle, place__code="N211")
    assert usual(elsewhere).count == 12
    add_units(peopled, "N21", 10)
    give(peopled, {f"N21{letter}": 7.0 + at for at, letter in enumerate("abcdefghij")})
    other = open_now_again(peopled)
    assert usual(other).median == 100.0, "its province"
    far = Report.objects.get(cycle=other.cycle, place__code="N211")
    assert usual(far).median == 11.5


def open_now_again(world: World) -> Report:
    """The same once more, with what there is by now."""
    before = Cycle.objects.get(key="compared")
    now = clock.now()
    cycle = open_cycle(
        world.cast.coordinator.actor, key="again", forms=list(before.forms.all()),
        period=Period.parse("2022"), opens_at=now, closes_at=now + timedelta(days=7),
    )  # fmt: skip
    asking.forget()
    return Report.objects.get(cycle=cycle, place__code="N111")


def test_what_is_provisional_or_not_released_or_came_later_is_no_measure(world: World) -> None:
    units = [each.code for each in add_units(world, "N11", 12)]
    give(world, dict.fromkeys(units, 50.0), "2019")
    give(world, dict.fromkeys(units, 60.0), "2020", status=Observation.Status.UNREVIEWED)
    give(world, dict.fromkeys(units, 70.0), "2021", released_at=clock.now() + timedelta(days=1))
    report = open_now(world)
    assert usual(report).median == 50.0
    give(world, dict.fromkeys(units, 80.0), act=report.cycle.act + 1)
    asking.forget()
    assert usual(report).median == 50.0, "what came while the cycle was open"
    assert usual(open_now_again(world)).median == 80.0


def test_a_figure_far_from_its_peers_is_to_be_explained(peopled: World) -> None:
    report, filler = open_now(peopled), peopled.cast.county.actor
    far = GOOD | {JOBS: {"value": 5000.0, "absent": False, "note": ""}}
    with pytest.raises(Invalid) as error:
        prepare_report(filler, report=report, values=far)
    assert [each.message for each in error.value.problems] == ["Far from similar places."]
    prepare_report(
        filler, report=report, values={JOBS: {"value": 5000.0, "note": "A works has opened."},
                                       "roads-reported": {"value": 2.0}},
    )  # fmt: skip


def test_the_peers_are_read_once_and_not_by_every_submission(peopled: World) -> None:
    report, filler = open_now(peopled), peopled.cast.county.actor
    Body.objects.update(one_step=True)
    others = list(Report.objects.filter(cycle=report.cycle, place__code__startswith="N11"))
    jobs = GOOD | {JOBS: {"value": 100.0, "absent": False, "note": ""}}
    submit_report(peopled.cast.prefecture.actor, report=others[1], values=jobs)
    with CaptureQueriesContext(connection) as asked:
        submit_report(filler, report=report, values=jobs)
    observed = [each["sql"] for each in asked if "o.released_at" in each["sql"]]
    assert observed == []
