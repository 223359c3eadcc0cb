"""Similar places: of one tier, near by declared indicators or of one size class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from throughline.figures import rules
from throughline.figures.queries import editions_of, open_indicators, places_with_figures
from throughline.figures.rollup import Table, figures, members_of
from throughline.kernel.actor import Actor
from throughline.kernel.queries import Known
from throughline.places.models import Group, Grouping, Place
from throughline.places.queries import valid_on
from throughline.plans.models import Indicator

NEAREST = 12
"""How many places are near, where nearness is measured."""


@dataclass(frozen=True)
class Peers:
    """The places similar to one, how they were chosen, and their figures of an indicator in a
    period. `places` are their numbers, by name or from the nearest on. `near_by` holds the
    indicators that measured nearness, `group` the class that all of them belong to; with neither
    they are all places of the tier."""

    place: Place
    table: Table
    places: tuple[int, ...]
    near_by: tuple[Indicator, ...] = ()
    group: Group | None = None

    @cached_property
    def values(self) -> dict[int, float]:
        """By place, the figures that there are, at published decimals."""
        read = self.table.values_at(self.places)
        shown = rules.bulk.shown_all(read, np.array(self.table.indicator.decimals))
        given = ~np.isnan(shown)
        places = np.asarray(self.places)[given].tolist()
        return dict(zip(places, shown[given].tolist(), strict=True))

    @property
    def spread(self) -> rules.Spread | None:
        """Median and quartiles of the peers; None for too few."""
        return rules.spread_of(list(self.values.values()))

    @property
    def position(self) -> rules.Position | None:
        """Where the place itself stands among them."""
        value = self.table.at(self.place.pk).value
        own = rules.shown(value, self.table.indicator.decimals)
        return None if own is None else rules.position_among(own, list(self.values.values()))

    def listed(self, most: int) -> list[Place]:
        """Some of them to be listed: all where they are few enough; else, of measured ones, the
        nearest, of others those whose figures are closest to the place's own."""
        chosen = self.places
        own = self.table.at(self.place.pk).value
        if len(chosen) > most and not self.near_by and own is not None:
            apart = {place: abs(value - own) for place, value in self.values.items()}
            chosen = tuple(sorted(apart, key=lambda place: apart[place]))
        rows = Place.objects.select_related("tier", "scheme").in_bulk(chosen[:most])
        return [rows[place] for place in chosen[:most]]


def peers_of(actor: Actor, place: Place, table: Table, known: Known) -> Peers | None:
    """The places similar to one whose figures the actor may see; None where there are too few
    to say anything.

    Nearest by the indicators that the indicator declares; else of the same class of the first
    grouping that is computed and holds the place; else all of the tier.
    """
    if place.tier.level == 0:
        return None  # the top has no equal, so nothing is asked
    open_to = open_indicators(actor, [table.indicator])
    return next(iter(peers_in(actor, place, [table], known, open_to)), None)


def peers_in(
    actor: Actor, place: Place, read: Sequence[Table], known: Known, open_to: set[int]
) -> list[Peers]:
    """The similar places of one in several tables; `open_to` are the indicators of which the
    actor may see every place. Those for which too few are left are left out."""
    tiers: dict[tuple[date, int], list[int]] = {}
    found = []
    for table in read:
        closed = 0 if table.indicator.pk in open_to else table.indicator.pk
        key = (table.period.end, closed)
        if key not in tiers:
            tiers[key] = _same_tier(actor, place, table, closed > 0)
        if len(tiers[key]) >= rules.FEWEST_PEERS:
            found.append(_chosen(actor, place, tiers[key], table, known))
    return found


def _chosen(actor: Actor, place: Place, others: Sequence[int], table: Table, known: Known) -> Peers:
    measures = _measures(actor, table.indicator)
    near = _nearest(place, others, measures, table, known) if measures else ()
    if near:
        return Peers(place, table, tuple(near), near_by=tuple(measures))
    similar = _same_class(place, others, table, known)
    return similar or Peers(place, table, tuple(others))


def _same_tier(actor: Actor, place: Place, table: Table, closed: bool) -> list[int]:
    """The regular places of a tier on the last day of the period, but for the one itself; of
    an indicator that is not open, those whose figures the actor may see."""
    rows = Place.objects.filter(scheme=place.scheme_id)
    if closed:
        rows = places_with_figures(actor, table.indicator)
    rows = rows.filter(valid_on(table.period.end), tier=place.tier_id, kind=Place.Kind.REGULAR)
    return list(rows.exclude(pk=place.pk).order_by("sort_key").values_list("pk", flat=True))


def _measures(actor: Actor, indicator: Indicator) -> list[Indicator]:
    """The declared indicators; none where one of them is not open to the actor, who would
    else learn from who is near what its figures are."""
    if not indicator.peers_by:
        return []
    rows = Indicator.objects.filter(scheme=indicator.scheme_id, key__in=indicator.peers_by)
    found = {
        each.key: each
        for each in rows.select_related("scheme", "numerator", "denominator", "weight")
    }
    named = [found[key] for key in indicator.peers_by if key in found]
    return named if len(open_indicators(actor, named)) == len(named) else []


def _nearest(
    place: Place,
    others: Sequence[int],
    measures: Sequence[Indicator],
    table: Table,
    known: Known,
) -> list[int]:
    """The places nearest by the figures of the same period, in the same edition where they
    have any there."""
    columns = []
    for each in measures:
        there = editions_of(each, table.period, known)
        edition = table.edition if table.edition in there or not there else there[0]
        columns.append(figures(each, [table.period], edition, known)[table.period])
    values = np.stack([column.values_at(others) for column in columns], axis=1).tolist()
    rows = {
        place: [None if math.isnan(value) else value for value in row]
        for place, row in zip(others, values, strict=True)
    }
    here = [column.at(place.pk).value for column in columns]
    return rules.nearest(here, rows, NEAREST)


def _same_class(place: Place, others: Sequence[int], table: Table, known: Known) -> Peers | None:
    """Those in the place's class of a computed grouping, if they are enough to compare."""
    groupings = Grouping.objects.filter(scheme=place.scheme_id).exclude(computed_from="")
    for grouping in groupings.prefetch_related("groups").order_by("key"):
        for key, members in members_of(grouping, table.period, table.edition, known).items():
            if place.pk not in members:
                continue
            inside = set(members)
            similar = tuple(each for each in others if each in inside)
            if len(similar) >= rules.FEWEST_PEERS:
                group = next(each for each in grouping.groups.all() if each.key == key)
                return Peers(place, table, similar, group=group)
    return None
