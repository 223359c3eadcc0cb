"""Places: searching and browsing them, and one place with where it stands."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures import viewing
from throughline.figures.answering import target_text
from throughline.figures.pages.asking import known_of, page_of
from throughline.figures.queries import latest_answer, places_with_figures
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.kernel.queries import Known
from throughline.places.models import Place, Scheme
from throughline.places.queries import (
    ancestors,
    children,
    groups_of,
    place_ever,
    root,
    scheme_by_key,
    schemes,
    search_places,
    successions_of,
)
from throughline.plans.queries import measures_of
from throughline.ui.shapes import Crumb, Paging

PAGE = 50


def _day(request: HttpRequest) -> date:
    text = request.GET.get("on", "")
    if not text:
        return clock.now().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("Write the day as 2020-11-01.")) from error


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Find a place by name, pinyin or code, or go down from the top."""
    signed_in(actor_of(request))
    day, words = _day(request), request.GET.get("words", "").strip()
    context: dict[str, object] = {"words": words, "on": request.GET.get("on", ""), "day": day}
    if words:
        found = search_places(None, words, day).select_related("scheme", "tier")
        number = page_of(request)
        context["found"] = [_line(place) for place in found[(number - 1) * PAGE : number * PAGE]]
        context["paging"] = Paging(number, PAGE, found.count())
    else:
        context["tops"] = [_top(scheme, day) for scheme in schemes()]
    return render(request, "figures/places.html", context)


def _line(place: Place) -> dict[str, object]:
    return {"place": place, "url": viewing.place_url(place)}


def _top(scheme: Scheme, day: date) -> dict[str, object]:
    top = root(scheme, day)
    return {
        "place": top,
        "url": viewing.place_url(top),
        "below": [_line(place) for place in children(top, day)],
    }


@require_safe
def place(request: HttpRequest, scheme: str, code: str) -> HttpResponse:
    """A place: its cascade, its indicators, what lies in it, what became of it."""
    actor = actor_of(request)
    signed_in(actor)
    day, known = _day(request), known_of(request)
    found = place_ever(scheme_by_key(scheme), code, day)
    exists = found.valid_from <= day and (found.valid_to is None or day < found.valid_to)
    # A place that has ended is shown as it stood on its last day.
    if not exists:
        day = found.valid_from if day < found.valid_from else (found.valid_to or day)
        day = day if day == found.valid_from else date.fromordinal(day.toordinal() - 1)
    context = {
        "place": found,
        "exists": exists,
        "day": day,
        "on": request.GET.get("on", ""),
        "trail": _trail(found, day),
        "plans": _plans(actor, found, known),
        "below": [_line(each) for each in children(found, day)],
        "groups": groups_of(found, day),
        "successions": successions_of(found),
        "names": [each.name for each in found.other_names.all()],
        "known": known,
    }
    return render(request, "figures/place.html", context)


def _trail(found: Place, day: date) -> list[Crumb]:
    above = ancestors(found, day)[:-1]
    crumbs = [Crumb(_("Places"), reverse("places"))]
    crumbs += [Crumb(each.name, viewing.place_url(each)) for each in above]
    return [*crumbs, Crumb(found.name)]


def _plans(actor: Actor, found: Place, known: Known) -> list[dict[str, object]]:
    """Where the indicators of every plan of the place's scheme stand here."""
    groups = []
    for version, measured in measures_of(actor):
        if version.plan.scheme_id != found.scheme_id:
            continue
        lines = []
        for indicator in measured:
            if not places_with_figures(actor, indicator).filter(pk=found.pk).exists():
                continue
            answer = latest_answer(actor, indicator, found, known=known)
            if answer is None:
                continue
            lines.append(
                {
                    "indicator": indicator,
                    "url": viewing.indicator_url(indicator, unit=found.code),
                    "figure_url": viewing.figure_url(indicator, found, answer.period, known),
                    "value": viewing.written(answer.figure.value, indicator),
                    "check": viewing.written(answer.figure.check, indicator)
                    if answer.figure.check is not None
                    else "",
                    "period": answer.period,
                    "status": str(answer.status),
                    "bar": viewing.bar_of(answer),
                    "target": target_text(answer.target, indicator),
                    "completeness": viewing.completeness_of(answer.figure),
                    "simulated": answer.figure.simulated,
                }
            )
        groups.append({"plan": version.plan, "lines": lines})
    return groups
