"""`throughline cascade simulate`."""

from __future__ import annotations

import logging
import time
from argparse import ArgumentParser, Namespace
from datetime import date

from throughline.cascade.simulating import simulate_cascade
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.command import Command
from throughline.places.queries import scheme_by_key

OPERATOR = Actor(person=SYSTEM.person, door=Door.CLI)
"""Whoever may run commands on the machine acts as the installation."""


class _Progress(logging.Handler):
    """Prints each line with the seconds since the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        print(f"  {time.monotonic() - self.begun:6.1f} s  {record.getMessage()}", flush=True)


def simulate(arguments: Namespace) -> int:
    """Write the simulated cascade, telling how far it is."""
    today = date.fromisoformat(arguments.on) if arguments.on else clock.now().date()
    log = logging.getLogger("throughline.cascade.simulating")
    progress = _Progress()
    log.addHandler(progress)
    log.propagate = False
    log.setLevel(logging.INFO)
    try:
        plan = simulate_cascade(OPERATOR, scheme=scheme_by_key(arguments.scheme), today=today)
    finally:
        log.removeHandler(progress)
        log.propagate = True
    print(f"{plan.key}: {plan.title}")
    return 0


def _simulate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--scheme", default="cn", help="whose places and bodies it is hung on")
    parser.add_argument("--on", metavar="DAY", help="as of which day; else today")


COMMANDS = [
    Command(
        "cascade simulate",
        "write a simulated cascade over the country",
        simulate,
        _simulate_arguments,
    ),
]
