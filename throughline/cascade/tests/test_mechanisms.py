"""Working mechanisms: on record, met, dormant, ended; who may, and who sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.cascade import actions
from throughline.cascade.actions import Charter
from throughline.cascade.convening import mechanisms_due
from throughline.cascade.mechanism_subjects import SUBJECTS
from throughline.cascade.mechanisms import (
    day_of,
    mechanism_by_id,
    mechanisms_visible_to,
    survey,
    tiers_surveyed,
)
from throughline.cascade.models import Mechanism, Meeting
from throughline.cascade.rules.mechanism import Vitality
from throughline.cascade.tests.steps import issue, local_plan
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.kernel.work import Group
from throughline.places.models import Tier
from throughline.plans.models import Plan
from throughline.subjects.kinds import subject_visible_to

TODAY = clock.now().date()
LONG_AGO = TODAY - timedelta(days=900)


@pytest.fixture
def world(world: World) -> World:
    """A world in which nobody has founded anything yet."""
    Meeting.objects.all().delete()
    Mechanism.objects.all().delete()
    return world


def charter(world: World, office: str = "n1-government", **more: Any) -> Charter:
    given: dict[str, Any] = {
        "kind": "leading_group",
        "name": "Leading group",
        "founded_by": "Paper No. 1",
        "founded_on": LONG_AGO,
        "head": "Deputy governor",
        "office": world.cast.bodies[office],
        "members": [world.cast.bodies[office]],
        "meets_every": 3,
    }
    return Charter(**given | more)


def founded(world: World, member: str = "province", **more: Any) -> Mechanism:
    by = getattr(world.cast, member)
    given = {"office": by.body.key} | more
    return actions.register_mechanism(
        by.actor,
        plan=Plan.objects.get(key=given.pop("plan", "growth")),
        place=by.body.place,
        charter=charter(world, **given),
    )


def vitality_of(world: World, row: Mechanism) -> Vitality | None:
    plan = world.plans["growth"]
    found = survey(world.cast.auditor.actor, plan, None, day_of(plan))
    return next(line.vitality for line in found.lines if line.mechanism == row)


def test_it_lives_while_it_meets_in_its_rhythm(world):
    row = founded(world)
    assert vitality_of(world, row) is Vitality.DORMANT
    province = world.cast.province.actor
    met = TODAY - timedelta(days=100)
    meeting = actions.record_meeting(province, mechanism=row, on=met, title="First")
    assert vitality_of(world, row) is Vitality.DUE
    actions.correct_meeting(province, meeting=meeting, on=TODAY, title="First", decisions="A\nB")
    assert vitality_of(world, row) is Vitality.ALIVE
    actions.end_mechanism(province, mechanism=row, on=TODAY, reason="Paper No. 2")
    assert vitality_of(world, row) is Vitality.ENDED
    with pytest.raises(Conflict, match="ended"):
        actions.record_meeting(province, mechanism=row, on=TODAY, title="Second")
    verbs = JournalEntry.objects.filter(subject=f"cascade.mechanism:{row.pk}")
    assert list(verbs.order_by("position").values_list("verb", flat=True)) == [
        "mechanism.register", "mechanism.record_meeting", "mechanism.correct_meeting",
        "mechanism.end",
    ]  # fmt: skip


def test_every_fault_of_a_charter_is_told_by_its_field(world):
    with pytest.raises(Invalid) as refused:
        actions.register_mechanism(
            world.cast.province.actor, plan=world.plans["growth"], place=world.cast.places["N1"],
            charter=charter(
                world, name=" ", kind="club", founded_by="", head="", office="cabinet",
                founded_on=TODAY + timedelta(days=3), meets_every=61,
            ),
        )  # fmt: skip
    assert {problem.field for problem in refused.value.problems} == {
        "name", "kind", "founded_by", "head", "office", "founded_on", "meets_every",
    }  # fmt: skip
    assert not Mechanism.objects.exists()


def test_one_of_a_name_stands_at_a_place_at_a_time(world):
    row = founded(world)
    with pytest.raises(Conflict, match="already"):
        founded(world)
    founded(world, "sibling")
    actions.end_mechanism(SYSTEM, mechanism=row, on=TODAY, reason="Merged")
    founded(world)


def test_a_meeting_lies_between_founding_and_today_and_is_recorded_once(world):
    row = founded(world)
    province = world.cast.province.actor
    for day in (LONG_AGO - timedelta(days=1), TODAY + timedelta(days=2)):
        with pytest.raises(Invalid) as refused:
            actions.record_meeting(province, mechanism=row, on=day, title="")
        assert [each.field for each in refused.value.problems] == ["on", "title"]
    actions.record_meeting(province, mechanism=row, on=TODAY, title="First")
    with pytest.raises(Conflict, match="already"):
        actions.record_meeting(province, mechanism=row, on=TODAY, title=" First ")
    with pytest.raises(Invalid):
        actions.end_mechanism(province, mechanism=row, on=TODAY - timedelta(days=1), reason="x")


def test_a_change_rests_on_what_was_seen(world):
    row = founded(world)
    province = world.cast.province.actor
    seen = actions.state_of(row)
    new = replace(charter(world), head="Governor", members=[world.cast.bodies["n11-government"]])
    actions.change_mechanism(province, mechanism=row, charter=new, seen=seen)
    entry = JournalEntry.objects.get(verb="mechanism.change")
    assert "Deputy governor" in entry.body
    with pytest.raises(Conflict, match="meanwhile"):
        actions.change_mechanism(province, mechanism=row, charter=charter(world), seen=seen)
    with pytest.raises(Conflict, match="Nothing"):
        actions.change_mechanism(province, mechanism=row, charter=new)
    actions.record_meeting(province, mechanism=row, on=TODAY, title="First")
    actions.record_meeting(province, mechanism=row, on=LONG_AGO, title="Founding meeting")
    with pytest.raises(Invalid) as refused:
        actions.change_mechanism(
            province, mechanism=row, charter=replace(new, founded_on=TODAY)
        )  # fmt: skip
    assert [each.field for each in refused.value.problems] == ["founded_on"]


@pytest.mark.parametrize("name", ["sibling", "prefecture", "coordinator", "top", "auditor"])
def test_nobody_else_founds_for_a_place_or_keeps_its_minutes(world, name):
    actor = getattr(world.cast, name).actor
    with pytest.raises(Forbidden):
        actions.register_mechanism(
            actor, plan=world.plans["growth"], place=world.cast.places["N1"],
            charter=charter(world),
        )  # fmt: skip
    row = founded(world)
    with pytest.raises(Forbidden) as refused:
        actions.record_meeting(actor, mechanism=row, on=TODAY, title="First")
    assert refused.value.lifted_by == "N1 Government"


def test_the_body_that_leads_the_plan_founds_and_its_office_keeps_the_minutes(world):
    row = founded(world, "coordinator", office="conference-office")
    with pytest.raises(Forbidden):
        founded(world, "leads")
    with pytest.raises(Forbidden):
        actions.record_meeting(
            world.cast.coordinator.actor, mechanism=row, on=TODAY, title="First"
        )  # fmt: skip
    office = world.cast.office.actor
    actions.record_meeting(office, mechanism=row, on=TODAY, title="First")
    now = actions.charter_of(row)
    actions.change_mechanism(office, mechanism=row, charter=replace(now, head="A minister"))


def test_a_plan_that_is_not_in_force_has_none(world):
    with pytest.raises(Conflict, match="in force"):
        founded(world, "coordinator", plan="secret")


def test_the_survey_counts_places_by_the_one_that_lives_best(world):
    plan = world.plans["growth"]
    founded(world)
    founded(world, name="Task force", founded_on=TODAY)
    found = survey(
        world.cast.coordinator.actor, plan, Tier.objects.get(key="province"), day_of(plan)
    )
    assert found.places == {Vitality.ALIVE: 1, None: 1}
    assert (found.total, found.having, len(found.lines)) == (2, 1, 3)
    tiers = tiers_surveyed(world.cast.coordinator.actor, plan)
    assert [(tier.key, count) for tier, count in tiers] == [
        ("nation", 1), ("province", 2), ("prefecture", 2), ("county", 3),
    ]  # fmt: skip
    tiers = tiers_surveyed(world.cast.province.actor, plan)
    assert [count for _tier, count in tiers] == [1, 1, 1, 2]
    assert tiers_surveyed(world.cast.administrator.actor, plan) == []


def test_one_for_a_place_s_own_plan_serves_the_plan_above_and_the_other_way_round(world):
    issue(world, local_plan_with_something(world))
    own = Plan.objects.get(place=world.cast.places["N1"])
    below = founded(world, plan=own.key, name="Own")
    above = founded(world, name="Above")
    actor = world.cast.coordinator.actor
    for plan in (own, world.plans["growth"]):
        lines = survey(actor, plan, None, TODAY).lines
        assert {line.mechanism for line in lines if line.mechanism} == {below, above}
    places = {line.code for line in survey(actor, own, None, TODAY).lines}
    assert places == {"N1", "N11", "N111", "N112"}


def local_plan_with_something(world: World) -> Any:
    """A draft of N1's own plan with an element of its own."""
    version = local_plan(world)
    measure = actions.Measure(kind="task", title=actions.Text(en="Own task"))
    actions.put_element(world.cast.province.actor, version=version, measure=measure)
    return version


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("coordinator", True), ("leads", True), ("auditor", True), ("top", True),
        ("province", True), ("prefecture", True), ("county", True),
        ("supports", False), ("sibling", False), ("uninvolved", False), ("office", False),
        ("administrator", False), ("former", False), ("nobody", False),
    ],
)  # fmt: skip
def test_who_sees_the_mechanism_of_a_province(world, name, sees):
    row = founded(world, members=[world.cast.bodies["leading-department"]])
    actor = getattr(world.cast, name).actor
    assert mechanisms_visible_to(actor).filter(pk=row.pk).exists() is sees


