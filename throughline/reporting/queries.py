"""Which cycles, reports and forms there are, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import (
    EVERYTHING,
    acting_for,
    places_below,
    standing_of,
    today,
)
from throughline.bodies.rules import GOVERNING, Duty
from throughline.cascade.queries import leads_a_plan_at
from throughline.figures.models import Observation
from throughline.figures.queries import observations_visible_to
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.selecting import select, send, the_one
from throughline.places.models import Place, Scheme, Tier
from throughline.places.queries import remember_revision, tree_at
from throughline.reporting.models import Contest, Cycle, Form, FormLine, Report
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep


def forms_in_use() -> QuerySet[Form]:
    """The newest edition of each form that its pack still declares."""
    newest = Form.objects.order_by("key", "-edition").distinct("key").values("pk")
    return Form.objects.filter(pk__in=newest, withdrawn=False)


def forms_visible_to(actor: Actor) -> QuerySet[Form]:
    """The forms in use, to all who work on plans: what is asked of whom is no secret."""
    standing = standing_of(actor)
    if actor.is_nobody or not (standing.audits or standing.sees_content):
        return Form.objects.none()
    return forms_in_use()


def cycles_visible_to(actor: Actor) -> QuerySet[Cycle]:
    """Cycles are calendars: open to all who work on plans where they ask something, that is, in
    places of the same scheme; and to the bodies that run them or ask for their forms, wherever
    these sit. Another country's do not exist. Audit sees all."""
    standing = standing_of(actor)
    if standing.audits:
        return Cycle.objects.all()
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Cycle.objects.none()
    mine = acting_for(standing.body)
    own = Q(asked_by__in=mine) | Q(plan__lead_body__in=mine)
    if standing.place is not None:
        own |= Q(tier__scheme__tiers__places=standing.place)
    asking = Form.objects.filter(own, cycles=OuterRef("pk"))
    return Cycle.objects.filter(Q(owner__in=mine) | Exists(asking))


def cycle_by_key(actor: Actor, key: str) -> Cycle:
    """A cycle, or NotFound."""
    found = the_one(cycles_visible_to(actor).filter(key=key).select_related("owner"))
    if found is None:
        raise NotFound(_("There is no such reporting cycle."))
    return found


def reports_visible_to(actor: Actor) -> QuerySet[Report]:
    """Reports of one's own place; of those below it for a government and for a body that leads
    a plan of its place; of all units for the body that runs the cycle and for those that ask
    for its forms."""
    return Report.objects.filter(reports_open_to(actor))


def reports_open_to(actor: Actor) -> Q:
    """The condition behind `reports_visible_to`."""
    standing = standing_of(actor)
    if standing.audits:
        return EVERYTHING
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Q(pk__in=[])
    mine = acting_for(standing.body)
    run = Cycle.objects.filter(Q(owner__in=mine) | Q(forms__asked_by__in=mine))
    seen = Q(cycle__in=run.values("pk"))
    if standing.place is not None:
        seen |= Q(place=standing.place)
        if standing.governs or leads_a_plan_at(standing.body, standing.place):
            seen |= places_below("place", actor)
    return seen


def report_of(actor: Actor, cycle: str, place: str) -> Report:
    """The report of a unit (by its code) in a cycle (by its key), or NotFound."""
    found = _read_report("c.key = %s AND p.code = %s", [cycle, place])
    if found is None or not _sees(actor, found):
        raise NotFound(_("This unit has no report in such a cycle."))
    return found


def _sees(actor: Actor, report: Report) -> bool:
    standing = standing_of(actor)
    if not actor.is_nobody and standing.sees_content and standing.place == report.place_id:
        return True
    return reports_visible_to(actor).filter(pk=report.pk).exists()


_REPORT = """
  reporting_report report
  JOIN reporting_cycle c ON c.id = report.cycle_id JOIN bodies_body o ON o.id = c.owner_id
  JOIN places_place p ON p.id = report.place_id JOIN places_tier t ON t.id = p.tier_id
  JOIN places_scheme s ON s.id = t.scheme_id
  LEFT JOIN bodies_body b ON b.id = report.body_id
  LEFT JOIN places_place turn ON turn.id = report.turn_id
  LEFT JOIN places_tier tt ON tt.id = turn.tier_id
 WHERE """


