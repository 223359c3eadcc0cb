"""Targets on pages and by the API: judged, bridged, or with the reason why not; peers."""

from __future__ import annotations

import csv
import io
import json
from argparse import Namespace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from throughline.figures.commands import status
from throughline.figures.everywhere import standings
from throughline.figures.judging import Bridges
from throughline.figures.models import Observation, Series
from throughline.figures.peering import peers_of
from throughline.figures.queries import answer, is_open, revisions_of, targets_of
from throughline.figures.rollup import figures
from throughline.figures.rules import Status, Why
from throughline.figures.telling import not_judged, target_text
from throughline.kernel.period import Period
from throughline.kernel.queries import known_at, known_now
from throughline.places.models import Closure, Group, Grouping, Parentage, Place
from throughline.plans.models import Bridge, Indicator, Target

YEAR = Period(2021)


def browser(world: World, member: str) -> Client:
    client = Client()
    client.force_login(getattr(world.cast, member).person)
    return client


def text_of(found: Any) -> str:
    """What a page says, white space squeezed; the test client's answers have no exported type."""
    words = " ".join(found.content.decode().split())
    return words.replace("\xa0", " ").replace("\u202f", " ")


def rebase(world: World, value: float = 90.0) -> None:
    """Jobs get a series on the new base, with a total of the nation for 2021."""
    world.series["jobs-rebased"] = Series.objects.create(
        key="jobs-rebased", indicator=world.indicators["jobs"],
        edition=world.editions["rebased"], nature="official", audience="line", rank=1,
        producer=world.cast.bodies["supporting-department"], title_en="Jobs, rebased",
    )  # fmt: skip
    act = Observation.objects.latest("id").act
    world.observe(act, "jobs-rebased", "N", "2021", value=value)


def bridge(world: World, **more: Any) -> Bridge:
    given: dict[str, Any] = {
        "kind": "shift", "amount": -27.0, "source_en": "The yearbook",
        "note_en": "Farm jobs count.",
    }  # fmt: skip
    return Bridge.objects.create(
        indicator=world.indicators["jobs"], origin=world.editions["rebased"],
        onto=world.editions["census"], **given | more,
    )  # fmt: skip


def rebased(world: World, place: str = "N") -> Any:
    return answer(
        world.cast.coordinator.actor, world.indicators["jobs"], world.cast.places[place], YEAR,
        edition=world.editions["rebased"],
    )  # fmt: skip


def of_nation(world: World, **changed: Any) -> Target:
    """The nation's target for jobs in force, changed."""
    rows = Target.objects.filter(
        indicator=world.indicators["jobs"], place=world.cast.places["N"],
        version__state="in_force",
    )  # fmt: skip
    rows.update(**changed)
    return rows.get()


# -- editions and bridges ------------------------------------------------------------------


def test_across_editions_nothing_is_computed_without_a_bridge(world):
    rebase(world)
    found = rebased(world)
    assert (found.status, found.judgement.why) == (Status.NO_DATA, Why.OTHER_EDITION)
    assert (found.expected, found.progress, found.crossing) == (None, None, None)
    address = reverse("indicator", args=["land", "jobs"]) + "?edition=rebased&period=2021"
    assert "no bridge to it is stated" in text_of(browser(world, "coordinator").get(address))


@pytest.mark.parametrize(
    ("how", "value"),
    [
        ({}, 63.0),
        ({"kind": "factor", "amount": 0.5}, 45.0),
        ({"kind": "overlap", "amount": None, "period": "2020", "link": "shift"}, 70.0),
        ({"kind": "overlap", "amount": None, "period": "2020", "link": "factor"}, 67.5),
    ],
)
def test_a_bridged_figure_is_shown_beside_the_unbridged_with_its_source(world, how, value):
    rebase(world)
    act = Observation.objects.latest("id").act
    # In 2020 the counties reported 60 jobs; on the new base the nation has 80.
    world.observe(act, "jobs-rebased", "N", "2020", value=80.0)
    bridge(world, **how)
    found = rebased(world)
    assert found.crossing is not None and found.crossing.value == value
    assert found.progress == pytest.approx((round(value + 1e-9) - 1) / 99)
    address = reverse("indicator", args=["land", "jobs"]) + "?edition=rebased&period=2021"
    said = text_of(browser(world, "coordinator").get(address))
    assert "90 persons in the edition “Rebased”" in said and "Source: The yearbook." in said
    assert "Farm jobs count." in said