def test_its_office_is_asked_to_convene_it(world):
    row = founded(world)
    [item] = mechanisms_due(world.cast.province.actor)
    assert (item.group, item.title) == (Group.OVERDUE, row.name)
    assert not mechanisms_due(world.cast.sibling.actor)
    province = world.cast.province.actor
    meeting = actions.record_meeting(province, mechanism=row, on=TODAY, title="First")
    assert not mechanisms_due(province)
    near = TODAY - timedelta(days=85)
    actions.correct_meeting(province, meeting=meeting, on=near, title="First")
    assert [item.group for item in mechanisms_due(province)] == [Group.DUE_SOON]
    actions.end_mechanism(province, mechanism=row, on=TODAY, reason="Paper No. 2")
    assert not mechanisms_due(province)


def test_one_that_meets_as_needed_is_asked_about_after_a_year_and_not_before(world):
    row = founded(world, meets_every=0, founded_on=TODAY - timedelta(days=364))
    assert not mechanisms_due(world.cast.province.actor)
    Mechanism.objects.filter(pk=row.pk).update(founded_on=LONG_AGO)
    assert len(mechanisms_due(world.cast.province.actor)) == 1


def test_those_who_follow_it_are_told_what_happened(world):
    row = founded(world)
    actor = world.cast.coordinator.actor
    subject = subject_visible_to(actor, "mechanism", str(row.pk))
    position = JournalEntry.objects.latest("position").position
    actions.record_meeting(world.cast.province.actor, mechanism=row, on=TODAY, title="First")
    [change] = SUBJECTS["mechanism"].changes(actor, subject, position)
    assert change.text == "A meeting was recorded."
    assert not SUBJECTS["mechanism"].changes(world.cast.sibling.actor, subject, 0)


