"""An untrusted .xlsx given back with remarks at its cells: in a process of its own, too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from throughline.files.sheets.reading import ROOT, cause_of_death, refusal
from throughline.files.sheets.workbook import DEFAULT, Limits

_CHILD = (
    "import sys; sys.path.insert(0, sys.argv.pop()); "
    "from throughline.files.untrusted.annotating import main; main()"
)
_AUTHOR = "Throughline"


@dataclass(frozen=True)
class Remark:
    """What is to be said at a cell of a sheet, row and column counted from 0."""

    sheet: str
    row: int
    column: int
    text: str


def with_remarks(content: bytes, remarks: Sequence[Remark], *, limits: Limits = DEFAULT) -> bytes:
    """The same .xlsx with a comment and a fill at each remark's cell.

    What we said in an earlier round is taken out. A formula becomes the result that it showed,
    or text that is not run; all else stays as it is, to the byte. Raises `Invalid` with one
    sentence for whatever cannot be read or has no room for comments.
    """
    notes = [[each.sheet, each.row, each.column, each.text] for each in remarks]
    asked = {"limits": asdict(limits), "notes": notes, "author": _AUTHOR}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, str(ROOT)],
            input=json.dumps(asked).encode() + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refusal("time", limits) from error
    head, _end, changed = done.stdout.partition(b"\n")
    try:
        answer = json.loads(head)
    except ValueError as error:
        raise refusal(cause_of_death(done.returncode), limits) from error
    if "ok" not in answer:
        raise refusal(str(answer["refusal"]), limits, answer["particulars"])
    return changed
