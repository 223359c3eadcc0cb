"""The main job on real input: two censuses through the ordinary import, checked to the person.

Needs the county tables of the 2010 and 2020 censuses compiled by Dong, Du and Liu (2022), in
the folder that THROUGHLINE_REAL_DATA names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction

from throughline.config.cli import main
from throughline.config.packs import load_pack
from throughline.figures import rules
from throughline.figures.actions import load_file
from throughline.figures.models import Load, Observation
from throughline.figures.queries import answer, group_figures
from throughline.figures.rollup import figures
from throughline.files.storage import store
from throughline.kernel.actor import SYSTEM
from throughline.kernel.journal import head
from throughline.kernel.period import Period
from throughline.places.models import Scheme
from throughline.places.queries import place_by_code, tree_at
from throughline.plans.models import Edition, Indicator
from throughline.plans.packs import read_mapping
from throughline.running.home import CHECKOUT

REAL = os.environ.get("THROUGHLINE_REAL_DATA", "")
PACK = CHECKOUT / "packs" / "cn-new-urbanization-14fyp"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not REAL, reason="THROUGHLINE_REAL_DATA names no folder of real data"),
    pytest.mark.filterwarnings("ignore"),
]


@dataclass
class Loaded:
    before: int
    loads: dict[int, Load]


def load_census(year: int) -> Load:
    path = Path(REAL) / "census" / f"census_{year}.csv"
    with path.open("rb") as content:
        file = store(content, path.name)
    mapping = read_mapping(PACK / "mappings" / f"census-{year}.yaml")
    return load_file(SYSTEM, file=file, file_name=path.name, mapping=mapping)


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker) -> Iterator[Loaded]:
    """The pack and both censuses, once for the module, in a transaction that is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_pack(SYSTEM, PACK, lambda part: None)
        before = head()[0]
        yield Loaded(before, {year: load_census(year) for year in (2020, 2010)})
        transaction.set_rollback(True)


def indicator(key: str) -> Indicator:
    return Indicator.objects.select_related("scheme", "numerator", "denominator", "weight").get(
        scheme__key="cn", key=key
    )


def stands(key: str, unit: str, year: int):
    measured, period = indicator(key), Period(year)
    place = place_by_code(measured.scheme, unit, period.end)
    return answer(SYSTEM, measured, place, period)


def shown(key: str, unit: str, year: int) -> float | None:
    return rules.shown(stands(key, unit, year).figure.rollup, indicator(key).decimals)


def test_the_nation_of_2020_is_counted_to_the_person():
    population = stands("population", "CN", 2020).figure
    assert population.rollup == 1_409_778_724
    assert stands("urban-population", "CN", 2020).figure.rollup == 899_991_162
    assert population.official and population.official.value == 1_411_778_724
    assert population.value == 1_411_778_724, "the published figure stands"
    assert population.reported == population.expected


@pytest.mark.parametrize(
    ("key", "total"),
    [
        ("population", 1_409_778_724),
        ("urban-population", 899_991_162),
        ("city-proper-population", 575_170_855),
    ],
)
def test_the_national_row_is_a_stated_total_compared_and_never_added(loaded, key, total):
    figure = stands(key, "CN", 2020).figure
    row = next(each for each in figure.stated if each.series.key.startswith("census-tables"))
    assert (row.value, figure.rollup) == (total, total)
    observation = Observation.objects.get(pk=row.observation)
    assert observation.load == loaded.loads[2020] and observation.row == 2
    column = {"city-proper-population": "city_proper_population"}.get(key, key.replace("-", "_"))
    checks = {each["check"]: each for each in loaded.loads[2020].report["checks"]}
    compared = [
        each for title, each in checks.items() if title.startswith(f"{column}: each nation")
    ]
    assert [(each["held"], list(each["differences"])) for each in compared] == [(1, [])]


def test_the_check_stands_beside_the_published_rate_and_never_in_its_place():
    rate = stands("resident-urbanization-rate", "CN", 2020)
    assert (rate.value, shown("resident-urbanization-rate", "CN", 2020)) == (63.89, 63.84)
    assert rate.figure.basis == "official"


@pytest.mark.parametrize(("unit", "rate"), [("620000", 52.23), ("340000", 58.33)])
def test_provinces_agree_with_independent_documents(unit, rate):
    assert shown("resident-urbanization-rate", unit, 2020) == rate


def test_2010_reconciles_with_the_sum_of_its_provinces():
    assert stands("population", "CN", 2010).figure.rollup == 1_332_810_869
    assert stands("urban-population", "CN", 2010).figure.rollup == 670_005_546
    assert shown("resident-urbanization-rate", "CN", 2010) == 50.27


@pytest.mark.parametrize("year", [2010, 2020])
@pytest.mark.parametrize("key", ["population", "urban-population"])
def test_every_prefecture_equals_its_counties_with_the_zones(year, key):
    measured, period = indicator(key), Period(year)
    edition = Edition.objects.get(scheme=measured.scheme, key=f"census-{year}")
    table = figures(measured, [period], edition)[period]
    tree = tree_at(measured.scheme, period.end)
    parents = set(tree.parents)
    compared = 0
    for here, place in enumerate(tree.ids):
        if tree.tiers[here] != "prefecture" or here not in parents:
            continue
        figure = table.at(place)
        for stated in figure.stated:
            compared += 1
            assert stated.value == figure.rollup, tree.codes[here]
    assert compared >= 329


