"""Task reports in a cycle: what is owed is read from the cascade, with where it stands, for those
who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import World, build_cascade, build_world
from throughline.cascade.models import Assignment, ProgressReport
from throughline.cascade.rules.life import Step
from throughline.kernel import clock
from throughline.kernel.period import Period
from throughline.places.models import Tier
from throughline.reporting import asking
from throughline.reporting.actions import open_cycle
from throughline.reporting.models import Cycle, Form, Report
from throughline.reporting.owing import counted, owed_at, owed_lines, tasks_visible_to
from throughline.reporting.tests.country import add_forms
from throughline.reporting.work import count_for, work_for


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    build_cascade(built)
    return built


@pytest.fixture
def cycle(world: World) -> Cycle:
    """A cycle in which counties give figures, and the bodies of the nation report on the tasks of
    the plan that they have taken on; its period ended long ago."""
    lead = world.plans["growth"]
    form = Form.objects.create(
        key="tasks", digest="0" * 64, plan=lead, asked_by=lead.lead_body, span="year", tasks=True,
        tier=Tier.objects.get(scheme=world.cast.scheme, key="nation"), title_en="Tasks",
        source_en="Paper of tasks",
    )  # fmt: skip
    now = clock.now()
    opened = open_cycle(
        world.cast.coordinator.actor, key="with-tasks", forms=[*add_forms(world), form],
        period=Period.parse("2022"), opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=7),
    )  # fmt: skip
    asking.forget()
    return opened


def states(world: World, member: str, cycle: Cycle) -> dict[str, str]:
    """By the name of its assignment, where each report stands that somebody sees asked for."""
    names = {row.pk: name for name, row in world.assignments.items()}
    rows = tasks_visible_to(getattr(world.cast, member).actor, cycle)
    return {names[each.assignment.pk]: str(each.said) for each in owed_lines(rows, ())}


def report(world: World, name: str, **changed: object) -> None:
    ProgressReport.objects.filter(pk=world.reports[name].pk).update(**changed)


def test_what_is_taken_on_and_not_finished_is_owed_by_bodies_of_the_tier(
    world: World, cycle: Cycle
) -> None:
    assert states(world, "leads", cycle) == {
        "reported": "signed", "drafting": "draft", "signing": "draft",
    }  # fmt: skip
    rows = Assignment.objects.filter(pk=world.assignments["drafting"].pk)
    rows.update(closed_at=clock.now() - timedelta(days=4000))
    assert set(states(world, "leads", cycle)) == {"reported", "signing"}
    rows.update(closed_at=clock.now())
    assert len(states(world, "leads", cycle)) == 3, "finished while it was asked for"
    rows.update(ended_at=clock.now(), ended_as="withdrawn", closed_at=None)
    assert len(states(world, "leads", cycle)) == 2
    Assignment.objects.filter(pk=world.assignments["received"].pk).update(taken_on_at=clock.now())
    assert "received" not in states(world, "top", cycle), "a province: the form asks the nation"


def test_what_is_not_signed_is_the_body_s_own(world: World, cycle: Cycle) -> None:
    assert states(world, "coordinator", cycle) == {
        "reported": "signed", "drafting": "none", "signing": "none",
    }  # fmt: skip
    assert states(world, "administrator", cycle) == {}


@pytest.mark.parametrize(
    ("step", "said"), [(Step.ACCEPTED, "accepted"), (Step.RETURNED, "returned")]
)
def test_where_it_stands_is_where_the_cascade_has_it(
    world: World, cycle: Cycle, step: Step, said: str
) -> None:
    report(world, "reported", step=step)
    assert states(world, "coordinator", cycle)["reported"] == said


def test_a_report_of_the_time_before_does_not_count(world: World, cycle: Cycle) -> None:
    Cycle.objects.filter(pk=cycle.pk).update(counts_from=clock.now())
    cycle.refresh_from_db()
    report(world, "reported", signed_at=clock.now() - timedelta(days=30))
    assert states(world, "leads", cycle)["reported"] == "none"
    report(world, "reported", signed_at=clock.now() + timedelta(minutes=1), step=Step.ACCEPTED)
    assert states(world, "leads", cycle)["reported"] == "accepted"


def test_they_close_with_the_cycle_and_late_ones_are_marked(world: World, cycle: Cycle) -> None:
    actor = world.cast.leads.actor
    before = clock.now() - timedelta(hours=1)
    Cycle.objects.filter(pk=cycle.pk).update(closes_at=before, opens_at=before - timedelta(days=1))
    taken = Assignment.objects.filter(taken_on_at__isnull=False)
    taken.update(taken_on_at=before - timedelta(days=2))
    cycle.refresh_from_db()
    counts = counted(tasks_visible_to(actor, cycle))
    assert (counts["tasks"], counts["signed"], counts["late"], counts["overdue"]) == (3, 1, 1, 2)
    found = {str(each.said): each for each in owed_lines(tasks_visible_to(actor, cycle), ())}
    assert found["signed"].is_late and found["draft"].is_overdue


def test_a_form_of_tasks_alone_makes_no_sheet(world: World, cycle: Cycle) -> None:
    assert not Report.objects.filter(cycle=cycle, place__code="N").exists()
    assert Report.objects.filter(cycle=cycle).count() == 3


def test_my_work_has_them_beside_the_figures(world: World, cycle: Cycle) -> None:
    actor = world.cast.leads.actor
    assert count_for(actor) == 0, "all are under way or signed"
    ProgressReport.objects.filter(pk=world.reports["drafting"].pk).update(step=Step.OVERTAKEN)
    (item,) = work_for(actor)
    assert (item.verb, item.count, item.detail) == ("Report on tasks", 1, "1 task")
    assert item.url == "/cycles/with-tasks/tasks/?whose=ours&state=none"
    assert count_for(actor) == 1


def test_a_unit_sees_what_its_bodies_owe_beside_its_sheet(world: World, cycle: Cycle) -> None:
    form = Form.objects.get(key="tasks")
    form.tier = Tier.objects.get(scheme=world.cast.scheme, key="province")
    form.save()
    asking.forget()
    Assignment.objects.filter(pk=world.assignments["received"].pk).update(
        taken_on_at=clock.now() - timedelta(minutes=1)
    )
    province = world.cast.province
    (owed,) = owed_at(province.actor, cycle, world.cast.places["N1"])
    assert (owed.ours, owed.may_write, owed.said) == (True, True, "none")
    assert owed_at(province.actor, cycle, world.cast.places["N2"]) == []


def test_without_such_a_form_nothing_is_asked(world: World) -> None:
    now = clock.now()
    plain = open_cycle(
        world.cast.coordinator.actor, key="plain", forms=add_forms(world),
        period=Period.parse("2022"), opens_at=now, closes_at=now + timedelta(days=7),
    )  # fmt: skip
    asking.forget()
    assert states(world, "leads", plain) == {}
