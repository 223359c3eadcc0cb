"""Plans, their elements, indicators and targets by the API."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from throughline.bodies.authentication import actor_of
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS
from throughline.kernel.selecting import the_one
from throughline.plans.models import Bridge, Element, Indicator, Plan, Target
from throughline.plans.queries import (
    bridges_of,
    elements_visible_to,
    indicator_by_key,
    indicators_visible_to,
    plan_in_force,
    plans_visible_to,
    targets_in_force,
)

router = Router()


class PlanOut(Schema):
    key: str
    title_en: str
    title_zh: str
    place: str
    lead_body: str
    period_from: str
    period_to: str
    demo: bool

    @staticmethod
    def resolve_place(plan: Plan) -> str:
        return plan.place.code

    @staticmethod
    def resolve_lead_body(plan: Plan) -> str:
        return plan.lead_body.key


class PartOut(Schema):
    """A body's part in an element, as printed."""

    body: str
    role: str
    duty_en: str
    duty_zh: str
    due: date | None


class ElementOut(Schema):
    key: str
    number: str
    kind: str
    parent: str | None
    title_en: str
    title_zh: str
    paper: str | None
    paragraph: str
    indicator: str | None
    deadline: date | None
    illustrative: bool
    simulated: bool

    @staticmethod
    def resolve_parent(element: Element) -> str | None:
        return element.parent.key if element.parent else None

    @staticmethod
    def resolve_paper(element: Element) -> str | None:
        return element.paper.key if element.paper else None

    @staticmethod
    def resolve_indicator(element: Element) -> str | None:
        return element.indicator.key if element.indicator else None


class ElementDetail(ElementOut):
    text_en: str
    text_zh: str
    completion_en: str
    completion_zh: str
    bindingness: str
    parts: list[PartOut]

    @staticmethod
    def resolve_parts(element: Element) -> list[PartOut]:
        return [
            PartOut(
                body=each.body.key,
                role=each.role,
                duty_en=each.duty_en,
                duty_zh=each.duty_zh,
                due=each.due,
            )
            for each in element.responsibilities.select_related("body")
        ]


class IndicatorOut(Schema):
    scheme: str
    key: str
    title_en: str
    title_zh: str
    unit_en: str
    unit_zh: str
    symbol: str
    kind: str
    direction: str
    numerator: str | None
    denominator: str | None
    weight: str | None
    formula: str
    scale: float
    decimals: int
    band_low: float | None
    band_high: float | None
    reporting_tier: str
    span: str
    over_time: str
    peers_by: list[str]

    @staticmethod
    def resolve_weight(indicator: Indicator) -> str | None:
        return indicator.weight.key if indicator.weight else None

    @staticmethod
    def resolve_scheme(indicator: Indicator) -> str:
        return indicator.scheme.key

    @staticmethod
    def resolve_numerator(indicator: Indicator) -> str | None:
        return indicator.numerator.key if indicator.numerator else None

    @staticmethod
    def resolve_denominator(indicator: Indicator) -> str | None:
        return indicator.denominator.key if indicator.denominator else None


class StepOut(Schema):
    """What is due by a period's end."""

    period: str
    value: float


class BridgeOut(Schema):
    """What turns figures of one edition into those of another: a shift is added, a factor
    multiplied; an overlap links by the figures of `period` in both. Without a place,
    everywhere."""

    from_edition: str
    to_edition: str
    place: str | None
    kind: str
    amount: float | None
    period: str
    link: str
    source: str
    support: str
    note_en: str
    note_zh: str
    illustrative: bool
    simulated: bool

    @staticmethod
    def resolve_from_edition(bridge: Bridge) -> str:
        return bridge.origin.key

    @staticmethod
    def resolve_to_edition(bridge: Bridge) -> str:
        return bridge.onto.key

    @staticmethod
    def resolve_place(bridge: Bridge) -> str | None:
        return bridge.place.code if bridge.place else None


class TargetOut(Schema):
    place: str
    operator: str
    value: float | None
    upper: float | None
    strict: bool
    percent: bool
    tolerance: float | None
    tolerance_share: float | None
    by: str
    baseline_period: str
    baseline_value: float | None
    no_baseline_en: str
    no_baseline_zh: str
    trajectory: str
    steps: list[StepOut]
    edition: str
    bindingness: str
    source: str
    simulated: bool
    illustrative: bool

    @staticmethod
    def resolve_steps(target: Target) -> list[StepOut]:
        return [StepOut(period=period, value=value) for period, value in target.steps]

    @staticmethod
    def resolve_place(target: Target) -> str:
        return target.place.code

    @staticmethod
    def resolve_edition(target: Target) -> str:
        return target.edition.key


@router.get("/plans", response={200: list[PlanOut], **REFUSALS})
def list_plans(request: HttpRequest) -> list[Plan]:
    """The plans that exist for the caller."""
    return list(plans_visible_to(actor_of(request)).select_related("place", "lead_body"))


@router.get("/plans/{plan}/elements", response={200: list[ElementOut], **REFUSALS})
def list_elements(request: HttpRequest, plan: str) -> list[Element]:
    """The elements of the version in force, in reading order."""
    actor = actor_of(request)
    version = plan_in_force(actor, plan)
    rows = elements_visible_to(actor).filter(version=version)
    return list(rows.select_related("parent", "paper", "indicator"))


@router.get("/plans/{plan}/elements/{key}", response={200: ElementDetail, **REFUSALS})
def get_element(request: HttpRequest, plan: str, key: str) -> Element:
    """One element of the version in force, with who leads and supports it."""
    actor = actor_of(request)
    version = plan_in_force(actor, plan)
    rows = elements_visible_to(actor).filter(version=version, key=key)
    found = the_one(rows.select_related("parent", "paper", "indicator"))
    if found is None:
        raise NotFound(f"the plan has no element {key}")
    return found


@router.get("/indicators", response={200: list[IndicatorOut], **REFUSALS})
def list_indicators(request: HttpRequest) -> list[Indicator]:
    """All indicators, defined once for all plans."""
    rows = indicators_visible_to(actor_of(request))
    return list(rows.select_related("scheme", "numerator", "denominator", "weight"))


@router.get("/indicators/{key}/targets", response={200: list[TargetOut], **REFUSALS})
def list_targets(request: HttpRequest, key: str, scheme: str = "") -> list[Target]:
    """The targets of an indicator that bind now."""
    return list(targets_in_force(indicator_by_key(actor_of(request), key, scheme)))


@router.get("/indicators/{key}/bridges", response={200: list[BridgeOut], **REFUSALS})
def list_bridges(request: HttpRequest, key: str, scheme: str = "") -> list[Bridge]:
    """The stated bridges between the editions of an indicator's figures."""
    return list(bridges_of(indicator_by_key(actor_of(request), key, scheme)))
