"""`throughline pack check`; loading a pack concerns several rooms and stands in `config`."""

from __future__ import annotations

from argparse import ArgumentParser

from throughline.kernel.command import Command
from throughline.plans.packs import check_command


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", help="the folder of the plan pack")
    parser.add_argument("--json", action="store_true")


COMMANDS = [
    Command(
        "pack check", "check a plan pack, file by file", check_command, _arguments,
        needs_database=False,
    )
]  # fmt: skip
