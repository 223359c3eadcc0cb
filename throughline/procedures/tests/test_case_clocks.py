"""Clocks of cases: working days and holidays, supplements that stop them, and their running out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.cases import at, calendar, catalogue, enclosures, submitted, waiting
from tests.world import World
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.procedures import actions
from throughline.procedures.jobs import keep_cases
from throughline.procedures.models import Case, CaseStep
from throughline.procedures.queries import digest_of_file, steps_run_out

MONDAY = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)


class Hands:
    """Those of a clock that a test turns."""

    def __init__(self) -> None:
        self.now = MONDAY

    def on(self, day: int, hour: int = 9) -> None:
        """A day of that March."""
        self.now = datetime(2021, 3, day, hour, 0, tzinfo=UTC)


@pytest.fixture
def hands(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    found = Hands()
    monkeypatch.setattr(clock, "now", lambda: found.now)
    yield found


def end_of(day: int) -> datetime:
    return datetime(2021, 3, day, 23, 59, 59, tzinfo=UTC)


def dues(case: Case) -> dict[str, datetime | None]:
    return {f"{step.node} {step.body.key}": step.due_at for step in waiting(case)}


def test_steps_are_due_at_the_end_of_their_last_working_day(world: World, hands: Hands) -> None:
    hands.on(4)  # a Thursday
    assert dues(submitted(world)) == {
        "countersigning supporting-department": end_of(8),
        "countersigning uninvolved-department": end_of(8),
        "review lead-agency": end_of(9),
    }


def test_holidays_that_are_announced_later_count_for_steps_that_open_then(
    world: World, hands: Hands
) -> None:
    case = submitted(world)
    actions.load_procedures(
        SYSTEM, plan="growth", catalogue=catalogue(),
        calendar=calendar([date(2021, 3, 3), date(2021, 3, 4)]),
    )  # fmt: skip
    assert dues(case)["review lead-agency"] == end_of(4), "what was told is not moved"
    for member in (world.cast.supports, world.cast.uninvolved):
        actions.decide_case(
            member.actor, step=at(case, "countersigning", member.body.key), verb="agree"
        )
    actions.decide_case(world.cast.coordinator.actor, step=at(case, "review"), verb="conform")
    assert dues(case) == {"decision cabinet": end_of(5)}


def test_while_a_supplement_is_awaited_the_clock_of_its_step_stands(
    world: World, hands: Hands
) -> None:
    case = submitted(world)
    review = at(case, "review")
    hands.on(2)
    asked = actions.ask_supplement(
        world.cast.coordinator.actor, step=review, words="Where is the costing?"
    )
    assert dues(case)["review lead-agency"] is None
    assert dues(case)["countersigning supporting-department"] == end_of(3)
    hands.on(9)
    before = digest_of_file(case)
    actions.supplement_case(
        world.cast.leads.actor, step=review, words="Here.", enclosed=enclosures("draft", text="2")
    )
    assert dues(case)["review lead-agency"] == end_of(11), "Tuesday to Monday it stood"
    asked.refresh_from_db()
    assert (asked.answer, asked.closed_at) == ("Here.", hands.now)
    assert digest_of_file(case) != before
    assert set(Notice.objects.filter(kind="case-supplement-given").values_list("body__key")) == {
        ("lead-agency",)
    }


def test_a_supplement_is_asked_for_with_the_reason_and_once_at_a_time(
    world: World, hands: Hands
) -> None:
    case = submitted(world)
    review, who = at(case, "review"), world.cast.coordinator.actor
    with pytest.raises(Invalid):
        actions.ask_supplement(who, step=review, words=" ")
    actions.ask_supplement(who, step=review, words="The costing.")
    with pytest.raises(Conflict, match="awaited"):
        actions.ask_supplement(who, step=review, words="And more.")
    with pytest.raises(Conflict, match="awaited"):
        actions.decide_case(who, step=review, verb="conform")
    with pytest.raises(Forbidden):
        actions.supplement_case(world.cast.supports.actor, step=review, words="Ours.")
    with pytest.raises(Invalid):
        actions.supplement_case(world.cast.leads.actor, step=review)
    actions.supplement_case(world.cast.leads.actor, step=review, words="There is none.")
    with pytest.raises(Conflict, match="No supplement"):
        actions.supplement_case(world.cast.leads.actor, step=review, words="Again.")


def test_what_never_came_can_be_the_reason_to_say_no(world: World, hands: Hands) -> None:
    case = submitted(world)
    review, who = at(case, "review"), world.cast.coordinator.actor
    asked = actions.ask_supplement(who, step=review, words="The costing.")
    actions.decide_case(who, step=review, verb="not-conform", words="It did not come.")
    asked.refresh_from_db()
    assert asked.closed_at is not None
    assert asked.answered_by == ""


def test_who_supplements_does_not_decide(world: World, hands: Hands) -> None:
    case = submitted(world)
    review = at(case, "review")
    actions.ask_supplement(world.cast.coordinator.actor, step=review, words="The costing.")
    act = actions.supplement_case(world.cast.leads.actor, step=review, words="Here.")
    assert act.answered_by == world.cast.leads.actor.person


# -- running out ---------------------------------------------------------------------------


def escalate(world: World) -> None:
    keep_cases(0)


def test_a_clock_that_runs_out_is_counted_and_told_once_and_decides_nothing(
    world: World, hands: Hands
) -> None:
    case = submitted(world)
    escalate(world)
    assert not Notice.objects.filter(kind="case-ran-out").exists()
    hands.now = end_of(3)
    assert not steps_run_out().exists(), "the last second is in time"
    hands.now += timedelta(seconds=1)
    for _again in range(3):
        escalate(world)
    notices = Notice.objects.filter(kind="case-ran-out").select_related("body", "post")
    assert [(each.body.key, each.post.key if each.post else "") for each in notices] == [
        ("lead-agency", "coordinator"), ("lead-agency", "coordinator"),
    ]  # fmt: skip
    assert JournalEntry.objects.filter(verb="case.escalate").count() == 1
    ran_out = CaseStep.objects.filter(case=case, ran_out_at__isnull=False)
    assert {step.node for step in ran_out} == {"countersigning"}
    assert all(step.is_open for step in ran_out), "nothing is decided by it"
    hands.on(10)
    escalate(world)
    assert set(Notice.objects.filter(kind="case-ran-out").values_list("body__key", flat=True)) == {
        "lead-agency", "cabinet",
    }  # fmt: skip


def test_a_supplement_that_is_asked_for_too_late_saves_no_clock(world: World, hands: Hands) -> None:
    case = submitted(world)
    hands.on(5)
    review = at(case, "review")
    actions.ask_supplement(world.cast.coordinator.actor, step=review, words="The costing.")
    assert dues(case)["review lead-agency"] == end_of(4)
    escalate(world)
    review.refresh_from_db()
    assert review.ran_out_at is not None


def test_what_stands_or_was_answered_does_not_run_out(world: World, hands: Hands) -> None:
    case = submitted(world)
    who = world.cast.coordinator.actor
    actions.ask_supplement(who, step=at(case, "review"), words="The costing.")
    for member in (world.cast.supports, world.cast.uninvolved):
        actions.decide_case(
            member.actor, step=at(case, "countersigning", member.body.key), verb="agree"
        )
    hands.on(31)
    assert not steps_run_out().exists()
    with pytest.raises(Conflict):
        actions.escalate_case(SYSTEM, case=case)


def test_a_case_that_fails_does_not_keep_the_others_waiting(
    world: World, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(world)
    hands.on(4)
    monkeypatch.setattr(
        actions, "escalate_case", lambda *_args, **_more: (_ for _ in ()).throw(RuntimeError("x"))
    )
    escalate(world)
    assert steps_run_out().exists(), "the next minute tries again"
