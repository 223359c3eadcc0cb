"""The progress reports that a cycle asks for beside figures: who owes which, and where each
stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import bodies_bearing
from throughline.bodies.models import Body
from throughline.bodies.permissions import signed_in
from throughline.cascade.queries import bodies_served
from throughline.kernel.period import Period
from throughline.reporting.owing import (
    LATE,
    OVERDUE,
    counted,
    narrowed,
    owed_lines,
    tasks_visible_to,
)
from throughline.reporting.queries import cycle_by_key
from throughline.reporting.words import TASKS
from throughline.ui.links import page_of
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
OURS = "ours"


@require_safe
def tasks(request: HttpRequest, cycle: str) -> HttpResponse:
    """The progress reports of a cycle that the reader sees, narrowed by where they stand, by
    whose they are, and by words of the body."""
    actor = actor_of(request)
    signed_in(actor)
    row = cycle_by_key(actor, cycle)
    served = bodies_served(actor)
    rows = tasks_visible_to(actor, row)
    words, state = request.GET.get("words", "").strip(), request.GET.get("state", "")
    ours = request.GET.get("whose", "") == OURS
    if ours:
        rows = rows.filter(body__in=served)
    if words:
        rows = rows.filter(body__in=bodies_bearing(Body.objects.all(), words).values("pk"))
    counts = counted(rows) if not rows.query.is_empty() else {}
    number = page_of(request)
    chosen = narrowed(rows, state).order_by("body__sort_key", "body__key", "element__position")
    total = counts.get(state, 0) if state in counts else counts.get("tasks", 0)
    context = {
        "cycle": row,
        "period": Period.parse(row.period),
        "counts": counts,
        "lines": owed_lines(chosen[(number - 1) * PAGE : number * PAGE], served),
        "filters": [_states(request, state, counts), _whose(request, ours=ours)],
        "narrowed": bool(words or state or ours),
        "paging": Paging(number, PAGE, total),
        "trail": [
            Crumb(_("Reporting"), reverse("cycles")),
            Crumb(row.title, reverse("cycle", args=[cycle])),
            Crumb(_("Task reports")),
        ],
    }
    return render(request, "reporting/tasks.html", context)


def _states(request: HttpRequest, state: str, counts: dict[str, int]) -> Filter:
    words = {"": _("all")} | {each.value: str(word) for each, word in TASKS.items()}
    words |= {LATE: _("signed late"), OVERDUE: _("overdue")}
    choices = [
        Choice(word, _address(request, state=key), key == state, counts.get(key) if key else None)
        for key, word in words.items()
    ]
    undo = _address(request, state="") if state else ""
    return Filter(pgettext("stage", "Where it stands"), choices, undo)


def _whose(request: HttpRequest, *, ours: bool) -> Filter:
    choices = [
        Choice(_("all"), _address(request, whose=""), not ours),
        Choice(_("our own"), _address(request, whose=OURS), ours),
    ]
    return Filter(_("Whose"), choices, _address(request, whose="") if ours else "")


def _address(request: HttpRequest, **changed: str) -> str:
    """The page's address with something else chosen."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query[name] = value
        if not value:
            del query[name]
    return f"?{query.urlencode()}"
