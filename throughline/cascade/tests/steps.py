"""What the tests of the cascade do again and again, by the cast."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.world import World
from throughline.cascade import actions
from throughline.cascade.models import Assignment
from throughline.cascade.queries import assignment_by_id
from throughline.kernel import clock
from throughline.plans.models import Element, Plan, PlanVersion

LATER = clock.now().date() + timedelta(days=200)
SOON = clock.now().date() + timedelta(days=20)


def element(world: World, key: str = "task", plan: str = "growth") -> Element:
    """An element of a plan as it stands in force."""
    return Element.objects.select_related("version__plan__lead_body", "paper").get(
        version__plan__key=plan, version__state="in_force", key=key
    )


def lay(world: World, body: str, part: str = "locality", **more: Any) -> Assignment:
    """The coordinator lays the task of the plan on a body, by the authority of a document."""
    given: dict[str, Any] = {"authority": "Issue 1", "due": LATER} | more
    return actions.assign_task(
        world.cast.coordinator.actor,
        element=given.pop("element", None) or element(world),
        body=world.cast.bodies[body],
        part=part,
        **given,
    )


def again(row: Assignment) -> Assignment:
    """An assignment as it stands now, as the installation sees it."""
    return Assignment.objects.select_related("thread__plan", "element", "body").get(pk=row.pk)


def taken_on(world: World, row: Assignment, member: str = "province") -> Assignment:
    """Received and taken on by a member of its body."""
    actor = getattr(world.cast, member).actor
    actions.receive_task(actor, assignment=row)
    return actions.take_on_task(actor, assignment=assignment_by_id(actor, row.pk))


def local_plan(world: World, member: str = "province", superior: str = "growth") -> PlanVersion:
    """A draft of the own plan of a member's place."""
    by = getattr(world.cast, member)
    return actions.begin_local_plan(
        by.actor,
        superior=Plan.objects.get(key=superior),
        place=by.body.place,
        lead_body=by.body,
        title=actions.Text(en=f"Plan of {by.body.place.code}"),
    )


def issue(
    world: World, version: PlanVersion, member: str = "province", despite_errors: bool = True
) -> PlanVersion:
    """Issue a draft today; most drafts of the tests name nobody who leads."""
    return actions.issue_local_plan(
        getattr(world.cast, member).actor,
        version=version,
        number="No. 1",
        title=actions.Text(en="The issue"),
        on=date.today(),
        despite_errors=despite_errors,
    )
