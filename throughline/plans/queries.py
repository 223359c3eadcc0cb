"""What of a plan exists, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from throughline.bodies.queries import acting_for, guiding, standing_of, today
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.memory import remembered
from throughline.kernel.selecting import in_order, select, the_one
from throughline.places.models import Closure, Place, Scheme
from throughline.places.queries import valid_on
from throughline.plans.models import (
    Bridge,
    Edition,
    Element,
    Indicator,
    Plan,
    PlanVersion,
    Responsibility,
    Target,
)
from throughline.plans.rules import Formula

IN_FORCE = PlanVersion.State.IN_FORCE

FROM_THE_TOP = ("plan.place.tier.level", "plan.key")
"""The order of versions from the plans of the nation down."""


def versions_visible_to(actor: Actor) -> QuerySet[PlanVersion]:
    """Versions in force or superseded for all who are signed in; drafts for the lead body
    and audit."""
    if actor.is_nobody:
        return PlanVersion.objects.none()
    return PlanVersion.objects.filter(_exists("", actor)).select_related("plan")


def _exists(version: str, actor: Actor) -> Q:
    """Rows whose version of a plan (`version` reaches to it) exists for one who is signed in."""
    standing = standing_of(actor)
    if standing.audits:
        return Q()
    seen = ~Q(**{f"{version}state": PlanVersion.State.DRAFT})
    if standing.body is not None and standing.sees_content:
        seen |= Q(**{f"{version}plan__lead_body__in": acting_for(standing.body)})
    return seen


def plans_visible_to(actor: Actor) -> QuerySet[Plan]:
    """Plans with a version that exists for the actor."""
    return Plan.objects.filter(pk__in=versions_visible_to(actor).order_by().values("plan"))


def elements_visible_to(actor: Actor) -> QuerySet[Element]:
    """Elements of the versions that exist for the actor."""
    if actor.is_nobody:
        return Element.objects.none()
    return Element.objects.filter(_exists("version__", actor))


def indicators_visible_to(actor: Actor) -> QuerySet[Indicator]:
    """Definitions of indicators are no secret among those who are signed in."""
    return Indicator.objects.none() if actor.is_nobody else Indicator.objects.all()


def plan_in_force(actor: Actor, key: str) -> PlanVersion:
    """The version in force of a plan, or NotFound."""
    version = the_one(versions_visible_to(actor).filter(plan__key=key, state=IN_FORCE))
    if version is None:
        raise NotFound(_("There is no plan “%(key)s” in force.") % {"key": key})
    return version


def indicator_by_key(actor: Actor, key: str, scheme: str = "") -> Indicator:
    """An indicator by its key; the scheme matters only where two schemes share a key."""
    found = indicators_visible_to(actor).filter(key=key)
    if scheme:
        found = found.filter(scheme__key=scheme)
    rows = list(found.values_list("pk", flat=True)[:2])
    if not rows:
        raise NotFound(
            _("There is no indicator “%(key)s”.") % {"key": key},
            remedy=_("Keys stand in the plan pack's indicators.yaml and on the plan's page."),
        )
    if len(rows) > 1:
        raise NotFound(
            _("Two schemes have an indicator “%(key)s”.") % {"key": key},
            remedy=_("Name the scheme too."),
        )
    return whole(rows)[rows[0]]


def composed_of(indicator: Indicator) -> list[Indicator]:
    """The indicators that a figure is made of: both parts of a ratio, the weight of a mean,
    what a formula names, in the order in which they are named."""
    return _Compositions().parts(indicator)


def behind(indicators: Sequence[Indicator]) -> dict[int, list[Indicator]]:
    """By indicator, itself and everything that its figures are made of, down to what is
    observed. What may be seen of a figure depends on all of them."""
    compositions = _Compositions()
    found = {}
    for each in indicators:
        whole = {each.pk: each}
        waiting = [each]
        while waiting:
            for part in compositions.parts(waiting.pop()):
                if part.pk not in whole:
                    whole[part.pk] = part
                    waiting.append(part)
        found[each.pk] = list(whole.values())
    return found


class _Compositions:
    """What indicators are made of; those of a scheme are read once, if a formula names any."""

    def __init__(self) -> None:
        self._schemes: dict[int, dict[str, Indicator]] = {}

    def parts(self, indicator: Indicator) -> list[Indicator]:
        if indicator.kind == Indicator.Kind.RATIO:
            return [each for each in (indicator.numerator, indicator.denominator) if each]
        if indicator.kind == Indicator.Kind.WEIGHTED_MEAN:
            return [indicator.weight] if indicator.weight else []
        if indicator.kind != Indicator.Kind.FORMULA:
            return []
        known = self._of_scheme(indicator.scheme_id)
        return [known[key] for key in Formula.parse(indicator.formula).keys if key in known]

    def _of_scheme(self, scheme: int) -> dict[str, Indicator]:
        if scheme not in self._schemes:
            rows = Indicator.objects.filter(scheme=scheme).select_related(
                "scheme", "numerator", "denominator", "weight"
            )
            self._schemes[scheme] = {each.key: each for each in rows}
        return self._schemes[scheme]


def parts_in(body: int) -> frozenset[int]:
    """The indicators (their ids) that a body has a part in: it leads or supports an element
    that the indicator measures, alone or as part of a ratio, or leads the plan that holds the
    element."""
    return parts_held(acting_for(body))


def parts_above(body: int) -> frozenset[int]:
    """The indicators in which a body above in the line of departments has a part: then they
    are the body's work too, within its own line of places."""
    return parts_held(guiding(body))


