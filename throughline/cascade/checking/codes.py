"""The findings there are: stable codes with their severity."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How grave a finding is."""

    NOTICE = 0
    """It may be as it is meant."""
    WARNING = 1
    """Somebody has not done what is due."""
    ERROR = 2
    """The cascade contradicts itself: what it asks cannot be done, or nobody is asked."""


class Code(StrEnum):
    """What is found. A code never changes its meaning; texts may."""

    NO_LEAD = "no-lead"
    JOINT_LEADS = "joint-leads"
    NOT_RECEIVED = "not-received"
    NOT_TAKEN_ON = "not-taken-on"
    LATER_THAN_SUPERIOR = "later-than-superior"
    LATER_THAN_ASSIGNED = "later-than-assigned"
    WEAKER_TARGET = "weaker-target"
    NOT_REFINED = "not-refined"
    NO_LOCAL_PLAN = "no-local-plan"
    ORPHAN_REFINEMENT = "orphan-refinement"
    DEPENDENCY_CYCLE = "dependency-cycle"
    ENDED_BODY = "ended-body"
    ENDED_BODY_PRINTED = "ended-body-printed"
    DEADLINE_OUTSIDE_PLAN = "deadline-outside-plan"
    DUE_OUTSIDE_PLAN = "due-outside-plan"
    TARGET_OUTSIDE_PLAN = "target-outside-plan"
    SAME_DUTY_TWICE = "same-duty-twice"
    LEAD_AND_SUPPORT = "lead-and-support"
    MILESTONE_AFTER_DUE = "milestone-after-due"
    MILESTONE_BEFORE_PREDECESSOR = "milestone-before-predecessor"


SEVERITIES = {
    Code.NO_LEAD: Severity.ERROR,
    Code.JOINT_LEADS: Severity.NOTICE,
    Code.NOT_RECEIVED: Severity.WARNING,
    Code.NOT_TAKEN_ON: Severity.WARNING,
    Code.LATER_THAN_SUPERIOR: Severity.ERROR,
    Code.LATER_THAN_ASSIGNED: Severity.ERROR,
    Code.WEAKER_TARGET: Severity.ERROR,
    Code.NOT_REFINED: Severity.WARNING,
    Code.NO_LOCAL_PLAN: Severity.WARNING,
    Code.ORPHAN_REFINEMENT: Severity.ERROR,
    Code.DEPENDENCY_CYCLE: Severity.ERROR,
    Code.ENDED_BODY: Severity.ERROR,
    Code.ENDED_BODY_PRINTED: Severity.WARNING,
    Code.DEADLINE_OUTSIDE_PLAN: Severity.WARNING,
    Code.DUE_OUTSIDE_PLAN: Severity.WARNING,
    Code.TARGET_OUTSIDE_PLAN: Severity.WARNING,
    Code.SAME_DUTY_TWICE: Severity.WARNING,
    Code.LEAD_AND_SUPPORT: Severity.WARNING,
    Code.MILESTONE_AFTER_DUE: Severity.ERROR,
    Code.MILESTONE_BEFORE_PREDECESSOR: Severity.ERROR,
}


class Finding(NamedTuple):
    """One thing found, by keys of rows; 0 where there is none. `subject` is the row at fault
    (an assignment, milestone, target or element; of a cycle the first thread), `related` what it
    stands against (threads, or for a target the superior target, for duties the elements),
    `days` the day found and the day that bounds it, as ordinals."""

    code: Code
    plan: int
    thread: int = 0
    body: int = 0
    place: int = 0
    subject: int = 0
    related: tuple[int, ...] = ()
    days: tuple[int, ...] = ()

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return SEVERITIES[self.code]
