"""The same file back, with a remark at each cell that was not taken or breaks a rule."""

from __future__ import annotations

from collections.abc import Sequence

from throughline.files.sheets import Remark, with_remarks
from throughline.reporting.sheets.template import Reject


def with_comments(original: bytes, rejects: Sequence[Reject]) -> bytes:
    """The .xlsx as it came, with a comment and a red fill at each reject's cell.

    Remarks of an earlier round are taken out, and formulas become what they showed. Raises
    `Invalid` for other kinds of files, which have no room for remarks.
    """
    return with_remarks(
        original,
        [Remark(each.sheet, each.row, each.column, _sentences(each)) for each in rejects],
    )


def _sentences(reject: Reject) -> str:
    """What is wrong and what to do, each on its line; where, one sees."""
    fault = reject.fault[:1].upper() + reject.fault[1:]
    return f"{fault}\n{reject.remedy}".strip()