def parts_held(bodies: frozenset[int]) -> frozenset[int]:
    """The indicators in which one of some bodies (their ids) has a part. Asked once a request."""
    return remembered(("parts held", bodies), lambda: _parts_held(bodies)) if bodies else bodies


def _parts_held(bodies: frozenset[int]) -> frozenset[int]:
    holding = Q(responsibilities__body__in=bodies) | Q(version__plan__lead_body__in=bodies)
    rows = Element.objects.filter(holding, version__state=IN_FORCE, indicator__isnull=False)
    measured = rows.order_by().values_list(
        "indicator_id", "indicator__numerator_id", "indicator__denominator_id"
    )
    return frozenset(each for row in measured.distinct() for each in row if each is not None)


def target_for(indicator: Indicator, place: Place) -> Target | None:
    """The target of a version in force with the earliest deadline, or None."""
    return next(reversed(binding_targets([indicator], [place])), None)


def targets_in_force(*indicators: Indicator) -> QuerySet[Target]:
    """All targets of some indicators that bind now."""
    rows = Target.objects.filter(
        indicator__in=[each.pk for each in indicators], version__state=IN_FORCE
    )
    return rows.select_related("edition", "version__plan", "place")


_BINDING = """plans_target t
  JOIN plans_planversion v ON v.id = t.version_id
  JOIN plans_plan p ON p.id = v.plan_id
  JOIN plans_edition e ON e.id = t.edition_id
  JOIN places_place l ON l.id = t.place_id
 WHERE v.state = 'in_force' AND t.indicator_id = ANY(%s)"""

_AT_PLACES = " AND t.place_id = ANY(%s)"

_DUE_FIRST_LAST = " ORDER BY t.by DESC, t.version_id DESC, t.id DESC"


def binding_targets(
    indicators: Collection[Indicator], places: Collection[Place] | None = None
) -> list[Target]:
    """The targets of some indicators that bind now, of all places or of some; the one due first
    comes last, so that a dictionary made of them keeps it."""
    if not indicators or (places is not None and not places):
        return []
    asked: list[list[int]] = [[each.pk for each in indicators]]
    where = _BINDING
    if places is not None:
        asked.append([each.pk for each in places])
        where += _AT_PLACES
    rows = select(
        where + _DUE_FIRST_LAST, asked, t=Target, v=PlanVersion, p=Plan, e=Edition, l=Place
    )
    found = []
    for target, version, plan, edition, place in rows:
        version.plan, target.version = plan, version
        target.edition, target.place = edition, place
        found.append(target)
    return found


def bridges_of(indicator: Indicator) -> QuerySet[Bridge]:
    """The stated bridges between the editions of an indicator's figures."""
    return Bridge.objects.filter(indicator=indicator).select_related("origin", "onto", "place")


