"""What a figure says against its target: progress, and the computed status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from throughline.figures.rules.adding import shown
from throughline.figures.rules.goals import NOISE, Direction, Goal, Operator, holds
from throughline.figures.rules.trajectories import due_share, expected_value
from throughline.kernel.period import Period


class Status(StrEnum):
    """What the figures say against the schedule. A person's confidence is never merged in."""

    ACHIEVED = "achieved"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NOT_STARTED = "not_started"
    NO_DATA = "no_data"


class Why(StrEnum):
    """Why a target is not judged."""

    NO_TARGET = "no_target"
    NO_FIGURE = "no_figure"
    OTHER_EDITION = "other_edition"
    NO_BASELINE = "no_baseline"
    NO_WAY = "no_way"
    NO_BAND = "no_band"
    INCOMPLETE = "incomplete"
    OTHER_LENGTH = "other_length"


class Move(StrEnum):
    """Whether a figure has moved from its baseline the right way."""

    TOWARDS = "towards"
    STILL = "still"
    AWAY = "away"


@dataclass(frozen=True)
class Corridor:
    """Where the words for progress change, as shares of the progress due by now."""

    ahead: float = 1.1
    on_track: float = 0.9
    at_risk: float = 0.6


@dataclass(frozen=True)
class Judgement:
    """What a figure says against a target. `why` is set where nothing can be said, `move`
    where there was a baseline to move from; `met` is None where no number can be met."""

    status: Status
    met: bool | None = None
    progress: float | None = None
    expected: float | None = None
    move: Move | None = None
    why: Why | None = None


def read_as(goal: Goal, value: float) -> float:
    """A figure as it is published, and so judged: what reads alike is judged alike.

    >>> read_as(Goal(Operator.GE, 65, Period(2025), decimals=2), 64.9961)
    65.0
    """
    if goal.decimals is None:
        return value
    return shown(value, goal.decimals) or 0.0


def is_beyond(goal: Goal, value: float) -> bool:
    """Whether a figure went past a number or a range that is to be hit.

    >>> about = Goal(Operator.ABOUT, 60, Period(2025), 40, Period(2020), tolerance=3)
    >>> is_beyond(about, 64.0), is_beyond(about, 56.0)
    (True, False)
    """
    wanted = goal.wanted
    if not goal.has_far_side or wanted is None or goal.baseline is None:
        return False
    if wanted.holds(value) or wanted.holds(goal.baseline):
        return False
    # Not asked of the edges: a figure may lie on the edge of an open range, on either side.
    return (value > wanted.middle) == (goal.baseline < wanted.middle)


def missing_to(goal: Goal, value: float) -> float:
    """What a figure would have to change by to meet its target: to the nearer edge of a range,
    to the number itself otherwise; 0 where it meets it.

    >>> missing_to(Goal(Operator.GE, 65, Period(2025)), 63.0)
    2.0
    >>> missing_to(Goal(Operator.RANGE, 3, Period(2025), upper=5), 7)
    -2
    """
    wanted = goal.wanted
    if wanted is None or goal.number is None or wanted.holds(value):
        return 0.0
    if goal.operator is Operator.RANGE:
        return (wanted.low if value < wanted.low else wanted.high) - value
    return goal.number - value


def progress(goal: Goal, value: float | None) -> float | None:
    """The share of the way from baseline to target that a value has gone.

    Rising and falling targets read alike; below 0 the figure moved away from the target. It may
    exceed 1, except where a number is to be hit: there it stays 1 within the tolerance, and what
    lies past it is lost again. None where there is no way to go: the baseline meets the target.

    >>> falling = Goal(Operator.LE, 15.5, Period(2025), 18.5, Period(2020))
    >>> progress(falling, 17.0), progress(falling, 19.1) < 0
    (0.5, True)
    >>> about = Goal(Operator.ABOUT, 60, Period(2025), 40, Period(2020), tolerance=2)
    >>> [progress(about, value) for value in (50, 60, 62, 67)]
    [0.5, 1.0, 1.0, 0.75]
    """
    aim, base = goal.aim, goal.baseline
    if value is None or aim is None or base is None or aim == base or holds(goal):
        return None
    value = read_as(goal, value)
    gone = (value - base) / (aim - base)
    wanted = goal.wanted
    if not goal.has_far_side or wanted is None or gone <= 1:
        return gone
    past = value - wanted.high if aim > base else wanted.low - value
    return 1 - max(past, 0.0) / abs(aim - base)


