"""A fault of one row or cell, with the kind that a report counts it under."""

from __future__ import annotations

from enum import StrEnum

from throughline.kernel.errors import Invalid

MOST_LISTED = 1000
"""How many faults a report lists; all are counted. What lies beyond is told apart by its kind
alone, so that a file of nothing but faults is answered in seconds."""


class Kind(StrEnum):
    """What is wrong, as the report's summary names it."""

    FILE = "file"
    HEADING = "heading"
    RULE = "rule"
    TORN = "torn"
    CODE = "code"
    CODE_LOST = "code_lost"
    ENDED = "ended"
    NOT_YET = "not_yet"
    ELSEWHERE = "elsewhere"
    NO_PLACE = "no_place"
    NAME = "name"
    SERIES = "series"
    PERIOD = "period"
    STATUS = "status"
    NUMBER = "number"
    PERCENT = "percent"
    RANGE = "range"
    MERGED = "merged"
    TWICE = "twice"
    DIFFERS = "differs"


class Fault(Invalid):
    """Raised where a row or cell cannot be taken; whoever catches it knows the cell.

    `column` names the column at fault where it is not the one being read.
    """

    def __init__(self, kind: Kind, message: str, remedy: str = "", column: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind
        self.column = column
