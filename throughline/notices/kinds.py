"""The kinds of notices, as the rooms above declare them; filled once by `config/wiring.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from throughline.kernel.words import reads_chinese

Facts = Mapping[str, Any]
"""What a notice keeps of what happened: what JSON holds. Names that exist in two languages are
kept in both, for the reader's language is not known yet."""


@dataclass(frozen=True)
class Sentence:
    """What a notice says: one line, and where it needs one a second."""

    title: str
    detail: str = ""


@dataclass(frozen=True)
class NoticeKind:
    """What a kind of notice is called, and how its facts become a sentence in the active
    language. `example` holds facts as they are kept; a test tells them in every language."""

    word: str | Promise
    tell: Callable[[Facts], Sentence]
    example: Facts


def naming(
    word: str | Promise, title: Callable[[], str], names: Collection[str], example: Facts
) -> NoticeKind:
    """A kind whose sentence names some facts that are kept in both languages, with the words
    that somebody wrote behind it."""

    def said(facts: Facts) -> Sentence:
        return Sentence(
            title() % {name: spoken(facts, name) for name in names}, str(facts.get("words", ""))
        )

    return NoticeKind(word, said, example)


class UnknownKind(LookupError):
    """A notice of a kind that no room has declared."""


KINDS: dict[str, NoticeKind] = {}


def declare(kinds: Mapping[str, NoticeKind]) -> None:
    """Make kinds known. Called by `config/wiring.py` when the product starts."""
    KINDS.update(kinds)


def kind_of(name: str) -> NoticeKind:
    """A declared kind, or UnknownKind."""
    if name not in KINDS:
        raise UnknownKind(f"no room has declared notices of the kind {name!r}")
    return KINDS[name]


def sentence_of(kind: str, subject: str, facts: Facts) -> Sentence:
    """What a notice says in the reader's language. One that is older than the product's
    knowledge of its kind still says what it is about."""
    if kind not in KINDS:
        return Sentence(_("A notice of a kind that is no longer known"), subject)
    return KINDS[kind].tell(facts)


def in_both(fact: str, row: object, *fields: str) -> dict[str, str]:
    """A text that a row holds in two languages, as facts: of the fields the first that is filled.

    >>> from types import SimpleNamespace
    >>> body = SimpleNamespace(short_en="", name_en="Cabinet", short_zh="内阁")
    >>> in_both("by", body, "short", "name")
    {'by_en': 'Cabinet', 'by_zh': '内阁'}
    """
    return {
        f"{fact}_{language}": next(
            (text for field in fields if (text := getattr(row, f"{field}_{language}", ""))), ""
        )
        for language in ("en", "zh")
    }


def spoken(facts: Facts, fact: str) -> str:
    """A fact that is kept in two languages, in the reader's, else in the other.

    >>> spoken({"by_en": "Cabinet", "by_zh": ""}, "by")
    'Cabinet'
    """
    order = ("zh", "en") if reads_chinese() else ("en", "zh")
    texts = (str(facts.get(f"{fact}_{language}") or "") for language in order)
    return next((text for text in texts if text), "")