def moved(goal: Goal, value: float) -> Move | None:
    """Whether a figure moved from the baseline the right way: towards the number, or where the
    target names none, the indicator's own way (into its band). At published decimals.

    >>> up = Goal(Operator.DIRECTION, None, Period(2025), 45.4, Period(2020), decimals=1)
    >>> [str(moved(up, value)) for value in (46.7, 45.44, 45.0)]
    ['towards', 'still', 'away']
    """
    if goal.baseline is None:
        return None
    before, now = read_as(goal, goal.baseline), read_as(goal, value)
    if abs(now - before) <= NOISE * max(abs(now), abs(before)):
        return Move.STILL
    wanted = goal.wanted
    if wanted is not None and not holds(goal):
        rising = goal.baseline <= wanted.low
        return Move.TOWARDS if (now > before) == rising else Move.AWAY
    if goal.direction is not Direction.BAND:
        rising = goal.direction is Direction.UP
        return Move.TOWARDS if (now > before) == rising else Move.AWAY
    if goal.band is None:
        return None
    was, lies = max(goal.band.outside(before), 0.0), max(goal.band.outside(now), 0.0)
    if was == lies:
        return Move.STILL
    return Move.TOWARDS if lies < was else Move.AWAY


def judge(
    goal: Goal, value: float | None, period: Period | None, corridor: Corridor | None = None
) -> Judgement:
    """All that a figure of a period says against a target.

    >>> goal = Goal(Operator.GE, 65, Period(2025), 60, Period(2020))
    >>> found = judge(goal, 62.0, Period(2022))
    >>> str(found.status), found.met, found.progress, found.expected, str(found.move)
    ('on_track', False, 0.4, 62.0, 'towards')
    >>> str(judge(Goal(Operator.GE, 87.5, Period(2025)), 80.0, Period(2022)).why)
    'no_baseline'
    """
    expected = expected_value(goal, period) if period is not None else None
    if value is None or period is None:
        return Judgement(Status.NO_DATA, expected=expected, why=Why.NO_FIGURE)
    value = read_as(goal, value)
    move = moved(goal, value)
    if goal.operator is Operator.DIRECTION:
        return _by_direction(goal, period, move)
    if goal.wanted is None:
        return Judgement(Status.NO_DATA, move=move, why=_unjudged(goal))
    said = _by_number(goal, value, period, corridor or Corridor())
    return Judgement(
        status=said,
        met=goal.met_by(value),
        progress=progress(goal, value),
        expected=expected,
        move=move,
        why=_unjudged(goal) if said is Status.NO_DATA else None,
    )


def _unjudged(goal: Goal) -> Why:
    """Why nothing can be said of a figure that is there: no baseline, or no way from it."""
    return Why.NO_BASELINE if goal.baseline is None else Why.NO_WAY


def status(
    goal: Goal, value: float | None, period: Period | None, corridor: Corridor | None = None
) -> Status:
    """The computed status of a figure of a period against a target.

    >>> goal = Goal(Operator.GE, 65, Period(2025), 60, Period(2020))
    >>> [str(status(goal, v, Period(2022))) for v in (63.0, 62.0, 61.5, 60.5, 65.0, None)]
    ['ahead', 'on_track', 'at_risk', 'off_track', 'achieved', 'no_data']
    >>> str(status(goal, 60, Period(2020))), str(status(goal, 64.9, Period(2025)))
    ('not_started', 'off_track')
    """
    return judge(goal, value, period, corridor).status


def _by_direction(goal: Goal, period: Period, move: Move | None) -> Judgement:
    """A direction has no number, so it has no pace: the figure moved the right way, or not."""
    if move is None:
        why = Why.NO_BASELINE if goal.baseline is None else Why.NO_BAND
        return Judgement(Status.NO_DATA, why=why)
    last = period.end >= goal.by.end
    if goal.baseline_period is not None and period.end <= goal.baseline_period.end and not last:
        return Judgement(Status.NOT_STARTED, move=move)
    if move is Move.TOWARDS:
        return Judgement(Status.ACHIEVED if last else Status.ON_TRACK, move=move)
    slow = move is Move.STILL and not last
    return Judgement(Status.AT_RISK if slow else Status.OFF_TRACK, move=move)


def _by_number(goal: Goal, value: float, period: Period, bounds: Corridor) -> Status:
    last, met = period.end >= goal.by.end, goal.met_by(value)
    if holds(goal):
        if met:
            return Status.ACHIEVED if last else Status.ON_TRACK
        return Status.OFF_TRACK if last else Status.AT_RISK
    if met:
        return Status.ACHIEVED
    if last:
        return Status.OFF_TRACK
    gone, due = progress(goal, value), due_share(goal, period)
    if gone is None or due is None:
        return Status.NO_DATA
    if due <= 0:
        return Status.NOT_STARTED
    if is_beyond(goal, value):
        return Status.AT_RISK if _reaches(gone, bounds.at_risk) else Status.OFF_TRACK
    return _paced(gone, due, bounds)


def _reaches(value: float, bound: float) -> bool:
    """Whether a share reaches a bound; what misses it by rounding alone does."""
    return value >= bound - NOISE


def _paced(gone: float, due: float, bounds: Corridor) -> Status:
    pace = gone / due
    if _reaches(pace, bounds.ahead):
        return Status.AHEAD
    if _reaches(pace, bounds.on_track):
        return Status.ON_TRACK
    return Status.AT_RISK if _reaches(pace, bounds.at_risk) else Status.OFF_TRACK
