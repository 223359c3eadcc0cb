"""How a text changed, word by word, for those who have to look at it again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

WORDS = ("title_en", "title_zh", "text_en", "text_zh", "completion_en", "completion_zh")
FIELDS = (*WORDS, "kind", "deadline", "bindingness", "indicator_id")
"""What makes an element another one to those who carry it out. Number and place in the
document do not."""

_TOKENS = re.compile(r"[A-Za-z0-9]+(?:[.,'’-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """A stretch of text and what became of it."""

    change: Change
    text: str


def same_text(one: object, other: object) -> bool:
    """Whether two elements ask the same of those who carry them out."""
    return all(getattr(one, field) == getattr(other, field) for field in FIELDS)


def is_taken_over(own: Any, above: Any, laid: Collection[date]) -> bool:
    """Whether an element asks what the one above asks, by its day or by one of those by which
    it is laid on the place."""
    asked = [field for field in FIELDS if field != "deadline"]
    same = all(getattr(own, field) == getattr(above, field) for field in asked)
    return same and (own.deadline == above.deadline or own.deadline in laid)


def difference(before: str, after: str) -> list[Piece]:
    """What went and what came, in reading order: by words in writing with spaces, by
    characters in Chinese.

    >>> [(str(each.change), each.text) for each in difference("by June 2025", "by March 2025")]
    [('same', 'by '), ('gone', 'June'), ('new', 'March'), ('same', ' 2025')]
    >>> [(str(each.change), each.text) for each in difference("年底前完成", "年中前完成")]
    [('same', '年'), ('gone', '底'), ('new', '中'), ('same', '前完成')]
    """
    return list(_pieces(_TOKENS.findall(before), _TOKENS.findall(after)))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    for tag, start, end, begin, stop in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            yield Piece(Change.SAME, "".join(before[start:end]))
            continue
        if end > start:
            yield Piece(Change.GONE, "".join(before[start:end]))
        if stop > begin:
            yield Piece(Change.NEW, "".join(after[begin:stop]))
