"""Laying a task on a body, and what the body does with it."""

from __future__ import annotations

import pytest
from django.utils import translation

from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.bodies.models import Body
from throughline.bodies.queries import today
from throughline.cascade import actions
from throughline.cascade.models import Assignment, Claim
from throughline.cascade.pages import answering
from throughline.cascade.queries import (
    assignment_by_id,
    assignments_visible_to,
    life_of,
    printed_and_not_laid,
)
from throughline.cascade.rules.life import Stage
from throughline.cascade.tests.steps import (
    LATER,
    SOON,
    again,
    element,
    issue,
    lay,
    local_plan,
    taken_on,
)
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.plans.models import Responsibility


def stage(world: World, row: Assignment) -> Stage:
    return life_of(assignment_by_id(world.cast.auditor.actor, row.pk)).stage


def test_the_office_receives_and_the_leader_takes_on_and_neither_implies_the_other(world):
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    assert stage(world, row) is Stage.ASSIGNED
    with pytest.raises(Conflict, match="received"):
        actions.take_on_task(province, assignment=row)
    actions.receive_task(province, assignment=row)
    assert stage(world, row) is Stage.RECEIVED
    actions.take_on_task(province, assignment=row)
    assert stage(world, row) is Stage.TAKEN_ON
    with pytest.raises(Conflict):
        actions.take_on_task(province, assignment=row)


def test_the_leader_who_is_named_takes_on_and_nobody_else(world):
    row = lay(world, "n1-government")
    province = world.cast.province
    actions.receive_task(province.actor, assignment=row)
    another = province.body.posts.create(key="leader", title_en="Leader", duties=["decide"])
    actions.name_people(province.actor, assignment=row, leader=another, officer=province.post)
    with pytest.raises(Forbidden) as refused:
        actions.take_on_task(province.actor, assignment=row)
    assert refused.value.rule == "cascade.leader"
    assert "Leader" in refused.value.lifted_by


@pytest.mark.parametrize("name", ["sibling", "county", "uninvolved", "coordinator", "auditor"])
def test_nobody_else_receives_for_a_body(world, name):
    row = lay(world, "n1-government")
    with pytest.raises(Forbidden):
        actions.receive_task(getattr(world.cast, name).actor, assignment=row)


@pytest.mark.parametrize("name", ["leads", "province", "auditor", "office", "top"])
def test_only_the_lead_body_of_the_plan_lays_out_its_work(world, name):
    with pytest.raises(Forbidden) as refused:
        actions.assign_task(
            getattr(world.cast, name).actor, element=element(world),
            body=world.cast.bodies["n1-government"], part="locality", authority="Issue 1",
        )  # fmt: skip
    assert refused.value.lifted_by == "Lead Agency"


def test_a_department_gives_no_order_to_a_government_but_its_document_does(world):
    with pytest.raises(Forbidden) as refused:
        lay(world, "n1-government", authority="")
    assert refused.value.rule == "cascade.authority"
    assert lay(world, "n1-government", authority="State Council 2022 No. 52").authority


def test_a_task_goes_to_the_governments_of_the_next_tier_and_no_further(world):
    with pytest.raises(Invalid) as refused:
        lay(world, "n11-government")
    assert refused.value.problems[0].field == "body"
    with pytest.raises(Invalid):
        lay(world, "n1-government", part="lead")


def test_the_same_part_is_not_laid_on_a_body_twice(world):
    lay(world, "n1-government")
    with pytest.raises(Conflict, match="already"):
        lay(world, "n1-government")
    lay(world, "leading-department", "lead")
    lay(world, "leading-department", "coordinating")
    with pytest.raises(Conflict, match="coordinating lead"):
        lay(world, "supporting-department", "coordinating")


