"""Places: searching and browsing them, and one place with where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures import rules, telling, viewing
from throughline.figures.judging import Answer, Bridges, judged
from throughline.figures.marking import marks_at
from throughline.figures.pages.asking import known_of
from throughline.figures.peering import Peers, peers_in
from throughline.figures.permissions import may_order
from throughline.figures.queries import (
    groupings_of,
    open_indicators,
    seen_among,
    targets_among,
)
from throughline.figures.rollup import Table, Wanted, tables
from throughline.figures.subjects import place_subject
from throughline.figures.surveying import Stand, survey
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period
from throughline.kernel.queries import Known
from throughline.kernel.selecting import in_order
from throughline.places.models import Group, Grouping, Place, Scheme
from throughline.places.queries import (
    ancestors,
    children,
    groups_of,
    known_places,
    place_ever,
    root,
    scheme_by_key,
    schemes,
    search_places,
    successions_of,
)
from throughline.plans.models import Indicator, Plan, PlanVersion
from throughline.plans.queries import (
    indicators_visible_to,
    measured_by_each,
    versions_about,
    whole,
)
from throughline.subjects.viewing import panel
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Crumb, Fact, Filter, Paging
from throughline.ui.writing import day

PAGE = 50
COMPARED = 3
"""How many indicators the table of the places below shows."""


def _asked_day(request: HttpRequest) -> date:
    text = request.GET.get("on", "").strip()
    if not text:
        return clock.now().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("Write the day as 2020-11-01.")) from error


# -- finding a place -----------------------------------------------------------------------


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Find a place by name, pinyin or code, or go down from the top."""
    signed_in(actor_of(request))
    on, words = _asked_day(request), request.GET.get("words", "").strip()[:100]
    context: dict[str, object] = {"words": words, "on": request.GET.get("on", ""), "day": on}
    if words:
        found = search_places(None, words, on).select_related("scheme", "tier")
        number = page_of(request)
        context["found"] = [_linked(each, on) for each in found[(number - 1) * PAGE :][:PAGE]]
        context["paging"] = Paging(number, PAGE, found.count())
    else:
        context["tops"] = [_top(scheme, on) for scheme in schemes()]
    return render(request, "figures/places.html", context)


def _linked(place: Place, on: date) -> dict[str, object]:
    """A place with the way to its page; on another day than today it is asked for that day."""
    url = viewing.place_url(place)
    return {"place": place, "url": url if on == clock.now().date() else f"{url}?on={on}"}


def _top(scheme: Scheme, on: date) -> dict[str, object]:
    top = root(scheme, on)
    return {**_linked(top, on), "below": [_linked(each, on) for each in children(top, on)]}


# -- one place -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """An indicator's figure of a place below."""

    text: str
    url: str
    status: str
    value: float | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Below:
    """A place directly below, with the figures of the indicators that head the columns."""

    place: Place
    url: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class PlanLines:
    """The indicators of a plan that have a figure at a place, and how many have none."""

    plan: Plan
    lines: Sequence[viewing.Line]
    silent: int


@dataclass(frozen=True)
class Similar:
    """How a place compares with similar ones in one indicator."""

    title: str
    url: str
    value: str
    figure_url: str
    period: str
    median: str
    middle: str
    position: str
    chosen: str


@dataclass(frozen=True)
class Measured:
    """A place on a day with what is measured there: by plan, and of what lies in it. `heads`
    are the indicators of the columns of the places below and of the comparison with peers,
    `read` their tables, `open_to` those of them that the actor sees everywhere; `computed` are
    the indicators by which classes are computed, and `here` says where everything stands.
    `orders`: whether the actor may put the places below in the order of their figures."""

    actor: Actor
    place: Place
    asked: date
    day: date
    known: Known
    until: Period | None
    plans: Sequence[PlanLines]
    stands: Sequence[Stand]
    computed: Sequence[Indicator]
    here: Mapping[int, Stand]
    heads: Sequence[Answer]
    read: Sequence[Table]
    open_to: set[int]
    below: Sequence[Below]
    orders: bool


