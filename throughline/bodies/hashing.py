"""Passwords are hashed a few at a time, behind all else that a host does.

A hash is meant to be dear: some 100 MB, and eight threads for a tenth of a second or more. Should
hundreds of people sign in within a minute, their hashes must not take from those who submit
what they need: processors, memory, and the threads that answer requests. Therefore

- a host has few places, whatever the number of its processes; a place is a lock on a file, which
  goes with the process that held it;
- of one process, one sign-in at most waits for a place: its other threads answer other requests;
- all others are told when to come again, each at a time of its own. They wait in their browsers
  (`sign-in.js`), not here;
- the threads that hash have a low priority.
"""

from __future__ import annotations

import fcntl
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import hashers
from django.utils.translation import gettext as _

from throughline.kernel.errors import Crowded
from throughline.running.home import home
from throughline.running.pressure import Turns

PATIENCE = 3.0
"""Seconds that a sign-in waits for a place of the host."""

LONGEST_WAIT = 60
"""Seconds after which one is told to come again, at most."""

POLL = 0.01
NICENESS = 10
"""How far hashing stands back: enough for a tenth of a processor where all are wanted."""

T = TypeVar("T")


def _folder() -> Path:
    folder = home() / "hashing"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _take_any(folder: Path, places: int) -> int | None:
    """A descriptor that holds a free place; None where all are taken."""
    for number in range(places):
        descriptor = os.open(folder / f"{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        return descriptor
    return None


class _Here(threading.local):
    """Whether this thread holds a place."""

    held = False


_here = _Here()


@contextmanager
def place(patience: float = math.inf) -> Iterator[None]:
    """Hold one of the host's places for hashing; raises TimeoutError where none comes free
    in time. A thread that holds one already needs no other."""
    if _here.held:
        yield
        return
    folder, deadline = _folder(), time.monotonic() + patience
    while (taken := _take_any(folder, settings.THROUGHLINE_HASHES)) is None:
        if time.monotonic() >= deadline:
            raise TimeoutError
        time.sleep(POLL)
    _here.held = True
    try:
        yield
    finally:
        _here.held = False
        os.close(taken)


_turns = Turns(longest=LONGEST_WAIT)
_one = threading.Lock()
"""Held by the one sign-in of this process that hashes or waits for a place."""


def _crowded() -> Crowded:
    seconds = _turns.next_one()
    return Crowded(
        _(
            "Many people are signing in at the moment. Your login is kept; "
            "try again in %(seconds)s seconds."
        )
        % {"seconds": seconds},
        retry_after=seconds,
    )


@contextmanager
def signing_in_turn() -> Iterator[None]:
    """Hold a place for a sign-in; raises Crowded, saying when to come again, where others of
    this process or of this host are before it."""
    if not _one.acquire(blocking=False):
        raise _crowded()
    begun = time.monotonic()
    try:
        with place(PATIENCE):
            yield
        _turns.took(time.monotonic() - begun)
    except TimeoutError as error:
        raise _crowded() from error
    finally:
        _one.release()


# -- behind all else -------------------------------------------------------------------------


def _stand_back() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class _Threads:
    """The thread of low priority in which this process hashes, made when it first does: the
    web process forks, and a thread would not come along."""

    def __init__(self) -> None:
        self._made: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self._made is None:
                self._made = ThreadPoolExecutor(1, "hashing", initializer=_stand_back)
            made = self._made
        return made.submit(work).result()


_threads = _Threads()


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Django's, at one of the host's places and with a low priority. The library's threads
    have the priority of the thread that starts them."""

    def encode(self, password: str, salt: str) -> str:
        with place():
            return _threads.run(lambda: super(Argon2PasswordHasher, self).encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with place():
            return _threads.run(lambda: super(Argon2PasswordHasher, self).verify(password, encoded))
