"""Errors that say what happened, where, and what to do. Django-free.

Each class carries the HTTP status and the CLI exit code it maps to, so that the mapping
is written once and every door (page, API, CLI, import) answers alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime


@dataclass(frozen=True)
class Problem:
    """One fault of an input: where it is, what is wrong, and what mends it."""

    place: str
    message: str
    remedy: str = ""
    field: str = ""
    code: str = ""


class ThroughlineError(Exception):
    """A refusal that a person is told about. Anything else that is raised is a defect."""

    http_status = 500
    exit_code = 1
    code = "error"

    def __init__(
        self, message: str, *, place: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.remedy = remedy

    def as_dict(self) -> dict[str, object]:
        """What the API and `--json` print; empty parts are left out."""
        parts = {
            "error": self.code,
            "message": self.message,
            "place": self.place,
            "remedy": self.remedy,
        }
        return {name: part for name, part in parts.items() if part}


class NotFound(ThroughlineError):
    """It does not exist, or not for this actor: the two are never told apart."""

    http_status = 404
    exit_code = 4
    code = "not-found"


class Forbidden(ThroughlineError):
    """It is visible, but the actor may not do this. Names the rule and who can lift it."""

    http_status = 403
    exit_code = 3
    code = "forbidden"

    def __init__(
        self,
        message: str,
        *,
        rule: str,
        lifted_by: str = "",
        until: datetime | None = None,
        place: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.rule = rule
        self.lifted_by = lifted_by
        self.until = until

    def as_dict(self) -> dict[str, object]:
        until = self.until.isoformat() if self.until else ""
        extra = {"rule": self.rule, "lifted_by": self.lifted_by, "until": until}
        return super().as_dict() | {name: part for name, part in extra.items() if part}


class Unauthenticated(ThroughlineError):
    """Nobody is signed in, or the token does not count (any more)."""

    http_status = 401
    exit_code = 3
    code = "unauthenticated"


class Invalid(ThroughlineError):
    """The input cannot be taken as it is; every fault found is listed."""

    http_status = 422
    exit_code = 2
    code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[Problem] = (),
        place: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.problems = list(problems)

    def as_dict(self) -> dict[str, object]:
        found = super().as_dict()
        if self.problems:
            found["problems"] = [asdict(problem) for problem in self.problems]
        return found


class Conflict(ThroughlineError):
    """Somebody else was first, or the same key came with another body."""

    http_status = 409
    exit_code = 5
    code = "conflict"


class TooMany(ThroughlineError):
    """Throttled; try again later."""

    http_status = 429
    exit_code = 6
    code = "too-many"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, remedy=f"try again in {retry_after} seconds")
        self.retry_after = retry_after


class TurnedAway(TooMany):
    """Very many come at once: what was given is kept, and the ticket counts `until` then."""

    code = "turned-away"

    def __init__(self, message: str, *, retry_after: int, until: datetime) -> None:
        super().__init__(message, retry_after=retry_after)
        self.until = until

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | {"until": self.until.isoformat()}


class Crowded(TooMany):
    """So many come at this moment that this one is not attended to; try again later. Nothing
    was done, and nobody has done too much."""

    http_status = 503
    code = "crowded"


class Busy(ThroughlineError):
    """A part of the installation does not answer now."""

    http_status = 503
    exit_code = 6
    code = "busy"
