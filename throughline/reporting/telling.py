"""What bodies are told of cycles and reports: the sentences of reporting's notices.

That a report waits to be checked stands in My work: a notice each, for thousands of units, would
hide all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.notices.kinds import Facts, NoticeKind, Sentence, in_both, naming, spoken
from throughline.notices.sending import Telling
from throughline.places.models import Place
from throughline.reporting.models import Contest, Cycle, Report
from throughline.ui.writing import period as written_period

OPENED = "cycle-opened"
CHECKED = "report-checked"
ACCEPTED = "report-accepted"
RETURNED = "report-returned"
SENT_BACK = "report-sent-back"
TIME_ASKED = "extension-asked"
TIME_DECIDED = "extension-decided"
UNLOCK_ASKED = "cycle-unlock-asked"
CONTESTED = "value-contested"
ASKED_ABOUT = "value-asked-about"
CONTEST_ANSWERED = "contest-answered"
CONTEST_WITHDRAWN = "contest-withdrawn"
REMINDED = "report-reminded"
URGED = "report-urged"


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


def tell_time_decided(
    report: Report, to: Body, *, granted: bool, words: str, due: datetime
) -> Telling:
    """That more time was granted or refused for a report."""
    told = tell_report(TIME_DECIDED, report, to, words=words, due=due)
    return replace(told, facts={**told.facts, "granted": granted})


def tell_contest(
    kind: str, contest: Contest, to: Body, *, by: Body, words: str = "", reading_only: bool = False
) -> Telling:
    """A notice on a contest, to a body; `by` is who acted."""
    facts: dict[str, Any] = in_both("indicator", contest.series.indicator, "title")
    facts |= in_both("place", contest.place, "name") | in_both("by", by, "short", "name")
    return Telling(
        to=to,
        kind=kind,
        subject=f"contest:{contest.pk}",
        url=reverse("contest", args=[contest.pk]),
        facts=facts | {"period": contest.period} | ({"words": words} if words else {}),
        reading_only=reading_only,
    )


def _of_contest(word: str | Promise, title: Callable[[], str]) -> NoticeKind:
    """A kind whose sentence names the figure and who acted. The period is written as the
    reader's language writes it."""

    def said(facts: Facts) -> Sentence:
        named = {name: spoken(facts, name) for name in ("indicator", "place", "by")}
        named["period"] = written_period(str(facts["period"]), get_language() or "en")
        return Sentence(title() % named, str(facts.get("words", "")))

    example = {
        "indicator_en": "Jobs", "indicator_zh": "就业", "place_en": "Anding", "place_zh": "安定区",
        "by_en": "Commission", "by_zh": "委", "period": "2024", "words": "…",
    }  # fmt: skip
    return NoticeKind(word, said, example)


def tell_reminded(
    cycle: Cycle, reports: Sequence[Report], to: Body, *, before: int, due: datetime
) -> Telling:
    """A reminder by the clock, to a body that answers for some units whose reports are missing:
    one notice for all of them."""
    return _tell_missing(REMINDED, cycle, reports, to, due, {"before": before})


def tell_urged(
    cycle: Cycle, reports: Sequence[Report], to: Body, *, by: Body, words: str
) -> Telling:
    """That a body presses another one for the reports of some units: one notice for all."""
    facts = in_both("by", by, "short", "name") | ({"words": words} if words else {})
    due = min(each.times.due for each in reports)
    return _tell_missing(URGED, cycle, reports, to, due, facts)


def _tell_missing(
    kind: str, cycle: Cycle, reports: Sequence[Report], to: Body, due: datetime, facts: Facts
) -> Telling:
    """One of several is led to its sheet, all of them to the cycle's page."""
    about = in_both("cycle", cycle, "title") | in_both("place", reports[0].place, "name")
    url = reverse("cycle", args=[cycle.key])
    if len(reports) == 1:
        url = reverse("report-sheet", args=[cycle.key, reports[0].place.code])
    return Telling(
        to=to,
        kind=kind,
        subject=f"cycle:{cycle.key}",
        url=url,
        facts={**about, **facts, "count": len(reports)},
        due=due,
    )


