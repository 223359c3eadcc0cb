"""The life of a report: from an empty sheet to figures that the superior accepted.

Whoever asks what may be done with a report now, and why not, asks here: the page as well as the
action. Time accepts nothing. What comes after the close is taken and marked late, until the
cycle is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReportStep(StrEnum):
    """Where a report stands: with the unit, inside its body, on its way up, or decided."""

    OPEN = "open"
    PREPARED = "prepared"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class Stage(StrEnum):
    """Where a cycle stands, by the server's clock and by what its owner did."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    LOCKED = "locked"


class Deed(StrEnum):
    """What can be done with a report."""

    FILL = "fill"
    PREPARE = "prepare"
    REVIEW = "review"
    SIGN = "sign"
    SEND_BACK = "send_back"
    CHECK = "check"
    RETURN = "return"
    EXTEND = "extend"


class Bar(StrEnum):
    """Why something cannot be done now."""

    NOT_OPEN_YET = "not_open_yet"
    LOCKED = "locked"
    UNDER_REVIEW = "under_review"
    WITH_THE_SUPERIOR = "with_the_superior"
    ACCEPTED = "accepted"
    NOT_PREPARED = "not_prepared"
    NOT_REVIEWED = "not_reviewed"
    NOT_SIGNED = "not_signed"


@dataclass(frozen=True)
class Times:
    """A cycle's instants; `until` is where one unit has more time than the others."""

    opens_at: datetime
    closes_at: datetime
    locked: bool = False
    until: datetime | None = None

    def stage(self, now: datetime) -> Stage:
        """Where it stands for a unit. It is closed from the second of its close on.

        >>> from datetime import UTC
        >>> at = lambda hour: datetime(2025, 6, 20, hour, tzinfo=UTC)
        >>> times = Times(at(8), at(18))
        >>> [times.stage(at(hour)).value for hour in (7, 8, 17, 18)]
        ['planned', 'open', 'open', 'closed']
        >>> Times(at(8), at(18), until=at(20)).stage(at(19)).value
        'open'
        """
        if self.locked:
            return Stage.LOCKED
        if now < self.opens_at:
            return Stage.PLANNED
        return Stage.OPEN if now < self.due else Stage.CLOSED

    @property
    def due(self) -> datetime:
        """When a report counts as late: at the close, or at the end of what was granted."""
        return max(self.until, self.closes_at) if self.until else self.closes_at

    def is_late(self, signed_at: datetime) -> bool:
        """Whether what was signed then came after its time."""
        return signed_at >= self.due


def handed_in(now: datetime, issued_at: datetime | None, until: datetime | None) -> datetime:
    """The instant that counts for what is signed now: with a ticket, while it can be used, the
    one at which it was issued.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2025, 6, 20, hour, tzinfo=UTC)
    >>> [handed_in(at(hour), at(8), at(10)).hour for hour in (9, 10)]
    [8, 10]
    """
    return issued_at if issued_at is not None and until is not None and now < until else now


