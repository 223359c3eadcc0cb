"""What a room offers to the command line: `COMMANDS` in its `commands.py`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


def _no_arguments(_: argparse.ArgumentParser) -> None:
    """The command takes no arguments of its own."""


@dataclass(frozen=True)
class Command:
    """One command. A name of two words (`journal verify`) makes a group; a group may
    be a command itself (`rollup`, `rollup follow`)."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments
    needs_database: bool | Callable[[argparse.Namespace], bool] = True

    def uses_database(self, arguments: argparse.Namespace) -> bool:
        """Whether this call of the command reaches the database."""
        if callable(self.needs_database):
            return self.needs_database(arguments)
        return self.needs_database
