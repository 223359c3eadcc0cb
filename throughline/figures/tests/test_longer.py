"""A year from its quarters: as the indicator says, never before it is complete."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from throughline.figures.everywhere import standings
from throughline.figures.models import Observation, Series
from throughline.figures.queries import answer
from throughline.figures.rollup import Wanted, build, tables
from throughline.figures.rules import Status, Why
from throughline.figures.surveying import survey
from throughline.kernel.period import Period
from throughline.kernel.queries import known_now
from throughline.plans.actions import threads_of
from throughline.plans.models import Bridge, Element, Indicator, Target

QUARTERS = {
    "N111": {"2023": (1.0, 2.0, 3.0, 4.0), "2024": (5.0, 5.0, 5.0)},
    "N112": {"2023": (2.0, 2.0, 2.0, 2.0), "2024": (2.0, 2.0, 2.0)},
    "N211": {"2023": (10.0, 10.0, 10.0, 30.0), "2024": (20.0, 20.0, 20.0)},
}
YEAR, RUNNING = Period(2023), Period(2024)


def browser(world: World, member: str = "coordinator") -> Client:
    client = Client()
    client.force_login(getattr(world.cast, member).person)
    return client


def text_of(found: Any) -> str:
    words = " ".join(found.content.decode().split())
    return words.replace("\xa0", " ").replace("\u202f", " ")


def quarterly(world: World, key: str, over_time: str, **more: Any) -> Indicator:
    """An indicator that counties give by quarter, with figures of a year and three quarters."""
    given: dict[str, Any] = {"kind": "sum", "reporting_tier": "county"}
    indicator = Indicator.objects.create(
        scheme=world.cast.scheme, key=key, title_en=key.title(), unit_en="homes", direction="up",
        span="quarter", over_time=over_time, **given | more,
    )  # fmt: skip
    world.indicators[key] = indicator
    return indicator


def observed(world: World, key: str, by: float = 1.0) -> None:
    world.series[key] = Series.objects.create(
        key=key, indicator=world.indicators[key], edition=world.editions["census"],
        producer=world.cast.bodies["leading-department"], nature="department", audience="public",
        rank=1, title_en=key.title(),
    )  # fmt: skip
    act = Observation.objects.latest("id").act
    for place, years in QUARTERS.items():
        for year, values in years.items():
            for number, value in enumerate(values, start=1):
                world.observe(act, key, place, f"{year}Q{number}", value=value * by)


def targeted(world: World, key: str, by: str, **more: Any) -> Target:
    version = world.versions["growth", 2]
    strand = Element.objects.get(version=version, key="strand")
    Element.objects.create(
        version=version, thread=threads_of(version.plan, [key])[key], key=key,
        kind="indicator", parent=strand, position=9, depth=1,
        title_en=key.title(), indicator=world.indicators[key],
    )  # fmt: skip
    given: dict[str, Any] = {
        "value": 118.0, "baseline_period": "2022", "baseline_value": 58.0,
        "edition": world.editions["census"],
    }  # fmt: skip
    return Target.objects.create(
        version=version, indicator=world.indicators[key], place=world.cast.places["N"],
        operator="ge", by=by, bindingness="expected",
        **given | more,
    )  # fmt: skip


@pytest.fixture
def homes(world: World) -> Indicator:
    indicator = quarterly(world, "homes", "sum")
    observed(world, "homes")
    return indicator


def of(world: World, indicator: Indicator, period: Period, place: str = "N", **more: Any) -> Any:
    return answer(world.cast.coordinator.actor, indicator, world.cast.places[place], period, **more)


@pytest.mark.parametrize(("how", "value"), [("sum", 78.0), ("mean", 19.5), ("last", 36.0)])
def test_a_year_is_what_the_indicator_makes_of_its_quarters(world, how, value):
    indicator = quarterly(world, f"homes-{how}", how)
    observed(world, indicator.key)
    found = of(world, indicator, YEAR, "N")
    assert (found.figure.value, found.figure.basis) == (value, "periods")
    assert found.figure.whole.is_complete


def test_a_year_of_three_quarters_has_no_figure_and_says_what_there_is(world, homes):
    figure = of(world, homes, RUNNING).figure
    assert (figure.value, figure.rollup, figure.basis) == (None, None, "none")
    assert (figure.whole.so_far, figure.whole.given, figure.whole.expected) == (81.0, 3, 4)


def test_periods_that_are_not_put_together_stay_apart(world):
    indicator = quarterly(world, "outage", "none")
    observed(world, "outage")
    figure = of(world, indicator, YEAR).figure
    assert (figure.value, figure.whole) == (None, None)


def test_a_year_is_only_as_complete_as_its_least_complete_quarter(world, homes):
    last = world.standing("homes", "N112", "2023Q2")
    world.observe(last.act, "homes", "N112", "2023Q2", value=None, supersedes=last)
    figure = of(world, homes, YEAR).figure
    assert (figure.value, figure.reported, figure.expected) == (76.0, 2, 3)
    assert of(world, homes, YEAR, "N112").figure.value is None


def test_a_years_rate_is_its_sums_over_one_another_and_no_mean_of_rates(world, homes):
    under = quarterly(world, "sites", "sum")
    observed(world, "sites", by=2.0)
    act = Observation.objects.latest("id").act
    world.observe(
        act, "sites", "N211", "2023Q4", value=300.0,
        supersedes=world.standing("sites", "N211", "2023Q4"),
    )  # fmt: skip
    rate = quarterly(
        world, "rate", "mean", kind="ratio", numerator=homes, denominator=under, scale=100
    )
    found = of(world, rate, YEAR)
    assert found.figure.value == pytest.approx(78 / (2 * 78 - 60 + 300) * 100)
    running = of(world, rate, RUNNING).figure
    assert (running.value, running.whole.so_far) == (None, 50.0)


def test_a_years_weighted_mean_weighs_its_quarters(world, homes):
    age = quarterly(world, "age", "mean", kind="weighted_mean", weight=homes)
    observed(world, "age")
    # At one county each quarter's age is its own weight.
    assert of(world, age, YEAR, "N111").figure.value == pytest.approx(30 / 10)


def test_many_places_at_once_say_what_each_says_alone(world, homes):
    places = [each.pk for each in world.cast.places.values()]
    for period in (YEAR, RUNNING):
        [table] = tables([Wanted(homes, world.editions["census"], period)]).values()
        alone = [table.at(place).value for place in places]
        found = table.values_at(places)
        assert np.array_equal(
            found, [np.nan if each is None else each for each in alone], equal_nan=True
        )
    assert table.own_values == {}
    [table] = tables([Wanted(homes, world.editions["census"], YEAR)]).values()
    counties = {world.cast.places[code].pk for code in QUARTERS}
    assert set(table.own_values) == counties
    assert table.grouped([world.cast.places["N1"].pk]).value == 18.0


def test_of_quarters_unknown_to_the_cube_nothing_is_read(world, homes, monkeypatch):
    edition = world.editions["census"]
    held = {homes.pk: [(edition.pk, f"2024Q{number}") for number in (1, 2, 3)]}
    monkeypatch.setattr(build, "parts_in_cube", lambda known: held)
    wanted = [Wanted(homes, edition, RUNNING), Wanted(homes, edition, Period(2030))]
    running, future = tables(wanted, known_now()).values()
    figure = running.at(world.cast.places["N"].pk)
    assert figure.whole is not None
    assert (figure.whole.given, figure.whole.so_far) == (3, 81.0)
    assert future.at(world.cast.places["N"].pk).whole is None


# -- judged --------------------------------------------------------------------------------


def test_a_yearly_target_judges_complete_years_and_no_quarter(world, homes):
    targeted(world, "homes", "2025")
    year = of(world, homes, YEAR)
    assert (year.status, year.expected, year.progress) == (Status.ON_TRACK, 78.0, 1 / 3)
    running = of(world, homes, RUNNING)
    assert (running.status, running.judgement.why) == (Status.NO_DATA, Why.INCOMPLETE)
    assert running.expected == 98.0
    quarter = of(world, homes, Period.parse("2023Q4"))
    assert (quarter.judgement.why, quarter.judged_value) == (Why.OTHER_LENGTH, None)


def test_a_target_for_a_quarter_judges_no_year(world, homes):
    targeted(world, "homes", "2025Q4", baseline_period="2022Q4")
    assert of(world, homes, YEAR).judgement.why is Why.OTHER_LENGTH
    assert of(world, homes, Period.parse("2023Q4")).judgement.why is None


def test_a_stated_shift_counts_for_each_quarter_of_a_total(world, homes):
    targeted(world, "homes", "2025", edition=world.editions["rebased"])
    Bridge.objects.create(
        indicator=homes, origin=world.editions["census"], onto=world.editions["rebased"],
        kind="shift", amount=2.0, source_en="The yearbook",
    )  # fmt: skip
    found = of(world, homes, YEAR, edition=world.editions["census"])
    assert found.crossing is not None and found.crossing.value == 78.0 + 4 * 2.0


def test_a_survey_counts_in_the_years_of_the_target_and_tells_the_running_one(world, homes):
    targeted(world, "homes", "2025")
    actor, place = world.cast.coordinator.actor, world.cast.places["N"]
    stand = survey(actor, [homes], place, known=known_now())[homes.pk]
    assert [each.period for each in stand.history] == [YEAR]
    assert stand.year is not None and stand.year.period == RUNNING
    until = survey(actor, [homes], place, known=known_now(), until=Period.parse("2024Q2"))
    assert until[homes.pk].year is None


def test_a_survey_without_a_yearly_target_counts_in_quarters(world, homes):
    actor, place = world.cast.coordinator.actor, world.cast.places["N"]
    stand = survey(actor, [homes], place, known=known_now())[homes.pk]
    assert stand.latest is not None and stand.latest.period.code == "2024Q3"
    assert stand.year is not None and stand.year.figure.value is None


@pytest.mark.parametrize("by", ["2025", "2025Q4"])
def test_what_is_said_of_a_whole_plan_counts_totals_of_the_targets_length_alone(world, homes, by):
    targeted(world, "homes", by, baseline_period="2022" if by == "2025" else "2022Q4")
    found = {
        each.period.code: each.counts
        for each in standings(world.versions["growth", 2])
        if each.indicator == homes
    }
    assert ("2023" in found) == (by == "2025")
    for code, counts in found.items():
        assert counts[of(world, homes, Period.parse(code)).status] == 1, code


# -- pages ---------------------------------------------------------------------------------


def test_the_page_of_an_indicator_shows_years_from_quarters_and_what_there_is_so_far(world, homes):
    targeted(world, "homes", "2025")
    address = reverse("indicator", args=["land", "homes"])
    said = text_of(browser(world).get(address))
    assert "The figure of Place N for 2023 is 78 homes, from 4 quarters." in said
    assert "By quarter" in said and "On track" in said
    assert "so far, 3 of 4 quarters" in said and "so far, not complete" in said
    running = text_of(browser(world).get(f"{address}?period=2024"))
    assert "For 2024 Place N has 81 homes so far, 3 of 4 quarters" in running
    assert "Not judged: the period is not complete." in running
    quarter = text_of(browser(world).get(f"{address}?period=2023Q4"))
    assert "By year" in quarter and "totals of both do not compare" in quarter


def test_the_page_of_a_place_tells_the_year_beside_its_figures(world, homes):
    targeted(world, "homes", "2025")
    said = text_of(browser(world).get(reverse("place", args=["land", "N"])))
    assert "78 homes" in said and "from 4 quarters" in said
    assert "2024: 81 so far, 3 of 4 quarters" in said


def test_the_page_behind_a_years_number_opens_its_quarters_and_records_nothing(world, homes):
    address = reverse("figure", args=["land", "homes", "N111", "2023"])
    said = text_of(browser(world, "county").get(address))
    assert "Place N111, 2023: 10 homes" in said and "Q1 2023" in said
    assert "A longer period is not given as such." in said
    assert 'id="record"' not in said


def test_the_api_tells_how_a_year_came_about(world, homes):
    address = "/api/indicators/homes/value"
    asked = {"unit": "N"}
    told = browser(world).get(address, asked | {"period": "2024"}).json()
    assert (told["value"], told["not_judged_because"]) == (None, "no_target")
    assert told["put_together"] == {
        "span": "quarter", "over_time": "sum", "given": 3, "expected": 4, "so_far": 81,
    }  # fmt: skip
    assert browser(world).get(address, asked | {"period": "2023Q1"}).json()["put_together"] is None


def test_the_figures_as_given_of_a_year_are_those_of_its_quarters(world, homes):
    address = reverse("indicator-figures", args=["land", "homes", "csv"]) + "?period=2023"
    found = browser(world).get(address).content.decode("utf-8-sig")
    periods = {row["Period"] for row in csv.DictReader(io.StringIO(found))}
    assert periods == {"2023Q1", "2023Q2", "2023Q3", "2023Q4"}
