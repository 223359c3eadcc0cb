"""What one cell says: a figure, that it does not apply, or something that is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from throughline.files.numbers import LARGEST_EXACT, read_number
from throughline.files.sheets import Cell
from throughline.kernel.errors import Invalid
from throughline.reporting.sheets.template import SheetLine

OFFERED = ("n/a", "不适用", "—", "/")
"""What the sheet itself offers for a figure that does not apply."""

_ABSENT = frozenset(
    {*OFFERED, "na", "n.a.", "not applicable", "-", "--", "–", "——", "―", "−", "不適用"}
)
_TICKS = frozenset({"✓", "✔", "√", "☑", "v", "x", "×", "是", "y", "yes", "1", "true", "不适用"})
_UNTICKED = frozenset({"", "否", "n", "no", "0", "false", "☐"})

_PERCENT = re.compile(r"[%％]|\bper ?cent\b|百分[比数率]", re.IGNORECASE)
_SCALED = re.compile(r"[万萬亿億千百]|\b(thousand|million|billion)s?\b", re.IGNORECASE)


def is_absent(cell: Cell) -> bool:
    """Whether the cell says in words that the figure does not apply.

    >>> is_absent("不适用"), is_absent(" Ｎ／Ａ "), is_absent("缺"), is_absent(0)
    (True, True, False, False)
    """
    return isinstance(cell, str) and _folded(cell) in _ABSENT


def is_ticked(cell: Cell) -> bool:
    """Whether “not applicable” is ticked. Raises `Invalid` for what may mean either.

    >>> is_ticked("√"), is_ticked(None), is_ticked(True), is_ticked("否")
    (True, False, True, False)
    """
    if cell is None or isinstance(cell, bool):
        return bool(cell)
    written = _folded(f"{cell:g}" if isinstance(cell, float) else str(cell))
    if written in _TICKS or written in _ABSENT:
        return True
    if written in _UNTICKED:
        return False
    raise Invalid(
        _("“%(text)s” stands where only a tick is expected") % {"text": str(cell)[:60]},
        remedy=_("Put ✓ if the figure does not apply, else leave it empty."),
    )


def figure(cell: Cell, line: SheetLine, *, percent: bool = False) -> tuple[float, Sequence[str]]:
    """The figure in a cell that is neither empty nor absent, and what was remarked on the way.

    `percent` if the cell is shown with a % sign. Raises `Invalid` with reason and remedy.
    """
    if type(cell) is float and not percent and abs(cell) < LARGEST_EXACT:
        return cell, ()  # what nearly all are, and nothing can be said against
    number = read_number(cell, percent=percent)
    if number.value is None:
        raise Invalid(
            _("“%(text)s” says that the figure is missing") % {"text": str(cell)},
            remedy=_("Leave the cell empty, or mark it as not applicable and explain."),
        )
    if number.percent and not _PERCENT.search(line.measure):
        raise Invalid(
            _("a percentage stands where %(measure)s are asked for") % {"measure": line.measure},
            remedy=_("Write the figure in the unit of measure, without the percent sign."),
        )
    if number.scale != 1 and (_SCALED.search(line.measure) or _PERCENT.search(line.measure)):
        raise Invalid(
            _("“%(text)s” may be meant in %(measure)s or not")
            % {"text": str(cell), "measure": line.measure},
            remedy=_("Write the figure in the unit of measure, without 万 or 亿."),
        )
    if number.scale != 1:
        read_as = _("“%(text)s” was read as %(value)s") % {
            "text": str(cell).strip(),
            "value": f"{number.value:,.15g}",
        }
        return number.value, [*number.remarks, read_as]
    return number.value, number.remarks


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().strip("\ufeff\u200b").casefold()
