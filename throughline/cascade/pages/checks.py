"""The checks of a plan and of the local plans below it, as its lead body works them off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.cascade.checking import WORDS, Code, Finding, Severity, described
from throughline.cascade.checking.words import SEVERITIES
from throughline.cascade.finding import are_known, findings_of
from throughline.cascade.models import LocalPlan
from throughline.cascade.permissions import require_checking
from throughline.plans.models import Plan
from throughline.plans.queries import plan_in_force
from throughline.ui.links import page_of
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
MANY = 200
"""Local plans below, from which on the page is shown before they are looked at."""


@require_safe
def checks(request: HttpRequest, plan: str) -> HttpResponse:
    """What contradicts itself, what is owed, what is worth a look."""
    actor = actor_of(request)
    signed_in(actor)
    version = plan_in_force(actor, plan)
    require_checking(actor, version.plan)
    waits = not are_known(version.plan) and "now" not in request.GET and _is_large(version.plan)
    found = [] if waits else findings_of(version.plan)
    code, severity = request.GET.get("code", ""), request.GET.get("severity", "")
    chosen = [
        each
        for each in found
        if code in ("", each.code) and severity in ("", each.severity.name.lower())
    ]
    number = page_of(request)
    query = request.GET.copy()
    query["now"] = "1"
    context = {
        "plan": version.plan,
        "waits": waits,
        "now_url": f"?{query.urlencode()}",
        "sentence": _sentence(found),
        "lines": described(chosen[(number - 1) * PAGE : number * PAGE]),
        "paging": Paging(number, PAGE, len(chosen)),
        "codes": _codes(request, found, code),
        "severities": _severities(request, found, severity),
        "narrowed": bool(code or severity),
        "trail": [
            Crumb(_("Plans"), reverse("plans")),
            Crumb(version.plan.title, reverse("plan", args=[plan])),
            Crumb(_("Checks")),
        ],
    }
    return render(request, "cascade/checks.html", context)


def _is_large(plan: Plan) -> bool:
    below = LocalPlan.objects.filter(superior=plan).values("plan")
    return LocalPlan.objects.filter(superior__in=below)[:MANY].count() >= MANY


def _sentence(found: Sequence[Finding]) -> str:
    if not found:
        return _("Nothing is found.")
    counts = Counter(each.severity for each in found)
    parts = [
        (Severity.ERROR, ngettext("%(count)s error.", "%(count)s errors.", counts[Severity.ERROR])),
        (
            Severity.WARNING,
            ngettext("%(count)s warning.", "%(count)s warnings.", counts[Severity.WARNING]),
        ),
        (
            Severity.NOTICE,
            ngettext("%(count)s notice.", "%(count)s notices.", counts[Severity.NOTICE]),
        ),
    ]
    return " ".join(
        text % {"count": counts[severity]} for severity, text in parts if counts[severity]
    )


def _filter(
    request: HttpRequest, name: str, value: str, label: str, choices: Sequence[tuple[str, str, int]]
) -> Filter:
    query = request.GET.copy()
    query.pop("page", None)
    made = []
    for key, word, count in [("", _("all"), 0), *choices]:
        query[name] = key
        made.append(Choice(word, f"?{query.urlencode()}", key == value, count or None))
    query[name] = ""
    return Filter(label, made, f"?{query.urlencode()}" if value else "")


def _codes(request: HttpRequest, found: Sequence[Finding], code: str) -> Filter:
    counts = Counter(each.code for each in found)
    choices = [(str(each), str(WORDS[each].title), counts[each]) for each in Code if counts[each]]
    return _filter(request, "code", code, _("What was found"), choices)


def _severities(request: HttpRequest, found: Sequence[Finding], severity: str) -> Filter:
    counts = Counter(each.severity for each in found)
    choices = [
        (each.name.lower(), str(SEVERITIES[each]), counts[each])
        for each in sorted(Severity, reverse=True)
        if counts[each]
    ]
    return _filter(request, "severity", severity, _("How grave"), choices)
