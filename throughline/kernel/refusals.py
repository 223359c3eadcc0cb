"""How the API says no: the same form for every room."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema


class ProblemOut(Schema):
    """One fault of an input."""

    place: str
    message: str
    remedy: str
    field: str
    code: str


class ErrorOut(Schema):
    """A refusal: what happened, where, and what to do."""

    error: str
    message: str
    place: str | None = None
    remedy: str | None = None
    rule: str | None = None
    lifted_by: str | None = None
    until: datetime | None = None
    problems: list[ProblemOut] = Field(default_factory=list)


REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), ErrorOut)
