"""What an action on figures asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.bodies.permissions import require_in_a_post
from throughline.bodies.queries import acting_for, places_below, standing_of
from throughline.bodies.rules import Duty, Scope, Standing
from throughline.figures.models import Series
from throughline.figures.queries import sees_figures
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, NotFound
from throughline.kernel.memory import remembered
from throughline.places.models import Place
from throughline.plans.models import Element, Indicator, Plan, Responsibility
from throughline.plans.queries import IN_FORCE, parts_in


def require_recording(actor: Actor, series: Series, place: Place) -> None:
    """Raise unless the actor may record figures of a series for a place.

    Official statistics and compiled tables are their producer's alone; department figures
    are reported by the place itself or by one above it.
    """
    standing = standing_of(actor)
    if standing.is_installation:
        return
    if not sees_figures(actor, series.indicator, place):
        raise NotFound(_("There are no figures of this indicator for this place."))
    if standing.body == series.producer_id and standing.has(Duty.REPORT, Scope.FIGURES_WRITE):
        return
    if series.nature != Series.Nature.DEPARTMENT:
        raise Forbidden(
            _("Only its producer records this figure. To question it, ask the producer."),
            rule="figures.producer-only",
            lifted_by=series.producer.name,
        )
    if not standing.has(Duty.REPORT, Scope.FIGURES_WRITE):
        raise Forbidden(_("Your post does not report figures."), rule="figures.report-duty")
    if place.pk == standing.place:
        return
    below = Place.objects.filter(places_below("pk", actor), pk=place.pk).exists()
    # A department answers for places below only in what the plan gives it a part in.
    is_line = standing.governs or _has_part(series, standing.body)
    if not below or not is_line:
        raise Forbidden(
            _("Figures of a place are recorded by the place itself or by one above it."),
            rule="figures.own-subtree",
        )


def require_loading(actor: Actor, series: Series) -> None:
    """Raise unless the actor may load a file into a series: its producer, or whoever
    manages the plan for the lead agency."""
    standing = standing_of(actor)
    if standing.is_installation:
        return
    if not standing.allows(Scope.FIGURES_WRITE):
        raise Forbidden(_("This token may not write figures."), rule="token.scope")
    is_producer = standing.body == series.producer_id and Duty.REPORT in standing.duties
    manages = Duty.MANAGE_PLAN in standing.duties
    if not is_producer and not (manages and _has_part(series, standing.body)):
        raise Forbidden(
            _("Files are loaded into “%(series)s” by its producer or by the plan's lead agency.")
            % {"series": series.title},
            rule="figures.load",
            lifted_by=series.producer.name,
        )


def require_loading_under(actor: Actor, keys: Collection[str]) -> None:
    """Raise unless the actor may load a file into the series of a mapping. Where the mapping
    names none, because each row of the file does, it must be somebody who may load at all."""
    if keys:
        for each in Series.objects.filter(key__in=keys).select_related("indicator", "producer"):
            require_loading(actor, each)
        return
    standing = standing_of(actor)
    if standing.is_installation:
        return
    loads = Duty.REPORT in standing.duties or Duty.MANAGE_PLAN in standing.duties
    if not (loads and standing.allows(Scope.FIGURES_WRITE)):
        raise Forbidden(_("Your post does not load files of figures."), rule="figures.load")


def _has_part(series: Series, body: int | None) -> bool:
    return body is not None and series.indicator_id in parts_in(body)


JUDGING = frozenset({Duty.REPORT, Duty.REVIEW, Duty.SIGN, Duty.DECIDE, Duty.COORDINATE})
LEADING = (Responsibility.Role.LEAD, Responsibility.Role.COORDINATING)


def require_judging(actor: Actor, plan: Plan, indicator: Indicator, place: Place) -> Standing:
    """Raise unless the actor judges how sure a target of a plan is at a place: in a body that
    answers for it there."""
    standing = require_in_a_post(
        actor,
        Scope.FIGURES_WRITE,
        token=_("This token may not write figures."),
        post=_("This is done in a post that works on plans."),
        rule="figures.in-a-post",
    )
    if not sees_figures(actor, indicator, place) and not standing.is_installation:
        raise NotFound(_("There are no figures of this indicator for this place."))
    if standing.is_installation or judges(standing, plan, indicator, place):
        return standing
    raise Forbidden(
        _("How sure a target is, is judged by the body that answers for it at %(place)s.")
        % {"place": place.name},
        rule="figures.judge",
        lifted_by=plan.lead_body.name if place.pk == plan.place_id else place.name,
    )


def judges(standing: Standing, plan: Plan, indicator: Indicator, place: Place) -> bool:
    """Whether a standing answers for a target of a plan at a place. At the plan's own place its
    lead body does, and the bodies that lead an element which the indicator measures; below it
    the government of the place, and who leads such an element, or the plan, of the place."""
    if standing.body is None or not standing.sees_content or not standing.duties & JUDGING:
        return False
    mine = acting_for(standing.body)
    if place.pk != plan.place_id and standing.place == place.pk and standing.governs:
        return True
    measured = Element.objects.filter(
        indicator=indicator, version__state=IN_FORCE, version__plan__place=place
    )
    if place.pk == plan.place_id:
        measured = measured.filter(version__plan=plan)
        if plan.lead_body_id in mine:
            return True
    led = Q(responsibilities__body__in=mine, responsibilities__role__in=LEADING)
    return measured.filter(led | Q(version__plan__lead_body__in=mine)).exists()


def may_order(actor: Actor, place: Place) -> bool:
    """Whether the actor may put what lies in a place in the order of its figures: who sits there
    or above it. To the others the places stand by name: nobody is ranked outside the line that
    supervises it."""
    standing = standing_of(actor)
    if standing.is_installation or (standing.sees_content and standing.place == place.pk):
        return True
    below = Place.objects.filter(places_below("pk", actor), pk=place.pk)
    return remembered(("orders", actor.capacity, place.pk), below.exists)
