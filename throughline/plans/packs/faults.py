"""What is wrong with a pack: where it stands, why, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from throughline.kernel.errors import Problem


class Severity(StrEnum):
    """An error keeps a pack from being loaded; a notice is for its author to weigh."""

    ERROR = "error"
    NOTICE = "notice"


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. `file` is relative to the pack; lines and columns count from 1, and are 0
    where the fault is the whole file's. In a CSV file, `column` is the field's number."""

    file: str
    line: int
    column: int
    code: str
    message: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.message} — {self.remedy}"

    def as_dict(self) -> dict[str, object]:
        """The fault as `--json` prints it."""
        return asdict(self)

    def as_problem(self) -> Problem:
        """The fault as an action's `Invalid` carries it."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return Problem(where, self.message, self.remedy, code=self.code)


def errors(faults: Iterable[Fault]) -> list[Fault]:
    """Those that keep the pack from being loaded."""
    return [fault for fault in faults if fault.severity is Severity.ERROR]
