"""The counter at which a web process serves: who waits at it, waits where it can be seen.

Granian hands over every request at once, to a thread that does nothing but wait. A few threads
of ours do the work, each with its connection to the database, in the order in which requests
came. So each request knows how long it has stood in line (`pressure.waited`), and connections
do not grow with the rush.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from throughline.running import pressure

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

LINE = 1024
"""Requests of a process that can stand in line; those beyond wait inside granian, unseen."""


class Counter:
    """A WSGI application that serves another one at so many desks."""

    def __init__(self, application: Application, desks: int) -> None:
        self._application = application
        # Its threads begin with the first request: the web process forks before that.
        self._desks = ThreadPoolExecutor(desks, "desk")

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        came = time.monotonic()
        head, body = self._desks.submit(self._serve, environ, came).result()
        start(*head)
        return body

    def _serve(self, environ: Environ, came: float) -> tuple[tuple[Any, ...], Iterable[bytes]]:
        """The head and the body of the answer. What is there already is closed here, where the
        connection is; a stream is for the thread that sends it to read and close."""
        head: list[tuple[Any, ...]] = []
        with pressure.served_after(time.monotonic() - came):
            body = self._application(environ, lambda *given: head.append(given))
            if getattr(body, "streaming", False) or not hasattr(body, "close"):
                return head[-1], body
            try:
                return head[-1], [b"".join(body)]
            finally:
                body.close()
