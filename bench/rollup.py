"""Full roll-up at scale, against other engines, against memory itself, and as it grows.

Data (made up): 2,850 counties under 333 prefectures, 31 provinces and a nation × 200 indicators
× 60 months, 5 % missing: 100 sums, 25 ratios of two sums (50 indicators) and 50 means, all
weighed by the first indicator. At every prefecture, province and the nation each engine gives
each value, how many counties reported (both parts, of a ratio) and the share of the weight that
they hold. All are held to the same totals and start with their data in memory.

Each peer has its natural, good form. DuckDB, Polars, PostgreSQL: a row for each figure and a
table of units; aggregated by prefecture, and upward from there. SciPy: the sparse matrix of every
upper unit by county, times the figures. PostgreSQL is measured over a thirtieth of the months and
taken for the whole. Each peer runs in a process of its own. The floor reads every figure once and
writes once what the roll-up writes: the lanes, which the cube keeps, and the results. Status and
gap are those of every result, against a target of its own, of any operator.

39,000 towns × 100 indicators × 60 months run alone too, so that their memory can be told; it counts
the figures, the lanes and the results.
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import psycopg
import scipy.sparse
from numba import njit, prange, uintp
from psycopg.conninfo import make_conninfo

from bench.judging import goal_of
from bench.row import Row
from throughline.figures.cube import kernels
from throughline.figures.cube.measures import ACCEPTED, SIMULATED, Column, Measure
from throughline.figures.cube.rolling import tree_of
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import Layout
from throughline.figures.cube.verdicts import Prepared, judge_strips
from throughline.figures.rules.bulk import Goals
from throughline.kernel.period import Period, Span
from throughline.running.database import ensure_database, parameters

COUNTIES = ((31, 333, 2850), (100, 25, 50))
TOWNS = ((31, 333, 2850, 39_000), (50, 10, 30))
MONTHS = 60
MISSING = 0.05
PART = 30
"""PostgreSQL rolls up one month in so many: a thirtieth of them."""

Array = npt.NDArray[Any]


def layout_of(counts: tuple[int, int, int], tier: str) -> Layout:
    """Sums first, numerators, denominators, means; all weighed by the first indicator."""
    sums, ratios, means = counts
    second = sums + 2 * ratios + 1
    asked = [Measure(key, "sum", (key,), tier, weight=1) for key in range(1, sums + 1)]
    asked += [
        Measure(key, "ratio", (key, key + ratios), tier, weight=1, scale=100)
        for key in range(sums + 1, sums + 1 + ratios)
    ]
    asked += [
        Measure(key, "weighted_mean", (key,), tier, weight=1)
        for key in range(second, second + means)
    ]
    parts = range(1, second + means)
    absent = [Column(part, tier, 0, holds) for part in parts for holds in (ACCEPTED, SIMULATED)]
    return Layout.of(asked, absent)


@dataclass
class Country:
    """A tree and made-up figures: own[month, unit, column], whole numbers below 2^20."""

    shape: Shape
    layout: Layout
    own: Array
    above: npt.NDArray[np.float64]
    plan: npt.NDArray[np.int32]
    results: tuple[Array, Array, Array]

    @classmethod
    def of(
        cls,
        widths: tuple[int, ...],
        counts: tuple[int, int, int],
        months: int = MONTHS,
        kind: str = "float32",
    ) -> Country:
        """A tree whose tiers have so many units."""
        chance = np.random.default_rng(14)
        parents, tiers, begin = [-1], ["0"], 0
        for tier, width in enumerate(widths, start=1):
            size = len(parents) - begin
            spread = np.concatenate([np.arange(size), chance.integers(0, size, width - size)])
            begin, above = len(parents), begin + np.sort(spread)
            parents += above.tolist()
            tiers += [str(tier)] * width
        levels = {str(tier): tier for tier in range(len(widths) + 1)}
        shape = Shape.of(range(len(parents)), parents, tiers, levels)
        layout = layout_of(counts, str(len(widths)))
        own = np.empty((months, len(shape), len(layout.columns)), kind)
        for month in own:
            month[:] = chance.integers(1, 2**20, month.shape, dtype=np.int32)
            month[chance.random(month.shape, dtype=np.float32) < MISSING] = np.nan
            month[: len(shape.units)] = np.nan
        above = np.zeros((months, len(shape.units), len(layout.lanes)))
        result = (months, len(shape.units), len(layout.measures))
        results = (np.zeros(result), np.zeros(result), np.zeros(result))
        return cls(shape, layout, own, above, plan_of(layout), results)

    def roll_up(self) -> tuple[Array, Array, Array]:
        """Values, counts and shares of the weight at every upper unit."""
        _roll_and_finish(
            self.own, self.above, tree_of(self.shape), self.layout.runs, self.layout.paired,
            self.layout.added, self.plan, *self.results,
        )  # fmt: skip
        return self.results

    def floor(self) -> None:
        """Read every figure once, write every lane and every result once."""
        figures = self.own.reshape(len(self.own), -1).view(np.int32)
        _touch(figures, self.above, *self.results)

    @property
    def lowest(self) -> slice:
        """The units that owe figures."""
        return slice(len(self.shape.units), None)


def plan_of(layout: Layout) -> npt.NDArray[np.int32]:
    """Runs of neighbouring measures: first lanes of sum, divisor (-1: none), count and weight,
    the lane of the whole weight, scale, how many measures."""
    runs: list[list[int]] = []
    for each in layout.measures:
        lanes, marks = each.lanes(), each.marks()
        named = (lanes["sum"], lanes.get("under"), marks.get("both", lanes["count"]))
        found = [layout.lane_number[lane] if lane else -1 for lane in (*named, marks["weight"])]
        scale = int(each.scale) if each.kind == "ratio" else 1
        whole = layout.lane_number[marks["whole"]]
        if runs:
            first, size = runs[-1], runs[-1][6]
            follows = [lane + size if lane >= 0 else -1 for lane in first[:4]]
            if found == follows and (whole, scale) == (first[4], first[5]):
                first[6] += 1
                continue
        runs.append([*found, whole, scale, 1])
    return np.asarray(runs, np.int32)


@njit(parallel=True, cache=True, error_model="numpy")  # type: ignore[misc, unused-ignore]
def _roll_and_finish(
    own: Any, above: Any, tree: Any, runs: Any, paired: int, added: int, plan: Any,
    values: Any, counts: Any, shares: Any,
) -> None:  # fmt: skip
    for t in prange(own.shape[0]):
        figures, lanes, a, b, c = own[t], above[t], values[t], counts[t], shares[t]
        for p in tree[4]:
            kernels.add_up(figures, lanes, tree, p, runs, paired, added)
            _finish(lanes, plan, p, a, b, c)


@njit(inline="always", error_model="numpy")  # type: ignore[misc, unused-ignore]
def _finish(above: Any, plan: Any, p: int, values: Any, counts: Any, shares: Any) -> None:
    to = uintp(0)
    for k in range(plan.shape[0]):
        total, under, count = uintp(plan[k, 0]), uintp(plan[k, 1]), uintp(plan[k, 2])
        weight, whole, size = uintp(plan[k, 3]), above[p, plan[k, 4]], uintp(plan[k, 6])
        if plan[k, 1] >= 0:
            scale = np.float64(plan[k, 5])
            for m in range(size):
                there = (above[p, count + m] > 0) & (above[p, under + m] != 0)
                value = above[p, total + m] / above[p, under + m] * scale
                values[p, to + m] = value if there else np.nan
        else:
            for m in range(size):
                there = above[p, count + m] > 0
                values[p, to + m] = above[p, total + m] if there else np.nan
        for m in range(size):
            counts[p, to + m] = above[p, count + m]
            shares[p, to + m] = above[p, weight + m] / whole
        to += size


@njit(parallel=True, cache=True)  # type: ignore[misc, unused-ignore]
def _touch(content: Any, above: Any, values: Any, counts: Any, shares: Any) -> None:
    for t in prange(content.shape[0]):
        total = 0
        for i in range(content.shape[1]):
            total += content[t, i]
        above[t] = total
        values[t] = total
        counts[t] = total
        shares[t] = total


# -- peers ---------------------------------------------------------------------------------


def figures_of(country: Country, months: int = MONTHS) -> pl.DataFrame:
    """A row for each figure."""
    own = country.own[:months, country.lowest]
    given = ~np.isnan(own)
    month, unit, column = np.nonzero(given)
    return pl.DataFrame(
        {
            "month": month.astype(np.int16), "unit": unit.astype(np.int16),
            "indicator": column.astype(np.int16), "value": own[given].astype(np.float64),
        }
    )  # fmt: skip


def units_of(country: Country) -> pl.DataFrame:
    """The counties with their prefecture and province, by position."""
    prefecture = country.shape.parents[country.lowest]
    return pl.DataFrame(
        {
            "unit": np.arange(len(prefecture), dtype=np.int16),
            "prefecture": prefecture.astype(np.int16),
            "province": country.shape.parents[prefecture].astype(np.int16),
        }
    )


SUMS, RATIOS, MEANS = COUNTIES[1]
FIRST_RATIO, FIRST_MEAN = SUMS, SUMS + 2 * RATIOS

IS_RATIO = f"a.indicator BETWEEN {FIRST_RATIO} AND {FIRST_RATIO + RATIOS - 1}"

QUERY = f"""
WITH weights AS (SELECT month, unit, value AS weight FROM figures WHERE indicator = 0),
given AS (
  SELECT f.month, f.unit, f.indicator, f.value, under.value AS under, w.weight
    FROM figures f
    LEFT JOIN weights w ON w.month = f.month AND w.unit = f.unit
    LEFT JOIN figures under ON f.indicator >= {FIRST_RATIO} AND f.indicator < {FIRST_MEAN}
         AND under.indicator = f.indicator + {RATIOS}
         AND under.month = f.month AND under.unit = f.unit),
