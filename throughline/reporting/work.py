"""What of reporting waits for a person: sheets, reviews, signatures, checks, requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from throughline.bodies.queries import acting_for, standing_of
from throughline.bodies.rules import Duty, Standing
from throughline.cascade.permissions import OFFICE
from throughline.cascade.queries import bodies_served, leads_a_plan_at
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.memory import remembered
from throughline.kernel.words import localized
from throughline.kernel.work import Group, Item
from throughline.places.models import Place
from throughline.reporting.permissions import (
    CHECKING,
    CONTESTING,
    REVIEWING,
    RUNNING,
    SIGNING,
)

SOON = timedelta(days=14)

_WAITING = """
WITH open_cycle AS (
    SELECT id, key, title_en, title_zh, owner_id, closes_at, opens_at,
           coalesce(counts_from, opens_at) AS since
      FROM reporting_cycle
     WHERE locked_at IS NULL AND opens_at <= %(now)s
)
SELECT 'fill', c.key, c.title_en, c.title_zh, count(*), min(r.place_id),
       min(greatest(c.closes_at, r.until)), max(c.opens_at)
  FROM reporting_report r JOIN open_cycle c ON c.id = r.cycle_id
 WHERE %(fills)s AND r.place_id = %(place)s AND r.step = 'open' GROUP BY 2, 3, 4
UNION ALL
SELECT 'correct', c.key, c.title_en, c.title_zh, count(*), min(r.place_id),
       min(greatest(c.closes_at, r.until)), max(r.decided_at)
  FROM reporting_report r JOIN open_cycle c ON c.id = r.cycle_id
 WHERE %(fills)s AND r.step = 'returned'
   AND (r.place_id = %(place)s OR r.body_id = ANY(%(mine)s)) GROUP BY 2, 3, 4
UNION ALL
SELECT 'review', c.key, c.title_en, c.title_zh, count(*), min(r.place_id),
       min(greatest(c.closes_at, r.until)), max(r.prepared_at)
  FROM reporting_report r JOIN open_cycle c ON c.id = r.cycle_id
 WHERE %(reviews)s AND r.body_id = ANY(%(mine)s) AND r.step = 'prepared'
   AND r.prepared_by <> %(person)s GROUP BY 2, 3, 4
UNION ALL
SELECT 'sign', c.key, c.title_en, c.title_zh, count(*), min(r.place_id),
       min(greatest(c.closes_at, r.until)), max(r.reviewed_at)
  FROM reporting_report r JOIN open_cycle c ON c.id = r.cycle_id
 WHERE %(signs)s AND r.body_id = ANY(%(mine)s) AND r.step = 'reviewed' GROUP BY 2, 3, 4
UNION ALL
SELECT 'check', c.key, c.title_en, c.title_zh, count(*), min(r.place_id), NULL, max(r.signed_at)
  FROM reporting_report r JOIN open_cycle c ON c.id = r.cycle_id
 WHERE %(checks)s AND r.step = 'signed'
   AND (r.turn_id = %(line)s OR r.turn_id IS NULL AND c.owner_id = ANY(%(mine)s))
   AND %(person)s NOT IN (r.prepared_by, r.reviewed_by, r.signed_by) GROUP BY 2, 3, 4
UNION ALL
SELECT 'time', c.key, c.title_en, c.title_zh, count(*), min(r.place_id), NULL, max(e.asked_at)
  FROM reporting_extension e JOIN reporting_report r ON r.id = e.report_id
  JOIN reporting_cycle c ON c.id = r.cycle_id
 WHERE %(runs)s AND e.granted IS NULL AND c.owner_id = ANY(%(mine)s) GROUP BY 2, 3, 4
