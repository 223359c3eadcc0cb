"""What a text that somebody sent may hold: to be stored, to be the id of a row. Pure."""

from __future__ import annotations

from typing import Any


def is_storable(value: Any) -> bool:
    """Whether PostgreSQL can store every text in a value: no NUL, no half of a pair.

    >>> is_storable({"note": ["全国", 1, None]}), is_storable({"a": ["b\\x00"]})
    (True, False)
    >>> is_storable({"\\ud800": 1})
    False
    """
    if isinstance(value, str):
        if "\x00" in value:
            return False
        return value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(map(is_storable, value))
    return True


def is_id(text: str) -> bool:
    """Whether a text can be the id of a row, or a position in the journal: digits of ASCII, few
    enough for the database.

    >>> is_id("12"), is_id("²"), is_id(""), is_id("9" * 30)
    (True, False, False, False)
    """
    return text.isascii() and text.isdigit() and len(text) <= 18