def test_many_are_assigned_in_one_act_or_none(world):
    wanted = [
        actions.Wanted(
            element=element(world), body=world.cast.bodies[key], part="locality",
            authority="Issue 1",
        )
        for key in ("n1-government", "n2-government")
    ]  # fmt: skip
    before = JournalEntry.objects.count()
    assert actions.assign_tasks(world.cast.coordinator.actor, wanted=wanted) == 2
    assert JournalEntry.objects.count() == before + 1
    ended = Body.objects.create(
        key="gone", name_en="Gone", kind="department", valid_to="2020-01-01"
    )
    more = [
        actions.Wanted(
            element=element(world, "jobs"), body=body, part="support", authority="Issue 1"
        )
        for body in (world.cast.bodies["leading-department"], Body.objects.get(pk=ended.pk))
    ]
    with pytest.raises(Invalid) as refused:
        actions.assign_tasks(world.cast.coordinator.actor, wanted=more)
    assert "gone" in refused.value.problems[0].place
    assert Assignment.objects.count() == 2


def test_each_body_is_told_within_the_act(world):
    row = lay(world, "n1-government")
    notice = Notice.objects.get(kind="assignment-issued")
    assert (notice.body_id, notice.act) == (row.body_id, row.act)
    taken_on(world, row)
    told = Notice.objects.get(kind="assignment-answered")
    assert told.body.key == "lead-agency"
    assert told.reading_only


# -- claims --------------------------------------------------------------------------------


def test_contesting_comes_with_a_proposal_and_leaves_the_task_where_it_is(world):
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    actions.receive_task(province, assignment=row)
    with pytest.raises(Invalid) as refused:
        actions.contest_task(province, assignment=row, reason="Not ours")
    assert refused.value.problems[0].field == "body"
    claim = actions.contest_task(province, assignment=row, reason="Too soon", due=LATER)
    assert claim.decider.key == "lead-agency"
    assert again(row).ended_at is None
    with pytest.raises(Conflict, match="waits"):
        actions.take_on_task(province, assignment=row)
    decided = actions.decide_claim(
        world.cast.coordinator.actor, claim=claim, outcome="accepted", answer="Agreed"
    )
    assert decided.outcome == "accepted"
    assert again(row).due == LATER
    actions.take_on_task(province, assignment=row)


def test_a_dispute_between_peers_goes_to_the_body_above_both(world):
    row = lay(world, "leading-department", "lead")
    leads = world.cast.leads.actor
    actions.receive_task(leads, assignment=row)
    claim = actions.contest_task(
        leads, assignment=row, reason="It is theirs",
        body=world.cast.bodies["supporting-department"],
    )  # fmt: skip
    assert claim.decider.key == "cabinet"
    with pytest.raises(Forbidden):
        actions.decide_claim(
            world.cast.coordinator.actor, claim=claim, outcome="accepted", answer="Yes"
        )
    actions.decide_claim(world.cast.top.actor, claim=claim, outcome="accepted", answer="Yes")
    ended = again(row)
    assert ended.ended_as == "reassigned"
    assert ended.successor is not None
    assert ended.successor.body.key == "supporting-department"
    assert ended.successor.received_at is None


def test_who_decides_on_what_it_does_not_see_goes_back_to_its_own_work(world, monkeypatch):
    """As an office above two bodies of other places does: nobody in the cast is one."""
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    actions.receive_task(province, assignment=row)
    claim = actions.contest_task(province, assignment=row, reason="Not we", due=LATER)
    monkeypatch.setattr(
        answering, "assignments_visible_to", lambda actor: Assignment.objects.none()
    )
    answer = client_of(world, "coordinator").post(
        f"/claims/{claim.pk}/decide", {"outcome": "rejected", "answer": "It stays with you"}
    )
    assert answer["Location"] == "/my-work/"


def test_a_decision_may_be_otherwise_than_proposed(world):
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    actions.receive_task(province, assignment=row)
    claim = actions.contest_task(province, assignment=row, reason="Too soon", due=LATER)
    coordinator = world.cast.coordinator.actor
    with pytest.raises(Invalid):
        actions.decide_claim(coordinator, claim=claim, outcome="changed", answer="A little")
    actions.decide_claim(
        coordinator, claim=claim, outcome="changed", answer="A little", due=SOON, text="Half"
    )
    assert (again(row).due, again(row).deliverable) == (SOON, "Half")
    with pytest.raises(Conflict, match="already"):
        actions.decide_claim(coordinator, claim=claim, outcome="rejected", answer="No")


