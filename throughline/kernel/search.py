"""Finding by words: what every room offers to the search, and the index that it asks.

The database's function `kernel_words` (migration 0003) reduces texts to what is looked up:
each word in lower case, each Chinese character, each pair of neighbouring characters, and
the words of a text run together, so that pinyin is found with and without spaces. A GIN
index over it answers a single character as well as a long name:

    class Meta:
        indexes = [GinIndex(SearchWords("name_en", "name_zh"), name="place_by_words")]

    Place.objects.filter(holding_words("name_en", "name_zh", words="北京"))
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Lower
from django.db.models.lookups import Exact, StartsWith

LONGEST = 100
"""Characters of what is typed that count; nobody looks for more."""

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{CHINESE}]+")
_BETWEEN = re.compile(
    "[\\s\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f\uff00-\uffef]+"
)


def squeezed(text: str) -> str:
    """What is typed, as the index writes it: half-width, lower case, single spaces.

    >>> squeezed("  Bei\u3000Jing ＡＢ ")
    'bei jing ab'
    """
    plain = unicodedata.normalize("NFKC", text).replace("\x00", " ")[:LONGEST]
    return " ".join(plain.lower().split())


def runs_of(text: str) -> list[str]:
    """The runs of Chinese characters in a text.

    >>> runs_of("北京 2020 人口")
    ['北京', '人口']
    """
    return _RUN.findall(squeezed(text))


def lookup_of(text: str) -> str:
    """The question to the index, as PostgreSQL writes a `tsquery`; empty when there are no
    words. All words have to be there; those not in Chinese may be beginnings of words, or
    what is typed may be the beginning of all words run together.

    >>> lookup_of("北京市")
    "'北京' & '京市'"
    >>> lookup_of("京")
    "'京'"
    >>> lookup_of("Bei jing")
    "(('bei':* & 'jing':*) | 'beijing':*)"
    >>> lookup_of("(,)")
    ''
    """
    plain = squeezed(text)
    parts = [
        f"'{run[at : at + 2]}'" for run in _RUN.findall(plain) for at in range(max(1, len(run) - 1))
    ]
    words = [word for word in _BETWEEN.split(_RUN.sub(" ", plain)) if word]
    begun = " & ".join(f"'{word}':*" for word in words)
    if len(words) > 1:
        begun = f"(({begun}) | '{''.join(words)}':*)"
    return " & ".join([*parts, begun] if begun else parts)


class SearchWords(Func):
    """`kernel_words` over some columns: what they are found by."""

    function = "kernel_words"
    output_field = SearchVectorField()


class _Question(Func):
    """Text as a `tsquery`."""

    template = "%(expressions)s::tsquery"
    output_field = TextField()


class _Holds(Func):
    """`words @@ question`."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def holding_words(*columns: str, words: str) -> Q:
    """Rows of which some columns hold all the words; none where there are no words. The
    columns are those of an index, in its order, or of a table small enough without."""
    lookup = lookup_of(words)
    if not lookup:
        return Q(pk__in=[])
    held = Q(_Holds(SearchWords(*columns), _Question(Value(lookup))))
    for run in runs_of(words):
        if len(run) > 2:  # pairs may stand apart: 京市北京 holds those of 北京市
            held &= Q(*[(f"{column}__contains", run) for column in columns], _connector=Q.OR)
    return held


def nearness(*columns: str, words: str) -> Case:
    """For ordering: 0 where a column is what was typed, 1 where one begins with it, else 2."""
    text = squeezed(words)
    # Chinese has no capitals; to lower thousands of names costs more than to find them.
    plain = [Lower(each) if text.upper() != text else F(each) for each in columns]
    return Case(
        *(When(Exact(each, text), then=Value(0)) for each in plain),
        *(When(StartsWith(each, text), then=Value(1)) for each in plain),
        default=Value(2),
        output_field=IntegerField(),
    )


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, its page, where it stands (from the top), what tells it
    from others of the same name."""

    title: str
    url: str
    where: Sequence[str] = ()
    detail: str = ""


@dataclass(frozen=True)
class Kind:
    """All that was found of one kind, in order; nothing is read before it is asked for.

    `rows` holds only what the actor may see; `show` makes hits of some of them.
    """

    key: str
    label: str
    rows: QuerySet[Any]
    show: Callable[[Sequence[Any]], list[Hit]]

    def count(self) -> int:
        """How many there are."""
        return self.rows.order_by().count()

    def hits(self, first: int, last: int) -> list[Hit]:
        """Those from one position up to, and without, another."""
        return self.show(list(self.rows[first:last]))
