"""Plans and their elements as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.search import holding_words
from throughline.kernel.selecting import in_order, the_one
from throughline.kernel.text import is_id
from throughline.places.models import Tier
from throughline.places.queries import bearing_words
from throughline.plans.models import Element, Paper, Plan, PlanVersion, Responsibility
from throughline.plans.queries import (
    IN_FORCE,
    elements_visible_to,
    plan_in_force,
    plans_visible_to,
    responsibilities_of,
    versions_visible_to,
)
from throughline.plans.search import TITLES
from throughline.plans.sections import sections_of
from throughline.plans.subjects import element_subject, plan_subject
from throughline.plans.words import BINDINGNESS, KINDS, PAPERS, ROLES, STATES
from throughline.subjects.kinds import Subject
from throughline.subjects.viewing import panel
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import BesidePanel, Choice, Crumb, Filter, Paging

PAGE = 50
CHAIN = (Paper.Kind.REQUEST, Paper.Kind.REPLY, Paper.Kind.ISSUE)
"""The papers that brought the plan into force; the others are shown folded."""


@dataclass
class Line:
    """An element in the plan's outline."""

    element: Element
    kind: str
    url: str
    leads: list[str] = field(default_factory=list)

    @property
    def level(self) -> int:
        return min(self.element.depth, 4)


@dataclass
class Strand:
    """A strand of the plan with what stands under it."""

    line: Line
    lines: list[Line]

    @property
    def measured(self) -> int:
        return sum(1 for line in self.lines if line.element.indicator_id)


def _url(element: Element) -> str:
    return reverse("element", args=[element.version.plan.key, element.key])


def _lines(elements: Iterable[Element]) -> list[Line]:
    return [
        Line(
            element,
            str(KINDS[Element.Kind(element.kind)]),
            _url(element),
            [part.body.name for part in element.responsibilities.all() if part.role == "lead"],
        )
        for element in elements
    ]


def _of_version(version: PlanVersion, rows: QuerySet[Element]) -> list[Element]:
    """Some elements of a version in reading order, with the bodies that lead them. The version
    is at hand, and the order in which versions and plans stand is not asked for again."""
    parts = Responsibility.objects.select_related("body").order_by("role", "position")
    named = rows.prefetch_related(Prefetch("responsibilities", parts))
    elements = in_order(named, "position")
    for element in elements:
        element.version = version
    return elements


def _strands(lines: Sequence[Line], elements: Sequence[Element]) -> tuple[list[Line], list[Strand]]:
    """What stands under no strand, and the strands with their lines, both in reading order."""
    above = {element.pk: element.parent_id for element in elements}
    loose: list[Line] = []
    strands: dict[int, Strand] = {}
    for line in lines:
        root = line.element.pk
        while (parent := above.get(root)) is not None:
            root = parent
        if root == line.element.pk and line.element.kind == Element.Kind.STRAND:
            strands[root] = Strand(line, [])
        elif root in strands:
            strands[root].lines.append(line)
        else:
            loose.append(line)
    return loose, list(strands.values())


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The plans that exist for the reader: those of the highest tier first, then by place."""
    actor = actor_of(request)
    signed_in(actor)
    words, tier = request.GET.get("words", "").strip(), request.GET.get("tier", "")
    every = plans_visible_to(actor)
    if words:
        # Each of the two asks its own index; put as one condition none could be used.
        titled = Plan.objects.filter(holding_words(*TITLES, "key", words=words))
        here = bearing_words(words)
        every = every.filter(Q(pk__in=titled.values("pk")) | Q(place__in=here.values("pk")))
    rows = every.filter(place__tier__key=tier) if tier else every
    names, counts = _tiers_of(every)
    number, total = page_of(request), counts[tier] if tier else counts.total()
    ordered = rows.select_related("lead_body", "place__tier", "scheme").order_by(
        "place__tier__level", "scheme__key", "place__code", "key"
    )
    context = {
        "plans": ordered[(number - 1) * PAGE : number * PAGE],
        "filters": [_tier_filter(request, names, counts, tier)],
        "narrowed": bool(words or tier),
        "paging": Paging(number, PAGE, total),
    }
    return render(request, "plans/plans.html", context)


def _tiers_of(rows: QuerySet[Plan]) -> tuple[dict[str, str], Counter[str]]:
    """The tiers that have plans, by key: their names, those of several schemes under one; and
    how many plans each has."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    held = Tier.objects.filter(places__plans__in=rows).annotate(held=Count("places__plans"))
    for each in held.order_by("level", "scheme"):
        names.setdefault(each.key, each.name)
        counts[each.key] += each.held
    return names, counts