def test_nothing_is_dropped_in_silence(loaded):
    for load in loaded.loads.values():
        report = load.report
        assert load.state == Load.State.STORED and load.refused == 0
        placed = {decision["row"] for decision in report["decisions"]}
        silent = [
            decision["row"]
            for decision in report["decisions"]
            if decision["treat"] in {"duplicate", "subtotal", "note"}
        ]
        # Every row is a unit's, or a decision names it and says why it is none.
        assert report["rows"] == report["units"] + len(silent)
        assert all(decision["why"] for decision in report["decisions"])
        assert len(placed) == len(report["decisions"])
        missing = sum(
            missed["count"] for kinds in report["missing"].values() for missed in kinds.values()
        )
        columns = len(read_mapping(PACK / "mappings" / f"{load.mapping}.yaml").columns)
        assert load.stored + load.unchanged + missing == report["units"] * columns


def test_the_report_names_what_is_no_plain_unit(loaded):
    decisions = loaded.loads[2020].report["decisions"]
    named: dict[str, list[str]] = {}
    for decision in decisions:
        named.setdefault(decision["treat"], []).append(decision["name"])
    assert len(named["zone"]) == 39
    assert len(named["duplicate"]) == 3, "Beijing, Tianjin and Shanghai listed twice"
    assert set(named["named_unit"]) >= {"西沙群岛", "南沙群岛"}
    missing = loaded.loads[2020].report["missing"]["city_proper_population"]
    assert missing["not_applicable"]["count"] == 2666
    assert all(decision["why"] for decision in decisions)
    findings = loaded.loads[2010].report["checks"]
    assert any("2279" in difference for each in findings for difference in each["differences"])


def test_the_seven_prefectures_of_2010_that_differ_from_their_coded_counties_are_named(loaded):
    checks = {each["check"]: each for each in loaded.loads[2010].report["checks"]}
    for column in ("population", "urban_population"):
        check = checks[f"{column}: each prefecture equals its units"]
        assert check["held"] == 329 and not check["differences"]
        with_zones = {each.partition(" ")[0] for each in check["noted"]}
        without_counties = {each.partition(" ")[0] for each in check["skipped"]}
        assert with_zones == {"232700", "451100", "632800"}
        assert without_counties == {"441900", "442000", "460200", "620200"}


def test_names_that_differ_from_the_code_list_are_told(loaded):
    report = loaded.loads[2010].report
    assert any("丰镇巿" in each for each in report["remarks"])
    swapped = {each["row"]: each["code"] for each in report["decisions"] if each["treat"] == "unit"}
    assert swapped == {74: "130207", 75: "130208"}
    figures_of_2010 = [stands("population", code, 2010).figure.value for code in swapped.values()]
    assert figures_of_2010 == [595_467, 916_092]


def test_loading_again_changes_nothing(loaded):
    count = Observation.objects.count()
    again = load_census(2020)
    assert (again.stored, again.refused) == (0, 0)
    assert again.unchanged == loaded.loads[2020].stored
    assert Observation.objects.count() == count


def test_city_size_classes_are_computed_and_add_up():
    measured = indicator("city-proper-population")
    groups = group_figures(SYSTEM, measured, "city-size", Period(2020))
    assert {each.group.key: len(each.places) for each in groups} == {
        "super-large": 7,
        "very-large": 14,
        "large-1": 14,
        "large-2": 70,
        "medium": 135,
        "small-1": 254,
        "small-2": 189,
    }
    assert sum(each.figure.rollup or 0 for each in groups) == 575_170_855
    assert stands("city-proper-population", "CN", 2020).figure.rollup == 575_170_855


def test_the_command_answers_as_promised_and_as_known_before(capsys, loaded, monkeypatch):
    monkeypatch.setattr("throughline.config.cli.ensure_database", lambda: None)
    question = ["value", "resident-urbanization-rate", "--unit", "CN", "--period", "2020", "--json"]
    assert main(question) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rollup"], said["official"], said["value"]) == (63.84, 63.89, 63.89)
    assert said["completeness"]["reported"] == said["completeness"]["expected"]
    assert said["sources"] and said["position"] == head()[0] and said["status"]
    assert main([*question, "--as-known", str(loaded.before)]) == 0
    before = json.loads(capsys.readouterr().out)
    assert (before["rollup"], before["position"]) == (None, loaded.before)
    assert main([*question, "--as-known", "1"]) == 0
    nothing = json.loads(capsys.readouterr().out)
    assert nothing["value"] is None and nothing["status"] == "no_data"
    assert main(["value", "no-such-indicator", "--unit", "CN", "--period", "2020"]) == 4
    assert main(["value", "population", "--unit", "CN", "--period", "2020Q7"]) == 2


def test_the_scheme_of_places_holds_both_editions():
    scheme = Scheme.objects.get(key="cn")
    assert place_by_code(scheme, "110103", Period(2010).end).name_zh == "崇文区"
