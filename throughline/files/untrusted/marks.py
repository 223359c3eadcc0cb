"""What the spreadsheet reader passes over in silence, found in the sheet's own XML.

Errors and formulas without a stored result would be read as empty, and a cell formatted as
a percentage as a hundredth of what its reader sees. Only .xlsx can be asked; the patterns
look at what the file says and decide nothing that safety rests on.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from dataclasses import dataclass, field
from html import unescape
from posixpath import join, normpath
from xml.etree import ElementTree
from xml.parsers import expat

from throughline.files.untrusted.places import packed
from throughline.files.untrusted.unreadable import UnreadableError

_MAIN = "{*}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

_HIDDEN_ROW = re.compile(
    rb"""<(?:\w+:)?row\b(?=[^>]*\shidden=["'](?:1|true)["'])[^>]*?\sr=["'](\d+)["']"""
)
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\st=["']e["'])(?=[^>]*?\sr=["']([A-Z]{1,3})(\d{1,7})["'])[^>]*>"""
    rb"""(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([^<]*)<"""
)
_UNCALCULATED = re.compile(
    rb"""<(?:\w+:)?c\b(?![^>]*\st=["']str["'])(?=[^>]*?\sr=["']([A-Z]{1,3})(\d{1,7})["'])[^>]*>"""
    rb"""<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"""
)
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*?\sr=["']([A-Z]{1,3})(\d{1,7})["'][^>]*><(?:\w+:)?f\b"""
)
ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
_BUILT_IN_PERCENT = {9, 10}


@dataclass
class Marks:
    """Places are (row, column), counted from 0; `percent` and `formulas` hold them packed."""

    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    percent: array[int] = field(default_factory=lambda: array("Q"))
    formulas: array[int] = field(default_factory=lambda: array("Q"))
    hidden_rows: list[int] = field(default_factory=list)


def place_of(column: str, row: str) -> tuple[int, int]:
    """
    >>> place_of("B", "12"), place_of("AA", "1")
    ((11, 1), (0, 26))
    """
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return int(row) - 1, number - 1


def check_xml(package: zipfile.ZipFile) -> None:
    """Refuses parts that are no XML (calamine passes over some faults and loses what follows)
    and document type declarations, which no spreadsheet program writes and attacks need."""
    for entry in package.infolist():
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        try:
            content = package.read(entry)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise UnreadableError("damaged") from error
        if content.startswith(_UTF_16):
            raise UnreadableError("damaged")  # calamine reads such a part as empty
        _check_part(entry.filename, content)


def _check_part(name: str, content: bytes) -> None:
    def refuse_declaration(*_declared: object) -> None:
        raise UnreadableError("declaration", member=name)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_declaration
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableError("damaged") from error


def marks_of(package: zipfile.ZipFile) -> dict[str, Marks]:
    """The marks of every worksheet by its name. Reads no file with declarations in it."""
    try:
        percent_styles = _percent_styles(package)
        return {
            name: _marks_of_sheet(package.read(member), percent_styles)
            for name, member in members_of(package).items()
        }
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise UnreadableError("damaged") from error


def members_of(package: zipfile.ZipFile) -> dict[str, str]:
    """The member of every worksheet by the sheet's name."""
    relations = {
        relation.get("Id", ""): normpath(join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in _xml(package, "xl/_rels/workbook.xml.rels")
    }
    found = {}
    for sheet in _xml(package, "xl/workbook.xml").iterfind(f"{_MAIN}sheets/{_MAIN}sheet"):
        relation = sheet.get(_RELATION) or sheet.get(_RELATION_STRICT) or ""
        member = relations.get(relation, "")
        if "worksheets/" in member and member in package.namelist():
            found[sheet.get("name", "")] = member
    return found


def _percent_styles(package: zipfile.ZipFile) -> list[int]:
    if "xl/styles.xml" not in package.namelist():
        return []
    styles = _xml(package, "xl/styles.xml")
    percent = set(_BUILT_IN_PERCENT)
    for pattern in styles.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt"):
        written = re.sub(r'"[^"]*"|\\.', "", pattern.get("formatCode", ""))
        if "%" in written:
            percent.add(int(pattern.get("numFmtId", "0")))
    formats = styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    return [at for at, xf in enumerate(formats) if int(xf.get("numFmtId", "0")) in percent]


def _xml(package: zipfile.ZipFile, member: str) -> ElementTree.Element:
    return ElementTree.fromstring(package.read(member))  # noqa: S314 - declarations are refused


def _marks_of_sheet(content: bytes, percent_styles: list[int]) -> Marks:
    marks = Marks(hidden_rows=[int(row) - 1 for row in _HIDDEN_ROW.findall(content)])
    for match in _UNCALCULATED.finditer(content):
        marks.texts[place_of(*_cell(match))] = "=" + _text(match[3] or b"")
    for match in _ERROR.finditer(content):
        marks.texts[place_of(*_cell(match))] = _text(match[3])
    if ANY_FORMULA.search(content):
        found = _FORMULA.finditer(content)
        marks.formulas = array("Q", (packed(*place_of(*_cell(match))) for match in found))
    if percent_styles:
        found = _styled(percent_styles).finditer(content)
        marks.percent = array("Q", (packed(*place_of(*_cell(match))) for match in found))
    return marks


def _styled(styles: list[int]) -> re.Pattern[bytes]:
    numbers = "|".join(map(str, styles)).encode()
    return re.compile(
        rb"""<(?:\w+:)?c\b(?=[^>]*\ss=["'](?:""" + numbers + rb""")["'])"""
        rb"""[^>]*?\sr=["']([A-Z]{1,3})(\d{1,7})["']"""
    )


def _cell(match: re.Match[bytes]) -> tuple[str, str]:
    return match[1].decode(), match[2].decode()


def _text(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"))