low AS (
  SELECT g.indicator, g.month, u.province, u.prefecture, sum(g.value) AS total,
         count(*) AS given, count(under) AS pairs, sum(weight) AS weight,
         sum(weight) FILTER (WHERE under IS NOT NULL) AS weight_of_pairs,
         sum(g.value * weight) AS product
    FROM given g JOIN units u ON u.unit = g.unit
   GROUP BY g.indicator, g.month, u.province, u.prefecture),
mid AS (
  SELECT indicator, month, province, sum(total) AS total, sum(given) AS given,
         sum(pairs) AS pairs, sum(weight) AS weight, sum(weight_of_pairs) AS weight_of_pairs,
         sum(product) AS product
    FROM low GROUP BY indicator, month, province),
top AS (
  SELECT indicator, month, sum(total) AS total, sum(given) AS given, sum(pairs) AS pairs,
         sum(weight) AS weight, sum(weight_of_pairs) AS weight_of_pairs, sum(product) AS product
    FROM mid GROUP BY indicator, month),
lanes AS (
  SELECT indicator, month, prefecture AS place, total, given, pairs, weight, weight_of_pairs,
         product FROM low
  UNION ALL SELECT * FROM mid
  UNION ALL SELECT indicator, month, 0, total, given, pairs, weight, weight_of_pairs, product
    FROM top)
