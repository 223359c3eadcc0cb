"""The throughline of an element: how far each place below has come, and where the line breaks.

A delay has one address: a place that does not answer carries it itself, and those below, on
whom nothing was laid, are neither late nor silent but were never told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from throughline.cascade.rules.life import Ending, Life, Stage


class Mark(StrEnum):
    """How a unit stands in the picture, from the furthest to the one nobody told: its stage,
    or that it does not answer."""

    FINISHED = "finished"
    STARTED = "started"
    REFINED = "refined"
    TAKEN_ON = "taken_on"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    SILENT = "silent"
    NOT_PASSED_DOWN = "not_passed_down"
    NOT_APPLICABLE = "not_applicable"


_MARKS = {stage: Mark[stage.name] for stage in Stage}
ANSWERED = frozenset({Mark.FINISHED, Mark.STARTED, Mark.REFINED, Mark.TAKEN_ON, Mark.RECEIVED})
BEGUN = frozenset({Mark.FINISHED, Mark.STARTED})


@dataclass(frozen=True, slots=True)
class Course:
    """The instants of one assignment, from which its life at any moment is read. `refined` is
    since when the body's own plan has it; `claimed` when a claim was made and `decided` when
    the last one was, None while it waits."""

    issued: datetime
    respond_by: datetime | None = None
    due: date | None = None
    received: datetime | None = None
    taken_on: datetime | None = None
    refined: date | None = None
    started: datetime | None = None
    closed: datetime | None = None
    ended: datetime | None = None
    ending: Ending | None = None
    claimed: datetime | None = None
    decided: datetime | None = None

    def counts(self, at: datetime) -> bool:
        """Whether it says anything of its place at an instant: laid by then, and not taken
        away again. What was found not applicable goes on saying so.

        >>> from datetime import UTC, timedelta
        >>> noon = datetime(2022, 6, 7, 12, tzinfo=UTC)
        >>> gone = Course(noon, ended=noon, ending=Ending.WITHDRAWN)
        >>> Course(noon).counts(noon), gone.counts(noon)
        (True, False)
        >>> Course(noon).counts(noon - timedelta(days=1))
        False
        """
        if self.issued > at:
            return False
        return self.ended is None or self.ended > at or self.ending is Ending.NOT_APPLICABLE

    def life(self, at: datetime, today: date) -> Life:
        """What the rules need to know of it at an instant, `today` being its day in the plan's
        zone.

        >>> from datetime import UTC, timedelta
        >>> noon = datetime(2022, 6, 7, 12, tzinfo=UTC)
        >>> course = Course(noon, received=noon, taken_on=noon + timedelta(days=2))
        >>> course.life(noon, noon.date()).stage.name
        'RECEIVED'
        """
        return Life(
            received=self.received is not None and self.received <= at,
            taken_on=self.taken_on is not None and self.taken_on <= at,
            refined=self.refined is not None and self.refined <= today,
            started=self.started is not None and self.started <= at,
            closed=self.closed is not None and self.closed <= at,
            ending=self.ending if self.ended is not None and self.ended <= at else None,
            claimed=(
                self.claimed is not None
                and self.claimed <= at
                and (self.decided is None or self.decided > at)
            ),
            respond_by=self.respond_by,
            due=self.due,
        )

    def since(self, stage: Stage, *, silent: bool) -> datetime | date | None:
        """When it came to where it stands; a silence begins when the time to answer is over."""
        if silent:
            return self.respond_by
        found: datetime | date | None = getattr(self, _INSTANTS[stage])
        return found


_INSTANTS = {
    Stage.ASSIGNED: "issued",
    Stage.RECEIVED: "received",
    Stage.TAKEN_ON: "taken_on",
    Stage.REFINED: "refined",
    Stage.STARTED: "started",
    Stage.FINISHED: "closed",
    Stage.NOT_APPLICABLE: "ended",
}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a place stands with an element. `contested`: a claim of its waits for a decision;
    `evidence` is how many pieces its reports rest on; `assignments` are named by their keys,
    the one that is least far first."""

    stage: Stage
    silent: bool = False
    late: bool = False
    contested: bool = False
    since: datetime | date | None = None
    evidence: int = 0
    assignments: tuple[int, ...] = ()

    @property
    def mark(self) -> Mark:
        """How it is drawn."""
        return Mark.SILENT if self.silent else _MARKS[self.stage]


NEVER_TOLD = Stand(Stage.NOT_PASSED_DOWN)
DOES_NOT_APPLY = Stand(Stage.NOT_APPLICABLE)


def stand_of(course: Course, key: int, evidence: int, at: datetime, today: date) -> Stand:
    """Where one assignment stands at an instant.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2022, 6, 7, 12, tzinfo=UTC)
    >>> stand_of(Course(noon, respond_by=noon), 1, 0, noon, noon.date()).mark
    <Mark.SILENT: 'silent'>
    """
    life = course.life(at, today)
    stage, silent = life.stage, life.is_silent(at)
    return Stand(
        stage=stage,
        silent=silent,
        late=life.is_late(today),
        contested=life.claimed and life.is_open,
        since=course.since(stage, silent=silent),
        evidence=evidence,
        assignments=(key,),
    )


