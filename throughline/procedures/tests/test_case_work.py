"""What of cases waits for whom, and cases as what one remarks on and follows."""

from __future__ import annotations

import pytest

from tests.cases import at, carried_to_decision, colleague, submitted
from tests.world import World
from throughline.bodies.rules import Duty
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.work import Group
from throughline.procedures import actions
from throughline.procedures.case_subjects import case_subject
from throughline.procedures.work import count_for, work_for
from throughline.subjects.kinds import KINDS, subject_visible_to


def to_do(actor: Actor) -> list[tuple[Group, str]]:
    """What is listed; it is as many as are counted."""
    listed = [item for item in work_for(actor) if item.is_to_do]
    assert count_for(actor) == len(listed)
    return [(item.group, item.verb) for item in listed]


def test_each_finds_what_waits_for_him(world: World) -> None:
    case = submitted(world)
    cast = world.cast
    assert to_do(cast.coordinator.actor) == [(Group.TO_DO, "review")]
    assert to_do(cast.supports.actor) == [(Group.TO_DO, "countersigning")]
    assert to_do(cast.top.actor) == []
    assert [item.group for item in work_for(cast.leads.actor)] == [Group.WAITING]
    actions.ask_supplement(cast.coordinator.actor, step=at(case, "review"), words="The costing.")
    assert to_do(cast.coordinator.actor) == [], "it waits for the submitter"
    assert to_do(cast.leads.actor) == [(Group.RETURNED, "Supplement the case")]
    actions.add_signer(
        cast.supports.actor, step=at(case, "countersigning", cast.supports.body.key),
        body=cast.province.body,
    )  # fmt: skip
    assert to_do(cast.supports.actor) == []
    assert to_do(cast.province.actor) == [(Group.TO_DO, "Give your opinion as an added signer")]


def test_what_came_back_and_what_is_late_stand_where_they_belong(world: World) -> None:
    case = carried_to_decision(world)
    step = at(case, "decision")
    type(step).objects.filter(pk=step.pk).update(due_at=step.opened_at)
    assert to_do(world.cast.top.actor) == [(Group.OVERDUE, "decision")]
    actions.decide_case(world.cast.top.actor, step=step, verb="return", words="Not yet.")
    assert to_do(world.cast.leads.actor) == [(Group.RETURNED, "submission")]


@pytest.mark.parametrize("duty", [Duty.READ, Duty.REPORT])
def test_who_does_not_answer_for_the_body_has_nothing_to_do(world: World, duty: Duty) -> None:
    submitted(world)
    assert to_do(colleague(world.cast.supports, "reader", duty)) == []
    assert count_for(SYSTEM) == 0


def test_a_case_is_a_subject_and_an_element_can_be_submitted(world: World) -> None:
    case = submitted(world)
    found = subject_visible_to(world.cast.supports.actor, "case", str(case.pk))
    assert case.number in found.title
    (change, *_more) = KINDS["case"].changes(world.cast.supports.actor, found, 0)
    assert change.text == "Case submitted"
    about = case_subject(world.cast.leads.actor, "element", "growth/task")
    assert (about.kind, about.plan) == ("task", "growth")
    assert about.lead == world.cast.leads.body
    assert about.supporting == (world.cast.supports.body,)
