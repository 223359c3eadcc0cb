"""What is rolled up, as the database defines it now, and a digest that tells one definition
from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from throughline.figures.cube.measures import Measure
from throughline.figures.models import Series
from throughline.figures.rollup.measuring import Home, measure_of
from throughline.plans.models import Indicator

TABLES = ("plans_indicator", "plans_edition", "figures_series", "places_scheme", "places_tier")
"""Tables whose every change makes the cube anew. A scheme's revision grows with every change
of its places."""


@dataclass(frozen=True)
class Definitions:
    """By scheme, what is rolled up; by series, where its figures stand."""

    digest: str
    measures: Mapping[int, Sequence[Measure]]
    homes: Mapping[int, Home]


# A row's xmin is the transaction that wrote it, so it tells one state of the row from another
# and is far shorter than the row; at worst (a copied database) the cube is made once too often.
_ROWS = "(SELECT coalesce(string_agg(t.id || ':' || t.xmin, '|' ORDER BY t.id), '') FROM {} t)"
DIGEST = "encode(sha256(convert_to({}, 'UTF8')), 'hex')".format(
    " || '/' || ".join(map(_ROWS.format, TABLES))
)
"""The digest of all definitions, as an SQL expression."""


def _digest_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {DIGEST}")
        return str(cursor.fetchone()[0])


def definitions_now() -> Definitions:
    """All definitions. Formulas are computed from finished numbers, so they are not in it."""
    measures: dict[int, list[Measure]] = {}
    rows = Indicator.objects.exclude(kind=Indicator.Kind.FORMULA).order_by("pk")
    for each in rows.select_related("numerator", "denominator"):
        measures.setdefault(each.scheme_id, []).append(measure_of(each))
    series = Series.objects.select_related("edition")
    return Definitions(_digest_now(), measures, {each.pk: Home.of(each) for each in series})
