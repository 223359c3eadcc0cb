"""A queue that cannot be seen is told by threads that are never without work."""

from __future__ import annotations

import pytest

from throughline.running.pressure import MOMENT, PATIENCE, Pressure


class Clock:
    """A clock that stands until it is set forward."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def work(pressure: Pressure, clock: Clock, requests: int, each: float, between: float) -> None:
    """One thread answers requests, one after the other."""
    for _ in range(requests):
        pressure.enter()
        clock.at += each
        pressure.leave()
        clock.at += between


def test_threads_that_are_never_without_work_mean_a_queue(clock: Clock):
    pressure = Pressure(2, clock)
    pressure.enter()  # one thread is at work all the time
    work(pressure, clock, requests=20, each=0.05, between=0.001)
    assert pressure.is_high


def test_a_break_means_that_nothing_waits(clock: Clock):
    pressure = Pressure(2, clock)
    pressure.enter()
    work(pressure, clock, requests=20, each=0.05, between=0.001)
    clock.at += MOMENT
    assert not pressure.is_high
    pressure.enter()
    clock.at += PATIENCE / 2
    assert not pressure.is_high, "it begins to count anew"
    clock.at += PATIENCE
    assert pressure.is_high


def test_busy_with_breaks_is_no_queue(clock: Clock):
    pressure = Pressure(1, clock)
    work(pressure, clock, requests=100, each=0.05, between=MOMENT)
    pressure.enter()
    assert not pressure.is_high


def test_a_free_thread_is_no_queue(clock: Clock):
    pressure = Pressure(2, clock)
    pressure.enter()
    clock.at += 10
    assert not pressure.is_high


def test_where_threads_are_not_known_nothing_is_turned_away(clock: Clock):
    pressure = Pressure(0, clock)
    for _ in range(100):
        pressure.enter()
    clock.at += 100
    assert not pressure.is_high
