"""Texts that the data holds in two languages: the reader's first, else the other."""

from __future__ import annotations

from django.utils.translation import get_language


def reads_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "en").startswith("zh")


def localized(row: object, field: str) -> str:
    """`row.<field>_zh` for a Chinese reader, `row.<field>_en` for others; never empty if
    either is given."""
    order = ("zh", "en") if reads_chinese() else ("en", "zh")
    texts = (str(getattr(row, f"{field}_{language}")) for language in order)
    return next((text for text in texts if text), "")