SELECT a.indicator, a.month, a.place,
       CASE WHEN a.indicator < {FIRST_RATIO} THEN a.total
            WHEN a.indicator < {FIRST_MEAN} THEN a.total / nullif(b.total, 0) * 100
            ELSE a.product / a.weight END AS value,
       CASE WHEN {IS_RATIO} THEN a.pairs ELSE a.given END AS given,
       CASE WHEN {IS_RATIO} THEN a.weight_of_pairs ELSE a.weight END / w.weight AS share
  FROM lanes a
  JOIN lanes w ON w.indicator = 0 AND w.month = a.month AND w.place = a.place
  LEFT JOIN lanes b ON {IS_RATIO}
       AND b.indicator = a.indicator + {RATIOS} AND b.month = a.month AND b.place = a.place
 WHERE a.indicator < {FIRST_RATIO + RATIOS} OR a.indicator >= {FIRST_MEAN}
"""
"""The whole roll-up in SQL."""

CHECK = "SELECT sum(value), sum(given), sum(share), count(*) FILTER (WHERE given > 0) FROM results"


def by_duckdb(country: Country) -> tuple[Callable[[], object], Callable[[], tuple[Any, ...]]]:
    """The work, and what its results add up to."""
    database = duckdb.connect(
        config={"threads": os.cpu_count() or 1, "autoinstall_known_extensions": False}
    )
    for name, rows in (("figures", figures_of(country)), ("units", units_of(country))):
        database.register("rows", rows.to_arrow())
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")
        database.unregister("rows")

    def work() -> object:
        return database.execute(f"CREATE OR REPLACE TEMP TABLE results AS {QUERY}")

    return work, lambda: database.execute(CHECK).fetchall()[0]


def by_polars(country: Country) -> tuple[Callable[[], object], Callable[[], tuple[Any, ...]]]:
    """The same in Polars' own words."""
    figures, units = figures_of(country), units_of(country)
    kept: list[pl.DataFrame] = []
    key = ["month", "unit"]

    def work() -> object:
        rows = figures.lazy()
        weights = rows.filter(pl.col("indicator") == 0).select(*key, weight="value")
        under = rows.filter(
            pl.col("indicator").is_between(FIRST_RATIO + RATIOS, FIRST_MEAN - 1)
        ).select(*key, indicator=pl.col("indicator") - RATIOS, under="value")
        both = pl.col("under").is_not_null()
        lanes = ["total", "given", "both", "weight", "weight_of_both", "product"]
        low = (
            rows.join(weights, on=key, how="left")
            .join(under, on=[*key, "indicator"], how="left")
            .join(units.lazy(), on="unit")
            .group_by("indicator", "month", "province", "prefecture")
            .agg(
                total=pl.col("value").sum(),
                given=pl.len().cast(pl.Int64),
                both=both.sum().cast(pl.Int64),
                weight=pl.col("weight").sum(),
                weight_of_both=pl.col("weight").filter(both).sum(),
                product=(pl.col("value") * pl.col("weight")).sum(),
            )
        )
        mid = low.group_by("indicator", "month", "province").agg(pl.col(lanes).sum())
        top = mid.group_by("indicator", "month").agg(pl.col(lanes).sum())
        place = ["indicator", "month", "place"]
        whole = pl.concat(
            [
                low.with_columns(place="prefecture").select(*place, *lanes),
                mid.with_columns(place="province").select(*place, *lanes),
                top.with_columns(place=pl.lit(0, pl.Int16)).select(*place, *lanes),
            ]
        )
        weights_above = whole.filter(pl.col("indicator") == 0).select(
            "month", "place", whole="weight"
        )
        divisors = whole.select(
            "month", "place", indicator=pl.col("indicator") - RATIOS, divisor="total"
        )
        is_ratio = pl.col("indicator").is_between(FIRST_RATIO, FIRST_RATIO + RATIOS - 1)
        found = (
            whole.filter(is_ratio | ~pl.col("indicator").is_between(FIRST_RATIO, FIRST_MEAN - 1))
            .join(weights_above, on=["month", "place"])
            .join(divisors, on=place, how="left")
            .select(
                *place,
                value=pl.when(is_ratio)
                .then(pl.col("total") / pl.col("divisor") * 100)
                .when(pl.col("indicator") >= FIRST_MEAN)
                .then(pl.col("product") / pl.col("weight"))
                .otherwise(pl.col("total")),
                given=pl.when(is_ratio).then("both").otherwise("given"),
                share=pl.when(is_ratio).then("weight_of_both").otherwise("weight")
                / pl.col("whole"),
            )
        )
        kept[:] = [found.collect()]
        return kept

    def check() -> tuple[Any, ...]:
        found = kept[0]
        return (
            found["value"].fill_nan(None).sum(),
            found["given"].sum(),
            found["share"].sum(),
            (found["given"] > 0).sum(),
        )

    return work, check


