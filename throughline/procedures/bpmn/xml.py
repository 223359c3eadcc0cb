"""XML from strangers as plain elements that know their place.

The parser is Python's expat, for it says at which line and column a tag begins. A document type is
refused where it starts, so that no entity is ever declared or expanded and nothing is fetched;
bytes, depth, elements and attributes are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 60


class Refused(Exception):
    """A file that is not read on. `kind`: encoding, not_xml, doctype, too_large."""

    def __init__(self, kind: str, line: int, column: int, found: str = "") -> None:
        super().__init__(f"{kind} at {line}:{column}: {found}")
        self.kind = kind
        self.line = line
        self.column = column
        self.found = found


@dataclass
class Element:
    """An element: namespace and name, attributes (those of a namespace as `{namespace}name`),
    children and its own text. `text_line` is where the text begins."""

    namespace: str
    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element] = field(default_factory=list)
    text: str = ""
    text_line: int = 0

    def all(self) -> Iterator[Element]:
        """The element and all below it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.all()


def parse(data: bytes) -> Element:
    """The root of an XML file; raises Refused with the place.

    >>> parse(b'<a xmlns="urn:x"><b c="1">t</b></a>').children[0].attributes
    {'c': '1'}
    >>> parse(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
    Traceback (most recent call last):
        ...
    throughline.procedures.bpmn.xml.Refused: doctype at 1:13: a
    """
    if len(data) > MAX_BYTES:
        raise Refused("too_large", 1, 1)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused("encoding", line, error.start - data.rfind(b"\n", 0, error.start)) from None
    return _Builder().build(data.removeprefix(b"\xef\xbb\xbf"))


class _Builder:
    def __init__(self) -> None:
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self.parser = parser
        self.open: list[Element] = []
        self.root: Element | None = None
        self.count = 0

    def build(self, data: bytes) -> Element:
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            message = expat.ErrorString(error.code)
            raise Refused("not_xml", error.lineno, error.offset + 1, message) from None
        if self.root is None:
            raise Refused("not_xml", 1, 1)
        return self.root

    def _here(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def _doctype(self, name: str, *_rest: object) -> None:
        raise Refused("doctype", *self._here(), name[:40])

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        too_many = self.count > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES
        if too_many or len(self.open) >= MAX_DEPTH:
            raise Refused("too_large", *self._here())
        namespace, _blank, name = tag.rpartition(" ")
        element = Element(
            namespace, name, {_braced(key): v for key, v in attributes.items()}, *self._here()
        )
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, _tag: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        element = self.open[-1]
        if not element.text:
            element.text_line = self.parser.CurrentLineNumber
        element.text += text


def _braced(key: str) -> str:
    namespace, blank, name = key.rpartition(" ")
    return f"{{{namespace}}}{name}" if blank else key
