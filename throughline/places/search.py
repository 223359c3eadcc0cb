"""What the search finds of places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.search import Hit, Kind, nearness
from throughline.places.models import Closure, Place
from throughline.places.queries import bearing_words, valid_on

NAMES = ("name_en", "name_zh", "code", "sort_key")


def search_for(actor: Actor, words: str) -> list[Kind]:
    """Places of every time, those of today first; they are open to all who are signed in."""
    today = clock.now().date()
    rows = Place.objects.none() if actor.is_nobody else bearing_words(words)
    ended = Case(When(valid_on(today), then=Value(0)), default=Value(1))
    rows = (
        rows.annotate(nearness=nearness(*NAMES, words=words), ended=ended)
        .select_related("scheme", "tier")
        .order_by("ended", "nearness", "tier__level", "sort_key", "code", "valid_from")
    )
    return [Kind("places", _("Places"), rows, lambda found: _hits(found, today))]


def _hits(found: Sequence[Place], today: date) -> list[Hit]:
    above = names_above((each.pk for each in found), today)
    return [
        Hit(
            title=each.name,
            url=_url(each, today),
            where=above[each.pk],
            detail=" ".join(
                part for part in (each.tier.name, each.code, _until(each, today)) if part
            ),
        )
        for each in found
    ]


def _is_past(place: Place, today: date) -> bool:
    return place.valid_to is not None and place.valid_to <= today


def _url(place: Place, today: date) -> str:
    url = reverse("place", args=[place.scheme.key, place.code])
    return f"{url}?on={place.valid_from}" if _is_past(place, today) else url


def _until(place: Place, today: date) -> str:
    return _("until %(day)s") % {"day": place.valid_to} if _is_past(place, today) else ""


def names_above(places: Iterable[int], today: date) -> dict[int, list[str]]:
    """By place (its id) the names of those it lies in, from the top: today, or when it ended."""
    ids = list(places)
    pairs = Closure.objects.filter(
        valid_on(today) | Q(valid_to=F("descendant__valid_to")), descendant__in=ids, distance__gt=0
    )
    above: dict[int, list[str]] = {each: [] for each in ids}
    for pair in pairs.select_related("ancestor").order_by("-distance", "valid_from"):
        names = above[pair.descendant_id]
        if pair.ancestor.name not in names:
            names.append(pair.ancestor.name)
    return above
