"""Who may say what beside a subject. Pure."""

from __future__ import annotations

from enum import StrEnum

LONGEST_REMARK = 4000
"""Characters of a remark. What is longer is a document, and is attached."""


class Audience(StrEnum):
    """For whom a remark or an attachment is, among those who see its subject."""

    BODY = "body"
    LINE = "line"
    ALL = "all"


def clean_text(text: str) -> str:
    """A text as it is kept: without space around it, line ends as one sign.

    >>> clean_text("  one\\r\\ntwo ")
    'one\\ntwo'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def may_withdraw(*, author: bool, same_body: bool, reviews: bool) -> bool:
    """Who gave it may take it back; in the same body also one who reviews.

    >>> may_withdraw(author=False, same_body=True, reviews=True)
    True
    >>> may_withdraw(author=False, same_body=False, reviews=True)
    False
    """
    return author or (same_body and reviews)