_FROM: dict[Deed, dict[ReportStep, Bar | None]] = {
    Deed.FILL: {
        ReportStep.OPEN: None,
        ReportStep.RETURNED: None,
        ReportStep.PREPARED: Bar.UNDER_REVIEW,
        ReportStep.REVIEWED: Bar.UNDER_REVIEW,
        ReportStep.SIGNED: Bar.WITH_THE_SUPERIOR,
        ReportStep.ACCEPTED: Bar.ACCEPTED,
    },
    Deed.REVIEW: {
        ReportStep.PREPARED: None,
        ReportStep.OPEN: Bar.NOT_PREPARED,
        ReportStep.RETURNED: Bar.NOT_PREPARED,
        ReportStep.REVIEWED: Bar.UNDER_REVIEW,
        ReportStep.SIGNED: Bar.WITH_THE_SUPERIOR,
        ReportStep.ACCEPTED: Bar.ACCEPTED,
    },
    Deed.SIGN: {
        ReportStep.REVIEWED: None,
        ReportStep.PREPARED: Bar.NOT_REVIEWED,
        ReportStep.OPEN: Bar.NOT_PREPARED,
        ReportStep.RETURNED: Bar.NOT_PREPARED,
        ReportStep.SIGNED: Bar.WITH_THE_SUPERIOR,
        ReportStep.ACCEPTED: Bar.ACCEPTED,
    },
    Deed.SEND_BACK: {
        ReportStep.PREPARED: None,
        ReportStep.REVIEWED: None,
        ReportStep.OPEN: Bar.NOT_PREPARED,
        ReportStep.RETURNED: Bar.NOT_PREPARED,
        ReportStep.SIGNED: Bar.WITH_THE_SUPERIOR,
        ReportStep.ACCEPTED: Bar.ACCEPTED,
    },
    Deed.CHECK: {
        ReportStep.SIGNED: None,
        ReportStep.OPEN: Bar.NOT_SIGNED,
        ReportStep.RETURNED: Bar.NOT_SIGNED,
        ReportStep.PREPARED: Bar.NOT_SIGNED,
        ReportStep.REVIEWED: Bar.NOT_SIGNED,
        ReportStep.ACCEPTED: Bar.ACCEPTED,
    },
    Deed.RETURN: {
        ReportStep.SIGNED: None,
        ReportStep.ACCEPTED: None,
        ReportStep.OPEN: Bar.NOT_SIGNED,
        ReportStep.RETURNED: Bar.NOT_SIGNED,
        ReportStep.PREPARED: Bar.NOT_SIGNED,
        ReportStep.REVIEWED: Bar.NOT_SIGNED,
    },
    Deed.EXTEND: {
        ReportStep.OPEN: None,
        ReportStep.RETURNED: None,
        ReportStep.PREPARED: None,
        ReportStep.REVIEWED: None,
        ReportStep.SIGNED: Bar.WITH_THE_SUPERIOR,
        ReportStep.ACCEPTED: Bar.ACCEPTED,
    },
}
_FROM[Deed.PREPARE] = _FROM[Deed.FILL]

BEFORE_SIGNING = frozenset(
    {ReportStep.OPEN, ReportStep.RETURNED, ReportStep.PREPARED, ReportStep.REVIEWED}
)
"""With the unit or inside its body: nothing of it counts."""


def bar_to(deed: Deed, step: ReportStep, stage: Stage, *, one_step: bool = False) -> Bar | None:
    """Why a deed cannot be done at a step of a report while its cycle stands at a stage; None
    where nothing but a duty is wanted. In a body with one-step sign-off what was prepared is
    signed without review, and its one person may sign at once what he fills in.

    >>> bar_to(Deed.FILL, ReportStep.SIGNED, Stage.OPEN).value
    'with_the_superior'
    >>> bar_to(Deed.FILL, ReportStep.RETURNED, Stage.CLOSED) is None
    True
    >>> bar_to(Deed.FILL, ReportStep.OPEN, Stage.LOCKED).value
    'locked'
    >>> bar_to(Deed.SIGN, ReportStep.PREPARED, Stage.OPEN, one_step=True) is None
    True
    """
    if stage is Stage.PLANNED:
        return Bar.NOT_OPEN_YET
    if stage is Stage.LOCKED:
        return Bar.LOCKED
    if one_step and deed is Deed.SIGN and step in {ReportStep.PREPARED, ReportStep.REVIEWED}:
        return None
    return _FROM[deed][step]


def levels_above(levels: tuple[int, ...], here: int) -> list[int]:
    """The levels of the tiers above one that check, the nearest first. A level is counted from
    the top (0).

    >>> levels_above((1, 2), 3), levels_above((1, 2), 2), levels_above((1, 2), 1)
    ([2, 1], [1], [])
    """
    return sorted((each for each in levels if each < here), reverse=True)
