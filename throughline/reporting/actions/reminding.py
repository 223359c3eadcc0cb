"""催报: units whose report is missing are reminded, by the clock and by hand; and the opening of a
cycle is told at its hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.permissions import require_installation
from throughline.bodies.queries import body_of
from throughline.cascade.actions.urging import AGAIN
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all
from throughline.places.models import Place
from throughline.reporting import telling
from throughline.reporting.models import LONGEST, Cycle, Reminder, Report
from throughline.reporting.permissions import require_urging
from throughline.reporting.queries import reporting_bodies
from throughline.reporting.reminding import answering_for, reminders_due
from throughline.reporting.rules.life import BEFORE_SIGNING, Stage


def held(cycle: Cycle) -> Cycle:
    """A cycle, read again under a lock that keeps others from reminding in it, and nobody from
    reporting."""
    rows = Cycle.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("owner").get(pk=cycle.pk)


@action("cycle.announce")
def announce_cycle(act: Act, *, cycle: Cycle) -> int:
    """Tell the units of a cycle at its hour that it is open. Returns how many bodies."""
    require_installation(act.actor)
    row = held(cycle)
    if row.told_at is not None or row.opens_at > clock.now():
        raise Conflict(_("There is nothing to tell of this cycle now."))
    return tell_opening(act, row)


def tell_opening(act: Act, cycle: Cycle) -> int:
    """Tell the bodies of a cycle's units that it is open, within an act on the cycle."""
    units = list(cycle.reports.values_list("place", flat=True))
    bodies: list[Body] = list(reporting_bodies(units))
    places = Place.objects.in_bulk([each.place_id for each in bodies])
    told = [
        telling.tell(telling.OPENED, cycle, places[body.place_id], body, due=cycle.closes_at)
        for body in bodies
        if body.place_id is not None
    ]
    cycle.told_at = clock.now()
    cycle.save(update_fields=["told_at"])
    act.about(cycle)
    act.record(told=len(told))
    return len(notify_all(act, told))


@action("report.remind")
def remind_reports(act: Act, *, cycle: Cycle) -> int:
    """Remind the units of a cycle whose time for it has come: one notice to each body, for all
    the units for which it answers. Returns how many bodies. What was sent is not sent again."""
    require_installation(act.actor)
    row = held(cycle)
    due = reminders_due(row.pk)
    if not due:
        raise Conflict(_("Nobody is to be reminded now."))
    reports = _read(row, [each.report for each in due])
    now = clock.now()
    Reminder.objects.bulk_create(
        Reminder(
            report_id=each.report, before=each.before, due=each.close, at=now,
            person=act.actor.person, act=act.number,
        )
        for each in due
    )  # fmt: skip
    told = []
    for hours in sorted({each.before for each in due}):
        close = {each.report: each.close for each in due if each.before == hours}
        chosen = [each for each in reports if each.pk in close]
        for body, rows in answering_for(row, chosen).items():
            until = min(close[each.pk] for each in rows)
            told.append(telling.tell_reminded(row, rows, body, before=hours, due=until))
    act.about(row)
    act.record(
        reminded={str(hours): count for hours, count in Counter(d.before for d in due).items()},
        reports=[each.report for each in due], told=len(told),
    )  # fmt: skip
    return len(notify_all(act, told))


@action("report.urge")
def urge_reports(act: Act, *, cycle: Cycle, reports: Sequence[Report], words: str = "") -> int:
    """催报: press units whose report is missing, with a sentence; on record, and told to each.
    Returns how many units. One that somebody urged a moment ago is not told twice."""
    row = held(cycle)
    standing = require_urging(act.actor, row, reports)
    _require_sound(row, reports, words)
    missing = _read(row, [each.pk for each in reports])
    if not missing:
        raise Conflict(_("Nothing is missing any more of what was chosen."))
    now = clock.now()
    just_now = _urged_since(missing, now - AGAIN)
    chosen = [each for each in missing if each.pk not in just_now]
    if not chosen:
        raise Conflict(_("They were urged a moment ago."), remedy=_("Give them time to answer."))
    body = body_of(standing) or row.owner
    Reminder.objects.bulk_create(
        Reminder(
            report=each, due=each.times.due, at=now, words=words.strip(),
            person=act.actor.person, body=body, act=act.number,
        )
        for each in chosen
    )  # fmt: skip
    notify_all(
        act,
        [
            telling.tell_urged(row, rows, each, by=body, words=words.strip())
            for each, rows in answering_for(row, chosen).items()
        ],
    )
    act.about(row)
    act.record(reports=[each.pk for each in chosen], words=words.strip())
    return len(chosen)


def _require_sound(row: Cycle, reports: Sequence[Report], words: str) -> None:
    if not reports:
        raise Invalid(_("Nothing was chosen."))
    if len(words) > LONGEST:
        message = _("At most %(most)s characters are taken.") % {"most": LONGEST}
        raise Invalid(_("Nobody was urged."), problems=[Problem("words", message, field="words")])
    stage = row.times.stage(clock.now())
    if stage is Stage.PLANNED:
        raise Conflict(_("The cycle is not open yet."))
    if stage is Stage.LOCKED:
        raise Conflict(_("The cycle is locked: nothing is reported in it any more."))


def _read(row: Cycle, reports: Sequence[int]) -> list[Report]:
    """Those of some reports (their ids) of a cycle that are not signed, with their places."""
    found = Report.objects.filter(cycle=row, pk__in=reports, step__in=list(BEFORE_SIGNING))
    rows = list(found.select_related("place", "body").order_by("place__sort_key", "pk"))
    for each in rows:
        each.cycle = row
    return rows


def _urged_since(reports: Sequence[Report], since: datetime) -> set[int]:
    by_hand = Reminder.objects.filter(report__in=reports, before__isnull=True, at__gte=since)
    return set(by_hand.values_list("report", flat=True))
