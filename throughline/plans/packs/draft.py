"""A pack's files as they were read: what the checks look at, whatever state they are in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from throughline.kernel.errors import Invalid
from throughline.places.folder import PlaceRow, read_folder
from throughline.plans.packs.documents import (
    MAX_BYTES,
    Document,
    PathInFile,
    read_bytes,
    read_document,
)
from throughline.plans.packs.faults import Fault, Severity
from throughline.plans.packs.schemas import schema_faults
from throughline.plans.packs.tables import Table, read_table

REQUIRED = ("pack", "sources", "plan", "elements", "indicators", "editions", "series", "targets")
OPTIONAL = ("bodies", "people", "groupings", "simulated", "forms", "procedures")
UNREAD = {"README.md", "LICENSE", "derive.py"}
MAX_FILES = 500

Item = tuple[PathInFile, dict[str, Any]]


@dataclass(frozen=True)
class Gazetteer:
    """The places that the pack may name: tiers from the top, and rows by code."""

    scheme: str
    tiers: tuple[str, ...]
    rows: dict[str, list[PlaceRow]]

    def on(self, code: str, day: date) -> PlaceRow | None:
        """The place that bears the code on a day."""
        return next(
            (
                row
                for row in self.rows.get(code, [])
                if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
            ),
            None,
        )

    def root(self) -> str:
        """The code of the place at the top."""
        return next((code for code, rows in self.rows.items() if not rows[0].parent), "")


@dataclass
class Draft:
    """The files of a pack, and the faults found so far."""

    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    drawings: dict[str, bytes] = field(default_factory=dict)
    gazetteer: Gazetteer | None = None
    faults: list[Fault] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    digest: str = ""

    def items(self, name: str) -> Iterator[Item]:
        """The entries of a list file (`elements` of elements.yaml) that are groups of keys."""
        yield from self.entries(name, (name,))

    def entries(self, name: str, path: PathInFile) -> Iterator[Item]:
        """The entries of the list at a path of a file, with their paths."""
        value = _part(self.document(name).value, path)
        for number, entry in enumerate(value if isinstance(value, list) else []):
            if isinstance(entry, dict):
                yield (*path, number), entry

    def sound(self, name: str) -> bool:
        """Whether a file is there and has passed its schema."""
        file = f"{name}.yaml"
        return file in self.documents and file not in self.faulty

    def document(self, name: str) -> Document:
        """A file of the pack by its name without `.yaml`; empty where it is missing."""
        file = f"{name}.yaml"
        return self.documents.get(file) or Document(file, None)

    def keys(self, name: str, path: PathInFile | None = None) -> set[str]:
        """The keys that a list file defines, faulty or not."""
        entries = self.entries(name, path or (name,))
        return {entry["key"] for _path, entry in entries if isinstance(entry.get("key"), str)}

    def report(
        self,
        name: str,
        path: PathInFile,
        code: str,
        message: str,
        remedy: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a fault of a part of a YAML file."""
        document = self.document(name)
        mark = document.mark(path)
        self.faults.append(Fault(document.file, *mark, code, message, remedy, severity))


def _part(value: Any, path: PathInFile) -> Any:
    """The part of a value at a path; none where there is no such part."""
    for name in path:
        if isinstance(value, dict):
            value = value.get(str(name))
        elif isinstance(value, list) and isinstance(name, int):
            value = value[name]
        else:
            return None
    return value


def read_draft(folder: Path) -> Draft:
    """Read every file of the pack; faults of syntax and schema are in the draft."""
    draft = Draft(folder)
    files = _files(draft)
    for name in REQUIRED + OPTIONAL:
        file = f"{name}.yaml"
        if file in files or name in REQUIRED:
            _read_document(draft, file, f"{name}.json")
    for file in files:
        if file.startswith("mappings/") and file.endswith(".yaml"):
            _read_document(draft, file, "mapping.json")
        elif file.startswith("observations/") and file.endswith(".csv"):
            table, faults = read_table(folder, file)
            draft.faults += faults
            if table:
                draft.tables[file] = table
        elif file.startswith("procedures/") and file.endswith(".bpmn"):
            data = read_bytes(folder, file, MAX_BYTES)
            if isinstance(data, Fault):
                draft.faults.append(data)
            else:
                draft.drawings[file] = data
    draft.gazetteer = _gazetteer(draft)
    _unused(draft, files)
    draft.digest = _digest(folder, files)
    return draft


def _files(draft: Draft) -> list[str]:
    """Paths of all files below the folder, relative and sorted; links are not followed."""
    found: list[str] = []
    for parent, folders, names in os.walk(draft.folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        relative = Path(parent).relative_to(draft.folder)
        found += [(relative / name).as_posix() for name in names if not name.startswith(".")]
        if len(found) > MAX_FILES:
            message = _("the folder holds more than %d files") % MAX_FILES
            draft.faults.append(
                Fault(".", 0, 0, "too-large", message, _("name the folder of one pack"))
            )
            return []
    return sorted(found)


def _read_document(draft: Draft, file: str, schema: str) -> None:
    document = read_document(draft.folder, file)
    if isinstance(document, Fault):
        draft.faults.append(document)
        draft.faulty.add(file)
        return
    draft.documents[file] = document
    faults = schema_faults(document, schema)
    if faults:
        draft.faults += faults
        draft.faulty.add(file)


def _places_folder(draft: Draft) -> str | None:
    value = draft.document("pack").value
    places = value.get("places") if isinstance(value, dict) else None
    return places if isinstance(places, str) and "\0" not in places else None


def _gazetteer(draft: Draft) -> Gazetteer | None:
    places = _places_folder(draft)
    if places is None:
        return None
    try:
        folder = read_folder(draft.folder / places)
    except Invalid as error:
        remedy = error.remedy or _("mend the folder of places first")
        draft.report("pack", ("places",), "places", error.message, remedy)
        for problem in error.problems[:20]:
            draft.report("pack", ("places",), "places", str(problem), problem.remedy or remedy)
        return None
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        draft.report(
            "pack",
            ("places",),
            "places",
            _("the folder of places cannot be read: %s") % error,
            _("mend the folder of places first"),
        )
        return None
    rows: dict[str, list[PlaceRow]] = {}
    for row in folder.places:
        rows.setdefault(row.code, []).append(row)
    tiers = sorted(folder.tiers, key=lambda tier: int(tier["level"]))
    return Gazetteer(folder.scheme["key"], tuple(tier["key"] for tier in tiers), rows)


def _unused(draft: Draft, files: list[str]) -> None:
    places = _places_folder(draft)
    inside = f"{places.strip('/')}/" if places and not places.startswith("..") else None
    read = {f"{name}.yaml" for name in REQUIRED + OPTIONAL} | UNREAD
    for file in files:
        folder, _slash, name = file.rpartition("/")
        taken = (
            file in read
            or (folder == "mappings" and name.endswith(".yaml"))
            or (folder == "observations" and name.endswith(".csv"))
            or (folder == "procedures" and name.endswith(".bpmn"))
            or (inside is not None and file.startswith(inside))
        )
        if not taken:
            draft.faults.append(
                Fault(
                    file,
                    0,
                    0,
                    "unused-file",
                    _("the file is not part of a pack and is not read"),
                    _("move or remove it"),
                    Severity.NOTICE,
                )
            )


def _digest(folder: Path, files: list[str]) -> str:
    """SHA-256 over the names and bytes of the pack's files, in order."""
    whole = hashlib.sha256()
    for file in files:
        path = folder / file
        if path.is_file():
            part = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{file}\0{part}\n".encode())
    return whole.hexdigest()
