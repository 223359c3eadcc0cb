"""The sentences for what the reading process found, by its codes."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SAVE_AS = _("Open it in Excel, WPS or LibreOffice and save it as .xlsx, then upload that.")
_SMALLER = _(
    "Delete what lies outside the table (stray cells far to the right or below, pictures), "
    "or split the file."
)
_UNPROTECT = _("Remove the password in the program that made it, save, and upload again.")

REFUSALS: Mapping[str, tuple[Promise, Promise]] = {
    "empty": (_("The file is empty (0 bytes)."), _("Save it again and check its size.")),
    "no-cells": (
        _("The file holds no cell with content; pictures of tables cannot be read."),
        _("Upload the table itself."),
    ),
    "pdf": (_("This is a PDF, not a spreadsheet."), _("Upload the spreadsheet it came from.")),
    "picture": (
        _("This is a picture, not a spreadsheet."),
        _("Upload the spreadsheet it shows."),
    ),
    "archive": (
        _("This is an archive, not a spreadsheet."),
        _("Unpack it and upload the spreadsheets in it one by one."),
    ),
    "document": (
        _("This is a text document or a presentation, not a spreadsheet."),
        _("Copy the table into a spreadsheet and upload that."),
    ),
    "markup": (
        _("This is a web page or an XML file, whatever its name says, not a spreadsheet."),
        _SAVE_AS,
    ),
    "xlsb": (_("Binary workbooks (.xlsb) are not read."), _SAVE_AS),
    "binary": (
        _("This is neither a spreadsheet nor text: byte %(byte)s is zero."),
        _SAVE_AS,
    ),
    "encoding": (
        _(
            "The text is neither UTF-8 (wrong at byte %(utf8)s) nor GB18030 "
            "(wrong at byte %(gb18030)s, line %(line)s)."
        ),
        _("Save it as “CSV UTF-8”."),
    ),
    "damaged-text": (
        _("The text is UTF-8 but damaged at byte %(byte)s (line %(line)s)."),
        _("Save it again as “CSV UTF-8” from where it was made."),
    ),
    "marked-encoding": (
        _("The text says that it is %(encoding)s but is not from byte %(byte)s on."),
        _("Save it as “CSV UTF-8”."),
    ),
    "quoting": (
        _("A quotation mark is wrong or never closed in row %(row)s (line %(line)s)."),
        _("Double each quotation mark inside a quoted cell, or save the table as .xlsx."),
    ),
    "no-remarks": (
        _("Remarks can be put into the cells of .xlsx files only."),
        _("Save it as .xlsx, or mend what the list names."),
    ),
    "encrypted": (_("The file is protected by a password and cannot be read."), _UNPROTECT),
    "macros": (
        _("The file contains macros (programs) and is not opened."),
        _("Save it as .xlsx without macros, then upload that."),
    ),
    "declaration": (
        _("%(member)s in the file has a document type declaration, which no spreadsheet has."),
        _SAVE_AS,
    ),
    "damaged": (_("The file is damaged, cut off, or not a spreadsheet."), _SAVE_AS),
    "damaged-sheet": (_("The sheet “%(sheet)s” is damaged and cannot be read."), _SAVE_AS),
    "bomb": (
        _("The file would unpack to an unreasonable size and is not opened."),
        _SMALLER,
    ),
    "sheets": (_("The file has %(found)s sheets; at most %(most)s are read."), _SMALLER),
    "rows": (_("The file has more than %(most)s rows."), _SMALLER),
    "cells": (_("The file has more than %(most)s cells."), _SMALLER),
    "result": (_("The file holds more text than can be read at once."), _SMALLER),
    "time": (_("Reading the file took more than %(seconds)s seconds and was stopped."), _SMALLER),
    "memory": (
        _("Reading the file would take more than %(megabytes)s MB of memory and was stopped."),
        _SMALLER,
    ),
}

NOTES: Mapping[str, Promise] = {
    "gb18030": _("The text is not UTF-8; it was read as GB18030 (GBK). Check some names."),
    "utf-16": _("The text was read as UTF-16."),
    "delimiter": _("Columns are separated by %(delimiter)s."),
    "other-kind": _(
        "The name ends in %(ending)s but the content is %(kind)s; it was read as that."
    ),
    "hidden-sheet": _("The sheet “%(sheet)s” is hidden; it was read like the others."),
    "hidden-rows": _("“%(sheet)s”: hidden rows (%(count)s) were read like the others: %(rows)s."),
    "merged": _("“%(sheet)s”: merged ranges (%(count)s): each value stands in its first cell."),
    "no-marks": _(
        "In this format, cells that show an error or were never calculated may read as empty, "
        "and percentages read as fractions; save as .xlsx to have them named."
    ),
}
