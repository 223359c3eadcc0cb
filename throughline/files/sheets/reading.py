"""Reading a table from an untrusted file: in a process of its own, within limits."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from throughline.files.sheets.wording import NOTES, REFUSALS
from throughline.files.sheets.workbook import DEFAULT, Cell, Limits, Sheet, Workbook
from throughline.files.untrusted.places import Places
from throughline.kernel.errors import Invalid

ROOT = Path(__file__).resolve().parents[3]
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv.pop()); "
    "from throughline.files.untrusted.child import main; main()"
)
_CHUNK = 1024 * 1024
_TO_END = 5
_MALFORMED = (ValueError, LookupError, TypeError, OverflowError, RecursionError)
_CELL_TYPES = frozenset({str, float, int, bool, type(None), date, datetime})
_STOPPED_FOR_TIME = {-signal.SIGXCPU, -signal.SIGALRM}
_KIND_OF_ENDING = {".xlsx": "xlsx", ".xls": "xls", ".ods": "ods"}
_ROWS_NAMED = 10


def read_sheets(path: Path, *, media_hint: str = "", limits: Limits = DEFAULT) -> Workbook:
    """The tables of a CSV, XLSX, XLS or ODS file, as what its bytes say it is.

    `media_hint` is the name it came under; a name that says otherwise is noted. Raises
    `Invalid` with one sentence for whatever cannot be read. Blocks for at most
    `limits.seconds`; the reading process never outlives the call.
    """
    collected = _Collected(media_hint, limits)
    with path.open("rb") as source:
        process = _start(source, limits)
        try:
            for line in _lines(process, limits):
                collected.take(line)
            code = process.wait(timeout=_TO_END)
        except subprocess.TimeoutExpired as error:
            raise refusal("time", limits) from error
        finally:
            process.kill()
            process.communicate()
    if not collected.complete:
        raise refusal(cause_of_death(code), limits)
    return collected.workbook()


def refusal(code: str, limits: Limits, particulars: dict[str, object] | None = None) -> Invalid:
    """The sentence for a code of the reading process, which is not trusted to send a known one."""
    message, remedy = REFUSALS.get(code, REFUSALS["damaged"])
    known = {"seconds": f"{limits.seconds:g}", "megabytes": limits.memory // 1024**2}
    return Invalid(str(message) % (known | (particulars or {})), remedy=str(remedy))


def _start(source: BinaryIO, limits: Limits) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _CHILD, json.dumps(asdict(limits)), str(ROOT)],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"LC_ALL": "C.UTF-8"},
    )


def _lines(process: subprocess.Popen[bytes], limits: Limits) -> Iterator[bytes]:
    """What the process sends, line by line, until it closes its output or a limit is met."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    output = process.stdout.fileno()
    deadline = time.monotonic() + limits.seconds
    received, pending = 0, bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise refusal("time", limits)
            chunk = os.read(output, _CHUNK)
            if not chunk:
                return
            received += len(chunk)
            if received > limits.result:
                raise refusal("result", limits)
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                yield bytes(pending) + line
                pending.clear()
            pending += rest


def cause_of_death(code: int) -> str:
    """Why a process ended without a word: the allocator aborts where memory is refused."""
    if code in _STOPPED_FOR_TIME:
        return "time"
    return "memory" if code < 0 else "damaged"


class _Collected:
    """The messages of the reading process, made into a workbook; their form is checked."""

    def __init__(self, media_hint: str, limits: Limits) -> None:
        self.media_hint = media_hint
        self.limits = limits
        self.sheets: list[Sheet] = []
        self.encoding: str | None = None
        self.notes: list[str] = []
        self.about_file = 0
        self.delimited = False
        self.complete = False

    def take(self, line: bytes) -> None:
        try:
            message = json.loads(line, object_hook=_typed)
            self._take(message)
        except (
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            OverflowError,
            RecursionError,
        ) as error:
            raise refusal("damaged", self.limits) from error

    def workbook(self) -> Workbook:
        return Workbook(self.sheets, self.encoding, self.notes, self.about_file)

    def _take(self, message: dict[str, object]) -> None:
        if "rows" in message:
            self.sheets[-1].rows.extend(_checked(message["rows"]))
        elif "sheet" in message:
            self._open_sheet(message)
        elif "file" in message:
            self._open_file(message)
            self.about_file = len(self.notes)
        elif "refusal" in message:
            particulars = message["particulars"]
            assert isinstance(particulars, dict)  # noqa: S101 - our own process wrote it
            raise refusal(str(message["refusal"]), self.limits, particulars)
        elif "end" in message:
            self.complete = True

    def _note(self, code: str, **particulars: object) -> None:
        self.notes.append(str(NOTES[code]) % particulars)

    def _open_file(self, message: dict[str, object]) -> None:
        kind = str(message["file"])
        self.delimited = kind == "csv"
        ending = Path(self.media_hint).suffix.lower()
        if ending and _KIND_OF_ENDING.get(ending, "csv") != kind:
            self._note("other-kind", ending=ending, kind=kind.upper())
        if not self.delimited:
            if kind != "xlsx":
                self._note("no-marks")
            return
        self.encoding = str(message["encoding"])
        if self.encoding == "gb18030":
            self._note("gb18030")
        elif self.encoding != "utf-8":
            self._note("utf-16")
        delimiter = str(message["delimiter"])
        if delimiter != ",":
            self._note("delimiter", delimiter="TAB" if delimiter == "\t" else delimiter)

    def _open_sheet(self, message: dict[str, object]) -> None:
        name = str(message["sheet"])
        merged = _listed(message["merged"])
        sheet = Sheet(
            name=name,
            rows=[],
            delimited=self.delimited,
            hidden=bool(message["hidden"]),
            merged=[(top, left, low, right) for top, left, low, right in merged],
            percent=Places(_listed(message["percent"])),
            formulas=Places(_listed(message["formulas"])),
            hidden_rows=[int(row) for row in _listed(message["hidden_rows"])],
        )
        self.sheets.append(sheet)
        hidden_rows = [str(row + 1) for row in sheet.hidden_rows]
        if sheet.hidden:
            self._note("hidden-sheet", sheet=name)
        if hidden_rows:
            more = ["…"] if len(hidden_rows) > _ROWS_NAMED else []
            named = ", ".join(hidden_rows[:_ROWS_NAMED] + more)
            self._note("hidden-rows", sheet=name, count=len(hidden_rows), rows=named)
        if sheet.merged:
            self._note("merged", sheet=name, count=len(sheet.merged))


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _checked(rows: object) -> list[list[Cell]]:
    if not isinstance(rows, list):
        raise TypeError
    for row in rows:
        if not (isinstance(row, list) and _CELL_TYPES.issuperset(map(type, row))):
            raise TypeError
    return rows


def _typed(found: dict[str, Any]) -> object:
    """What JSON has no form for: dates and instants."""
    if "on" in found:
        return date.fromisoformat(found["on"])
    if "at" in found:
        return datetime.fromisoformat(found["at"])
    return found
