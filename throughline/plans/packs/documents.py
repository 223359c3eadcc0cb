"""YAML files as plain values with the line and column of every part.

Packs come from strangers: files are bounded in size, depth and number of parts, aliases and
tags are refused (so nothing expands and nothing is constructed), and a key stands once in a
mapping. Scalars are read as in YAML 1.2: `no` and `2022-06-21` are texts, and so is `010101`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from throughline.plans.packs.faults import Fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_PARTS = 100_000

PathInFile = tuple[str | int, ...]
Mark = tuple[int, int]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Document:
    """A file's value, and where its parts stand."""

    file: str
    value: Any
    keys: dict[PathInFile, Mark] = field(default_factory=dict)
    values: dict[PathInFile, Mark] = field(default_factory=dict)

    def mark(self, path: PathInFile) -> Mark:
        """Line and column (from 1) of the nearest enclosing part that the file shows."""
        for end in range(len(path), -1, -1):
            mark = self.values.get(path[:end])
            if mark:
                return mark
        return (1, 1)

    def key_mark(self, path: PathInFile) -> Mark:
        """Line and column of the key under which a part stands."""
        return self.keys.get(path) or self.mark(path)

    def fault(self, path: PathInFile, code: str, message: str, remedy: str) -> Fault:
        """A fault of the part at `path`."""
        return Fault(self.file, *self.mark(path), code, message, remedy)


class _Refused(Exception):
    def __init__(self, mark: Mark, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.fault = (*mark, code, message, remedy)


def read_bytes(folder: Path, file: str, limit: int) -> bytes | Fault:
    """A file's bytes, or the fault that it is missing, no plain file, or too large."""
    path = folder / file
    try:
        if path.is_symlink() or not path.is_file():
            return Fault(
                file,
                0,
                0,
                "missing-file",
                _("the file is missing, or no plain file"),
                _("add it to the pack"),
            )
        size = path.stat().st_size
        if size > limit:
            message = _("the file has %(size)d bytes, more than %(limit)d")
            return Fault(
                file,
                0,
                0,
                "too-large",
                message % {"size": size, "limit": limit},
                _("split it or leave out what the plan does not need"),
            )
        return path.read_bytes()
    except OSError as error:
        return Fault(
            file,
            0,
            0,
            "unreadable",
            _("the file cannot be read: %s") % error.strerror,
            _("check the file and its permissions"),
        )


def decode(file: str, data: bytes) -> str | Fault:
    """The text of UTF-8 bytes (a byte order mark is dropped), or the fault that it is not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return Fault(
            file,
            line,
            column,
            "encoding",
            _("the file is not UTF-8 text"),
            _("save it as UTF-8"),
        )


def read_document(folder: Path, file: str) -> Document | Fault:
    """Read one YAML file of a pack; a fault where it cannot be taken."""
    data = read_bytes(folder, file, MAX_BYTES)
    if isinstance(data, Fault):
        return data
    text = decode(file, data)
    if isinstance(text, Fault):
        return text
    return parse(file, text)


def parse(file: str, text: str) -> Document | Fault:
    """Read YAML text.

    >>> parse("x.yaml", "a: [1, no]").value
    {'a': [1, 'no']}
    >>> str(parse("x.yaml", "a: 1\\na: 2"))
    'x.yaml:2: the key "a" stands twice — keep one of the two'
    """
    document = Document(file, None)
    try:
        value = _Reader(text, document).read()
    except _Refused as refused:
        return Fault(file, *refused.fault)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = (at.line + 1, at.column + 1) if at else (1, 1)
        problem = error.problem or error.context or ""
        return Fault(
            file,
            *mark,
            "yaml",
            _("this is not YAML: %s") % problem,
            _("look at the indentation, quotes and colons here and just above"),
        )
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return Fault(file, line, 1, "yaml", _("a character that text may not hold"), _("remove it"))
    return Document(file, value, document.keys, document.values)


class _Reader:
    """Builds values from the parser's events, which never expand anything."""

    def __init__(self, text: str, document: Document) -> None:
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)
        self.document = document
        self.parts = 0

    def read(self) -> Any:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            return None
        value = self._value(next(self.events), ())
        next(self.events)
        after = next(self.events)
        if isinstance(after, yaml.DocumentStartEvent):
            raise _Refused(
                _mark(after), "yaml", _("a second document begins"), _("keep one in a file")
            )
        return value

    def _value(self, event: yaml.Event, path: PathInFile) -> Any:
        self._bound(event, path)
        self.document.values[path] = _mark(event)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _bound(self, event: yaml.Event, path: PathInFile) -> None:
        self.parts += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(
                _mark(event),
                "alias",
                _("anchors and aliases are not taken"),
                _("write the value out"),
            )
        if getattr(event, "tag", None):
            raise _Refused(_mark(event), "tag", _("tags are not taken"), _("remove the tag"))
        if len(path) > MAX_DEPTH or self.parts > MAX_PARTS:
            raise _Refused(
                _mark(event),
                "too-large",
                _("the file nests too deeply or holds too much"),
                _("make it flatter or split it"),
            )

    def _sequence(self, path: PathInFile) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: PathInFile) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self._bound(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(
                    _mark(event), "yaml", _("a key must be a word"), _("write a plain key")
                )
            key = event.value
            if key in found:
                raise _Refused(
                    _mark(event),
                    "duplicate-key",
                    _('the key "%s" stands twice') % key,
                    _("keep one of the two"),
                )
            self.document.keys[(*path, key)] = _mark(event)
            found[key] = self._value(next(self.events), (*path, key))
        return found


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return (start.line + 1, start.column + 1) if start else (1, 1)


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text = str(event.value)
    if event.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text