def test_a_chart_shows_what_was_judged_beside_what_was_published(world):
    rebase(world)
    address = reverse("indicator", args=["land", "jobs"]) + "?edition=rebased&period=2021"
    client = browser(world, "coordinator")
    apart = client.get(address).context["chart"]
    assert (apart.trajectory, apart.target, apart.points[0].bridged) == ([], None, None)
    bridge(world)
    found = client.get(address)
    chart = found.context["chart"]
    assert (chart.points[0].value, chart.points[0].bridged) == (90.0, 63.0)
    # From 1 in 2020 to 100 in 2025: 20.8 is due, and 63 is what is held against it.
    assert chart.target.value == 100.0 and chart.gap.expected == pytest.approx(20.8)
    assert chart.gap.text == "42 persons above".replace(" ", "\xa0", 1)
    assert "bridged to the target’s edition" in text_of(found)


def test_a_bridge_leads_one_way_to_one_place_and_from_its_own_edition(world):
    rebase(world)
    onto, origin = world.editions["census"], world.editions["rebased"]
    stated = bridge(world, place=world.cast.places["N1"])
    assert rebased(world).crossing is None, "it is another place's"
    stated.place = None
    stated.save()
    assert rebased(world).crossing is not None
    Bridge.objects.update(origin=onto, onto=origin)
    assert rebased(world).crossing is None, "it leads the other way"


def test_an_overlap_is_taken_as_it_was_known(world):
    rebase(world)
    act = Observation.objects.latest("id").act
    world.observe(act, "jobs-rebased", "N", "2020", value=80.0)
    bridge(world, kind="overlap", amount=None, period="2020", link="shift")
    table = figures(world.indicators["jobs"], [YEAR], world.editions["rebased"])[YEAR]
    place, onto = world.cast.places["N"], world.editions["census"]
    assert Bridges(known_now()).cross(table, place, 90.0, onto) is not None
    assert Bridges(known_at(0)).cross(table, place, 90.0, onto) is None


def test_the_api_gives_the_bridge_and_the_reason(world):
    rebase(world)
    client = browser(world, "coordinator")
    address = "/api/indicators/jobs/value?unit=N&period=2021&edition=rebased"
    said = client.get(address).json()
    assert (said["not_judged_because"], said["bridged"]) == ("other_edition", None)
    assert said["not_judged"].startswith("Not judged: the target is set in another edition")
    bridge(world)
    said = client.get(address).json()
    assert (said["not_judged"], said["status"]) == (None, "ahead")
    assert (said["bridged"]["value"], said["bridged"]["unbridged"]) == (63, 90)
    assert said["bridged"]["source"] == "The yearbook"
    (stated,) = client.get("/api/indicators/jobs/bridges").json()
    assert (stated["from_edition"], stated["to_edition"]) == ("rebased", "census")


# -- what is said of targets ---------------------------------------------------------------


def test_a_direction_is_told_in_words_and_without_a_number(world):
    of_nation(world, operator="direction", value=None, baseline_value=60.0)
    address = reverse("indicator", args=["land", "jobs"]) + "?period=2021"
    said = text_of(browser(world, "coordinator").get(address))
    assert "On track. The figure of Place N for 2021 is 63 persons." in said
    assert "Since 2020 (60 persons) it moved the right way." in said
    assert "The plan names a direction and no number." in said
    assert "trajectory to the target of" not in said


def test_a_target_without_baseline_says_why_and_in_the_plan_s_words(world):
    of_nation(
        world, baseline_value=None, baseline_period="", no_baseline_en="Nobody counted in 2020."
    )
    found = answer(
        world.cast.coordinator.actor, world.indicators["jobs"], world.cast.places["N"], YEAR
    )
    assert not_judged(found) == (
        "Not judged: no baseline is known from which to measure. Nobody counted in 2020."
    )
    address = reverse("place", args=["land", "N"])
    assert "no baseline is known" in text_of(browser(world, "coordinator").get(address))
    said = browser(world, "coordinator").get("/api/plans/growth/status").json()
    (line,) = [each for each in said if each["indicator"] == "jobs"]
    assert line["not_judged"].startswith("Not judged: no baseline")


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "≥ 100 persons (2025)"),
        ({"strict": True}, "> 100 persons (2025)"),
        ({"operator": "about"}, "≈ 100 persons ±5 % (2025)"),
        ({"operator": "about", "tolerance": 2.5}, "≈ 100 persons ±2.5 (2025)"),
        ({"operator": "eq", "tolerance_share": 0.01}, "= 100 persons ±1 % (2025)"),
        ({"operator": "range", "upper": 120.0}, "100–120 persons (2025)"),
        ({"operator": "plus", "value": 30.0, "baseline_value": 60.0},
         "+30 persons on the baseline: 90 persons (2025)"),
        ({"operator": "minus", "value": 10.0, "percent": True, "baseline_value": 60.0},
         "−10 % on the baseline: 54 persons (2025)"),
        ({"operator": "direction", "value": None}, "direction only, by 2025"),
    ],
)  # fmt: skip
def test_a_target_reads_as_people_write_it(world, changed, text):
    said = target_text(of_nation(world, **changed), world.indicators["jobs"])
    assert said.replace("\xa0", " ").replace("\u202f", " ") == text


