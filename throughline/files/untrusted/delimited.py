"""CSV and its relatives: which encoding, which delimiter, which rows."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from throughline.files.formulas import restored
from throughline.files.untrusted.unreadable import UnreadableError

_DELIMITERS = (",", ";", "\t")
_SAMPLE = 50

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else UTF-8, else GB18030 (which contains GBK).

    >>> decoded("人口".encode("gbk"))
    ('人口', 'gb18030')
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding), encoding
    if b"\0" in content:
        raise UnreadableError("binary", byte=content.index(b"\0") + 1)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        not_utf8 = error
    if _is_mostly_utf8(content):
        raise UnreadableError(
            "damaged-text", byte=not_utf8.start + 1, line=_line_of(content, not_utf8.start)
        ) from not_utf8
    try:
        return content.decode("gb18030"), "gb18030"
    except UnicodeDecodeError as error:
        raise UnreadableError(
            "encoding",
            utf8=not_utf8.start + 1,
            gb18030=error.start + 1,
            line=_line_of(content, error.start),
        ) from error


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether it is UTF-8 with a wrong byte here and there, which GB18030 would turn into
    other characters without a word. In GB18030 text most characters are wrong as UTF-8."""
    lenient = content.decode("utf-8", "replace")
    wrong = lenient.count("\ufffd")
    right = len(lenient) - len(lenient.encode("ascii", "ignore")) - wrong
    return right > 10 * wrong


def _line_of(content: bytes, byte: int) -> int:
    return content.count(b"\n", 0, byte) + 1


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError("marked-encoding", encoding=encoding, byte=error.start + 1) from error


def delimiter_of(text: str) -> str:
    r"""The delimiter that divides the first rows most evenly, the comma if none divides them.

    >>> delimiter_of("unit;value\nA;1,5\nB;2,25"), delimiter_of("a\tb\n1\t2"), delimiter_of("a")
    (';', '\t', ',')
    """
    return max(_DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """Share of the first rows that have the commonest width, and that width."""
    sample = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = Counter(len(row) for row in islice(sample, _SAMPLE) if row)
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, rows = widths.most_common(1)[0]
    return (rows / widths.total(), width) if width > 1 else (0.0, 0)


def rows_of(text: str, delimiter: str) -> Iterator[list[str | None]]:
    """The rows; an empty cell is None. An unclosed quote is refused, for it swallows rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):  # noqa: B007 - the refusal names it
            yield [restored(cell) or None for cell in row]
    except csv.Error as error:
        raise UnreadableError("quoting", row=number + 1, line=reader.line_num) from error
