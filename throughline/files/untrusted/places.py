"""Many cells of a sheet in little room: a sheet may consist of percentages alone."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

_COLUMN_BITS = 16


def packed(row: int, column: int) -> int:
    """A place as one number, rows and columns counted from 0."""
    return row << _COLUMN_BITS | column


class Places:
    """A set of cells, eight bytes each.

    >>> (2, 1) in Places([packed(2, 1)]), (1, 2) in Places([packed(2, 1)])
    (True, False)
    """

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self.numbers = array("Q", numbers)
        if any(here >= after for here, after in zip(self.numbers, self.numbers[1:], strict=False)):
            self.numbers = array("Q", sorted(set(self.numbers)))

    def __contains__(self, place: tuple[int, int]) -> bool:
        number = packed(*place)
        at = bisect_left(self.numbers, number)
        return at < len(self.numbers) and self.numbers[at] == number

    def __len__(self) -> int:
        return len(self.numbers)