def test_given_steps_are_drawn_and_due(world):
    of_nation(
        world, trajectory="given", baseline_value=60.0, steps=[["2021", 62.0], ["2023", 80.0]]
    )
    found = answer(
        world.cast.coordinator.actor, world.indicators["jobs"], world.cast.places["N"], YEAR
    )
    assert (found.expected, found.gap, found.status) == (62.0, 1.0, Status.AHEAD)


# -- revisions -----------------------------------------------------------------------------


def test_what_stood_before_a_revision_is_drawn_with_the_day_it_ended(world):
    before = world.standing("jobs-reported", "N111", "2021")
    world.observe(before.act, "jobs-reported", "N111", "2021", value=15.0, supersedes=before)
    address = reverse("indicator", args=["land", "jobs"]) + "?unit=N111"
    said = text_of(browser(world, "county").get(address))
    assert "11 until" in said and "before revision" in said


def test_a_figure_given_again_unchanged_is_no_revision(world):
    before = world.standing("jobs-reported", "N111", "2021")
    world.observe(before.act, "jobs-reported", "N111", "2021", value=11.0, supersedes=before)
    found = revisions_of(
        world.cast.county.actor, world.indicators["jobs"], world.cast.places["N111"],
        world.editions["census"], known_now(),
    )  # fmt: skip
    assert found == {}


# -- formulas ------------------------------------------------------------------------------


def test_who_may_not_see_a_part_may_not_see_a_formula_of_it(world):
    formula = Indicator.objects.create(
        scheme=world.cast.scheme, key="jobs-a-head", title_en="Jobs a head", unit_en="jobs",
        direction="up", kind="formula", formula="jobs / people", decimals=2,
    )  # fmt: skip
    assert not is_open(world.cast.sibling.actor, formula)
    assert is_open(world.cast.auditor.actor, formula)
    formula.formula = "urban / people"
    assert is_open(world.cast.sibling.actor, formula)
    formula.formula = "jobs / people"
    formula.save()
    said = text_of(
        browser(world, "coordinator").get(reverse("indicator", args=["land", "jobs-a-head"]))
    )
    assert "Jobs ÷ People" in said


# -- peers ---------------------------------------------------------------------------------


def settle(world: World, count: int = 6) -> list[Place]:
    """More counties in N21, with people and urban people of their own."""
    land, above = world.cast.places["N111"], world.cast.places["N21"]
    made = []
    act = Observation.objects.latest("id").act
    for number in range(2, count + 2):
        code = f"N21{number}"
        place = Place.objects.create(
            scheme=land.scheme, code=code, name_en=f"Place {code}", sort_key=code.lower(),
            tier=land.tier, valid_from=date(1900, 1, 1),
        )  # fmt: skip
        Parentage.objects.create(place=place, parent=above, valid_from=date(1900, 1, 1))
        for distance, over in enumerate((place, above)):
            Closure.objects.create(
                ancestor=over, descendant=place, distance=distance, valid_from=date(1900, 1, 1)
            )
        world.cast.places[code] = place
        world.observe(act, "people-official", code, "2021", value=1000.0 * number)
        world.observe(act, "urban-official", code, "2021", value=400.0 * number + 10 * number**2)
        made.append(place)
    land.scheme.revision += 1
    land.scheme.save()
    return made


def found_peers(world: World, member: str = "coordinator", place: str = "N111") -> Any:
    indicator = world.indicators["urban-rate"]
    table = figures(indicator, [YEAR], world.editions["census"])[YEAR]
    actor = getattr(world.cast, member).actor
    return peers_of(actor, world.cast.places[place], table, known_now())


