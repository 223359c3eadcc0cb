"""Checks of a cascade at national scale: against plain Python, against networkx, as it grows.

The data are the simulated cascade (`throughline cascade simulate`): 300 national elements, 9,000
of provinces, 90,000 of prefectures and counties, 150,000 links, some 265,000 assignments. As of the
day on which it came into force nothing in it is at fault. Faults of every code are put in by
`throughline/cascade/tests/faults.py`, which knows nothing of the checker; each of the three has to
find all of them and nothing else.

All begin with what was read: the checker with columns of keys, days and flags, in the order of the
database; plain Python and networkx with a record for each row, made before time is taken. All end
with the list of findings. So the checker's time holds turning keys into positions, plain Python's
its dictionaries, and networkx's building its graph.

"From the database" is read, checked, and told: all statements and all findings of today, when
thousands of bodies are silent.
"""

from __future__ import annotations

import math
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from bench.graphs import check_by_graph, told
from bench.national import prepare
from bench.row import Row
from throughline.cascade.checking import Rows, check, read
from throughline.cascade.checking.rows import instant
from throughline.cascade.simulating import KEY, simulate_cascade
from throughline.cascade.tests.cascades import as_found, as_records, as_rows, goal_of
from throughline.cascade.tests.faults import Faults
from throughline.cascade.tests.plainly import check_plainly
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.tables import renew_statistics
from throughline.places.models import Scheme
from throughline.plans.models import Plan, PlanVersion
from throughline.running.database import ensure_database

EACH = 10
"""So many faults of each kind."""
ROUNDS = 15


def simulated() -> tuple[Plan, float | None]:
    """The simulated plan, and the seconds that writing it took, if it was not there."""
    prepare()
    ensure_database()
    found = Plan.objects.filter(key=KEY).first()
    if found:
        return found, None
    begun = time.perf_counter()
    plan = simulate_cascade(SYSTEM, scheme=Scheme.objects.get(key="cn"), today=clock.now().date())
    taken = time.perf_counter() - begun
    renew_statistics()
    return plan, taken


