"""Telling the roll-up process that there is something to do, so that it need not wait for its
next look at the journal.

A named pipe beside the cube: whoever wrote figures rings, the holder of the lock listens. A
ring may be lost (nobody listens, the pipe is full, the writer is on another host): the process
looks at the journal by itself too, so that a ring only saves time.
"""

from __future__ import annotations

import os
import select
from pathlib import Path

NAME = "bell"


def ring(folder: Path) -> None:
    """Wake whoever listens; nothing where nobody does."""
    try:
        bell = os.open(folder / NAME, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return
    try:
        os.write(bell, b"!")
    except OSError:
        pass  # it was rung often enough
    finally:
        os.close(bell)


class Bell:
    """The bell of a folder, as its one listener has it."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        if not path.is_fifo():
            path.unlink(missing_ok=True)
            os.mkfifo(path, 0o600)
        # Open for writing too, else it would read as ended whenever nobody is about to ring.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, so long at most; whether it rang."""
        ready, _, _ = select.select([self._pipe], [], [], seconds)
        if ready:
            os.read(self._pipe, 65_536)
        return bool(ready)

    def close(self) -> None:
        """Listen no more."""
        os.close(self._pipe)
