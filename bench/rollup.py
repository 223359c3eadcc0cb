"""Full roll-up at scale, against other engines, against memory itself, and as it grows.

Data (made up): 2,850 counties under 333 prefectures, 31 provinces and a nation × 200 indicators
× 60 months, 5 % missing: 100 sums, 25 ratios of two sums (50 indicators), 50 means weighted by
the first indicator; for each also how many counties reported and the share of the weight that
they hold, at every prefecture, province and the nation. All engines work on the same figures,
are held to the same totals, and start with their data in memory (PostgreSQL: in its cache).

Each peer has its natural, good form. DuckDB and Polars: columns by indicator, a row for each
county and month, aggregated by prefecture first and from there upward. SciPy: one sparse matrix
of every unit above by county, times the figures. PostgreSQL: a row for each figure, aggregated by
prefecture, province and nation; measured over a part of the months and taken for the whole.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import psycopg
import scipy.sparse
from psycopg.conninfo import make_conninfo

from bench.row import Row
from throughline.figures.cube import kernels
from throughline.figures.cube.measures import ACCEPTED, SIMULATED, Column, Measure
from throughline.figures.cube.rolling import tree_of
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import Layout
from throughline.running.database import ensure_database, parameters

SUMS, RATIOS, MEANS = 100, 25, 50
MISSING = 0.05
PATIENCE = 60.0
"""Seconds after which a peer is not run again."""

Array = npt.NDArray[Any]


@dataclass
class Country:
    """A tree and figures: (months, units, indicators); units in the order of the shape."""

    shape: Shape
    layout: Layout
    own: Array
    above: npt.NDArray[np.float64]

    @classmethod
    def of(cls, widths: tuple[int, ...], counts: tuple[int, int, int], months: int) -> Country:
        """A tree whose tiers have so many units, figures of whole numbers below 2^20."""
        chance = np.random.default_rng(14)
        parents, tiers, begin = [-1], [0], 0
        for tier, width in enumerate(widths, start=1):
            size = len(parents) - begin
            spread = chance.integers(0, size, width - size)
            parents += (begin + np.sort(np.concatenate([np.arange(size), spread]))).tolist()
            tiers += [tier] * width
            begin = len(parents) - width
        names = [str(tier) for tier in tiers]
        levels = {str(tier): tier for tier in range(len(widths) + 1)}
        shape = Shape.of(range(len(parents)), parents, names, levels)
        layout = layout_of(counts, str(len(widths)))
        size = (months, len(shape), sum(counts) + counts[1])
        own = chance.integers(1, 2**20, size, dtype=np.int32).astype(np.float32)
        own[chance.random(size, dtype=np.float32) < MISSING] = np.nan
        own[:, : len(shape.units)] = np.nan
        above = np.zeros((months, len(shape.units), len(layout.lanes)))
        return cls(shape, layout, own, above)

    def roll_up(self) -> tuple[Array, Array, Array]:
        """Lanes, then values, counts and shares of weight at every unit above."""
        kernels.roll(
            self.own, self.above, tree_of(self.shape), self.layout.runs, self.layout.paired,
            self.layout.added, self.layout.table, self.layout.bands,
        )  # fmt: skip
        return finish(self.above, self.layout)

    @property
    def cells(self) -> int:
        return self.own.shape[0] * self.shape.owing(self.shape.names[-1]).sum() * self.own.shape[2]


def layout_of(counts: tuple[int, int, int], tier: str) -> Layout:
    """Sums first, numerators, denominators, means; all weighed by the first indicator."""
    sums, ratios, means = counts
    first = sums + 1
    asked = [Measure(key, "sum", (key,), tier, weight=1) for key in range(1, first)]
    asked += [
        Measure(key, "ratio", (key, key + ratios), tier, weight=1, scale=100)
        for key in range(first, first + ratios)
    ]
    second = first + 2 * ratios
    asked += [
        Measure(key, "weighted_mean", (key,), tier, weight=1)
        for key in range(second, second + means)
    ]
    absent = [
        Column(part, tier, 0, holds)
        for part in range(1, second + means)
        for holds in (ACCEPTED, SIMULATED)
    ]
    return Layout.of(asked, absent)


def finish(above: Array, layout: Layout) -> tuple[Array, Array, Array]:
    """Values, counts and shares of every measure from the lanes, strip by strip."""
    plan = plan_of(layout)
    shape = (*above.shape[:2], len(layout.measures))
    values, counts, shares = (np.empty(shape) for _ in range(3))
    kernels.finish(above, plan, values, counts, shares)
    return values, counts, shares
