"""How many statements a request sends to the database, and which it sends twice."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.permissions.endpoints import client_of
from tests.permissions.matrix import CASES, Case
from tests.world import World

BASELINE = Path(__file__).with_name("statements.csv")
RENEW = "THROUGHLINE_RENEW_STATEMENTS"
"""Set in the environment to write the baseline anew (`make statements`)."""

ASKING = ("coordinator", "county")
"""One who sees much and one who sees little."""

OPAQUE = re.compile(r"[0-9a-f]{32}")
"""The ids of people, which are others each time."""

BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
"""What opens and closes the transactions of the tests and of the requests; not counted."""


@dataclass(frozen=True)
class Count:
    """How many statements a request sends, and how many of them it has sent before, value for
    value."""

    statements: int
    repeated: int

    def __str__(self) -> str:
        return f"{self.statements} statements, {self.repeated} of them again"


Counts = dict[tuple[str, str], Count]
"""By request and member."""


@dataclass(frozen=True)
class Asked:
    """The statements of one request, in order, with their values."""

    statements: tuple[str, ...]

    @property
    def again(self) -> list[str]:
        """Those that were sent before, each time."""
        times = Counter(self.statements)
        return [text for text, count in times.items() for _ in range(count - 1)]

    @property
    def count(self) -> Count:
        return Count(len(self.statements), len(self.again))


def names(world: World) -> dict[str, Case]:
    """Every GET of the matrix by a name that does not change when others are added. Two of
    one name are told apart by their order."""
    found: dict[str, Case] = {}
    for case in CASES:
        if case.method != "GET":
            continue
        # A key of digits is the number of a row, which depends on what was tested before.
        given = [
            value
            for name, value in case.arguments(world).items()
            if isinstance(value, str) and not (name == "key" and value.isdigit())
        ]
        words = [case.endpoint, *(each for each in given if not OPAQUE.fullmatch(each))]
        words += [f"{key}={value}" for key, value in case.query.items()]
        words += [f"token:{'+'.join(sorted(case.scopes))}"] if case.scopes is not None else []
        name = " ".join(words)
        several = sum(1 for each in found if each == name or each.startswith(f"{name} #"))
        found[f"{name} #{several + 1}" if several else name] = case
    return found


def asked(world: World, case: Case, member: str) -> Asked:
    """The statements of a request that was sent before, so that what a process remembers
    between requests is there."""
    request, client = case.request(world), client_of(world, member, case.scopes)
    request.send(client)
    with CaptureQueriesContext(connection) as captured:
        request.send(client)
    sent = (query["sql"] for query in captured.captured_queries)
    return Asked(tuple(text for text in sent if not text.startswith(BRACKETS)))


def baseline() -> Counts:
    """What stands in the file."""
    with BASELINE.open(encoding="utf-8", newline="") as file:
        return {
            (row["request"], row["member"]): Count(int(row["statements"]), int(row["repeated"]))
            for row in csv.DictReader(file)
        }


def renew(counts: Counts) -> None:
    """Write the file anew, by request and member."""
    with BASELINE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["request", "member", "statements", "repeated"])
        writer.writerows(
            [*key, count.statements, count.repeated] for key, count in sorted(counts.items())
        )


def renewing() -> bool:
    """Whether the baseline is to be written."""
    return bool(os.environ.get(RENEW))


def differences(counts: Counts, stands: Counts) -> Iterable[str]:
    """What differs from the baseline, either way, in words."""
    for key in sorted({*counts, *stands}):
        now, before = counts.get(key), stands.get(key)
        if now == before:
            continue
        who = f"{key[0]} as {key[1]}"
        if now is None or before is None:
            yield f"{who}: {'is new' if before is None else 'is gone'}; run make statements"
        elif now.statements > before.statements or now.repeated > before.repeated:
            yield f"{who}: {now}; before {before}; find out why"
        else:
            yield f"{who}: {now}; before {before}; well done, run make statements"
