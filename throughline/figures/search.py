"""What the search finds of figures: the series that hold them, and the files they came by."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from throughline.figures import viewing
from throughline.figures.models import Load, Series
from throughline.figures.queries import loads_visible_to, series_visible_to
from throughline.figures.words import STATES
from throughline.kernel.actor import Actor
from throughline.kernel.search import Hit, Kind, holding_words, nearness

TITLES = ("title_en", "title_zh")


def search_for(actor: Actor, words: str) -> list[Kind]:
    """Series that the actor may see figures of, and the imports that exist for the actor."""
    series = (
        series_visible_to(actor)
        .filter(holding_words(*TITLES, "key", words=words))
        .annotate(nearness=nearness(*TITLES, words=words))
        .select_related("indicator__scheme", "edition", "producer")
        .order_by("nearness", "indicator__key", "rank")
    )
    loads = loads_visible_to(actor).filter(holding_words("file_name", words=words))
    return [
        Kind("series", _("Series of figures"), series, _series),
        Kind("loads", _("Imports"), loads.order_by("-at", "-pk"), _loads),
    ]


def _series(found: Sequence[Series]) -> list[Hit]:
    return [
        Hit(
            each.title,
            viewing.indicator_url(each.indicator, edition=each.edition.key),
            [each.indicator.scheme.name, each.indicator.title],
            each.producer.name,
        )
        for each in found
    ]


def _loads(found: Sequence[Load]) -> list[Hit]:
    return [
        Hit(each.file_name, reverse("load", args=[each.pk]), detail=str(STATES[each.state]))
        for each in found
    ]
