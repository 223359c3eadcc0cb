"""How figures add up: over a tree of places, as ratios and means, over time; how they are shown.

Trees are given as parent positions in tree order (a parent stands before its children;
the root's parent is -1), so that one backward pass adds every unit to its parent.
Sums are taken child by child in that fixed order: the same input gives the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughline.figures.rules.goals import Band, Direction
from throughline.kernel.period import Period, Span


@dataclass(frozen=True)
class Sums:
    """Totals at every unit, and how many of the units below that owe a value gave one."""

    totals: list[float | None]
    reported: list[int]
    expected: list[int]


def roll_up(parents: Sequence[int], values: Mapping[int, float], reporting: Sequence[bool]) -> Sums:
    """Add values up a tree; a unit without any value below it has None, never 0.

    `values` is by position in the tree; only positions that are reporting count, so that a
    stated total above them can never be added twice. Children are added from the first to the
    last, then the unit's own value: sums of fractions have the same bits wherever they are made.

    >>> sums = roll_up([-1, 0, 0, 0], {1: 2.0, 2: 3.0, 0: 99.0}, [False, True, True, True])
    >>> sums.totals, sums.reported, sums.expected
    ([5.0, 2.0, 3.0, None], [2, 1, 1, 0], [3, 1, 1, 1])
    """
    below: list[list[int]] = [[] for _ in parents]
    for here, above in enumerate(parents):
        if above >= 0:
            below[above].append(here)
    totals: list[float | None] = [None] * len(parents)
    reported = [0] * len(parents)
    expected = [0] * len(parents)
    for here in range(len(parents) - 1, -1, -1):
        given = [total for each in below[here] if (total := totals[each]) is not None]
        reported[here] = sum(reported[each] for each in below[here])
        expected[here] = sum(expected[each] for each in below[here]) + reporting[here]
        if reporting[here] and here in values:
            given.append(values[here])
            reported[here] += 1
        for value in given:  # not `sum`, which from Python 3.12 on rounds otherwise
            totals[here] = (totals[here] or 0.0) + value
    return Sums(totals, reported, expected)


def ratio(numerator: float | None, denominator: float | None, scale: float = 1.0) -> float | None:
    """A ratio of two sums in the indicator's unit; no value where it has none.

    >>> ratio(899_991_162, 1_409_778_724, 100)
    63.83...
    >>> ratio(1, 0) is None and ratio(None, 4) is None
    True
    """
    if numerator is None or denominator is None or denominator == 0:
        return None
    return numerator / denominator * scale


def shown(value: float | None, decimals: int) -> float | None:
    """A value at the decimals its indicator is published with, halves away from zero.

    >>> shown(63.8391, 2), shown(2.675, 2), shown(-0.5, 0), shown(None, 2)
    (63.84, 2.68, -1.0, None)
    """
    if value is None:
        return None
    factor = 10.0**decimals
    # The smallest nudge makes decimal halves, which binary cannot hold, round as on paper.
    nudged = abs(value) * factor * (1 + 1e-12) + 0.5
    rounded = int(nudged) / factor
    return rounded if value >= 0 else -rounded


def differs(stated: float, computed: float, decimals: int) -> bool:
    """Whether a stated total disagrees with the sum below it, at the published decimals.

    >>> differs(100.0, 100.4, 0), differs(100.0, 101.0, 0)
    (False, True)
    """
    return shown(stated, decimals) != shown(computed, decimals)


# -- kinds ---------------------------------------------------------------------------------


def weighted_mean(
    values: Sequence[float | None], weights: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """The mean of the values that have a weight above 0, and the weight that they hold.

    A value without weight, or with none at all, is not in the mean.

    >>> weighted_mean([10.0, 20.0, None, 99.0], [1.0, 3.0, 5.0, None])
    (17.5, 4.0)
    >>> weighted_mean([10.0], [0.0])
    (None, None)
    """
    pairs = [
        (value, weight)
        for value, weight in zip(values, weights, strict=True)
        if value is not None and weight is not None and weight > 0
    ]
    whole = 0.0
    total = 0.0
    for value, weight in pairs:
        total += value * weight
        whole += weight
    return (total / whole, whole) if whole else (None, None)


def worst(
    values: Sequence[float | None], direction: Direction, band: Band | None = None
) -> float | None:
    """The worst of some values: the lowest where more is better, the highest where less is,
    the one furthest outside the desired band (of two as far outside, the first); of those
    inside a band, the one nearest to its edge.

    >>> worst([3.0, None, 5.0], Direction.UP), worst([3.0, 5.0], Direction.DOWN)
    (3.0, 5.0)
    >>> worst([6.9, 7.2, 8.8], Direction.BAND, Band(6.5, 8.5))
    8.8
    >>> worst([6.6, 7.5], Direction.BAND, Band(6.5, 8.5)), worst([None], Direction.UP)
    (6.6, None)
    """
    given = [value for value in values if value is not None]
    if not given:
        return None
    if direction is Direction.UP:
        return min(given)
    if direction is Direction.DOWN:
        return max(given)
    return None if band is None else max(given, key=band.outside)


# -- over time -----------------------------------------------------------------------------


def periods_in(period: Period, span: Span) -> list[Period]:
    """The periods of a shorter (or the same) length that make a period up, in order.

    >>> [str(each) for each in periods_in(Period(2024), Span.QUARTER)]
    ['2024Q1', '2024Q2', '2024Q3', '2024Q4']
    >>> [str(each) for each in periods_in(Period.parse("2024Q2"), Span.MONTH)]
    ['2024-04', '2024-05', '2024-06']
    >>> periods_in(Period.parse("2024-04"), Span.YEAR)
    []
    """
    first = Period.containing(period.start, span)
    last = Period.containing(period.end, span)
    return [each for each in Period.range(first, last) if period.contains(each)]


@dataclass(frozen=True)
class Whole:
    """A longer period's figure from those of the shorter ones in it. `value` is None while a
    part is missing; `so_far` is what the parts that are there come to."""

    value: float | None
    so_far: float | None
    given: int
    expected: int

    @property
    def is_complete(self) -> bool:
        """Whether every part is there."""
        return self.expected > 0 and self.given == self.expected


def over_time(how: str, parts: Sequence[float | None]) -> Whole:
    """Add periods up as their indicator says (`sum`, `last`, `mean`, `none`); the parts in
    order, None where there is none. A year of three quarters is no year: it has no value.

    Ratios and weighted means are not added up themselves, but their sums are.

    >>> over_time("sum", [1.0, 2.0, 3.0, 4.0]).value, over_time("mean", [1.0, 2.0]).value
    (10.0, 1.5)
    >>> over_time("last", [5.0, 6.0, 7.0, 9.0]).value
    9.0
    >>> over_time("sum", [1.0, 2.0, None, 4.0])
    Whole(value=None, so_far=7.0, given=3, expected=4)
    >>> over_time("last", [5.0, 6.0, 7.0, None]).so_far, over_time("none", [1.0, 2.0]).so_far
    (7.0, None)
    """
    given = [value for value in parts if value is not None]
    so_far: float | None = None
    if given and how == "sum":
        so_far = sum(given)
    elif given and how == "mean":
        so_far = sum(given) / len(given)
    elif given and how == "last":
        so_far = given[-1]
    # A stock at the end of a period needs its last part alone; that the earlier ones are there
    # is asked all the same, so that "complete" says one thing for every indicator.
    whole = so_far if len(given) == len(parts) else None
    return Whole(whole, so_far, len(given), len(parts))


def ratio_over_time(
    hows: tuple[str, str],
    above: Sequence[float | None],
    under: Sequence[float | None],
    scale: float = 1.0,
) -> Whole:
    """A ratio over a longer period: its two sums are each put together as `hows` says of them.
    A part in which one of them is missing counts for neither, lest a sum of four quarters stand
    over one of three.

    >>> ratio_over_time(("sum", "sum"), [1.0, 3.0], [10.0, 10.0], 100)
    Whole(value=20.0, so_far=20.0, given=2, expected=2)
    >>> ratio_over_time(("sum", "sum"), [1.0, 3.0], [10.0, None])
    Whole(value=None, so_far=0.1, given=1, expected=2)
    """
    both = [a is not None and b is not None for a, b in zip(above, under, strict=True)]
    top, bottom = (
        over_time(how, [part if there else None for part, there in zip(parts, both, strict=True)])
        for how, parts in zip(hows, (above, under), strict=True)
    )
    so_far = ratio(top.so_far, bottom.so_far, scale)
    return Whole(so_far if top.is_complete else None, so_far, top.given, top.expected)


def mean_over_time(values: Sequence[float | None], weights: Sequence[float | None]) -> Whole:
    """A weighted mean over a longer period: each part counts by its weight. A part without a
    weight above 0 is missing.

    >>> mean_over_time([10.0, 20.0], [1.0, 3.0]).value
    17.5
    >>> mean_over_time([10.0, 20.0], [1.0, None])
    Whole(value=None, so_far=10.0, given=1, expected=2)
    """
    given = sum(
        value is not None and weight is not None and weight > 0
        for value, weight in zip(values, weights, strict=True)
    )
    so_far, _weight = weighted_mean(values, weights)
    return Whole(so_far if given == len(values) else None, so_far, given, len(values))
