"""What a person judges of a target, beside what the figures say: how far it is from them, and
whether it still holds. The two are never merged."""

from __future__ import annotations

from enum import StrEnum

from throughline.figures.rules.judging import Status
from throughline.kernel.period import Period

RHYTHM = 2
"""After how many newer periods a judgement no longer counts."""


class ConfidenceLevel(StrEnum):
    """How sure the body that answers for a target is that it is reached in time."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Apart(StrEnum):
    """How judgement and computed status contradict each other."""

    HOPEFUL = "hopeful"
    DOUBTFUL = "doubtful"


def apart(level: ConfidenceLevel, status: Status) -> Apart | None:
    """Whether a judgement contradicts the figures so much that it has to be said.

    >>> high, low = ConfidenceLevel.HIGH, ConfidenceLevel.LOW
    >>> str(apart(high, Status.OFF_TRACK)), str(apart(low, Status.AHEAD))
    ('hopeful', 'doubtful')
    >>> apart(low, Status.OFF_TRACK) is None, apart(high, Status.AHEAD) is None
    (True, True)
    """
    if level is ConfidenceLevel.HIGH and status is Status.OFF_TRACK:
        return Apart.HOPEFUL
    if level is ConfidenceLevel.LOW and status in (Status.AHEAD, Status.ACHIEVED):
        return Apart.DOUBTFUL
    return None


def newer_than(judged: Period | None, latest: Period | None) -> int:
    """How many periods have figures that the judgement did not know; one made before there was
    any figure is behind by one.

    >>> newer_than(Period.parse("2022Q1"), Period.parse("2022Q4"))
    3
    >>> newer_than(None, Period(2022)), newer_than(Period(2022), None), newer_than(None, None)
    (1, 0, 0)
    >>> newer_than(Period(2021), Period.parse("2022Q2"))
    1
    """
    if latest is None:
        return 0
    if judged is None:
        return 1
    if judged.span is latest.span:
        return max(latest.ordinal - judged.ordinal, 0)
    return 1 if latest.end > judged.end else 0


def holds_still(judged: Period | None, latest: Period | None, rhythm: int = RHYTHM) -> bool:
    """Whether a judgement still counts: fewer newer periods than the rhythm allows.

    >>> holds_still(Period(2022), Period(2023)), holds_still(Period(2021), Period(2023))
    (True, False)
    """
    return newer_than(judged, latest) < rhythm
