"""Who is reminded of a report that is not signed, and when the clock does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from throughline.bodies.models import Body
from throughline.bodies.rules import GOVERNING
from throughline.cascade.queries import leads_a_plan_at
from throughline.kernel import clock
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.places.queries import Tree, tree_at
from throughline.reporting.models import Cycle, Report
from throughline.reporting.queries import reporting_bodies
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep


@dataclass(frozen=True)
class Due:
    """A reminder whose time has come: of a report (its id) in a cycle (its id), `before` so many
    hours of what is its close (`close`)."""

    report: int
    cycle: int
    close: datetime
    before: int


# Of the times that have come only the last one counts: after a stop of the machine nobody is
# reminded three times at once. What lay before the cycle was told, before more time was granted or
# before the report came back does not count: who has a day in all is not told of the last week.
_DUE = """
WITH waiting AS (
    SELECT r.id, r.cycle_id, greatest(c.closes_at, r.until) AS close, c.remind,
           r.first_signed_at IS NOT NULL AS signed_before,
           greatest(
               c.told_at,
               CASE WHEN r.step = 'returned' THEN r.decided_at END,
               CASE WHEN r.until IS NOT NULL THEN (
                   SELECT max(e.decided_at) FROM reporting_extension e
                    WHERE e.report_id = r.id AND e.granted) END
           ) AS since
      FROM reporting_report r JOIN reporting_cycle c ON c.id = r.cycle_id
     WHERE c.locked_at IS NULL AND c.told_at IS NOT NULL AND c.remind <> '{}'
       AND r.step = ANY(%(steps)s) AND (%(cycle)s::bigint IS NULL OR c.id = %(cycle)s)
), come AS (
    SELECT w.*, (SELECT min(hours) FROM unnest(w.remind) AS hours
                  WHERE w.close - hours * interval '1 hour' <= %(now)s) AS before
      FROM waiting w
)
SELECT c.id, c.cycle_id, c.close, c.before FROM come c
 WHERE c.before IS NOT NULL AND c.close - c.before * interval '1 hour' > c.since
   AND (c.before > 0 OR NOT c.signed_before)
   AND NOT EXISTS (SELECT FROM reporting_reminder m WHERE m.report_id = c.id
                      AND m.due = c.close AND m.before = c.before)
 ORDER BY c.cycle_id, c.id
"""


def reminders_due(cycle: int | None = None) -> list[Due]:
    """The reminders whose time has come and that have not been sent, of one cycle (its id) or
    of all, by the server's clock. A report that was signed once is not late by coming back."""
    asked = {"steps": [each.value for each in BEFORE_SIGNING], "cycle": cycle, "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, asked)
        return [Due(*row) for row in cursor.fetchall()]


def cycles_to_announce() -> list[Cycle]:
    """The cycles whose hour to open has come and of which nobody has been told."""
    return list(Cycle.objects.filter(told_at__isnull=True, opens_at__lte=clock.now()))


def answering_for(cycle: Cycle, reports: Iterable[Report]) -> dict[Body, list[Report]]:
    """By body, the reports for which it is to be reminded: the one that prepared a report; else
    those of its place that report; and for a place without any the nearest above that may fill
    in for it."""
    found: dict[Body, list[Report]] = {}
    open_ones: dict[int, Report] = {}
    for each in reports:
        if each.body is not None and each.step != ReportStep.OPEN:
            found.setdefault(each.body, []).append(each)
        else:
            open_ones[each.place_id] = each
    for place, bodies in _fillers(cycle, open_ones).items():
        for body in bodies:
            found.setdefault(body, []).append(open_ones[place])
    return found


def _fillers(cycle: Cycle, reports: Mapping[int, Report]) -> dict[int, list[Body]]:
    """By place, the bodies that report there, or above it where it has none."""
    found = _at(reports)
    missing = [place for place in reports if place not in found]
    if not missing:
        return found
    scheme = Place.objects.select_related("scheme").get(pk=missing[0]).scheme
    above = _ancestors(tree_at(scheme, Period.parse(cycle.period).end), missing)
    there = {
        place: [body for body in bodies if _answers(body, place)]
        for place, bodies in _at({each for line in above.values() for each in line}).items()
    }
    for place, line in above.items():
        nearest = next((there[each] for each in line if there.get(each)), None)
        if nearest:
            found[place] = nearest
    return found


def _at(places: Iterable[int]) -> dict[int, list[Body]]:
    found: dict[int, list[Body]] = {}
    for body in reporting_bodies(list(places)):
        found.setdefault(body.place_id or 0, []).append(body)
    return found


def _answers(body: Body, place: int) -> bool:
    return body.kind in GOVERNING or leads_a_plan_at(body.pk, place)


def _ancestors(tree: Tree, places: Sequence[int]) -> dict[int, list[int]]:
    """By place, those in which it lies, the nearest first."""
    position = {place: at for at, place in enumerate(tree.ids)}
    lines: dict[int, list[int]] = {}
    for place in places:
        here = position.get(place, -1)
        line = []
        while here >= 0 and (here := tree.parents[here]) >= 0:
            line.append(tree.ids[here])
        lines[place] = line
    return lines
