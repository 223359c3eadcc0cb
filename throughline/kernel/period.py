"""Reporting periods: year, half, quarter, month. Pure; the doctests are the specification.

>>> Period.parse("2020").contains(Period.parse("2020Q3"))
True
>>> [str(p) for p in Period.range(Period.parse("2020Q3"), Period.parse("2021Q1"))]
['2020Q3', '2020Q4', '2021Q1']
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, total_ordering

from throughline.kernel.errors import Invalid


class Span(StrEnum):
    """How long a period is; the value is what packs and columns write."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"


PER_YEAR = {Span.YEAR: 1, Span.HALF: 2, Span.QUARTER: 4, Span.MONTH: 12}
"""How many periods of a length a year has."""

_FORMS = (
    (Span.YEAR, re.compile(r"(\d{4})")),
    (Span.HALF, re.compile(r"(\d{4})-?H([12])")),
    (Span.QUARTER, re.compile(r"(\d{4})-?Q([1-4])")),
    (Span.MONTH, re.compile(r"(\d{4})-?(?:M)?(0[1-9]|1[0-2])")),
)


@total_ordering
@dataclass(frozen=True)
class Period:
    """One period; `number` counts from 1 within the year.

    Order is by end, then by length: a month stands before the quarter it closes,
    and that before its year.

    >>> sorted(map(Period.parse, ["2020", "2020Q4", "2020-12", "2021-01"]))[0].code
    '2020-12'
    """

    year: int
    span: Span = Span.YEAR
    number: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= PER_YEAR[self.span]:
            raise Invalid(f"a year has {PER_YEAR[self.span]} {self.span}s, not {self.number}")
        if not 1800 <= self.year <= 2999:
            raise Invalid(f"{self.year} is not a year that this system knows (1800 to 2999)")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period code.

        >>> Period.parse("2020H2"), Period.parse("2020-07").span.value
        (Period(year=2020, span=<Span.HALF: 'half'>, number=2), 'month')
        >>> Period.parse("2020Q5")
        Traceback (most recent call last):
            ...
        throughline.kernel.errors.Invalid: '2020Q5' is not a period
        """
        code = str(text).strip().upper()
        for span, form in _FORMS:
            found = form.fullmatch(code)
            if found:
                number = int(found.group(2)) if span is not Span.YEAR else 1
                return cls(int(found.group(1)), span, number)
        raise Invalid(
            f"{text!r} is not a period",
            remedy="write a year 2020, a half 2020H1, a quarter 2020Q3 or a month 2020-07",
        )

    @classmethod
    def containing(cls, day: date, span: Span) -> Period:
        """The period of that length in which a day lies.

        >>> str(Period.containing(date(2022, 6, 7), Span.QUARTER))
        '2022Q2'
        """
        months = 12 // PER_YEAR[span]
        return cls(day.year, span, (day.month - 1) // months + 1)

    @classmethod
    def range(cls, first: Period, last: Period) -> Iterator[Period]:
        """All periods of one length from first to last, both included.

        >>> list(Period.range(Period.parse("2021"), Period.parse("2020")))
        []
        """
        if first.span is not last.span:
            raise Invalid(f"{first} and {last} are not of one length")
        here = first
        while here.ordinal <= last.ordinal:
            yield here
            here = here.next()

    @cached_property
    def code(self) -> str:
        """The canonical code, also `str(period)`."""
        match self.span:
            case Span.YEAR:
                return f"{self.year}"
            case Span.HALF:
                return f"{self.year}H{self.number}"
            case Span.QUARTER:
                return f"{self.year}Q{self.number}"
            case Span.MONTH:
                return f"{self.year}-{self.number:02d}"

    def __str__(self) -> str:
        return self.code

    @property
    def ordinal(self) -> int:
        """Counts periods of this length from the year 0, for differences.

        >>> Period.parse("2021Q1").ordinal - Period.parse("2020Q1").ordinal
        4
        """
        return self.year * PER_YEAR[self.span] + self.number - 1

    @cached_property
    def start(self) -> date:
        """The first day."""
        months = 12 // PER_YEAR[self.span]
        return date(self.year, (self.number - 1) * months + 1, 1)

    @cached_property
    def end(self) -> date:
        """The last day, which belongs to the period.

        >>> Period.parse("2020-02").end
        datetime.date(2020, 2, 29)
        >>> Period.parse("2999").end
        datetime.date(2999, 12, 31)
        """
        month = self.number * 12 // PER_YEAR[self.span]
        return date(self.year, month, monthrange(self.year, month)[1])

    def next(self) -> Period:
        """The period after this one, of the same length."""
        return self.shift(1)

    def shift(self, count: int) -> Period:
        """The period `count` lengths later (earlier when negative).

        >>> str(Period.parse("2020H1").shift(-1))
        '2019H2'
        """
        year, number = divmod(self.ordinal + count, PER_YEAR[self.span])
        return Period(year, self.span, number + 1)

    def contains(self, other: Period) -> bool:
        """Whether every day of the other lies in this one."""
        return self.start <= other.start and other.end <= self.end

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Period):
            return NotImplemented
        return self._order < other._order

    @cached_property
    def _order(self) -> tuple[int, int]:
        return self.end.toordinal(), -self.start.toordinal()
