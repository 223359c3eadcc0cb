"""Transferring, adding signers, withdrawing and urging."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cases import (
    at,
    carried_to_decision,
    colleague,
    submitted,
    waiting,
)
from tests.world import World
from throughline.bodies.models import Post
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.notices.models import Notice
from throughline.procedures import actions
from throughline.procedures.actions import pressing
from throughline.procedures.models import AddedSigner, Case, CaseAct


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("body__key", flat=True))


# -- transferring --------------------------------------------------------------------------


def test_a_step_is_transferred_with_the_reason_and_its_clock_goes_on(world: World) -> None:
    case = submitted(world)
    review, office = at(case, "review"), world.cast.bodies["conference-office"]
    due = review.due_at
    with pytest.raises(Invalid) as refused:
        actions.transfer_case(world.cast.coordinator.actor, step=review, to=office, words="")
    assert [each.field for each in refused.value.problems] == ["words"]
    moved = actions.transfer_case(
        world.cast.coordinator.actor, step=review, to=office, words="It is the office’s field."
    )
    assert (moved.body, moved.asked.key, moved.due_at) == (office, "lead-agency", due)
    assert told("case-transferred") == {"conference-office"}
    with pytest.raises(Forbidden):
        actions.decide_case(world.cast.coordinator.actor, step=review, verb="conform")
    actions.decide_case(world.cast.office.actor, step=review, verb="conform")
    assert CaseAct.objects.get(case=case, deed="transfer").words == "It is the office’s field."


@pytest.mark.parametrize(
    ("node", "by", "to", "said"),
    [
        ("review", "coordinator", "lead-agency", "there already"),
        ("review", "coordinator", "leading-department", "submitted by this body"),
        ("countersigning", "supports", "uninvolved-department", "for itself"),
    ],
)
def test_where_a_step_cannot_go(world: World, node: str, by: str, to: str, said: str) -> None:
    case, member = submitted(world), getattr(world.cast, by)
    step = at(case, node, member.body.key)
    with pytest.raises(Invalid) as refused:
        actions.transfer_case(member.actor, step=step, to=world.cast.bodies[to], words="Take it.")
    assert said in refused.value.problems[0].message


def test_a_decision_on_the_case_stays_in_its_body(world: World) -> None:
    case = carried_to_decision(world)
    given: dict[str, Any] = {"step": at(case, "decision"), "words": "Take it."}
    with pytest.raises(Invalid, match="not transferred") as refused:
        actions.transfer_case(
            world.cast.top.actor, to=world.cast.bodies["uninvolved-department"], **given
        )
    assert "stays in its body" in refused.value.problems[0].message
    second = colleague(world.cast.top, "deputy")
    post = Post.objects.get(pk=second.post or 0)
    actions.transfer_case(world.cast.top.actor, to=world.cast.top.body, post=post, **given)
    with pytest.raises(Forbidden) as forbidden:
        actions.decide_case(world.cast.top.actor, step=given["step"], verb="refuse", words="No.")
    assert forbidden.value.rule == "procedures.not-your-post"
    actions.decide_case(second, step=given["step"], verb="refuse", words="No.")
    assert Case.objects.get(pk=case.pk).outcome == "refuse"


# -- adding signers ------------------------------------------------------------------------


def added(world: World, case: Case) -> AddedSigner:
    return actions.add_signer(
        world.cast.supports.actor,
        step=at(case, "countersigning", "supporting-department"),
        body=world.cast.bodies["n1-government"],
        words="What do you think?",
    )


def test_a_step_is_not_answered_before_an_added_signer_has(world: World) -> None:
    case = submitted(world)
    signer = added(world, case)
    assert told("case-signer-asked") == {"n1-government"}
    step = at(case, "countersigning", "supporting-department")
    with pytest.raises(Conflict, match="signer"):
        actions.decide_case(world.cast.supports.actor, step=step, verb="agree")
    with pytest.raises(Invalid):
        actions.sign_case(world.cast.province.actor, signer=signer, verb="approve")
    with pytest.raises(Invalid):
        actions.sign_case(world.cast.province.actor, signer=signer, verb="object")
    with pytest.raises(Forbidden):
        actions.sign_case(world.cast.sibling.actor, signer=signer, verb="agree")
    actions.sign_case(
        world.cast.province.actor, signer=signer, verb="object", words="Too dear for us."
    )
    with pytest.raises(Conflict, match="already"):
        actions.sign_case(world.cast.province.actor, signer=signer, verb="agree")
    assert told("case-signer-answered") == {"supporting-department"}
    actions.decide_case(world.cast.supports.actor, step=step, verb="agree")


def test_who_signs_as_added_does_not_answer_the_step_too(world: World) -> None:
    case = submitted(world)
    signer = added(world, case)
    actions.sign_case(world.cast.province.actor, signer=signer, verb="agree")
    post = world.cast.supports.post
    post.holdings.create(person=world.cast.province.person, valid_from="2020-01-01")
    moved = replace(
        world.cast.province.actor, post=post.pk, body=post.body_id, body_code=post.body.key
    )
    step = at(case, "countersigning", "supporting-department")
    with pytest.raises(Forbidden):
        actions.decide_case(moved, step=step, verb="agree")


@pytest.mark.parametrize("body", ["leading-department", "uninvolved-department", "n1-government"])
def test_who_is_not_added(world: World, body: str) -> None:
    case = submitted(world)
    added(world, case)
    with pytest.raises(Invalid) as refused:
        actions.add_signer(
            world.cast.supports.actor,
            step=at(case, "countersigning", "supporting-department"),
            body=world.cast.bodies[body],
        )
    assert [each.field for each in refused.value.problems] == ["body"]


# -- withdrawing ---------------------------------------------------------------------------


def test_a_case_is_withdrawn_where_a_step_allows_it_and_stays_on_record(world: World) -> None:
    case = submitted(world)
    with pytest.raises(Forbidden):
        actions.withdraw_case(world.cast.supports.actor, case=case)
    actions.withdraw_case(world.cast.leads.actor, case=case, words="We start anew.")
    case.refresh_from_db()
    assert (case.outcome, waiting(case)) == ("withdraw", [])
    assert told("case-withdrawn") == {
        "supporting-department", "uninvolved-department", "lead-agency",
    }  # fmt: skip
    with pytest.raises(Conflict, match="ended"):
        actions.withdraw_case(world.cast.leads.actor, case=case)
    assert submitted(world).number.endswith("-0002"), "the subject may be submitted anew"


def test_where_no_step_allows_it_a_case_is_not_withdrawn(world: World) -> None:
    case = carried_to_decision(world)
    with pytest.raises(Conflict, match="foresee"):
        actions.withdraw_case(world.cast.leads.actor, case=case)


# -- urging --------------------------------------------------------------------------------


def test_a_step_is_urged_on_record_and_not_twice_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = submitted(world)
    signer = added(world, case)
    step = signer.step
    for member in (world.cast.uninvolved, world.cast.province):
        with pytest.raises(Forbidden):
            actions.urge_case(member.actor, step=step)
    actions.urge_case(world.cast.leads.actor, step=step, words="We wait.")
    assert told("case-urged") == {"supporting-department", "n1-government"}
    with pytest.raises(Conflict, match="a moment ago"):
        actions.urge_case(world.cast.coordinator.actor, step=step)
    monkeypatch.setattr(pressing, "AGAIN", timedelta())
    actions.urge_case(world.cast.coordinator.actor, step=step)
    assert CaseAct.objects.filter(case=case, deed="urge").count() == 2


def test_what_waits_for_the_submitter_is_not_urged(world: World) -> None:
    case = carried_to_decision(world)
    actions.decide_case(
        world.cast.top.actor, step=at(case, "decision"), verb="return", words="Not yet."
    )
    with pytest.raises(Conflict, match="Nobody else"):
        actions.urge_case(world.cast.leads.actor, step=at(case, "submission"))
