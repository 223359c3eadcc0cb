"""The list of indicators, and one indicator over places and periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures import viewing
from throughline.figures.answering import target_text
from throughline.figures.pages.asking import Asked, asked, page_of
from throughline.figures.queries import (
    Answer,
    answers,
    children_answers,
    editions_with_figures,
    group_figures,
    is_open,
    latest_answer,
)
from throughline.figures.rollup import GroupFigure
from throughline.files.writing import Table, write_csv, write_xlsx
from throughline.kernel.errors import NotFound
from throughline.kernel.period import Period
from throughline.places.models import Grouping
from throughline.places.queries import ancestors, tiers_below
from throughline.plans.models import Indicator, Target
from throughline.plans.queries import indicators_visible_to, measures_of, target_for
from throughline.ui.shapes import Choice, Crumb, Filter, Paging, Sparkline

PAGE = 50


@dataclass(frozen=True)
class Line:
    """An indicator in the list."""

    indicator: Indicator
    url: str
    found: Answer | None
    target: str

    @property
    def value(self) -> str:
        return viewing.written(self.found.figure.value if self.found else None, self.indicator)


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """All indicators by plan, with where each stands at the plan's place."""
    actor = actor_of(request)
    signed_in(actor)
    words = request.GET.get("words", "").strip().lower()
    groups = []
    for version, measured in measures_of(actor):
        lines = []
        for indicator in measured:
            text = f"{indicator.title_en} {indicator.title_zh} {indicator.key}".lower()
            if words not in text:
                continue
            place = version.plan.place
            lines.append(
                Line(
                    indicator,
                    viewing.indicator_url(indicator),
                    latest_answer(actor, indicator, place),
                    target_text(target_for(indicator, place), indicator),
                )
            )
        if lines:
            groups.append({"plan": version.plan, "lines": lines})
    measured_keys = {line.indicator.pk for group in groups for line in group["lines"]}
    others = [
        each
        for each in indicators_visible_to(actor).select_related("scheme")
        if each.pk not in measured_keys
        and words in f"{each.title_en} {each.title_zh} {each.key}".lower()
    ]
    context = {
        "groups": groups,
        "others": [(each, viewing.indicator_url(each)) for each in others],
        "words": words,
    }
    return render(request, "figures/indicators.html", context)


@require_safe
def indicator(request: HttpRequest, scheme: str, key: str) -> HttpResponse:
    """One indicator: the sentence, the chart, the facts, and the places below."""
    question = asked(request, scheme, key)
    history = answers(
        question.actor,
        question.indicator,
        question.place,
        _charted(question),
        edition=question.edition,
        known=question.known,
    )
    found = next(each for each in history if each.period == question.period)
    target = target_for(question.indicator, question.place)
    level = request.GET.get("level", "children")
    context = {
        "indicator": question.indicator,
        "found": found,
        "asked": question,
        "sentence": viewing.sentence(found),
        "official_note": viewing.official_note(found),
        "value": viewing.written(found.figure.value, question.indicator),
        "check": viewing.written(found.figure.rollup, question.indicator),
        "chart": viewing.chart_of(question.indicator, history, target, question.known),
        "target": target,
        "target_text": target_text(target, question.indicator),
        "expected": viewing.written(found.expected, question.indicator),
        "completeness": viewing.completeness_of(
            found.figure, question.indicator.weight.title if question.indicator.weight else ""
        ),
        "figure_url": viewing.figure_url(
            question.indicator, question.place, question.period, question.known
        ),
        "trail": _trail(question),
        "filters": _filters(request, question),
        "levels": _levels(request, question, level),
        "level": level,
        "elements": question.indicator.elements.filter(version__state="in_force").select_related(
            "version__plan"
        ),
        "now_url": _without_position(request),
    }
    return render(request, "figures/indicator.html", context | _table(request, question, level))


def _charted(question: Asked) -> list[Period]:
    """Every period of the asked one's length, the asked one included."""
    span = question.period.span
    return sorted({each for each in question.periods if each.span is span} | {question.period})


