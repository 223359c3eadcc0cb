"""Every kind of notice that a room declares is told in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from throughline.notices.kinds import KINDS, NoticeKind, Sentence, spoken


def untold(kind: NoticeKind) -> set[str]:
    """What a kind leaves unsaid of its example."""
    told, words = {}, {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            told[language] = kind.tell(kind.example)
            words[language] = str(kind.word)
    faults = set() if words["en"] and told["en"].title else {"English"}
    chinese = (words["zh-hans"], told["zh-hans"].title)
    if not all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in chinese):
        faults.add("Chinese")
    detail = told["en"].detail
    if any(letter.isalpha() for letter in detail) and detail == told["zh-hans"].detail:
        faults.add("detail")
    return faults


def test_every_declared_kind_is_told_in_both_languages() -> None:
    faults = {name: untold(kind) for name, kind in KINDS.items()}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_names_of_kinds_fit() -> None:
    assert [name for name in KINDS if len(name) > 40 or not name.replace("-", "").isalnum()] == []


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        (lambda _facts: Sentence(""), "English"),
        (lambda _facts: Sentence("Told in English"), "Chinese"),
        (lambda facts: Sentence(spoken(facts, "title"), "the same"), "detail"),
    ],
)
def test_what_is_told_in_one_language_would_be_found(sentence, fault):
    kind = NoticeKind("plan", sentence, {"title_en": "Jobs", "title_zh": "就业"})
    assert fault in untold(kind)
