"""What a check finds, before it has words: its kind, where it is, and what the words need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PathInFile = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """One finding in a file of a pack: of a BPMN file by line and column (from 1) and the id of
    the element, of a YAML file by the path of the part. `about` is what its sentence names."""

    kind: str
    file: str
    line: int = 0
    column: int = 0
    element: str = ""
    path: PathInFile | None = None
    about: Mapping[str, object] = field(default_factory=dict)