def median_of(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds that a piece of work takes."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def in_force_since(plan: Plan) -> date:
    """The day on which the national plan came into force."""
    version = plan.versions.get(state=PlanVersion.State.IN_FORCE)
    assert version.in_force_from is not None
    return version.in_force_from


def run() -> list[Row]:
    """Every row; the load of the machine is told, for it matters."""
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    plan, loading = simulated()
    rows = []
    if loading is not None:
        rows.append(Row("simulated cascade written", "5 minutes", loading, 300, "s", 1.0))
    columns = read(plan)
    now = clock.now()
    rows.append(from_database(plan, now))
    rows += beside_peers(columns, in_force_since(plan))
    rows.append(growth(columns, in_force_since(plan)))
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return rows


def from_database(plan: Plan, now: datetime) -> Row:
    """Read and checked, with what is silent today."""
    found: list[Any] = []

    def work() -> None:
        found[:] = check(read(plan), today=now.date(), now=now)

    taken = median_of(work, 5)
    counts = Counter(each.code for each in found)
    print("today: " + ", ".join(f"{count:,} {code}" for code, count in counts.items()))
    return Row("from the database", "limit", taken, 3, "s", 1.0)


def beside_peers(columns: Rows, today: date) -> list[Row]:
    """The same faults found by all three, in turn."""
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    day, now = today.toordinal(), instant(at)
    clean = as_records(columns)
    assert check(columns, today=today, now=at) == []
    faulty = Faults(clean, day, now, seed=14, count=EACH)
    records, rows = faulty.cascade, as_rows(faulty.cascade)
    expected = Counter(faulty.expected)

    def ours() -> list[Any]:
        return check(rows, today=today, now=at)

    def plain() -> list[Any]:
        return check_plainly(records, day, now, goal_of)

    def graph() -> list[Any]:
        return check_by_graph(records, day, now)

    assert Counter(as_found(ours())) == expected, "ours: not all, or others"
    assert Counter(plain()) == expected, "plain Python: not all, or others"
    assert Counter(graph()) == Counter(told(each) for each in expected.elements()), "networkx"
    codes = len({code for code, *_rest in expected})
    print(f"{expected.total():,} findings of {codes} codes, all found by all three")
    times: dict[Callable[[], list[Any]], list[float]] = {ours: [], plain: [], graph: []}
    for _ in range(3):
        times[ours].append(median_of(ours))
        for peer in (plain, graph):
            times[peer].append(median_of(peer, 1))
    took = {work: statistics.median(found) * 1000 for work, found in times.items()}
    elements, links = len(rows.elements), len(rows.links)
    name = f"{elements:,} elements, {links:,} links"
    return [
        Row("columns with encoding", "limit", took[ours], 40, "ms", 1.0),
        Row(name, "plain Python", took[ours], took[plain], "ms", 15.0),
        Row(name, "networkx", took[ours], took[graph], "ms", 100.0),
    ]


def copies(columns: Rows, count: int) -> Rows:
    """The cascade so many times side by side, with keys of their own."""
    keyed = {
        "id", "superior", "place", "thread", "plan", "element", "body", "assignment", "after",
        "indicator", "edition", "before",
    }  # fmt: skip
    step = 1 + max(
        int(getattr(table, name).max(initial=0))
        for table in (getattr(columns, each.name) for each in fields(columns))
        for name in table.columns()
        if name in keyed
    )
    tables = []
    for each in fields(columns):
        table = getattr(columns, each.name)
        made = []
        for name in table.columns():
            column = getattr(table, name)
            shifted = [
                np.where(column > 0, column + turn * step, column) if name in keyed else column
                for turn in range(count)
            ]
            made.append(np.concatenate(shifted))
        tables.append(type(table).of(*made))
    return Rows(*tables)


def part(columns: Rows, share: float) -> Rows:
    """Some of the local plans, by chance, with what belongs to them; what lies below a plan
    that is left out goes with it."""
    draw = random.Random(14)
    plans = columns.plans
    superior = dict(zip(plans.id.tolist(), plans.superior.tolist(), strict=True))
    inner = set(superior.values())
    kept = {
        plan for plan, above in superior.items()
        if not above or plan in inner or draw.random() < share
    }  # fmt: skip
    places = set(plans.place[np.isin(plans.id, list(kept))].tolist())
    planned = set(plans.place.tolist())
    out = planned - places
    elements = _rows(columns.elements, np.isin(columns.elements.plan, list(kept)))
    given = columns.assignments
    assignments = _rows(given, np.isin(given.plan, list(kept)) & ~np.isin(given.place, list(out)))
    targets, links = columns.targets, columns.links
    return Rows(
        plans=_rows(plans, np.isin(plans.id, list(kept))),
        elements=elements,
        links=_rows(links, np.isin(links.element, elements.id)),
        printed=_rows(columns.printed, np.isin(columns.printed.element, elements.id)),
        assignments=assignments,
        milestones=_rows(
            columns.milestones, np.isin(columns.milestones.assignment, assignments.id)
        ),
        targets=_rows(targets, np.isin(targets.plan, list(kept))),
        waits=_rows(columns.waits, np.isin(columns.waits.after, elements.thread)),
        endings=columns.endings,
    )


def _rows(table: Any, kept: Any) -> Any:
    return type(table).of(*(getattr(table, name)[kept] for name in table.columns()))


def growth(columns: Rows, today: date) -> Row:
    """How time grows with the size: the slope from a fifth of the lowest plans, which the
    processor's caches hold, to sixteen countries side by side, which they do not."""
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    sizes, times = [], []
    for data in (part(columns, 0.2), columns, copies(columns, 4), copies(columns, 16)):

        def work(data: Rows = data) -> object:
            return check(data, today=today, now=at)

        assert work() == []
        sizes.append(sum(len(getattr(data, each.name)) for each in fields(data)))
        times.append(min(median_of(work, 7), median_of(work, 7)))
        print(f"{sizes[-1]:>10,} rows: {times[-1] * 1000:.1f} ms")
    slope = math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0])
    return Row("growth with size", "exponent of 1.2", slope, 1.2, "", 1.0)
