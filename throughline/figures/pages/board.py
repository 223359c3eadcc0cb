"""The status board: where a plan stands, in ten seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
from throughline.figures.judging import Answer
from throughline.figures.pages.asking import kept_of, known_of
from throughline.figures.queries import answers_at, places_below
from throughline.figures.surveying import survey
from throughline.kernel.actor import Actor
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.places.queries import tiers_below
from throughline.plans.models import Element, Indicator, PlanVersion
from throughline.plans.queries import plan_in_force, strands_of, versions_in_force
from throughline.ui.links import query_with
from throughline.ui.shapes import Choice, Filter, Shade, Tile, TileMap

GOOD = ("achieved", "ahead", "on_track")
WATCHED = ("at_risk", "off_track")
MOST_PRESSING = (*reversed(WATCHED), "on_track", "not_started", "ahead", "achieved", "no_data")
JUDGED_SHARE = 0.5
"""The share of the tiles that must have a status for the map to show statuses."""


@dataclass(frozen=True)
class Strand:
    """A strand of the plan with how many of its indicators have each status."""

    element: Element
    url: str
    counts: Mapping[str, int]

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def watched(self) -> int:
        return sum(self.counts.get(status, 0) for status in WATCHED)


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
    named = (each for each in versions if each.plan.key == key or not key)
    version = next(named, None) or plan_in_force(actor, key)
    strands = strands_of(version)
    lines = _lines(actor, version, strands, known)
    ordered = sorted(
        lines.values(), key=lambda line: (MOST_PRESSING.index(line.status), line.indicator.title)
    )
    mapped, drawn = _drawn(actor, version, request.GET.get("map", ""), ordered, known)
    counted = [_strand(version, element, measured, lines) for element, measured in strands]
    counts = Counter(line.status for line in ordered)
    context = {
        "version": version,
        "plans": _plan_filter(versions, version),
        "headline": _headline(counts),
        "strands": counted,
        "counts": dict(counts),
        "total": Strand(Element(), "", dict(counts)),
        "lines": ordered,
        "map": drawn,
        "mapped": mapped,
        "map_choices": _map_filter(request, ordered, mapped),
        "below": next(iter(tiers_below(version.plan.place)), None),
        "known": known,
        "kept": kept_of(request),
    }
    return render(request, "figures/status.html", context)


def _lines(
    actor: Actor,
    version: PlanVersion,
    strands: Sequence[tuple[Element, Sequence[Indicator]]],
    known: Known,
) -> dict[int, viewing.Line]:
    """The plan's indicators at its own place, each once."""
    measured = {each.pk: each for _strand, several in strands for each in several}
    found = survey(actor, list(measured.values()), version.plan.place, known=known)
    return {key: viewing.line_of(stand, version.plan.place, known) for key, stand in found.items()}


def _strand(
    version: PlanVersion,
    element: Element,
    measured: Sequence[Indicator],
    lines: Mapping[int, viewing.Line],
) -> Strand:
    counts = Counter(lines[each.pk].status for each in measured if each.pk in lines)
    return Strand(element, reverse("element", args=[version.plan.key, element.key]), counts)


def _headline(counts: Mapping[str, int]) -> str:
    """What the statuses come to: how many are well, how many need watching, how many cannot
    be judged."""
    total = sum(counts.values())
    silent = counts.get("no_data", 0)
    if silent == total:
        return _("None of the plan's indicators can be judged yet")
    good = sum(counts.get(status, 0) for status in GOOD)
    watched = sum(counts.get(status, 0) for status in WATCHED)
    said = ngettext(
        "%(good)s of %(total)s indicator is on track or better",
        "%(good)s of %(total)s indicators are on track or better",
        total,
    ) % {"good": good, "total": total}
    if watched:
        said += _("; ") + ngettext(
            "%(count)s needs watching", "%(count)s need watching", watched
        ) % {"count": watched}
    if silent:
        said += _("; ") + ngettext(
            "%(count)s cannot be judged yet", "%(count)s cannot be judged yet", silent
        ) % {"count": silent}
    return said


