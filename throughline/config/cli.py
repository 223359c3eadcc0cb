"""The command line: every room's `COMMANDS` under one program.

Errors that a person is told about become a line on standard error and the exit code of
their class; with `--json` they are printed as an object, as the API would answer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import django
from django.db import ProgrammingError
from django.utils.translation import gettext as _
from psycopg.errors import UndefinedColumn, UndefinedTable

from throughline import __version__
from throughline.kernel.errors import Busy, Invalid, ThroughlineError
from throughline.running.database import ensure_database

if TYPE_CHECKING:
    from throughline.kernel.command import Command

ROOMS = ("running", "kernel", "places", "bodies", "files", "plans", "figures", "cascade", "config")


def commands() -> Iterable[Command]:
    """Every command that the rooms offer. Django is set up before."""
    for room in ROOMS:
        name = f"throughline.{room}.commands"
        if find_spec(name):
            yield from import_module(name).COMMANDS


def parser(offered: Iterable[Command]) -> argparse.ArgumentParser:
    """The parser; a command of two words stands in a group named by its first, which may be a
    command itself."""
    top = argparse.ArgumentParser(
        prog="throughline",
        description="Runs the implementation of a plan, from the document to the evidence.",
    )
    top.add_argument("--version", action="version", version=f"throughline {__version__}")
    names = top.add_subparsers(metavar="COMMAND", required=True)
    alone: dict[str, argparse.ArgumentParser] = {}
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for command in sorted(offered, key=lambda each: each.name):
        group, _, verb = command.name.partition(" ")
        if verb and group not in groups:
            part = alone.get(group) or names.add_parser(group, help=f"{group} …")
            groups[group] = part.add_subparsers(metavar="COMMAND", required=group not in alone)
        into = groups[group] if verb else names
        own = into.add_parser(verb or group, help=command.help, description=command.help)
        command.arguments(own)
        if not verb:
            alone[group] = own
        own.set_defaults(command=command)
    return top


def _report(error: ThroughlineError, as_json: bool) -> int:
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False))
        return error.exit_code
    where = f"{error.place}: " if error.place else ""
    print(f"throughline: {where}{error.message}", file=sys.stderr)
    if error.remedy:
        print(f"  {error.remedy}", file=sys.stderr)
    for problem in error.problems if isinstance(error, Invalid) else ():
        remedy = f" ({problem.remedy})" if problem.remedy else ""
        print(f"  {problem.place}: {problem.message}{remedy}", file=sys.stderr)
    return error.exit_code


def _not_of_this_release() -> Busy:
    return Busy(
        _("The database was not brought to this release."),
        remedy=_("Run `throughline migrate`, or `throughline demo` for the demo."),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        django.setup()
        chosen = parser(commands()).parse_args(words)
        command: Command = chosen.command
        if command.uses_database(chosen):
            ensure_database()
        return command.run(chosen)
    except ThroughlineError as error:
        return _report(error, "--json" in words)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
            raise
        return _report(_not_of_this_release(), "--json" in words)
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130
