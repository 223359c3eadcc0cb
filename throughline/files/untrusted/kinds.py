"""What a file is, by its first bytes and, for a package, by its members: never by its name."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from throughline.files.untrusted.unreadable import UnreadableError

HEAD = 4096

_SIGNATURES = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"{\\rtf", "document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<!--", b"mime-version:")


def kind_of(head: bytes) -> str:
    """The kind that the first bytes tell: a name of `_SIGNATURES`, "markup" or "text".

    >>> kind_of(b"PK\\x03\\x04..."), kind_of(b"code,name"), kind_of(b" <HTML>")
    ('zip', 'text', 'markup')
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature) and (signature != b"BM" or b"\0" in head):
            return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "markup" if start.startswith(_MARKUP) else "text"


def package_kind(names: set[str]) -> str:
    """The kind that the members of a zip package tell.

    >>> package_kind({"xl/workbook.xml", "[Content_Types].xml"})
    'xlsx'
    """
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return "document"
    return "archive"


def open_package(
    source: BinaryIO, *, unpacked: int, ratio: int, members: int = 10_000
) -> zipfile.ZipFile:
    """The zip package, checked before anything is unpacked.

    `unpacked` is the largest sum of the members in bytes, `ratio` the largest sum for each
    packed byte (counted from one megabyte on: small repetitive files are harmless).
    """
    try:
        package = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableError("damaged") from error
    entries = package.infolist()
    if len(entries) > members:
        raise UnreadableError("bomb", unpacked=len(entries))
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableError("encrypted")
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > unpacked or (total > 1_000_000 and total > ratio * max(packed, 1)):
        raise UnreadableError("bomb", unpacked=total)
    return package