def test_not_applicable_here_counts_when_it_is_accepted_and_not_before(world):
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    actions.receive_task(province, assignment=row)
    with pytest.raises(Invalid):
        actions.declare_not_applicable(province, assignment=row, reason=" ")
    claim = actions.declare_not_applicable(province, assignment=row, reason="No coast here")
    assert stage(world, row) is Stage.RECEIVED
    actions.decide_claim(
        world.cast.coordinator.actor, claim=claim, outcome="accepted", answer="True"
    )
    assert stage(world, row) is Stage.NOT_APPLICABLE


def test_a_rejected_claim_leaves_the_task_to_be_taken_on(world):
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    actions.receive_task(province, assignment=row)
    claim = actions.declare_not_applicable(province, assignment=row, reason="No coast here")
    actions.decide_claim(
        world.cast.coordinator.actor, claim=claim, outcome="rejected", answer="There is one"
    )
    assert stage(world, row) is Stage.RECEIVED
    actions.take_on_task(province, assignment=row)
    assert Claim.objects.get().answer == "There is one"


def test_who_leads_an_element_cannot_declare_that_nobody_does(world):
    row = lay(world, "leading-department", "lead")
    leads = world.cast.leads.actor
    actions.receive_task(leads, assignment=row)
    with pytest.raises(Conflict, match="lead"):
        actions.declare_not_applicable(leads, assignment=row, reason="Not ours")


def test_a_claim_can_be_taken_back_until_it_is_decided(world):
    row = lay(world, "n1-government")
    province = world.cast.province.actor
    actions.receive_task(province, assignment=row)
    claim = actions.contest_task(province, assignment=row, reason="Too soon", due=LATER)
    actions.withdraw_claim(province, claim=claim)
    actions.take_on_task(province, assignment=row)
    with pytest.raises(Conflict):
        actions.decide_claim(
            world.cast.coordinator.actor, claim=claim, outcome="accepted", answer="Yes"
        )


# -- changes -------------------------------------------------------------------------------


def test_reassigning_leaves_no_instant_without_a_lead(world):
    row = lay(world, "leading-department", "lead")
    coordinator = world.cast.coordinator.actor
    with pytest.raises(Conflict, match="lead"):
        actions.withdraw_task(coordinator, assignment=row, reason="A mistake")
    successor = actions.reassign_task(
        coordinator, assignment=row, body=world.cast.bodies["supporting-department"],
        reason="A mistake",
    )  # fmt: skip
    assert again(row).ended_as == "reassigned"
    assert successor.body.key == "supporting-department"
    entry = JournalEntry.objects.filter(verb="task.reassign").get()
    assert str(successor.pk) in entry.body


def test_what_a_reorganised_body_owes_is_handed_over(world):
    first = lay(world, "leading-department", "lead")
    second = lay(world, "leading-department", "support", element=element(world, "jobs"))
    lay(world, "supporting-department", "support", element=element(world, "jobs"))
    passed = actions.hand_over_tasks(
        SYSTEM, body=world.cast.bodies["leading-department"],
        successor=world.cast.bodies["supporting-department"], reason="Merged",
    )  # fmt: skip
    assert (passed.passed, passed.merged) == (1, 1)
    successor = again(first).successor
    assert successor is not None
    assert successor.body.key == "supporting-department"
    assert again(second).ended_as == "handed_over"
    entry = JournalEntry.objects.filter(verb="task.hand_over").get()
    assert f'"merged":{{"{second.pk}"' in entry.body.replace(" ", "")


