"""The status board: where a plan stands, in ten seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures import rules, viewing
from throughline.figures.answering import target_text
from throughline.figures.pages.asking import SPARK, known_of
from throughline.figures.queries import (
    Answer,
    answers,
    children_answers,
    latest_answer,
    periods_of,
)
from throughline.kernel.actor import Actor
from throughline.kernel.queries import Known
from throughline.plans.models import Indicator, PlanVersion
from throughline.plans.queries import (
    measured_by,
    plan_in_force,
    strands_of,
    target_for,
    versions_in_force,
)
from throughline.ui.shapes import Bar, Choice, Filter, Shade, Sparkline, Tile, TileMap


@dataclass(frozen=True)
class Line:
    """An indicator on the board; `found` is None where nothing is known of it."""

    indicator: Indicator
    found: Answer | None
    url: str
    figure_url: str
    value: str
    target: str
    bar: Bar
    line: Sparkline

    @property
    def status(self) -> str:
        return str(self.found.status if self.found else rules.Status.NO_DATA)

    @property
    def simulated(self) -> bool:
        return bool(self.found and self.found.figure.simulated)


def _line(actor: Actor, version: PlanVersion, indicator: Indicator, known: Known) -> Line:
    place = version.plan.place
    found = latest_answer(actor, indicator, place, known=known)
    target = target_for(indicator, place)
    values: list[float | None] = []
    if found is not None:
        recent = [each for each in periods_of(indicator) if each <= found.period][-SPARK:]
        history = answers(actor, indicator, place, recent, edition=found.edition, known=known)
        values = [each.figure.value for each in history]
    return Line(
        indicator,
        found,
        viewing.indicator_url(indicator),
        viewing.figure_url(indicator, place, found.period, known) if found else "",
        viewing.written(found.figure.value if found else None, indicator),
        target_text(target, indicator),
        viewing.bar_of(found) if found else Bar(None),
        Sparkline(
            values, target.value if target else None, str(found.status) if found else "no_data"
        ),
    )


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """How many indicators stand where, by strand; each with its way to the target; the map."""
    actor = actor_of(request)
    signed_in(actor)
    known = known_of(request)
    versions = versions_in_force(actor)
    key = request.GET.get("plan", "")
    if not key and not versions:
        return render(request, "figures/status.html", {"plans": None})
    version = plan_in_force(actor, key or versions[0].plan.key)
    lines = {each.pk: _line(actor, version, each, known) for each in measured_by(version)}
    strands = [
        {
            "element": element,
            "url": reverse("element", args=[version.plan.key, element.key]),
            "counts": dict(Counter(lines[each.pk].status for each in measured)),
            "count": len(measured),
        }
        for element, measured in strands_of(version)
    ]
    ordered = sorted(lines.values(), key=_urgency)
    mapped = _mapped(request, ordered)
    context = {
        "version": version,
        "plans": _plan_filter(versions, version),
        "headline": _headline(list(lines.values())),
        "strands": strands,
        "counts": dict(Counter(line.status for line in lines.values())),
        "lines": ordered,
        "map": _map(actor, version, mapped, known) if mapped else None,
        "mapped": mapped,
        "map_choices": _map_filter(request, ordered, mapped),
        "known": known,
    }
    return render(request, "figures/status.html", context)


def _urgency(line: Line) -> tuple[int, str]:
    order = ["off_track", "at_risk", "on_track", "not_started", "ahead", "achieved", "no_data"]
    return order.index(line.status), line.indicator.title


def _headline(lines: Sequence[Line]) -> str:
    counts = Counter(line.status for line in lines)
    known = len(lines) - counts["no_data"]
    watching = counts["off_track"] + counts["at_risk"]
    if not known:
        return _("No figure is known yet for any of the plan's indicators")
    good = counts["on_track"] + counts["ahead"] + counts["achieved"]
    said = ngettext(
        "%(good)s of %(known)s indicator with figures is on track or better",
        "%(good)s of %(known)s indicators with figures are on track or better",
        known,
    ) % {"good": good, "known": known}
    if watching:
        said += "; " + ngettext("%(count)s needs watching", "%(count)s need watching", watching) % {
            "count": watching
        }
    return said


def _plan_filter(versions: Sequence[PlanVersion], chosen: PlanVersion) -> Filter:
    return Filter(
        _("Plan"),
        [
            Choice(each.plan.title, f"?plan={each.plan.key}", each.pk == chosen.pk)
            for each in versions
        ],
    )


def _mapped(request: HttpRequest, lines: Sequence[Line]) -> Line | None:
    """The indicator on the map: the one asked for, else the first with figures below."""
    asked = request.GET.get("map", "")
    with_figures = [line for line in lines if line.found is not None]
    named = [line for line in with_figures if line.indicator.key == asked]
    below = [line for line in with_figures if line.found and line.found.figure.expected > 1]
    return (named or below or [None])[0]


def _map_filter(request: HttpRequest, lines: Sequence[Line], mapped: Line | None) -> Filter:
    query = request.GET.copy()
    choices = []
    for line in lines:
        if line.found is None:
            continue
        query["map"] = line.indicator.key
        choices.append(Choice(line.indicator.title, f"?{query.urlencode()}", line is mapped))
    return Filter(_("Map"), choices)


def _map(actor: Actor, version: PlanVersion, mapped: Line, known: Known) -> TileMap | None:
    """The places directly below, one tile each, in four shades of their values."""
    indicator, top = mapped.indicator, mapped.found
    if top is None:
        return None
    period = _mapped_period(actor, mapped, known)
    below = [
        row[0]
        for row in children_answers(
            actor, indicator, version.plan.place, [period.period], edition=period.edition,
            known=known,
        )
        if row[0].place.column is not None
    ]  # fmt: skip
    values = {each.place.pk: each.figure.value for each in below if each.figure.value is not None}
    shades = viewing.quantile_shades(values)
    tiles = [
        Tile(
            column=each.place.column or 0,
            row=each.place.row or 0,
            label=each.place.name,
            value=viewing.written(each.figure.value, indicator, unit=False)
            if each.figure.value is not None
            else "–",
            shade=shades.get(each.place.pk, "none"),
            url=viewing.place_url(each.place),
            short=each.place.code[:2],
            title=f"{each.place.name}: {viewing.written(each.figure.value, indicator)}",
        )
        for each in below
    ]
    if not tiles:
        return None
    return TileMap(
        title=f"{indicator.title}, {period.period}",
        tiles=tiles,
        legend=_legend(values, shades, indicator),
        note=_("One tile each, placed by neighbourhood, not by area. A tile opens the place."),
    )


def _mapped_period(actor: Actor, mapped: Line, known: Known) -> Answer:
    """The last period in which most places below have figures: a year for which only some
    have reported would be a map of silence."""
    top = mapped.found
    if top is None:
        raise ValueError("an indicator without figures is not mapped")
    best = top
    for period in reversed(periods_of(mapped.indicator)):
        rows = answers(
            actor, mapped.indicator, top.place, [period], edition=top.edition, known=known
        )
        if rows[0].figure.reported * 2 > rows[0].figure.expected:
            return rows[0]
    return best


def _legend(values: dict[int, float], shades: dict[int, str], indicator: Indicator) -> list[Shade]:
    lines = []
    for shade in ("0", "1", "2", "3"):
        inside = [values[place] for place, each in shades.items() if each == shade]
        if inside:
            low, high = (
                viewing.written(edge, indicator, unit=False) for edge in (min(inside), max(inside))
            )
            lines.append(Shade(shade, f"{low} – {high}"))
    if len(values) < len(shades) or not values:
        lines.append(Shade("none", _("no figure")))
    return lines
