"""A supervised process is kept alive, with a growing pause, and ended for certain."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from throughline.running.supervising import FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER, Child

STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); open('ready', 'w'); time.sleep(60)"
)
WITH_WORKER = (
    "import subprocess, sys, pathlib, os;"
    "worker = subprocess.Popen(['sleep', '60']);"
    "pathlib.Path('worker').write_text(str(worker.pid)); os._exit(1)"
)


def child(folder: Path, program: str) -> Child:
    return Child("test", [sys.executable, "-c", program], folder, {})


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_ended(started: Child) -> bool:
    assert started._process is not None
    return started._process.poll() is not None


def test_what_ends_is_started_again_after_a_growing_pause(tmp_path: Path) -> None:
    tried = child(tmp_path, "open('starts', 'a').write('x')")
    now = 0.0
    pauses = []
    for starts in range(1, 6):
        tried.keep_alive(now)
        wait_for(lambda: has_ended(tried))
        assert (tmp_path / "starts").read_text() == "x" * starts
        tried.keep_alive(now)
        pauses.append(tried._due - now)
        tried.keep_alive(tried._due - 0.1)  # too early: nothing is started
        assert tried._process is None
        now = tried._due
    assert pauses == [FIRST_PAUSE, 1, 2, LONGEST_PAUSE, LONGEST_PAUSE]


def test_after_a_steady_life_the_pause_is_short_again(tmp_path: Path) -> None:
    tried = child(tmp_path, "")
    tried._pause = LONGEST_PAUSE
    tried.keep_alive(0.0)
    wait_for(lambda: has_ended(tried))
    tried.keep_alive(STEADY_AFTER + 1)
    assert tried._due == STEADY_AFTER + 1 + FIRST_PAUSE


def test_workers_of_a_dead_process_are_not_left_behind(tmp_path: Path) -> None:
    tried = child(tmp_path, WITH_WORKER)
    tried.keep_alive(0.0)
    wait_for(lambda: has_ended(tried))
    worker = Path("/proc") / (tmp_path / "worker").read_text() / "cmdline"
    assert b"sleep" in worker.read_bytes()
    tried.keep_alive(1.0)
    wait_for(lambda: not worker.exists() or not worker.read_bytes())


def test_who_does_not_end_when_asked_is_ended(tmp_path: Path) -> None:
    tried = child(tmp_path, STUBBORN)
    tried.keep_alive(0.0)
    process = tried._process
    assert process is not None
    wait_for((tmp_path / "ready").exists)
    tried.ask_to_end()
    tried.end(0.3)
    assert process.poll() == -signal.SIGKILL
