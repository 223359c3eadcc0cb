"""When a cycle reminds: so many hours before its close, as people write it down. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

USUAL = (168, 48, 4, 0)
"""Hours before the close at which units are reminded where nobody has said otherwise: a week, two
days, four hours, and at the close itself."""

FIRST = 24 * 90
"""So many hours before the close at the most."""

MOST = 8
"""So many times at the most."""

_WRITTEN = re.compile(r"(\d{1,4})\s*(d|h|天|日|小时)")
_CLOSE = frozenset({"close", "0", "截止", "截止时"})


def read_hours(written: str) -> int | None:
    """The hours before a close that somebody has written; None for what cannot be read.

    >>> [read_hours(each) for each in ("7d", "4h", "close", "2 天", "3小时", "截止", "soon", "99d")]
    [168, 4, 0, 48, 3, 0, None, None]
    """
    text = written.strip().casefold()
    if text in _CLOSE:
        return 0
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    hours = int(found[1]) * (24 if found[2] in {"d", "天", "日"} else 1)
    return hours if hours <= FIRST else None


def split(written: str) -> list[str]:
    """The single times of a list, whatever stands between them.

    >>> split("7d, 2d；4h、截止")
    ['7d', '2d', '4h', '截止']
    """
    return [each for each in re.split(r"[,;，；、\s]+", written.strip()) if each]


def in_order(hours: Iterable[int]) -> list[int]:
    """Each time once, the earliest first.

    >>> in_order([0, 48, 4, 48])
    [48, 4, 0]
    """
    return sorted(set(hours), reverse=True)
