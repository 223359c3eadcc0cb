"""XML changed by cutting its own bytes: what is not meant to change stays to the byte.

Parsing and writing anew would rename prefixes and lose what the parser does not know, and a
spreadsheet program then finds the file damaged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

_START = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")


@dataclass
class Element:
    """An element by where it stands: `start` to `end`, its content `inner` to `inner_end`."""

    name: str
    attributes: dict[str, str]
    depth: int
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    parent: Element | None = None

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, if there is one."""
        return self.name[: -len(self.local)]

    @property
    def is_empty(self) -> bool:
        """Whether it is written as a single tag."""
        return self.inner == self.end


def elements(content: bytes, names: Collection[str] = ()) -> list[Element]:
    """The elements with these local names, or all, in the order in which they begin."""
    found: list[Element] = []
    open_: list[Element | None] = []
    kept: list[Element] = []
    parser = expat.ParserCreate()

    def begin(name: str, attributes: dict[str, str]) -> None:
        if names and name.rpartition(":")[2] not in names:
            open_.append(None)
            return
        start = parser.CurrentByteIndex
        tag = _START.match(content, start)
        inner = tag.end() if tag else start
        element = Element(name, attributes, len(open_), start, inner)
        element.parent = kept[-1] if kept else None
        if content[inner - 2 : inner] == b"/>":
            element.inner_end = element.end = inner
        found.append(element)
        open_.append(element)
        kept.append(element)

    def finish(_name: str) -> None:
        element = open_.pop()
        if element is None:
            return
        kept.pop()
        if not element.end:
            element.inner_end = parser.CurrentByteIndex
            element.end = content.index(b">", element.inner_end) + 1

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.Parse(content, True)
    return found


def spliced(content: bytes, changes: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The content with each (start, end) replaced; what does not overlap is meant.

    >>> spliced(b"abcdef", [(1, 2, b"BB"), (4, 4, b"-")])
    b'aBBcd-ef'
    """
    parts, at = [], 0
    for start, end, new in sorted(changes, key=lambda change: change[:2]):
        parts += [content[at:start], new]
        at = end
    return b"".join([*parts, content[at:]])


def with_child(content: bytes, parent: Element, child: bytes) -> bytes:
    """The content with a last child more in an element, which may be a single tag yet."""
    if not parent.is_empty:
        return spliced(content, [(parent.inner_end, parent.inner_end, child)])
    opened = content[parent.start : parent.end - 2].rstrip() + b">"
    whole = opened + child + f"</{parent.name}>".encode()
    return spliced(content, [(parent.start, parent.end, whole)])


def tag(name: str, attributes: dict[str, str], *, closed: bool = False) -> bytes:
    """A start tag, or a single one if `closed`."""
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{written}{'/' if closed else ''}>".encode()
