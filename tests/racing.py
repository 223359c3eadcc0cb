"""People who do something at the same moment: for tests that a lock is needed, and holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connections

PATIENCE = 10
"""Seconds that a thread waits for the others to start; a test that hangs fails instead."""

MEETING = 0.5
"""Seconds that one who comes to a meeting waits for those whom a lock may keep away."""


def race(work: Callable[[int], object], count: int = 2) -> list[Any]:
    """Run `work(n)` in threads at once and return what each returned or raised."""
    outcomes: list[object] = [None] * count
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=PATIENCE)
            outcomes[number] = work(number)
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=3 * PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return outcomes


def meeting(write: Callable[..., Any], count: int = 2) -> Callable[..., Any]:
    """A write before which each caller waits until all have come to it: every check is done
    before anything is written. Whoever comes alone, because a lock keeps the others away,
    goes on after a while."""
    barrier = threading.Barrier(count)

    def together(*args: Any, **kwargs: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=MEETING)
        return write(*args, **kwargs)

    return together


def errors(outcomes: list[Any]) -> list[Exception]:
    """Those of the outcomes that are errors."""
    return [each for each in outcomes if isinstance(each, Exception)]
