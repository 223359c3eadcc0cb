"""A workbook as plain rows, and how its places are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from throughline.files.untrusted.places import Places, cell_name
from throughline.kernel.errors import Invalid

__all__ = ["DEFAULT", "Cell", "Limits", "Sheet", "Workbook", "as_text", "cell_name"]

Cell = str | float | int | bool | date | None
"""As stored: nothing is trimmed, rounded or converted. Empty is None. In .xlsx an error is
its text ("#DIV/0!"), a formula without a stored result is its text ("=B2+B3")."""

_SIGNIFICANT = 10**15


@dataclass(frozen=True)
class Limits:
    """What one file may cost. Sizes in bytes, times in seconds; rows and cells of all sheets."""

    seconds: float = 30
    memory: int = 1024 * 1024 * 1024
    unpacked: int = 500 * 1024 * 1024
    ratio: int = 200
    sheets: int = 256
    rows: int = 1_048_576
    cells: int = 5_000_000
    result: int = 512 * 1024 * 1024


DEFAULT = Limits()


@dataclass(frozen=True)
class Sheet:
    """One table. `rows[0][0]` is A1, so that row and column count from 0 everywhere.

    `merged` are ranges (first row, first column, last row, last column) whose value stands
    in their first cell. `percent` are the cells shown with a % sign, asked by
    `(row, column) in sheet.percent`: 0.6384 there reads 63.84 %; `formulas` likewise the cells
    that hold a formula, with or without a stored result. Both are known of .xlsx alone. A sheet
    of a CSV file has no name, and its rows are as long as they are.
    """

    name: str
    rows: list[list[Cell]]
    delimited: bool = False
    hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    percent: Places = field(default_factory=Places)
    formulas: Places = field(default_factory=Places)
    hidden_rows: list[int] = field(default_factory=list)

    def place(self, row: int, column: int, heading: str = "") -> str:
        """What a person calls the cell: B12, or in CSV, "row 12, column 2 (population)"."""
        if not self.delimited:
            return cell_name(row, column)
        named = {"row": row + 1, "column": column + 1, "heading": heading}
        if heading:
            return _("row %(row)d, column %(column)d (%(heading)s)") % named
        return _("row %(row)d, column %(column)d") % named

    def row_place(self, row: int) -> str:
        """What a person calls the row, counted from 1."""
        return _("row %(row)d") % {"row": row + 1}


@dataclass(frozen=True)
class Workbook:
    """What a file held. `encoding` is that of a CSV file; `notes` say what was noticed, the
    first `about_file` of them of the file as a whole, the others of single sheets."""

    sheets: list[Sheet]
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)
    about_file: int = 0


def as_text(cell: Cell) -> str:
    """A cell that names something (a code, a name) as text, without white space around it.

    A spreadsheet keeps 15 digits of a number and replaces the rest by zeros without a word;
    a double skips whole numbers from 2**53 on. So a code of more digits that was stored as
    a number is another code, and is refused.

    >>> as_text(340000.0), as_text(" 001 "), as_text(None), as_text(3.5)
    ('340000', '001', '', '3.5')
    >>> as_text(110101199001011234.0)
    Traceback (most recent call last):
    throughline.kernel.errors.Invalid: 110101199001011232 is stored as a number; ...
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and abs(cell) >= _SIGNIFICANT:
        raise Invalid(
            _("%(code).0f is stored as a number; of more than 15 digits the last ones are lost")
            % {"code": cell},
            remedy=_("Format the column as text and type or paste the codes again."),
        )
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