def test_too_few_places_are_no_peers(world):
    assert found_peers(world) is None


def test_peers_are_all_of_the_tier_unless_something_tells_them_apart(world):
    settle(world)
    found = found_peers(world)
    assert len(found.places) == 8 and found.group is None and not found.near_by
    assert found.position.count == 8
    assert found.spread.median == pytest.approx(44.9, abs=2)
    address = reverse("indicator", args=["land", "urban-rate"]) + "?unit=N111&period=2021"
    said = text_of(browser(world, "coordinator").get(address))
    assert "Place N111 among similar places, 2021" in said and "all 8 other places" in said
    said = text_of(browser(world, "coordinator").get(reverse("place", args=["land", "N111"])))
    assert "among similar places" in said and "8 similar places have a figure" in said


def test_peers_are_nearest_by_what_the_indicator_declares(world):
    settle(world, 20)
    Indicator.objects.filter(key="urban-rate").update(peers_by=["people"])
    world.indicators["urban-rate"].refresh_from_db()
    found = found_peers(world, place="N215")
    assert [each.key for each in found.near_by] == ["people"]
    codes = [each.code for each in found.listed(4)]
    assert {"N214", "N216"} == set(codes[:2]) and len(found.places) == 12


def test_peers_are_of_one_size_class_where_one_is_computed(world):
    settle(world, 8)
    sizes = Grouping.objects.create(
        scheme=world.cast.scheme, key="sizes", name_en="Sizes", computed_from="people"
    )
    for key, at_least in (("small", 0.0), ("large", 5000.0)):
        Group.objects.create(
            grouping=sizes, key=key, name_en=key.title(), at_least=at_least, position=1
        )
    found = found_peers(world, place="N219")
    assert found.group.key == "large"
    assert {each.code for each in found.listed(9)} == {"N215", "N216", "N217", "N218"}


def test_peers_by_what_the_actor_may_not_see_are_not_told(world):
    settle(world)
    Indicator.objects.filter(key="urban-rate").update(peers_by=["jobs"])
    world.indicators["urban-rate"].refresh_from_db()
    assert not found_peers(world, "sibling").near_by


# -- files ---------------------------------------------------------------------------------


def test_a_place_s_tables_are_files_in_the_order_shown(world):
    address = reverse("place-export", args=["land", "N11", "csv"])
    client = browser(world, "coordinator")
    rows = list(csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))
    assert {row[1] for row in rows[1:]} == {"Jobs", "Urban rate"}
    below = client.get(f"{address}?table=below&order=-0").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(below)))
    assert [row[0] for row in rows[1:]] == ["N112", "N111"]
    assert client.get(address.replace("csv", "xlsx")).status_code == 200
    assert client.get(address.replace("csv", "pdf")).status_code == 404


def test_a_place_s_file_holds_no_figure_that_its_reader_may_not_see(world):
    address = reverse("place-export", args=["land", "N21", "csv"])
    assert "Jobs" not in browser(world, "county").get(address).content.decode()


def test_what_is_said_of_everything_at_once_is_what_each_answer_says(world):
    rebase(world)
    bridge(world)
    actor = world.cast.coordinator.actor
    known, version = known_now(), world.versions["growth", 2]
    found = {(each.indicator.key, each.period.code): each for each in standings(version, known)}
    assert found
    for (key, code), told in found.items():
        indicator = world.indicators[key]
        period, targets = Period.parse(code), targets_of(indicator).values()
        alone = [answer(actor, indicator, each.place, period, known=known) for each in targets]
        for one in Status:
            said = sum(each.status is one for each in alone)
            assert told.counts[one] == said, (key, code, one)
        assert told.places == len(alone)
    judged_over_bridge = found["jobs", "2021"].counts
    assert judged_over_bridge[Status.NO_DATA] < found["jobs", "2021"].places


def test_the_command_counts_the_whole_plan(world, capsys):
    assert status(Namespace(plan="growth", everywhere=True, json=True)) == 0
    lines = json.loads(capsys.readouterr().out)
    jobs = next(each for each in lines if (each["indicator"], each["period"]) == ("jobs", "2021"))
    assert jobs["places"] == sum(jobs[each] for each in Status)
    assert status(Namespace(plan="growth", everywhere=True, json=False)) == 0
    assert "jobs 2021: " in capsys.readouterr().out
