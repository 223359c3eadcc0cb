"""The process that reads one untrusted file: standard library and calamine, nothing else.

The file is its standard input; JSON lines go to its standard output: `sheet`, `rows`,
`note`, and at last `end`, or `refusal`. It binds itself before it looks at the first byte
and dies at its limits even when its parent is gone.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO

from throughline.files.untrusted.delimited import decoded, delimiter_of, rows_of
from throughline.files.untrusted.kinds import HEAD, kind_of, open_package, package_kind
from throughline.files.untrusted.marks import Marks, check_xml, marks_of
from throughline.files.untrusted.spreadsheets import (
    SheetHead,
    open_workbook,
    refuse_protected_ole,
    refuse_protected_package,
    sheets_of,
)
from throughline.files.untrusted.spreadsheets import rows_of as rows_of_sheet
from throughline.files.untrusted.unreadable import UnreadableError

_CELLS_A_LINE = 20_000


def main() -> None:
    limits = json.loads(sys.argv[1])
    bind(limits)
    try:
        read(sys.stdin.buffer, limits)
    except UnreadableError as refusal:
        send(refusal=refusal.code, particulars=refusal.particulars)
    except MemoryError:
        send(refusal="memory", particulars={})
    except Exception:
        # Whatever the parsers trip over, the one who sent the file is told that it is damaged.
        send(refusal="damaged", particulars={})


def bind(limits: dict[str, float]) -> None:
    """No more memory, time, files or core dumps than the limits say."""
    seconds = int(limits["seconds"]) + 1
    for what, most in (
        (resource.RLIMIT_AS, int(limits["memory"])),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        allowed = _allowed(what, most)
        resource.setrlimit(what, (allowed, allowed))
    signal.alarm(seconds)


def _allowed(what: int, most: int) -> int:
    """The installation may have stricter limits of its own, which nobody may raise."""
    hard = resource.getrlimit(what)[1]
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def read(source: BinaryIO, limits: dict[str, int]) -> None:
    """Reads the file as what its bytes say it is."""
    kind = kind_of(source.read(HEAD))
    source.seek(0)
    if kind == "zip":
        _read_package(source, limits)
    elif kind == "ole":
        refuse_protected_ole(source.read())
        source.seek(0)
        _read_workbook(source, "xls", {}, limits)
    elif kind == "text":
        _read_delimited(source.read(), limits)
    else:
        raise UnreadableError(kind)


def _read_package(source: BinaryIO, limits: dict[str, int]) -> None:
    package = open_package(source, unpacked=limits["unpacked"], ratio=limits["ratio"])
    kind = package_kind(set(package.namelist()))
    if kind not in ("xlsx", "ods"):
        raise UnreadableError(kind)
    refuse_protected_package(package)
    check_xml(package)
    marks = marks_of(package) if kind == "xlsx" else {}
    source.seek(0)
    _read_workbook(source, kind, marks, limits)


def _read_workbook(
    source: BinaryIO, kind: str, marks: dict[str, Marks], limits: dict[str, int]
) -> None:
    allowance = Allowance(limits)
    send(file=kind)
    for head in sheets_of(open_workbook(source), marks, most_sheets=limits["sheets"]):
        allowance.take(head.height, head.height * head.width, sheet=head.name)
        send_head(head)
        send_rows(rows_of_sheet(head))
    if not allowance.cells:
        raise UnreadableError("no-cells")
    send(end=True)


def _read_delimited(content: bytes, limits: dict[str, int]) -> None:
    if not content:
        raise UnreadableError("empty")
    text, encoding = decoded(content)
    if not text.strip():
        raise UnreadableError("no-cells")
    delimiter = delimiter_of(text)
    allowance = Allowance(limits)
    send(file="csv", encoding=encoding, delimiter=delimiter)
    send(sheet="", merged=[], hidden=False, percent=[], formulas=[], hidden_rows=[])
    send_rows(allowance.counted(rows_of(text, delimiter)))
    send(end=True)


class Allowance:
    """Rows and cells still allowed, over all sheets of the file."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.rows = 0
        self.cells = 0

    def take(self, rows: int, cells: int, *, sheet: str) -> None:
        self.rows += rows
        self.cells += cells
        if self.rows > self.limits["rows"]:
            raise UnreadableError("rows", sheet=sheet, most=self.limits["rows"])
        if self.cells > self.limits["cells"]:
            raise UnreadableError("cells", sheet=sheet, most=self.limits["cells"])

    def counted(self, rows: Iterable[list[str | None]]) -> Iterable[list[str | None]]:
        for row in rows:
            self.take(1, len(row), sheet="")
            yield row


def send_head(head: SheetHead) -> None:
    send(
        sheet=head.name,
        merged=head.merged,
        hidden=head.hidden,
        percent=head.marks.percent.tolist(),
        formulas=head.marks.formulas.tolist(),
        hidden_rows=head.marks.hidden_rows,
    )


def send_rows(rows: Iterable[Sequence[object]]) -> None:
    """Rows in lines of bounded size, so that neither end holds more than one of them twice."""
    batch: list[Sequence[object]] = []
    cells = 0
    for row in rows:
        batch.append(row)
        cells += len(row) + 1
        if cells > _CELLS_A_LINE:
            send(rows=batch)
            batch, cells = [], 0
    send(rows=batch)


def send(**message: object) -> None:
    sys.stdout.write(json.dumps(message, default=_typed, ensure_ascii=True) + "\n")


def _typed(value: object) -> dict[str, str]:
    """What JSON has no form for."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    raise TypeError(type(value).__name__)
