"""Who writes the cube: one process for a folder, which holds a lock."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "lock"
PATIENCE = 2.0
"""Seconds: one that asks whether the lock is held has it for an instant itself."""


class Held(Exception):
    """Another process writes the cube."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the lock for the length of the block; the system lets go of it when the process
    dies. Raises Held."""
    deadline = time.monotonic() + PATIENCE
    with (folder / NAME).open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise Held(str(folder)) from error
                time.sleep(0.05)
        yield


def is_held(folder: Path) -> bool:
    """Whether somebody writes the cube."""
    try:
        with (folder / NAME).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
