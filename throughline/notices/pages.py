"""The inbox as people use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.kernel import clock, journal
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.kernel.text import is_id
from throughline.notices import actions
from throughline.notices.kinds import KINDS, Sentence, sentence_of
from throughline.notices.models import Notice
from throughline.notices.permissions import require_addressed
from throughline.notices.queries import Inbox, inbox_of, unread_count
from throughline.ui.links import page_of, query_with, way_back
from throughline.ui.shapes import Choice, Paging

PAGE = 30


@dataclass(frozen=True)
class Line:
    """A notice as it is shown."""

    notice: Notice
    word: str
    sentence: Sentence
    is_read: bool
    is_late: bool

    @property
    def day(self) -> date:
        """The day on which it came, where the reader is."""
        return timezone.localtime(self.notice.at).date()


@dataclass(frozen=True)
class Day:
    """The notices of a day."""

    day: date
    is_today: bool
    lines: list[Line]


def _line(notice: Notice, is_read: bool, now: datetime) -> Line:
    kind = KINDS.get(notice.kind)
    sentence = sentence_of(notice.kind, notice.subject, notice.facts)
    late = notice.due is not None and notice.due < now
    return Line(notice, str(kind.word) if kind else "", sentence, is_read, late)


def _days(lines: Iterable[Line], today: date) -> list[Day]:
    """By day, the last first. One that came to light after a later one goes to its day."""
    ordered = sorted(lines, key=lambda line: line.day, reverse=True)
    return [
        Day(day, day == today, list(of_day))
        for day, of_day in groupby(ordered, key=lambda line: line.day)
    ]


def _page(actor: Actor, unread: bool, number: int) -> tuple[Inbox, int]:
    """A page and its number; the last one where so many are no longer there."""
    found = inbox_of(actor, unread=unread, start=(number - 1) * PAGE, length=PAGE)
    if found.lines or number == 1:
        return found, number
    last = Paging(1, PAGE, found.total).pages
    return inbox_of(actor, unread=unread, start=(last - 1) * PAGE, length=PAGE), last


def _sentence(unread: int) -> str:
    if not unread:
        return _("You have read all that came.")
    text = ngettext("%(count)s notice is unread.", "%(count)s notices are unread.", unread)
    return text % {"count": unread}


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What was told to the reader, by day: what is unread, or all of it."""
    actor = actor_of(request)
    signed_in(actor)
    everything = request.GET.get("show") == "all"
    position = journal.head()[0]
    found, number = _page(actor, not everything, page_of(request))
    now = clock.now()
    lines = [_line(notice, is_read, now) for notice, is_read in found.lines]
    unread = unread_count(actor)
    here = {"unread": query_with(request.GET, show=None, page=None)}
    here["all"] = query_with(request.GET, show="all", page=None)
    context = {
        "sentence": _sentence(unread),
        "unread": unread,
        "everything": everything,
        "views": [
            Choice(pgettext("notices", "Unread"), here["unread"], current=not everything),
            Choice(pgettext("notices", "All"), here["all"], current=everything),
        ],
        "all_url": here["all"],
        "days": _days(lines, timezone.localtime(now).date()),
        "paging": Paging(number, PAGE, found.total),
        "position": position,
        "here": request.get_full_path(),
    }
    return render(request, "notices/inbox.html", context)


@require_POST
def open_notice(request: HttpRequest, notice: int) -> HttpResponse:
    """Go to what a notice is about, and have read it."""
    actor = actor_of(request)
    found = require_addressed(actor, notice)
    actions.read_notice(actor, notice=found)
    return redirect(found.url)


@require_POST
def read(request: HttpRequest, notice: int) -> HttpResponse:
    """Have read a notice without going anywhere."""
    actor = actor_of(request)
    actions.read_notice(actor, notice=require_addressed(actor, notice))
    return redirect(way_back(request, "inbox"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Have read all that was there when the page was shown."""
    actor, text = actor_of(request), request.POST.get("position", "")
    signed_in(actor)
    if not is_id(text):
        raise Invalid(_("A journal position is a whole number."))
    actions.read_all_notices(actor, position=int(text))
    return redirect("inbox")
