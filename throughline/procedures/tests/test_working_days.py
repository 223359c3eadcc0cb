"""Clocks in working days against a slow count that walks through the hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.procedures.rules.working_days import Calendar, Suspension, due, used

ZONES = (
    "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Atlantic/Azores", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns",
)  # fmt: skip
QUARTER = timedelta(minutes=15)


def slow(
    start: datetime, days: int, calendar: Calendar, suspensions: list[Suspension]
) -> datetime | None:
    """Walk through the quarters of an hour; a day ends where the date changes."""
    zone = ZoneInfo(calendar.zone)
    at = start.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    first = start.astimezone(zone).date()
    counted = 0
    while at.astimezone(zone).date() < first or at < start:
        at += QUARTER
    for _ in range(100 * 96):
        today, at = at.astimezone(zone).date(), at + QUARTER
        if at.astimezone(zone).date() == today or today == first:
            continue
        end = at - timedelta(seconds=1)
        works = today in calendar.worked or (
            today.weekday() in calendar.weekdays and today not in calendar.holidays
        )
        stands = [until for since, until in suspensions if since <= end]
        if None in stands:
            return None
        if works and not any(end < until for until in stands if until):
            counted += 1
        if counted == days:
            return end
    return None


DAYS = st.dates(date(1995, 1, 1), date(2035, 12, 1))


@st.composite
def clocks(draw):
    first = draw(DAYS)
    start = datetime(
        first.year, first.month, first.day, draw(st.integers(0, 23)), draw(st.integers(0, 59)),
        tzinfo=UTC,
    )  # fmt: skip
    near = st.integers(0, 30).map(lambda days: first + timedelta(days=days))
    holidays = draw(st.frozensets(near, max_size=8))
    worked = draw(st.frozensets(near, max_size=4)) - holidays
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=2))
    calendar = Calendar(draw(st.sampled_from(ZONES)), weekdays, holidays, worked)
    suspensions: list[Suspension] = []
    at = start
    for hours, length in draw(
        st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=3)
    ):
        since = at + timedelta(hours=hours)
        at = since + timedelta(hours=length)
        suspensions.append((since, at))
    if suspensions and draw(st.booleans()) and draw(st.booleans()):
        suspensions[-1] = (suspensions[-1][0], None)
    return start, draw(st.integers(1, 12)), calendar, suspensions


@settings(deadline=None, max_examples=150)
@given(clocks())
def test_a_clock_runs_out_when_the_slow_count_says(clock):
    start, days, calendar, suspensions = clock
    assert due(start, days, calendar, suspensions) == slow(start, days, calendar, suspensions)


@settings(deadline=None, max_examples=60)
@given(clocks())
def test_the_days_used_are_those_that_were_due(clock):
    start, days, calendar, suspensions = clock
    end = due(start, days, calendar, suspensions)
    if end is not None:
        assert used(start, end, calendar, suspensions) == days - 1
        assert used(start, end + timedelta(seconds=1), calendar, suspensions) == days


WEEK = frozenset(range(5))


def test_holidays_do_not_count_and_days_worked_for_them_do():
    autumn = Calendar(
        "Asia/Shanghai", WEEK, frozenset(date(2022, 10, day) for day in range(1, 8)),
        frozenset({date(2022, 10, 8), date(2022, 10, 9)}),
    )  # fmt: skip
    start = datetime(2022, 9, 30, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert due(start, 2, autumn) == datetime(2022, 10, 9, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("back", "expected"), [(16, 9), (33, 10), (None, None)])
def test_the_clock_stands_while_a_supplement_is_awaited(back: int | None, expected: int | None):
    plain = Calendar("Asia/Shanghai", WEEK)
    start = datetime(2022, 6, 6, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    asked = start + timedelta(days=1)
    given = start + timedelta(days=1, hours=back - 9) if back is not None else None
    found = due(start, 3, plain, [(asked, given)])
    assert (found.day if found else None) == expected


def test_a_day_that_a_zone_left_out_is_no_working_day():
    samoa = Calendar("Pacific/Apia", frozenset(range(7)))
    start = datetime(2011, 12, 28, 12, 0, tzinfo=ZoneInfo("Pacific/Apia"))
    local = [due(start, days, samoa) for days in (1, 2)]
    zone = ZoneInfo("Pacific/Apia")
    assert [each.astimezone(zone).day for each in local if each] == [29, 31]


def test_a_calendar_without_working_days_has_no_end():
    assert due(datetime(2022, 6, 6, tzinfo=UTC), 1, Calendar("UTC", frozenset())) is None
