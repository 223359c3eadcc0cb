"""An untrusted workbook given back with remarks: only what must change is changed."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.files.sheets import Limits, Remark, reading, with_remarks
from throughline.files.tests import samples
from throughline.kernel.errors import Invalid

SAID = Remark("Figures", 1, 1, "this is text\nwrite a number")
CHAIN = b'<?xml version="1.0"?><calcChain xmlns="http://x"><c r="A2" i="1"/></calcChain>'


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def comments(content: bytes) -> dict[str, str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return {
        cell.coordinate: cell.comment.text
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


def with_chain() -> bytes:
    """A workbook with a formula and the order in which formulas are calculated."""

    def fill(book):
        book.add_worksheet("Figures").write_formula("A2", "=1+1", None, 2)

    def change(name, content):
        if name == "[Content_Types].xml":
            override = b'<Override PartName="/xl/calcChain.xml" ContentType="c"/></Types>'
            return content.replace(b"</Types>", override)
        if name == "xl/_rels/workbook.xml.rels":
            relation = b'<Relationship Id="rId99" Type="t/calcChain" Target="calcChain.xml"/>'
            return content.replace(b"</Relationships>", relation + b"</Relationships>")
        return content

    whole = samples.changed(samples.workbook(fill), change)
    return samples.with_member(whole, "xl/calcChain.xml", CHAIN)


def prefixed(name: str, content: bytes) -> bytes:
    """A worksheet as some programs write it: every element with a prefix."""
    if name != "xl/worksheets/sheet1.xml":
        return content
    content = re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", content)
    return content.replace(b"xmlns=", b"xmlns:x=")


def test_a_comment_and_a_fill_are_put_in_and_all_else_stays() -> None:
    content = samples.table(["a", "b"], ["c", "d"])
    before, after = parts(content), parts(with_remarks(content, [SAID]))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"[Content_Types].xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"}
    assert comments(with_remarks(content, [SAID])) == {"B2": "Throughline:\n" + SAID.text}
    sheet = after["xl/worksheets/sheet1.xml"]
    assert re.sub(rb"<conditionalFormatting.*</conditionalFormatting>|<legacyDrawing[^>]*>",
                  b"", sheet) == before["xl/worksheets/sheet1.xml"]  # fmt: skip


def test_with_nothing_to_say_the_parts_are_the_same_to_the_byte() -> None:
    content = samples.table(["a", 0.1])
    assert parts(with_remarks(content, [])) == parts(content)


def test_what_was_put_in_is_taken_out_to_the_byte() -> None:
    content = samples.table(["a", "b"], ["c", "d"])
    back = parts(with_remarks(with_remarks(content, [SAID]), []))
    sheet = back["xl/worksheets/sheet1.xml"]
    assert (
        re.sub(rb"<legacyDrawing[^>]*>", b"", sheet) == parts(content)["xl/worksheets/sheet1.xml"]
    )
    assert b"<comment " not in back["xl/comments-0.xml"]
    assert b"<v:shape " not in back["xl/drawings/vmlDrawing-0.vml"]


def test_several_remarks_at_one_cell_are_said_together() -> None:
    content = samples.table(["a", "b"], ["c", "d"])
    said = comments(with_remarks(content, [SAID, Remark("Figures", 1, 1, "and this")]))
    assert said == {"B2": f"Throughline:\n{SAID.text}\n\nand this"}


def test_the_order_of_calculation_goes_with_the_formulas() -> None:
    after = parts(with_remarks(with_chain(), []))
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["[Content_Types].xml"] + after["xl/_rels/workbook.xml.rels"]
    assert b"<f>" not in after["xl/worksheets/sheet1.xml"]
    assert b"<v>2</v>" in after["xl/worksheets/sheet1.xml"]


def test_prefixes_are_kept() -> None:
    content = samples.changed(samples.table(["a", "b"], ["c", "d"]), prefixed)
    after = with_remarks(content, [SAID])
    assert comments(after) == {"B2": "Throughline:\n" + SAID.text}
    assert b"<x:conditionalFormatting" in parts(after)["xl/worksheets/sheet1.xml"]
    for name, part in parts(after).items():
        assert ElementTree.fromstring(part) is not None, name


def test_pictures_in_the_head_of_the_page_keep_their_own_drawing() -> None:
    """They are shapes too, in a part of the same kind."""
    pixel = b"\x89PNG\r\n\x1a\n"
    for kind, data in (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ):
        whole = kind + data
        pixel += struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    def fill(book):
        sheet = book.add_worksheet("Figures")
        sheet.write(1, 1, "d")
        sheet.set_header("&L&G", {"image_left": "a.png", "image_data_left": io.BytesIO(pixel)})

    content = samples.workbook(fill)
    before, after = parts(content), parts(with_remarks(content, [SAID]))
    assert after["xl/drawings/vmlDrawing1.vml"] == before["xl/drawings/vmlDrawing1.vml"]
    assert b"Note" in after["xl/drawings/vmlDrawing-0.vml"]
    names = [
        each.tag.rpartition("}")[2]
        for each in ElementTree.fromstring(after["xl/worksheets/sheet1.xml"])
    ]
    assert names[-2:] == ["legacyDrawing", "legacyDrawingHF"]


def test_a_sheet_that_is_not_there_is_no_reason_to_fail() -> None:
    content = samples.table(["a"])
    assert parts(with_remarks(content, [Remark("gone", 0, 0, "x")])) == parts(content)


def test_thousands_of_remarks_have_a_shape_each() -> None:
    content = samples.table(*[[row] for row in range(2500)])
    remarks = [Remark("Figures", row, 0, "x") for row in range(2500)]
    drawing = parts(with_remarks(content, remarks))["xl/drawings/vmlDrawing-0.vml"]
    shapes = re.findall(rb'id="(_x0000_s\d+)"', drawing)
    assert len(set(shapes)) == 2500


def test_it_is_stopped_at_its_time_and_its_memory() -> None:
    content = samples.heavy_workbook()
    with pytest.raises(Invalid, match="seconds"):
        with_remarks(content, [SAID], limits=Limits(seconds=0.01))
    with pytest.raises(Invalid, match=r"memory|damaged"):
        with_remarks(content, [SAID], limits=Limits(memory=20 * 1024**2))


@settings(max_examples=30)
@given(
    damage=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=5)
)
def test_damage_of_any_kind_is_refused_or_harmless(damage):
    damaged = bytearray(samples.table([1, "a"], [0.5, "b"]))
    for at, byte in damage:
        damaged[at] = byte
    try:
        assert with_remarks(bytes(damaged), [SAID]).startswith(b"PK")
    except Invalid as refusal:
        assert refusal.message and refusal.remedy


def test_it_loads_neither_django_nor_the_rest_of_the_product() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import throughline.files.untrusted.annotating;"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in ('django', 'throughline')))"
    )
    loaded = subprocess.check_output(
        [sys.executable, "-I", "-c", program, str(reading.ROOT)], text=True
    )
    allowed = ("throughline.files.untrusted", "throughline.files.formulas")
    others = [name for name in loaded.split() if not name.startswith(allowed)]
    assert others == ["throughline", "throughline.files"]
