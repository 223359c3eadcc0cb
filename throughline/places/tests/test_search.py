"""What a text is found by, in the database and in the question to it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from throughline.kernel.search import holding_words, lookup_of
from throughline.places.models import Place, Scheme, Tier
from throughline.places.queries import bearing_words, search_places

pytestmark = pytest.mark.django_db


def holds(text: str, words: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_words(%s) @@ %s::tsquery", [text, lookup_of(words)])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("北京市人民政府", "京"),
        ("北京市人民政府", "京市"),
        ("北京市人民政府", "市人民政"),
        ("bei jing shi", "beijing"),
        ("bei jing shi", "bei jing"),
        ("bei jing shi", "beijings"),
        ("Éire (south)", "ÉIRE"),
        ("国函〔2022〕52号", "52"),
        ("国函〔2022〕52号", "国函"),
        ("ＡＢＣ全角", "abc"),
        ("𠮷野家", "𠮷"),
        ("140100-01", "140100-01"),
    ],
)
def test_it_is_found(text: str, words: str):
    assert holds(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("北京市人民政府", "京北"),
        ("北京 市", "京市"),
        ("bei jing shi", "jingshi"),
        ("bei jing shi", "bei hai"),
        ("人口", "口径"),
    ],
)
def test_it_is_not_found(text: str, words: str):
    assert not holds(text, words)


@pytest.mark.parametrize("words", ["", "  ", "()", "' & | ! :*", "\x00", "<->"])
def test_words_without_letters_find_nothing_and_break_nothing(words: str):
    assert lookup_of(words) == ""
    assert not bearing_words(words).exists()


@pytest.mark.parametrize("words", ["o'brien", "a\\b", "a:b*", "ab & !cd", "%_", "京'京"])
def test_marks_of_the_question_are_no_part_of_it(words: str):
    assert list(bearing_words(words)) == []


def place(name: str, pinyin: str, code: str) -> Place:
    scheme, _new = Scheme.objects.get_or_create(key="land", defaults={"name_en": "Land"})
    tier, _new = Tier.objects.get_or_create(
        scheme=scheme, key="county", level=3, defaults={"name_en": "County"}
    )
    return Place.objects.create(
        scheme=scheme, tier=tier, code=code, name_zh=name, sort_key=pinyin,
        valid_from=date(2000, 1, 1),
    )  # fmt: skip


def test_pairs_that_stand_apart_are_not_the_word():
    apart = place("京市北京", "jing shi bei jing", "1")
    together = place("北京市", "bei jing shi", "2")
    assert list(bearing_words("北京市")) == [together]
    assert holds(apart.name_zh, "北京市"), "by the index alone it would be found"


def test_the_index_answers():
    place("北京市", "bei jing shi", "1")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    held = holding_words("code", "name_en", "name_zh", "sort_key", words="北京")
    plan = Place.objects.filter(held).order_by().explain()
    assert "place_by_words" in plan


def test_a_place_that_ended_is_found_among_those_of_every_time():
    gone = place("崇文区", "chong wen qu", "110103")
    Place.objects.filter(pk=gone.pk).update(valid_to=date(2010, 7, 1))
    assert list(bearing_words("崇文")) == [gone]
    assert list(search_places(None, "崇文", date(2020, 1, 1))) == []