def _tier_filter(
    request: HttpRequest, names: Mapping[str, str], counts: Counter[str], tier: str
) -> Filter:
    every = query_with(request.GET, tier=None, page=None)
    choices = [Choice(_("all"), every, not tier)]
    for key, name in names.items():
        url = query_with(request.GET, tier=key, page=None)
        choices.append(Choice(name, url, key == tier, counts[key]))
    return Filter(_("Tier"), choices, every if tier else "")


def _version(actor: Actor, plan: str, number: str) -> PlanVersion:
    if not number:
        return plan_in_force(actor, plan)
    found = None
    if is_id(number):
        found = the_one(versions_visible_to(actor).filter(plan__key=plan, number=int(number)))
    if found is None:
        raise NotFound(_("The plan has no such version."))
    return found


@require_safe
def plan(request: HttpRequest, plan: str) -> HttpResponse:
    """A plan: its chain of papers, and its elements in reading order by strand."""
    actor = actor_of(request)
    signed_in(actor)
    version = _version(actor, plan, request.GET.get("version", ""))
    rows = elements_visible_to(actor).filter(version=version)
    elements = _of_version(version, rows)
    kind, words = request.GET.get("kind", ""), request.GET.get("words", "").strip()
    lines = _lines(elements)
    shown = [each for each in lines if _fits(each, kind, words)]
    loose, strands = _strands(_with_parents(shown, lines), elements)
    papers = _papers(version)
    context = {
        "plan": version.plan,
        "version": version,
        "state": STATES[PlanVersion.State(version.state)],
        "versions": versions_visible_to(actor).filter(plan=version.plan),
        "papers": [each for each in papers if each["paper"].kind in CHAIN],
        "other_papers": [each for each in papers if each["paper"].kind not in CHAIN],
        "loose": loose,
        "strands": strands,
        "found": len(shown),
        "words": words,
        "kind": kind,
        "kinds": _kind_filter(request, elements, kind),
        "narrowed": bool(kind or words),
        "sentence": _sentence(elements),
        "trail": [Crumb(_("Plans"), reverse("plans")), Crumb(version.plan.title)],
        "beside": _beside(actor, version, plan_subject(plan, version.plan.title)),
    }
    return render(request, "plans/plan.html", context)


def _beside(actor: Actor, version: PlanVersion, subject: Subject) -> BesidePanel | None:
    """What stands beside a plan or element; a version that is not in force has no such page."""
    return panel(actor, subject) if version.state == IN_FORCE else None


def _papers(version: PlanVersion) -> list[dict[str, Any]]:
    """The plan's papers, each with the word for its kind."""
    rows = version.plan.papers.select_related("issuer", "addressee")
    return [{"kind": PAPERS[Paper.Kind(each.kind)], "paper": each} for each in rows]


def _fits(line: Line, kind: str, words: str) -> bool:
    element = line.element
    if kind and element.kind != kind:
        return False
    text = f"{element.title_en} {element.title_zh} {element.text_en} {element.text_zh}".lower()
    return words.lower() in text


