"""Rules of places: validities and codes of units that have none. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def overlap(
    first: tuple[date, date | None], second: tuple[date, date | None]
) -> tuple[date, date | None] | None:
    """The days that two validities share; the end is excluded, None is open.

    >>> overlap((date(2010, 1, 1), date(2015, 1, 1)), (date(2012, 1, 1), None))
    (datetime.date(2012, 1, 1), datetime.date(2015, 1, 1))
    >>> overlap((date(2010, 1, 1), date(2012, 1, 1)), (date(2012, 1, 1), None)) is None
    True
    """
    start = max(first[0], second[0])
    ends = [end for end in (first[1], second[1]) if end is not None]
    end = min(ends) if ends else None
    return (start, end) if end is None or start < end else None


def zone_code(parent: str, taken: Iterable[str]) -> str:
    """The next own code for a unit without an official one, under its parent's.

    >>> zone_code("140100", ["140100-01", "140100-02", "140105"])
    '140100-03'
    """
    prefix = f"{parent}-"
    numbers = [
        int(code.removeprefix(prefix))
        for code in taken
        if code.startswith(prefix) and code.removeprefix(prefix).isdigit()
    ]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"
