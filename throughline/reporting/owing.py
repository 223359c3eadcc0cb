"""Progress reports that a cycle asks for beside figures: which assignments owe one, and where it
stands. All of it is read from the cascade; a cycle keeps nothing of it.

What is owed: a progress report on each task of the plans that the cycle's forms name that the
body has taken on and not finished. Signed between the end of the period (or the opening, where
that comes first) and the close it is in time, and after that late.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from throughline.bodies.queries import standing_of
from throughline.cascade.models import Assignment, ProgressReport
from throughline.cascade.queries import (
    assignments_visible_to,
    bodies_served,
    signed_or_of,
    under_plan,
    with_rows,
)
from throughline.cascade.rules.life import Step
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.conditions import Written
from throughline.places.models import Place
from throughline.reporting.asking import shape_of
from throughline.reporting.models import Cycle, Report
from throughline.reporting.rules.owing import MISSING, Said
from throughline.reporting.words import TASKS

OVERDUE, LATE = "overdue", "late"

_LATE = Q(said__in=[Said.SIGNED.value, Said.ACCEPTED.value], went_up__gte=F("by"))

_STEPS = {
    Step.DRAFT: Said.DRAFT, Step.REVIEWED: Said.DRAFT, Step.RETURNED: Said.RETURNED,
    Step.SIGNED: Said.SIGNED, Step.ACCEPTED: Said.ACCEPTED,
}  # fmt: skip

_OF_TIER = """{column} IN (SELECT body.id FROM bodies_body AS body
    JOIN places_place AS place ON place.id = body.place_id WHERE place.tier_id = %s)"""


Tasks = QuerySet[Any]
"""Assignments with what `tasks_visible_to` adds to them."""


def counts_from(cycle: Cycle) -> datetime:
    """From when on a progress report counts for a cycle."""
    return cycle.counts_from or cycle.opens_at


def tasks_visible_to(actor: Actor, cycle: Cycle) -> Tasks:
    """The tasks on which a cycle asks for progress reports, of those that exist for an actor;
    with where each report stands (`said`), when it was signed (`went_up`) and by when it is due
    (`by`). A draft exists for the body's own."""
    asked = shape_of(cycle).tasks
    if not asked:
        return Assignment.objects.none()
    owed = Q(pk__in=[])
    for plan, tier in asked:
        owed |= under_plan(plan) & Q(Written(_OF_TIER, "body", tier))
    since = counts_from(cycle)
    rows = assignments_visible_to(actor).filter(
        owed, Q(closed_at__isnull=True) | Q(closed_at__gte=since),
        ended_at__isnull=True, taken_on_at__lt=cycle.closes_at,
    )  # fmt: skip
    standing = standing_of(actor)
    seen = Q() if standing.audits else signed_or_of(bodies_served(actor))
    return _with_states(rows, cycle, seen)


def _with_states(rows: QuerySet[Assignment], cycle: Cycle, seen: Q) -> Tasks:
    reports = _counting(cycle, seen).values(said=_as_said())[:1]
    signed = _counting(cycle, seen).values("signed_at")[:1]
    until = Report.objects.filter(cycle=cycle, place=OuterRef("body__place")).values("until")[:1]
    close = Value(cycle.closes_at, output_field=DateTimeField())
    return rows.annotate(
        said=Coalesce(Subquery(reports), Value(Said.NONE.value)),
        went_up=Subquery(signed),
        by=Greatest(close, Subquery(until)),
    )


def _counting(cycle: Cycle, seen: Q) -> QuerySet[ProgressReport]:
    """The reports of an assignment that count for a cycle or are under way, what is signed
    first."""
    since = Q(signed_at__gte=counts_from(cycle), step__in=[Step.SIGNED, Step.ACCEPTED])
    under_way = Q(step__in=[Step.DRAFT, Step.REVIEWED, Step.RETURNED])
    rank = Case(When(since, then=0), default=1, output_field=IntegerField())
    rows = ProgressReport.objects.filter(seen, since | under_way, assignment=OuterRef("pk"))
    return rows.order_by(rank, "-id")


def _as_said() -> Case:
    return Case(*[When(step=step, then=Value(said.value)) for step, said in _STEPS.items()])


def narrowed(rows: Tasks, state: str) -> Tasks:
    """Those of some tasks, read by `tasks_visible_to`, whose report stands at a state, is overdue
    or was signed late; all of them where no state is asked."""
    if state in set(Said):
        return rows.filter(said=state)
    if state == OVERDUE:
        return rows.filter(said__in=[each.value for each in MISSING], by__lte=clock.now())
    if state == LATE:
        return rows.filter(_LATE)
    return rows


def counted(rows: Tasks) -> dict[str, int]:
    """How many of some tasks have their report at each state; `tasks` and `overdue` beside."""
    missing = Q(said__in=[each.value for each in MISSING])
    given: dict[str, Any] = {each.value: Count("pk", filter=Q(said=each.value)) for each in Said}
    given |= {"tasks": Count("pk"), OVERDUE: Count("pk", filter=missing & Q(by__lte=clock.now()))}
    given |= {LATE: Count("pk", filter=_LATE)}
    return dict(rows.order_by().aggregate(**given))


@dataclass(frozen=True)
class Owed:
    """A task on which a progress report is asked for, and where that stands."""

    assignment: Assignment
    said: Said
    due: datetime
    signed_at: datetime | None
    ours: bool

    @property
    def word(self) -> str:
        """Where it stands, in a word."""
        return str(TASKS[self.said])

    @property
    def may_write(self) -> bool:
        """Whether it is the reader's own to write, or to write again."""
        return self.ours and self.said in MISSING and self.assignment.closed_at is None

    @property
    def is_late(self) -> bool:
        """Whether it was signed after its time."""
        return self.signed_at is not None and self.signed_at >= self.due

    @property
    def is_overdue(self) -> bool:
        """Whether its time is over and it is not signed."""
        return self.said in MISSING and clock.now() >= self.due


def owed_lines(rows: Tasks, served: Collection[int]) -> list[Owed]:
    """Tasks read by `tasks_visible_to`, as they are listed; `served` are the bodies on whose
    tasks the reader works."""
    return [_line(each, served) for each in with_rows(rows)]


def _line(row: Any, served: Collection[int]) -> Owed:
    said = Said(row.said)
    signed = row.went_up if said not in {Said.NONE, Said.DRAFT} else None
    return Owed(row, said, row.by, signed, row.body_id in served)


def asks_for_tasks(cycle: Cycle) -> bool:
    """Whether a cycle asks for progress reports at all."""
    return bool(shape_of(cycle).tasks)


def owed_at(actor: Actor, cycle: Cycle, place: Place) -> Sequence[Owed]:
    """What the bodies of a place owe in a cycle beside figures, of what exists for an actor."""
    if not asks_for_tasks(cycle):
        return []
    rows = tasks_visible_to(actor, cycle).filter(body__place=place)
    return owed_lines(rows.order_by("body__sort_key", "element__position"), bodies_served(actor))
