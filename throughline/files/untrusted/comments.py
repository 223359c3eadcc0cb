"""The comments of a worksheet and the shapes that show them, kept in two parts.

A comment is ours if it is signed so. One of somebody else's in the same cell is kept below ours
and comes to stand alone again when ours is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple
from xml.sax.saxutils import escape

from throughline.files.untrusted.cutting import Element, elements, spliced, tag, with_child
from throughline.files.untrusted.marks import place_of
from throughline.files.untrusted.places import cell_name
from throughline.files.untrusted.unreadable import UnreadableError

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTING = "\n————\n"
_LONGEST = 8000
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SHAPE = re.compile(rb"<(?:\w+:)?shape\b.*?</(?:\w+:)?shape>\s*", re.DOTALL)
_ROW = re.compile(rb"<(?:\w+:)?Row>\s*(\d{1,7})\s*<")
_COLUMN = re.compile(rb"<(?:\w+:)?Column>\s*(\d{1,5})\s*<")
_ID = re.compile(rb"_x0000_s(\d{1,9})")
_A_BLOCK = 1024
"""Programs number shapes in blocks of so many, and want to be told which they are."""

_DRAWING = b"""<xml xmlns:v="urn:schemas-microsoft-com:vml"
 xmlns:o="urn:schemas-microsoft-com:office:office"
 xmlns:x="urn:schemas-microsoft-com:office:excel">
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>
</xml>
"""
_SPACES = (
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_NOTE = """<v:shape{spaces} id="_x0000_s{id}" type="#_x0000_t202" \
style="position:absolute;width:230pt;height:90pt;z-index:{order};visibility:hidden" \
fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" \
obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {top}, \
4, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>\
<x:Column>{column}</x:Column></x:ClientData></v:shape>
"""

Place = tuple[int, int]


class Note(NamedTuple):
    """What is to be said at a cell, row and column counted from 0."""

    row: int
    column: int
    text: str


def empty_comments() -> bytes:
    """A part for comments without any."""
    root = tag("comments", {"xmlns": _MAIN})
    return (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        + root
        + b"<authors/><commentList/></comments>"
    )


def empty_drawing() -> bytes:
    """A part for the comments' shapes without any."""
    return _DRAWING


def is_ours(part: bytes, author: str) -> bool:
    """Whether some comment may be ours."""
    return author.encode() in part


def places_of(part: bytes) -> list[Place]:
    """The cells that have a comment."""
    return [_place(each) for each in elements(part, {"comment"})]


def comments_part(part: bytes, notes: Sequence[Note], author: str) -> tuple[bytes, set[Place]]:
    """The comments with these notes and without our earlier ones; and the cells that now have
    none any more."""
    said: dict[Place, list[str]] = {}
    for note in notes:
        said.setdefault((note.row, note.column), []).append(note.text)
    ours = {place: f"{author}:\n" + "\n\n".join(texts) for place, texts in said.items()}
    part, signature = _signed(part, author)
    found = elements(part, {"commentList", "comment", "rPh", "t"})
    texts = _texts(part, found)
    changes, gone = [], set()
    for comment in [each for each in found if each.local == "comment"]:
        place, text = _place(comment), texts.get(id(comment), "")
        was_ours = text.lstrip().startswith(f"{author}:")
        theirs = text.partition(_PARTING)[2] if was_ours else text
        if place in ours:
            text = ours.pop(place) + (_PARTING + theirs if theirs else "")
            changes.append((comment.start, comment.end, _comment(place, text, comment)))
        elif was_ours and theirs:
            changes.append((comment.start, comment.end, _comment(place, theirs, comment)))
        elif was_ours:
            gone.add(place)
            changes.append((comment.start, comment.end, b""))
    part = spliced(part, changes)
    (listed,) = elements(part, {"commentList"})
    like = Element(listed.prefix + "comment", {"authorId": str(signature)}, 0, 0, 0)
    new = b"".join(_comment(place, text, like) for place, text in sorted(ours.items()))
    return with_child(part, listed, new) if new else part, gone


def _signed(part: bytes, author: str) -> tuple[bytes, int]:
    """The part with us among the authors, and our number."""
    block, *known = elements(part, {"authors", "author"})
    for number, each in enumerate(known):
        if unescape(part[each.inner : each.inner_end].decode("utf-8", "replace")) == author:
            return part, number
    child = f"<{block.prefix}author>{escape(author)}</{block.prefix}author>"
    return with_child(part, block, child.encode()), len(known)


def _texts(part: bytes, found: Sequence[Element]) -> dict[int, str]:
    """The text of each comment, by its identity; readings above Chinese characters left out."""
    texts: dict[int, str] = {}
    for each in found:
        if each.local == "t" and each.parent is not None and each.parent.local == "comment":
            written = unescape(part[each.inner : each.inner_end].decode("utf-8", "replace"))
            texts[id(each.parent)] = texts.get(id(each.parent), "") + written
    return texts


def _comment(place: Place, text: str, like: Element) -> bytes:
    prefix = like.prefix
    attributes = {"ref": cell_name(*place), "authorId": like.attributes.get("authorId", "0")}
    clean = escape(_UNWRITABLE.sub("", text)[:_LONGEST])
    inside = f'<{prefix}text><{prefix}t xml:space="preserve">{clean}</{prefix}t></{prefix}text>'
    return tag(like.name, attributes) + inside.encode() + f"</{like.name}>".encode()


def _place(comment: Element) -> Place:
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", comment.attributes.get("ref", ""))
    if found is None:
        raise UnreadableError("damaged")
    return place_of(found[1], found[2])


def drawing_part(part: bytes, gone: set[Place], places: Sequence[Place], number: int) -> bytes:
    """The shapes without those of `gone`, and with one for each of `places`."""
    shown, changes, largest = set(), [], (number + 1) * _A_BLOCK * 64
    for shape in _SHAPE.finditer(part):
        row, column = _ROW.search(shape[0]), _COLUMN.search(shape[0])
        if b"Note" not in shape[0] or not (row and column):
            continue
        place = (int(row[1]), int(column[1]))
        if place in gone:
            changes.append((shape.start(), shape.end(), b""))
        else:
            shown.add(place)
    largest = max([largest, *map(int, _ID.findall(part))])
    # Some programs call the name spaces otherwise than everybody does.
    spaces = "" if b'xmlns:v="urn:schemas-microsoft-com:vml"' in part else _SPACES
    new = "".join(
        _NOTE.format(
            spaces=spaces,
            id=largest + order,
            order=order,
            row=row,
            column=column,
            left=column + 1,
            right=column + 5,
            top=max(row - 1, 0),
            bottom=max(row - 1, 0) + 6,
        )
        for order, (row, column) in enumerate(
            (place for place in places if place not in shown), start=1
        )
    )
    end = part.rfind(b"</xml>")
    if end < 0:
        raise UnreadableError("damaged")
    return spliced(part, [*changes, (end, end, new.encode())])
