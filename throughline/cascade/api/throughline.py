"""The throughline of an element by the API: where every place below stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Schema

from throughline.bodies.authentication import actor_of
from throughline.cascade.api.routing import router
from throughline.cascade.chain import Picture, throughline_of
from throughline.cascade.rules.chain import Counts, Mark
from throughline.kernel.refusals import REFUSALS
from throughline.places.queries import tiers_below

MarkName = Literal[
    "finished", "started", "refined", "taken_on", "received", "assigned", "silent",
    "not_passed_down", "not_applicable",
]  # fmt: skip


class CountsOut(Schema):
    """How many units of a tier stand where; `late` and `contested` go with any mark."""

    tier: str
    total: int
    marks: dict[str, int]
    late: int
    contested: int


class UnitOut(Schema):
    """A place: `mark` as it is drawn, `since` when it came there (a day, or an instant for
    what has one), `held_at` the place up the line at which it stopped, for one that was never
    told. `assignments` are named by their ids, the one that is least far first."""

    code: str
    within: str | None
    tier: str
    mark: str
    since: str | None
    late: bool
    contested: bool
    evidence: int
    assignments: list[int]
    held_at: str | None


class BreakOut(Schema):
    """A place at which the line stops, with how many units of the lowest tier below it were
    never told; `silent` when it does not answer and so carries the delay."""

    place: str
    below: int
    silent: bool


class ThroughlineOut(Schema):
    """Where everything stands at an instant, as far as one may see it: `left_out` places are
    not in any number."""

    plan: str
    element: str
    at: datetime
    tiers: list[CountsOut]
    breaks: list[BreakOut]
    units: list[UnitOut]
    left_out: int
    simulated: bool


@router.get("/plans/{plan}/elements/{key}/throughline", response={200: ThroughlineOut, **REFUSALS})
def get_throughline(
    request: HttpRequest,
    plan: str,
    key: str,
    on: Annotated[date | None, Query(description="at the end of this day; now, without it")] = None,
    at: Annotated[str, Query(description="the code of a place: it and what lies in it")] = "",
    mark: Annotated[MarkName | None, Query(description="units that stand there alone")] = None,
) -> dict[str, Any]:
    """How far an element has come at every place below its plan's."""
    found = throughline_of(actor_of(request), plan, key, on=on)
    line, picture = found.line, found.picture
    here = line.at(at) if at else 0
    tiers = {tier.level: tier.key for tier in tiers_below(found.element.version.plan.place)}
    levels = [(level, picture.of_level(level, here)) for level in sorted(tiers)]
    inside = range(here, line.after[here]) if here else line.below(0)
    return {
        "plan": plan,
        "element": key,
        "at": picture.at,
        "tiers": [_counts(tiers[level], counts) for level, counts in levels if counts.total],
        "breaks": [
            {"place": line.codes[each.at], "below": each.below, "silent": each.silent}
            for each in picture.breaks(here)
            if line.seen[each.at]
        ],
        "units": [
            _unit(picture, each, tiers)
            for each in inside
            if line.seen[each] and (mark is None or picture.units[each].mark == mark)
        ],
        "left_out": line.hidden,
        "simulated": found.element.simulated,
    }


def _counts(tier: str, counts: Counts) -> dict[str, Any]:
    return {
        "tier": tier,
        "total": counts.total,
        "marks": {mark.value: counts.at(mark) for mark in Mark},
        "late": counts.late,
        "contested": counts.contested,
    }


def _unit(picture: Picture, position: int, tiers: Mapping[int, str]) -> dict[str, Any]:
    line, unit = picture.line, picture.units[position]
    stand, above = unit.stand, line.parents[position]
    held = unit.holder >= 0 and line.seen[unit.holder]
    return {
        "code": line.codes[position],
        "within": line.codes[above] if line.seen[above] else None,
        "tier": tiers[line.levels[position]],
        "mark": unit.mark.value,
        "since": stand.since.isoformat() if stand.since else None,
        "late": stand.late,
        "contested": stand.contested,
        "evidence": stand.evidence,
        "assignments": list(stand.assignments),
        "held_at": line.codes[unit.holder] if held else None,
    }
