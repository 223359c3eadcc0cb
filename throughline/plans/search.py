"""What the search finds of plans: the plans, their papers, elements and indicators."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from throughline.kernel.actor import Actor
from throughline.kernel.search import Hit, Kind, holding_words, nearness
from throughline.plans.models import Element, Indicator, Paper, Plan, PlanVersion
from throughline.plans.queries import (
    IN_FORCE,
    elements_visible_to,
    indicators_visible_to,
    plans_visible_to,
    versions_visible_to,
)
from throughline.plans.words import KINDS, PAPERS

TITLES = ("title_en", "title_zh")


def search_for(actor: Actor, words: str) -> list[Kind]:
    """What exists for the actor, each thing once: of a plan the version that counts."""
    seen, near = plans_visible_to(actor), nearness(*TITLES, words=words)
    plans = seen.filter(holding_words(*TITLES, "key", words=words)).select_related("place")
    papers = Paper.objects.filter(
        holding_words(*TITLES, "number", words=words), plan__in=seen
    ).select_related("plan")
    elements = elements_visible_to(actor).filter(
        holding_words(*TITLES, "text_en", "text_zh", words=words),
        # A handful of versions: as a subquery they would cost more to plan than to find.
        version__in=list(_versions_that_count(actor).values_list("pk", flat=True)),
    )
    indicators = indicators_visible_to(actor).filter(holding_words(*TITLES, "key", words=words))
    return [
        Kind("plans", _("Plans"), plans.order_by("key"), lambda found: _plans(actor, found)),
        Kind("papers", _("Papers"), papers.order_by("plan", "position"), _papers),
        Kind(
            "elements",
            _("Elements of plans"),
            elements.annotate(nearness=near)
            .select_related("version__plan", "parent__parent__parent")
            .order_by("nearness", "version__plan", "position"),
            _elements,
        ),
        Kind(
            "indicators",
            _("Indicators"),
            indicators.annotate(nearness=near)
            .select_related("scheme")
            .order_by("nearness", "scheme", "key"),
            _indicators,
        ),
    ]


def _versions_that_count(actor: Actor) -> QuerySet[PlanVersion]:
    """Of each plan the version in force; while there is none, the drafts that are seen."""
    in_force = PlanVersion.objects.filter(plan=OuterRef("plan"), state=IN_FORCE)
    draft = Q(state=PlanVersion.State.DRAFT) & ~Q(Exists(in_force))
    return versions_visible_to(actor).filter(Q(state=IN_FORCE) | draft)


def _of_version(url: str, version: PlanVersion) -> str:
    """The address, naming the version where it is not the one in force."""
    if version.state == IN_FORCE:
        return url
    return f"{url}?{urlencode({'version': version.number})}"


def _plans(actor: Actor, found: Sequence[Plan]) -> list[Hit]:
    counting = _versions_that_count(actor).filter(plan__in=found).order_by("number")
    version = {each.plan_id: each for each in counting}
    return [
        Hit(
            each.title,
            _of_version(reverse("plan", args=[each.key]), version[each.pk])
            if each.pk in version
            else reverse("plan", args=[each.key]),
            [each.place.name],
            f"{each.period_from}–{each.period_to}",
        )
        for each in found
    ]


def _papers(found: Sequence[Paper]) -> list[Hit]:
    return [
        Hit(
            each.title,
            reverse("plan", args=[each.plan.key]),
            [each.plan.title],
            " ".join(part for part in (str(PAPERS[Paper.Kind(each.kind)]), each.number) if part),
        )
        for each in found
    ]


def _elements(found: Sequence[Element]) -> list[Hit]:
    return [
        Hit(
            f"{each.number} {each.title}".strip(),
            _of_version(reverse("element", args=[each.version.plan.key, each.key]), each.version),
            [each.version.plan.title, *_above(each)],
            str(KINDS[Element.Kind(each.kind)]),
        )
        for each in found
    ]


def _above(element: Element) -> list[str]:
    """The titles above an element, from the top."""
    titles = []
    here = element.parent
    while here is not None:
        titles.append(here.title)
        here = here.parent
    return titles[::-1]


def _indicators(found: Sequence[Indicator]) -> list[Hit]:
    return [
        Hit(
            each.title,
            reverse("indicator", args=[each.scheme.key, each.key]),
            [each.scheme.name],
            each.unit,
        )
        for each in found
    ]