def by_scipy(country: Country) -> tuple[Callable[[], object], Callable[[], tuple[Any, ...]]]:
    """One sparse matrix times every column."""
    shape, own = country.shape, country.own[:, country.lowest]
    rows, columns = [], []
    for column, unit in enumerate(range(len(shape.units), len(shape))):
        here = int(shape.parents[unit])
        while here >= 0:
            rows.append(int(shape.upper[here]))
            columns.append(column)
            here = int(shape.parents[here])
    size = (len(shape.units), own.shape[1])
    tree = scipy.sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=size)
    results = tuple(np.empty_like(each) for each in country.results)
    ratio = slice(FIRST_RATIO, FIRST_RATIO + RATIOS)
    under, mean = slice(ratio.stop, FIRST_MEAN), slice(FIRST_MEAN, None)

    def work() -> object:
        for month, values, counts, shares in zip(own, *results, strict=True):
            given = ~np.isnan(month)
            x = np.where(given, month, 0.0).astype(np.float64)
            weight = x[:, :1]
            both = given[:, ratio] & given[:, under]
            there = np.hstack([given[:, :SUMS], both, given[:, mean]]).astype(np.float64)
            sums, heavy = tree @ x[:, :FIRST_MEAN], tree @ (there * weight)
            product = tree @ (x[:, mean] * weight)
            counts[:] = tree @ there
            values[:, :SUMS] = sums[:, :SUMS]
            divisors = np.where(sums[:, under] == 0, np.nan, sums[:, under])
            values[:, SUMS : SUMS + RATIOS] = sums[:, ratio] / divisors * 100
            with np.errstate(invalid="ignore"):
                values[:, SUMS + RATIOS :] = product / heavy[:, SUMS + RATIOS :]
                shares[:] = heavy / heavy[:, :1]
        return results

    return work, lambda: totals(results)


