"""Whether more is asked of this web process than it can answer.

What waits for a thread waits inside the web server, where the application cannot see it. But
while something waits, a thread that has answered one request begins the next at once: where all
threads have been at work for some time, and none of them was without work for a moment, a queue
has stood for that long. Then what can be told to come back later is told so (`is_high`), which
costs a fraction of the work, and the queue drains.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

MOMENT = 0.015
"""Seconds that a thread is without work where nothing waits. Handing over takes less, also where
the other threads of the process are busy."""

PATIENCE = 0.6
"""Seconds for which a queue may stand."""


class Pressure:
    """How long all threads of a process have been at work without a break."""

    def __init__(self, threads: int = 0, now: Callable[[], float] = time.monotonic) -> None:
        self.threads = threads
        """As many requests as are answered at once; 0 where that is not known: no pressure."""
        self._now = now
        self._lock = threading.Lock()
        self._inside = 0
        self._free_since = now()
        self._crowded_since: float | None = None

    def enter(self) -> None:
        """A request begins."""
        with self._lock:
            now = self._now()
            if self._has_had_a_break(now):
                self._crowded_since = None
            self._inside += 1
            if self._inside >= self.threads and self._crowded_since is None:
                self._crowded_since = now

    def leave(self) -> None:
        """A request is answered."""
        with self._lock:
            if self._inside == self.threads:
                self._free_since = self._now()
            self._inside -= 1

    @property
    def is_high(self) -> bool:
        """Whether a queue has stood for longer than it may."""
        with self._lock:
            now = self._now()
            if not self.threads or self._crowded_since is None or self._has_had_a_break(now):
                return False
            return now - self._crowded_since > PATIENCE

    def _has_had_a_break(self, now: float) -> bool:
        return self._inside < self.threads and now - self._free_since >= MOMENT


here = Pressure()
"""That of this process; the web process says how many threads it has (`config.web`)."""


class PressureMiddleware:
    """Counts the requests under way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        here.enter()
        try:
            return self.get_response(request)
        finally:
            here.leave()
