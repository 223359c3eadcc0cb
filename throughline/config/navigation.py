"""What stands in the bar at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from throughline.bodies.queries import introduction_of, standing_of
from throughline.config.work import count_of
from throughline.kernel import clock
from throughline.kernel.actor import NOBODY, Actor
from throughline.notices.queries import unread_count
from throughline.running.logs import request_id


@dataclass(frozen=True)
class Entry:
    """One word of the navigation."""

    label: str
    url: str
    current: bool
    count: int | None = None


BELOW = {
    "contested": "cycles",
    "burden": "cycles",
    "workbooks": "cycles",
    "extensions": "cycles",
    "contracts": "projects",
}
"""By the first part of an address, the section under which it stands beside that of its name."""


def _entries(request: HttpRequest, actor: Actor) -> list[Entry]:
    words = [
        (_("My work"), "my-work"),
        (_("Inbox"), "inbox"),
        (pgettext("navigation", "Status"), "status"),
        (_("Plans"), "plans"),
        (_("Indicators"), "indicators"),
        (_("Reporting"), "cycles"),
        (_("Alerts"), "alerts"),
        (_("Places"), "places"),
        (_("Bodies"), "bodies"),
        (_("Followed"), "followed"),
        (_("Imports"), "loads"),
        (_("Journal"), "journal"),
    ]
    standing = standing_of(actor)
    if standing.administers or standing.audits:
        words.insert(-1, (_("People"), "people"))
    here = request.resolver_match.url_name if request.resolver_match else ""
    section = request.path.strip("/").split("/")[0]
    counts = {"my-work": count_of(actor), "inbox": unread_count(actor)}
    entries = []
    for label, name in words:
        url = reverse(name)
        current = here == name or BELOW.get(section, section) == url.strip("/").split("/")[0] != ""
        entries.append(Entry(label, url, current, counts.get(name)))
    return entries


def context(request: HttpRequest) -> dict[str, object]:
    """What `ui/base.html` needs on every page."""
    actor = getattr(request, "actor", NOBODY)
    common: dict[str, object] = {
        "actor": actor,
        "request_id": request_id(),
        "server_time": clock.now(),
        "navigation": [],
    }
    if actor.is_nobody:
        return common
    introduced = introduction_of(actor)
    common |= {"person": introduced.person, "post": introduced.post}
    return common | {
        "navigation": _entries(request, actor),
        "search_url": reverse("search"),
        "suggestions_url": reverse("search-suggestions"),
    }