# -- pages and the API ---------------------------------------------------------------------


def form_of(world: World, **more: Any) -> dict[str, Any]:
    return {
        "name": "Task force", "kind": "task_force", "founded_by": "Paper No. 1",
        "founded_on": LONG_AGO.isoformat(), "head": "Deputy governor", "office": "n1-government",
        "meets_every": "6", "members": ["n1-government"], "others": "N11 Government\ncabinet",
    } | more  # fmt: skip


def test_a_mechanism_is_put_on_record_by_its_form(world):
    client = client_of(world, "province")
    address = "/plans/growth/mechanisms/new"
    refused = client.post(address, form_of(world, others="Nobody knows it", head="Kept as typed"))
    assert refused.status_code == 422
    assert "Kept as typed" in refused.content.decode()
    answer: Any = client.post(address, form_of(world))
    row = Mechanism.objects.get()
    assert answer.url == f"/mechanisms/{row.pk}/"
    members = set(row.members.values_list("key", flat=True))
    assert members == {"n1-government", "n11-government", "cabinet"}
    page = client.get(answer.url).content.decode()
    assert "Dormant" in page
    assert "Record a meeting" in page
    assert (
        "Record a meeting" not in client_of(world, "coordinator").get(answer.url).content.decode()
    )


def test_two_who_change_it_by_the_form_do_not_undo_each_other(world):
    row = founded(world)
    client = client_of(world, "province")
    address = f"/mechanisms/{row.pk}/change"
    seen = actions.state_of(row)
    form = form_of(world, seen=seen)
    assert client.post(address, form).status_code == 302
    assert client.post(address, form | {"head": "Another"}).status_code == 409


