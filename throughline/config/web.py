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
import throughline.config.wsgi  # noqa: F401
from throughline.running import pressure


def threads_in(arguments: list[str]) -> int:
    """How many requests a worker answers at once, by granian's arguments; 0 where they do not
    say."""
    named = "--blocking-threads"
    return int(arguments[arguments.index(named) + 1]) if named in arguments else 0


def main() -> None:
    """Serve with workers that have everything loaded when they begin."""
    if threading.active_count() > 1:
        raise RuntimeError("the application started a thread, which a fork would lose")
    pressure.here.threads = threads_in(sys.argv)
    multiprocessing.set_start_method("fork")
    gc.collect()
    gc.freeze()  # what is loaded stays, and a collection would copy its pages for every worker
    cli(prog_name="throughline.config.web")


if __name__ == "__main__":
    main()