UNION ALL
SELECT 'task', c.key, c.title_en, c.title_zh, count(DISTINCT a.id), NULL, max(c.closes_at),
       max(c.opens_at)
  FROM open_cycle c JOIN reporting_cycle_forms chosen ON chosen.cycle_id = c.id
  JOIN reporting_form f ON f.id = chosen.form_id AND f.tasks
  JOIN cascade_assignment a ON a.body_id = ANY(%(served)s) AND a.taken_on_at < c.closes_at
       AND a.ended_at IS NULL AND a.closed_at IS NULL
  JOIN bodies_body b ON b.id = a.body_id
  JOIN places_place p ON p.id = b.place_id AND p.tier_id = f.tier_id
 WHERE %(offices)s
   AND (EXISTS (SELECT FROM plans_thread t WHERE t.id = a.thread_id AND t.plan_id = f.plan_id)
        OR EXISTS (SELECT FROM cascade_root root JOIN plans_thread top ON top.id = root.root_id
                    WHERE root.thread_id = a.thread_id AND top.plan_id = f.plan_id))
   AND NOT EXISTS (
           SELECT FROM cascade_progressreport said WHERE said.assignment_id = a.id
              AND (said.step IN ('draft', 'reviewed', 'returned') OR said.signed_at >= c.since
                   AND said.step IN ('signed', 'accepted')))
 GROUP BY 2, 3, 4
UNION ALL
SELECT 'unlock', c.key, c.title_en, c.title_zh, 1, NULL, NULL, c.locked_at FROM reporting_cycle c
 WHERE %(runs)s AND c.locked_at IS NOT NULL AND c.owner_id = ANY(%(mine)s)
   AND c.unlock_asked_by NOT IN ('', %(person)s)
"""

_CONTESTED = """
UNION ALL
SELECT 'answer', s.key || '/' || min(k.id), i.title_en, i.title_zh, count(*), min(k.place_id),
       NULL, min(k.at)
  FROM reporting_contest k JOIN figures_series s ON s.id = k.series_id
  JOIN plans_indicator i ON i.id = s.indicator_id
 WHERE %(fills)s AND k.state = 'open' AND s.producer_id = ANY(%(mine)s)
   AND k.person <> %(person)s GROUP BY s.key, 3, 4
UNION ALL
SELECT CASE k.state WHEN 'open' THEN 'awaited' ELSE 'answered' END, s.key || '/' || k.id,
       i.title_en, i.title_zh, 1, k.place_id, NULL, coalesce(k.closed_at, k.at)
  FROM reporting_contest k JOIN figures_series s ON s.id = k.series_id
  JOIN plans_indicator i ON i.id = s.indicator_id
 WHERE %(contests)s AND k.body_id = ANY(%(mine)s)
   AND (k.state = 'open' OR k.state = 'answered' AND k.closed_at > %(lately)s)
