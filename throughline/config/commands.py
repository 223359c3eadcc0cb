"""Commands that concern several rooms: loading a pack, the demo, the project's own checks."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.core.management import call_command

from throughline.config import messages
from throughline.config.api import api
from throughline.config.messages import CATALOGUES
from throughline.config.packs import load_pack
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.command import Command
from throughline.plans.models import Plan
from throughline.running.home import CHECKOUT
from throughline.running.migrating import bring_up_to_date, compiling

DEMO_PACKS = ("cn-new-urbanization-14fyp", "meridia")


class Progress:
    """Says what is done, and how long the last part took."""

    def __init__(self) -> None:
        self.since = time.monotonic()

    def __call__(self, part: str) -> None:
        now = time.monotonic()
        print(f"  {now - self.since:6.1f} s  {part}", file=sys.stderr)


def pack_load(arguments: Namespace) -> int:
    """Load a plan pack."""
    loaded = load_pack(
        Actor(person=SYSTEM.person, door=Door.CLI), Path(arguments.folder), Progress()
    )
    print(f"{loaded.pack.key}: version {loaded.version.number} is {loaded.version.state}")
    return 0


def demo(arguments: Namespace) -> int:
    """Bring the database up to date and load the demo packs that are not there yet."""
    with compiling():
        bring_up_to_date()
        there = set(Plan.objects.values_list("pack", flat=True))
        for name in DEMO_PACKS:
            if name in there and not arguments.again:
                continue
            print(f"loading {name}", file=sys.stderr)
            load_pack(SYSTEM, CHECKOUT / "packs" / name, Progress())
    return 0


def check(arguments: Namespace) -> int:
    """What `make check` asks of Django: settings, models, and that no migration is missing."""
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    return 0


def gather_messages(arguments: Namespace) -> int:
    """Bring the catalogues to the strings of today."""
    for language in CATALOGUES:
        messages.gather(language)
        gaps = messages.missing(language)
        print(f"{language}: {len(gaps)} strings to translate")
    return 0


def compile_messages(arguments: Namespace) -> int:
    """Compile the catalogues, as the product needs them to speak other languages."""
    for language in CATALOGUES:
        messages.compile_catalogue(language)
    return 0


def openapi(arguments: Namespace) -> int:
    """Print the description of the API."""
    print(json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False, sort_keys=True))
    return 0


def _folder(parser: ArgumentParser) -> None:
    parser.add_argument("folder", help="the folder of the plan pack")


def _again(parser: ArgumentParser) -> None:
    parser.add_argument("--again", action="store_true", help="load packs that are there too")


COMMANDS = [
    Command("pack load", "load a plan pack", pack_load, _folder),
    Command("demo", "set up the demo", demo, _again),
    Command(
        "messages gather",
        "gather the strings to translate",
        gather_messages,
        needs_database=False,
    ),
    Command("messages compile", "compile the catalogues", compile_messages, needs_database=False),
    Command("openapi", "print the description of the API", openapi, needs_database=False),
    Command("check", "check settings, models and migrations", check),
]
