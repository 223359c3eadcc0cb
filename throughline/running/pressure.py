"""Whether more is asked of this web process than it can answer.

A request knows how long it stood in line before a desk was free (`counter`). Where that was
longer than a person should wait, what can be told to come back later is told so (`is_high`),
which costs a fraction of the work, and when: each gets a turn of its own (`Turns`), so that they
do not all come back at once.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from throughline.kernel import clock

IDLE = 1.0
"""Seconds between two requests after which nobody can be said to have waited meanwhile."""

REMEMBERED = 64
"""So many of the last say how long one takes. Several desks attend to theirs at the same moment
and then to none for a while: a few would say anything."""

PATIENCE = 0.7
"""Seconds that a request may stand in line."""

_waited: ContextVar[float] = ContextVar("waited", default=0.0)


@contextmanager
def served_after(seconds: float) -> Iterator[None]:
    """Serve a request that has stood in line for so long."""
    token = _waited.set(seconds)
    try:
        yield
    finally:
        _waited.reset(token)


def arrived() -> datetime:
    """When the present request came: a close finds in time who stood in line before it."""
    return clock.now() - timedelta(seconds=_waited.get())


def is_high() -> bool:
    """Whether the present request has stood in line for longer than it may."""
    return _waited.get() > PATIENCE


class Turns:
    """When those who are told to come again shall come: one after the other, at the pace at
    which this process attends to them.

    >>> turns = Turns(longest=60)
    >>> turns.took(0.5)
    >>> [turns.next_one(now=100.0) for _ in range(4)]
    [1, 1, 2, 2]
    >>> turns.next_one(now=200.0)
    1
    """

    def __init__(self, longest: float, soonest: int = 1, each: float = 1.0) -> None:
        self._longest = longest
        self._soonest = soonest
        self._each = each
        self._seen: deque[float] = deque(maxlen=REMEMBERED)
        self._last = 0.0
        self._attended = 0.0
        self._lock = threading.Lock()

    def took(self, seconds: float) -> None:
        """Remember how long it took to attend to one."""
        with self._lock:
            self._seen.append(seconds)
            self._each = sum(self._seen) / len(self._seen)

    def attended(self, now: float | None = None) -> None:
        """Where several are attended to at once: one more is now. The time since the one before
        says how long each takes, unless nobody came meanwhile."""
        now = time.monotonic() if now is None else now
        since, self._attended = now - self._attended, now
        if since < IDLE:
            self.took(since)

    def next_one(self, now: float | None = None) -> int:
        """In how many seconds the next one shall come again."""
        with self._lock:
            now = time.monotonic() if now is None else now
            self._last = min(max(self._last, now) + self._each, now + self._longest)
            return max(self._soonest, math.ceil(self._last - now))
