"""What the search finds of plans: the plans, their papers, elements and indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q
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
    seen, near = plans_visible_to(actor).order_by().values("pk"), nearness(*TITLES, words=words)
    drafts = _drafts_that_count(actor)
    counting = Q(version__state=IN_FORCE) | Q(version__in=[each.pk for each in drafts.values()])
    plans = Plan.objects.filter(holding_words(*TITLES, "key", words=words), pk__in=seen)
    papers = Paper.objects.filter(holding_words(*TITLES, "number", words=words), plan__in=seen)
    elements = elements_visible_to(actor).filter(
        holding_words(*TITLES, "text_en", "text_zh", words=words), counting
    )
    indicators = indicators_visible_to(actor).filter(holding_words(*TITLES, "key", words=words))
    return [
        Kind(
            "plans",
            _("Plans"),
            plans.select_related("place").order_by("key"),
            lambda found: _plans(drafts, found),
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


def _drafts_that_count(actor: Actor) -> dict[int, PlanVersion]:
    """By plan (its id) of which no version is in force, the latest draft seen."""
    drafts = versions_visible_to(actor).filter(state=PlanVersion.State.DRAFT)
    in_force = PlanVersion.objects.filter(plan=OuterRef("plan"), state=IN_FORCE)
    rows = drafts.exclude(Exists(in_force)).order_by("number")
    return {each.plan_id: each for each in rows}


def _of_version(url: str, version: PlanVersion | None) -> str:
    """The address, naming the version where it is not the one in force."""
    if version is None or version.state == IN_FORCE:
        return url
    return f"{url}?{urlencode({'version': version.number})}"


def _plans(drafts: Mapping[int, PlanVersion], found: Sequence[Plan]) -> list[Hit]:
    return [
        Hit(
            each.title,
            _of_version(reverse("plan", args=[each.key]), drafts.get(each.pk)),
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