def _read_report(condition: str, given: Sequence[object]) -> Report | None:
    """A report with all that its page and its acts look at, by a written condition."""
    rows = select(
        _REPORT + condition, given, report=Report, c=Cycle, o=Body, p=Place, t=Tier, s=Scheme,
        b=Body, turn=Place, tt=Tier,
    )  # fmt: skip
    for report, cycle, owner, place, tier, scheme, body, turn, turns_tier in rows:
        remember_revision(scheme)
        cycle.owner, tier.scheme, place.tier = owner, scheme, tier
        report.cycle, report.place, report.body, report.turn = cycle, place, body, turn
        if turn is not None:
            turn.tier = turns_tier
        return report  # type: ignore[no-any-return]
    return None


_AGAIN = """
  reporting_report report
  JOIN reporting_cycle c ON c.id = report.cycle_id
  LEFT JOIN bodies_body b ON b.id = report.body_id
 WHERE report.id = %s"""


def send_for_again(report: Report) -> Callable[[], Report | None]:
    """A report read again, in two steps: what acts change of it, its cycle and its body. The
    place, the owner and whose turn it is come along where they are those of before."""
    rows = send(_AGAIN, [report.pk], report=Report, c=Cycle, b=Body)

    def found() -> Report | None:
        for again, cycle, body in rows():
            if cycle.owner_id == report.cycle.owner_id:
                cycle.owner = report.cycle.owner
            again.cycle, again.place, again.body = cycle, report.place, body
            if again.turn_id == report.turn_id:
                again.turn = report.turn
            return again  # type: ignore[no-any-return]
        return None

    return found


def units_of(form: Form, period: Period) -> list[int]:
    """The places that fill in a form for a period: those of its tier, and a unit above it that
    has nothing below it."""
    tree = tree_at(form.tier.scheme, period.end)
    parents = {parent for parent in tree.parents if parent >= 0}
    return [
        place
        for here, (place, level) in enumerate(zip(tree.ids, tree.levels, strict=True))
        if level == form.tier.level or (level < form.tier.level and here not in parents)
    ]


_WITH_DUTIES = """
SELECT body.place_id, body.id, body.kind FROM bodies_body body
 WHERE body.place_id = ANY(%s)
   AND (body.valid_from IS NULL OR body.valid_from <= %s)
   AND (body.valid_to IS NULL OR body.valid_to > %s)
   AND EXISTS (SELECT FROM bodies_post post WHERE post.body_id = body.id AND post.duties && %s)
"""


def _send_for_bodies(
    duties: Collection[Duty], places: Collection[int]
) -> Callable[[], list[tuple[int, int, str]]]:
    """Place, id and kind of the bodies that there are today at some places, with a post that
    bears one of some duties. Written out, because every signature asks it, and in two steps, as
    `kernel.selecting.send`."""
    wanted = sorted(each.value for each in duties)
    cursor = connection.cursor()
    cursor.execute(_WITH_DUTIES, [sorted(places), today(), today(), wanted])

    def found() -> list[tuple[int, int, str]]:
        with cursor:
            return list(cursor.fetchall())

    return found


def reporting_bodies(places: Collection[int]) -> QuerySet[Body]:
    """The bodies at some places that have a post which reports."""
    found = [body for _place, body, _kind in _send_for_bodies({Duty.REPORT}, places)()]
    return Body.objects.filter(pk__in=found).order_by("pk")


def send_for_turn(places: Sequence[int], duties: Collection[Duty]) -> Callable[[], int | None]:
    """The first of some places (their ids) that has a body which checks what lies below: with a
    post of such duties, and the place's government or leading a plan of it. In two steps, as
    `kernel.selecting.send`."""
    bodies = _send_for_bodies(duties, places)

    def found() -> int | None:
        there = bodies()
        governed = {place for place, _body, kind in there if kind in GOVERNING}
        others = [(place, body) for place, body, _kind in there if place not in governed]
        checked = governed | {place for place, body in others if leads_a_plan_at(body, place)}
        return next((place for place in places if place in checked), None)

    return found


