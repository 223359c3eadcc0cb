"""The life of an assignment: from being laid on a body to being closed with evidence.

Whoever asks what may be done with an assignment now asks here, the page as well as the
action. Time moves nothing: what is late or silent is said to be, and stays open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from throughline.cascade.rules.kinds import ReportKind


class Ending(StrEnum):
    """How an assignment ended without being closed."""

    WITHDRAWN = "withdrawn"
    REASSIGNED = "reassigned"
    HANDED_OVER = "handed_over"
    NOT_APPLICABLE = "not_applicable"
    LAPSED = "lapsed"
    """Its element stands in the plan no longer."""


class Outcome(StrEnum):
    """What was decided on a claim."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    """Accepted otherwise than proposed."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """Taken back by the body that made it."""
    OVERTAKEN = "overtaken"
    """The assignment ended before anything was decided."""


class Step(StrEnum):
    """Where a report stands: inside the body, on its way up, or decided."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    OVERTAKEN = "overtaken"
    """The assignment ended before it was accepted."""


UNDER_WAY = frozenset({Step.DRAFT, Step.REVIEWED, Step.SIGNED, Step.RETURNED})


class Stage(IntEnum):
    """How far an assignment has come, in the order of the picture."""

    NOT_PASSED_DOWN = 0
    """未下达: nobody laid it on the unit, because the tier above is silent."""
    ASSIGNED = 1
    RECEIVED = 2
    TAKEN_ON = 3
    REFINED = 4
    STARTED = 5
    FINISHED = 6
    NOT_APPLICABLE = 7


@dataclass(frozen=True)
class Life:
    """What the stage of an assignment depends on; instants are aware, days the plan's."""

    received: bool = False
    taken_on: bool = False
    refined: bool = False
    started: bool = False
    closed: bool = False
    ending: Ending | None = None
    claimed: bool = False
    """A claim waits for its decision."""
    respond_by: datetime | None = None
    due: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still owed."""
        return not self.closed and self.ending is None

    @property
    def stage(self) -> Stage:
        """How far it has come.

        >>> Life(received=True).stage.name, Life(received=True, taken_on=True).stage.name
        ('RECEIVED', 'TAKEN_ON')
        >>> Life(ending=Ending.NOT_APPLICABLE).stage.name
        'NOT_APPLICABLE'
        """
        if self.ending is Ending.NOT_APPLICABLE:
            return Stage.NOT_APPLICABLE
        steps = (
            (self.closed, Stage.FINISHED),
            (self.started, Stage.STARTED),
            (self.taken_on and self.refined, Stage.REFINED),
            (self.taken_on, Stage.TAKEN_ON),
            (self.received, Stage.RECEIVED),
        )
        return next((stage for reached, stage in steps if reached), Stage.ASSIGNED)

    def is_silent(self, now: datetime) -> bool:
        """Whether nobody answered in time: not received, or received and neither taken on nor
        answered by a claim. Silence is said, and ends nothing.

        >>> from datetime import UTC
        >>> noon = datetime(2022, 6, 7, 12, tzinfo=UTC)
        >>> answered = Life(respond_by=noon, claimed=True)
        >>> Life(respond_by=noon).is_silent(noon), answered.is_silent(noon)
        (True, False)
        """
        answered = self.taken_on or self.claimed or not self.is_open
        return not answered and self.respond_by is not None and now >= self.respond_by

    def is_late(self, today: date) -> bool:
        """Whether the day it is due has passed and it is not closed.

        >>> Life(due=date(2025, 6, 30)).is_late(date(2025, 7, 1))
        True
        >>> Life(due=date(2025, 6, 30), closed=True).is_late(date(2025, 7, 1))
        False
        """
        return self.is_open and self.due is not None and today > self.due


class Deed(StrEnum):
    """What can be done with an assignment."""

    RECEIVE = "receive"
    NAME_PEOPLE = "name_people"
    TAKE_ON = "take_on"
    CONTEST = "contest"
    DECLARE_NOT_APPLICABLE = "declare_not_applicable"
    DECIDE = "decide"
    REPORT = "report"
    SET_MILESTONES = "set_milestones"
    REASSIGN = "reassign"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"
    URGE = "urge"


def may_do(deed: Deed, life: Life) -> bool:
    """Whether the state of an assignment allows a deed; who may do it is another question.

    >>> may_do(Deed.TAKE_ON, Life()), may_do(Deed.TAKE_ON, Life(received=True))
    (False, True)
    >>> may_do(Deed.TAKE_ON, Life(received=True, claimed=True))
    False
    """
    if not life.is_open:
        return False
    waiting = life.received and not life.taken_on
    allowed = {
        Deed.RECEIVE: not life.received,
        Deed.NAME_PEOPLE: True,
        Deed.TAKE_ON: waiting and not life.claimed,
        # Who has taken on may find later that it does not hold: then it is contested still.
        Deed.CONTEST: life.received and not life.claimed,
        Deed.DECLARE_NOT_APPLICABLE: life.received and not life.claimed and not life.started,
        Deed.DECIDE: life.claimed,
        Deed.REPORT: life.taken_on,
        Deed.SET_MILESTONES: life.received,
        Deed.REASSIGN: True,
        Deed.WITHDRAW: True,
        Deed.HAND_OVER: True,
        Deed.URGE: True,
    }
    return allowed[deed]


_NEXT = {
    None: frozenset({ReportKind.PILOT}),
    ReportKind.PILOT: frozenset({ReportKind.EVALUATED}),
    ReportKind.EVALUATED: frozenset({ReportKind.EXTENDED, ReportKind.GIVEN_UP}),
    ReportKind.EXTENDED: frozenset(),
    ReportKind.GIVEN_UP: frozenset(),
}
REFORM = frozenset(kind for kinds in _NEXT.values() for kind in kinds)


def reform_steps(accepted: Iterable[ReportKind]) -> frozenset[ReportKind]:
    """Where a reform measure may go from the steps that were accepted, in order: a pilot is
    evaluated, what is evaluated is extended or given up.

    >>> sorted(reform_steps([]))
    [<ReportKind.PILOT: 'pilot'>]
    >>> sorted(map(str, reform_steps([ReportKind.PILOT, ReportKind.EVALUATED])))
    ['extended', 'given_up']
    """
    steps = [kind for kind in accepted if kind in REFORM]
    return _NEXT[steps[-1] if steps else None]


def may_report(kind: ReportKind, *, is_reform: bool, accepted: Iterable[ReportKind]) -> bool:
    """Whether a report of this kind may come next. A reform measure closes at the end of its
    life, so completion is claimed once it was extended or given up.

    >>> may_report(ReportKind.COMPLETION, is_reform=True, accepted=[ReportKind.PILOT])
    False
    >>> may_report(ReportKind.PILOT, is_reform=False, accepted=[])
    False
    """
    steps = list(accepted)
    if kind is ReportKind.PROGRESS:
        return True
    if kind is ReportKind.COMPLETION:
        return not is_reform or bool({ReportKind.EXTENDED, ReportKind.GIVEN_UP} & set(steps))
    return is_reform and kind in reform_steps(steps)