def test_the_table_is_sorted_filtered_and_exported(world):
    row = founded(world)
    actions.record_meeting(SYSTEM, mechanism=row, on=TODAY, title="First")
    client = client_of(world, "coordinator")
    page = client.get("/plans/growth/mechanisms/").content.decode()
    assert "Province: 1 of 2 have a working mechanism. 1 has none on record." in page
    page = client.get("/plans/growth/mechanisms/?tier=all&state=alive&sort=-last").content.decode()
    assert "Place N1" in page
    assert "Place N2" not in page
    lines = client.get("/plans/growth/mechanisms/export.csv?tier=province&sort=-name").content
    told = lines.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in told] == ["Code", "N2", "N1"]
    assert f"every quarter,{TODAY}" in told[2]
    assert client.get("/plans/growth/mechanisms/export.pdf").status_code == 404


def test_the_api_tells_each_tier_and_takes_a_mechanism(world):
    client = client_of(world, "province")
    given = {
        "place": "N1", "kind": "leading_group", "name": "Group", "founded_by": "Paper No. 1",
        "founded_on": LONG_AGO.isoformat(), "head": "Governor", "office": "n1-government",
        "members": ["n11-government"], "meets_every": 3,
    }  # fmt: skip
    address = "/api/plans/growth/mechanisms"
    refused = client.post(address, given | {"members": ["none"]}, "application/json")
    assert refused.json()["problems"][0]["field"] == "members"
    made = client.post(address, given, "application/json").json()
    assert (made["state"], made["members"]) == ("dormant", ["n11-government"])
    told = client.get(f"{address}/overview").json()
    province = next(each for each in told if each["tier"] == "province")
    assert province == {
        "tier": "province", "places": 1, "alive": 0, "due": 0, "dormant": 1, "none": 0,
    }  # fmt: skip
    listed = client.get(f"{address}?tier=province&limit=1").json()
    assert [each["id"] for each in listed["mechanisms"]] == [made["id"]]
    assert mechanism_by_id(world.cast.county.actor, made["id"]).name == "Group"
