"""What is asked of units in a year, by the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Schema

from throughline.kernel import clock
from throughline.kernel.errors import NotFound
from throughline.kernel.period import Period
from throughline.kernel.refusals import REFUSALS
from throughline.places.models import Scheme, Tier
from throughline.places.queries import place_by_code
from throughline.reporting.api.routing import actor_in, router
from throughline.reporting.queries import (
    forms_visible_to,
)
from throughline.reporting.rules.burden import Burden
from throughline.reporting.weighing import Weighed, weigh, weigh_asking


class BurdenOut(Schema):
    """What a unit gives in a year. `figures` are entered, `apart` would be if each form were
    filled in by itself; the same of `reports`."""

    figures: int
    apart: int
    reports: int
    reports_apart: int
    forms: int
    bodies: int
    plans: int
    documents: int


class FormBurdenOut(Schema):
    """What one form asks of a unit: `lines` figures, `times` a year, of which others ask for
    `shared` too."""

    form: str
    asked_by: str
    plan: str
    source_en: str
    times: int
    lines: int
    shared: int


class UnitBurdenOut(Schema):
    """What is asked of a unit: in any year by the forms in use, and by the cycles `opened` for
    periods of a `year`."""

    scheme: str
    tier: str
    place: str | None
    burden: BurdenOut
    forms: list[FormBurdenOut]
    year: int
    opened: BurdenOut
    cycles: list[str]


class AddsOut(Schema):
    """What some forms ask of each of `units` units for a period, what of it they give already,
    and what a unit gives in a year before and after."""

    tier: str
    units: int
    figures: int
    given: int
    before: BurdenOut
    after: BurdenOut
    others: list[str]


def _burden_out(burden: Burden) -> BurdenOut:
    return BurdenOut(**asdict(burden))


def _weighed_out(weighed: Weighed) -> UnitBurdenOut:
    return UnitBurdenOut(
        scheme=weighed.tier.scheme.key, tier=weighed.tier.key,
        place=weighed.place.code if weighed.place else None,
        burden=_burden_out(weighed.burden),
        forms=[
            FormBurdenOut(
                form=each.form.key, asked_by=each.form.asked_by.key, plan=each.form.plan.key,
                source_en=each.form.source_en, times=each.asks.times, lines=each.lines,
                shared=each.shared,
            )
            for each in weighed.forms
        ],
        year=weighed.year, opened=_burden_out(weighed.opened),
        cycles=[each.cycle.key for each in weighed.cycles],
    )  # fmt: skip


Year = Annotated[int, Field(ge=1800, le=2999)]


@router.get(
    "/burden/{scheme}/tiers/{tier}", response={200: UnitBurdenOut, **REFUSALS},
    url_name="tier-burden",
)  # fmt: skip
def tier_burden(
    request: HttpRequest, scheme: str, tier: str, year: Year | None = None
) -> UnitBurdenOut:
    """What is asked of each unit of a tier in a year."""
    actor = actor_in(request)
    found = Tier.objects.filter(scheme__key=scheme, key=tier).select_related("scheme").first()
    if found is None:
        raise NotFound(_("There is no such tier."))
    return _weighed_out(weigh(actor, found, year=year))


@router.get(
    "/burden/{scheme}/units/{code}", response={200: UnitBurdenOut, **REFUSALS},
    url_name="unit-burden",
)  # fmt: skip
def unit_burden(
    request: HttpRequest, scheme: str, code: str, year: Year | None = None
) -> UnitBurdenOut:
    """What is asked of one unit in a year."""
    actor = actor_in(request)
    known = Scheme.objects.filter(key=scheme).first()
    if known is None:
        raise NotFound(_("There is no such place."))
    place = place_by_code(known, code, clock.now().date())
    return _weighed_out(weigh(actor, place.tier, place=place, year=year))


@router.get("/burden/adds", response={200: list[AddsOut], **REFUSALS}, url_name="burden-adds")
def burden_adds(request: HttpRequest, forms: Query[list[str]], period: str = "") -> list[AddsOut]:
    """What a cycle of some forms would ask of the units of each tier, beside what is asked of
    them already."""
    actor = actor_in(request)
    rows = list(forms_visible_to(actor).filter(key__in=forms))
    found = weigh_asking(actor, rows, Period.parse(period) if period else None)
    return [
        AddsOut(
            tier=each.tier.key, units=each.units, figures=each.adds.figures,
            given=each.adds.given, before=_burden_out(each.adds.before),
            after=_burden_out(each.adds.after), others=each.others,
        )
        for each in found
    ]  # fmt: skip
