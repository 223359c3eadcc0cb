"""The targets of a local plan: those above that concern the place, and the place's own."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from throughline.figures.telling import target_text
from throughline.plans.models import Element, Indicator, Plan, PlanVersion, Target
from throughline.plans.queries import IN_FORCE
from throughline.plans.words import BINDINGNESS


@dataclass(frozen=True)
class TargetLine:
    """An indicator at the end of a period: what the plan above says, and what the place does."""

    indicator: Indicator
    by: str
    above: str
    bindingness: str
    own: str
    url: str


def target_lines(superior: Plan, plan: Plan, version: PlanVersion | None) -> list[TargetLine]:
    """The targets above that are set for the place or for all of the superior plan's place, and
    the place's own in a version, by indicator and period."""
    rows = Target.objects.select_related("indicator", "place").order_by("indicator__key", "by")
    above: dict[tuple[int, str], Target] = {}
    places = [superior.place_id, plan.place_id]  # what is set for the place itself goes before
    found = rows.filter(version__plan=superior, version__state=IN_FORCE, place__in=places)
    for each in sorted(found, key=lambda row: places.index(row.place_id)):
        above[each.indicator_id, each.by] = each
    own = {(each.indicator_id, each.by): each for each in rows.filter(version=version)}
    here = reverse("set-local-target", args=[plan.key])
    lines = []
    for key in sorted({**above, **own}, key=lambda one: (_row(above, own, one).indicator.key, one)):
        parent, mine = above.get(key), own.get(key)
        indicator = _row(above, own, key).indicator
        lines.append(
            TargetLine(
                indicator,
                key[1],
                target_text(parent, indicator),
                _meant(parent, plan),
                target_text(mine, indicator),
                f"{here}?indicator={indicator.key}&by={key[1]}",
            )
        )
    return lines


def _row(
    above: dict[tuple[int, str], Target], own: dict[tuple[int, str], Target], key: tuple[int, str]
) -> Target:
    return own[key] if key in own else above[key]


def _meant(target: Target | None, plan: Plan) -> str:
    """For which place a target above is set, and whether it binds."""
    if target is None:
        return ""
    binds = str(BINDINGNESS[Element.Bindingness(target.bindingness)])
    return f"{target.place.name} · {binds}" if target.place_id != plan.place_id else binds
