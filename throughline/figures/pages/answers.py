"""A table as a file to keep."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from throughline.files.writing import Table, write_csv, write_xlsx
from throughline.kernel.errors import NotFound

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(
    tables: Sequence[Table], name: str, form: str, notes: Sequence[str] = ()
) -> HttpResponse:
    """The first table as CSV, or all of them as a workbook whose last sheet holds the notes.
    `name` is the file's, without its ending."""
    if form == "csv":
        return attached(write_csv(tables[0].rows, tables[0].columns), f"{name}.csv", CSV)
    if form == "xlsx":
        return attached(write_xlsx(tables, notes=notes), f"{name}.xlsx", XLSX)
    raise NotFound(_("Tables come as CSV or XLSX."))


def attached(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Bytes as a file to keep, under a name."""
    answer = HttpResponse(content, content_type=media_type)
    disposition = content_disposition_header(True, name)
    if disposition is not None:
        answer["Content-Disposition"] = disposition
    return answer
