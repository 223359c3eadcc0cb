"""What is asked of a unit in a year: by tier, of one unit, and before a cycle is opened."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.kernel import clock
from throughline.kernel.errors import Invalid, NotFound
from throughline.kernel.period import Period
from throughline.kernel.text import is_storable
from throughline.places.models import Scheme, Tier
from throughline.places.queries import place_by_code
from throughline.reporting.pages.cycles import forms_to_open
from throughline.reporting.rules.burden import Burden
from throughline.reporting.weighing import Weighed, tiers_asked, weigh, weigh_asking
from throughline.ui.shapes import Choice, Crumb, Filter
from throughline.ui.writing import is_chinese, number


def _trail(*more: Crumb) -> list[Crumb]:
    return [
        Crumb(_("Reporting"), reverse("cycles")),
        Crumb(_("What is asked of a unit in a year"), reverse("burden") if more else ""),
        *more,
    ]


@require_safe
def tiers(request: HttpRequest) -> HttpResponse:
    """The tiers of which something is asked, with how much."""
    actor = actor_of(request)
    signed_in(actor)
    context = {"tiers": tiers_asked(actor), "trail": _trail()}
    return render(request, "reporting/burden_tiers.html", context)


@require_safe
def of_tier(request: HttpRequest, scheme: str, tier: str) -> HttpResponse:
    """What is asked of each unit of a tier."""
    actor = actor_of(request)
    signed_in(actor)
    found = Tier.objects.filter(scheme__key=scheme, key=tier).select_related("scheme").first()
    if found is None:
        raise NotFound(_("There is no such tier."))
    return _page(request, weigh(actor, found, year=_year(request)))


@require_safe
def of_unit(request: HttpRequest, scheme: str, code: str) -> HttpResponse:
    """What is asked of one unit."""
    actor = actor_of(request)
    signed_in(actor)
    known = Scheme.objects.filter(key=scheme).first()
    if known is None or not is_storable(code):
        raise NotFound(_("There is no such place."))
    place = place_by_code(known, code, clock.now().date())
    return _page(request, weigh(actor, place.tier, place=place, year=_year(request)))


def _year(request: HttpRequest) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if len(text) == len("2025") and text.isascii() and text.isdigit() else None


def _page(request: HttpRequest, weighed: Weighed) -> HttpResponse:
    whose = weighed.place.name if weighed.place else weighed.tier.name
    title = _("What is asked in a year: %(whose)s") % {"whose": whose}
    years = [Choice(str(year), f"?year={year}", year == weighed.year) for year in weighed.years]
    context = {
        "weighed": weighed,
        "title": title,
        "lead": together(sentences_of(weighed.burden)),
        "lowest": any(each.form.tier_id != weighed.tier.pk for each in weighed.forms),
        "years": Filter(_("Year"), years, ""),
        "trail": _trail(Crumb(whose)),
    }
    return render(request, "reporting/burden.html", context)


def sentences_of(burden: Burden) -> list[str]:
    """A burden in words."""
    if not burden.forms:
        return []
    asked = _in(burden.figures, burden.reports)
    by_whom = _(
        "Bodies that ask: %(bodies)s; forms: %(forms)s; plans: %(plans)s; documents: %(documents)s."
    ) % {
        "bodies": burden.bodies,
        "forms": burden.forms,
        "plans": burden.plans,
        "documents": burden.documents,
    }
    if not burden.spared:
        return [asked, by_whom]
    spared = _("If each form were filled in by itself: %(asked)s") % {
        "asked": _in(burden.apart, burden.reports_apart)
    }
    return [asked, by_whom, spared]


def together(sentences: Sequence[str]) -> str:
    """Sentences after each other: in Chinese without a space between them."""
    return ("" if is_chinese(get_language() or "en") else " ").join(sentences)


def _in(figures: int, reports: int) -> str:
    return _("%(figures)s a year, in %(reports)s.") % {
        "figures": ngettext("%(n)s figure", "%(n)s figures", figures) % {"n": number(figures)},
        "reports": ngettext("%(n)s report", "%(n)s reports", reports) % {"n": number(reports)},
    }


@require_safe
def of_opening(request: HttpRequest) -> HttpResponse:
    """What the forms ticked on the page where a cycle is opened would ask, beside what is asked
    already. Fetched by that page whenever a tick changes."""
    actor = actor_of(request)
    signed_in(actor)
    wanted = set(request.GET.getlist("forms"))
    chosen = [form for form in forms_to_open(actor) if form.key in wanted]
    try:
        period = Period.parse(request.GET.get("period", "").strip())
    except Invalid:
        period = None
    found = weigh_asking(actor, chosen, period)
    context = {"askings": [(each.tier, together(each.sentences)) for each in found]}
    return render(request, "reporting/open_burden.html", context)
