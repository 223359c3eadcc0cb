"""The page: 贯彻图, the throughline of an element. Who has received, taken on, started and
finished it, who does not answer, and who was never told, from the nation to every county."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from throughline.cascade.pages.picture.around import (
    LISTED_BREAKS,
    break_rows,
    own_ends,
    sentence,
    tier_rows,
    tile_map,
    worst_breaks,
)
from throughline.cascade.pages.picture.asking import BY_STAGE, Asked, asked, lowest
from throughline.cascade.pages.picture.listing import chosen, filters, list_rows
from throughline.cascade.pages.picture.rows import (
    WORST_FIRST,
    names_in,
    nearest,
    rows,
    sections,
    shown_rows,
)
from throughline.cascade.pages.picture.urging import urgeable
from throughline.ui.links import page_of
from throughline.ui.shapes import Choice, Crumb, LineGroup, Paging
from throughline.ui.words import LATE_MEANING, MARK_MEANINGS

PAGE = 50
ROOM = 760
"""How many pixels the longest row of bars may take; all rows share its scale."""
ZOOM = "zoom"
"""The part of the page that is asked for alone when one goes up or down the line."""


@require_safe
def throughline(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """The picture: the sentence, the tiers, a row of bars for each place below, where the line
    breaks, the map, and the list."""
    here = asked(request, plan, key)
    context = _zoomed(here)
    zoomed = request.headers.get("HX-Target") == ZOOM
    template = "cascade/throughline_zoom.html" if zoomed else "cascade/throughline.html"
    if not zoomed:
        context |= _whole(here)
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Target"])
    return answer


def _zoomed(here: Asked) -> dict[str, object]:
    """The rows of bars, and the list of what is opened."""
    line, page = here.line, page_of(here.request)
    positions = chosen(here)
    on_page = positions[(page - 1) * PAGE :][:PAGE]
    shown, every = shown_rows(here), worst_breaks(here)
    breaks = every[:LISTED_BREAKS]
    # Every name that the page needs, in one statement.
    lying = (at for each in (here.at, *on_page, *(b.at for b in breaks)) for at in line.path(each))
    names = here.named({*nearest(line), *names_in(here, shown), *lying})
    drawn = rows(here, shown)
    longest = max((_width(row.groups) for row in drawn), default=1.0)
    return {
        "element": here.element,
        "plan": here.plan,
        "sections": sections(here, shown, drawn),
        "is_laid": here.picture.is_laid,
        "scale": round(min(1.0, ROOM / longest), 3),
        "lowest": lowest(here),
        "nearest": here.tiers[min(here.tiers)] if here.tiers else None,
        "listed": list_rows(here, on_page),
        "paging": Paging(page, PAGE, len(positions)),
        "filters": filters(here),
        "words": here.given("words"),
        "kept": _kept(here, "words", "page"),
        "opened": [names[each] for each in line.path(here.at)],
        "unopened": here.link(at=None),
        "narrowed": any(here.given(name) for name in ("stage", "tier", "words")),
        "widened": here.link(stage=None, tier=None, words=None),
        "than": here.found.before.today if here.found.before else None,
        "hidden": here.line.hidden,
        "breaks": break_rows(here, breaks),
        "more_breaks": len(every) - len(breaks),
        "map": tile_map(here, names),
        "own_ends": own_ends(here),
    }


def _width(groups: Sequence[LineGroup]) -> float:
    return sum(len(each.bars) * 4.5 + 1.6 for each in groups)


def _kept(here: Asked, *without: str) -> list[tuple[str, str]]:
    """The other parameters of the address, which a form of the page sends along."""
    return [
        (name, value)
        for name in here.request.GET
        if name not in without and (value := here.given(name))
    ]


def _whole(here: Asked) -> dict[str, object]:
    """What stands around the rows and the list."""
    names = here.named(nearest(here.line))
    query = here.request.GET.urlencode()
    order, bars, only = here.given("order"), here.given("bars"), here.given("only")
    return {
        "trail": trail(here),
        "sentence": sentence(here, names),
        "seen": any(here.line.seen[1:]),
        "tiers": tier_rows(here),
        "marks": BY_STAGE,
        "legend": [(str(mark), MARK_MEANINGS[str(mark)]) for mark in BY_STAGE],
        "late_meaning": LATE_MEANING,
        "on": here.given("on"),
        "day": here.picture.today,
        "is_now": here.found.is_now,
        "kept_days": _kept(here, "on", "than", "page"),
        "compared": here.given("than"),
        "orders": [
            Choice(_("official order"), here.link(order=None), order != WORST_FIRST),
            Choice(_("worst first"), here.link(order=WORST_FIRST), order == WORST_FIRST),
        ],
        "bars": [
            Choice(_("by stage"), here.link(bars=None), bars != "code"),
            Choice(_("official order"), here.link(bars="code"), bars == "code"),
        ],
        "onlys": [
            Choice(_("all"), here.link(only=None), only != "breaks"),
            Choice(_("only breaks"), here.link(only="breaks"), only == "breaks"),
        ],
        "query": f"?{query}" if query else "",
        "urges": len(urgeable(here)) if here.found.is_now else 0,
    }


def trail(here: Asked) -> list[Crumb]:
    """The way down to the picture."""
    return [
        Crumb(_("Plans"), reverse("plans")),
        Crumb(here.plan.title, reverse("plan", args=[here.plan.key])),
        Crumb(here.element.title, reverse("element", args=[here.plan.key, here.element.key])),
        # Translators: 贯彻图
        Crumb(pgettext("picture", "Throughline")),
    ]