def by_postgresql(country: Country, months: int) -> tuple[float, tuple[Any, ...]]:
    """Seconds for some months, and what the results add up to, in scratch tables."""
    ensure_database()
    figures, units = figures_of(country, months), units_of(country)
    with psycopg.connect(make_conninfo(**parameters(owner=True))) as server:
        for name, rows, columns in (
            ("figures", figures, "month int2, unit int2, indicator int2, value float8"),
            ("units", units, "unit int2, prefecture int2, province int2"),
        ):
            server.execute(f"CREATE TEMP TABLE {name} ({columns})")
            with server.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                copy.write(rows.write_csv(separator="\t", include_header=False))
        server.execute("CREATE INDEX ON figures (indicator, month, unit)")
        server.execute("ANALYZE figures")
        server.execute("ANALYZE units")
        server.execute("SET work_mem = '512MB'")
        begun = time.perf_counter()
        server.execute(f"CREATE TEMP TABLE results AS {QUERY}")
        seconds = time.perf_counter() - begun
        found = server.execute(CHECK).fetchone()
        server.rollback()
    return seconds, tuple(map(float, found or ()))


def totals(results: tuple[Array, ...], months: int = MONTHS) -> tuple[Any, ...]:
    """What results add up to, by which engines are held to each other."""
    values, counts, shares = (each[:months] for each in results)
    given = counts > 0
    return (np.nansum(values), counts.sum(), shares[given].sum(), int(given.sum()))


