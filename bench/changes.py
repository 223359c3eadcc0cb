"""One figure changed, and a stream of changes, on the national demo while it is served.

First: a county's figure is changed through the action (durable when it returns) and its
prefecture's, province's and nation's totals are asked for as a page asks for them; each must be
right. The time is that of both together; the limits are 15 ms in the median and 60 ms for 19 of
20. Then: acts of a hundred figures follow one another, and the roll-up process has to be at
the journal's head when they end. The limit is a thousand changes a second.
"""

from __future__ import annotations

import math
import random
import statistics
import time

from bench.national import served
from bench.row import Row
from throughline.figures.actions import record_observation
from throughline.figures.actions.writing import Entry, write
from throughline.figures.models import Observation, Series
from throughline.figures.rollup import Wanted, tables
from throughline.figures.rollup.cubed import cube_folder, cube_of
from throughline.kernel import journal
from throughline.kernel.action import Act, action
from throughline.kernel.actor import SYSTEM
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.places.queries import ancestors

SERIES = "old-compounds-reported"
PERIOD = Period(2023)
SINGLE = 300
WARM_UP = 20
ACTS, FIGURES = 100, 100
SEED = 14


@action("bench.change")
def change_many(act: Act, *, series: Series, places: list[Place], value: float) -> int:
    """Give many places a figure in one act."""
    act.about(f"bench:{series.key}")
    entries = [
        Entry(series=series, place=each, period=PERIOD, value=value, status="unreviewed",
              note="bench", simulated=True)
        for each in places
    ]  # fmt: skip
    return write(act, entries).stored


def _standing(series: Series) -> dict[int, Observation]:
    rows = Observation.objects.filter(series=series, period=PERIOD.code).order_by("id")
    return {row.place_id: row for row in rows.select_related("place")}


def _single(series: Series, draw: random.Random) -> list[float]:
    """Seconds of each change, from the call to the right totals above."""
    wanted = Wanted(series.indicator, series.edition, PERIOD)
    rows = list(_standing(series).values())
    draw.shuffle(rows)
    times = []
    for row in rows[: SINGLE + WARM_UP]:
        above = [each.pk for each in ancestors(row.place, PERIOD.end)]
        table = tables([wanted])[wanted]
        before = {each: table.at(each).rollup for each in above}
        value = (row.value or 0.0) + 1.0
        begun = time.perf_counter()
        record_observation(
            SYSTEM, series=series, place=row.place, period=PERIOD, value=value,
            status="unreviewed", note="bench", supersedes=row.pk,
        )  # fmt: skip
        table = tables([wanted])[wanted]
        found = {each: table.at(each).rollup for each in above}
        times.append(time.perf_counter() - begun)
        right = {each: (was or 0.0) + value - (row.value or 0.0) for each, was in before.items()}
        if not all(math.isclose(found[each] or 0.0, right[each], rel_tol=1e-12) for each in above):
            raise AssertionError(f"{row.place.code}: {found} instead of {right}")
    return times[WARM_UP:]


def _stream(series: Series, draw: random.Random) -> tuple[float, float]:
    """Seconds that the acts took, and from their beginning until the cube had them all."""
    places = [row.place for row in _standing(series).values()]
    cube = cube_of(cube_folder())
    begun = time.perf_counter()
    for number in range(ACTS):
        change_many(SYSTEM, series=series, places=draw.sample(places, FIGURES), value=number + 0.5)
    written = time.perf_counter() - begun
    head = journal.head()[0]
    while (standing := cube.standing) is None or standing.position < head:
        if time.perf_counter() - begun > 60:
            raise AssertionError("the roll-up process does not reach the head")
        time.sleep(0.002)
    return written, time.perf_counter() - begun


def run() -> list[Row]:
    """Change single figures, then many."""
    draw = random.Random(SEED)
    with served():
        series = Series.objects.select_related("indicator__scheme", "edition", "producer").get(
            key=SERIES
        )
        times = [each * 1000 for each in _single(series, draw)]
        written, applied = _stream(series, draw)
    per_thousand = applied / (ACTS * FIGURES) * 1000
    return [
        Row("one change, p50", "limit", statistics.median(times), 15.0, "ms", 1.0),
        Row("one change, p95", "limit", statistics.quantiles(times, n=20)[-1], 60.0, "ms", 1.0),
        Row("1,000 changes written and applied", "limit", per_thousand, 1.0, "s", 1.0),
        Row("behind when the last was written", "limit", applied - written, 1.0, "s", 1.0),
    ]
