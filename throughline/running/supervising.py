"""Keeping processes alive: start, watch, restart after a growing pause, end. Django-free."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

logger = logging.getLogger("throughline.running")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0  # so that a recovery within ten seconds has two tries left
STEADY_AFTER = 10.0
GRACE = 15.0
"""Seconds: before restarts; of life after which the pause starts small again; to end in."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """In a child: be told to end when the supervisor is killed, instead of holding the port."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One supervised process, alone in its session with the workers it starts."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: dict[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _due: float = field(default=0.0, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)

    def keep_alive(self, now: float) -> None:
        """Start it when it is due; when it has died, clear up after it and set a time."""
        if self._process is None:
            if now >= self._due:
                self._start(now)
            return
        code = self._process.poll()
        if code is None:
            return
        self._kill_group()  # workers of a killed main process would hold the port
        self._process = None
        if now - self._started > STEADY_AFTER:
            self._pause = FIRST_PAUSE
        self._due = now + self._pause
        logger.error(
            "%s ended", self.name, extra={"exit_code": code, "restarted_in_seconds": self._pause}
        )
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _start(self, now: float) -> None:
        self._process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self._started = now
        logger.info("%s started", self.name, extra={"number": self._process.pid})

    def _kill_group(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def ask_to_end(self) -> None:
        """Tell it to finish what it is doing."""
        if self._process:
            self._process.terminate()

    def end(self, seconds: float) -> None:
        """Wait for it to end, and no longer than so many seconds."""
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(seconds, 0))
            self._kill_group()
            self._process.wait()
            self._process = None


class Supervisor:
    """Runs children until it is told to end by SIGTERM or SIGINT."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self._told_to_end = False

    def run(self, each_second: Callable[[], None]) -> None:
        """Keep the children alive; `each_second` is called before anything is started."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        next_call = 0.0
        try:
            while not self._told_to_end:
                now = time.monotonic()
                if now >= next_call:
                    each_second()
                    next_call = now + 1
                for child in self.children:
                    child.keep_alive(now)
                time.sleep(0.2)
        finally:
            self._end_children()

    def _end(self, number: int, _frame: object) -> None:
        self._told_to_end = True

    def _end_children(self) -> None:
        deadline = time.monotonic() + GRACE
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.end(deadline - time.monotonic())
