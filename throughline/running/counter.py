"""The counter at which a web process serves: who waits at it, waits where it can be seen.

Granian hands over every request at once, to a thread that does nothing but wait. A few threads
of ours do the work, each with its connection to the database, in the order in which requests
came. So each request knows how long it has stood in line (`pressure.served_after`), and connections
do not grow with the rush.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from django.db import connections

from throughline.running import pressure

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Any]
"""As Django's: it gives a response that can be closed."""

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
            if getattr(body, "streaming", False):
                return head[-1], _streamed(body)
            with closing(body):
                return head[-1], [b"".join(body)]


def _streamed(body: Any) -> Iterator[bytes]:
    """A stream as it is sent. What it asked of the database, it asked in the sending thread: there
    are a thousand of those, and none keeps a connection."""
    try:
        with closing(body):
            yield from body
    finally:
        connections.close_all()