def agree(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> None:
    """Raises AssertionError where two engines say different things."""
    for a, b in zip(ours, theirs, strict=True):
        if not math.isclose(float(a), float(b), rel_tol=1e-9):
            raise AssertionError(f"the engines differ: {ours} and {theirs}")


# -- rows ----------------------------------------------------------------------------------


def seconds_of(work: Callable[[], object], enough: float = 2.0) -> float:
    """The median of 3 to 15 rounds, as many as are done in so many seconds, after one that does
    not count."""
    work()
    times: list[float] = []
    while len(times) < 3 or (len(times) < 15 and sum(times) < enough):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


PEERS = {"DuckDB": (by_duckdb, 60.0), "Polars": (by_polars, 100.0), "SciPy": (by_scipy, 12.0)}
"""Each with so many times our seconds as are expected at least."""


NAME = "2,850 × 200 × 60"


def against(peer: str) -> dict[str, float]:
    """Seconds of ours and of a peer; between two measurements of ours, so that what else the
    machine does hits both. In a process of its own, whose memory and threads no other uses."""
    country = Country.of(*COUNTIES)
    work, check = PEERS[peer][0](country)
    before, theirs = seconds_of(country.roll_up), seconds_of(work)
    agree(totals(country.roll_up()), check())
    ours = statistics.median([before, seconds_of(country.roll_up)])
    return {"ours": ours, "theirs": theirs}


def counties() -> list[Row]:
    """Against the peers."""
    rows = []
    for peer, (_of, expected) in PEERS.items():
        said = _alone("peer", peer)
        rows.append(Row(NAME, peer, said["ours"] * 1000, said["theirs"] * 1000, "ms", expected))
    country = Country.of(*COUNTIES)
    ours, months = seconds_of(country.roll_up), MONTHS // PART
    theirs, said_of = by_postgresql(country, months)
    agree(totals(country.roll_up(), months), said_of)
    rows.append(
        Row(NAME, f"PostgreSQL ({months} months × {PART})", ours * 1000, theirs * PART * 1000,
            "ms", 500.0)
    )  # fmt: skip
    ours, floor = seconds_of(country.roll_up), seconds_of(country.floor)
    rows.append(Row(f"{NAME}, at most 8 floors", "floor", ours * 1000, floor * 1000, "ms", 1 / 8))
    return [*rows, judged(country, NAME), growth()]


def judged(country: Country, name: str) -> Row:
    """With the status and the gap of every result against a target of its own: at most double."""
    draw = random.Random(14)
    size = country.results[0][0].size
    goals = [goal_of(draw) for _ in range(size)]
    months = [Period(2020 + k // 12, Span.MONTH, k % 12 + 1) for k in range(MONTHS)]
    ready = Prepared.of(Goals.of(goals), months)
    values = country.results[0].reshape(MONTHS, size)
    said = np.empty(values.shape, np.int8), np.empty(values.shape)

    def work() -> object:
        country.roll_up()
        return judge_strips(ready, values, into=said)

    plain = seconds_of(country.roll_up)
    both = seconds_of(work)
    plain = statistics.median([plain, seconds_of(country.roll_up)])
    return Row(f"{name}, with status and gaps at most double", "without", both * 1000,
               plain * 1000, "ms", 0.5)  # fmt: skip


def growth() -> Row:
    """How time grows with the number of months: the slope over a sixteenfold."""
    times = {}
    for months in (15, 60, 240):
        country = Country.of(COUNTIES[0], (50, 12, 26), months)
        times[months] = min(seconds_of(country.roll_up), seconds_of(country.roll_up))
    exponent = math.log(times[240] / times[15]) / math.log(16)
    return Row("growth from 15 to 240 months", "exponent of 1.05", exponent, 1.05, "", 1.0)


def towns(kind: str) -> dict[str, float]:
    """Seconds of the roll-up and of the floor, and GB resident, in a process of its own."""
    country = Country.of(*TOWNS, kind=kind)
    ours, floor = seconds_of(country.roll_up), seconds_of(country.floor)
    return {"ours": ours, "floor": floor, "memory": most_resident()}


def most_resident() -> float:
    """The most GB that this process held. `getrusage` would count what the one that started
    it held before."""
    said = Path("/proc/self/status").read_text()
    return int(said.partition("VmHWM:")[2].split()[0]) * 1024 / 1e9


def _alone(*words: str) -> dict[str, float]:
    """What this module says when it is run with some words."""
    command = [sys.executable, "-m", "bench.rollup", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def towns_rows(kind: str, limit: float) -> list[Row]:
    """The towns in one type of number."""
    said = _alone("towns", kind)
    name = f"39,000 × 100 × 60, {kind}"
    return [
        Row(f"{name}, at most 4 floors", "floor", said["ours"] * 1000, said["floor"] * 1000, "ms",
            1 / 4),
        Row(f"{name}, memory", "limit", said["memory"], limit, "GB", 1.0),
    ]  # fmt: skip


def run() -> list[Row]:
    """Every row; the load of the machine is told, for it matters."""
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    rows = [
        *counties(),
        *towns_rows("float32", 2.5),
        *towns_rows("float64", 4.0),
        *import_module("bench.making").run(),
    ]
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return rows


if __name__ == "__main__":
    print(json.dumps({"peer": against, "towns": towns}[sys.argv[1]](sys.argv[2])))
