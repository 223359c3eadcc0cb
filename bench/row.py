"""A line of a benchmark, and how it is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Ours against a named peer; times are medians in `unit`."""

    name: str
    peer: str
    ours: float
    theirs: float
    unit: str
    expected: float

    @property
    def ratio(self) -> float:
        """How many times the peer takes as long as we do."""
        return self.theirs / self.ours

    @property
    def ok(self) -> bool:
        """Whether the ratio is what is expected."""
        return self.ratio >= self.expected


def paired(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 7
) -> tuple[float, float]:
    """Medians in seconds of two pieces of work, run in turn so that drift hits both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    ours()
    theirs()
    for _ in range(rounds):
        for work, kept in zip((ours, theirs), times, strict=True):
            begun = time.perf_counter()
            work()
            kept.append(time.perf_counter() - begun)
    return statistics.median(times[0]), statistics.median(times[1])
