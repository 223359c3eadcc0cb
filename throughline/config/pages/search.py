"""Finding anything: the page, and what is suggested as one types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.config.search import search_for
from throughline.kernel.errors import NotFound
from throughline.kernel.search import LONGEST, Hit, Kind
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Paging

PAGE = 50
FIRST = 5
"""How many of each kind stand on the first page."""

SUGGESTED = 3
"""How many of each kind are suggested."""


@dataclass(frozen=True)
class Part:
    """What was found of one kind: the first of it, how many there are, the way to the rest."""

    label: str
    hits: Sequence[Hit]
    count: int
    url: str


def _words(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """All that was found by some words, by kind; or one kind, a page at a time."""
    actor = actor_of(request)
    signed_in(actor)
    words, wanted = _words(request), request.GET.get("kind", "")
    kinds = search_for(actor, words)
    if wanted and wanted not in {each.key for each in kinds}:
        raise NotFound(_("There is nothing of this kind to be found."))
    counts = {each.key: each.count() if words else 0 for each in kinds}
    context: dict[str, object] = {
        "words": words,
        "kinds": [each.label for each in kinds],
        "total": sum(counts.values()),
        "choices": _choices(request, kinds, counts, wanted),
    }
    if wanted:
        kind = next(each for each in kinds if each.key == wanted)
        paging = Paging(page_of(request), PAGE, counts[wanted])
        hits = kind.hits((paging.number - 1) * PAGE, paging.number * PAGE) if words else []
        context |= {"parts": [Part(kind.label, hits, counts[wanted], "")], "paging": paging}
    else:
        context["parts"] = [
            _part(request, each, counts[each.key]) for each in kinds if counts[each.key]
        ]
    return render(request, "config/search.html", context)


def _part(request: HttpRequest, kind: Kind, count: int) -> Part:
    more = query_with(request.GET, kind=kind.key, page=None) if count > FIRST else ""
    return Part(kind.label, kind.hits(0, FIRST), count, more)


def _choices(
    request: HttpRequest, kinds: Sequence[Kind], counts: dict[str, int], wanted: str
) -> list[Choice]:
    """All, and each kind of which something was found."""
    total = sum(counts.values())
    every = Choice(_("All"), query_with(request.GET, kind=None, page=None), not wanted, total)
    return [
        every,
        *(
            Choice(
                each.label,
                query_with(request.GET, kind=each.key, page=None),
                each.key == wanted,
                counts[each.key],
            )
            for each in kinds
            if counts[each.key] or each.key == wanted
        ),
    ]


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The nearest of each kind, for the list below the search field."""
    actor = actor_of(request)
    signed_in(actor)
    words = _words(request)
    found = [(kind.label, kind.hits(0, SUGGESTED)) for kind in search_for(actor, words)]
    context = {"words": words, "parts": [(label, hits) for label, hits in found if hits]}
    return render(request, "config/suggestions.html", context)
