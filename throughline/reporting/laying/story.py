"""What became of a report: round by round who signed, checked and returned it, and with what
reasons. A round begins with what is prepared and ends where it comes back from above.

A report keeps its last hands only; those of earlier rounds stand in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _

from throughline.bodies.queries import names_of
from throughline.kernel import clock
from throughline.kernel.queries import Entry, entries_about
from throughline.reporting.models import CellRemark, Check, Extension, Reminder, Report
from throughline.reporting.rules.life import ReportStep
from throughline.ui.shapes import Event

_By = Callable[..., str]
"""Puts a person's name, and what else a sentence wants, into it."""


@dataclass(frozen=True)
class Returned:
    """That a report came back: from above, or `inside` its body; the reason for the whole and,
    by the key of their series, those at cells."""

    at: datetime
    person: str
    by: str
    inside: bool
    reason: str
    cells: dict[str, str]

    @property
    def why(self) -> str:
        """All reasons in one text."""
        return " ".join(each for each in (self.reason, *self.cells.values()) if each)


@dataclass(frozen=True)
class Round:
    """One round of a report, from 1. `signed` is None while it is not signed."""

    number: int
    signed: Entry | None = None
    checks: list[Check] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)

    @property
    def accepted_at(self) -> datetime | None:
        """When the last one that checks accepted it."""
        return next((each.at for each in self.checks if each.accepted), None)


PREPARING = ("report.prepare", "report.submit")
REVIEWING = ("report.review",)
SIGNING = ("report.sign", "report.submit")


@dataclass(frozen=True)
class Story:
    """All that is on record of a report; what is not signed is left out for those who do not
    see it."""

    report: Report
    rounds: list[Round]
    prepared: list[Entry]
    reviewed: list[Entry]


def story_of(report: Report, *, seen: bool) -> Story:
    """What became of a report, for one who sees what is not signed (`seen`) or does not."""
    remarks = list(report.remarks.select_related("series", "place", "body"))
    checks = list(report.checks.select_related("place", "body"))
    # One that never came back has no earlier hands.
    subject = f"{report._meta.label_lower}:{report.pk}"
    earlier = entries_about(subject, {*PREPARING, *REVIEWING, *SIGNING}) if remarks else []
    signed = _hands(earlier, SIGNING, report.signed_at, report.signed_by)
    returned = list(_returned(remarks, seen=seen))
    count = max([len(signed), *(number for number, _each in returned)], default=0)
    rounds = [
        Round(
            number,
            signed[number - 1] if number <= len(signed) else None,
            [each for each in checks if each.round == number],
            [each for of, each in returned if of == number],
        )
        for number in range(1, count + 1)
    ]
    return Story(
        report,
        rounds,
        _hands(earlier, PREPARING, report.prepared_at, report.prepared_by) if seen else [],
        _hands(earlier, REVIEWING, report.reviewed_at, report.reviewed_by) if seen else [],
    )


def _hands(
    entries: Sequence[Entry], verbs: Sequence[str], at: datetime | None, person: str
) -> list[Entry]:
    """Whose hand did one thing, round by round: the earlier ones by the journal, whose entry is
    written at the end of its act, and the last one by the report."""
    found = [each for each in entries if each.verb in verbs and (at is None or each.at < at)]
    return found if at is None else [*found, Entry(verbs[0], at, person)]


def _returned(remarks: Sequence[CellRemark], *, seen: bool) -> Iterator[tuple[int, Returned]]:
    """When it came back, each with the number of its round. What was sent back inside the body
    is of the round that was to be signed next."""
    for (at, inside), group in groupby(remarks, lambda each: (each.at, each.inside)):
        rows = list(group)
        if inside and not seen:
            continue
        first = rows[0]
        by = first.body or first.place
        yield (
            first.round + 1 if inside else first.round,
            Returned(
                at,
                first.person,
                by.name if by else "",
                inside,
                " ".join(each.reason for each in rows if each.series is None),
                {each.series.key: each.reason for each in rows if each.series is not None},
            ),
        )


# -- as it is told -------------------------------------------------------------------------


def told(story: Story, *, seen: bool) -> list[Event]:
    """A report's story as a timeline, the last first."""
    report, rounds = story.report, story.rounds
    times = list(report.extensions.all()) if seen else []
    reminders = list(report.reminders.select_related("body")) if seen else []
    names = names_of(_people(story, times, reminders))

    def by(person: str, sentence: str, **more: object) -> str:
        return sentence % {"who": names.get(person) or _("the installation"), **more}

    events = [Event(report.cycle.opens_at, _("The cycle opened"), by_clock=True)]
    events += [Event(each.at, by(each.person, _("Prepared by %(who)s"))) for each in story.prepared]
    events += [Event(each.at, by(each.person, _("Reviewed by %(who)s"))) for each in story.reviewed]
    for each in rounds:
        events += _of_round(report, each, by)
    for asked in times:
        events += _of_time(asked, by)
    events += [_reminded(each, by) for each in reminders]
    if report.times.due <= clock.now():
        events.append(Event(report.times.due, _("The time to report ended"), by_clock=True))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _people(story: Story, times: Sequence[Extension], reminders: Sequence[Reminder]) -> set[str]:
    people = {each.person for each in (*story.prepared, *story.reviewed)}
    for each in story.rounds:
        people |= {each.signed.person} if each.signed else set()
        people |= {check.person for check in each.checks}
        people |= {back.person for back in each.returned}
    for asked in times:
        people |= {asked.asked_by, asked.decided_by}
    return (people | {each.person for each in reminders}) - {""}


def _of_round(report: Report, each: Round, by: _By) -> Iterator[Event]:
    """What happened in a round; from the second on its number is said."""
    if each.signed:
        late = _("after the close: it is marked late") if report.late and each.number == 1 else ""
        said = by(each.signed.person, _("Signed by %(who)s"))
        if each.number > 1:
            said = by(
                each.signed.person, _("Signed by %(who)s, for the %(n)s. time"), n=each.number
            )
        yield Event(each.signed.at, said, late)
    for check in each.checks:
        whose = check.place.name if check.place else report.cycle.owner.name
        sentence = (
            _("Accepted for %(whose)s by %(who)s")
            if check.accepted
            else _("Checked for %(whose)s by %(who)s")
        )
        yield Event(check.at, by(check.person, sentence, whose=whose), check.note)
    for back in each.returned:
        sentence = _("Sent back by %(who)s") if back.inside else _("Returned by %(who)s")
        if back.by and not back.inside:
            sentence = _("Returned for %(whose)s by %(who)s")
        yield Event(back.at, by(back.person, sentence, whose=back.by), back.why)


def _of_time(asked: Extension, by: _By) -> Iterator[Event]:
    yield Event(
        asked.asked_at, by(asked.asked_by, _("More time asked for by %(who)s")), asked.reason
    )
    if asked.decided_at:
        said = (
            _("More time granted by %(who)s")
            if asked.granted
            else _("More time refused by %(who)s")
        )
        yield Event(asked.decided_at, by(asked.decided_by, said), asked.answer)


def _reminded(each: Reminder, by: _By) -> Event:
    if each.before is not None:
        return Event(each.at, _("Reminded by the clock"), by_clock=True)
    return Event(each.at, by(each.person, _("Urged by %(who)s")), each.words)


def sent_back_inside(report: Report) -> bool:
    """Whether a returned report was sent back before it was signed: it was prepared again since
    it was signed last."""
    if report.step != ReportStep.RETURNED or report.prepared_at is None:
        return False
    return report.signed_at is None or report.prepared_at > report.signed_at
