"""My work of reporting: who has to do what at each step, and the count that every page shows."""

from __future__ import annotations

from datetime import timedelta

from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group
from throughline.reporting.actions import (
    ask_extension,
    check_report,
    prepare_report,
    return_report,
    review_report,
    sign_report,
)
from throughline.reporting.models import Cycle
from throughline.reporting.tests.country import GOOD, Reported
from throughline.reporting.work import count_for, work_for


def waiting(reported: Reported) -> dict[str, list[str]]:
    """By who has anything to do, what it is."""
    cast = reported.world.cast
    people: dict[str, Actor] = {name: member.actor for name, member in cast}
    people |= {"reviewer": reported.reviewer, "signer": reported.signer}
    found = {name: [item.verb for item in work_for(actor)] for name, actor in people.items()}
    for name, actor in people.items():
        assert count_for(actor) == sum(item.count for item in work_for(actor)), name
    return {name: verbs for name, verbs in found.items() if verbs}


def test_at_each_step_those_whose_turn_it_is_have_it_before_them(reported: Reported) -> None:
    report, cast = reported.report, reported.world.cast
    give, review = ["Give the figures"], ["Review the report"]
    sign, check = ["Sign the report"], ["Check the report"]
    assert waiting(reported) == {"county": give}
    prepare_report(reported.filler, report=report, values=GOOD)
    assert waiting(reported) == {"reviewer": review, "signer": review}
    review_report(reported.reviewer, report=report)
    assert waiting(reported) == {"signer": sign, "county": sign}
    sign_report(reported.signer, report=report)
    assert waiting(reported) == {"prefecture": check}
    check_report(cast.prefecture.actor, report=report)
    assert waiting(reported) == {"province": check}
    return_report(cast.province.actor, report=report, reason="Look again.")
    assert waiting(reported) == {"county": ["Correct the figures"]}


def test_what_is_late_comes_first_and_what_is_far_off_is_plainly_to_do(reported: Reported) -> None:
    def group() -> Group:
        return work_for(reported.filler)[0].group

    assert group() == Group.DUE_SOON
    rows = Cycle.objects.filter(pk=reported.cycle.pk)
    rows.update(closes_at=clock.now() + timedelta(days=60))
    assert group() == Group.TO_DO
    rows.update(opens_at=clock.now() - timedelta(days=2), closes_at=clock.now())
    assert group() == Group.OVERDUE
    rows.update(locked_at=clock.now())
    assert work_for(reported.filler) == []


def test_who_runs_the_cycle_decides_on_more_time(reported: Reported) -> None:
    ask_extension(
        reported.filler,
        report=reported.report,
        until=clock.now() + timedelta(days=30),
        reason="Floods.",
    )
    items = work_for(reported.world.cast.coordinator.actor)
    assert [(item.verb, item.url) for item in items] == [
        ("Decide on more time", f"/cycles/{reported.cycle.key}/")
    ]