_EXAMPLE = {
    "cycle_en": "Yearly", "cycle_zh": "年报", "place_en": "Anding", "place_zh": "安定区",
    "by_en": "Commission", "by_zh": "委", "words": "…",
}  # fmt: skip


def _kind(word: str | Promise, title: Callable[[], str]) -> NoticeKind:
    """A kind whose sentence names the cycle, the place and who acted."""
    return naming(word, title, ("cycle", "place", "by"), _EXAMPLE)


def span_of(hours: int) -> str:
    """So many hours as people say it: whole days as days."""
    if hours % 24 == 0:
        return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def _reminded(facts: Facts) -> Sentence:
    """What a reminder says: how long before the close it was sent, or that it has passed."""
    count, before = int(facts["count"]), int(facts["before"])
    named: dict[str, object] = {name: spoken(facts, name) for name in ("cycle", "place")}
    named |= {"count": count, "span": span_of(before)}
    if before == 0:
        said = (
            _("“%(cycle)s” has closed, and the report of %(place)s is not signed: it is late now.")
            if count == 1
            else _(
                "“%(cycle)s” has closed, and the reports of %(count)s units are not signed: they "
                "are late now."
            )
        )
        return Sentence(said % named)
    said = (
        _("“%(cycle)s”: %(span)s before its close the report of %(place)s is not signed.")
        if count == 1
        else _(
            "“%(cycle)s”: %(span)s before its close the reports of %(count)s units are not signed."
        )
    )
    return Sentence(said % named)


def _urged(facts: Facts) -> Sentence:
    """What one is told who is urged."""
    count = int(facts["count"])
    named: dict[str, object] = {name: spoken(facts, name) for name in ("cycle", "place", "by")}
    said = (
        _("%(by)s urges %(place)s on with its report in “%(cycle)s”.")
        if count == 1
        else _("%(by)s urges on with the reports of %(count)s units in “%(cycle)s”.")
    )
    return Sentence(said % (named | {"count": count}), str(facts.get("words", "")))


def _time_decided(facts: Facts) -> Sentence:
    """Whether more time was granted. Notices of old do not say it."""
    named = {name: spoken(facts, name) for name in ("cycle", "place", "by")}
    granted = facts.get("granted")
    if granted is None:
        said = _("%(by)s has decided on more time for %(place)s in “%(cycle)s”.")
    elif granted:
        said = _("%(by)s has granted %(place)s more time in “%(cycle)s”.")
    else:
        said = _("%(by)s has refused %(place)s more time in “%(cycle)s”.")
    return Sentence(said % named, str(facts.get("words", "")))


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
    TIME_DECIDED: NoticeKind(
        gettext_lazy("More time decided on"), _time_decided, _EXAMPLE | {"granted": True}
    ),
    REMINDED: NoticeKind(
        gettext_lazy("Report missing"), _reminded, _EXAMPLE | {"count": 2, "before": 48}
    ),
    URGED: NoticeKind(gettext_lazy("Urged to report"), _urged, _EXAMPLE | {"count": 1}),
    UNLOCK_ASKED: _kind(
        gettext_lazy("Reopening asked for"),
        lambda: _("A second person has to agree that “%(cycle)s” is opened again."),
    ),
    CONTESTED: _of_contest(
        gettext_lazy("Figure contested"),
        lambda: _("%(by)s contests “%(indicator)s” of %(place)s, %(period)s."),
    ),
    ASKED_ABOUT: _of_contest(
        gettext_lazy("Enquiry about a figure"),
        lambda: _("%(by)s enquires about “%(indicator)s” of %(place)s, %(period)s."),
    ),
    CONTEST_ANSWERED: _of_contest(
        gettext_lazy("Contest of a figure answered"),
        lambda: _("%(by)s has answered on “%(indicator)s” of %(place)s, %(period)s."),
    ),
    CONTEST_WITHDRAWN: _of_contest(
        gettext_lazy("Contest of a figure withdrawn"),
        lambda: _("%(by)s no longer questions “%(indicator)s” of %(place)s, %(period)s."),
    ),
}  # fmt: skip
