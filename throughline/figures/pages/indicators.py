"""The list of indicators, and one indicator over places and periods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures import telling, viewing
from throughline.figures.judging import Answer, judged
from throughline.figures.marking import Mark, Spot, marks_at
from throughline.figures.pages.asking import Asked, asked, kept_of, known_of
from throughline.figures.pages.confidence import judged_beside
from throughline.figures.peering import Peers, peers_of
from throughline.figures.permissions import may_order
from throughline.figures.queries import (
    group_figures,
    groupings_of,
    is_open,
    note_of,
    places_below,
    revisions_of,
    targets_of,
)
from throughline.figures.rollup import GroupFigure, Wanted, tables
from throughline.figures.subjects import indicator_subject
from throughline.figures.surveying import LENGTH, survey
from throughline.kernel.period import Period
from throughline.kernel.selecting import in_order
from throughline.places.models import Place
from throughline.places.queries import ancestors, tiers_below
from throughline.plans.models import Element, Indicator, Responsibility
from throughline.plans.queries import (
    composed_of,
    elements_visible_to,
    indicators_visible_to,
    strands_of,
    versions_in_force,
)
from throughline.subjects.viewing import panel
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Chart, Choice, Crumb, Filter, Paging, Sparkline

PAGE = 50
FEW, PEERS = 40, 12
"""Up to how many similar places all are listed, and how many of more."""
BY_GROUP = "by:"


def _fits(indicator: Indicator, words: str) -> bool:
    text = f"{indicator.title_en} {indicator.title_zh} {indicator.key}".lower()
    return all(word in text for word in words.lower().split())


@dataclass(frozen=True)
class Group:
    """The indicators of a strand of a plan."""

    plan: str
    strand: str
    url: str
    lines: Sequence[viewing.Line]


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """All indicators by plan and strand, with where each stands at the plan's place."""
    actor = actor_of(request)
    signed_in(actor)
    words, known = request.GET.get("words", "").strip(), known_of(request)
    groups: list[Group] = []
    measured: set[int] = set()
    for version in versions_in_force(actor):
        place = version.plan.place
        strands = strands_of(version)
        every = {each.pk: each for _strand, several in strands for each in several}
        measured |= set(every)
        wanted = [each for each in every.values() if _fits(each, words)]
        found = survey(actor, wanted, place, known=known) if wanted else {}
        for strand, several in strands:
            lines = [
                viewing.line_of(found[each.pk], place, known)
                for each in several
                if each.pk in found
            ]
            if lines:
                url = reverse("element", args=[version.plan.key, strand.key])
                name = f"{strand.number} {strand.title}".strip()
                groups.append(Group(version.plan.title, name, url, lines))
    others = [
        (each, viewing.indicator_url(each))
        for each in indicators_visible_to(actor).select_related("scheme")
        if each.pk not in measured and _fits(each, words)
    ]
    context = {"groups": groups, "others": others, "known": known}
    return render(request, "figures/indicators.html", context)


@require_safe
def indicator(request: HttpRequest, scheme: str, key: str) -> HttpResponse:
    """One indicator: the sentence, the chart, the facts, and the places below."""
    question = asked(request, scheme, key)
    found, measured = question.at(question.period), question.indicator
    level = request.GET.get("level", "")
    table = _table(request, question, level)
    marks = _marks(question, table)
    reason = note_of(found.figure.official) if found.figure.official else ""
    context = {
        "indicator": measured,
        "beside": panel(question.actor, indicator_subject(measured)),
        "found": found,
        "asked": question,
        "sentence": viewing.sentence(found),
        "official_note": viewing.official_note(found, reason),
        "value": viewing.written(found.figure.value, measured),
        "mark": marks.get((question.place.pk, measured.pk, question.period.code)),
        "check": viewing.written(found.figure.rollup, measured),
        "chart": _chart(question),
        "lengths": _other_lengths(question),
        "others": _other_editions(question),
        "made": telling.whole_text(found.figure, measured),
        "so_far": telling.so_far_text(found.figure, measured),
        **_target(found),
        **_composition(question),
        **judged_beside(question),
        "peers": _peers(question),
        "expected": viewing.written(found.expected, measured),
        "completeness": viewing.completeness_of(
            found.figure, measured.weight.title if measured.weight else ""
        ),
        "figure_url": viewing.figure_url(
            measured, question.place, question.period, question.known, question.edition
        ),
        "trail": _trail(question),
        "filters": _filters(request, question),
        "levels": _levels(request, question, level),
        "elements": _elements(question),
        "way_gone": viewing.way_gone(found),
        "period": viewing.when(question.period),
        "baseline": telling.baseline_text(found.target, measured),
        "kept": kept_of(request),
    }
    return render(request, "figures/indicator.html", context | _marked(table, marks))


