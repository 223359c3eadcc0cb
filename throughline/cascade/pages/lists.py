"""Who does what under a plan: its assignments, narrowed by where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import bodies_bearing
from throughline.bodies.models import Body
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import own_place
from throughline.cascade.models import Assignment
from throughline.cascade.permissions import require_issuing, require_office
from throughline.cascade.queries import (
    STANDING,
    assignments_visible_to,
    bodies_served,
    counts_by_state,
    in_state,
    life_of,
    local_plan_seen,
    superior_of,
    with_rows,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.life import Deed, may_do
from throughline.cascade.viewing import Standing, passes
from throughline.cascade.words import PARTS
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.plans.models import Element, Plan, PlanVersion
from throughline.plans.queries import plan_in_force
from throughline.ui.links import page_of
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
WORDS = {
    "unanswered": gettext_lazy("to be answered"),
    "silent": gettext_lazy("no answer in time"),
    "claimed": gettext_lazy("claim not decided"),
    "late": gettext_lazy("late"),
    "changed": gettext_lazy("text changed since"),
    "working": gettext_lazy("taken on"),
    "closed": gettext_lazy("finished"),
    "ended": gettext_lazy("ended otherwise"),
}
OURS = "ours"
WHOSE = {OURS: gettext_lazy("our own")}
"""Whose tasks: everybody's, or those of the bodies on whose assignments the reader works."""
"""What stays in the address when one looks for words."""
SORTS = {
    "element": ("element__position", "part", "place__sort_key", "body__sort_key"),
    "body": ("body__sort_key", "body__key", "element__position"),
    "due": ("due", "element__position", "body__sort_key"),
}


@dataclass(frozen=True)
class Line:
    """An assignment in a list."""

    assignment: Assignment
    part: str
    standing: Standing
    url: str
    to_receive: bool = False


def lines(rows: Sequence[Assignment], *, by: Actor | None = None) -> list[Line]:
    """Assignments read by `queries.with_rows`, as they are listed; by an actor, with whether
    it has to sign for their arrival."""
    return [
        Line(
            row,
            str(PARTS[Part(row.part)]),
            Standing.of(row),
            reverse("assignment", args=[row.pk]),
            by is not None and _is_to_receive(by, row),
        )
        for row in rows
    ]


def _is_to_receive(actor: Actor, row: Assignment) -> bool:
    """Whether the actor's office has to sign for the arrival of an assignment."""
    return may_do(Deed.RECEIVE, life_of(row)) and passes(lambda: require_office(actor, row))


@require_safe
def plan_work(request: HttpRequest, plan: str) -> HttpResponse:
    """Who does what under a plan."""
    actor = actor_of(request)
    signed_in(actor)
    version = plan_in_force(actor, plan)
    now = clock.now()
    # By the element, in whose order they are listed: asked by the thread, the database would walk
    # the elements of all plans in that order.
    every = assignments_visible_to(actor).filter(element__version__plan=version.plan)
    words = request.GET.get("words", "").strip()
    part, state = request.GET.get("part", ""), request.GET.get("state", "")
    element = _element(request, version)
    if element is not None:
        every = every.filter(thread=element.thread_id)
    ours = request.GET.get("whose", "") == OURS
    if ours:
        every = every.filter(body__in=bodies_served(actor))
    if words:
        named = bodies_bearing(Body.objects.all(), words).values("pk")
        every = every.filter(body__in=named)
    counts = counts_by_state(every, now)
    rows = in_state(every, state, now)
    sort = request.GET.get("sort", "element").removeprefix("-")
    order = list(SORTS.get(sort, SORTS["element"]))
    if request.GET.get("sort", "").startswith("-"):
        order[0] = f"-{order[0]}"
    number, total = page_of(request), counts.get(state, counts[STANDING])
    if part in set(Part):
        rows = rows.filter(part=part)
        total = rows.count()
    # First which, then what stands of them: what a line shows is not read of all of them.
    keys = rows.order_by(*order, "pk").values_list("pk", flat=True)
    page = list(keys[(number - 1) * PAGE : number * PAGE])
    shown = with_rows(Assignment.objects.filter(pk__in=page)).order_by(*order, "pk")
    shown_lines = lines(list(shown), by=actor)
    context = {
        "plan": version.plan,
        "version": version,
        "lines": shown_lines,
        "receives": any(line.to_receive for line in shown_lines),
        "sentence": _sentence(counts),
        "counts": counts,
        "element": element,
        "filters": [
            _filter(
                request.GET, "state", state, WORDS, pgettext("stage", "Where it stands"), counts
            ),
            _filter(request.GET, "part", part, PARTS, _("Part"), {}),
            _filter(request.GET, "whose", OURS if ours else "", WHOSE, _("Whose"), {}),
        ],
        "narrowed": bool(words or part or state or element or ours),
        "paging": Paging(number, PAGE, total),
        "may_issue": passes(lambda: require_issuing(actor, version.plan)),
        "superior": superior_of(version.plan),
        "local": _local_link(actor, version.plan),
        "trail": [
            Crumb(_("Plans"), reverse("plans")),
            Crumb(version.plan.title, reverse("plan", args=[plan])),
            Crumb(_("Who does what")),
        ],
    }
    return render(request, "cascade/plan_work.html", context)


def _element(request: HttpRequest, version: PlanVersion) -> Element | None:
    """The element to which the list is narrowed, if it is; one that is not there is none."""
    key = request.GET.get("element", "")
    if not key:
        return None
    found = Element.objects.filter(version=version, key=key).first()
    if found is None:
        raise NotFound(_("The plan has no such element."))
    return found


def _local_link(actor: Actor, plan: Plan) -> str:
    """Where the reader's own place makes its plan of this one; empty where it does not."""
    place = own_place(actor)
    if place is None or place.pk == plan.place_id:
        return ""
    own = local_plan_seen(actor, plan, place)
    if own is not None:
        return reverse("local-plan", args=[own.key])
    return reverse("begin-local-plan", args=[plan.key])


def _filter(
    given: QueryDict, name: str, value: str, words: Mapping[Any, object], label: str,
    counts: Mapping[str, int],
) -> Filter:  # fmt: skip
    query = given.copy()
    query.pop("page", None)
    choices = []
    for key, word in [("", _("all")), *words.items()]:
        query[name] = key
        count = counts.get(key) if key else None
        choices.append(Choice(str(word), f"?{query.urlencode()}", key == value, count))
    query[name] = ""
    return Filter(label, choices, f"?{query.urlencode()}" if value else "")


def _sentence(counts: Mapping[str, int]) -> str:
    """What is to be said first: what waits, and for whom."""
    standing = counts["unanswered"] + counts["claimed"] + counts["working"] + counts["closed"]
    if not standing:
        return _("Nothing that you may see is assigned yet.")
    said = ngettext("%(count)s assignment stands.", "%(count)s assignments stand.", standing) % {
        "count": standing
    }
    parts = [
        (counts["silent"], ngettext(
            "%(count)s was not answered in time.", "%(count)s were not answered in time.",
            counts["silent"])),
        (counts["late"], ngettext("%(count)s is late.", "%(count)s are late.", counts["late"])),
        (counts["claimed"], ngettext(
            "%(count)s claim waits for its decision.", "%(count)s claims wait for their decision.",
            counts["claimed"])),
    ]  # fmt: skip
    return " ".join([said, *(text % {"count": count} for count, text in parts if count)])
