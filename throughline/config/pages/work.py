"""My work: the first screen of everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import own_place
from throughline.config.work import to_do, work_for
from throughline.figures.viewing import place_url
from throughline.kernel.work import Group, Item
from throughline.ui.shapes import Act, WorkItem
from throughline.ui.writing import instant


def _headings() -> dict[Group, str]:
    return {
        Group.OVERDUE: _("Overdue"),
        Group.RETURNED: _("Returned to me"),
        Group.TO_DO: _("To do"),
        Group.DUE_SOON: _("Due soon"),
        Group.WAITING: _("Waiting on others"),
        Group.STARTED: _("Started by me"),
    }


def _shape(item: Item, language: str) -> WorkItem:
    return WorkItem(
        verb=item.verb,
        subject=item.title,
        url=item.url,
        detail=item.detail,
        due_at=instant(item.due or item.at, timezone.get_current_timezone(), language),
        overdue=item.group is Group.OVERDUE,
        acts=[Act(item.action, item.url, primary=item.is_to_do)],
    )


def _sentence(items: list[Item]) -> str:
    waiting = to_do(items)
    if not waiting:
        return _("Nothing waits for you.")
    return ngettext("%(count)s thing waits for you.", "%(count)s things wait for you.", waiting) % {
        "count": waiting
    }


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for the person, in the order in which it should be done."""
    actor = actor_of(request)
    signed_in(actor)
    items = work_for(actor)
    language = getattr(request, "LANGUAGE_CODE", "en")
    groups = [
        {
            "heading": heading,
            "items": [_shape(item, language) for item in items if item.group is group],
            "count": sum(item.count for item in items if item.group is group),
        }
        for group, heading in _headings().items()
    ]
    place = own_place(actor)
    context = {
        "sentence": _sentence(items),
        "groups": [g for g in groups if g["items"]],
        "own_place": place,
        "own_place_url": place_url(place) if place else "",
    }
    return render(request, "config/my_work.html", context)
