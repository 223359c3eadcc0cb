"""Cycles and reports as they are shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.reporting.models import Cycle, Reminder, Report
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.words import STAGES, STEPS


def tally(rows: QuerySet[Report]) -> dict[str, int]:
    """How many reports stand at each step; `late` and `units` beside them."""
    found = rows.order_by().aggregate(
        units=Count("pk"),
        late=Count("pk", filter=Q(late=True)),
        **{step.value: Count("pk", filter=Q(step=step)) for step in ReportStep},
    )
    return {name: int(count or 0) for name, count in found.items()}


@dataclass(frozen=True)
class CycleLine:
    """A cycle in a list, with how far the units have come that the reader sees."""

    cycle: Cycle
    stage: str
    is_open: bool
    units: int
    given: int


def cycle_lines(cycles: Sequence[Cycle], seen: QuerySet[Report]) -> list[CycleLine]:
    """Cycles as they are listed; `seen` are the reports that the reader sees."""
    counted = {
        row["cycle"]: (row["units"], row["given"])
        for row in seen.filter(cycle__in=[each.pk for each in cycles])
        .order_by()
        .values("cycle")
        .annotate(
            units=Count("pk"),
            given=Count("pk", filter=Q(step__in=[ReportStep.SIGNED, ReportStep.ACCEPTED])),
        )
    }
    now = clock.now()
    lines = []
    for cycle in cycles:
        stage = cycle.times.stage(now)
        units, given = counted.get(cycle.pk, (0, 0))
        lines.append(CycleLine(cycle, str(STAGES[stage]), stage is Stage.OPEN, units, given))
    return lines


@dataclass(frozen=True)
class UnitLine:
    """A unit of a cycle in a list: where its report stands."""

    report: Report
    word: str
    step: str
    due: datetime
    is_overdue: bool
    reminded_at: datetime | None = None
    may_urge: bool = False


def reminded(rows: QuerySet[Report]) -> QuerySet[Report]:
    """Reports of which is known when their unit was last reminded or urged (`reminded_at`)."""
    last = Reminder.objects.filter(report=OuterRef("pk")).order_by("-id").values("at")[:1]
    return rows.annotate(reminded_at=Subquery(last))


def unit_lines(reports: Sequence[Report], urged: Collection[int] = ()) -> list[UnitLine]:
    """Reports read by `reminded` as they are listed; `urged` are those (their ids) that the
    reader may urge on."""
    now = clock.now()
    return [
        UnitLine(
            report,
            said_of(report),
            report.step,
            report.times.due,
            ReportStep(report.step) in BEFORE_SIGNING and now >= report.times.due,
            getattr(report, "reminded_at", None) if report.step in BEFORE_SIGNING else None,
            report.pk in urged,
        )
        for report in reports
    ]


def said_of(report: Report) -> str:
    """Where a report stands, in words, with whose turn it is."""
    if report.step == ReportStep.SIGNED and report.turn is not None:
        return _("signed; %(whose)s checks") % {"whose": report.turn.name}
    return str(STEPS[ReportStep(report.step)])
