"""From keys to positions, without a loop: what every check stands on. Free of Django."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
NOWHERE = -1


class Positioned:
    """Where each of some distinct keys stands in its column.

    Keys from one sequence lie close together, so that a table of all numbers between the lowest
    and the highest answers at once; keys that lie far apart are sorted and searched.

    >>> at = Positioned(np.array([40, 10, 30]))
    >>> at.find(np.array([10, 20, 30, 99])).tolist()
    [1, -1, 2, -1]
    """

    def __init__(self, keys: NDArray[np.int64]) -> None:
        low = int(keys.min()) if len(keys) else 0
        span = int(keys.max()) - low + 1 if len(keys) else 0
        self.before = low - 1
        self.table: Positions | None = None
        if span <= 16 * len(keys) + 2**16:
            # A slot before the lowest and one behind the highest stand for all beyond.
            self.table = np.full(span + 2, NOWHERE, np.int64)
            self.table[keys - self.before] = np.arange(len(keys))
        else:
            self.order = np.argsort(keys)
            self.sorted = keys[self.order]

    def find(self, wanted: NDArray[np.int64]) -> Positions:
        """The position of each wanted key, `NOWHERE` for one that is not there."""
        if self.table is not None:
            return self.table.take(wanted - self.before, mode="clip")
        at = np.minimum(np.searchsorted(self.sorted, wanted), len(self.sorted) - 1)
        return np.where(self.sorted[at] == wanted, self.order[at], NOWHERE)


def joined(*columns: NDArray[np.int64] | NDArray[np.int32]) -> Positions:
    """One number for each row, equal where all columns are equal.

    >>> joined(np.array([5, 5, 7]), np.array([1, 2, 1])).tolist()
    [0, 1, 4]
    """
    found = np.zeros(len(columns[0]), np.int64)
    room = 1
    for column in columns:
        part = column.astype(np.int64) - (int(column.min()) if len(column) else 0)
        span = int(part.max(initial=0)) + 1
        if room * span >= 2**62:  # numbers would run over: count the values that there are
            part = np.unique(part, return_inverse=True)[1]
            found = np.unique(found, return_inverse=True)[1]
            span = int(part.max(initial=0)) + 1
            room = int(found.max(initial=0)) + 1
        found = found * span + part
        room *= span
    return found


def ranks(groups: Positions, count: int) -> tuple[Positions, Positions]:
    """For rows in groups 0 to count - 1: how many each group has, and the rank of each row
    within its group, in the order of the rows.

    >>> sizes, rank = ranks(np.array([1, 0, 1, 1]), 3)
    >>> sizes.tolist(), rank.tolist()
    ([1, 3, 0], [0, 0, 1, 2])
    """
    sizes = np.bincount(groups, minlength=count)
    starts = np.cumsum(sizes) - sizes
    numbers = np.arange(len(groups))
    if (groups[1:] >= groups[:-1]).all():
        return sizes, numbers - starts[groups]
    order = np.argsort(groups, kind="stable")
    rank = np.empty(len(groups), np.int64)
    rank[order] = numbers - starts[groups[order]]
    return sizes, rank
