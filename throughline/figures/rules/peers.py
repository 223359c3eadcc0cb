"""What similar places have: who is near, how their figures spread, where one stands in them.

A position is told as a share and as quarters, never as a rank: the 9th of 31 is not better
than the 10th where both have the same figure to within its error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

FEWEST_PEERS = 4
"""From how many values on quartiles are told, and places compared."""


@dataclass(frozen=True)
class Spread:
    """How some figures spread: robust against the few that are far out."""

    count: int
    low_quartile: float
    median: float
    high_quartile: float


def spread_of(values: Sequence[float]) -> Spread | None:
    """Median and quartiles (between the two nearest values); None for fewer than `FEWEST_PEERS`.

    >>> spread_of([1, 2, 3, 4, 1000])
    Spread(count=5, low_quartile=2.0, median=3.0, high_quartile=4.0)
    >>> spread_of([1, 2, 3]) is None
    True
    """
    if len(values) < FEWEST_PEERS:
        return None
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        lower = int(place)
        upper = min(lower + 1, len(ordered) - 1)
        return ordered[lower] + (ordered[upper] - ordered[lower]) * (place - lower)

    return Spread(len(ordered), at(0.25), at(0.5), at(0.75))


@dataclass(frozen=True)
class Position:
    """Where a figure stands among those of its peers: how many lie below, how many are equal at
    the published decimals, how many lie above."""

    below: int
    equal: int
    above: int

    @property
    def count(self) -> int:
        """How many peers have a figure."""
        return self.below + self.equal + self.above

    @property
    def share(self) -> float:
        """The share of the peers that lie below, equal ones counted half.

        >>> Position(below=5, equal=2, above=3).share
        0.6
        """
        return (self.below + self.equal / 2) / self.count if self.count else 0.5


def position_among(value: float, peers: Sequence[float]) -> Position:
    """Where a value stands among peers, itself not among them; give both as they are shown.

    >>> position_among(3, [1, 3, 5, 7])
    Position(below=1, equal=1, above=2)
    """
    return Position(
        sum(1 for each in peers if each < value),
        sum(1 for each in peers if each == value),
        sum(1 for each in peers if each > value),
    )


def nearest(
    here: Sequence[float | None], others: Mapping[int, Sequence[float | None]], count: int
) -> list[int]:
    """The places that are nearest by some measures, nearest first; ties by the order given.

    Each measure counts by how far it lies off in units of its median deviation, so that no unit
    and no giant outweighs the others; one in which nobody differs counts nothing. A place that
    lacks a measure cannot be near; neither can anything be near to a place that lacks one.

    >>> nearest([10.0, 1.0], {1: [11.0, 1.0], 2: [90.0, 1.0], 3: [10.0, None]}, 2)
    [1, 2]
    """
    full: dict[int, list[float]] = {}
    for place, measures in others.items():
        known = [each for each in measures if each is not None]
        if len(known) == len(here):
            full[place] = known
    own = [each for each in here if each is not None]
    if len(own) < len(here) or not full:
        return []
    scales = [_deviation([row[n] for row in full.values()] + [own[n]]) for n in range(len(own))]

    def distance(place: int) -> float:
        return sum(
            ((full[place][n] - own[n]) / scale) ** 2 for n, scale in enumerate(scales) if scale
        )

    return sorted(full, key=distance)[:count]


def _deviation(values: Sequence[float]) -> float:
    """The median distance from the median; where that is none, the mean distance."""
    middle = median(values)
    away = [abs(value - middle) for value in values]
    return median(away) or sum(away) / len(away)
