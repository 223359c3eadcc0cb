"""Tables from untrusted CSV, XLSX, XLS and ODS files.

`read_sheets` is the way in, `with_remarks` the way back. What touches the file runs in another
process and stands in `throughline.files.untrusted`; nothing here parses a byte of it.
"""

from throughline.files.sheets.reading import read_sheets
from throughline.files.sheets.remarks import Remark, with_remarks
from throughline.files.sheets.workbook import (
    DEFAULT,
    Cell,
    Limits,
    Sheet,
    Workbook,
    as_text,
    cell_name,
)

__all__ = [
    "DEFAULT",
    "Cell",
    "Limits",
    "Remark",
    "Sheet",
    "Workbook",
    "as_text",
    "cell_name",
    "read_sheets",
    "with_remarks",
]