OVERDUE, LATE = "overdue", "late"


def in_state(rows: QuerySet[Report], cycle: Cycle, state: str, now: datetime) -> QuerySet[Report]:
    """Those of a cycle's reports that stand at a step, were signed late, or are overdue; all of
    them where no state is asked."""
    if state in set(ReportStep):
        return rows.filter(step=state)
    if state == LATE:
        return rows.filter(late=True)
    if state == OVERDUE:
        waiting = rows.filter(step__in=list(BEFORE_SIGNING))
        return waiting.exclude(until__gt=now) if now >= cycle.closes_at else waiting.none()
    return rows


# -- contested values ----------------------------------------------------------------------


def contests_visible_to(actor: Actor) -> QuerySet[Contest]:
    """The contests of figures that the actor sees: who may not see a figure does not see that it
    is contested. The two bodies that it is between see it in any case: to have no part in an
    indicator keeps no producer from answering for its figures."""
    if actor.is_nobody:
        return Contest.objects.none()
    standing = standing_of(actor)
    figures = observations_visible_to(actor).filter(pk=OuterRef("observation"))
    seen: Q | Exists = Exists(figures)
    if standing.body is not None and standing.sees_content:
        mine = acting_for(standing.body)
        seen = Q(series__producer__in=mine) | Q(body__in=mine) | Q(seen)
    return Contest.objects.filter(seen)


_OF_A_CONTEST = (
    "observation", "series__indicator__scheme", "series__edition", "series__producer",
    "place__tier", "body", "against", "result",
)  # fmt: skip


def with_figures(rows: QuerySet[Contest]) -> QuerySet[Contest]:
    """Contests with all that is shown of them."""
    return rows.select_related(*_OF_A_CONTEST)


def contest_by_id(actor: Actor, key: int) -> Contest:
    """A contest, or NotFound."""
    rows = with_figures(contests_visible_to(actor))
    found = the_one(rows.filter(pk=key)) if 0 <= key < 2**62 else None
    if found is None:
        raise NotFound(_("There is no such contested figure."))
    return found


def observation_by_id(actor: Actor, key: int) -> Observation:
    """A figure as one act gave it, or NotFound."""
    rows = observations_visible_to(actor).select_related(
        "series__indicator__scheme", "series__producer", "series__edition", "place__tier"
    )
    found = the_one(rows.filter(pk=key)) if 0 <= key < 2**62 else None
    if found is None:
        raise NotFound(_("There is no such figure."))
    return found


def last_of(cell: Observation | Contest, *, released: bool = False) -> Observation | None:
    """The last figure of a cell: what the next one supersedes; or the last one that is shown."""
    rows = Observation.objects.filter(
        series=cell.series_id, place=cell.place_id, period=cell.period
    )
    if released:
        rows = rows.filter(released_at__lte=clock.now()).exclude(status=Observation.Status.DRAFT)
    return rows.order_by("-id").first()


def giver_of(observation: Observation) -> str:
    """The key of the body that gave a figure; empty for the installation. Whoever has checked a
    report writes its figures anew, with another status: that gives no figure. So it is the body
    whose act first said the value that has stood since."""
    rows = Observation.objects.filter(
        series=observation.series_id, place=observation.place_id, period=observation.period,
        pk__lte=observation.pk,
    )  # fmt: skip
    first = observation.act
    for value, act in rows.order_by("-id").values_list("value", "act"):
        if value != observation.value:
            break
        first = act
    found = JournalEntry.objects.filter(act=first).values_list("body_code", flat=True).first()
    return found or ""


def is_asked(series: int, level: int) -> bool:
    """Whether a form in use asks the places of a level for a figure (a series by its id)."""
    lines = FormLine.objects.filter(series=series, form__in=forms_in_use())
    return lines.filter(form__tier__level=level).exists()
