"""What the search finds of plans: the plans, their papers, elements and indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from throughline.kernel.actor import Actor
from throughline.kernel.search import Hit, Kind, holding_words, nearness
from throughline.plans.models import Element, Indicator, Paper, Plan, PlanVersion
from throughline.plans.queries import (
    IN_FORCE,
    indicators_visible_to,
    versions_visible_to,
)
from throughline.plans.words import KINDS, PAPERS

TITLES = ("title_en", "title_zh")


def search_for(actor: Actor, words: str) -> list[Kind]:
    """What exists for the actor, each thing once: of a plan the version that counts."""
    # There are few versions. Read once they spare each query a subquery that would cost more
    # to write and to plan than what is sought costs to find.
    versions = list(versions_visible_to(actor))
    seen, near = {each.plan_id for each in versions}, nearness(*TITLES, words=words)
    counting = _those_that_count(versions)
    plans = Plan.objects.filter(holding_words(*TITLES, "key", words=words), pk__in=seen)
    papers = Paper.objects.filter(holding_words(*TITLES, "number", words=words), plan__in=seen)
    elements = Element.objects.filter(
        holding_words(*TITLES, "text_en", "text_zh", words=words), version__in=counting.values()
    )
    indicators = indicators_visible_to(actor).filter(holding_words(*TITLES, "key", words=words))
    return [
        Kind(
            "plans",
            _("Plans"),
            plans.select_related("place").order_by("key"),
            lambda found: _plans(counting, found),
        ),
        Kind(
            "papers",
            _("Papers"),
            papers.select_related("plan").order_by("plan", "position"),
            _papers,
        ),
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


def _those_that_count(versions: Sequence[PlanVersion]) -> dict[int, PlanVersion]:
    """By plan (its id) the version in force; while there is none, the latest draft seen."""
    counting: dict[int, PlanVersion] = {}
    for each in sorted(versions, key=lambda one: (one.state == IN_FORCE, one.number)):
        if each.state in (IN_FORCE, PlanVersion.State.DRAFT):
            counting[each.plan_id] = each
    return counting


def _of_version(url: str, version: PlanVersion | None) -> str:
    """The address, naming the version where it is not the one in force."""
    if version is None or version.state == IN_FORCE:
        return url
    return f"{url}?{urlencode({'version': version.number})}"


def _plans(counting: Mapping[int, PlanVersion], found: Sequence[Plan]) -> list[Hit]:
    return [
        Hit(
            each.title,
            _of_version(reverse("plan", args=[each.key]), counting.get(each.pk)),
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
