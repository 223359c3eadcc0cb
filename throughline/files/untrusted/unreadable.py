"""How the reading process says no: a code and its particulars; the parent has the words."""

from __future__ import annotations


class UnreadableError(Exception):
    """The file cannot be read. `code` is one of `throughline.files.sheets.wording`."""

    def __init__(self, code: str, **particulars: object) -> None:
        super().__init__(code)
        self.code = code
        self.particulars = particulars
