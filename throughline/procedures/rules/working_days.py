"""Clocks in working days: due at the end of the n-th one, to the second, in the plan's zone.

The day on which a clock starts is not counted. A working day counts unless the clock stands at its
end: so a supplement that is asked for and given on the same day costs nothing, and one that takes
over night costs a day. Holidays do not count, and days off that are worked to make up for them do.

>>> from datetime import datetime
>>> beijing = Calendar("Asia/Shanghai", frozenset(range(5)), frozenset({date(2022, 6, 3)}))
>>> str(due(datetime(2022, 6, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")), 2, beijing))
'2022-06-07 15:59:59+00:00'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST_AHEAD = 4000
"""Days after which a calendar without working days is given up."""

Suspension = tuple[datetime, datetime | None]
"""From when to when a clock stands; without an end, still."""


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: weekdays from 0 for Monday, without holidays, with days off that
    are worked instead."""

    zone: str
    weekdays: frozenset[int]
    holidays: frozenset[date] = field(default_factory=frozenset)
    worked: frozenset[date] = field(default_factory=frozenset)

    def works(self, day: date) -> bool:
        """Whether a day is a working day.

        >>> chinese = Calendar(
        ...     "Asia/Shanghai", frozenset(range(5)), frozenset({date(2022, 10, 7)}),
        ...     frozenset({date(2022, 10, 8)}))
        >>> chinese.works(date(2022, 10, 7)), chinese.works(date(2022, 10, 8))
        (False, True)
        """
        if day in self.worked:
            return True
        return day.weekday() in self.weekdays and day not in self.holidays

    def ends(self, day: date) -> datetime | None:
        """The last second of a day in the zone, in UTC; none where the zone left the day out."""
        zone = ZoneInfo(self.zone)
        noon = datetime.combine(day, time(12), zone)
        if noon.astimezone(UTC).astimezone(zone).date() != day:
            return None
        following = day + timedelta(days=1)
        # A day may be left out where a zone moves over the date line: the day ends all the same.
        after = datetime.combine(following, time(0), zone).astimezone(UTC)
        if (
            datetime.combine(following, time(12), zone).astimezone(UTC).astimezone(zone).date()
            != following
        ):
            after = datetime.combine(following + timedelta(days=1), time(0), zone).astimezone(UTC)
        return after - timedelta(seconds=1)

    def ends_after(self, start: datetime) -> Iterator[datetime]:
        """The ends of the working days after the day of an instant."""
        first = start.astimezone(ZoneInfo(self.zone)).date()
        for ahead in range(1, LONGEST_AHEAD):
            day = first + timedelta(days=ahead)
            end = self.ends(day) if self.works(day) else None
            if end is not None:
                yield end


def due(
    start: datetime, days: int, calendar: Calendar, suspensions: Sequence[Suspension] = ()
) -> datetime | None:
    """When a clock of so many working days runs out, in UTC; none while it stands, and where the
    calendar has not so many days."""
    counted = 0
    for end in calendar.ends_after(start):
        standing = [until for since, until in suspensions if since <= end]
        if any(until is None for until in standing):
            return None
        if not any(until is not None and end < until for until in standing):
            counted += 1
        if counted == days:
            return end
    return None


def used(
    start: datetime, now: datetime, calendar: Calendar, suspensions: Sequence[Suspension] = ()
) -> int:
    """How many working days of a clock are over by now; the days on which it stood are not."""
    counted = 0
    for end in calendar.ends_after(start):
        if end >= now:
            break
        counted += not any(
            since <= end and (until is None or end < until) for since, until in suspensions
        )
    return counted
