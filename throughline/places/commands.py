"""`throughline places …`"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path

from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.command import Command
from throughline.places.actions import load_places
from throughline.places.folder import read_folder
from throughline.places.queries import ancestors, children, place_by_code, scheme_by_key


def load(arguments: Namespace) -> int:
    """Load a folder of places."""
    changed = load_places(SYSTEM, folder=read_folder(Path(arguments.folder)))
    print(f"{changed} rows changed")
    return 0


def show(arguments: Namespace) -> int:
    """Print a place, what it lies in and what lies in it, on a day."""
    on = date.fromisoformat(arguments.on) if arguments.on else clock.now().date()
    place = place_by_code(scheme_by_key(arguments.scheme), arguments.code, on)
    found = {
        "code": place.code,
        "name": place.name_zh or place.name_en,
        "name_en": place.name_en,
        "tier": place.tier.key,
        "valid_from": str(place.valid_from),
        "valid_to": str(place.valid_to) if place.valid_to else None,
        "within": [above.code for above in ancestors(place, on)[:-1]],
        "children": [child.code for child in children(place, on)],
    }
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"{name:<12}{value}")
    return 0


def _load_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", help="a folder with places.yaml and its CSV files")


def _show_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("code")
    parser.add_argument("--scheme", default="cn")
    parser.add_argument("--on", help="a day, 2020-11-01; else today")
    parser.add_argument("--json", action="store_true")


COMMANDS = [
    Command("places load", "load a folder of places", load, _load_arguments),
    Command("places show", "print a place on a day", show, _show_arguments),
]
