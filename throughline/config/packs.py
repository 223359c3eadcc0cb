"""Loading a plan pack: each room takes its part, in the order of the spine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from throughline.bodies.loading import load_bodies, load_people
from throughline.figures.actions import load_series, simulate_figures
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.period import Period, Span
from throughline.kernel.tables import renew_statistics
from throughline.places.actions import GroupDefinition, define_grouping, load_places, set_members
from throughline.places.folder import read_folder
from throughline.places.models import Grouping, Place, Scheme
from throughline.places.queries import place_by_code
from throughline.plans.actions import load_plan
from throughline.plans.models import Plan, PlanVersion
from throughline.plans.packs import Pack, read_pack
from throughline.procedures.actions import load_procedures
from throughline.procedures.rules.working_days import Calendar
from throughline.reporting.actions import load_forms, open_cycle
from throughline.reporting.models import Cycle
from throughline.reporting.queries import forms_in_use
from throughline.reporting.weighing import figures_a_year

Tell = Callable[[str], None]

DEMO_CYCLE = timedelta(days=14)
"""How long the cycle of a demo is open."""


@dataclass(frozen=True)
class Loaded:
    """What loading a pack came to."""

    pack: Pack
    version: PlanVersion


def load_pack(actor: Actor, folder: Path, tell: Tell) -> Loaded:
    """Load a pack; `tell` is called with a line before each part. Loading again is safe."""
    tell("reading the pack")
    pack = read_pack(folder)
    tell("places")
    load_places(actor, folder=read_folder(pack.places))
    tell("bodies and posts")
    load_bodies(actor, folder=folder)
    if pack.demo and pack.people:
        tell("the demo's people")
        load_people(actor, folder=folder)
    tell("groupings")
    load_groupings(actor, pack)
    tell("the plan")
    version = load_plan(actor, pack=pack)
    if pack.procedures is not None:
        tell("the procedures for approval")
        load_procedures(
            actor, plan=pack.plan.key, catalogue=pack.procedures, calendar=calendar_of(pack)
        )
    tell("series and figures")
    load_series(actor, pack=pack)
    asked = figures_a_year()
    load_forms(actor, pack=pack)
    for tier, figures in figures_a_year().items():
        before = asked.get(tier, 0)
        if figures != before:
            tell(f"a {tier.name_en.lower()} gives {figures} figures a year, before {before}")
    if pack.simulations:
        tell("simulated figures, labelled as such")
        simulate_figures(actor, pack=pack)
    if pack.demo:
        open_demo_cycle(actor, version.plan)
    renew_statistics()
    return Loaded(pack, version)


def calendar_of(pack: Pack) -> Calendar:
    """The days that are worked, as a pack says."""
    return Calendar(
        pack.zone, frozenset(pack.working_days), frozenset(pack.holidays), frozenset(pack.worked)
    )


def open_demo_cycle(actor: Actor, plan: Plan) -> None:
    """Open a reporting cycle of a demo plan's forms, where it has none: for the period after the
    last one that has figures, closing two weeks from now in the evening."""
    if Cycle.objects.filter(forms__plan=plan).exists():
        return
    forms = list(forms_in_use().filter(plan=plan).select_related("plan", "tier", "asked_by"))
    spans = {form.span for form in forms}
    for span in sorted(spans):
        asked = [form for form in forms if form.span == span]
        given = Observation.objects.filter(series__form_lines__form__in=asked)
        periods = {Period.parse(code) for code in given.values_list("period", flat=True).distinct()}
        last = Period.containing(clock.now().date(), Span(span)).shift(-2)
        period = max(periods, default=last).shift(1)
        close = (clock.now() + DEMO_CYCLE).astimezone(ZoneInfo(plan.zone))
        open_cycle(
            actor,
            forms=asked,
            period=period,
            opens_at=clock.now(),
            closes_at=close.replace(hour=18, minute=0, second=0, microsecond=0),
        )


def load_groupings(actor: Actor, pack: Pack) -> None:
    """Define the pack's groupings and who belongs to them from when on."""
    scheme = Scheme.objects.get(key=pack.scheme)
    for said in pack.groupings:
        grouping: Grouping = define_grouping(
            actor,
            scheme=scheme,
            key=said.key,
            name_en=said.title.en,
            name_zh=said.title.zh,
            computed_from=said.computed_from,
            divides=said.divides,
            note_en=said.note.en,
            note_zh=said.note.zh,
            groups=[
                GroupDefinition(group.key, group.title.en, group.title.zh, group.at_least)
                for group in said.groups
            ],
        )
        for group in said.groups:
            if not group.members:
                continue
            days = {member.start for member in group.members}
            days |= {member.to for member in group.members if member.to is not None}
            row = grouping.groups.get(key=group.key)
            for day in sorted(days):
                places: list[Place] = [
                    place_by_code(scheme, member.place, day)
                    for member in group.members
                    if member.start <= day and (member.to is None or member.to > day)
                ]
                set_members(actor, group=row, places=places, valid_from=day)
