"""Where a target's figure should be by when: from the baseline in a line, in steps, or as the
plan gives it period by period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughline.figures.rules.goals import Goal, holds
from throughline.kernel.period import Period


class Trajectory(StrEnum):
    """The way to a target; the values are those of `plans.Target`."""

    LINEAR = "linear"
    STEPS = "steps"
    GIVEN = "given"


def share_between(start: Period, end: Period, period: Period) -> float | None:
    """The share of the time from one period's end to another's that has passed by a period's
    end, 0 before and 1 after; by whole periods where all three are of one length, else by days.

    >>> share_between(Period(2020), Period(2025), Period(2022))
    0.4
    >>> share_between(Period(2025), Period(2025), Period(2025)) is None
    True
    """
    if end.end <= start.end:
        return None
    if period.span is start.span is end.span:
        passed = (period.ordinal - start.ordinal) / (end.ordinal - start.ordinal)
    else:
        passed = (period.end - start.end).days / (end.end - start.end).days
    return min(max(passed, 0.0), 1.0)


def elapsed(goal: Goal, period: Period) -> float | None:
    """The share of the time from baseline to deadline that has passed by a period's end."""
    if goal.baseline_period is None:
        return None
    return share_between(goal.baseline_period, goal.by, period)


@dataclass(frozen=True)
class Leg:
    """The part of a trajectory in which a period lies: between two values, None for the
    baseline's (`before`) and the target's (`after`), and the share of it that has passed."""

    before: float | None
    after: float | None
    share: float

    def value(self, baseline: float, aim: float) -> float:
        """Where the trajectory of a target stands in this part."""
        start = baseline if self.before is None else self.before
        if self.share == 0:
            return start
        end = aim if self.after is None else self.after
        return end if self.share == 1 else start + (end - start) * self.share


def leg_of(goal: Goal, period: Period) -> Leg | None:
    """The part of a trajectory in which a period's end lies; it asks for no value of the target
    but its steps. None where there is no way through time."""
    start = goal.baseline_period
    if start is None or start.end >= goal.by.end:
        return None
    if period.end >= goal.by.end:
        return Leg(None, None, 1.0)
    before: tuple[Period, float | None] = (start, None)
    after: tuple[Period, float | None] = (goal.by, None)
    for step in goal.steps if goal.trajectory != Trajectory.LINEAR else ():
        if start.end < step[0].end <= period.end:
            before = step
        elif period.end < step[0].end < goal.by.end:
            after = step
            break
    if goal.trajectory == Trajectory.STEPS:
        return Leg(before[1], after[1], 0.0)
    share = share_between(before[0], after[0], period)
    return None if share is None else Leg(before[1], after[1], share)


def expected_value(goal: Goal, period: Period) -> float | None:
    """Where the trajectory stands at the end of a period.

    A line runs from the baseline to the target. Steps hold from their period on until the next.
    Given values are joined by lines, so that a quarter stands between two years. None where
    there is no baseline to start from or no number to go to, and for a ceiling or floor that the
    baseline keeps already: it is to be kept, and no line leads there.

    >>> from throughline.figures.rules.goals import Operator
    >>> expected_value(Goal(Operator.GE, 65, Period(2025), 60, Period(2020)), Period(2022))
    62.0
    >>> path = ((Period(2022), 70.0), (Period(2024), 90.0))
    >>> stairs = Goal(Operator.GE, 100, Period(2025), 60, Period(2020), trajectory="steps",
    ...               steps=path)
    >>> [expected_value(stairs, Period(year)) for year in (2021, 2022, 2023, 2024, 2025)]
    [60, 70.0, 70.0, 90.0, 100]
    >>> given = Goal(Operator.GE, 100, Period(2025), 60, Period(2020), trajectory="given",
    ...              steps=path)
    >>> [expected_value(given, Period(year)) for year in (2021, 2022, 2023, 2024, 2025, 2026)]
    [65.0, 70.0, 80.0, 90.0, 100, 100]
    """
    leg = leg_of(goal, period)
    if leg is None or goal.aim is None or goal.baseline is None:
        return None
    if goal.trajectory == Trajectory.LINEAR and holds(goal):
        return None
    return leg.value(goal.baseline, goal.aim)


def due_share(goal: Goal, period: Period) -> float | None:
    """The share of the way from baseline to target that is due by a period's end. Of a line it
    is the share of the time; None where there is no way to go.

    >>> from throughline.figures.rules.goals import Operator
    >>> due_share(Goal(Operator.LE, 10, Period(2025), 20, Period(2020)), Period(2022))
    0.4
    """
    if goal.trajectory == Trajectory.LINEAR:
        return None if goal.aim is None or goal.aim == goal.baseline else elapsed(goal, period)
    expected = expected_value(goal, period)
    if expected is None or goal.baseline is None or goal.aim is None or goal.aim == goal.baseline:
        return None
    return (expected - goal.baseline) / (goal.aim - goal.baseline)


def corners(goal: Goal) -> list[tuple[date, float]]:
    """The corners of the trajectory as it is drawn, from the baseline to the target.

    >>> from throughline.figures.rules.goals import Operator
    >>> path = ((Period(2022), 70.0),)
    >>> stairs = Goal(Operator.GE, 80, Period(2023), 60, Period(2020), trajectory="steps",
    ...               steps=path)
    >>> [(day.year, value) for day, value in corners(stairs)]
    [(2020, 60), (2022, 60), (2022, 70.0), (2023, 70.0), (2023, 80)]
    """
    if goal.baseline_period is None or expected_value(goal, goal.baseline_period) is None:
        return []
    base, aim = goal.baseline, goal.aim
    if base is None or aim is None:
        return []
    inside = [
        (period.end, value)
        for period, value in goal.steps
        if goal.baseline_period.end < period.end < goal.by.end
        and goal.trajectory != Trajectory.LINEAR
    ]
    points = [(goal.baseline_period.end, base), *inside, (goal.by.end, aim)]
    if goal.trajectory != Trajectory.STEPS:
        return points
    found = points[:1]
    for day, value in points[1:]:
        found += [(day, found[-1][1]), (day, value)]
    return found
