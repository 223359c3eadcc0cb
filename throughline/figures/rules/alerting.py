"""预警: what is wrong with figures, told by plain thresholds. For whole tiers at once, in arrays.

Each rule takes figures of many places (places last) and says where it strikes. What strikes is
told with the figures and the threshold that made it; nothing is stored. Thresholds are the
plan pack's, with the defaults here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from throughline.kernel.period import Period, Span

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

TO_DEVIATION = 1.4826
"""What makes of a median distance from the median the standard deviation of a normal spread."""

MEAN_TO_DEVIATION = 1.2533
"""The same for the mean distance, for spreads in which most places are alike."""


class AlertKind(StrEnum):
    """What an alert is about."""

    BEHIND = "behind"
    FALLING = "falling"
    NOT_COMPUTABLE = "not_computable"
    STALE = "stale"
    SILENT = "silent"
    PROVISIONAL = "provisional"
    DIFFERS = "differs"
    LOW_CONFIDENCE = "low_confidence"


class AlertSeverity(StrEnum):
    """How pressing an alert is."""

    SERIOUS = "serious"
    WATCH = "watch"


class Lack(StrEnum):
    """Why a composed figure cannot be computed."""

    ZERO = "zero"
    MISSING = "missing"


@dataclass(frozen=True)
class Thresholds:
    """From where on something is an alert. A plan pack sets them under `alerts`.

    >>> Thresholds.of({"behind_watch": 3}).behind_watch, Thresholds.of({}).silent_serious
    (3, 2)
    """

    behind_watch: float = 2.5
    behind_serious: float = 3.5
    fewest_peers: int = 8
    falling_periods: int = 3
    falling_serious: int = 4
    stale_days_year: int = 365
    stale_days_half: int = 120
    stale_days_quarter: int = 75
    stale_days_month: int = 45
    stale_serious_periods: int = 2
    silent_serious: int = 2
    provisional_days: int = 180
    provisional_serious_days: int = 365
    differs_share: float = 0.01
    differs_serious_share: float = 0.05
    confidence_periods: int = 2

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Thresholds:
        """What a plan says, and the defaults for the rest."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in said.items() if name in known})

    def stale_after(self, span: Span) -> timedelta:
        """How long after a period's end its figure may take."""
        days: int = getattr(self, f"stale_days_{span.value}")
        return timedelta(days=days)


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong, with what made it: `numbers` holds figures and thresholds by
    their names, `since` the day from which on it is so. Indicator and place are ids; an alert
    about a unit's reports has no indicator, but the key of a cycle as its `subject`."""

    kind: AlertKind
    severity: AlertSeverity
    plan: int
    place: int
    since: date
    indicator: int | None = None
    period: Period | None = None
    edition: str = ""
    subject: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> tuple[str, int | None, int, str]:
        """What tells it from others, whichever plan finds it."""
        return (self.kind, self.indicator, self.place, self.subject)


@dataclass(frozen=True)
class Behind:
    """How far places lie behind their peers: in deviations, and the spread they lie in."""

    deviations: Floats
    median: float
    deviation: float
    count: int


def badness(values: Floats, direction: str, low: float | None, high: float | None) -> Floats:
    """Figures turned so that more is worse: the distance from the band where one is stated.

    >>> badness(np.array([1.0, 5.0]), "up", None, None).tolist()
    [-1.0, -5.0]
    >>> badness(np.array([1.0, 5.0, 12.0]), "band", 3, 10).tolist()
    [2.0, 0.0, 2.0]
    """
    if direction == "up":
        return -values
    if direction == "down" or low is None or high is None:
        return values + 0.0
    found: Floats = np.maximum(np.maximum(low - values, values - high), 0.0)
    return found


def behind(values: Floats, bad: Floats, fewest: int) -> Behind | None:
    """How far each of some peers lies behind them all, robustly: from their median, in units of
    the median distance from it. None for too few figures, or where all are alike.

    `bad` are the same figures turned by `badness`; what has none is never behind.

    >>> found = behind(*[np.array([1.0, 2, 3, 4, 5, 6, 7, 40]) * s for s in (1, 1)], 8)
    >>> found.median, found.count, bool(found.deviations[-1] > 10)
    (4.5, 8, True)
    >>> behind(np.ones(8), np.ones(8), 8) is None
    True
    """
    given = ~np.isnan(bad)
    count = int(given.sum())
    if count < fewest:
        return None
    middle = float(np.median(bad[given]))
    away = np.abs(bad[given] - middle)
    scale = TO_DEVIATION * float(np.median(away))
    if scale == 0:
        scale = MEAN_TO_DEVIATION * float(np.mean(away))
    if scale == 0:
        return None
    with np.errstate(invalid="ignore"):
        off = np.where(given, (bad - middle) / scale, -np.inf)
    return Behind(off, float(np.median(values[given])), scale, count)


def falling(bad: Floats) -> npt.NDArray[np.int64]:
    """For how many periods in a row, up to the last, figures grew worse each time; `bad` are
    periods in order by places. A missing figure ends the run.

    >>> falling(np.array([[3.0, 1, 1], [4, 2, np.nan], [5, 1, 3], [6, 2, 4]])).tolist()
    [3, 1, 1]
    """
    with np.errstate(invalid="ignore"):
        worse = np.diff(bad, axis=0) > 0
    lasting = np.logical_and.accumulate(worse[::-1], axis=0)
    found: npt.NDArray[np.int64] = lasting.sum(axis=0)
    return found


def missing_of(value: Floats, parts: Floats, denominator: int | None) -> tuple[Flags, Flags]:
    """Where a composed figure has no value although a part of it is there: because the
    denominator is 0, and because a part is missing. `parts` by places.

    >>> parts = np.array([[1.0, 1.0, np.nan, np.nan], [0.0, np.nan, 4.0, np.nan]])
    >>> zero, lacking = missing_of(np.full(4, np.nan), parts, 1)
    >>> zero.tolist(), lacking.tolist()
    ([True, False, False, False], [False, True, True, False])
    """
    none = np.isnan(value)
    there = ~np.isnan(parts)
    zero = np.zeros(value.shape, np.bool_)
    if denominator is not None:
        zero = none & (parts[denominator] == 0)
    lacking: Flags = none & ~zero & there.any(axis=0) & ~there.all(axis=0)
    return zero, lacking


def due_period(today: date, span: Span, after: timedelta) -> Period:
    """The last period whose figure should be there by now.

    >>> str(due_period(date(2024, 3, 1), Span.QUARTER, timedelta(days=75)))
    '2023Q3'
    >>> str(due_period(date(2024, 3, 20), Span.QUARTER, timedelta(days=75)))
    '2023Q4'
    """
    here = Period.containing(today, span)
    while here.end + after >= today:
        here = here.shift(-1)
    return here


def apart_by(stated: Floats, summed: Floats) -> Floats:
    """How far a stated total and what the units below add up to are apart, as a share of the
    sum; NaN where one is missing or the sum is 0.

    >>> apart_by(np.array([102.0, 5.0]), np.array([100.0, 0.0])).tolist()
    [0.02, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(summed == 0, np.nan, np.abs(stated - summed) / np.abs(summed))
    return found
