"""Text that a spreadsheet would run: marked as text on the way out, restored on the way in.

A CSV cell that begins with = + - @ (or their full-width forms, which some locales take too),
perhaps after white space, is run as a formula when the file is opened. A leading apostrophe,
the spreadsheets' own mark for text, stops that. Marking and restoring are exact inverses, so
that what we export is what we import.
"""

from __future__ import annotations

import re

_RUNNABLE = re.compile(r"'*(\s*[=+\-@＝＋－＠]|[\t\r\n])")


def neutralised(text: str) -> str:
    """`text` as it may stand in a CSV cell.

    >>> neutralised("=1+1"), neutralised("Anhui")
    ("'=1+1", 'Anhui')
    """
    return f"'{text}" if _RUNNABLE.match(text) else text


def restored(text: str) -> str:
    """What `neutralised` was given.

    >>> restored("'=1+1"), restored("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and _RUNNABLE.match(text) else text
