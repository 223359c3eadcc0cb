"""Who reports on time and who never does, by unit: a page, and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.permissions import signed_in
from throughline.figures.pages.answers import as_file
from throughline.files.writing import Table, Value
from throughline.kernel.actor import Actor
from throughline.places.models import Place
from throughline.places.queries import bearing_words
from throughline.plans.models import Plan
from throughline.plans.queries import plans_visible_to
from throughline.reporting.models import Cycle
from throughline.reporting.rules.punctuality import Punctuality
from throughline.reporting.tracking.punctuality import (
    LAST,
    MOST,
    Record,
    bodies_for,
    last_cycles,
    places_named,
    places_within,
    records_of,
    regions_of,
)
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
COUNTS = (4, LAST, 12, MOST)
SILENT, SOME = "silent", "never"
"""Which units are listed: those that gave nothing at all, those that left something out."""


@dataclass(frozen=True)
class UnitRecord:
    """A unit in the list."""

    place: Place
    body: Body | None
    found: Punctuality
    url: str

    @property
    def days(self) -> str:
        """The median distance to the close in words."""
        days = self.found.days
        if days is None:
            return ""
        whole = abs(round(days))
        if whole == 0:
            return _("on the day")
        if days < 0:
            return ngettext("%(days)s day before", "%(days)s days before", whole) % {"days": whole}
        return ngettext("%(days)s day after", "%(days)s days after", whole) % {"days": whole}

    @property
    def share(self) -> int | None:
        """Per cent that came in time."""
        share = self.found.share
        return None if share is None else round(share * 100)


@dataclass(frozen=True)
class _Asked:
    """What the address asks, and the records that answer it, in order."""

    cycles: list[Cycle]
    plan: Plan | None
    records: list[Record]
    every: int
    places: dict[int, Place]


def _asked(request: HttpRequest, actor: Actor) -> _Asked:
    plan = _plan(request, actor)
    cycles = last_cycles(actor, plan, _count(request))
    records = records_of(actor, cycles)
    every = len(records)
    words, tier = request.GET.get("words", "").strip()[:100], request.GET.get("tier", "")
    within, state = request.GET.get("within", ""), request.GET.get("state", "")
    if state == SILENT:
        records = [each for each in records if each.found.is_silent]
    elif state == SOME:
        records = [each for each in records if each.found.never]
    if words:
        there = set(bearing_words(words).values_list("pk", flat=True))
        records = [each for each in records if each.place in there]
    if within:
        inside = places_within(within)
        records = [each for each in records if each.place in inside]
    places = places_named(records)
    if tier:
        records = [each for each in records if places[each.place].tier.key == tier]
    return _Asked(
        cycles, plan, _sorted(records, places, request.GET.get("sort", "")), every, places
    )


def _plan(request: HttpRequest, actor: Actor) -> Plan | None:
    key = request.GET.get("plan", "")
    return plans_visible_to(actor).filter(key=key).first() if key else None


def _count(request: HttpRequest) -> int:
    text = request.GET.get("cycles", "")
    return int(text) if text in {str(each) for each in COUNTS} else LAST


def _sorted(records: Sequence[Record], places: dict[int, Place], sort: str) -> list[Record]:
    """By name; or by a number, in which a missing one stands last either way."""
    found = sorted(records, key=lambda each: (places[each.place].sort_key, each.place))
    key, downwards = sort.removeprefix("-"), sort.startswith("-")
    numbers = ("share", "on_time", "extended", "late", "never", "returned", "days")
    if key not in numbers:
        return found[::-1] if downwards else found
    given = [each for each in found if getattr(each.found, key) is not None]
    missing = [each for each in found if getattr(each.found, key) is None]
    given.sort(key=lambda each: float(getattr(each.found, key)), reverse=downwards)
    return given + missing


def _shown(records: Sequence[Record], places: dict[int, Place]) -> list[UnitRecord]:
    bodies = bodies_for(records)
    return [
        UnitRecord(
            places[each.place],
            bodies.get(each.place),
            each.found,
            reverse("place", args=[places[each.place].scheme.key, places[each.place].code]),
        )
        for each in records
    ]


@require_safe
def punctuality(request: HttpRequest) -> HttpResponse:
    """Units with what became of their reports over the last cycles."""
    actor = actor_of(request)
    signed_in(actor)
    asked, number = _asked(request, actor), page_of(request)
    page = asked.records[(number - 1) * PAGE : number * PAGE]
    total = len(asked.records)
    context = {
        "units": _shown(page, asked.places),
        "cycles": len(asked.cycles),
        "total": total,
        "every": asked.every,
        "silent": sum(1 for each in asked.records if each.found.is_silent),
        "filters": _filters(request, actor, asked),
        "export": "punctuality-export" if page else "",
        "narrowed": total != asked.every,
        "paging": Paging(number, PAGE, total),
        "trail": [Crumb(_("Reporting"), reverse("cycles")), Crumb(_("Who reports on time"))],
    }
    return render(request, "reporting/punctuality.html", context)


def _filters(request: HttpRequest, actor: Actor, asked: _Asked) -> list[Filter]:
    state, tier = request.GET.get("state", ""), request.GET.get("tier", "")
    tiers = {each.tier.key: each.tier for each in asked.places.values()}
    ordered = sorted(tiers.values(), key=lambda each: each.level)
    states = [("", _("all")), (SOME, _("left something out")), (SILENT, _("gave nothing at all"))]
    found = [_filter(request, _("Units"), "state", state, states)]
    if len(ordered) > 1 or tier:
        named = [("", _("all")), *((each.key, each.plural) for each in ordered)]
        found.append(_filter(request, _("Tier"), "tier", tier, named))
    within = regions_of(list(asked.places))
    if len(within) > 1 or request.GET.get("within"):
        named = [("", _("all")), *((each.code, each.name) for each in within)]
        found.append(_filter(request, _("Within"), "within", request.GET.get("within", ""), named))
    plans = plans_visible_to(actor).filter(forms__cycles__in=[c.pk for c in asked.cycles])
    named = [("", _("all")), *((each.key, each.title) for each in plans.distinct())]
    if len(named) > 2 or asked.plan is not None:
        chosen = asked.plan.key if asked.plan else ""
        found.append(_filter(request, _("Plan"), "plan", chosen, named))
    counts = [(str(each), _("the last %(count)s") % {"count": each}) for each in COUNTS]
    found.append(_filter(request, _("Cycles"), "cycles", str(_count(request)), counts))
    return found


def _filter(
    request: HttpRequest, label: str, name: str, current: str, choices: Sequence[tuple[str, str]]
) -> Filter:
    listed = [
        Choice(word, query_with(request.GET, **{name: key or None, "page": None}), key == current)
        for key, word in choices
    ]
    narrows = current and name != "cycles"
    return Filter(
        label, listed, query_with(request.GET, **{name: None, "page": None}) if narrows else ""
    )


@require_safe
def punctuality_export(request: HttpRequest, form: str) -> HttpResponse:
    """The whole list that the page shows, in its order."""
    actor = actor_of(request)
    signed_in(actor)
    asked = _asked(request, actor)
    columns = [
        _("Code"), _("Place"), _("Tier"), _("Body"), _("Cycles"), _("In time, %"), _("On time"),
        _("With more time"), _("Late"), _("Never"), _("Still has time"), _("Returned, times"),
        _("Days after the close, median"),
    ]  # fmt: skip
    lines: list[Sequence[Value]] = [
        [
            each.place.code, each.place.name, each.place.tier.name,
            each.body.name if each.body else "", each.found.over, each.share, each.found.on_time,
            each.found.extended, each.found.late, each.found.never, each.found.waiting,
            each.found.returned, None if each.found.days is None else round(each.found.days, 1),
        ]
        for each in _shown(asked.records, asked.places)
    ]  # fmt: skip
    notes = [
        _("Over these cycles: %(cycles)s")
        % {"cycles": "; ".join(each.title for each in asked.cycles) or "–"},
        _("Only units whose reports you see; a unit sees itself alone."),
    ]
    table = Table(_("Who reports on time"), columns, lines)
    return as_file([table], "punctuality", form, notes)
