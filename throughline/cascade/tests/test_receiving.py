"""Signing for the arrival of several tasks at once, in the list of a plan's work."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages

from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.cascade import actions
from throughline.cascade.models import Assignment
from throughline.cascade.queries import life_of, with_rows
from throughline.cascade.rules.life import Stage
from throughline.cascade.tests.steps import LATER, again, element, lay
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.journal import content_of
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.plans.models import Responsibility

LIST = "/plans/growth/work/"
FORM = "/plans/growth/work/receive"


def two(world: World) -> list[Assignment]:
    """Two tasks that N1 has still to sign for."""
    return [
        lay(world, "n1-government"),
        lay(world, "n1-government", element=element(world, "jobs"), due=LATER),
    ]


def boxes(html: str) -> dict[int, bool]:
    """The boxes of a page by their assignment, and whether each is ticked."""
    found = re.findall(r'name="assignments" value="(\d+)"( checked)?', html)
    return {int(value): bool(checked) for value, checked in found}


def test_several_are_signed_for_in_one_act_and_each_is_on_record_by_itself(world):
    rows = two(world)
    assert actions.receive_tasks(world.cast.province.actor, assignments=rows) == [
        row.pk for row in rows
    ]
    assert all(again(row).received_at and not again(row).taken_on_at for row in rows)
    whole = JournalEntry.objects.get(verb="tasks.receive")
    assert content_of(whole.body)["after"]["assignments"] == [row.pk for row in rows]
    for row in rows:
        own = JournalEntry.objects.get(verb="task.receive", subject=f"cascade.assignment:{row.pk}")
        assert own.position > whole.position


def test_what_was_signed_for_or_ended_meanwhile_does_not_stop_the_rest(world):
    province, rows = world.cast.province.actor, two(world)
    gone = lay(world, "n1-government", element=element(world, "urban-rate"))
    actions.receive_task(province, assignment=rows[0])
    before = again(rows[0]).received_at
    actions.withdraw_task(world.cast.coordinator.actor, assignment=gone, reason="Not them")
    assert actions.receive_tasks(province, assignments=[*rows, gone]) == [rows[1].pk]
    assert again(rows[0]).received_at == before
    assert again(gone).received_at is None
    with pytest.raises(Conflict):
        actions.receive_tasks(province, assignments=rows)


def test_nobody_signs_for_another_body_not_even_among_its_own(world):
    mine, theirs = lay(world, "n1-government"), lay(world, "n2-government")
    with pytest.raises(Forbidden):
        actions.receive_tasks(world.cast.province.actor, assignments=[mine, theirs])
    assert again(mine).received_at is None
    with pytest.raises(Invalid):
        actions.receive_tasks(world.cast.province.actor, assignments=[])


def test_a_request_that_is_sent_again_under_its_key_signs_once(world):
    rows, entries = two(world), JournalEntry.objects.filter(verb="task.receive")
    client = client_of(world, "province")
    for _time in range(2):
        answer = client.post(
            "/api/plans/growth/assignments/receive", [row.pk for row in rows],
            content_type="application/json", headers={"Idempotency-Key": "once"},
        )  # fmt: skip
        assert answer.json() == {"received": [row.pk for row in rows], "left": []}
    assert entries.count() == 2


def test_the_list_offers_boxes_to_the_office_for_what_it_has_to_sign_for(world):
    rows = two(world)
    client = client_of(world, "province")
    assert boxes(client.get(LIST).content.decode()) == {row.pk: False for row in rows}
    actions.receive_task(world.cast.province.actor, assignment=rows[0])
    assert boxes(client.get(LIST).content.decode()) == {rows[1].pk: False}
    html = client_of(world, "coordinator").get(LIST).content.decode()
    assert not boxes(html)
    assert "data-choosing" not in html


def test_what_was_chosen_in_the_list_is_ticked_and_without_a_choice_all_is(world):
    rows, client = two(world), client_of(world, "province")
    chosen = client.get(FORM, {"assignments": rows[1].pk}).content.decode()
    assert boxes(chosen) == {rows[0].pk: False, rows[1].pk: True}
    assert all(boxes(client.get(FORM).content.decode()).values())


def test_the_form_names_what_was_signed_for_by_somebody_else(world):
    rows, client = two(world), client_of(world, "province")
    actions.receive_task(world.cast.province.actor, assignment=rows[0])
    answer = client.post(FORM, {"assignments": [row.pk for row in rows]})
    assert answer.status_code == 302
    told = [str(each) for each in get_messages(answer.wsgi_request)]
    assert told[0] == "The arrival of 1 task is on record."
    assert rows[0].element.title in told[1]
    assert rows[1].element.title not in told[1]
    assert client.post(FORM, {"assignments": ["x"]}).status_code == 422
    assert client.get(FORM).status_code == 302  # nothing is left


# -- what a body lays on itself ------------------------------------------------------------


def told(kind: str) -> list[str]:
    """The bodies that were told so."""
    return [notice.body.key for notice in Notice.objects.filter(kind=kind).order_by("pk")]


def received_of(verb: str) -> list[object]:
    """What the journal says of arrivals in the last act of a verb, task by task."""
    after = content_of(JournalEntry.objects.filter(verb=verb).latest("position").body)["after"]
    rows = after.get("assignments", [after])
    return [each["received_at"] for each in rows]


def test_what_a_body_lays_on_itself_is_received_with_that_and_not_taken_on(world):
    row = lay(world, "lead-agency", "lead")
    found = with_rows(Assignment.objects.filter(pk=row.pk)).get()
    assert life_of(found).stage is Stage.RECEIVED
    assert found.received_at == found.issued_at
    [arrived] = received_of("task.assign")
    assert arrived
    entry = JournalEntry.objects.get(verb="task.assign")
    assert entry.person == world.cast.coordinator.actor.person
    assert told("assignment-issued") == []
    with pytest.raises(Conflict):
        actions.receive_task(world.cast.coordinator.actor, assignment=row)
    actions.take_on_task(world.cast.coordinator.actor, assignment=row)
    assert again(row).taken_on_at


def test_of_many_only_its_own_are_received_and_the_others_told(world):
    bodies = world.cast.bodies
    wanted = [
        actions.Wanted(element=element(world), body=bodies[key], part=part, authority="Issue 1")
        for key, part in (("lead-agency", "lead"), ("n1-government", "locality"))
    ]
    actions.assign_tasks(world.cast.coordinator.actor, wanted=wanted)
    rows = Assignment.objects.order_by("pk")
    assert [bool(row.received_at) for row in rows] == [True, False]
    assert [bool(each) for each in received_of("tasks.assign")] == [True, False]
    assert told("assignment-issued") == ["n1-government"]


def test_what_the_installation_lays_out_waits_to_be_signed_for(world):
    row = actions.assign_task(
        SYSTEM, element=element(world), body=world.cast.bodies["lead-agency"], part="lead"
    )
    assert again(row).received_at is None
    assert told("assignment-issued") == ["lead-agency"]


def test_what_it_passes_to_itself_is_received_and_the_other_told_of_the_end(world):
    row = lay(world, "leading-department", "lead")
    successor = actions.reassign_task(
        world.cast.coordinator.actor, assignment=row, body=world.cast.bodies["lead-agency"],
        reason="We do it ourselves",
    )  # fmt: skip
    assert successor.received_at is not None
    assert again(row).received_at is None
    assert received_of("task.reassign") != [None]
    assert told("assignment-issued") == ["leading-department"]
    assert told("assignment-withdrawn") == ["leading-department"]


@pytest.mark.parametrize(
    ("goes_to", "arrives"), [("lead-agency", True), ("supporting-department", False)]
)
def test_who_decides_that_it_takes_a_contested_task_itself_has_it(world, goes_to, arrives):
    row = lay(world, "leading-department", "lead")
    leads = world.cast.leads.actor
    actions.receive_task(leads, assignment=row)
    claim = actions.contest_task(leads, assignment=row, reason="Not ours", due=LATER)
    decided = actions.decide_claim(
        world.cast.coordinator.actor, claim=claim, outcome="changed", answer="So be it",
        body=world.cast.bodies[goes_to],
    )  # fmt: skip
    assert decided.outcome == "changed"
    successor = again(row).successor
    assert successor is not None
    assert (successor.received_at is not None) is arrives
    assert successor.taken_on_at is None
    assert told("assignment-issued").count("lead-agency") == 0


def test_the_form_says_what_is_received_with_it(world):
    version = element(world).version
    Responsibility.objects.create(
        element=element(world), body=world.cast.bodies["lead-agency"], role="support", position=9
    )
    browser = client_of(world, "coordinator")
    page = browser.get(f"/plans/{version.plan.key}/work/as-printed").content.decode()
    assert "1 of them is laid on Lead Agency itself: it counts as received at once" in page
    browser.post(f"/plans/{version.plan.key}/work/as-printed")
    own = Assignment.objects.get(body=world.cast.bodies["lead-agency"])
    assert own.received_at is not None
    assert Assignment.objects.exclude(pk=own.pk).filter(received_at__isnull=False).count() == 0
