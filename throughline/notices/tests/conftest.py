"""A kind of notice for these tests."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext

from throughline.notices.kinds import KINDS, Facts, NoticeKind, Sentence, spoken


def tell(facts: Facts) -> Sentence:
    """As a room above would: its words from the catalogue, names from the facts."""
    return Sentence(f"{gettext('Indicator')}: {spoken(facts, 'title')}", facts.get("detail", ""))


@pytest.fixture(autouse=True)
def reminder(monkeypatch: pytest.MonkeyPatch) -> NoticeKind:
    kind = NoticeKind("reminder", tell, {"title_en": "Jobs", "title_zh": "就业"})
    monkeypatch.setitem(KINDS, "reminder", kind)
    return kind
