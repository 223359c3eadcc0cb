"""Indicators and observations as the cube takes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from throughline.figures.cube.measures import Measure
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import CELL, Cells, Key
from throughline.figures.models import Observation, Series
from throughline.figures.rollup.standing import PROVISIONAL, Standing
from throughline.places.queries import Tree
from throughline.plans.models import Indicator

STATUSES: tuple[str, ...] = tuple(Observation.Status.values)
"""The statuses of observations; the cube keeps their numbers."""


def parts_of(indicator: Indicator) -> list[Indicator]:
    """What is summed: numerator and denominator of a ratio, else the indicator itself."""
    if indicator.numerator is not None and indicator.denominator is not None:
        return [indicator.numerator, indicator.denominator]
    return [indicator]


def measure_of(indicator: Indicator) -> Measure:
    """An indicator, any but a formula, as it is rolled up."""
    parts = parts_of(indicator)
    return Measure(
        key=indicator.pk,
        kind=indicator.kind,
        parts=tuple(part.pk for part in parts),
        tier=parts[0].reporting_tier,
        weight=indicator.weight_id or 0,
        reports_itself=indicator.reports_itself,
        scale=indicator.scale,
        direction=indicator.direction,
        low=-math.inf if indicator.band_low is None else indicator.band_low,
        high=math.inf if indicator.band_high is None else indicator.band_high,
    )


def shape_of(tree: Tree) -> Shape:
    """A tree of places as it is rolled up."""
    return Shape.of(tree.ids, tree.parents, tree.tiers, dict(tree.tier_levels))


@dataclass(frozen=True)
class Home:
    """Where the figures of a series stand in the cube, and which go before which."""

    series: int
    part: int
    scheme: int
    edition: int
    rank: int

    @classmethod
    def of(cls, series: Series) -> Home:
        """The home of a series."""
        return cls(
            series.pk, series.indicator_id, series.edition.scheme_id, series.edition_id, series.rank
        )

    def key(self, period: str) -> Key:
        """The strip in which its figures of a period stand."""
        return Key(self.scheme, self.edition, period)


def cells_of(rows: Iterable[Standing], homes: Mapping[int, Home]) -> dict[Key, Cells]:
    """Standing observations by strip; in each by part and place, the one that goes before
    first: by rank of its series, then by which was defined first."""
    found: dict[Key, list[tuple[int, int, int, int, tuple[object, ...]]]] = {}
    for row in rows:
        home = homes[row.series]
        status = STATUSES.index(row.status)
        cell = (
            home.part, row.place, row.series, status, row.status in PROVISIONAL,
            row.simulated, row.id, row.value,
        )  # fmt: skip
        found.setdefault(home.key(row.period), []).append(
            (home.part, row.place, home.rank, row.series, cell)
        )
    return {
        key: np.array([each[-1] for each in sorted(several)], CELL)
        for key, several in found.items()
    }
