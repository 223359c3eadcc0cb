"""Alerts about figures, computed over whole tiers; confidence beside the computed status."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from throughline.figures import alerting
from throughline.figures.actions import record_confidence
from throughline.figures.models import Confidence, Observation
from throughline.figures.queries import alerts_visible_to
from throughline.figures.rules.alerting import Alert, AlertKind, Thresholds, behind
from throughline.kernel import clock
from throughline.kernel.errors import Forbidden, Invalid
from throughline.kernel.period import Period
from throughline.places.models import Closure, Parentage, Place
from throughline.plans.models import PlanVersion
from throughline.plans.packs.schemas import FOLDER


def version_of(world: World) -> PlanVersion:
    rows = PlanVersion.objects.select_related("plan__place", "plan__scheme")
    return rows.get(plan=world.plans["growth"], state="in_force")


def found(world: World, kind: AlertKind) -> dict[str, Alert]:
    """By code of the place, the alerts of a kind."""
    codes = dict(Place.objects.values_list("pk", "code"))
    return {
        codes[each.place]: each
        for each in alerting.alerts_of(version_of(world)).alerts
        if each.kind == kind
    }


def observe(world: World, series: str, place: str, period: str, value: float, **more: Any) -> None:
    act = Observation.objects.latest("id").act
    before = world.last(series, place, period)
    world.observe(act, series, place, period, value=value, supersedes=before, **more)


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let it be noon of a day."""
    now = clock.now().replace(year=day.year, month=day.month, day=day.day, hour=12)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_a_figure_that_should_be_there_by_now_is_told_once_for_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, date(2027, 1, 5))
    stale = found(world, AlertKind.STALE)
    assert set(stale) == {"N"}
    assert stale["N"].numbers["everywhere"] is True
    assert stale["N"].since == date(2023, 12, 31)
    for code in ("N111", "N112", "N211"):
        observe(world, "jobs-reported", code, "2025", 40.0)
        observe(world, "people-official", code, "2025", 4000.0)
        observe(world, "urban-official", code, "2025", 400.0)
    assert found(world, AlertKind.STALE) == {}


def test_a_place_that_left_its_figure_out_is_told_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe(world, "jobs-reported", "N111", "2025", 30.0)
    observe(world, "jobs-reported", "N211", "2025", 30.0)
    at(monkeypatch, date(2027, 1, 5))
    stale = found(world, AlertKind.STALE)
    assert stale["N112"].numbers["last"] == "2021"
    assert not stale["N112"].numbers["everywhere"]
    assert "N111" not in stale


def test_worse_from_period_to_period_is_told_from_the_threshold_on(world: World) -> None:
    for year, value in (("2022", 9.0), ("2023", 8.0)):
        for code in ("N111", "N112", "N211"):
            observe(world, "jobs-reported", code, year, value)
    assert found(world, AlertKind.FALLING) == {}  # they rose in 2021
    for code, value in (("N111", 7.0), ("N112", 8.0), ("N211", 9.0)):
        observe(world, "jobs-reported", code, "2024", value)
    falling = found(world, AlertKind.FALLING)
    assert set(falling) == {"N111", "N11", "N1"}
    assert falling["N111"].numbers["run"] == 3


def test_a_ratio_with_a_denominator_of_0_has_no_value_and_says_so(world: World) -> None:
    observe(world, "people-official", "N211", "2021", 0.0)
    alert = found(world, AlertKind.NOT_COMPUTABLE)["N211"]
    assert alert.numbers == {"lack": "zero", "parts": ["people"]}


def test_a_part_that_is_missing_is_named(world: World) -> None:
    for code in ("N111", "N112", "N211"):
        observe(world, "people-official", code, "2022", 1000.0)
        if code != "N112":
            observe(world, "urban-official", code, "2022", 500.0)
    lacking = found(world, AlertKind.NOT_COMPUTABLE)
    assert lacking["N112"].numbers == {"lack": "missing", "parts": ["urban"]}
    assert "N111" not in lacking


def test_a_provisional_figure_is_told_after_its_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe(world, "jobs-reported", "N111", "2022", 12.0, status="unreviewed")
    released = Observation.objects.latest("id").released_at.date()
    assert found(world, AlertKind.PROVISIONAL) == {}
    at(monkeypatch, released + timedelta(days=200))
    alert = found(world, AlertKind.PROVISIONAL)["N111"]
    assert alert.numbers["days"] == 200
    assert alert.severity == "watch"
    at(monkeypatch, released + timedelta(days=400))
    assert found(world, AlertKind.PROVISIONAL)["N111"].severity == "serious"