def _plan_filter(versions: Sequence[PlanVersion], chosen: PlanVersion) -> Filter:
    return Filter(
        _("Plan"),
        [
            Choice(each.plan.title, f"?plan={each.plan.key}", each.pk == chosen.pk)
            for each in versions
        ],
    )


def _drawn(
    actor: Actor,
    version: PlanVersion,
    asked: str,
    lines: Sequence[viewing.Line],
    known: Known,
) -> tuple[viewing.Line | None, TileMap | None]:
    """The indicator on the map, and the map: the one asked for, else the first of which the
    actor sees more than one place. A map of one tile says nothing."""
    there = [line for line in lines if line.found is not None]
    named = [line for line in there if line.indicator.key == asked]
    below = [line for line in there if line.found and line.found.figure.expected > 1]
    for line in named or below:
        day = _last_reported(line).period.end
        seen = places_below(actor, line.indicator, version.plan.place, day, known=known)
        tiles = [each for each in seen if each.column is not None]
        if len(tiles) > (0 if named else 1):
            return line, _map(line, tiles, known)
    return None, None


def _map_filter(
    request: HttpRequest, lines: Sequence[viewing.Line], mapped: viewing.Line | None
) -> Filter:
    return Filter(
        _("Map"),
        [
            Choice(
                line.indicator.title,
                query_with(request.GET, map=line.indicator.key),
                line is mapped,
            )
            for line in lines
            if line.found is not None
        ],
    )


def _map(mapped: viewing.Line, places: Sequence[Place], known: Known) -> TileMap:
    """Places, one tile each: by status where most have a target of their own, else in four
    shades of their values."""
    shown = _last_reported(mapped)
    below = answers_at(mapped.indicator, places, shown.period, edition=shown.edition, known=known)
    judged = [each for each in below if each.status != rules.Status.NO_DATA]
    by_status = len(judged) >= JUDGED_SHARE * len(below)
    shades, legend = _statuses(below) if by_status else _quarters(below)
    return TileMap(
        title=viewing.together(mapped.indicator.title, shown.period),
        tiles=[_tile(each, shades[each.place.pk], known) for each in below],
        legend=legend,
        note=_("One tile each, placed by neighbourhood, not by area. A tile opens the place."),
    )


def _last_reported(mapped: viewing.Line) -> Answer:
    """The last answer for which most units below have reported: a year in which only some
    have would be a map of silence."""
    for each in reversed(mapped.history):
        if each.figure.reported * 2 > each.figure.expected:
            return each
    return mapped.history[-1]


def _tile(found: Answer, shade: str, known: Known) -> Tile:
    indicator, value = found.indicator, found.figure.value
    return Tile(
        column=found.place.column or 0,
        row=found.place.row or 0,
        label=found.place.name,
        value="–" if value is None else viewing.compact(value, indicator),
        shade=shade,
        url=viewing.place_url(found.place, known),
        short=viewing.abbreviated(found.place),
        title=f"{found.place.name}: {viewing.written(value, indicator)}",
    )


def _statuses(below: Sequence[Answer]) -> tuple[dict[int, str], list[Shade]]:
    shades = {each.place.pk: str(each.status) for each in below}
    there = set(shades.values())
    legend = [
        Shade(str(each), viewing.status_word(str(each)))
        for each in rules.Status
        if str(each) in there
    ]
    return shades, legend


def _quarters(below: Sequence[Answer]) -> tuple[dict[int, str], list[Shade]]:
    values = {each.place.pk: each.figure.value for each in below if each.figure.value is not None}
    quarters = viewing.quantile_shades(values)
    indicator = below[0].indicator
    legend = []
    for shade in sorted(set(quarters.values())):
        inside = [values[place] for place, each in quarters.items() if each == shade]
        low, high = (viewing.compact(edge, indicator) for edge in (min(inside), max(inside)))
        legend.append(Shade(shade, low if low == high else f"{low}–{high}"))
    if len(values) < len(below):
        # Translators: 未报
        legend.append(Shade("none", _("no figure")))
    return {each.place.pk: quarters.get(each.place.pk, "none") for each in below}, legend
