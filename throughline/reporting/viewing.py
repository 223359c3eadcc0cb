"""Cycles and reports as they are shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from throughline.bodies.queries import names_of
from throughline.figures.viewing import written
from throughline.kernel import clock
from throughline.kernel.errors import Forbidden
from throughline.reporting.models import Contest, Cycle, Reminder, Report
from throughline.reporting.rules.contesting import ContestKind, ContestState, Verdict
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.words import CONTEST_KINDS, CONTEST_STATES, STAGES, STEPS, VERDICTS
from throughline.ui.shapes import Event


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


# -- contested values ----------------------------------------------------------------------


@dataclass(frozen=True)
class ContestLine:
    """A contested figure in a list; `days` is how long it has waited, or waited for its answer."""

    contest: Contest
    kind: str
    word: str
    is_open: bool
    value: str
    proposed: str
    days: int


def contest_lines(contests: Sequence[Contest]) -> list[ContestLine]:
    """Contested figures as they are listed."""
    now = clock.now()
    return [
        ContestLine(
            each,
            str(CONTEST_KINDS[ContestKind(each.kind)]),
            contest_word(each),
            each.state == ContestState.OPEN,
            written(each.value, each.series.indicator),
            "" if each.proposed is None else written(each.proposed, each.series.indicator),
            ((each.closed_at or now) - each.at).days,
        )
        for each in contests
    ]


def contest_word(contest: Contest) -> str:
    """Where a contest stands, or what was answered."""
    if contest.verdict:
        return str(VERDICTS[Verdict(contest.verdict)])
    return str(CONTEST_STATES[ContestState(contest.state)])


def contest_story(contest: Contest) -> list[Event]:
    """What became of a contest so far, the last first."""
    names = names_of({contest.person, contest.closed_by} - {""})

    def by(person: str, sentence: str) -> str:
        return sentence % {"who": names.get(person) or _("the installation")}

    said = {
        ContestState.ANSWERED: _("Answered by %(who)s"),
        ContestState.WITHDRAWN: _("Withdrawn by %(who)s"),
    }
    asked = (
        _("Enquired about by %(who)s")
        if contest.kind == ContestKind.ENQUIRY
        else _("Contested by %(who)s")
    )
    events = [Event(contest.at, by(contest.person, asked))]
    if contest.closed_at is not None:
        done = said[ContestState(contest.state)]
        events.append(Event(contest.closed_at, by(contest.closed_by, done)))
    return events[::-1]


def lets(require: Callable[[], object]) -> bool:
    """Whether a requirement lets pass."""
    try:
        require()
    except Forbidden:
        return False
    return True
