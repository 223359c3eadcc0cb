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
from throughline.kernel import clock
from throughline.kernel.work import Group, Item
from throughline.ui.shapes import Act, WorkItem
from throughline.ui.writing import clock_time, day, instant, number


def _headings() -> dict[Group, str]:
    return {
        Group.OVERDUE: _("Overdue"),
        Group.RETURNED: _("Returned to me"),
        Group.TO_DO: _("To do"),
        Group.DUE_SOON: _("Due soon"),
        Group.WAITING: _("Waiting on others"),
        Group.STARTED: _("Started by me"),
    }


def _ago(days: int) -> str:
    """How long ago something was done."""
    if not days:
        return _("today")
    return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": number(days)}


def _left(days: int, *, late: bool) -> str:
    """How near the end of a time is, or how long it has passed."""
    if not days:
        return _("late since today") if late else _("today")
    if late:
        said = ngettext("%(count)s day late", "%(count)s days late", -days)
    else:
        said = ngettext("%(count)s day left", "%(count)s days left", days)
    return said % {"count": number(abs(days))}


def _dated(item: Item, language: str) -> tuple[str, str]:
    """What the date of an item is, and more exactly when that is."""
    zone, now = timezone.get_current_timezone(), clock.now()
    at = (item.due or item.at).astimezone(zone)
    days = (at.date() - now.astimezone(zone).date()).days
    said = item.dated % {"day": day(at.date(), language), "ago": _ago(-days)}
    if item.due is not None:
        return said, f"{_left(days, late=item.due <= now)} · {clock_time(at, language)}"
    return said, instant(at, zone, language) if "%(ago)s" in item.dated else _ago(-days)


def _shape(item: Item, language: str) -> WorkItem:
    said, exactly = _dated(item, language)
    return WorkItem(
        verb=item.verb,
        subject=item.title,
        url=item.url,
        detail=item.detail,
        due=said,
        due_at=exactly,
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
