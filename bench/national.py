"""The national demo, served on 127.0.0.1, for the benchmarks that need a whole installation.

It has a home of its own (the Makefile names it), so that figures changed here are nobody's. All
figures of its localities are simulated.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from throughline.running.home import home

PATIENCE = 60.0
"""Seconds until a served installation has to answer."""


def prepare() -> None:
    """Have the demo loaded; what is there already stays."""
    subprocess.run([sys.executable, "-m", "throughline", "demo"], check=True)


@contextmanager
def served() -> Iterator[int]:
    """`throughline serve` on a free port until the end of the block; gives the port."""
    prepare()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = (home() / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "throughline", "serve", "--port", str(port)],
        stdout=log, stderr=log, env=os.environ,
    )  # fmt: skip
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"it does not serve: see {home() / 'serve.log'}")
        time.sleep(0.2)
