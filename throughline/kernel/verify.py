"""Verify an export of the journal with the standard library alone.

This file needs nothing else of Throughline: an auditor can copy it to another machine
and run `python verify.py journal.jsonl`. Each line of an export is an object with
`position`, `previous`, `hash` and `body`; the hash of an entry is
SHA-256(previous hash as 32 bytes || body as UTF-8), the first one following 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

ORIGIN = "0" * 64


@dataclass(frozen=True)
class Verdict:
    """What was found: how far the chain holds, its head, and the first fault."""

    entries: int
    head: str
    fault: str = ""

    @property
    def holds(self) -> bool:
        """True when every entry was read and the chain is whole."""
        return not self.fault


def entry_hash(previous: str, body: str) -> str:
    """The hash of an entry, in hex.

    >>> entry_hash(ORIGIN, '{}')[:16]
    'fb1634c4e6cd4b1f'
    """
    return hashlib.sha256(bytes.fromhex(previous) + body.encode()).hexdigest()


def _fault_of(line: str, position: int, previous: str) -> tuple[str, str]:
    """The fault of one line ('' when there is none) and the hash to go on from."""
    try:
        entry = json.loads(line)
        body = json.loads(entry["body"])
        stands = (entry["position"], body["position"])
        follows = (entry["previous"], body["previous"])
        claimed, computed = entry["hash"], entry_hash(entry["previous"], entry["body"])
    except (ValueError, KeyError, TypeError) as error:
        return f"cannot be read ({error.__class__.__name__}: {error})", previous
    if stands != (position, position):
        return f"position {position} expected, {stands[0]} found", previous
    if follows != (previous, previous):
        return "does not follow the entry before it", previous
    if claimed != computed:
        return "its content does not have the hash it claims", previous
    return "", claimed


def verify_export(
    lines: Iterable[str], *, expect_head: str = "", after: int = 0, previous: str = ORIGIN
) -> Verdict:
    """Check a chain line by line; `expect_head` is a hash noted elsewhere (on paper, say).

    A journal cut off at its end verifies: only a head noted elsewhere shows that.
    `after` and `previous` verify an extract that begins behind that position and hash.
    """
    position = after
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        position += 1
        fault, previous = _fault_of(line, position, previous)
        if fault:
            return Verdict(position - 1 - after, previous, f"line {number}: {fault}")
    if expect_head and expect_head != previous:
        return Verdict(
            position - after, previous, f"the chain ends in {previous}, not in {expect_head}"
        )
    return Verdict(position - after, previous)


def main(arguments: list[str]) -> int:
    """`verify.py FILE [HEAD]`: print the verdict, exit 1 on a fault."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write("usage: verify.py FILE [EXPECTED_HEAD]\n")
        return 2
    with open(arguments[0], encoding="utf-8") as lines:  # noqa: PTH123 (stands alone)
        verdict = verify_export(lines, expect_head=arguments[1] if arguments[1:] else "")
    result = "holds" if verdict.holds else f"BROKEN: {verdict.fault}"
    sys.stdout.write(f"{verdict.entries} entries, head {verdict.head}: {result}\n")
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
