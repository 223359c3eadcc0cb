"""Reading a folder of places: `places.yaml` and its CSV files. Free of the database.

The format is described in `docs/guide/places.md`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from throughline.kernel.errors import Invalid, Problem

T = TypeVar("T")

MAX_BYTES = 100_000
MAX_TABLE_BYTES = 50_000_000
MAX_DEPTH = 8
"""A folder may come with a pack from a stranger. `places.yaml` names a scheme and its tiers."""


@dataclass(frozen=True)
class PlaceRow:
    code: str
    name_zh: str
    name_en: str
    sort_key: str
    tier: str
    parent: str
    kind: str
    valid_from: date
    valid_to: date | None
    note: str


@dataclass(frozen=True)
class SuccessionRow:
    origin: str
    successor: str
    date: date
    kind: str
    weight: float | None
    doubtful: bool
    reason: str


@dataclass(frozen=True)
class Folder:
    """All that a folder of places says."""

    scheme: dict[str, Any]
    tiers: list[dict[str, Any]]
    places: list[PlaceRow]
    aliases: list[tuple[str, str]] = field(default_factory=list)
    successions: list[SuccessionRow] = field(default_factory=list)
    tiles: list[tuple[str, int, int]] = field(default_factory=list)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _start(text: str) -> date:
    return date.fromisoformat(text)


class _Reader:
    """Reads the files of one folder and gathers every fault with its file and row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def rows(self, name: str, make: Callable[[dict[str, str]], T]) -> Iterator[T]:
        path = self.folder / name
        if not path.exists():
            return
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_TABLE_BYTES:
            self.problems.append(
                Problem(name, f"it is no plain file of at most {MAX_TABLE_BYTES:,} bytes")
            )
            return
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), 2):
                try:
                    yield make(row)
                except (KeyError, ValueError, TypeError) as error:
                    self.problems.append(
                        Problem(f"{name} row {number}", f"{type(error).__name__}: {error}")
                    )


def _place(row: dict[str, str]) -> PlaceRow:
    return PlaceRow(
        code=row["code"],
        name_zh=row.get("name") or "",
        name_en=row["name_en"],
        sort_key=row["sort_key"],
        tier=row["tier"],
        parent=row["parent"],
        kind=row.get("kind") or "regular",
        valid_from=_start(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        note=row.get("note") or "",
    )


def _succession(row: dict[str, str]) -> SuccessionRow:
    return SuccessionRow(
        origin=row["from_code"],
        successor=row["to_code"],
        date=_start(row["date"]),
        kind=row["kind"],
        weight=float(row["weight"]) if row["weight"] else None,
        doubtful=row["doubtful"].lower() in {"yes", "true", "1"},
        reason=row["reason"],
    )


def _description(path: Path) -> dict[str, Any]:
    """What `places.yaml` says: small, flat, without anything that expands."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise _unfit(path, f"it is no plain file of at most {MAX_BYTES:,} bytes")
    try:
        text = path.read_text(encoding="utf-8-sig")
        _check_events(path, text)
        said = yaml.safe_load(text)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise _unfit(path, " ".join(str(error).split())) from error
    if not isinstance(said, dict):
        raise _unfit(path, "it must hold the keys scheme and tiers")
    if not isinstance(said.get("scheme"), dict) or not _are_tiers(said.get("tiers")):
        raise _unfit(path, "scheme must be a group of keys, tiers a list of key and level")
    return said


def _are_tiers(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(tier, dict) and {"key", "level"} <= set(tier) for tier in value
    )


def _check_events(path: Path, text: str) -> None:
    """Refuse anchors, aliases, tags and depth before anything is built from the text."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > MAX_DEPTH:
            raise _unfit(path, f"line {line} nests too deeply")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _unfit(path, f"line {line}: anchors and aliases are not taken")
        if getattr(event, "tag", None):
            raise _unfit(path, f"line {line}: tags are not taken")


def _unfit(path: Path, why: str) -> Invalid:
    return Invalid(
        f"{path} cannot be loaded",
        problems=[Problem(path.name, why, "see docs/guide/places.md")],
    )


def read_folder(folder: Path) -> Folder:
    """Read a folder of places; raises Invalid that names every file and row at fault."""
    description = folder / "places.yaml"
    if not description.exists():
        raise Invalid(
            f"{folder} holds no places.yaml", remedy="name the folder of a list of places"
        )
    said = _description(description)
    reader = _Reader(folder)
    found = Folder(
        scheme=said["scheme"],
        tiers=said["tiers"],
        places=list(reader.rows("places.csv", _place)),
        aliases=list(reader.rows("aliases.csv", lambda row: (row["code"], row["alias"]))),
        successions=list(reader.rows("succession.csv", _succession)),
        tiles=list(
            reader.rows("tiles.csv", lambda row: (row["code"], int(row["col"]), int(row["row"])))
        ),
    )
    problems = reader.problems + _faults(found)
    if problems:
        raise Invalid(f"{folder} cannot be loaded", problems=problems)
    return found


def _faults(found: Folder) -> list[Problem]:
    tiers = {tier["key"] for tier in found.tiers}
    codes = {row.code for row in found.places}
    seen: set[tuple[str, date]] = set()
    faults = []
    for number, row in enumerate(found.places, 2):
        where = f"places.csv row {number}"
        if row.tier not in tiers:
            faults.append(Problem(where, f"there is no tier {row.tier!r}", field="tier"))
        if row.parent and row.parent not in codes:
            faults.append(Problem(where, f"there is no place {row.parent!r}", field="parent"))
        if row.valid_to is not None and row.valid_to <= row.valid_from:
            faults.append(Problem(where, "it ends before it begins", field="valid_to"))
        if (row.code, row.valid_from) in seen:
            faults.append(Problem(where, f"{row.code} begins twice on one day", field="code"))
        seen.add((row.code, row.valid_from))
    return faults
