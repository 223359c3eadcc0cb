"""From the rows of the database to a cube that pages read, and the same from DuckDB.

The national demo, every standing figure. Ours: read the rows, sort them into strips, roll up,
write and sync the file, map it. DuckDB's: read the same rows, roll them up in one query (the
oracle's, which answers everything that the cube does); it writes no file. What turns rows into
its relations is not counted against it. A part of `bench-rollup`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.national import prepare
from bench.row import Row
from throughline.figures import comparing, oracle
from throughline.figures.cube import file
from throughline.figures.following.building import everything, standing_now
from throughline.figures.following.definitions import definitions_now
from throughline.figures.rollup.standing import all_standing
from throughline.kernel import clock
from throughline.plans.models import Indicator


def run() -> list[Row]:
    """One row; medians of five, in turn."""
    prepare()

    def ours(folder: Path) -> None:
        definitions = definitions_now()
        standing, at = standing_now()
        file.write(folder, standing, definitions.digest, everything(definitions, at))
        file.Generation(folder / file.NAME).check()

    definitions = definitions_now()
    strips = everything(definitions, clock.now())
    indicators = {each.pk: each for each in Indicator.objects.all()}
    relations = comparing.relations_of(strips, definitions, indicators)

    def theirs() -> None:
        all_standing(clock.now())
        oracle.roll_up(relations)

    def seconds(work: Callable[[], None]) -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    with tempfile.TemporaryDirectory() as made:
        times = [(seconds(lambda: ours(Path(made))), seconds(theirs)) for _ in range(6)]
    own, others = (statistics.median(each[1:]) * 1000 for each in zip(*times, strict=True))
    name = f"{len(relations.figures):,} rows to a served cube"
    return [Row(name, "DuckDB, no file", own, others, "ms", 1.0)]