def _marks(question: Asked, table: Mapping[str, Any]) -> Mapping[Spot, Mark]:
    """What is said now of the indicator's figures, at the place and at those of the table."""
    if not question.known.is_now:
        return {}
    places = {question.place.pk} | {row.found.place.pk for row in table.get("rows", [])}
    return marks_at(question.actor, places, [question.indicator.pk])


def _marked(table: Mapping[str, Any], marks: Mapping[Spot, Mark]) -> dict[str, Any]:
    """The table with the marks of its rows."""
    if not marks or "rows" not in table:
        return dict(table)

    def with_mark(row: viewing.Row) -> viewing.Row:
        found = row.found
        spot = (found.place.pk, found.indicator.pk, found.period.code)
        return replace(row, mark=marks.get(spot))

    rows = [with_mark(row) for row in table["rows"]]
    return {**table, "rows": rows, "whole": with_mark(table["whole"])}


def _chart(question: Asked) -> Chart:
    """The chart of the edition asked for, with what stood before revisions."""
    revisions = revisions_of(
        question.actor, question.indicator, question.place, question.edition, question.known
    )
    return viewing.chart_of(
        question.indicator, question.history, question.target, question.known, revisions
    )


def _target(found: Answer) -> dict[str, object]:
    """What is said of the target: what it asks, which way leads there, what was judged."""
    target, crossing = found.target, found.crossing
    return {
        "target_text": telling.target_text(target, found.indicator),
        "trajectory_text": telling.trajectory_text(target) if target else "",
        "target_note": target.note if target else "",
        "not_judged": telling.not_judged(found),
        "move": telling.move_text(found),
        "bridged": viewing.written(crossing.value, found.indicator) if crossing else "",
        "bridge": telling.bridge_text(crossing, found.indicator) if crossing else "",
        "crossing": crossing,
    }


def _composition(question: Asked) -> dict[str, object]:
    """How the figure comes about, over places and over time; its parts with their pages."""
    parts = composed_of(question.indicator)
    return {
        "made_up_of": telling.made_up_of(
            question.indicator, {each.key: each.title for each in parts}
        ),
        "over_time": telling.OVER_TIME[question.indicator.over_time],
        "parts": [(each, viewing.indicator_url(each, unit=question.place.code)) for each in parts],
    }


def _peers(question: Asked) -> dict[str, object] | None:
    """The similar places of the one asked for, in the period of the table."""
    table = question.read[question.listed]
    found = peers_of(question.actor, question.place, table, question.known)
    return peers_shown(found, question) if found is not None and found.values else None


def peers_shown(found: Peers, question: Asked) -> dict[str, object]:
    """Peers as the page shows them: how they were chosen, how they spread, where the place
    stands among them; the nearest by name."""
    most = FEW if len(found.places) <= FEW else PEERS
    places = found.listed(most)
    targets = targets_of(question.indicator, places)
    before = _before(question, places)
    answers = [
        judged(found.table, each, question.known, targets.get(each.pk), question.bridges)
        for each in places
    ]
    return {
        "chosen": telling.peers_chosen(found),
        "position": telling.position_text(found),
        "spread": telling.spread_text(found),
        "rows": _with_lines(question, [_row(each, before) for each in answers]),
        "more": len(found.places) - len(answers),
    }


