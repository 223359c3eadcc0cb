"""A case from its submission to its end, and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests.cases import (
    DRAWING,
    GIVEN,
    about,
    at,
    carried_to_decision,
    colleague,
    enclosures,
    load_procedure,
    submitted,
    waiting,
)
from tests.world import World
from throughline.bodies.models import Body, Person
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.procedures import actions
from throughline.procedures.models import (
    Case,
    CaseDocument,
    CaseStep,
    ProcedureEdition,
    ProcedureList,
)
from throughline.procedures.queries import cases_visible_to, digest_of_file


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("body__key", flat=True))


# -- loading -------------------------------------------------------------------------------


def test_loading_the_same_pack_again_changes_nothing(world: World) -> None:
    before = ProcedureList.objects.count(), ProcedureEdition.objects.count()
    load_procedure()
    assert (ProcedureList.objects.count(), ProcedureEdition.objects.count()) == before


def test_an_edition_by_which_a_case_has_begun_is_not_changed(world: World) -> None:
    submitted(world)
    changed = DRAWING.replace(b'clock="3"', b'clock="5"')
    with pytest.raises(Invalid) as refused:
        load_procedure(drawing=changed)
    assert [each.place for each in refused.value.problems] == ["small"]
    load_procedure(drawing=changed, edition="2")
    assert ProcedureEdition.objects.count() == 2


def test_before_any_case_an_edition_may_still_be_mended(world: World) -> None:
    load_procedure(drawing=DRAWING.replace(b'clock="3"', b'clock="5"'))
    case = submitted(world)
    assert case.process.steps()["review"].clock == 5


def test_a_new_edition_counts_for_new_cases_and_those_that_run_end_by_theirs(world: World) -> None:
    old = submitted(world)
    load_procedure(drawing=DRAWING.replace(b'clock="3"', b'clock="5"'), edition="2")
    new = submitted(world, about=about(world, key="growth/jobs"))
    assert (old.procedure.edition, new.procedure.edition) == ("1", "2")
    old = Case.objects.get(pk=old.pk)
    assert [case.process.steps()["review"].clock for case in (old, new)] == [3, 5]


def test_what_was_loaded_and_given_cannot_be_changed(world: World) -> None:
    case = carried_to_decision(world)
    for rows in (
        ProcedureEdition.objects.all(),
        CaseDocument.objects.filter(case=case),
        CaseStep.objects.filter(case=case, ended_at__isnull=False),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**{"edition": "9"} if rows.model is ProcedureEdition else {"act": 1})


# -- submitting ----------------------------------------------------------------------------


def test_a_case_is_submitted_frozen_and_comes_to_all_at_once(world: World) -> None:
    case = submitted(world)
    assert case.number.endswith("-0001")
    assert case.facts == {"cost": "7", "new-land": True, "kind": "task", "tier": "nation"}
    assert sorted((step.node, step.body.key) for step in waiting(case)) == [
        ("countersigning", "supporting-department"),
        ("countersigning", "uninvolved-department"),
        ("review", "lead-agency"),
    ]
    assert {each.key for each in case.documents.all()} == {"request", "draft"}
    (act,) = case.acts.all()
    assert act.digest == digest_of_file(case)
    assert told("case-came") == {
        "supporting-department", "uninvolved-department", "lead-agency",
    }  # fmt: skip
    assert JournalEntry.objects.filter(verb="case.submit").count() == 1


def test_every_fact_and_document_that_is_missing_is_named(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        submitted(world, facts={})
    assert {each.place for each in refused.value.problems} == {"cost", "new-land"}
    with pytest.raises(Invalid) as refused:
        submitted(world, enclosed=enclosures("draft", "minutes"))
    assert [(each.place, each.code) for each in refused.value.problems] == [
        ("minutes", ""), ("request", "missing"),
    ]  # fmt: skip
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"cost": "much"}, "cost"),
        ({"cost": 1001}, "cost"),
        ({"cost": {"value": "x", "unit": "m"}}, "cost"),
        ({"cost": {"value": 1, "unit": "yuan"}}, "cost"),
        ({"new-land": "yes"}, "new-land"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_facts_that_cannot_be_are_named(world: World, facts: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        submitted(world, facts=GIVEN | facts)
    assert [each.place for each in refused.value.problems] == [place]


def test_a_number_may_come_in_any_of_its_units(world: World) -> None:
    case = submitted(world, facts=GIVEN | {"cost": {"value": 7500, "unit": "k"}})
    assert case.facts["cost"] == "7.500"


def test_where_nobody_would_act_the_case_does_not_begin(world: World) -> None:
    Body.objects.filter(key="cabinet").update(key="former-cabinet")
    with pytest.raises(Invalid, match="carried through") as refused:
        submitted(world)
    assert {each.place for each in refused.value.problems} == {"review", "decision"}


def test_numbers_have_no_gap(world: World) -> None:
    submitted(world)
    with pytest.raises(Conflict, match="already"):
        submitted(world)
    second = submitted(world, about=about(world, key="growth/jobs"))
    assert second.number.endswith("-0002")


def test_a_case_may_carry_the_code_of_another_system_once(world: World) -> None:
    code = {"outside_system": "projects", "outside_code": "2026-440100-48-01-000001"}
    case = submitted(world, **code)
    assert case.outside_code == code["outside_code"]
    for wrong in (code, {"outside_system": "", "outside_code": "x"}):
        with pytest.raises(Invalid) as refused:
            submitted(world, about=about(world, key="growth/jobs"), **wrong)
        assert [each.field for each in refused.value.problems] == ["outside_code"]


def test_who_reports_for_no_body_submits_nothing(world: World) -> None:
    given: dict[str, Any] = {"about": about(world), "facts": GIVEN}
    for actor in (world.cast.auditor.actor, world.cast.administrator.actor, SYSTEM):
        with pytest.raises(Forbidden):
            actions.submit_case(actor, **given)


def test_the_submitter_does_not_countersign_and_supporters_as_printed_are_always_asked(
    world: World,
) -> None:
    case = submitted(
        world,
        about=about(world, "supporting-department", "leading-department"),
        supporting=[world.cast.uninvolved.body],
    )
    assert {step.body.key for step in waiting(case, "countersigning")} == {
        "supporting-department", "uninvolved-department",
    }  # fmt: skip


# -- answering -----------------------------------------------------------------------------


def test_the_first_to_agree_does_not_stand_for_all(world: World) -> None:
    case = submitted(world)
    first = at(case, "countersigning", "supporting-department")
    actions.decide_case(world.cast.supports.actor, step=first, verb="agree")
    actions.decide_case(world.cast.coordinator.actor, step=at(case, "review"), verb="conform")
    assert [step.body.key for step in waiting(case)] == ["uninvolved-department"]
    with pytest.raises(Conflict, match="answered"):
        actions.decide_case(world.cast.supports.actor, step=first, verb="agree")


def test_a_case_is_approved_with_what_the_last_step_asks_for(world: World) -> None:
    case = carried_to_decision(world)
    step = at(case, "decision")
    with pytest.raises(Invalid) as refused:
        actions.decide_case(world.cast.top.actor, step=step, verb="approve")
    assert [each.place for each in refused.value.problems] == ["minutes"]
    actions.decide_case(
        world.cast.top.actor, step=step, verb="approve", enclosed=enclosures("minutes")
    )
    case.refresh_from_db()
    assert (case.outcome, case.is_open, waiting(case)) == ("approve", False, [])
    assert told("case-ended") == {"leading-department"}
    with pytest.raises(Conflict, match="ended"):
        actions.decide_case(world.cast.top.actor, step=step, verb="refuse", words="No.")


@pytest.mark.parametrize("verb", ["object"])
def test_who_disagrees_says_why(world: World, verb: str) -> None:
    case = submitted(world)
    step = at(case, "countersigning", "supporting-department")
    with pytest.raises(Invalid) as refused:
        actions.decide_case(world.cast.supports.actor, step=step, verb=verb, words="  ")
    assert [each.field for each in refused.value.problems] == ["words"]
    done = actions.decide_case(
        world.cast.supports.actor, step=step, verb=verb, words="The figures do not add up."
    )
    assert (done.outcome, done.words) == ("object", "The figures do not add up.")


def test_what_the_procedure_does_not_foresee_is_refused_with_what_it_does(world: World) -> None:
    case = submitted(world)
    step = at(case, "review")
    with pytest.raises(Conflict) as refused:
        actions.decide_case(world.cast.coordinator.actor, step=step, verb="approve")
    assert "find it lawful" in (refused.value.remedy or "")
    with pytest.raises(Invalid):
        actions.decide_case(world.cast.coordinator.actor, step=step, verb="transfer")


def test_only_the_body_whose_turn_it_is_answers(world: World) -> None:
    case = submitted(world)
    step = at(case, "review")
    for member in (world.cast.supports, world.cast.top, world.cast.leads):
        with pytest.raises(Forbidden) as refused:
            actions.decide_case(member.actor, step=step, verb="conform")
        assert refused.value.rule == "procedures.not-yours"


def test_nobody_decides_on_what_he_submitted_himself_in_whatever_post(world: World) -> None:
    case = submitted(world)
    submitter = world.cast.leads
    post = world.cast.coordinator.post
    post.holdings.create(person=submitter.person, valid_from="2020-01-01")
    moved = replace(submitter.actor, post=post.pk, body=post.body_id, body_code="lead-agency")
    with pytest.raises(Forbidden) as refused:
        actions.decide_case(moved, step=at(case, "review"), verb="conform")
    assert refused.value.rule == "procedures.own-submission"


def test_nobody_answers_for_two_bodies_of_one_countersigning(world: World) -> None:
    case = submitted(world)
    first = world.cast.supports
    actions.decide_case(
        first.actor, step=at(case, "countersigning", "supporting-department"), verb="agree"
    )
    post = world.cast.uninvolved.post
    post.holdings.create(person=first.person, valid_from="2020-01-01")
    moved = replace(first.actor, post=post.pk, body=post.body_id, body_code=post.body.key)
    step = at(case, "countersigning", "uninvolved-department")
    with pytest.raises(Forbidden) as refused:
        actions.decide_case(moved, step=step, verb="agree")
    assert refused.value.rule == "procedures.answered-beside"


def test_a_returned_case_is_handed_in_again_and_all_are_asked_anew(world: World) -> None:
    case = carried_to_decision(world)
    frozen = digest_of_file(case)
    actions.decide_case(
        world.cast.top.actor, step=at(case, "decision"), verb="return", words="Not yet."
    )
    step = at(case, "submission")
    assert (step.body.key, step.round) == ("leading-department", 2)
    with pytest.raises(Conflict, match="hands in"):
        actions.decide_case(world.cast.leads.actor, step=step, verb="submit")
    actions.resubmit_case(
        world.cast.leads.actor, step=step, enclosed=enclosures("draft", text="mended")
    )
    case.refresh_from_db()
    assert len(waiting(case)) == 3
    assert {each.round for each in waiting(case)} == {2}
    assert digest_of_file(case) != frozen
    assert case.documents.filter(key="draft").count() == 2
    with pytest.raises(Conflict):
        actions.resubmit_case(world.cast.leads.actor, step=step)


def test_who_handed_in_again_does_not_decide_either(world: World) -> None:
    case = carried_to_decision(world)
    actions.decide_case(
        world.cast.top.actor, step=at(case, "decision"), verb="return", words="Not yet."
    )
    second = colleague(world.cast.leads, "second")
    actions.resubmit_case(second, step=at(case, "submission"))
    post = world.cast.coordinator.post
    post.holdings.create(person=Person.objects.get(opaque=second.person), valid_from="2020-01-01")
    moved = replace(second, post=post.pk, body=post.body_id, body_code="lead-agency")
    with pytest.raises(Forbidden) as refused:
        actions.decide_case(moved, step=at(case, "review"), verb="conform")
    assert refused.value.rule == "procedures.own-submission"


# -- who sees ------------------------------------------------------------------------------


def test_a_case_exists_for_those_who_have_a_part_in_it(world: World) -> None:
    case = submitted(world)
    seen = {
        name
        for name, member in world.cast
        if cases_visible_to(member.actor).filter(pk=case.pk).exists()
    }
    assert seen == {"leads", "supports", "uninvolved", "coordinator", "top", "auditor"}


def test_a_repeated_key_gives_the_same_case(world: World) -> None:
    given: dict[str, Any] = {
        "about": about(world), "facts": GIVEN, "enclosed": enclosures("request", "draft"),
    }  # fmt: skip
    actor = world.cast.leads.actor.keyed("once")
    assert actions.submit_case(actor, **given) == actions.submit_case(actor, **given)
    assert Case.objects.count() == 1
