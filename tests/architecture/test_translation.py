"""Everything that a person reads stands in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from throughline.config import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[.0-9]*[sdf]|%[sd]|%%|\{\w+\}")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?:\s|[\u4e00-\u9fff]|$)")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return messages.read("zh_Hans")


@pytest.mark.filterwarnings("ignore::django.utils.translation.template.TranslatorCommentWarning")
def test_no_string_is_without_its_chinese():
    gaps = messages.missing("zh_Hans")
    assert not gaps, "run `make messages` and translate: " + "; ".join(gaps[:10])


def translated(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalogue:
        if message.id and message.string:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            texts = [message.string] if isinstance(message.string, str) else message.string
            for text in texts:
                yield source, text


def test_a_translation_has_the_placeholders_of_its_source(catalogue):
    wrong = [
        (source, text)
        for source, text in translated(catalogue)
        if set(PLACEHOLDER.findall(source)) != set(PLACEHOLDER.findall(text))
    ]
    assert not wrong


def test_chinese_sentences_have_chinese_punctuation(catalogue):
    wrong = [text for _source, text in translated(catalogue) if HALF_WIDTH.search(text)]
    assert not wrong
