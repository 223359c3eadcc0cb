"""Projects as they are shown: in a list, with their money, with what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from throughline.kernel.errors import ThroughlineError
from throughline.kernel.models import JournalEntry
from throughline.projects.models import Contract, Funding, ProgressNote, Project
from throughline.projects.queries import as_entries
from throughline.projects.rules.life import ProjectState
from throughline.projects.rules.money import ZERO, FundingStage, Source, totals
from throughline.projects.words import ACTS, SOURCES, STATES
from throughline.ui.shapes import Event

SHAPES: dict[str, str] = {
    ProjectState.PLANNED: "not_started",
    ProjectState.UNDER_WAY: "on_track",
    ProjectState.FINISHED: "achieved",
    ProjectState.CEASED: "no_data",
}
"""The shapes of the status language, each with its own word: no verdict is meant."""

BAR = 180
"""Width of a bar of money, in pixels."""


def lets(require: Callable[[], object]) -> bool:
    """Whether what an act requires is there."""
    try:
        require()
    except ThroughlineError:
        return False
    return True


@dataclass(frozen=True)
class State:
    """A state as it is shown: its key, the shape's name, and the word."""

    key: str
    shape: str
    word: str


def state_shown(state: str) -> State:
    """A project's state."""
    return State(state, SHAPES[state], str(STATES[ProjectState(state)]))


# -- in a list -----------------------------------------------------------------------------


def _sum_of(stage: FundingStage) -> Coalesce:
    rows = Funding.objects.filter(project=OuterRef("pk"), stage=stage).order_by()
    total = rows.values("project").annotate(total=Sum("amount")).values("total")
    return Coalesce(
        Subquery(total), ZERO, output_field=DecimalField(max_digits=16, decimal_places=4)
    )


def with_standing(rows: QuerySet[Project]) -> QuerySet[Project]:
    """Projects with their money at each stage and the share last noted as done (`noted`)."""
    last = ProgressNote.objects.filter(project=OuterRef("pk")).order_by("-on", "-pk")
    return rows.annotate(
        approved=_sum_of(FundingStage.APPROVED),
        arrived=_sum_of(FundingStage.ARRIVED),
        spent=_sum_of(FundingStage.SPENT),
        noted=Subquery(last.values("done")[:1]),
    )


@dataclass(frozen=True)
class Line:
    """A project in a list, with its money at each stage and the share done, if any was noted."""

    project: Project
    state: State
    places: Sequence[str]
    approved: Decimal
    arrived: Decimal
    spent: Decimal
    done: Decimal | None


def lines_of(rows: QuerySet[Project]) -> list[Line]:
    """Projects read by `with_standing`, in the order of the rows."""
    named = rows.select_related("sector", "owner").prefetch_related("places")
    return [_line(each) for each in named]


def _line(row: Project) -> Line:
    given: Any = row  # annotated by `with_standing`
    done = Decimal(100) if row.state == ProjectState.FINISHED else given.noted
    places = sorted(row.places.all(), key=lambda place: (place.sort_key, place.code))
    return Line(
        row, state_shown(row.state), [place.name for place in places],
        given.approved, given.arrived, given.spent, done,
    )  # fmt: skip


# -- one project ---------------------------------------------------------------------------


@dataclass(frozen=True)
class MoneyRow:
    """A source's money, or that of all of them, with the widths of its bar."""

    word: str
    approved: Decimal
    arrived: Decimal
    spent: Decimal
    widths: tuple[float, float, float]
    is_total: bool = False


def money_rows(entries: Sequence[Funding], total: str) -> list[MoneyRow]:
    """The sources that gave anything, and the sum of them under the word `total`."""
    found = totals(as_entries(entries))
    by_source = {source: tuple(found[source, stage] for stage in FundingStage) for source in Source}
    given = {source: amounts for source, amounts in by_source.items() if any(amounts)}
    sums = tuple(sum(column, ZERO) for column in zip(*given.values(), strict=True))
    if not given or not sums[0]:
        return []
    rows = [_money_row(str(SOURCES[source]), amounts, sums[0]) for source, amounts in given.items()]
    return [*rows, _money_row(total, sums, sums[0], is_total=True)]


def _money_row(
    word: str, amounts: Sequence[Decimal], whole: Decimal, is_total: bool = False
) -> MoneyRow:
    approved, arrived, spent = amounts
    widths = [round(float(each / whole) * BAR, 1) for each in amounts]
    return MoneyRow(
        word, approved, arrived, spent, (widths[0], widths[1], widths[2]), is_total=is_total
    )


@dataclass(frozen=True)
class ContractLine:
    """A contract as it stands; with an address where the reader may correct it."""

    contract: Contract
    url: str


def story_of(project: Project, most: int = 40) -> list[Event]:
    """What was done to a project, the last first."""
    entries = JournalEntry.objects.filter(
        subject=f"projects.project:{project.pk}", verb__in=ACTS
    ).order_by("-position")
    return [Event(each.at, str(ACTS[each.verb])) for each in entries.only("at", "verb")[:most]]
