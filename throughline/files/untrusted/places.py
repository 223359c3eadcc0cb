"""Cells by their names, and many of them in little room: a sheet may be percentages alone."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

_COLUMN_BITS = 16


def packed(row: int, column: int) -> int:
    """A place as one number, rows and columns counted from 0."""
    return row << _COLUMN_BITS | column


def cell_name(row: int, column: int) -> str:
    """The spreadsheet's name of a cell, from row and column counted from 0.

    >>> cell_name(11, 1), cell_name(0, 26), cell_name(0, 701), cell_name(0, 702)
    ('B12', 'AA1', 'ZZ1', 'AAA1')
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


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
        if not self.numbers:
            return False
        number = packed(*place)
        at = bisect_left(self.numbers, number)
        return at < len(self.numbers) and self.numbers[at] == number

    def __len__(self) -> int:
        return len(self.numbers)
