"""The web process: the application is loaded once, and granian's workers are forked from it.

Run it as `python -m throughline.config.web`, with the arguments of `granian`. A worker that
loaded the application by itself would take some two seconds of a core for what the one beside it
has, and hold it in memory a second time. Nothing that a fork must not share is open by then: the
application opens its connections, and maps the cube, when it is first asked.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
import sys
import threading

from granian.cli import cli

# Loads the application: the workers ask for it by name and find it loaded.
from throughline.config import wsgi
from throughline.running.counter import LINE, Counter

CONNECTIONS, SPARE = 8192, 2 * LINE
"""Connections that a worker takes at most, and files that it needs besides (who sends a stream can
hold two). Granian's own limit is
a sixteenth of that, and counts those that a browser keeps without asking anything: when they are
used up, whoever comes waits unseen until another has gone."""

UNACCEPTED = 4096
"""Connections that the system holds until a worker takes them."""


def connections() -> int:
    """How many connections a worker can take: as many as the system lets it open, at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = CONNECTIONS + SPARE
    if hard != resource.RLIM_INFINITY:
        allowed = min(allowed, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(allowed - SPARE, allowed // 2)


def main() -> None:
    """Serve with workers that have everything loaded when they begin. `--desks N` says how many
    requests each of them works at; all else is for granian."""
    if threading.active_count() > 1:
        raise RuntimeError("the application started a thread, which a fork would lose")
    at = sys.argv.index("--desks")
    desks = int(sys.argv[at + 1])
    sys.argv[at : at + 2] = [
        "--blocking-threads", str(LINE),
        "--backpressure", str(connections()), "--backlog", str(UNACCEPTED),
    ]  # fmt: skip
    wsgi.application = Counter(wsgi.application, desks)
    multiprocessing.set_start_method("fork")
    gc.collect()
    gc.freeze()  # what is loaded stays, and a collection would copy its pages for every worker
    cli(prog_name="throughline.config.web")


if __name__ == "__main__":
    main()