def test_a_stated_total_that_differs_is_told_only_beyond_the_share(world: World) -> None:
    total = sum(
        world.standing("jobs-reported", code, "2021").value or 0.0 for code in ("N111", "N112")
    )
    observe(world, "jobs-check", "N11", "2021", total * 1.005)
    assert found(world, AlertKind.DIFFERS) == {}
    observe(world, "jobs-check", "N1", "2021", total * 1.2)
    differs = found(world, AlertKind.DIFFERS)
    assert set(differs) == {"N1"}
    assert differs["N1"].numbers["summed"] == total


def add_counties(world: World, count: int) -> list[Place]:
    """Sisters of N112, in the same prefecture."""
    template = world.cast.places["N112"]
    found = []
    for number in range(count):
        code = f"N11{chr(ord('a') + number)}"
        place = Place.objects.create(
            scheme=template.scheme, code=code, name_en=f"Sister {code}", name_zh=f"姊妹{code}",
            sort_key=code.lower(), tier=template.tier, valid_from=template.valid_from,
        )  # fmt: skip
        Parentage.objects.create(
            place=place, parent=world.cast.places["N11"], valid_from=place.valid_from
        )
        for above, distance in (("N", 3), ("N1", 2), ("N11", 1)):
            Closure.objects.create(
                ancestor=world.cast.places[above], descendant=place, distance=distance,
                valid_from=place.valid_from,
            )  # fmt: skip
        Closure.objects.create(
            ancestor=place, descendant=place, distance=0, valid_from=place.valid_from
        )
        world.cast.places[code] = place
        found.append(place)
    world.cast.scheme.revision += 1
    world.cast.scheme.save(update_fields=["revision"])
    return found


def build_behind(world: World) -> None:
    """Ten sisters around sixty per cent; N111 is at ten."""
    for number, place in enumerate(add_counties(world, 10)):
        observe(world, "people-official", place.code, "2021", 1000.0)
        observe(world, "urban-official", place.code, "2021", 580.0 + 4 * number)
    for code, urban in (("N111", 100.0), ("N112", 600.0), ("N211", 610.0)):
        observe(world, "people-official", code, "2021", 1000.0)
        observe(world, "urban-official", code, "2021", urban)


def test_far_behind_similar_places_is_told_without_naming_them(world: World) -> None:
    build_behind(world)
    alerts = found(world, AlertKind.BEHIND)
    assert set(alerts) == {"N111"}
    alert = alerts["N111"]
    assert alert.severity == "serious"
    assert alert.numbers["value"] == 10.0
    assert alert.numbers["peers"] == 12
    assert not any(isinstance(value, Place) for value in alert.numbers.values())


def test_too_few_peers_say_nothing(world: World) -> None:
    assert found(world, AlertKind.BEHIND) == {}
    assert behind(np.arange(7.0), np.arange(7.0), 8) is None


def test_a_total_is_not_held_against_places_of_another_size(world: World) -> None:
    for place in add_counties(world, 12):
        observe(world, "jobs-reported", place.code, "2021", 900.0)
    assert found(world, AlertKind.BEHIND) == {}


def test_a_plan_sets_its_own_thresholds(world: World) -> None:
    build_behind(world)
    plan = world.plans["growth"]
    plan.alerts = {"fewest_peers": 40}
    plan.save(update_fields=["alerts"])
    assert found(world, AlertKind.BEHIND) == {}


def test_the_schema_of_packs_knows_every_threshold_and_no_other() -> None:
    schema = json.loads((FOLDER / "plan.json").read_text(encoding="utf-8"))
    named = schema["properties"]["plan"]["properties"]["alerts"]["properties"]
    assert set(named) == set(Thresholds.__dataclass_fields__)


# -- who sees which ------------------------------------------------------------------------

SISTERS = ("N112", "N211", "Sister")


def test_a_county_gets_its_own_alerts_and_never_those_of_its_sisters(world: World) -> None:
    build_behind(world)
    observe(world, "people-official", "N112", "2021", 0.0)  # would be an alert of a sister
    every = alerting.alerts_of(version_of(world)).alerts
    codes = dict(Place.objects.values_list("pk", "code"))
    assert {"N111", "N112"} <= {codes[each.place] for each in every}
    seen = alerts_visible_to(world.cast.county.actor, every)
    assert {codes[each.place] for each in seen} == {"N111"}
    assert alerts_visible_to(world.cast.sibling.actor, every) == [
        each for each in every if codes[each.place].startswith("N2")
    ]


def test_no_page_or_answer_tells_a_county_of_its_sisters_by_name(world: World) -> None:
    build_behind(world)
    client = Client()
    client.force_login(world.cast.county.person)
    addresses = [
        reverse("alerts"), reverse("alerts-export", args=["csv"]), reverse("api:alerts"),
        reverse("punctuality"), reverse("punctuality-export", args=["csv"]),
        reverse("api:punctuality"),
    ]  # fmt: skip
    texts = {url: client.get(url).content.decode() for url in addresses}
    assert "median of 12 similar places" in texts[reverse("alerts")]
    for url, text in texts.items():
        assert [name for name in SISTERS if name in text] == [], url
    # Who supervises them sees them: the names would be found.
    client.force_login(world.cast.prefecture.person)
    observe(world, "people-official", "N112", "2021", 0.0)
    assert "N112" in client.get(reverse("alerts")).content.decode()


# -- confidence ----------------------------------------------------------------------------


def judge(world: World, member: str, place: str = "N111", level: str = "high", **more: Any) -> Any:
    given: dict[str, Any] = {
        "plan": world.plans["growth"], "indicator": world.indicators["jobs"],
        "place": world.cast.places[place], "level": level, "reason": "Two works have begun.",
        "period": Period(2021), "status": "off_track",
    }  # fmt: skip
    return record_confidence(getattr(world.cast, member).actor, **given | more)


def test_a_judgement_is_kept_beside_those_before_it(world: World) -> None:
    judge(world, "county", level="low")
    judge(world, "county", level="medium")
    levels = Confidence.objects.order_by("id").values_list("level", flat=True)
    assert list(levels) == ["low", "medium"]


def test_only_the_body_that_answers_for_a_target_judges_it(world: World) -> None:
    for member in ("province", "prefecture", "top", "coordinator"):
        with pytest.raises(Forbidden):
            judge(world, member)
    judge(world, "leads", "N")
    with pytest.raises(Forbidden):
        judge(world, "supports", "N")


@pytest.mark.parametrize("wrong", [{"level": "sure"}, {"reason": "  "}, {"reason": "x" * 2001}])
def test_what_is_wrong_with_a_judgement_is_named(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as told:
        judge(world, "county", **wrong)
    assert [each.field for each in told.value.problems] == list(wrong)


def test_a_place_without_a_target_is_not_judged(world: World) -> None:
    with pytest.raises(Invalid):
        judge(world, "sibling", "N2")


def test_status_and_judgement_stand_side_by_side_and_a_contradiction_is_said(
    world: World,
) -> None:
    client = Client()
    client.force_login(world.cast.county.person)
    judge(world, "county", level="low")
    page = client.get(reverse("place", args=["land", "N111"])).content.decode()
    assert "judged: <b>low</b>" in page
    assert "judged unlikely to be reached, while the figures are ahead" in page
    observe(world, "jobs-reported", "N111", "2022", 12.0)
    page = client.get(reverse("place", args=["land", "N111"])).content.decode()
    assert "judged before the newest figure" in page
    assert "judged unlikely to be reached, while the figures are ahead" not in page


def test_low_confidence_is_an_alert_until_it_is_out_of_date(world: World) -> None:
    judge(world, "county", level="low")
    assert found(world, AlertKind.LOW_CONFIDENCE)["N111"].numbers["reason"]
    judge(world, "county", level="medium")
    assert found(world, AlertKind.LOW_CONFIDENCE) == {}
    judge(world, "county", level="low")
    for year in ("2022", "2023"):
        observe(world, "jobs-reported", "N111", year, 12.0)
    assert found(world, AlertKind.LOW_CONFIDENCE) == {}


def test_what_was_typed_is_not_lost_when_it_is_refused(world: World) -> None:
    client = Client()
    client.force_login(world.cast.county.person)
    url = reverse("record-confidence", args=["land", "jobs"]) + "?unit=N111"
    answer = client.post(url, {"level": "", "reason": "Floods came."})
    assert answer.status_code == 422
    assert "Floods came." in answer.content.decode()
    assert client.post(url, {"level": "low", "reason": "Floods came."}).status_code == 302
    shown = client.get(reverse("confidence", args=["land", "jobs"]) + "?unit=N111")
    assert "Floods came." in shown.content.decode()