def _without_position(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("position", None)
    return f"?{query.urlencode()}"


def _trail(question: Asked) -> list[Crumb]:
    above = ancestors(question.place, question.period.end)
    crumbs = [Crumb(_("Indicators"), reverse("indicators"))]
    crumbs += [
        Crumb(place.name, viewing.indicator_url(question.indicator, unit=place.code))
        for place in above[:-1]
    ]
    return [*crumbs, Crumb(f"{question.indicator.title}, {question.place.name}")]


def _filters(request: HttpRequest, question: Asked) -> list[Filter]:
    def linked(name: str, value: str) -> str:
        query = request.GET.copy()
        query[name] = value
        query.pop("page", None)
        return f"?{query.urlencode()}"

    periods = Filter(
        viewing.period_words(question.indicator.span),
        [
            Choice(each.code, linked("period", each.code), each == question.period)
            for each in reversed(question.periods)
        ],
    )
    editions = Filter(
        _("Edition"),
        [
            Choice(each.title, linked("edition", each.key), each == question.edition)
            for each in editions_with_figures(question.indicator)
        ],
    )
    return [each for each in (periods, editions) if each.choices]


def _levels(request: HttpRequest, question: Asked, level: str) -> list[Choice]:
    """What the table can list: the places directly below, those of a lower tier, groups."""
    query = request.GET.copy()

    def linked(value: str) -> str:
        query["level"] = value
        query.pop("page", None)
        return f"?{query.urlencode()}"

    tiers = tiers_below(question.place)
    choices = [
        Choice(tier.plural or tier.name, linked(tier.key), level == tier.key) for tier in tiers
    ]
    if level == "children" and choices:
        first = choices[0]
        choices[0] = Choice(first.label, first.url, current=True)
    if question.place.tier.level == 0 and is_open(question.actor, question.indicator):
        choices += [
            Choice(each.name, linked(f"by:{each.key}"), level == f"by:{each.key}")
            for each in Grouping.objects.filter(scheme=question.indicator.scheme)
        ]
    return choices


def _table(request: HttpRequest, question: Asked, level: str) -> dict[str, object]:
    if level.startswith("by:"):
        groups = group_figures(
            question.actor,
            question.indicator,
            level.removeprefix("by:"),
            question.period,
            edition=question.edition,
            known=question.known,
        )
        return {"groups": [_group(each, question.indicator) for each in groups]}
    rows = viewing.sort_rows(_rows(question, level), request.GET.get("sort", "name"))
    number = page_of(request)
    return {
        "rows": rows[(number - 1) * PAGE : number * PAGE],
        "paging": Paging(number, PAGE, len(rows)),
        "reported": sum(1 for row in rows if row.value is not None),
    }


def _group(each: GroupFigure, measured: Indicator) -> dict[str, object]:
    return {
        "name": each.group.name,
        "places": len(each.places),
        "value": viewing.written(each.figure.rollup, measured),
        "completeness": viewing.completeness_of(each.figure),
        "simulated": each.figure.simulated,
    }


def _rows(question: Asked, level: str) -> list[viewing.Row]:
    below = children_answers(
        question.actor,
        question.indicator,
        question.place,
        question.recent or [question.period],
        edition=question.edition,
        known=question.known,
        tier="" if level == "children" else level,
    )
    return [_row(question, history) for history in below]


def _row(question: Asked, history: Sequence[Answer]) -> viewing.Row:
    found = history[-1]
    values = [each.figure.value for each in history]
    goal: Target | None = found.target
    return viewing.Row(
        name=found.place.name,
        url=viewing.indicator_url(
            question.indicator,
            unit=found.place.code,
            period=question.period.code,
            edition=question.edition.key,
            position="" if question.known.is_now else question.known.position,
        ),
        figure_url=viewing.figure_url(
            question.indicator, found.place, question.period, question.known
        ),
        found=found,
        before=values[-2] if len(values) > 1 else None,
        line=Sparkline(values, goal.value if goal else None, str(found.status)),
        bar=viewing.bar_of(found),
        completeness=viewing.completeness_of(found.figure),
    )


@require_safe
def export(request: HttpRequest, scheme: str, key: str, form: str) -> HttpResponse:
    """The table of places as CSV or XLSX, in the order of the page."""
    question = asked(request, scheme, key)
    level = request.GET.get("level", "children")
    rows = viewing.sort_rows(_rows(question, level), request.GET.get("sort", "name"))
    columns = [
        _("Code"),
        _("Place"),
        f"{question.indicator.title} ({question.indicator.unit})",
        _("Basis"),
        _("Status"),
        _("Units reported"),
        _("Units expected"),
        _("Simulated"),
    ]
    lines = [
        [
            row.found.place.code,
            row.name,
            row.found.value,
            row.found.figure.basis,
            str(row.found.status),
            row.completeness.reported,
            row.completeness.expected,
            _("yes") if row.found.figure.simulated else "",
        ]
        for row in rows
    ]
    name = f"{question.indicator.key}-{question.place.code}-{question.period}"
    if form == "csv":
        answer = HttpResponse(write_csv(lines, columns), content_type="text/csv; charset=utf-8")
    elif form == "xlsx":
        notes = [
            f"{question.indicator.title}, {question.place.name}, {question.period}",
            f"{_('Edition')}: {question.edition.title}",
            _("As known at journal position %(position)s") % {"position": question.known.position},
        ]
        answer = HttpResponse(
            write_xlsx([Table(question.indicator.title, columns, lines)], notes=notes),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    else:
        raise NotFound(_("Tables come as CSV or XLSX."))
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer
