"""Two people do the same in the cascade at once: one effect, and the other is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from tests.racing import errors, meeting, race
from tests.world import World, build_world
from throughline.bodies.models import Post
from throughline.cascade import actions
from throughline.cascade.models import (
    Assignment,
    Claim,
    Dependency,
    ProgressReport,
    Refinement,
)
from throughline.cascade.queries import milestones_of
from throughline.cascade.tests.steps import LATER, element, issue, lay, local_plan, taken_on
from throughline.cascade.tests.test_refining import next_version
from throughline.cascade.tests.test_reporting import LINK, colleague
from throughline.kernel.action import Act
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.models import JournalEntry
from throughline.plans.models import Element, PlanVersion, Target

pytestmark = pytest.mark.django_db(transaction=True)

Deed = Callable[[], Any]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


# -- each returns what both then do at once ------------------------------------------------


def assign(world: World) -> Deed:
    return lambda: lay(world, "n1-government")


def assign_many(world: World) -> Deed:
    wanted = [
        actions.Wanted(
            element=element(world), body=world.cast.bodies[key], part="locality",
            authority="Issue 1",
        )
        for key in ("n1-government", "n2-government")
    ]  # fmt: skip
    return lambda: actions.assign_tasks(world.cast.coordinator.actor, wanted=wanted)


def receive(world: World) -> Deed:
    row = lay(world, "n1-government")
    return lambda: actions.receive_task(world.cast.province.actor, assignment=row)


def receive_many(world: World) -> Deed:
    row = lay(world, "n1-government")
    return lambda: actions.receive_tasks(world.cast.province.actor, assignments=[row])


def _received(world: World) -> Assignment:
    row = lay(world, "n1-government")
    return actions.receive_task(world.cast.province.actor, assignment=row)


def take_on(world: World) -> Deed:
    row = _received(world)
    return lambda: actions.take_on_task(world.cast.province.actor, assignment=row)


def contest(world: World) -> Deed:
    row = _received(world)
    return lambda: actions.contest_task(
        world.cast.province.actor, assignment=row, reason="No", due=LATER
    )


def declare(world: World) -> Deed:
    row = _received(world)
    return lambda: actions.declare_not_applicable(
        world.cast.province.actor, assignment=row, reason="Not here"
    )


def _claimed(world: World) -> Claim:
    row = _received(world)
    return actions.contest_task(world.cast.province.actor, assignment=row, reason="No", due=LATER)


def decide(world: World) -> Deed:
    claim = _claimed(world)
    return lambda: actions.decide_claim(
        world.cast.coordinator.actor, claim=claim, outcome="accepted", answer="Yes"
    )


def take_back(world: World) -> Deed:
    claim = _claimed(world)
    return lambda: actions.withdraw_claim(world.cast.province.actor, claim=claim)


def reassign(world: World) -> Deed:
    row = lay(world, "leading-department", "lead")
    return lambda: actions.reassign_task(
        world.cast.coordinator.actor, assignment=row,
        body=world.cast.bodies["supporting-department"], reason="Better",
    )  # fmt: skip


def withdraw(world: World) -> Deed:
    row = lay(world, "n1-government")
    return lambda: actions.withdraw_task(
        world.cast.coordinator.actor, assignment=row, reason="Enough"
    )


def look_again(world: World) -> Deed:
    row = lay(world, "n1-government")
    next_version(SYSTEM, world="", text="Twice as many")
    return lambda: actions.look_again(world.cast.province.actor, assignment=row)


def _prepared(world: World) -> ProgressReport:
    row = taken_on(world, lay(world, "n1-government"))
    return actions.prepare_report(
        world.cast.province.actor, assignment=row, kind="completion", text="Done", evidence=[LINK]
    )


def prepare_and_sign(world: World) -> Deed:
    row = taken_on(world, lay(world, "n1-government"))
    row.body.one_step = True
    row.body.save(update_fields=["one_step"])
    return lambda: actions.prepare_and_sign(
        world.cast.province.actor, assignment=row, kind="progress", text="Half"
    )


def urge(world: World) -> Deed:
    row = taken_on(world, lay(world, "n1-government"))
    return lambda: actions.urge_tasks(world.cast.coordinator.actor, assignments=[row])


def add_element(world: World) -> Deed:
    version = local_plan(world)
    measure = actions.Measure(title=actions.Text(en="Ours alone"))
    return lambda: actions.put_element(world.cast.province.actor, version=version, measure=measure)


def review(world: World) -> Deed:
    report, second = _prepared(world), colleague(world)
    return lambda: actions.review_report(second, report=report)


def _reviewed(world: World) -> ProgressReport:
    report = _prepared(world)
    return actions.review_report(colleague(world), report=report)


def sign(world: World) -> Deed:
    report = _reviewed(world)
    return lambda: actions.sign_report(world.cast.province.actor, report=report)


def _signed(world: World) -> ProgressReport:
    return actions.sign_report(world.cast.province.actor, report=_reviewed(world))


def accept(world: World) -> Deed:
    report = _signed(world)
    return lambda: actions.accept_report(world.cast.coordinator.actor, report=report)


def send_back(world: World) -> Deed:
    report = _signed(world)
    return lambda: actions.return_report(
        world.cast.coordinator.actor, report=report, reason="Where?"
    )


def hand_over(world: World) -> Deed:
    lay(world, "leading-department", "lead")
    old, new = (world.cast.bodies[key] for key in ("leading-department", "uninvolved-department"))
    return lambda: actions.hand_over_tasks(
        world.cast.administrator.actor, body=old, successor=new, reason="Merged"
    )


def begin(world: World) -> Deed:
    return lambda: local_plan(world)


def _adopted(world: World) -> PlanVersion:
    version = local_plan(world)
    actions.adopt_elements(
        world.cast.province.actor, version=version,
        adoptions=[actions.Adoption(superior=element(world))],
    )  # fmt: skip
    return version


def issue_plan(world: World) -> Deed:
    version = _adopted(world)
    return lambda: issue(world, version)


def revise(world: World) -> Deed:
    version = _adopted(world)
    issue(world, version)
    return lambda: actions.revise_local_plan(world.cast.province.actor, plan=version.plan)


def remove(world: World) -> Deed:
    version = _adopted(world)
    row = Element.objects.get(version=version, key="task")
    return lambda: actions.remove_element(world.cast.province.actor, version=version, element=row)


def drop_target(world: World) -> Deed:
    version = local_plan(world)
    indicator, by = world.indicators["jobs"], "2025"
    province = world.cast.province.actor
    actions.set_target(
        province, version=version, indicator=indicator, operator="ge", value=60, by=by
    )
    return lambda: actions.remove_target(province, version=version, indicator=indicator, by=by)


def discard(world: World) -> Deed:
    version = _adopted(world)
    issue(world, version)
    draft = actions.revise_local_plan(world.cast.province.actor, plan=version.plan)
    return lambda: actions.discard_draft(world.cast.province.actor, version=draft)


def wait(world: World) -> Deed:
    coordinator, task, jobs = _task_and_jobs(world)
    return lambda: actions.await_element(coordinator, element=task, awaited=jobs)


def wait_no_more(world: World) -> Deed:
    coordinator, task, jobs = _task_and_jobs(world)
    actions.await_element(coordinator, element=task, awaited=jobs)
    return lambda: actions.await_no_more(coordinator, element=task, awaited=jobs.thread)


def _task_and_jobs(world: World) -> tuple[Actor, Element, Element]:
    return world.cast.coordinator.actor, element(world), element(world, "jobs")


DEEDS: dict[str, Callable[[World], Deed]] = {
    "task.assign": assign,
    "tasks.assign": assign_many,
    "task.receive": receive,
    "tasks.receive": receive_many,
    "task.take_on": take_on,
    "task.contest": contest,
    "task.declare_not_applicable": declare,
    "claim.decide": decide,
    "claim.withdraw": take_back,
    "task.reassign": reassign,
    "task.withdraw": withdraw,
    "task.hand_over": hand_over,
    "task.look_again": look_again,
    "task.urge": urge,
    "progress.prepare_and_sign": prepare_and_sign,
    "progress.review_report": review,
    "progress.sign_report": sign,
    "progress.accept_report": accept,
    "progress.return_report": send_back,
    "plan.begin_local_plan": begin,
    "plan.issue_local_plan": issue_plan,
    "plan.revise_local_plan": revise,
    "plan.put_element": add_element,
    "plan.remove_element": remove,
    "plan.remove_target": drop_target,
    "plan.discard_draft": discard,
    "element.await": wait,
    "element.await_no_more": wait_no_more,
}
deeds = pytest.mark.parametrize(("verb", "prepare"), DEEDS.items(), ids=DEEDS)


# -- what may be said again: it then stands as if it had been said once -----------------------


Rows = Callable[[], int]
"""How many rows there are of what was said."""


def adopt(world: World) -> tuple[Deed, Rows]:
    version = local_plan(world)
    adoptions = [actions.Adoption(superior=element(world))]
    return (
        lambda: actions.adopt_elements(
            world.cast.province.actor, version=version, adoptions=adoptions
        ),
        lambda: Element.objects.filter(version=version, refines__superior__key="task").count(),
    )


def set_steps(world: World) -> tuple[Deed, Rows]:
    row = taken_on(world, lay(world, "n1-government"))
    nodes = [actions.Node(title="Half of it", due=LATER)]
    return (
        lambda: actions.set_milestones(world.cast.province.actor, assignment=row, nodes=nodes),
        lambda: milestones_of(row).count(),
    )


def prepare_report(world: World) -> tuple[Deed, Rows]:
    row = taken_on(world, lay(world, "n1-government"))
    return (
        lambda: actions.prepare_report(
            world.cast.province.actor, assignment=row, kind="completion", text="Done",
            evidence=[LINK],
        ),
        lambda: ProgressReport.objects.filter(assignment=row).count(),
    )  # fmt: skip


def set_target(world: World) -> tuple[Deed, Rows]:
    version = local_plan(world)
    return (
        lambda: actions.set_target(
            world.cast.province.actor, version=version, indicator=world.indicators["jobs"],
            operator="ge", value=60, by="2025",
        ),
        lambda: Target.objects.filter(version=version).count(),
    )  # fmt: skip


def change_element(world: World) -> tuple[Deed, Rows]:
    version = _adopted(world)
    row = Element.objects.get(version=version, key="task")
    measure = actions.Measure(
        title=actions.Text(en="In our words"), superiors=[element(world)],
        leads=[world.cast.bodies["n1-government"]],
    )  # fmt: skip
    return (
        lambda: actions.put_element(
            world.cast.province.actor, version=version, element=row, measure=measure
        ),
        lambda: Refinement.objects.filter(element__title_en="In our words").count(),
    )


def name_people(world: World) -> tuple[Deed, Rows]:
    row = lay(world, "n1-government")
    head = Post.objects.filter(body=row.body).first()
    return (
        lambda: actions.name_people(
            world.cast.province.actor, assignment=row, leader=head, officer=None
        ),
        lambda: Assignment.objects.filter(pk=row.pk, leader=head).count(),
    )


SAYINGS: dict[str, Callable[[World], tuple[Deed, Rows]]] = {
    "plan.adopt_elements": adopt,
    "milestone.set": set_steps,
    "progress.prepare_report": prepare_report,
    "plan.set_target": set_target,
    "plan.put_element": change_element,
    "task.name_people": name_people,
}
ONE_ROW = (set_target, name_people, change_element)
"""What they say is one row, or is said behind the change of one, which the database keeps
single."""

sayings = pytest.mark.parametrize("prepare", SAYINGS.values(), ids=SAYINGS)
needing_a_lock = pytest.mark.parametrize(
    "prepare", [each for each in SAYINGS.values() if each not in ONE_ROW]
)


def done(verb: str) -> int:
    """How many acts under a verb are on record."""
    return JournalEntry.objects.filter(verb=verb).count()


def together(deed: Deed, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What two are told who do the same, both having checked all before either is on record."""
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    return errors(race(lambda _number: deed()))