def responsibilities_of(element: Element) -> list[Responsibility]:
    """Who leads, coordinates and supports, as printed."""
    rows = Responsibility.objects.filter(element=element).select_related("body")
    return in_order(rows, "role", "position")


_WHOLE = """plans_indicator i
  JOIN places_scheme s ON s.id = i.scheme_id
  LEFT JOIN plans_indicator n ON n.id = i.numerator_id
  LEFT JOIN plans_indicator d ON d.id = i.denominator_id
  LEFT JOIN plans_indicator w ON w.id = i.weight_id
 WHERE i.id = ANY(%s)"""


def whole(indicators: Collection[int]) -> dict[int, Indicator]:
    """Indicators by their ids, each with its scheme, the parts of its ratio and its weight."""
    found = {}
    rows = select(
        _WHOLE, [list(indicators)], i=Indicator, s=Scheme, n=Indicator, d=Indicator, w=Indicator
    )
    for indicator, scheme, numerator, denominator, weight in rows:
        indicator.scheme, indicator.weight = scheme, weight
        indicator.numerator, indicator.denominator = numerator, denominator
        for part in (numerator, denominator, weight):
            if part is not None and part.scheme_id == scheme.pk:
                part.scheme = scheme
        found[indicator.pk] = indicator
    return found


def measured_by(version: PlanVersion) -> list[Indicator]:
    """The indicators of a version's elements, in reading order."""
    return measured_by_each([version])[version.pk]


def measured_by_each(versions: Sequence[PlanVersion]) -> dict[int, list[Indicator]]:
    """By version (its id), the indicators of its elements, in reading order. Two statements."""
    rows = Element.objects.filter(version__in=versions, indicator__isnull=False)
    named: dict[int, dict[int, None]] = {version.pk: {} for version in versions}
    for version, indicator in rows.values_list("version_id", "indicator_id"):
        if indicator is not None:
            named[version][indicator] = None
    found = whole({each for several in named.values() for each in several})
    return {key: [found[each] for each in several] for key, several in named.items()}


def strands_of(version: PlanVersion) -> list[tuple[Element, list[Indicator]]]:
    """Each strand of a version with the indicators that measure what stands under it."""
    rows = in_order(Element.objects.filter(version=version), "position")
    indicators = whole({row.indicator_id for row in rows if row.indicator_id})
    parents = {row.pk: row.parent_id for row in rows}
    found: dict[int, tuple[Element, list[Indicator]]] = {
        row.pk: (row, []) for row in rows if row.kind == Element.Kind.STRAND
    }
    for row in rows:
        here: int | None = row.pk
        while here is not None and here not in found:
            here = parents[here]
        if here is not None and row.indicator_id is not None:
            found[here][1].append(indicators[row.indicator_id])
    return list(found.values())


def versions_about(actor: Actor, place: int, day: date) -> list[PlanVersion]:
    """The versions in force that exist for the actor and bind at a place: its own and those of
    what it lies in on a day, from the top."""
    return in_order(_in_force(actor).filter(_binds_at(place, day)), *FROM_THE_TOP)


def versions_in_force(actor: Actor) -> list[PlanVersion]:
    """The versions in force from which an actor looks at figures: those that bind at the own
    place, then those of whole schemes. A local plan of elsewhere is found by its place."""
    place = standing_of(actor).place
    of_whole_schemes = Q(plan__place__tier__level=0)
    if place is None:
        return in_order(_in_force(actor).filter(of_whole_schemes), *FROM_THE_TOP)
    own = _binds_at(place, today())
    rows = _in_force(actor).filter(own | of_whole_schemes)
    elsewhere = Case(When(own, then=Value(0)), default=Value(1), output_field=IntegerField())
    return in_order(rows.annotate(elsewhere=elsewhere), "elsewhere", *FROM_THE_TOP)


def _in_force(actor: Actor) -> QuerySet[PlanVersion]:
    rows = versions_visible_to(actor).filter(state=IN_FORCE)
    return rows.select_related("plan__place__tier")


def _binds_at(place: int, day: date) -> Q:
    above = Closure.objects.filter(valid_on(day), descendant=place).values("ancestor")
    return Q(plan__place=place) | Q(plan__place__in=above)
