"""Requests are served in their order at a few desks, and know how long they stood in line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from tests.racing import race
from throughline.running import pressure
from throughline.running.counter import Counter, Environ, Start


class Closing(HttpResponse):
    """An answer that notes which thread closed it."""

    def __init__(self, closed_in: list[str]) -> None:
        super().__init__(b"done")
        self._closed_in = closed_in

    def close(self) -> None:
        self._closed_in.append(threading.current_thread().name)


class Seen:
    """An application that waits for leave, and remembers what it saw."""

    def __init__(self) -> None:
        self.leave = threading.Event()
        self.waits: dict[int, bool] = {}
        self.closed_in: list[str] = []
        self.most = self._now = 0
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Any:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self.leave.wait(10)
        self.waits[environ["number"]] = pressure.is_high()
        with self._lock:
            self._now -= 1
        start("200 OK", [("X-Number", str(environ["number"]))])
        return Closing(self.closed_in)


def call(counter: Counter, number: int = 0) -> tuple[tuple[Any, ...], bytes]:
    heads: list[tuple[Any, ...]] = []
    body = counter({"number": number}, lambda *given: heads.append(given))
    return heads[-1], b"".join(body)


def test_it_serves_and_closes_where_it_worked() -> None:
    seen = Seen()
    seen.leave.set()
    assert call(Counter(seen, 2), 7) == (("200 OK", [("X-Number", "7")]), b"done")
    assert [name.split("_")[0] for name in seen.closed_in] == ["desk"]


def test_no_more_are_worked_at_than_there_are_desks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "PATIENCE", 0.2)
    seen = Seen()
    counter = Counter(seen, 2)
    threading.Timer(0.4, seen.leave.set).start()
    assert race(lambda number: call(counter, number)[1], 6) == [b"done"] * 6
    assert seen.most == 2
    assert sorted(seen.waits.values()) == [False, False, True, True, True, True]


def test_a_fault_comes_out_and_the_desk_goes_on() -> None:
    def broken(environ: Environ, _start: Start) -> Any:
        raise RuntimeError("broken")

    counter = Counter(broken, 1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            call(counter)


@pytest.mark.django_db(transaction=True)
def test_a_stream_is_left_to_who_sends_it_and_keeps_no_connection() -> None:
    read_in: list[str] = []

    def lines() -> Iterator[bytes]:
        read_in.append(threading.current_thread().name)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield b"one"

    def application(_environ: Environ, start: Start) -> Any:
        start("200 OK", [])
        return StreamingHttpResponse(lines())

    def send(_number: int) -> tuple[bytes, str, bool]:
        body = call(Counter(application, 1))[1]
        return body, threading.current_thread().name, connection.connection is None

    (told,) = race(send, 1)
    assert told == (b"one", read_in[0], True)