def measured(request: HttpRequest, scheme: str, code: str) -> Measured:
    """What the address asks: the place, the day, the state of knowledge, the order."""
    actor = actor_of(request)
    signed_in(actor)
    asked, known = _asked_day(request), known_of(request)
    found = place_ever(scheme_by_key(scheme), code, asked)
    on = _day_of_life(found, asked)
    code_of_period = request.GET.get("period", "")
    until = Period.parse(code_of_period) if code_of_period else None
    versions = versions_about(actor, found.pk, on)
    by_version = measured_by_each(versions)
    computed = _computed(actor, found)
    every = {each.pk: each for several in (*by_version.values(), computed) for each in several}
    here = survey(actor, list(every.values()), found, known=known, until=until)
    groups, stands = _plans(versions, by_version, here, found, known)
    sort = request.GET.get("sort", "")
    # What only the place itself has would head a column of silence: it comes last.
    there = [stand.latest for stand in stands if stand.latest is not None]
    heads = sorted(there, key=lambda each: not each.figure.reported)[:COMPARED]
    wanted = [Wanted(each.indicator, each.edition, each.period) for each in heads]
    tables_read = tables(wanted, known)
    read = [tables_read[each] for each in wanted]
    open_to = open_indicators(actor, [each.indicator for each in heads])
    below = _below(actor, found, on, read, known)
    orders = bool(below) and may_order(actor, found)
    return Measured(
        actor=actor,
        place=found,
        asked=asked,
        day=on,
        known=known,
        until=until,
        plans=[
            PlanLines(each.plan, viewing.sort_lines(each.lines, sort), each.silent)
            for each in groups
        ],
        stands=stands,
        computed=computed,
        here=here,
        heads=heads,
        read=read,
        open_to=open_to,
        below=_sorted_below(below, request.GET.get("order", "name"), by_figures=orders),
        orders=orders,
    )


@require_safe
def place(request: HttpRequest, scheme: str, code: str) -> HttpResponse:
    """A place: its cascade, its indicators, what lies in it, what became of it."""
    seen = measured(request, scheme, code)
    found, on = seen.place, seen.day
    context = {
        "place": found,
        "beside": panel(seen.actor, place_subject(found)),
        "asked": seen.asked,
        "exists": on == seen.asked,
        "day": on,
        "trail": _trail(found, on),
        "plans": _marked(seen),
        "heads": seen.heads,
        "below": seen.below,
        "orders": seen.orders,
        "similar": _similar(seen),
        "groups": [*_groups(found, on), *_classes(seen.computed, seen.here, found, seen.known)],
        "successions": successions_of(found),
        "names": [each.name for each in found.other_names.all()],
        "periods": _periods(request, seen.stands, seen.until),
        "known": seen.known,
    }
    return render(request, "figures/place.html", context)


def _marked(seen: Measured) -> Sequence[PlanLines]:
    """The indicators of each plan, those marked of whose figure there is something to say now."""
    shown = {line.indicator.pk for plan in seen.plans for line in plan.lines}
    marks = marks_at(seen.actor, [seen.place.pk], shown) if seen.known.is_now else {}
    if not marks:
        return seen.plans

    def with_mark(line: viewing.Line) -> viewing.Line:
        period = line.found.period.code if line.found else ""
        return replace(line, mark=marks.get((seen.place.pk, line.indicator.pk, period)))

    return [replace(plan, lines=[with_mark(line) for line in plan.lines]) for plan in seen.plans]


def _similar(seen: Measured) -> list[Similar]:
    """The place beside similar ones, for the indicators that head the table below."""
    found = peers_in(seen.actor, seen.place, seen.read, seen.known, seen.open_to)
    return [_beside(each, seen.known) for each in found]


def _beside(peers: Peers, known: Known) -> Similar:
    table, spread = peers.table, peers.spread
    indicator = table.indicator
    ends = (spread.low_quartile, spread.high_quartile) if spread else ()
    return Similar(
        title=indicator.title,
        url=viewing.indicator_url(
            indicator,
            unit=peers.place.code,
            period=table.period.code,
            edition=table.edition.key,
            position="" if known.is_now else known.position,
        ),
        value=viewing.written(table.at(peers.place.pk).value, indicator),
        figure_url=viewing.figure_url(indicator, peers.place, table.period, known, table.edition),
        period=table.period.code,
        median=viewing.written(spread.median, indicator) if spread else "",
        middle="–".join(viewing.written(end, indicator, unit=False) for end in ends),
        position=telling.position_text(peers),
        chosen=telling.peers_chosen(peers),
    )


def _sorted_below(below: Sequence[Below], order: str, *, by_figures: bool) -> list[Below]:
    """The places below by name (as they come), code, tier, or, for whom that order is for, the
    figures of a column; a missing figure stands last either way."""
    key, downwards = order.removeprefix("-"), order.startswith("-")
    found = list(below)
    if key == "code":
        return sorted(found, key=lambda each: each.place.code, reverse=downwards)
    if key == "tier":
        return sorted(found, key=lambda each: each.place.tier.level, reverse=downwards)
    if by_figures and key.isascii() and key.isdigit() and found and int(key) < len(found[0].cells):
        column = int(key)
        given = [each for each in found if each.cells[column].value is not None]
        missing = [each for each in found if each.cells[column].value is None]
        given.sort(key=lambda each: each.cells[column].value or 0.0, reverse=downwards)
        return given + missing
    return found[::-1] if downwards else found


def _day_of_life(found: Place, asked: date) -> date:
    """The day asked for, or the nearest on which the place existed."""
    if asked < found.valid_from:
        return found.valid_from
    if found.valid_to is not None and asked >= found.valid_to:
        return found.valid_to - timedelta(days=1)
    return asked


