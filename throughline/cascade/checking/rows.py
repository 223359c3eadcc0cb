"""What the checks look at: a cascade as columns. Free of Django.

Columns of a table have one length; every row is told by the keys of the database, in any order.
Days are ordinals (`date.toordinal`), `NO_DAY` where there is none; instants are microseconds since
1970 in UTC, `NEVER` where there is none; numbers are NaN where there is none. A key of 0 stands for
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Days = NDArray[np.int32]
Instants = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]
Floats = NDArray[np.float64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_DAY = 0
NEVER = np.iinfo(np.int64).max

LEAD, COORDINATING, SUPPORT, LOCALITY = range(4)
"""Parts of assignments and roles of printed responsibilities, as codes."""
PARTS = ("lead", "coordinating", "support", "locality")

_KINDS: dict[str, type[Any]] = {
    "Keys": np.int64, "Days": np.int32, "Instants": np.int64, "Flags": np.bool_,
    "Codes": np.int8, "Floats": np.float64,
}  # fmt: skip


def instant(at: datetime | None) -> int:
    """An instant as the columns have it.

    >>> instant(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    if at is None:
        return NEVER
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


class Table:
    """Columns of one length."""

    def __len__(self) -> int:
        first: NDArray[Any] = getattr(self, self.columns()[0])
        return len(first)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(each.name for each in fields(cls))  # type: ignore[arg-type]

    @classmethod
    def sent(cls) -> tuple[str, ...]:
        """What each column holds, by the names above."""
        return tuple(str(each.type) for each in fields(cls))  # type: ignore[arg-type]

    @classmethod
    def types(cls) -> tuple[type[Any], ...]:
        """The number type of each column."""
        return tuple(_KINDS[name] for name in cls.sent())

    @classmethod
    def of(cls, *columns: Any) -> Self:
        """From columns in order: arrays or lists."""
        made = [
            np.ascontiguousarray(each, kind)
            for each, kind in zip(columns, cls.types(), strict=True)
        ]
        if len({each.shape for each in made}) > 1:
            raise ValueError(f"columns of {cls.__name__} differ in length")
        return cls(*made)

    @classmethod
    def empty(cls) -> Self:
        """Without a row."""
        return cls.of(*([] for _ in cls.columns()))


@dataclass(frozen=True)
class Plans(Table):
    """The uppermost plan and all below it; `superior` is 0 for the uppermost."""

    id: Keys
    superior: Keys
    place: Keys
    begins: Days
    ends: Days


@dataclass(frozen=True)
class Elements(Table):
    """The elements of the versions in force; `title` is a number that equal titles share."""

    id: Keys
    thread: Keys
    plan: Keys
    is_duty: Flags
    """Somebody has to lead it. Strands and elements with parts only gather others."""
    deadline: Days
    title: Keys


@dataclass(frozen=True)
class Links(Table):
    """Refinements by those elements. `superior` is the thread refined."""

    element: Keys
    superior: Keys


@dataclass(frozen=True)
class Printed(Table):
    """Responsibilities as those elements print them."""

    element: Keys
    body: Keys
    role: Codes


@dataclass(frozen=True)
class Assignments(Table):
    """Assignments of threads of the plans; also of threads that stand no longer in force."""

    id: Keys
    thread: Keys
    plan: Keys
    body: Keys
    place: Keys
    part: Codes
    due: Days
    own_day: Flags
    """The day was set for this very body: it is not that of the text that it was laid from."""
    respond_by: Instants
    received: Flags
    taken_on: Flags
    claimed: Flags
    """A claim waits for its decision."""
    closed: Flags
    ended: Flags


@dataclass(frozen=True)
class Milestones(Table):
    """Milestones of those assignments that were not dropped."""

    id: Keys
    assignment: Keys
    due: Days
    after: Keys
    done: Flags


@dataclass(frozen=True)
class Targets(Table):
    """Targets of the versions in force. `operator` and `direction` are codes in the lists of
    `figures.rules.bulk`; `decimals` is that of the indicator; `tolerance` is in the unit."""

    id: Keys
    plan: Keys
    indicator: Keys
    place: Keys
    edition: Keys
    by: Days
    operator: Codes
    value: Floats
    upper: Floats
    strict: Flags
    percent: Flags
    tolerance: Floats
    baseline: Floats
    decimals: Codes
    direction: Codes
    band_low: Floats
    band_high: Floats


@dataclass(frozen=True)
class Waits(Table):
    """Dependencies between threads."""

    before: Keys
    after: Keys


@dataclass(frozen=True)
class Endings(Table):
    """The bodies that have a last day: `ends` is the first day without them."""

    body: Keys
    ends: Days


@dataclass(frozen=True)
class Rows:
    """A cascade."""

    plans: Plans
    elements: Elements
    links: Links
    printed: Printed
    assignments: Assignments
    milestones: Milestones
    targets: Targets
    waits: Waits
    endings: Endings
