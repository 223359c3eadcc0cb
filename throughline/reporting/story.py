"""What became of a report: round by round who prepared, signed, checked and returned it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from throughline.bodies.queries import names_of
from throughline.kernel import clock
from throughline.reporting.models import CellRemark, Report
from throughline.reporting.rules.life import ReportStep
from throughline.ui.shapes import Event


def story_of(report: Report, *, seen: bool) -> list[Event]:
    """What became of a report so far, the last first. What happened before it was signed is
    told to those who see that."""
    checks = list(report.checks.select_related("place", "body"))
    remarks = list(report.remarks.select_related("place"))
    times = list(report.extensions.all())
    people = {report.prepared_by, report.reviewed_by, report.signed_by, report.decided_by}
    people |= {each.person for each in checks} | {each.person for each in remarks}
    people |= {each.asked_by for each in times} | {each.decided_by for each in times}
    names = names_of(people - {""})

    def by(person: str, sentence: str, **more: str) -> str:
        return sentence % {"who": names.get(person) or _("the installation"), **more}

    events = [Event(report.cycle.opens_at, _("The cycle opened"), by_clock=True)]
    if report.prepared_at and seen:
        events.append(Event(report.prepared_at, by(report.prepared_by, _("Prepared by %(who)s"))))
    if report.reviewed_at and seen:
        events.append(Event(report.reviewed_at, by(report.reviewed_by, _("Reviewed by %(who)s"))))
    if report.first_signed_at and report.first_signed_at != report.signed_at:
        events.append(Event(report.first_signed_at, _("Signed for the first time")))
    if report.signed_at:
        late = _("after the close: it is marked late") if report.late and report.round == 1 else ""
        events.append(Event(report.signed_at, by(report.signed_by, _("Signed by %(who)s")), late))
    for each in checks:
        whose = each.place.name if each.place else report.cycle.owner.name
        said = by(each.person, _("Checked for %(whose)s by %(who)s"), whose=whose)
        events.append(Event(each.at, said, each.note))
    events += _returns(report, remarks, by, seen=seen)
    for asked in times if seen else []:
        events.append(
            Event(
                asked.asked_at,
                by(asked.asked_by, _("More time asked for by %(who)s")),
                asked.reason,
            )
        )
        if asked.decided_at:
            said = (
                _("More time granted by %(who)s")
                if asked.granted
                else _("More time refused by %(who)s")
            )
            events.append(Event(asked.decided_at, by(asked.decided_by, said), asked.answer))
    now = clock.now()
    if report.times.due <= now:
        events.append(Event(report.times.due, _("The time to report ended"), by_clock=True))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _returns(
    report: Report, remarks: Sequence[CellRemark], by: Callable[..., str], *, seen: bool
) -> list[Event]:
    """When it came back: from above with reasons, and inside the body."""
    events = []
    last = report.decided_at if report.step == ReportStep.RETURNED else None
    for at, group in groupby(remarks, lambda each: each.at):
        if at != last:
            rows = list(group)
            said = by(rows[0].person, _("Returned by %(who)s"))
            events.append(Event(at, said, " ".join(each.reason for each in rows)))
    if last is not None and (seen or not sent_back_inside(report)):
        said = _("Sent back by %(who)s") if sent_back_inside(report) else _("Returned by %(who)s")
        at_cells = " ".join(each.reason for each in remarks if each.at == last)
        events.append(
            Event(last, by(report.decided_by, said), f"{report.returned} {at_cells}".strip())
        )
    return events


def sent_back_inside(report: Report) -> bool:
    """Whether a returned report was sent back before it was signed: it was prepared again since
    it was signed last."""
    if report.step != ReportStep.RETURNED or report.prepared_at is None:
        return False
    return report.signed_at is None or report.prepared_at > report.signed_at