def test_what_was_handed_over_is_not_to_be_assigned_again(world):
    """The plan prints a lead; its task goes to another body, and nobody is asked to lay it on
    the old one once more."""
    plan = world.plans["growth"]
    [printed, *_others] = printed_and_not_laid(plan)
    row = lay(world, printed.body.key, printed.role, element=printed.element)
    assert printed not in printed_and_not_laid(plan)
    actions.hand_over_tasks(
        SYSTEM, body=row.body, successor=world.cast.bodies["uninvolved-department"], reason="Moved"
    )
    assert printed not in printed_and_not_laid(plan)


def test_some_of_it_is_handed_over_and_never_to_a_body_that_has_ended(world):
    first = lay(world, "leading-department", "lead")
    second = lay(world, "leading-department", "support", element=element(world, "jobs"))
    old, new = (world.cast.bodies[key] for key in ("leading-department", "uninvolved-department"))
    new.valid_to = today()
    new.save()
    said = {"body": old, "successor": new, "reason": "Split"}
    with pytest.raises(Invalid) as refused:
        actions.hand_over_tasks(SYSTEM, **said)
    assert [each.field for each in refused.value.problems] == ["successor"]
    new.valid_to = None
    new.save()
    done = actions.hand_over_tasks(SYSTEM, **said, assignments=[second])
    assert (done.passed, done.merged) == (1, 0)
    assert again(first).ended_as == ""
    successor = again(second).successor
    assert successor is not None
    assert successor.body == new
    with pytest.raises(Conflict):
        actions.hand_over_tasks(SYSTEM, **said, assignments=[second])


def test_urging_is_told_and_on_record(world):
    row = lay(world, "n1-government")
    actions.urge_tasks(world.cast.coordinator.actor, assignments=[row], words="By Friday")
    assert Notice.objects.get(kind="assignment-urged").facts["words"] == "By Friday"
    with pytest.raises(Conflict, match="a moment ago"):
        actions.urge_tasks(world.cast.coordinator.actor, assignments=[row], words="At once")
    assert Notice.objects.filter(kind="assignment-urged").count() == 1
    with pytest.raises(Forbidden):
        actions.urge_tasks(world.cast.province.actor, assignments=[row])


def test_what_is_printed_in_two_languages_is_laid_in_both(world):
    part = Responsibility.objects.get(
        element=element(world), body=world.cast.bodies["supporting-department"]
    )
    part.duty_en, part.duty_zh = "The roads", "道路"
    part.save()
    browser = client_of(world, "coordinator")
    assert browser.post("/plans/growth/work/as-printed").status_code == 302
    row = Assignment.objects.get(thread=part.element.thread, body=part.body, part="support")
    assert (row.deliverable_en, row.deliverable_zh) == ("The roads", "道路")
    here = f"/assignments/{row.pk}/"
    assert "The roads" in browser.get(here).content.decode()
    with translation.override("zh-hans"):
        assert row.deliverable == "道路"


def test_what_is_typed_is_laid_in_the_language_in_which_it_is_typed(world):
    form = {"body": "supporting-department", "part": "support", "deliverable": "Bridges",
            "authority": "Issue 1"}  # fmt: skip
    answer = client_of(world, "coordinator").post("/plans/growth/elements/task/assign", form)
    assert answer.status_code == 302
    row = Assignment.objects.get(deliverable_en="Bridges")
    assert row.deliverable_zh == ""


@pytest.mark.parametrize("path", ["elements/task/pass-down", "elements/task/assign",
                                  "work/as-printed"])  # fmt: skip
def test_what_is_passed_on_before_it_is_taken_on_is_seen(world, path):
    row = lay(world, "n1-government")
    lay(world, "n2-government")
    version = local_plan(world)
    actions.adopt_elements(
        world.cast.province.actor, version=version,
        adoptions=[
            actions.Adoption(superior=element(world), leads=[world.cast.bodies["n1-government"]])
        ],
    )  # fmt: skip
    issue(world, version)
    browser, here = client_of(world, "province"), f"/plans/{version.plan.key}/{path}"
    shown = browser.get(here).content.decode()
    assert "Your leader has not taken on 1 task from above yet" in shown
    assert shown.count(f'href="/assignments/{row.pk}/"') == 1
    taken_on(world, row)
    assert "Your leader has not taken on" not in browser.get(here).content.decode()


