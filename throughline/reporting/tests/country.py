"""A cycle of two forms that share a line, over the counties of `tests/world.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.cast import APPOINTED, Member
from tests.cycles import GOOD, PERIOD, add_forms
from tests.world import World
from throughline.bodies.models import Holding, Person, PersonDetails, Post
from throughline.bodies.queries import actor_for
from throughline.bodies.rules import Duty
from throughline.kernel import clock
from throughline.kernel.actor import Actor, Door
from throughline.kernel.period import Period
from throughline.reporting.actions import open_cycle
from throughline.reporting.models import Cycle, Report

__all__ = ["GOOD", "PERIOD", "Reported", "add_forms", "colleague", "open_for_counties"]


@dataclass
class Reported:
    """A cycle that is open, and who has a hand in the report of N111."""

    world: World
    cycle: Cycle
    report: Report
    filler: Actor
    reviewer: Actor
    signer: Actor

    def again(self) -> Report:
        """The report as it is now."""
        return Report.objects.get(pk=self.report.pk)


def colleague(member: Member, name: str, *duties: Duty) -> Actor:
    """Another person of a member's body, in a post of its own."""
    person = Person.objects.create(login=f"{name}-{member.body.key}", password="!")
    PersonDetails.objects.create(person=person, name=f"姓名 {name}", name_en=name.title())
    post = Post.objects.create(
        body=member.body, key=name, title_en=name.title(), duties=[each.value for each in duties]
    )
    Holding.objects.create(person=person, post=post, valid_from=APPOINTED)
    return actor_for(person, post.pk, door=Door.WEB)


def open_for_counties(world: World, key: str = "all-2022") -> Reported:
    """A cycle of both forms, opened a moment ago and closing in a week."""
    now = clock.now()
    cycle = open_cycle(
        world.cast.coordinator.actor, key=key, title="Figures of 2022", forms=add_forms(world),
        period=Period.parse(PERIOD), opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=7),
    )  # fmt: skip
    county = world.cast.county
    return Reported(
        world=world,
        cycle=cycle,
        report=Report.objects.get(cycle=cycle, place__code="N111"),
        filler=county.actor,
        reviewer=colleague(county, "reviewer", Duty.REVIEW, Duty.READ),
        signer=colleague(county, "head", Duty.SIGN, Duty.READ),
    )
