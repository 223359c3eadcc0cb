"""Figures by group: clusters with members over time, and classes computed from an indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from throughline.figures import rules
from throughline.figures.rollup.build import figures
from throughline.figures.rollup.table import Figure, Table
from throughline.kernel.errors import NotFound
from throughline.kernel.period import Period
from throughline.kernel.queries import Known
from throughline.places.models import Group, Grouping
from throughline.places.queries import members
from throughline.plans.models import Edition, Indicator


@dataclass(frozen=True)
class GroupFigure:
    """The figure of one group and the places that make it up."""

    group: Group
    places: tuple[int, ...]
    figure: Figure


def members_of(
    grouping: Grouping, period: Period, edition: Edition, known: Known
) -> dict[str, list[int]]:
    """The places of each group at the end of a period.

    A class is computed from the indicator's own value of the unit in that very period: a
    city changes its class when its people do.
    """
    if not grouping.computed_from:
        return members(grouping, period.end)
    indicator = Indicator.objects.filter(scheme=grouping.scheme, key=grouping.computed_from).first()
    if indicator is None:
        raise NotFound(f"the grouping {grouping.key} is computed from an unknown indicator")
    table = figures(indicator, [period], edition, known)[period]
    classes = [
        rules.SizeClass(group.key, group.at_least)
        for group in grouping.groups.all()
        if group.at_least is not None
    ]
    found: dict[str, list[int]] = {each.key: [] for each in classes}
    for place, value in table.own_values.items():
        key = rules.classify(value, classes)
        if key is not None:
            found[key].append(place)
    return found


def by_group(
    grouping: Grouping, table: Table, known: Known, edition: Edition | None = None
) -> Sequence[GroupFigure]:
    """A table's figures by the groups of a grouping, in the grouping's order."""
    places = members_of(grouping, table.period, edition or table.edition, known)
    return [
        GroupFigure(group, tuple(places[group.key]), table.grouped(places[group.key]))
        for group in grouping.groups.all()
    ]
