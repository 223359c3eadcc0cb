"""Remarks put into the cells of an untrusted .xlsx, and its formulas taken out.

Run as a process of its own: a line of JSON and then the file come by standard input, a line of
JSON and then the changed file go to standard output.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from posixpath import dirname, join, normpath, relpath
from typing import Any

from throughline.files.untrusted.child import bind
from throughline.files.untrusted.comments import (
    Note,
    comments_part,
    drawing_part,
    empty_comments,
    empty_drawing,
    is_ours,
    places_of,
)
from throughline.files.untrusted.cutting import elements, spliced, tag, with_child
from throughline.files.untrusted.kinds import HEAD, kind_of, open_package, package_kind
from throughline.files.untrusted.marks import check_xml, members_of
from throughline.files.untrusted.spreadsheets import refuse_protected_package
from throughline.files.untrusted.unreadable import UnreadableError
from throughline.files.untrusted.worksheets import (
    filled_style,
    with_drawing,
    with_fills,
    without_fills,
    without_formulas,
)

_TYPES = "[Content_Types].xml"
_STYLES = "xl/styles.xml"
_CHAIN = "xl/calcChain.xml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def main() -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    bind(asked["limits"])
    answer: dict[str, object] = {"ok": True}
    content = b""
    try:
        content = annotated(sys.stdin.buffer.read(), asked)
    except UnreadableError as refusal:
        answer = {"refusal": refusal.code, "particulars": refusal.particulars}
    except MemoryError:
        answer = {"refusal": "memory", "particulars": {}}
    except Exception:
        # Whatever the parsers trip over, the one who sent the file is told that it is damaged.
        answer = {"refusal": "damaged", "particulars": {}}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


def annotated(content: bytes, asked: dict[str, Any]) -> bytes:
    """The file with `asked["notes"]`, each [sheet, row, column, text], signed `asked["author"]`."""
    if kind_of(content[:HEAD]) != "zip":
        raise UnreadableError("no-remarks")
    limits = asked["limits"]
    package = open_package(io.BytesIO(content), unpacked=limits["unpacked"], ratio=limits["ratio"])
    if package_kind(set(package.namelist())) != "xlsx":
        raise UnreadableError("no-remarks")
    refuse_protected_package(package)
    check_xml(package)
    notes: dict[str, list[Note]] = {}
    for sheet, row, column, text in asked["notes"]:
        notes.setdefault(sheet, []).append(Note(row, column, text))
    book = _Book(package, asked["author"])
    for number, (sheet, member) in enumerate(members_of(package).items()):
        book.annotate(number, member, notes.get(sheet, []))
    return book.packed()


class _Book:
    """The members of a package, those that were changed beside those that were not."""

    def __init__(self, package: zipfile.ZipFile, author: str) -> None:
        self.package = package
        self.author = author
        self.changed: dict[str, bytes] = {}
        self.removed: set[str] = set()
        self.names = set(package.namelist())

    def read(self, name: str) -> bytes:
        return self.changed[name] if name in self.changed else self.package.read(name)

    def has(self, name: str) -> bool:
        return name in self.changed or name in self.names

    def annotate(self, number: int, member: str, notes: list[Note]) -> None:
        """One sheet: formulas out, earlier remarks out, remarks in."""
        before = self.read(member)
        content, any_formula = without_formulas(before)
        if any_formula:
            self._forget_chain()
        content = without_fills(content)
        if notes and self.has(_STYLES):
            styles, style = filled_style(self.read(_STYLES))
            self.changed[_STYLES] = styles
            content = with_fills(content, style, [(note.row, note.column) for note in notes])
        content = self._comment(number, member, content, notes)
        if content != before:
            self.changed[member] = content

    def packed(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in self.package.infolist():
                if entry.filename in self.removed:
                    continue
                about = zipfile.ZipInfo(entry.filename, entry.date_time)
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = entry.external_attr
                new.writestr(about, self.read(entry.filename))
            for name in sorted(self.changed.keys() - self.names):
                new.writestr(zipfile.ZipInfo(name), self.changed[name], zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def _comment(self, number: int, member: str, content: bytes, notes: list[Note]) -> bytes:
        relations = join(dirname(member), "_rels", member.rpartition("/")[2] + ".rels")
        comments = self._related(member, relations, "/comments")
        if not notes and not (comments and is_ours(self.read(comments), self.author)):
            return content
        drawing = self._drawing(member, relations, content)
        if comments is None:
            comments = self._free("xl/comments-%d.xml", number)
            self.changed[comments] = empty_comments()
            self._relate(member, relations, comments, "comments", content)
            self._declare(comments)
        if drawing is None:
            drawing = self._free("xl/drawings/vmlDrawing-%d.vml", number)
            self.changed[drawing] = empty_drawing()
            key = self._relate(member, relations, drawing, "vmlDrawing", content)
            content = with_drawing(content, key, _base(content))
            self._declare_drawings()
        part, gone = comments_part(self.read(comments), notes, self.author)
        self.changed[comments] = part
        self.changed[drawing] = drawing_part(self.read(drawing), gone, places_of(part), number)
        return content

    def _related(self, member: str, relations: str, ending: str, key: str = "") -> str | None:
        """The part that a sheet refers to by a relation of this type, or of this key."""
        if not self.has(relations):
            return None
        for each in elements(self.read(relations), {"Relationship"}):
            if key and each.attributes.get("Id") != key:
                continue
            if each.attributes.get("Type", "").endswith(ending):
                target = each.attributes.get("Target", "")
                found = normpath(join("/" + dirname(member), target)).lstrip("/")
                if self.has(found):
                    return found
        return None

    def _drawing(self, member: str, relations: str, content: bytes) -> str | None:
        """The part with the shapes of the sheet's comments; pictures of its head have another."""
        for each in elements(content, {"legacyDrawing"}):
            for name, key in each.attributes.items():
                if name.rpartition(":")[2] == "id":
                    return self._related(member, relations, "/vmlDrawing", key)
        return None

    def _relate(self, member: str, relations: str, part: str, kind: str, sheet: bytes) -> str:
        """Puts a relation from a sheet to a part on record, and gives its key."""
        if not self.has(relations):
            self.changed[relations] = (
                b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
                + tag("Relationships", {"xmlns": _RELATIONS}, closed=True)
            )
        content = self.read(relations)
        root, *others = elements(content, {"Relationships", "Relationship"})
        taken = {each.attributes.get("Id") for each in others}
        key = next(f"rIdTl{n}" for n in range(len(taken) + 1) if f"rIdTl{n}" not in taken)
        target = relpath(part, dirname(member))
        attributes = {"Id": key, "Type": f"{_base(sheet)}/{kind}", "Target": target}
        child = tag(root.prefix + "Relationship", attributes, closed=True)
        self.changed[relations] = with_child(content, root, child)
        return key

    def _free(self, pattern: str, number: int) -> str:
        name = pattern % number
        while self.has(name):
            number += 1000
            name = pattern % number
        return name

    def _declare(self, part: str) -> None:
        content = self.read(_TYPES)
        root = elements(content, {"Types"})[0]
        attributes = {"PartName": "/" + part, "ContentType": _COMMENTS_TYPE}
        child = tag(root.prefix + "Override", attributes, closed=True)
        self.changed[_TYPES] = with_child(content, root, child)

    def _declare_drawings(self) -> None:
        content = self.read(_TYPES)
        root, *known = elements(content, {"Types", "Default"})
        if any(each.attributes.get("Extension", "").lower() == "vml" for each in known):
            return
        attributes = {"Extension": "vml", "ContentType": _DRAWING_TYPE}
        child = tag(root.prefix + "Default", attributes, closed=True)
        first = elements(content)[1:2]
        at = first[0].start if first else root.inner
        self.changed[_TYPES] = spliced(content, [(at, at, child)])

    def _forget_chain(self) -> None:
        """The order of calculation names cells that have no formula any more."""
        if not self.has(_CHAIN) or _CHAIN in self.removed:
            return
        self.removed.add(_CHAIN)
        for name, key in ((_TYPES, "PartName"), ("xl/_rels/workbook.xml.rels", "Target")):
            content = self.read(name)
            gone = [
                (each.start, each.end, b"")
                for each in elements(content, {"Override", "Relationship"})
                if each.attributes.get(key, "").endswith("calcChain.xml")
            ]
            self.changed[name] = spliced(content, gone)


def _base(sheet: bytes) -> str:
    """Where the types of relations begin, which differs in the strict variant of the format."""
    return _OFFICE_STRICT if b"http://purl.oclc.org/ooxml/" in sheet[:2000] else _OFFICE