def _trail(found: Place, on: date) -> list[Crumb]:
    above = ancestors(found, on)[:-1]
    crumbs = [Crumb(_("Places"), reverse("places"))]
    crumbs += [Crumb(each.name, viewing.place_url(each)) for each in above]
    return [*crumbs, Crumb(found.name)]


def _plans(
    versions: Sequence[PlanVersion],
    measured: Mapping[int, Sequence[Indicator]],
    here: Mapping[int, Stand],
    found: Place,
    known: Known,
) -> tuple[list[PlanLines], list[Stand]]:
    """Where the indicators of every plan that binds at the place stand here; `here` is what the
    actor may see, by indicator."""
    groups: list[PlanLines] = []
    stands: list[Stand] = []
    for version in versions:
        seen = [here[each.pk] for each in measured[version.pk] if each.pk in here]
        stands += seen
        lines = [viewing.line_of(stand, found, known) for stand in seen if stand.history]
        groups.append(PlanLines(version.plan, lines, len(seen) - len(lines)))
    return groups, stands


def _periods(request: HttpRequest, stands: Sequence[Stand], until: Period | None) -> Filter:
    """Until which period figures are shown."""
    there = {each.period for stand in stands for each in stand.history} | (
        {until} if until else set()
    )
    latest = Choice(_("the latest"), query_with(request.GET, period=None), until is None)
    return Filter(
        _("Figures until"),
        [
            latest,
            *[
                Choice(viewing.when(each), query_with(request.GET, period=each.code), each == until)
                for each in sorted(there, reverse=True)
            ],
        ],
        query_with(request.GET, period=None) if until else "",
    )


def _below(
    actor: Actor, found: Place, on: date, read: Sequence[Table], known: Known
) -> list[Below]:
    """What lies directly in the place, with the figures of a few indicators."""
    below = in_order(known_places(children(found, on), known), "sort_key", "code")
    columns = _columns(actor, below, read, known)
    return [
        Below(
            each,
            viewing.place_url(each, known),
            [_cell(column.get(each.pk), known) for column in columns],
        )
        for each in below
    ]


def _columns(
    actor: Actor, below: Sequence[Place], read: Sequence[Table], known: Known
) -> list[dict[int, Answer]]:
    """For each indicator, by place below, what the actor may see of it."""
    indicators, bridges = [table.indicator for table in read], Bridges(known)
    targets, seen = targets_among(indicators, below), seen_among(actor, indicators, below)
    return [
        {
            place.pk: judged(
                table, place, known, targets.get((table.indicator.pk, place.pk)), bridges
            )
            for place in below
            if place.pk in seen[table.indicator.pk]
        }
        for table in read
    ]


def _cell(found: Answer | None, known: Known) -> Cell:
    if found is None:
        return Cell("", "", "no_data")
    url = viewing.figure_url(found.indicator, found.place, found.period, known, found.edition)
    text = viewing.written(found.figure.value, found.indicator, unit=False)
    return Cell(text, url, str(found.status), found.figure.value, found.figure.simulated)


def _groups(found: Place, on: date) -> list[Fact]:
    """The groups that the place is a member of on a day."""
    return [
        Fact(each.group.grouping.name, each.group.name, _since(each.valid_from))
        for each in groups_of(found, on)
    ]


def _since(since: date) -> str:
    return _("since %(day)s") % {"day": day(since, viewing.language())}


def _computed(actor: Actor, found: Place) -> list[Indicator]:
    """The indicators from which classes of the place's scheme are computed."""
    keys = Grouping.objects.filter(scheme=found.scheme).exclude(computed_from="")
    measured = indicators_visible_to(actor).filter(
        scheme=found.scheme, key__in=keys.values("computed_from")
    )
    named = list(measured.values_list("pk", flat=True))
    read = whole(named) if named else {}
    return [read[each] for each in named]


def _classes(
    indicators: Sequence[Indicator], here: Mapping[int, Stand], found: Place, known: Known
) -> list[Fact]:
    """The classes of the place, each with the figure that makes it."""
    stands = [here[each.pk] for each in indicators if each.pk in here and here[each.pk].history]
    computed = {each.computed_from: each for each in groupings_of(found.scheme)} if stands else {}
    facts = []
    for stand in stands:
        latest = stand.latest
        own = latest.figure.own or latest.figure.official if latest else None
        grouping = computed[stand.indicator.key]
        group = _class(grouping, own.value) if own else None
        if latest is not None and own is not None and group is not None:
            said = viewing.together(
                stand.indicator.title, latest.period, viewing.written(own.value, stand.indicator)
            )
            facts.append(
                Fact(
                    grouping.name, group.name, said, viewing.line_of(stand, found, known).figure_url
                )
            )
    return facts


def _class(grouping: Grouping, value: float) -> Group | None:
    """The class of a computed grouping that a value falls into."""
    groups = list(grouping.groups.all())
    bounds = [rules.SizeClass(g.key, g.at_least) for g in groups if g.at_least is not None]
    key = rules.classify(value, bounds)
    return next((group for group in groups if group.key == key), None)