def combined(stands: Sequence[Stand]) -> Stand:
    """Several assignments of one place as one: it stands where the one stands that is least
    far, a silent one before all, and is finished only if all are.

    >>> started, silent = Stand(Stage.STARTED), Stand(Stage.RECEIVED, silent=True)
    >>> combined([started, Stand(Stage.FINISHED, late=True)]).mark, combined([started, silent]).mark
    (<Mark.STARTED: 'started'>, <Mark.SILENT: 'silent'>)
    >>> combined([Stand(Stage.NOT_APPLICABLE), Stand(Stage.FINISHED)]).mark
    <Mark.FINISHED: 'finished'>
    """
    if len(stands) == 1:
        return stands[0]
    first, *rest = sorted(stands, key=lambda each: (not each.silent, each.stage))
    return replace(
        first,
        late=any(each.late for each in stands),
        contested=any(each.contested for each in stands),
        evidence=sum(each.evidence for each in stands),
        assignments=first.assignments + tuple(key for each in rest for key in each.assignments),
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """A place on the line. `parent` is the position of the one above it in the same list;
    `holder`, of one that was never told, that of the place up the line at which it stopped."""

    stand: Stand
    parent: int
    holder: int = -1

    @property
    def mark(self) -> Mark:
        """How it is drawn."""
        return self.stand.mark


def units_of(parents: Sequence[int], laid: Mapping[int, Stand]) -> list[Unit]:
    """Every place in tree order, the first being the place of the plan (parent -1), from where
    the assignments of some of them stand, by position. Below a place that it does not apply to
    it does not apply; below any other on which nothing further was laid nobody was told.

    >>> silent = Stand(Stage.ASSIGNED, silent=True, late=True)
    >>> found = units_of([-1, 0, 1, 1, 0, 4], {1: silent, 4: Stand(Stage.NOT_APPLICABLE)})
    >>> [unit.mark.value for unit in found[2:]], found[2].holder, found[3].stand.late
    (['not_passed_down', 'not_passed_down', 'not_applicable', 'not_applicable'], 1, False)
    """
    found: list[Unit] = []
    for position, parent in enumerate(parents):
        stand = laid.get(position)
        if stand is not None:
            found.append(Unit(stand, parent))
        elif parent < 0:
            found.append(Unit(NEVER_TOLD, parent))
        elif found[parent].stand.stage is Stage.NOT_APPLICABLE:
            found.append(Unit(DOES_NOT_APPLY, parent))
        else:
            # Position 0 is the plan itself, which passes on by laying.
            above = found[parent]
            stopped = above.holder if parent and above.stand is NEVER_TOLD else parent
            found.append(Unit(NEVER_TOLD, parent, stopped))
    return found


@dataclass(frozen=True)
class Counts:
    """How many units stand where."""

    marks: Mapping[Mark, int] = field(default_factory=dict)
    late: int = 0
    contested: int = 0

    @classmethod
    def of(cls, units: Iterable[Unit]) -> Counts:
        """Count some units.

        >>> counts = Counts.of([Unit(Stand(Stage.STARTED, late=True), 0), Unit(NEVER_TOLD, 0)])
        >>> counts.total, counts.answered, counts.begun, counts.late, counts.broken
        (2, 1, 1, 1, 1)
        """
        stands = [unit.stand for unit in units]
        return cls(
            Counter([stand.mark for stand in stands]),
            sum(1 for stand in stands if stand.late),
            sum(1 for stand in stands if stand.contested),
        )

    def at(self, mark: Mark) -> int:
        """How many have one mark."""
        return self.marks.get(mark, 0)

    @cached_property
    def total(self) -> int:
        """How many there are."""
        return sum(self.marks.values())

    @property
    def concerned(self) -> int:
        """Those to which it applies."""
        return self.total - self.at(Mark.NOT_APPLICABLE)

    @property
    def answered(self) -> int:
        """Those that signed for it or came further, in time or late."""
        return sum(self.at(mark) for mark in ANSWERED)

    @property
    def begun(self) -> int:
        """Those that have started or finished."""
        return sum(self.at(mark) for mark in BEGUN)

    @property
    def broken(self) -> int:
        """Those that the line has not reached: silent, or never told."""
        return self.at(Mark.SILENT) + self.at(Mark.NOT_PASSED_DOWN)


@dataclass(frozen=True)
class Break:
    """A place beyond which the line does not go. `below` are the units of the lowest tier
    there that were never told; `silent` when the place itself does not answer, so that it
    carries the delay."""

    at: int
    below: int
    silent: bool


def breaks(units: Sequence[Unit], ends: Iterable[int]) -> list[Break]:
    """Where the line breaks: the place at which each of the given units (the ends of the
    line) was held up, the worst first, the silent ones before those that answered.

    >>> silent = Unit(Stand(Stage.ASSIGNED, silent=True), 0)
    >>> units = [Unit(NEVER_TOLD, -1), silent, Unit(NEVER_TOLD, 1, 1), Unit(NEVER_TOLD, 1, 1)]
    >>> breaks(units, [2, 3])
    [Break(at=1, below=2, silent=True)]
    """
    held = Counter(units[end].holder for end in ends if units[end].holder >= 0)
    found = [Break(at, below, units[at].stand.silent) for at, below in held.items()]
    return sorted(found, key=lambda each: (not each.silent, -each.below, each.at))
