"""Whether a working mechanism 工作机制 lives: told by its rhythm and its last meeting.

Nobody declares a mechanism alive. It lives because it meets: in its own rhythm, or where it
meets as needed, at least once in a year.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

AS_NEEDED = 0
"""The rhythm of one that meets when there is something to decide."""

QUIET_MONTHS = 12
"""How long one that meets as needed may be without a meeting before it is held dormant."""

LONGEST_RHYTHM = 60
"""Months; whoever meets more rarely meets as needed."""


class MechanismKind(StrEnum):
    """What a mechanism is: 领导小组, 联席会议, 工作专班."""

    LEADING_GROUP = "leading_group"
    JOINT_CONFERENCE = "joint_conference"
    TASK_FORCE = "task_force"


class Vitality(StrEnum):
    """Whether a mechanism lives, in the order of its legend."""

    ALIVE = "alive"
    DUE = "due"
    """Its meeting is overdue, by less than a whole rhythm."""
    DORMANT = "dormant"
    """A whole meeting was left out."""
    ENDED = "ended"


@dataclass(frozen=True)
class Pulse:
    """What tells whether a mechanism lives."""

    founded: date
    rhythm: int
    last: date | None = None
    ended: date | None = None


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is none.

    >>> months_after(date(2024, 1, 31), 1), months_after(date(2024, 11, 15), 3)
    (datetime.date(2024, 2, 29), datetime.date(2025, 2, 15))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def next_due(pulse: Pulse) -> date | None:
    """The last day on which the next meeting is in time; None for one that meets as needed
    and for one that has ended.

    >>> next_due(Pulse(founded=date(2024, 1, 10), rhythm=3))
    datetime.date(2024, 4, 10)
    >>> next_due(Pulse(founded=date(2024, 1, 10), rhythm=3, last=date(2024, 3, 5)))
    datetime.date(2024, 6, 5)
    >>> next_due(Pulse(founded=date(2024, 1, 10), rhythm=AS_NEEDED))
    """
    if pulse.ended is not None or pulse.rhythm == AS_NEEDED:
        return None
    return months_after(pulse.last or pulse.founded, pulse.rhythm)


def vitality(pulse: Pulse, on: date) -> Vitality:
    """Whether a mechanism lives on a day. The day on which a meeting is due is still in time.

    >>> quarterly = Pulse(founded=date(2024, 1, 10), rhythm=3, last=date(2024, 3, 5))
    >>> [str(vitality(quarterly, day)) for day in
    ...  (date(2024, 6, 5), date(2024, 6, 6), date(2024, 9, 5), date(2024, 9, 6))]
    ['alive', 'due', 'due', 'dormant']
    >>> as_needed = Pulse(founded=date(2024, 1, 10), rhythm=AS_NEEDED)
    >>> [str(vitality(as_needed, day)) for day in (date(2025, 1, 10), date(2025, 1, 11))]
    ['alive', 'dormant']
    >>> str(vitality(Pulse(date(2024, 1, 10), 3, ended=date(2024, 2, 1)), date(2024, 2, 1)))
    'ended'
    """
    if pulse.ended is not None and pulse.ended <= on:
        return Vitality.ENDED
    last = pulse.last or pulse.founded
    if pulse.rhythm == AS_NEEDED:
        quiet = on > months_after(last, QUIET_MONTHS)
        return Vitality.DORMANT if quiet else Vitality.ALIVE
    if on <= months_after(last, pulse.rhythm):
        return Vitality.ALIVE
    if on <= months_after(last, 2 * pulse.rhythm):
        return Vitality.DUE
    return Vitality.DORMANT


@dataclass(frozen=True)
class Beat:
    """One span of a mechanism's rhythm, both days included, and whether it met in it. `running`
    while the span is not over, so that nothing was left out yet."""

    first: date
    last: date
    met: bool
    running: bool = False


def beats(pulse: Pulse, met: Iterable[date], on: date, most: int = 8) -> list[Beat]:
    """The last spans of a rhythm up to a day, from the founding day on; none for one that meets
    as needed.

    >>> pulse = Pulse(founded=date(2024, 1, 1), rhythm=3)
    >>> for beat in beats(pulse, [date(2024, 2, 2), date(2024, 7, 1)], date(2024, 8, 1)):
    ...     print(beat.first, beat.last, beat.met, beat.running)
    2024-01-01 2024-03-31 True False
    2024-04-01 2024-06-30 False False
    2024-07-01 2024-09-30 True True
    """
    if pulse.rhythm == AS_NEEDED:
        return []
    until = min(on, pulse.ended) if pulse.ended is not None else on
    days = list(met)
    found: list[Beat] = []
    number = 0
    while (first := months_after(pulse.founded, number * pulse.rhythm)) <= until:
        number += 1
        last = months_after(pulse.founded, number * pulse.rhythm) - timedelta(days=1)
        found.append(Beat(first, last, any(first <= day <= last for day in days), last >= until))
    return found[-most:]