def _elements(question: Asked) -> list[Element]:
    """The elements of plans in force that the indicator measures."""
    rows = elements_visible_to(question.actor).filter(
        indicator=question.indicator, version__state="in_force"
    )
    bodies = Prefetch("responsibilities", Responsibility.objects.select_related("body"))
    rows = rows.select_related("version__plan").prefetch_related(bodies)
    return in_order(rows, "version_id", "position")


def _other_lengths(question: Asked) -> list[tuple[str, str, Chart]]:
    """The years that the figures add up to, beside the shorter periods, and these beside the
    years: each length apart, because its figures do not compare. Where the last period stands
    for a longer one, the years would say nothing new."""
    indicator = question.indicator
    charts = []
    for span in sorted({each.span for each in question.read} - {question.period.span}):
        if span != indicator.span and indicator.over_time == "last":
            continue
        history = question.of_length(span)
        if viewing.with_value(history):
            chart = viewing.chart_of(indicator, history, question.target, question.known)
            how = str(telling.OVER_TIME[indicator.over_time]) if span != indicator.span else ""
            charts.append((viewing.by_period(span), how, chart))
    return charts


def _other_editions(question: Asked) -> list[tuple[str, Chart]]:
    """The figures of every other edition, each apart: a line never runs across a break."""
    wanted = [
        Wanted(question.indicator, edition, period)
        for period, several in question.editions.items()
        for edition in several
        if edition != question.edition and period.span is question.period.span
    ]
    read = tables(wanted, question.known)
    charts = []
    for edition in dict.fromkeys(each.edition for each in wanted):
        history = [
            judged(read[each], question.place, question.known, question.target, question.bridges)
            for each in sorted(read, key=lambda each: each.period)
            if each.edition == edition
        ]
        if viewing.with_value(history):
            chart = viewing.chart_of(question.indicator, history, question.target, question.known)
            charts.append((edition.title, chart))
    return charts


def _trail(question: Asked) -> list[Crumb]:
    above = ancestors(question.place, question.period.end)
    crumbs = [Crumb(_("Indicators"), reverse("indicators"))]
    crumbs += [
        Crumb(place.name, viewing.indicator_url(question.indicator, unit=place.code))
        for place in above[:-1]
    ]
    return [*crumbs, Crumb(viewing.together(question.indicator.title, question.place.name))]


def _filters(request: HttpRequest, question: Asked) -> list[Filter]:
    periods = [
        Choice(
            viewing.when(each),
            query_with(request.GET, period=each.code, edition=None, page=None),
            each == question.period,
        )
        for each in sorted({*question.editions, question.period}, reverse=True)
    ]
    mixed = len({each.span for each in question.editions}) > 1
    every = {each for several in question.editions.values() for each in several}
    editions = [
        Choice(
            each.title,
            query_with(request.GET, edition=each.key, period=None, page=None),
            each == question.edition,
        )
        for each in sorted(every | {question.edition}, key=lambda each: -each.rank)
    ]
    return [
        Filter(_("Period") if mixed else viewing.period_words(question.indicator.span), periods),
        Filter(_("Edition"), editions),
    ]


def _levels(request: HttpRequest, question: Asked, level: str) -> list[Choice]:
    """What the table can list: the places directly below, those of a lower tier, groups."""
    lower = tiers_below(question.place)
    choices = [
        Choice(
            tier.plural,
            query_with(request.GET, level=tier.key if here else None, page=None),
            level == tier.key or (not level and not here),
        )
        for here, tier in enumerate(lower)
    ]
    if question.place.tier.level == 0 and is_open(question.actor, question.indicator):
        choices += [
            Choice(
                each.name,
                query_with(request.GET, level=f"{BY_GROUP}{each.key}", page=None, sort=None),
                level == f"{BY_GROUP}{each.key}",
            )
            for each in groupings_of(question.indicator.scheme)
        ]
    return choices


