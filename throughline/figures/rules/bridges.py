"""How figures cross from one edition of a series to another: only over a bridge that is stated.

60.60 for 2019 and 63.89 for 2020 stand in two editions, and most of what lies between them is
the change of base. Without a bridge nothing is computed from one to the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bridge:
    """What turns figures of one edition into those of another: times `factor`, then plus
    `shift`."""

    factor: float = 1.0
    shift: float = 0.0

    def cross(self, value: float | None) -> float | None:
        """A figure of the one edition as it would read in the other.

        >>> Bridge(shift=2.5).cross(60.0), Bridge(factor=1.5).cross(60.0), Bridge().cross(None)
        (62.5, 90.0, None)
        """
        return None if value is None else value * self.factor + self.shift


def linked(before: float | None, after: float | None, kind: str) -> Bridge | None:
    """The bridge from two figures of one period, one in each edition: by their difference
    (`shift`) or by their ratio (`factor`). None where one of them is missing, or no ratio is.

    >>> linked(60.0, 62.0, "shift"), linked(50.0, 60.0, "factor")
    (Bridge(factor=1.0, shift=2.0), Bridge(factor=1.2, shift=0.0))
    >>> linked(0.0, 60.0, "factor") is None and linked(None, 60.0, "shift") is None
    True
    """
    if before is None or after is None:
        return None
    if kind == "shift":
        return Bridge(shift=after - before)
    factor = after / before if before else math.nan
    return Bridge(factor=factor) if math.isfinite(factor) else None
