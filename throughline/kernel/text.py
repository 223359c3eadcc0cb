"""Which characters a text may hold to be stored. Pure."""

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
        return "\x00" not in value and not any("\ud800" <= each <= "\udfff" for each in value)
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(map(is_storable, value))
    return True