def _with_parents(shown: Sequence[Line], lines: Sequence[Line]) -> list[Line]:
    """A narrowed outline keeps the strands and goals above what was found."""
    by_key = {line.element.pk: line.element for line in lines}
    wanted = {line.element.pk for line in shown}
    for line in shown:
        above = line.element.parent_id
        while above is not None:
            wanted.add(above)
            above = by_key[above].parent_id
    for element in by_key.values():
        if element.parent_id is not None:
            element.parent = by_key[element.parent_id]
    return [line for line in lines if line.element.pk in wanted]


def _kind_filter(request: HttpRequest, elements: Sequence[Element], kind: str) -> Filter:
    counts = Counter(element.kind for element in elements)
    query = request.GET.copy()
    choices = []
    for value, word in [("", _("all")), *KINDS.items()]:
        if value and not counts[value]:
            continue
        query["kind"] = value
        choices.append(
            Choice(str(word), f"?{query.urlencode()}", value == kind, counts[value] or None)
        )
    query["kind"] = ""
    return Filter(_("Kind"), choices, f"?{query.urlencode()}" if kind else "")


def _sentence(elements: Sequence[Element]) -> str:
    strands = sum(1 for each in elements if each.kind == Element.Kind.STRAND)
    rest = len(elements) - strands
    illustrative = sum(1 for each in elements if each.illustrative)
    said = ngettext(
        "%(count)s element in %(strands)s strands.",
        "%(count)s elements in %(strands)s strands.",
        rest,
    ) % {"count": rest, "strands": strands}
    if illustrative:
        said += " " + ngettext(
            "%(count)s has no source of its own and is labelled illustrative.",
            "%(count)s have no source of their own and are labelled illustrative.",
            illustrative,
        ) % {"count": illustrative}
    return said


@dataclass(frozen=True)
class Part:
    """A body's part, with the word for its role."""

    role: str
    responsibility: Responsibility


@require_safe
def element(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """An element: its clause, who leads and who supports with what duty, what measures it."""
    actor = actor_of(request)
    signed_in(actor)
    version = _version(actor, plan, request.GET.get("version", ""))
    found = the_one(
        elements_visible_to(actor)
        .filter(version=version, key=key)
        .select_related(
            "paper", "indicator__scheme", "parent__parent__parent", "version__plan__lead_body"
        )
    )
    if found is None:
        raise NotFound(_("The plan has no such element."))
    parts = [
        Part(str(ROLES[Responsibility.Role(each.role)]), each)
        for each in responsibilities_of(found)
    ]
    below = elements_visible_to(actor).filter(version=version, parent=found)
    context = {
        "element": found,
        "beside": _beside(actor, version, element_subject(plan, key, found.title)),
        "plan": version.plan,
        "version": version,
        "kind": KINDS[Element.Kind(found.kind)],
        "binding": BINDINGNESS[Element.Bindingness(found.bindingness)],
        "leads": [p for p in parts if p.responsibility.role != Responsibility.Role.SUPPORT],
        "supports": [p for p in parts if p.responsibility.role == Responsibility.Role.SUPPORT],
        "several_leads": _several_leads(parts),
        "below": _lines(_of_version(version, below)),
        "sections": sections_of(request, found) if version.state == IN_FORCE else [],
        "trail": _trail(version.plan, found),
    }
    return render(request, "plans/element.html", context)


def _several_leads(parts: Sequence[Part]) -> bool:
    """Several printed leads and none that coordinates: a notice, not an error."""
    roles = Counter(part.responsibility.role for part in parts)
    return roles["lead"] > 1 and not roles["coordinating"]


def _trail(plan: Plan, found: Element) -> list[Crumb]:
    above = []
    here = found.parent
    while here is not None:
        above.append(Crumb(here.title, reverse("element", args=[plan.key, here.key])))
        here = here.parent
    return [
        Crumb(_("Plans"), reverse("plans")),
        Crumb(plan.title, reverse("plan", args=[plan.key])),
        *reversed(above),
        Crumb(f"{found.number} {found.title}".strip()),
    ]
