"""Two forms that share a line, and a cycle over the counties of `tests/world.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.cast import APPOINTED, Member
from tests.world import World
from throughline.bodies.models import Holding, Person, PersonDetails, Post
from throughline.bodies.queries import actor_for
from throughline.bodies.rules import Duty
from throughline.kernel import clock
from throughline.kernel.actor import Actor, Door
from throughline.kernel.period import Period
from throughline.places.models import Tier
from throughline.reporting.actions import open_cycle
from throughline.reporting.models import Cycle, Form, FormLine, FormRule, Report

PERIOD = "2022"
GOOD: dict[str, dict[str, Any]] = {
    "jobs-reported": {"value": 12.0, "absent": False, "note": ""},
    "roads-reported": {"value": 2.0, "absent": False, "note": ""},
}
"""What the county says, and no rule minds."""


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


def add_forms(world: World) -> list[Form]:
    """`people` asks for jobs and roads, `works` for roads alone; both of every county, checked
    by prefecture and province."""
    tiers = {tier.key: tier for tier in Tier.objects.filter(scheme=world.cast.scheme)}
    forms = []
    asked = {"people": ("jobs-reported", "roads-reported"), "works": ("roads-reported",)}
    by = {"people": "lead-agency", "works": "leading-department"}
    for key, lines in asked.items():
        form = Form.objects.create(
            key=key, digest="0" * 64, plan=world.plans["growth"],
            asked_by=world.cast.bodies[by[key]], tier=tiers["county"], span="year",
            title_en=f"Form {key}", source_en=f"Paper of {key}",
        )  # fmt: skip
        form.review.set([tiers["prefecture"], tiers["province"]])
        for at, series in enumerate(lines, 1):
            FormLine.objects.create(
                form=form, series=world.series[series], position=at, number=f"1.{at}",
                section_en="Work",
            )  # fmt: skip
        forms.append(form)
    FormRule.objects.create(
        form=forms[0], key="roads-within-jobs", position=1, level="hard", kind="must",
        must="roads-reported <= jobs-reported", says_en="More roads than jobs.",
    )  # fmt: skip
    FormRule.objects.create(
        form=forms[0], key="few-jobs", position=2, level="soft", kind="must",
        must="jobs-reported >= 5", says_en="Very few jobs. Why?",
    )  # fmt: skip
    return forms


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