@deeds
def test_it_is_done_once_and_the_other_is_told(
    world: World, verb: str, prepare: Callable[[World], Deed], monkeypatch: pytest.MonkeyPatch
) -> None:
    deed = prepare(world)
    before = done(verb)
    told = together(deed, monkeypatch)
    assert len(told) == 1
    assert isinstance(told[0], Conflict | Invalid)
    assert done(verb) == before + 1


@deeds
def test_without_the_lock_it_is_done_twice_or_the_database_stops_it(
    world: World, verb: str, prepare: Callable[[World], Deed], monkeypatch: pytest.MonkeyPatch
) -> None:
    deed = prepare(world)
    before = done(verb)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    told = together(deed, monkeypatch)
    stopped = [error for error in told if not isinstance(error, Conflict | Invalid)]
    assert done(verb) == before + 2 or (
        len(stopped) == 1 and isinstance(stopped[0], IntegrityError | Element.DoesNotExist)
    )


@sayings
def test_what_two_say_at_once_stands_once(
    world: World, prepare: Callable[[World], tuple[Deed, Rows]], monkeypatch: pytest.MonkeyPatch
) -> None:
    deed, rows = prepare(world)
    assert rows() == 0
    assert together(deed, monkeypatch) == []
    assert rows() == 1


@needing_a_lock
def test_without_the_lock_it_stands_twice_or_the_database_stops_it(
    world: World, prepare: Callable[[World], tuple[Deed, Rows]], monkeypatch: pytest.MonkeyPatch
) -> None:
    deed, rows = prepare(world)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda found, **options: found)
    told = together(deed, monkeypatch)
    assert rows() == 2 or [type(error) for error in told] == [IntegrityError]


# -- opposite dependencies, each sound by itself -----------------------------------------------


def opposite(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What two are told of whom one lets the task of the plan wait for that of N1, the other
    that of N1 for the task of the plan, both having checked before either is on record."""
    version = _adopted(world)
    issue(world, version)
    above, below = element(world), element(world, plan=version.plan.key)
    ways = [
        (world.cast.coordinator.actor, above, below), (world.cast.province.actor, below, above)
    ]  # fmt: skip
    monkeypatch.setattr(Act, "about", meeting(Act.about))

    def one_way(number: int) -> None:
        actor, waiting, awaited = ways[number]
        actions.await_element(actor, element=waiting, awaited=awaited)

    return errors(race(one_way))


def test_opposite_dependencies_set_at_once_close_no_ring(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [told] = opposite(world, monkeypatch)
    assert isinstance(told, Invalid)
    assert "wait for each other" in told.problems[0].message
    assert Dependency.objects.count() == 1


def test_without_the_lock_opposite_dependencies_close_a_ring(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert opposite(world, monkeypatch) == []
    assert Dependency.objects.count() == 2
