"""Files as they come, good and nasty, made from nothing."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from random import Random

import xlsxwriter

Change = Callable[[str, bytes], bytes]


def workbook(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    """An .xlsx file with what `fill` writes into it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book)
    return out.getvalue()


def table(*rows: Sequence[object]) -> bytes:
    """An .xlsx file of one sheet with these rows."""

    def fill(book):
        sheet = book.add_worksheet("Figures")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return workbook(fill)


def changed(package: bytes, change: Change) -> bytes:
    """The package with each member passed through `change(name, content)`."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def in_sheet(package: bytes, old: bytes, new: bytes) -> bytes:
    """The package with `old` replaced in its first sheet, where it must be."""

    def change(name, content):
        if name != "xl/worksheets/sheet1.xml":
            return content
        assert old in content, content
        return content.replace(old, new)

    return changed(package, change)


def with_member(package: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(package)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def sheet_in_utf16(name: str, content: bytes) -> bytes:
    if name != "xl/worksheets/sheet1.xml":
        return content
    return content.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def texts_beyond_counting(name: str, content: bytes) -> bytes:
    """A count that makes a trusting reader reserve memory for four billion texts."""
    if name != "xl/sharedStrings.xml":
        return content
    return content.replace(b'ount="1"', b'ount="4294967295"')


def heavy_workbook() -> bytes:
    """About 64 KB that want some 6 GB: one long text, referred to by 200,000 cells.

    Noise keeps the package below the ratio at which it would be refused unopened.
    """
    noise = Random(7).randbytes(45_000).hex().encode()
    cells = b'<c t="s"><v>0</v></c>' * 200
    rows = b"".join(b'<row r="%d">%s</row>' % (row, cells) for row in range(1, 1001))

    def change(name, content):
        if name == "xl/worksheets/sheet1.xml":
            start, end = content.index(b"<sheetData>") + 11, content.index(b"</sheetData>")
            return content[:start] + rows + content[end:]
        if name == "xl/sharedStrings.xml":
            return content.replace(b"long", b"x" * 32_000)
        return content

    return with_member(changed(table(["long"]), change), "noise.bin", noise)


def ods(rows: str) -> bytes:
    """An .ods file of one sheet with these table rows."""
    out = io.BytesIO()
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="Figures">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return out.getvalue()


def compound_file(stream_name: str, stream: bytes) -> bytes:
    """An OLE compound file with one stream."""
    sectors = max(8, -(-len(stream) // 512))
    free, end, fat_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [fat_sector, end, *range(3, sectors + 2), end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, 4096, end, 0, end, 0, 0),
    )
    header += struct.pack("<108I", *[free] * 108)
    directory = (
        _directory_entry("Root Entry", 5, child=1, start=end, size=0)
        + _directory_entry(stream_name, 2, child=free, start=2, size=sectors * 512)
        + bytes(256)
    )
    return header + fat + directory + stream.ljust(sectors * 512, b"\0")


def _directory_entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ",
        encoded,
        len(encoded) + 2,
        kind,
        1,
        0xFFFFFFFF,
        0xFFFFFFFF,
        child,
        start,
        size,
    )


def xls() -> bytes:
    """An old-format workbook: "code" in A1, 340000 in A2."""

    def record(number: int, content: bytes) -> bytes:
        return struct.pack("<HH", number, len(content)) + content

    def bof(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))

    end = record(0x000A, b"")
    name = b"Figures"
    sheet = (
        bof(0x0010)
        + record(0x0204, struct.pack("<HHHHB", 0, 0, 0, 4, 0) + b"code")
        + record(0x0203, struct.pack("<HHHd", 1, 0, 0, 340000.0))
        + end
    )
    length = len(bof(5)) + 4 + 8 + len(name) + len(end)
    bound = record(0x0085, struct.pack("<IHBB", length, 0, len(name), 0) + name)
    return compound_file("Workbook", bof(0x0005) + bound + end + sheet)
