"""Alerts 预警: the list of those that a person answers for, as a page and as files, and their
number beside a place or an indicator."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.pages.answers import as_file
from throughline.figures.rules.alerting import Alert
from throughline.files.writing import Table, Value
from throughline.plans.queries import versions_in_force
from throughline.reporting.tracking.alerts import (
    Alerts,
    Narrowed,
    alerts_for,
    counted,
    in_order_of,
    narrowed,
)
from throughline.reporting.tracking.lines import alert_lines
from throughline.reporting.words import ALERTS, SEVERITIES
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Filter, Paging

PAGE = 50


def _asked(request: HttpRequest) -> Narrowed:
    asked = {
        name: request.GET.get(name, "").strip()[:100]
        for name in ("kind", "severity", "place", "indicator", "words")
    }
    return Narrowed(**asked)


def _found(request: HttpRequest) -> tuple[Alerts, list[Alert]]:
    """All alerts of whoever asks, and those that the address asks for, in its order."""
    actor = actor_of(request)
    signed_in(actor)
    every = alerts_for(actor, request.GET.get("plan", ""))
    shown = narrowed(every.alerts, _asked(request))
    return every, in_order_of(shown, request.GET.get("sort", ""))


@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """The alerts, the most serious first."""
    every, shown = _found(request)
    asked, number = _asked(request), page_of(request)
    lines = alert_lines(shown[(number - 1) * PAGE : number * PAGE])
    counts = counted(every.alerts)
    context = {
        "lines": lines,
        "serious": counts["serious"],
        "total": len(every.alerts),
        "as_of": every.as_of,
        "filters": _filters(request, asked, every.alerts),
        "export": "alerts-export" if lines else "",
        "place": lines[0].place if asked.place and lines else None,
        "narrowed": asked != Narrowed(),
        "paging": Paging(number, PAGE, len(shown)),
    }
    return render(request, "reporting/alerts.html", context)


def _filters(request: HttpRequest, asked: Narrowed, every: Sequence[Alert]) -> list[Filter]:
    counts = counted(every)
    kinds = [("", _("all"), None), *((key, str(word), counts[key]) for key, word in ALERTS.items())]
    levels = [
        ("", _("all"), None), *((key, str(word), counts[key]) for key, word in SEVERITIES.items())
    ]  # fmt: skip
    plans = [("", _("all"), None)]
    plans += [
        (each.plan.key, each.plan.title, None) for each in versions_in_force(actor_of(request))
    ]
    found = [
        _filter(request, pgettext("alert", "Kind"), "kind", asked.kind, kinds),
        _filter(request, pgettext("alert", "Severity"), "severity", asked.severity, levels),
    ]
    if len(plans) > 2:
        found.append(_filter(request, _("Plan"), "plan", request.GET.get("plan", ""), plans))
    return found


def _filter(
    request: HttpRequest,
    label: str,
    name: str,
    current: str,
    choices: Sequence[tuple[str, str, int | None]],
) -> Filter:
    listed = [
        Choice(
            word, query_with(request.GET, **{name: str(key) or None, "page": None}),
            key == current, count,
        )
        for key, word, count in choices
        if count != 0 or key == current
    ]  # fmt: skip
    clear = query_with(request.GET, **{name: None, "page": None}) if current else ""
    return Filter(label, listed, clear)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many alerts there are about a place or an indicator: a line beside them."""
    _every, shown = _found(request)
    serious = counted(shown)["serious"]
    said = ngettext("%(count)s alert", "%(count)s alerts", len(shown)) % {"count": len(shown)}
    asked = {name: request.GET[name] for name in ("place", "indicator") if request.GET.get(name)}
    url = reverse("alerts", query=asked)
    context = {"said": said, "serious": serious, "url": url, "any": bool(shown)}
    return render(request, "reporting/alert_count.html", context)


@require_safe
def alerts_export(request: HttpRequest, form: str) -> HttpResponse:
    """The whole list that the page shows, in its order."""
    every, shown = _found(request)
    columns = [
        pgettext("alert", "Severity"), pgettext("alert", "Kind"), _("Code"), _("Place"),
        _("Indicator or cycle"), _("Since"), _("What made it"), _("Plan"),
    ]  # fmt: skip
    lines: list[Sequence[Value]] = [
        [
            line.severity, line.kind, line.place.code, line.place.name, line.subject,
            line.since, line.sentence, line.plan.title,
        ]
        for line in alert_lines(shown)
    ]  # fmt: skip
    notes = [
        _("Alerts about places that you answer for; nothing in them ranks places."),
        _("Computed from figures and reports as of %(at)s.")
        % {"at": every.as_of.isoformat(timespec="seconds") if every.as_of else "–"},
    ]
    return as_file([Table(_("Alerts"), columns, lines)], "alerts", form, notes)
