"""What stands in a cell, what is counted, what was known before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.world import World
from throughline.figures.actions import record_observation
from throughline.figures.models import Observation
from throughline.figures.queries import answer, observations_visible_to
from throughline.figures.rollup import figures
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.journal import content_of, head
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.queries import known_at, known_now

YEAR = Period(2020)


def figure(world: World, indicator: str, place: str, *, position: int | None = None):
    measured = world.indicators[indicator]
    known = known_now() if position is None else known_at(position)
    table = figures(measured, [YEAR], world.editions["census"], known)[YEAR]
    return table.at(world.cast.places[place].pk)


def record(world: World, value: float | None, *, place: str = "N111", who=None, **more):
    """Record a figure of jobs over whatever stands, with a reason."""
    series = world.series["jobs-reported"]
    before = world.standing(series.key, place, "2020")
    given: dict[str, Any] = {
        "note": "corrected",
        "supersedes": before.pk,
        "status": "accepted",
    } | more
    return record_observation(
        who or world.cast.county.actor,
        series=series,
        place=world.cast.places[place],
        period=YEAR,
        value=value,
        **given,
    )


def test_a_changed_figure_moves_every_tier_at_once_and_the_old_answer_stands(world):
    before = head()[0]
    assert [figure(world, "jobs", place).rollup for place in ("N111", "N11", "N1", "N")] == [
        10, 30, 30, 60,
    ]  # fmt: skip
    record(world, 15.0)
    after = [figure(world, "jobs", place).rollup for place in ("N111", "N11", "N1", "N")]
    assert after == [15, 35, 35, 65]
    assert figure(world, "jobs", "N", position=before).rollup == 60
    assert figure(world, "jobs", "N2").rollup == 30, "the sibling did not move"


def test_every_past_answer_repeats_exactly(world):
    answers = {}
    for value in (11.0, 12.5, 0.1, 7.0):
        record(world, value)
        answers[head()[0]] = figure(world, "jobs", "N").rollup
    for position, said in answers.items():
        assert figure(world, "jobs", "N", position=position).rollup == said
    assert figure(world, "jobs", "N", position=0).rollup is None


def test_the_journal_tells_before_and_after(world):
    row = record(world, 15.0)
    entry = JournalEntry.objects.get(act=row.act)
    content = content_of(entry.body)
    assert entry.verb == "observation.record"
    assert content["before"]["value"] == 10.0 and content["after"]["value"] == 15.0
    assert content["after"]["note"] == "corrected"


def test_a_figure_that_another_changed_meanwhile_is_not_overwritten(world):
    seen = world.standing("jobs-reported", "N111", "2020").pk
    record(world, 15.0)
    with pytest.raises(Conflict, match=r"15\.0"):
        record(world, 16.0, supersedes=seen)
    assert figure(world, "jobs", "N111").rollup == 15


def test_a_change_needs_a_reason(world):
    with pytest.raises(Invalid) as refused:
        record(world, 15.0, note="  ")
    assert refused.value.problems[0].field == "note"


def test_the_same_request_sent_twice_is_recorded_once(world):
    keyed = world.cast.county.actor.keyed("k")
    before = world.standing("jobs-reported", "N111", "2020").pk
    first = record(world, 15.0, who=keyed, supersedes=before)
    assert record(world, 15.0, who=keyed, supersedes=before) == first


def test_a_withdrawn_figure_counts_no_more(world):
    record(world, None)
    found = figure(world, "jobs", "N11")
    assert (found.rollup, found.reported, found.expected) == (20, 1, 2)


def test_provisional_figures_count_and_are_told_apart(world):
    record(world, 15.0, status="unreviewed")
    found = figure(world, "jobs", "N11")
    assert (found.rollup, found.accepted, found.provisional) == (35, 20, True)


@pytest.mark.parametrize("more", [{"status": "draft"}, {"released_at": None}])
def test_what_is_no_released_figure_changes_nothing_for_anybody(world, more):
    if "released_at" in more:
        more = {"released_at": clock.now() + timedelta(days=3)}
    before = world.standing("jobs-reported", "N111", "2020")
    act = Observation.objects.latest("id").act
    row = world.observe(act, "jobs-reported", "N111", "2020", value=99.0, supersedes=before, **more)
    assert figure(world, "jobs", "N").rollup == 60, "the earlier figure stands until then"
    assert row not in observations_visible_to(world.cast.auditor.actor)


def test_a_ratio_is_of_two_sums_and_never_an_average(world):
    found = figure(world, "urban-rate", "N11")
    assert found.rollup == pytest.approx(100 * (500 + 900) / (1000 + 2000))
    assert found.reported == 2


def test_editions_are_never_mixed(world):
    table = figures(world.indicators["jobs"], [YEAR], world.editions["rebased"])[YEAR]
    assert table.at(world.cast.places["N"].pk).rollup is None


def test_a_stated_total_is_compared_and_never_added(world):
    act = Observation.objects.latest("id").act
    world.observe(act, "jobs-reported", "N1", "2020", value=1_000_000.0)
    found = figure(world, "jobs", "N1")
    assert found.rollup == 30 and [each.value for each in found.stated] == [1_000_000.0]
    assert figure(world, "jobs", "N").rollup == 60


def test_the_lowest_existing_unit_reports_itself(world):
    from throughline.places.models import Parentage, Scheme

    Parentage.objects.filter(place=world.cast.places["N211"]).delete()
    Scheme.objects.update(revision=99)
    act = Observation.objects.latest("id").act
    world.observe(act, "jobs-reported", "N21", "2020", value=5.0)
    found = figure(world, "jobs", "N2")
    assert (found.rollup, found.reported, found.expected) == (5, 1, 1)


REFUSED: dict[str, type[Exception] | tuple[type[Exception], ...]] = {
    "sibling": NotFound,
    "uninvolved": NotFound,
    "administrator": NotFound,
    "former": NotFound,
    "top": (Forbidden, NotFound),
}


@pytest.mark.parametrize("name", REFUSED)
def test_who_may_not_record_is_refused(world, name):
    with pytest.raises(REFUSED[name]):
        record(world, 15.0, who=getattr(world.cast, name).actor)
    assert figure(world, "jobs", "N111").rollup == 10


@pytest.mark.parametrize("name", ["county", "prefecture", "province"])
def test_the_place_itself_and_those_above_it_record(world, name):
    record(world, 15.0, who=getattr(world.cast, name).actor)
    assert figure(world, "jobs", "N111").rollup == 15


def test_official_statistics_are_their_producers_alone(world):
    series = world.series["people-official"]
    before = world.standing(series.key, "N111", "2020")
    with pytest.raises(Forbidden) as refused:
        record_observation(
            world.cast.county.actor,
            series=series,
            place=world.cast.places["N111"],
            period=YEAR,
            value=1.0,
            status="final",
            note="we count more",
            supersedes=before.pk,
        )
    assert refused.value.rule == "figures.producer-only" and refused.value.lifted_by


def test_units_and_periods_that_do_not_fit_are_named(world):
    series, place = world.series["jobs-reported"], world.cast.places["N111"]
    for period, told in ((Period.parse("2021Q1"), "2021Q1"), (Period(1950), "1950")):
        with pytest.raises(Invalid, match=told):
            record_observation(
                SYSTEM, series=series, place=place, period=period, value=1.0,
                status="accepted", supersedes=None,
            )  # fmt: skip


def test_a_figure_out_of_range_is_refused_at_its_field(world):
    indicator = world.indicators["jobs"]
    indicator.minimum, indicator.maximum = 0, 100
    indicator.save()
    world.series["jobs-reported"].refresh_from_db()
    with pytest.raises(Invalid) as refused:
        record(world, 101.0)
    assert refused.value.problems[0].field == "value"


def test_a_sibling_is_told_of_no_figures(world):
    with pytest.raises(NotFound):
        answer(
            world.cast.sibling.actor,
            world.indicators["jobs"],
            world.cast.places["N111"],
            YEAR,
        )
