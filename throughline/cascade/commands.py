"""`throughline plan check`, `cascade simulate`."""

from __future__ import annotations

import json
import logging
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

from throughline.cascade.checking import Severity, check, described, read
from throughline.cascade.simulating import simulate_cascade
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.command import Command
from throughline.kernel.tables import renew_statistics
from throughline.places.queries import scheme_by_key
from throughline.plans.queries import plan_in_force

OPERATOR = Actor(person=SYSTEM.person, door=Door.CLI)
"""Whoever may run commands on the machine acts as the installation."""


def check_plan(arguments: Namespace) -> int:
    """Print what is found in a plan and the local plans below it, the gravest first. The exit
    code is 1 where there is an error."""
    plan = plan_in_force(OPERATOR, arguments.plan).plan
    now = clock.now()
    found = check(read(plan), today=now.astimezone(ZoneInfo(plan.zone)).date(), now=now)
    chosen = [each for each in found if each.severity >= Severity[arguments.least.upper()]]
    chosen.sort(key=lambda each: -each.severity)
    if arguments.json:
        lines = [each.as_dict() for each in described(chosen)]
        print(json.dumps(lines, ensure_ascii=False, indent=2))
    else:
        for each in described(chosen):
            where = f"{each.place.name}: " if each.place else ""
            print(f"{each.severity_word} {each.code}: {where}{each.explanation}")
            print(f"    {each.remedy}")
        for code, count in Counter(each.code for each in chosen).items():
            print(f"{count:>8,} {code}")
    return 1 if any(each.severity is Severity.ERROR for each in found) else 0


def _check_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", help="key of the plan")
    parser.add_argument(
        "--least",
        choices=[each.name.lower() for each in Severity],
        default="notice",
        help="how grave a finding has to be to be printed",
    )
    parser.add_argument("--json", action="store_true")


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
    renew_statistics()
    print(f"{plan.key}: {plan.title}")
    return 0


def _simulate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--scheme", default="cn", help="whose places and bodies it is hung on")
    parser.add_argument("--on", metavar="DAY", help="as of which day; else today")


COMMANDS = [
    Command("plan check", "check a plan and those below it", check_plan, _check_arguments),
    Command(
        "cascade simulate",
        "write a simulated cascade over the country",
        simulate,
        _simulate_arguments,
    ),
]