# -- who sees what -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("coordinator", True), ("leads", True), ("supports", True), ("auditor", True),
        ("top", True), ("province", True), ("prefecture", True), ("county", True),
        ("sibling", False), ("uninvolved", False), ("office", False), ("administrator", False),
        ("former", False), ("nobody", False),
    ],
)  # fmt: skip
def test_who_sees_an_assignment_of_a_province(world, name, sees):
    row = lay(world, "n1-government")
    actor = getattr(world.cast, name).actor
    assert assignments_visible_to(actor).filter(pk=row.pk).exists() is sees


def test_what_is_closed_is_not_laid_on_the_body_again(world):
    body = world.cast.bodies["leading-department"]
    row = lay(world, "leading-department", "lead")
    Assignment.objects.filter(pk=row.pk).update(
        received_at=clock.now(), taken_on_at=clock.now(), closed_at=clock.now()
    )
    printed = {(each.element.key, each.body.key) for each in printed_and_not_laid(row.thread.plan)}
    assert ("task", "leading-department") not in printed
    assert ("jobs", "leading-department") in printed
    other = lay(world, "supporting-department", "lead")
    with pytest.raises(Conflict, match="already"):
        actions.reassign_task(
            world.cast.coordinator.actor, assignment=other, body=body, reason="Better"
        )


def test_the_form_hands_over_and_keeps_what_was_typed(world):
    row = lay(world, "leading-department", "lead")
    administrator = client_of(world, "administrator")
    address = "/bodies/leading-department/hand-over"
    shown = administrator.get(address).content.decode()
    assert "has 1 open assignment." in shown
    assert f'value="{row.pk}" checked' in shown
    refused = administrator.post(address, {"successor": "nobody-knows-it", "reason": "Merged"})
    assert refused.status_code == 422
    assert "Merged" in refused.content.decode()
    form: dict[str, object] = {"successor": "supporting-department", "reason": "Merged"}
    assert "Choose at least one." in administrator.post(address, form).content.decode()
    form["assignments"] = ["²", "9" * 30]
    assert "Choose at least one." in administrator.post(address, form).content.decode()
    form["assignments"] = [row.pk]
    assert administrator.post(address, form)["Location"] == "/bodies/leading-department/"
    successor = again(row).successor
    assert successor is not None
    assert successor.body.key == "supporting-department"
    assert client_of(world, "province").get(address).status_code == 403


def test_a_hand_over_that_is_sent_again_under_its_key_gets_the_same_answer(world):
    row = lay(world, "leading-department", "lead")
    client = client_of(world, "administrator")
    said = {"body": "supporting-department", "reason": "Merged", "assignments": [row.pk]}
    answers = [
        client.post(
            "/api/bodies/leading-department/hand-over", said,
            content_type="application/json", headers={"Idempotency-Key": "once"},
        )
        for _time in range(2)
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [200, 200]
    assert [each.json() for each in answers] == [{"passed": 1, "merged": 0}] * 2
    assert JournalEntry.objects.filter(verb="task.hand_over").count() == 1


def test_the_list_of_ones_own_tasks_keeps_its_narrowing_when_words_are_sought(world):
    lay(world, "n1-government")
    lay(world, "n2-government")
    province = client_of(world, "province")
    address = "/plans/growth/work/?state=unanswered&whose=ours"
    shown = province.get(address).content.decode()
    assert shown.count("/assignments/") == 1
    assert '<input type="hidden" name="whose" value="ours">' in shown
    coordinator = client_of(world, "coordinator")
    assert coordinator.get("/plans/growth/work/").content.decode().count("/assignments/") == 2
    assert "/assignments/" not in coordinator.get(address).content.decode()
