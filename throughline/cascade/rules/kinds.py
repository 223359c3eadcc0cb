"""The kinds of things in the cascade."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What part an assignment gives to a body."""

    LEAD = "lead"
    COORDINATING = "coordinating"
    SUPPORT = "support"
    LOCALITY = "locality"
    """The government of a place below, which answers for the whole place."""


LEADING = frozenset({Part.LEAD, Part.COORDINATING})


class Treatment(StrEnum):
    """How an element of a local plan answers one of the superior plan."""

    ADOPT = "adopt"
    ADAPT = "adapt"
    SPLIT = "split"
    MERGE = "merge"


class ClaimKind(StrEnum):
    """What a body answers instead of taking on."""

    CONTEST = "contest"
    NOT_APPLICABLE = "not_applicable"


class ReportKind(StrEnum):
    """What a progress report claims: that work goes on, where a reform measure stands in its
    life, or that all is done."""

    PROGRESS = "progress"
    PILOT = "pilot"
    EVALUATED = "evaluated"
    EXTENDED = "extended"
    GIVEN_UP = "given_up"
    COMPLETION = "completion"


class EvidenceKind(StrEnum):
    """What a report rests on."""

    FILE = "file"
    FIGURE = "figure"
    LINK = "link"
