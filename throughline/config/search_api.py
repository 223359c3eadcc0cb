"""The search by the API."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from throughline.bodies.authentication import actor_of
from throughline.config.search import search_for
from throughline.kernel.refusals import REFUSALS
from throughline.kernel.search import LONGEST

router = Router()

Words = Annotated[str, Query(min_length=1, max_length=LONGEST, description="names, pinyin, codes")]
First = Annotated[int, Query(ge=0, le=100_000)]
Size = Annotated[int, Query(ge=1, le=100)]


class HitOut(Schema):
    """A thing found; `where` names what it stands in, from the top; `url` is its page."""

    title: str
    url: str
    where: list[str]
    detail: str


class FoundOut(Schema):
    """What was found of one kind."""

    kind: str
    label: str
    count: int = Field(description="how many there are, on all pages")
    hits: list[HitOut]


@router.get("/search", response={200: list[FoundOut], **REFUSALS})
def search(
    request: HttpRequest, q: Words, kind: str = "", first: First = 0, limit: Size = 20
) -> list[FoundOut]:
    """Everything of mine to see that holds the words, by kind; `first` is the position from
    which hits are given. In Chinese the words may stand anywhere in a name."""
    kinds = [each for each in search_for(actor_of(request), q) if kind in ("", each.key)]
    return [
        FoundOut(
            kind=each.key,
            label=each.label,
            count=each.count(),
            hits=[
                HitOut(title=hit.title, url=hit.url, where=list(hit.where), detail=hit.detail)
                for hit in each.hits(first, first + limit)
            ],
        )
        for each in kinds
    ]
