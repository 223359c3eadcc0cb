"""A report as a spreadsheet: written, read back, and given back with remarks at the cells.

Knows nothing of the database: a `Template` says what is asked of whom and what stands there,
and a `ReadSheet` what a file says in answer.
"""

from throughline.reporting.sheets.reading import read
from throughline.reporting.sheets.remarks import with_comments
from throughline.reporting.sheets.template import (
    Given,
    ReadSheet,
    Reject,
    SheetLine,
    Spot,
    Template,
    Unit,
)
from throughline.reporting.sheets.writing import write, write_csv

__all__ = [
    "Given",
    "ReadSheet",
    "Reject",
    "SheetLine",
    "Spot",
    "Template",
    "Unit",
    "read",
    "with_comments",
    "write",
    "write_csv",
]
