"""Places by the API: open to all who are signed in."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from throughline.kernel import clock
from throughline.kernel.refusals import REFUSALS
from throughline.places.models import Place
from throughline.places.queries import (
    ancestors,
    children,
    place_by_code,
    scheme_by_key,
    search_places,
)

router = Router()
MOST_FOUND = 50


class PlaceOut(Schema):
    """A place: its code, names and tier, and when it is valid (`valid_to` excluded)."""

    scheme: str
    code: str
    name_en: str
    name_zh: str
    tier: str
    kind: str
    official: bool
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_scheme(place: Place) -> str:
        return place.scheme.key

    @staticmethod
    def resolve_tier(place: Place) -> str:
        return place.tier.key


class PlaceDetail(Schema):
    """A place on a day, what it lies in (from the top) and what lies directly in it."""

    place: PlaceOut
    within: list[PlaceOut]
    children: list[PlaceOut]


def _today() -> date:
    return clock.now().date()


@router.get("/places/{scheme}", response={200: list[PlaceOut], **REFUSALS})
def find_places(
    request: HttpRequest,
    scheme: str,
    words: Annotated[str, Query(max_length=100)],
    on: date | None = None,
) -> list[Place]:
    """Places whose name holds the words, or whose code or pinyin begins with them; 50 at most."""
    found = search_places(scheme_by_key(scheme), words, on or _today())
    return list(found.select_related("scheme", "tier")[:MOST_FOUND])


@router.get("/places/{scheme}/{code}", response={200: PlaceDetail, **REFUSALS})
def get_place(
    request: HttpRequest, scheme: str, code: str, on: date | None = None
) -> dict[str, object]:
    """One place on a day (today)."""
    day = on or _today()
    place = place_by_code(scheme_by_key(scheme), code, day)
    return {
        "place": place,
        "within": ancestors(place, day)[:-1],
        "children": list(children(place, day).select_related("scheme")),
    }
