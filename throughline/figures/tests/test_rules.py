"""Arithmetic against brute force: roll-up, progress, status."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.figures import rules
from throughline.figures.rules import Goal, Operator, Status
from throughline.kernel.period import Period, Span


@st.composite
def trees(draw):
    size = draw(st.integers(1, 40))
    parents = [-1] + [draw(st.integers(0, here - 1)) for here in range(1, size)]
    reporting = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    values = draw(
        st.dictionaries(st.integers(0, size - 1), st.integers(-(10**9), 10**9), max_size=size)
    )
    return parents, {here: float(value) for here, value in values.items()}, reporting


def below(parents: list[int], top: int) -> set[int]:
    found = {top}
    for here, parent in enumerate(parents):
        if parent in found:
            found.add(here)
    return found


@given(trees())
def test_roll_up_is_what_adding_everything_below_gives(tree):
    parents, values, reporting = tree
    sums = rules.roll_up(parents, values, reporting)
    for here in range(len(parents)):
        inside = [each for each in below(parents, here) if reporting[each]]
        given_ = [values[each] for each in inside if each in values]
        assert sums.totals[here] == (sum(given_) if given_ else None)
        assert (sums.reported[here], sums.expected[here]) == (len(given_), len(inside))


def test_a_stated_total_is_never_added():
    assert rules.roll_up([-1, 0], {0: 100.0, 1: 1.0}, [False, True]).totals == [1.0, 1.0]


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 4))
def test_a_shown_figure_is_never_further_than_half_a_unit_of_its_last_place(value, decimals):
    shown = rules.shown(value, decimals)
    assert shown is not None
    assert abs(shown - value) <= 0.5 * 10**-decimals * (1 + 1e-9) + abs(value) * 1e-11


@given(
    baseline=st.floats(-1000, 1000),
    way=st.floats(0.001, 1000),
    gone=st.floats(-2, 3),
)
def test_rising_and_falling_targets_read_alike(baseline, way, gone):
    rising = Goal(Operator.GE, baseline + way, Period(2025), baseline, Period(2020))
    falling = Goal(Operator.LE, baseline - way, Period(2025), baseline, Period(2020))
    up = rules.progress(rising, baseline + way * gone)
    down = rules.progress(falling, baseline - way * gone)
    assert up is not None and down is not None
    assert math.isclose(up, down, abs_tol=1e-6, rel_tol=1e-6)


GOAL = Goal(Operator.GE, 100.0, Period(2030), 0.0, Period(2020))


@pytest.mark.parametrize(
    ("value", "year", "status"),
    [
        (None, 2025, Status.NO_DATA),
        (0.0, 2020, Status.NOT_STARTED),
        (60.0, 2025, Status.AHEAD),
        (55.0, 2025, Status.AHEAD),
        (54.9, 2025, Status.ON_TRACK),
        (45.0, 2025, Status.ON_TRACK),
        (44.9, 2025, Status.AT_RISK),
        (30.0, 2025, Status.AT_RISK),
        (29.9, 2025, Status.OFF_TRACK),
        (-5.0, 2025, Status.OFF_TRACK),
        (100.0, 2025, Status.ACHIEVED),
        (99.9, 2030, Status.OFF_TRACK),
        (100.0, 2031, Status.ACHIEVED),
    ],
)
def test_status_by_pace(value, year, status):
    assert rules.status(GOAL, value, Period(year)) is status


@pytest.mark.parametrize(
    ("value", "year", "status"),
    [
        (10.0, 2022, Status.ON_TRACK),
        (30.0, 2022, Status.AT_RISK),
        (29.5, 2025, Status.ACHIEVED),
        (29.6, 2025, Status.OFF_TRACK),
    ],
)
def test_a_ceiling_that_the_baseline_meets_asks_to_hold(value, year, status):
    ceiling = Goal(Operator.LE, 29.5, Period(2025), 0.0, Period(2020))
    assert rules.status(ceiling, value, Period(year)) is status


def test_without_a_baseline_only_the_deadline_tells():
    goal = Goal(Operator.GE, 87.5, Period(2025))
    assert rules.status(goal, 80.0, Period(2022)) is Status.NO_DATA
    assert rules.status(goal, 88.0, Period(2022)) is Status.ACHIEVED
    assert rules.status(goal, 80.0, Period(2025)) is Status.OFF_TRACK


def test_quarters_pass_by_quarters():
    goal = Goal(Operator.GE, 10, Period(2024, Span.QUARTER, 4), 0, Period(2023, Span.QUARTER, 4))
    assert rules.elapsed(goal, Period(2024, Span.QUARTER, 1)) == 0.25
