"""`throughline journal …`: read, export, verify."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from throughline.kernel import journal
from throughline.kernel.command import Command
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.queries import entries_after
from throughline.kernel.verify import Verdict, verify_export


def export_lines(after: int = 0) -> Iterator[str]:
    """The journal as lines that `verify` reads."""
    for entry in entries_after(after):
        yield json.dumps(
            {
                "position": entry.position,
                "previous": entry.previous,
                "hash": entry.hash,
                "body": entry.body,
            },
            ensure_ascii=False,
        )


def verify(arguments: Namespace) -> int:
    """Check an exported file, or the journal of this installation."""
    if arguments.file:
        with Path(arguments.file).open(encoding="utf-8") as lines:
            verdict = verify_export(lines, expect_head=arguments.head)
    else:
        verdict = verify_export(export_lines(), expect_head=arguments.head)
    _print_verdict(verdict, arguments.json)
    return 0 if verdict.holds else 1


def _print_verdict(verdict: Verdict, as_json: bool) -> None:
    if as_json:
        found = {"entries": verdict.entries, "head": verdict.head, "fault": verdict.fault or None}
        print(json.dumps(found))
        return
    result = "holds" if verdict.holds else f"BROKEN: {verdict.fault}"
    print(f"{verdict.entries} entries, head {verdict.head}: {result}")


def export(arguments: Namespace) -> int:
    """Write the journal as JSON lines to a file or to standard output."""
    if arguments.file == "-":
        for line in export_lines(arguments.after):
            sys.stdout.write(line + "\n")
        return 0
    with Path(arguments.file).open("w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in export_lines(arguments.after))
    return 0


def show(arguments: Namespace) -> int:
    """Print one entry, or the last ones."""
    if arguments.position:
        entries = list(JournalEntry.objects.filter(position=arguments.position))
        if not entries:
            raise NotFound(f"the journal has no position {arguments.position}")
    else:
        entries = list(JournalEntry.objects.order_by("-position")[: arguments.last])[::-1]
    for entry in entries:
        if arguments.json:
            content = journal.content_of(entry.body) | {"hash": entry.hash}
            print(json.dumps(content, ensure_ascii=False))
        else:
            print(
                f"{entry.position:>6} {entry.at:%Y-%m-%d %H:%M:%S}Z {entry.door:<6} {entry.verb}"
                f" {entry.subject} {entry.body_code}"
            )
    return 0


def _verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", help="an exported file; else this installation's own")
    parser.add_argument("--head", default="", help="hash that the last entry must have")
    parser.add_argument("--json", action="store_true")


def _export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="where to write; - for standard output")
    parser.add_argument("--after", type=int, default=0, help="begin behind this position")


def _show_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("position", nargs="?", type=int)
    parser.add_argument("--last", type=int, default=20)
    parser.add_argument("--json", action="store_true")


COMMANDS = [
    Command(
        "journal verify",
        "check the chain of the journal",
        verify,
        _verify_arguments,
        needs_database=lambda arguments: not arguments.file,
    ),
    Command("journal export", "write the journal as JSON lines", export, _export_arguments),
    Command("journal show", "print entries of the journal", show, _show_arguments),
]