def _table(request: HttpRequest, question: Asked, level: str) -> dict[str, Any]:
    if level.startswith(BY_GROUP):
        return {"groups": [_group(each, question) for each in groups(question, level)]}
    every = rows(question, level, request.GET.get("sort", "name"))
    number = page_of(request)
    shown = every[(number - 1) * PAGE : number * PAGE]
    judged_rows = Counter(str(row.found.status) for row in every if row.found.target)
    whole = _row(question.at(question.listed), _before(question, [question.place]))
    *lines, whole_line = _with_lines(question, [*shown, whole])
    return {
        "rows": lines,
        "whole": whole_line,
        "paging": Paging(number, PAGE, len(every)),
        "reported": sum(1 for row in every if row.value is not None),
        "statuses": dict(judged_rows),
        "compared": any(row.change is not None for row in every),
        "orders": may_order(question.actor, question.place),
    }


def groups(question: Asked, level: str) -> Sequence[GroupFigure]:
    """The groups of a grouping with their figures."""
    return group_figures(
        question.actor,
        question.indicator,
        level.removeprefix(BY_GROUP),
        question.listed,
        edition=question.edition,
        known=question.known,
    )


def _group(each: GroupFigure, question: Asked) -> dict[str, object]:
    return {
        "name": each.group.name,
        "places": len(each.places),
        "value": each.figure.rollup,
        "completeness": viewing.completeness_of(each.figure),
        "simulated": each.figure.simulated,
    }


def rows(question: Asked, level: str, sort: str) -> list[viewing.Row]:
    """The places of the table in the order asked for, without their small lines; by name for
    whom the order of figures is not for."""
    if sort.removeprefix("-") != "name" and not may_order(question.actor, question.place):
        sort = "name"
    below = places_below(
        question.actor,
        question.indicator,
        question.place,
        question.listed.end,
        level,
        question.known,
    )
    targets = targets_of(question.indicator, below)
    table, before = question.read[question.listed], _before(question, below)
    found = (
        judged(table, each, question.known, targets.get(each.pk), question.bridges)
        for each in below
    )
    return viewing.sort_rows((_row(each, before) for each in found), sort)


def _recent(question: Asked) -> list[Period]:
    """The periods of a small line: the last up to the one listed."""
    return question.until_listed[-LENGTH:]


def _before(question: Asked, places: Sequence[Place]) -> Mapping[int, float]:
    """By place, its figure in the period before the one listed, where there is one. Of all
    counties these are read at once: one by one they take longer than all the rest of a row."""
    recent = _recent(question)
    if len(recent) < 2:
        return {}
    keys = [each.pk for each in places]
    values = question.read[recent[-2]].values_at(keys).tolist()
    return {key: value for key, value in zip(keys, values, strict=True) if not isnan(value)}


def _row(found: Answer, before: Mapping[int, float]) -> viewing.Row:
    return viewing.Row(found, before.get(found.place.pk), Sparkline(()))


def _with_lines(question: Asked, shown: Sequence[viewing.Row]) -> list[viewing.Row]:
    """The rows with their small lines, of which each period is read at once."""
    keys = [row.found.place.pk for row in shown]
    read = [question.read[each].values_at(keys).tolist() for each in _recent(question)]
    return [
        replace(row, line=_line(row, [None if isnan(each[at]) else each[at] for each in read]))
        for at, row in enumerate(shown)
    ]


def _line(row: viewing.Row, values: Sequence[float | None]) -> Sparkline:
    target, goal = row.found.target, row.found.goal
    same = target is not None and viewing.leads_to(target, row.found)
    return Sparkline(values, goal.aim if goal and same else None, str(row.found.status))
