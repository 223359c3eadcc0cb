"""The web process: the application is loaded once, and granian's workers are forked from it.

Run it as `python -m throughline.config.web`, with the arguments of `granian`. A worker that
loaded the application by itself would take some two seconds of a core for what the one beside it
has, and hold it in memory a second time. Nothing that a fork must not share is open by then: the
application opens its connections, and maps the cube, when it is first asked.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading

from granian.cli import cli

# Loads the application: the workers ask for it by name and find it loaded.
from throughline.config import wsgi
from throughline.running.counter import LINE, Counter


def main() -> None:
    """Serve with workers that have everything loaded when they begin. `--desks N` says how many
    requests each of them works at; all else is for granian."""
    if threading.active_count() > 1:
        raise RuntimeError("the application started a thread, which a fork would lose")
    at = sys.argv.index("--desks")
    desks = int(sys.argv[at + 1])
    sys.argv[at : at + 2] = ["--blocking-threads", str(LINE)]
    wsgi.application = Counter(wsgi.application, desks)
    multiprocessing.set_start_method("fork")
    gc.collect()
    gc.freeze()  # what is loaded stays, and a collection would copy its pages for every worker
    cli(prog_name="throughline.config.web")


if __name__ == "__main__":
    main()
