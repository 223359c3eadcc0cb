"""Who reports on time and who never does: what became of a unit's reports over several cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Times


class Outcome(StrEnum):
    """What became of one report by now."""

    ON_TIME = "on_time"
    EXTENDED = "extended"
    LATE = "late"
    NEVER = "never"
    WAITING = "waiting"


@dataclass(frozen=True)
class Given:
    """A unit's report in one cycle, as far as its punctuality goes."""

    times: Times
    step: ReportStep
    signed_at: datetime | None
    round: int

    def outcome(self, now: datetime) -> Outcome:
        """Whether it was signed before the close, within more time, later, or not at all; it
        waits while there is time left.

        >>> from datetime import UTC
        >>> day = lambda number: datetime(2025, 6, number, tzinfo=UTC)
        >>> def said(signed, until=None, now=30):
        ...     times = Times(day(1), day(10), until=day(until) if until else None)
        ...     row = Given(times, ReportStep.OPEN, day(signed) if signed else None, 0)
        ...     return str(row.outcome(day(now)))
        >>> said(9), said(10), said(12, until=15), said(16, until=15)
        ('on_time', 'late', 'extended', 'late')
        >>> said(None), said(None, now=9), said(None, until=15, now=12)
        ('never', 'waiting', 'waiting')
        """
        if self.signed_at is None:
            return Outcome.WAITING if now < self.times.due else Outcome.NEVER
        if self.signed_at < self.times.closes_at:
            return Outcome.ON_TIME
        return Outcome.LATE if self.times.is_late(self.signed_at) else Outcome.EXTENDED

    @property
    def returned(self) -> int:
        """How often it came back after it was signed: all rounds but the last, and that one too
        where it lies with the unit again."""
        if not self.round:
            return 0
        return self.round if self.step in BEFORE_SIGNING else self.round - 1

    @property
    def days_after(self) -> float | None:
        """Days from the close to the first signature; below 0 it came before."""
        if self.signed_at is None:
            return None
        return (self.signed_at - self.times.closes_at) / timedelta(days=1)


@dataclass(frozen=True)
class Punctuality:
    """What became of a unit's reports. `never` counts those whose time is over, `run` how many
    of them stand at the end without a signed one behind."""

    cycles: int
    on_time: int
    extended: int
    late: int
    never: int
    waiting: int
    returned: int
    days: float | None
    run: int

    @property
    def over(self) -> int:
        """How many cycles count: those whose time is over, or that were answered."""
        return self.cycles - self.waiting

    @property
    def share(self) -> float | None:
        """The share that came in time, more time included; None where none counts."""
        return (self.on_time + self.extended) / self.over if self.over else None

    @property
    def is_silent(self) -> bool:
        """Whether it has given nothing of all that was asked."""
        return self.over > 0 and self.never == self.over


def punctuality(given: Sequence[Given], now: datetime) -> Punctuality:
    """What became of a unit's reports; `given` by close, the last one first.

    >>> from datetime import UTC
    >>> day = lambda number: datetime(2025, 6, number, tzinfo=UTC)
    >>> rows = [
    ...     Given(Times(day(1), day(20)), ReportStep.OPEN, None, 0),
    ...     Given(Times(day(1), day(10)), ReportStep.RETURNED, day(8), 2),
    ...     Given(Times(day(1), day(5)), ReportStep.ACCEPTED, day(9), 2),
    ... ]
    >>> found = punctuality(rows, day(25))
    >>> found.on_time, found.late, found.never, found.returned, found.days, found.run
    (1, 1, 1, 3, 1.0, 1)
    """
    outcomes = [each.outcome(now) for each in given]
    over = [each for each in outcomes if each is not Outcome.WAITING]
    days = [each.days_after for each in given if each.days_after is not None]
    answered = (here for here, each in enumerate(over) if each is not Outcome.NEVER)
    return Punctuality(
        cycles=len(outcomes),
        on_time=outcomes.count(Outcome.ON_TIME),
        extended=outcomes.count(Outcome.EXTENDED),
        late=outcomes.count(Outcome.LATE),
        never=outcomes.count(Outcome.NEVER),
        waiting=outcomes.count(Outcome.WAITING),
        returned=sum(each.returned for each in given),
        days=median(days) if days else None,
        run=next(answered, len(over)),
    )