"""
"""Contested figures: what a producer has to answer, by series; what one waits for, and what was
answered lately. The key is that of the series with the number of the (first) contest."""

LATELY = timedelta(days=14)
"""How long an answer stands in My work of the body that asked."""

NO_TURN = ("awaited", "answered")
"""What is shown and asks nothing of the reader."""


@dataclass(frozen=True)
class _Waits:
    """So many reports of a cycle that ask for the same, or contested figures of a series; `place`
    is one of them."""

    kind: str
    cycle: str
    title_en: str
    title_zh: str
    count: int
    place: int | None
    due: datetime | None
    at: datetime


def _waiting(actor: Actor) -> list[_Waits]:
    """What waits, in one statement, once a request: every page counts it."""
    return remembered(("reporting waits", actor.capacity), lambda: _asked(actor))


def _asked(actor: Actor) -> list[_Waits]:
    standing = standing_of(actor)
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return []
    given = _given(actor, standing, standing.body)
    able = ("fills", "reviews", "signs", "checks", "runs", "contests", "offices")
    if not any(given[name] for name in able):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WAITING + _CONTESTED, given)
        return [_Waits(*row) for row in cursor.fetchall()]


def _given(actor: Actor, standing: Standing, body: int) -> dict[str, Any]:
    duties, place = standing.duties, standing.place
    governs = place is not None and (standing.governs or leads_a_plan_at(body, place))
    return {
        "now": clock.now(),
        "person": actor.person,
        "mine": list(acting_for(body)),
        "place": place or 0,
        "line": place if place and governs else 0,
        "fills": Duty.REPORT in duties,
        "reviews": bool(duties & REVIEWING),
        "signs": bool(duties & SIGNING),
        "checks": bool(duties & CHECKING),
        "runs": bool(duties & RUNNING),
        "contests": bool(duties & CONTESTING),
        "lately": clock.now() - LATELY,
        "offices": bool(duties & OFFICE),
        "served": list(bodies_served(actor)) if duties & OFFICE else [],
    }


def count_for(actor: Actor) -> int:
    """How many things of reporting wait for an actor."""
    return sum(each.count for each in _waiting(actor) if each.kind not in NO_TURN)


def work_for(actor: Actor) -> list[Item]:
    """What of reporting waits for an actor: a line for each cycle and what is to be done."""
    found = _waiting(actor)
    places = Place.objects.in_bulk([each.place for each in found if each.place is not None])
    return list(_items(found, places))


_STATES = {"review": "prepared", "sign": "reviewed", "check": "signed", "correct": "returned"}


def _items(found: list[_Waits], places: dict[int, Place]) -> Iterator[Item]:
    verbs = {
        "fill": (_("Give the figures"), _("Fill in")),
        "correct": (_("Correct the figures"), _("Correct")),
        "review": (_("Review the report"), _("Review")),
        "sign": (_("Sign the report"), _("Sign")),
        "check": (_("Check the report"), pgettext("report", "Check")),
        "time": (_("Decide on more time"), _("Decide")),
        "task": (_("Report on tasks"), _("Report")),
        "unlock": (_("Agree to open a cycle again"), _("See")),
        "answer": (_("Answer on a figure that is contested or asked about"), _("Answer")),
        "awaited": (_("A contested figure waits for its producer"), _("See")),
        "answered": (_("The producer has answered on a figure"), _("See")),
    }
    now = clock.now()
    for each in found:
        place = places[each.place] if each.place is not None else None
        verb, action = verbs[each.kind]
        yield Item(
            group=_group(each, now),
            verb=verb,
            title=localized(each, "title"),
            detail=_detail(each, place),
            url=_url(each, place),
            action=action,
            at=each.at,
            dated=_dated(each),
            due=each.due,
            count=each.count,
        )


def _dated(each: _Waits) -> str:
    if each.kind == "answered":
        return _("answered %(ago)s")
    return _("due %(day)s") if each.due else _("since %(day)s")


def _detail(each: _Waits, place: Place | None) -> str:
    if each.kind == "task":
        return ngettext("%(count)s task", "%(count)s tasks", each.count) % {"count": each.count}
    if place is None:
        return ""
    if each.count == 1:
        return place.name
    return ngettext("%(count)s unit", "%(count)s units", each.count) % {"count": each.count}


def _url(each: _Waits, place: Place | None) -> str:
    if each.kind in {"answer", *NO_TURN}:
        number = each.cycle.rpartition("/")[2]
        return reverse("contest", args=[number]) if each.count == 1 else reverse("contests")
    if each.kind == "task":
        return reverse("cycle-tasks", args=[each.cycle]) + "?whose=ours&state=none"
    if each.count == 1 and place is not None and each.kind != "time":
        return reverse("report-sheet", args=[each.cycle, place.code])
    state = _STATES.get(each.kind)
    return reverse("cycle", args=[each.cycle]) + (f"?state={state}" if state else "")


def _group(each: _Waits, now: datetime) -> Group:
    if each.kind in NO_TURN:
        return Group.WAITING if each.kind == "awaited" else Group.STARTED
    if each.kind == "correct":
        return Group.RETURNED
    if each.due is None:
        return Group.TO_DO
    if each.due <= now:
        return Group.OVERDUE
    return Group.DUE_SOON if each.due - now <= SOON else Group.TO_DO
