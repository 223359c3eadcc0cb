"""What bodies are told of cycles and reports: the sentences of reporting's notices.

That a report waits to be checked stands in My work: a notice each, for thousands of units, would
hide all others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.bodies.models import Body
from throughline.notices.kinds import NoticeKind, in_both, naming
from throughline.notices.sending import Telling
from throughline.places.models import Place
from throughline.reporting.models import Cycle, Report

OPENED = "cycle-opened"
CHECKED = "report-checked"
ACCEPTED = "report-accepted"
RETURNED = "report-returned"
SENT_BACK = "report-sent-back"
TIME_ASKED = "extension-asked"
TIME_DECIDED = "extension-decided"
UNLOCK_ASKED = "cycle-unlock-asked"


def tell(
    kind: str,
    cycle: Cycle,
    place: Place,
    to: Body,
    *,
    by: Body | None = None,
    words: str = "",
    due: datetime | None = None,
    reading_only: bool = False,
    person: str = "",
) -> Telling:
    """A notice on the report of a place in a cycle, to a body; `by` is who acted."""
    facts: dict[str, Any] = in_both("cycle", cycle, "title") | in_both("place", place, "name")
    facts |= in_both("by", by or cycle.owner, "short", "name")
    return Telling(
        to=to,
        kind=kind,
        subject=f"cycle:{cycle.key}",
        url=reverse("report-sheet", args=[cycle.key, place.code]),
        facts=facts | ({"words": words} if words else {}),
        due=due,
        reading_only=reading_only,
        person=person,
    )


def tell_report(kind: str, report: Report, to: Body, **more: Any) -> Telling:
    """A notice on a report."""
    return tell(kind, report.cycle, report.place, to, **more)


_EXAMPLE = {
    "cycle_en": "Yearly", "cycle_zh": "年报", "place_en": "Anding", "place_zh": "安定区",
    "by_en": "Commission", "by_zh": "委", "words": "…",
}  # fmt: skip


def _kind(word: str | Promise, title: Callable[[], str]) -> NoticeKind:
    """A kind whose sentence names the cycle, the place and who acted."""
    return naming(word, title, ("cycle", "place", "by"), _EXAMPLE)


NOTICES = {
    OPENED: _kind(
        gettext_lazy("Figures asked for"),
        lambda: _("“%(cycle)s”: %(by)s asks %(place)s for its figures."),
    ),
    CHECKED: _kind(
        gettext_lazy("Report checked"),
        lambda: _("%(by)s has checked the report of %(place)s in “%(cycle)s” and passed it on."),
    ),
    ACCEPTED: _kind(
        gettext_lazy("Report accepted"),
        lambda: _("%(by)s has accepted the report of %(place)s in “%(cycle)s”."),
    ),
    RETURNED: _kind(
        gettext_lazy("Report returned"),
        lambda: _("%(by)s returns the report of %(place)s in “%(cycle)s”."),
    ),
    SENT_BACK: _kind(
        gettext_lazy("Sent back inside the body"),
        lambda: _("The report of %(place)s in “%(cycle)s” was sent back before it was signed."),
    ),
    TIME_ASKED: _kind(
        gettext_lazy("More time asked for"),
        lambda: _("%(place)s asks for more time in “%(cycle)s”."),
    ),
    TIME_DECIDED: _kind(
        gettext_lazy("More time decided on"),
        lambda: _("%(by)s has decided on more time for %(place)s in “%(cycle)s”."),
    ),
    UNLOCK_ASKED: _kind(
        gettext_lazy("Reopening asked for"),
        lambda: _("A second person has to agree that “%(cycle)s” is opened again."),
    ),
}  # fmt: skip
