"""Which cycles, reports and forms there are, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import (
    EVERYTHING,
    acting_for,
    places_below,
    standing_of,
    today,
)
from throughline.bodies.rules import GOVERNING, Duty, Standing
from throughline.cascade.queries import leads_a_plan_at
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.period import Period
from throughline.kernel.selecting import select, the_one
from throughline.places.models import Place, Scheme, Tier
from throughline.places.queries import tree_at
from throughline.reporting.models import Cycle, Form, Report
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
    """Cycles are calendars: open to all who work on plans."""
    standing = standing_of(actor)
    if actor.is_nobody or not (standing.audits or standing.sees_content):
        return Cycle.objects.none()
    return Cycle.objects.all()


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
    found = read_report("c.key = %s AND p.code = %s", [cycle, place])
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


def read_report(condition: str, given: Sequence[object]) -> Report | None:
    """A report with all that its page and its acts look at, by a written condition."""
    rows = select(
        _REPORT + condition, given, report=Report, c=Cycle, o=Body, p=Place, t=Tier, s=Scheme,
        b=Body, turn=Place, tt=Tier,
    )  # fmt: skip
    for report, cycle, owner, place, tier, scheme, body, turn, turns_tier in rows:
        cycle.owner, tier.scheme, place.tier = owner, scheme, tier
        report.cycle, report.place, report.body, report.turn = cycle, place, body, turn
        if turn is not None:
            turn.tier = turns_tier
        return report  # type: ignore[no-any-return]
    return None


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


def body_of(standing: Standing) -> Body | None:
    """The body of a standing; None for the installation."""
    return None if standing.body is None else Body.objects.get(pk=standing.body)


def reporting_bodies(places: Collection[int]) -> QuerySet[Body]:
    """The bodies at some places that have a post which reports."""
    return _bodies_with({Duty.REPORT}, places).order_by("pk")


def _bodies_with(duties: Collection[Duty], places: Collection[int]) -> QuerySet[Body]:
    """The bodies that there are today at some places, with a post that bears one of some
    duties."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=today())
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    wanted = sorted(each.value for each in duties)
    rows = Body.objects.filter(begun, lasting, place__in=places, posts__duties__overlap=wanted)
    return rows.distinct()


def is_checked_at(place: int, duties: Collection[Duty]) -> bool:
    """Whether a place (its id) has a body that checks what lies below it: with a post of such
    duties, and its government or leading a plan of it."""
    found = _bodies_with(duties, [place]).values_list("pk", "kind")
    governs = sorted(found, key=lambda each: each[1] not in GOVERNING)
    return any(kind in GOVERNING or leads_a_plan_at(body, place) for body, kind in governs)


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
