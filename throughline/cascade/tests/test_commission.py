"""A planning commission works for the government that leads it at its place: it prepares and
drafts, and the government sees what it does; the leader's hand it never is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import APPOINTED, Member
from tests.world import World
from throughline.bodies.models import Body, Holding, Person, PersonDetails, Post, Relation
from throughline.bodies.rules import BodyKind, RelationKind
from throughline.cascade import actions
from throughline.cascade.queries import (
    assignment_by_id,
    draft_of,
    local_plan_by_key,
    local_plan_seen,
    report_under_way,
    reports_visible_to,
)
from throughline.cascade.tests.steps import issue, lay, taken_on
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden
from throughline.plans.models import Plan, PlanVersion


@pytest.fixture
def officer(world: World) -> Actor:
    """Of the commission of N1."""
    government: Member = world.cast.province
    body = Body.objects.create(
        key="n1-commission", name_en="N1 Commission", kind=BodyKind.DEPARTMENT,
        place=world.cast.places["N1"],
    )  # fmt: skip
    Relation.objects.create(superior=government.body, subordinate=body, kind=RelationKind.LEADS)
    post = Post.objects.create(body=body, key="officer", duties=government.post.duties)
    person = Person.objects.create(login="commission", password="!")
    PersonDetails.objects.create(person=person)
    Holding.objects.create(post=post, person=person, valid_from=APPOINTED)
    return replace(
        government.actor, person=person.opaque, post=post.pk, body=body.pk, body_code=body.key
    )


def test_it_sees_the_report_that_it_prepares_and_goes_on_with_it(world, officer):
    row = taken_on(world, lay(world, "n1-government"))
    report = actions.prepare_report(officer, assignment=row, kind="progress", text="Half")
    assert report_under_way(officer, row) == report
    again = actions.prepare_report(officer, assignment=row, kind="progress", text="More than half")
    assert (again.pk, again.text) == (report.pk, "More than half")
    assert report_under_way(world.cast.province.actor, row) == report
    assert not reports_visible_to(world.cast.coordinator.actor).exists()


def test_it_receives_for_its_government_and_does_not_take_on(world, officer):
    row = lay(world, "n1-government")
    actions.receive_task(officer, assignment=row)
    with pytest.raises(Forbidden) as refused:
        actions.take_on_task(officer, assignment=assignment_by_id(officer, row.pk))
    assert refused.value.rule == "cascade.leader"


@pytest.fixture
def draft(world: World, officer: Actor) -> PlanVersion:
    """The plan of N1, which the commission leads."""
    body = Body.objects.get(key=officer.body_code)
    return actions.begin_local_plan(
        officer, superior=Plan.objects.get(key="growth"), place=world.cast.places["N1"],
        lead_body=body,
        title=actions.Text(en="Plan of N1"),
    )  # fmt: skip


def test_its_draft_is_seen_by_the_government_that_issues_it_and_by_nobody_else(world, draft):
    plan, place = draft.plan, draft.plan.place
    seeing = {
        name
        for name, member in world.cast
        if local_plan_seen(member.actor, Plan.objects.get(key="growth"), place) == plan
    }
    assert seeing == {"province", "auditor"}
    assert draft_of(world.cast.province.actor, plan) == draft
    assert draft_of(world.cast.coordinator.actor, plan) is None
    assert local_plan_by_key(world.cast.prefecture.actor, plan.key) is None


def test_the_government_issues_what_its_commission_drafted(world, officer, draft):
    measure = actions.Measure(title=actions.Text(en="Our own"))
    with pytest.raises(Forbidden) as refused:
        actions.put_element(world.cast.province.actor, version=draft, measure=measure)
    assert refused.value.rule == "cascade.draft"
    actions.put_element(officer, version=draft, measure=measure)
    assert issue(world, draft).state == "in_force"


def test_only_a_government_is_worked_for_in_this_way(world, officer):
    row = lay(world, "leading-department", "lead")
    body = Body.objects.get(key=officer.body_code)
    Body.objects.filter(pk=body.pk).update(place=row.place)
    Relation.objects.create(superior=row.body, subordinate=body, kind=RelationKind.LEADS)
    with pytest.raises(Forbidden) as refused:
        actions.receive_task(officer, assignment=row)
    assert refused.value.rule == "cascade.office"
