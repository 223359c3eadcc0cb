"""What comes in: good files read exactly, nasty files refused in one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.files.sheets import Limits, Workbook, as_text, read_sheets, reading
from throughline.files.tests import samples
from throughline.kernel.errors import Invalid


@pytest.fixture
def read(tmp_path):
    def _read(content, name="upload", **limits):
        path = tmp_path / "stored"
        path.write_bytes(content)
        return read_sheets(path, media_hint=name, limits=Limits(**limits))

    return _read


def processor_time() -> float:
    """Seconds that this process and its children that have ended have used."""
    return sum(os.times()[:4])


@pytest.fixture
def refused(read):
    def _refused(content, name="upload", **limits):
        with pytest.raises(Invalid) as caught:
            read(content, name, **limits)
        assert caught.value.remedy
        return caught.value.message

    return _refused


class TestSpreadsheets:
    def test_it_reads_values_as_stored_from_the_first_cell_on(self, read):
        def fill(book):
            sheet = book.add_worksheet("Figures")
            sheet.write_row(2, 1, ["00123", 5, 0.1, True])
            sheet.write_datetime(
                3, 1, date(2020, 11, 1), book.add_format({"num_format": "yyyy-mm-dd"})
            )

        (sheet,) = read(samples.workbook(fill)).sheets
        assert sheet.rows[2] == [None, "00123", 5, 0.1, True]
        assert sheet.rows[3][1] == date(2020, 11, 1)
        assert sheet.rows[:2] == [[None] * 5] * 2
        assert sheet.place(2, 1) == "B3"

    def test_it_gives_errors_and_formulas_without_result_as_text_never_as_empty(self, read):
        def fill(book):
            sheet = book.add_worksheet("Figures")
            sheet.write_formula("A1", "=B1/0", None, "#DIV/0!")
            sheet.write_formula("A2", "=1+1", None, 2)
            sheet.write_formula("A3", '=""', None, "")
            sheet.write_formula("C4", "=A1&B1", None, 7)

        content = samples.in_sheet(samples.workbook(fill), b"</f><v>7</v>", b"</f>")
        content = samples.in_sheet(content, b'"A3"><f>', b'"A3" t="str"><f>')
        (sheet,) = read(content).sheets
        assert [row[0] for row in sheet.rows] == ["#DIV/0!", 2, None, None]
        places = [(0, 0), (1, 0), (2, 0), (3, 2)]
        assert [place for place in places if place in sheet.formulas] == places
        assert len(sheet.formulas) == 4
        assert sheet.rows[3][2] == "=A1&B1"

    @pytest.mark.parametrize("stored", [b"", b"<v></v>", b"<v/>", b"<v />"])
    def test_it_knows_every_way_to_store_no_result(self, stored, read):
        def fill(book):
            book.add_worksheet("Figures").write_formula("B2", "=SUM(A1:A9)", None, 7)

        content = samples.in_sheet(samples.workbook(fill), b"<v>7</v>", stored)
        assert read(content).sheets[0].rows == [[None, None], [None, "=SUM(A1:A9)"]]

    def test_it_knows_percentages_merged_cells_and_what_is_hidden(self, read):
        def fill(book):
            sheet = book.add_worksheet("Figures")
            percent = book.add_format({"num_format": "0.00%"})
            quoted = book.add_format({"num_format": '0.00"%"'})
            sheet.write_number(0, 0, 0.6384, percent)
            sheet.write_number(0, 1, 63.84, quoted)
            sheet.merge_range("A2:B3", "both")
            sheet.set_row(2, None, None, {"hidden": True})
            book.add_worksheet("Old").hide()

        book = read(samples.workbook(fill))
        figures, old = book.sheets
        assert [place for place in ((0, 0), (0, 1), (1, 0)) if place in figures.percent] == [(0, 0)]
        assert figures.rows[0] == [0.6384, 63.84]
        assert figures.merged == [(1, 0, 2, 1)]
        assert figures.rows[1:] == [["both", None]]
        assert figures.hidden_rows == [2]
        assert old.hidden and not figures.hidden
        assert book.notes == [
            "“Figures”: hidden rows (1) were read like the others: 3.",
            "“Figures”: merged ranges (1): each value stands in its first cell.",
            "The sheet “Old” is hidden; it was read like the others.",
        ]

    def test_it_reads_the_open_and_the_old_format_and_says_what_they_hide(self, read):
        row = (
            '<table:table-row><table:table-cell office:value-type="string"><text:p>code</text:p>'
            '</table:table-cell><table:table-cell office:value-type="float" office:value="5"/>'
            "</table:table-row>"
        )
        opened = read(samples.ods(row), "a.ods")
        assert opened.sheets[0].rows == [["code", 5]]
        old = read(samples.xls(), "a.xls")
        assert old.sheets[0].rows == [["code"], [340000]]
        assert "were never calculated may read as empty" in old.notes[0]

    def test_it_notes_a_name_that_says_otherwise(self, read):
        book = read(samples.table(["a"]), "figures.csv")
        assert book.notes == ["The name ends in .csv but the content is XLSX; it was read as that."]

    def test_it_is_read_sooner_than_by_openpyxl_though_in_a_process_of_its_own(self, read):
        """A peer in the same run, by processor time: by the clock whatever else the machine does
        would be measured."""
        content = samples.table(*[[f"unit {row}", *range(39)] for row in range(5000)])
        ours, theirs = [], []
        for _ in range(4):
            started = processor_time()
            (sheet,) = read(content).sheets
            ours.append(processor_time() - started)
            started = processor_time()
            book = openpyxl.load_workbook(BytesIO(content), read_only=True)
            rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
            theirs.append(processor_time() - started)
        assert sheet.rows == rows
        assert min(ours) < min(theirs), (ours, theirs)


class TestCodes:
    def test_a_code_stored_as_a_number_is_exact_or_refused(self, read):
        content = samples.table([110101, 999999999999999, 110101199001011234, "110101199001011234"])
        cells = read(content).sheets[0].rows[0]
        assert as_text(cells[0]) == "110101"
        assert as_text(cells[1]) == "999999999999999"
        assert as_text(cells[3]) == "110101199001011234"
        with pytest.raises(Invalid, match="more than 15 digits"):
            as_text(cells[2])


class TestDelimited:
    def test_it_reads_utf8_with_and_without_its_mark(self, read):
        for content in ("代码,人口\n001,5\n".encode(), "代码,人口\n001,5\n".encode("utf-8-sig")):
            book = read(content)
            assert book.sheets[0].rows == [["代码", "人口"], ["001", "5"]]
            assert (book.encoding, book.notes) == ("utf-8", [])

    def test_it_reads_gbk_and_says_so(self, read):
        book = read("代码,名称\n340000,安徽省\n".encode("gbk"))
        assert book.sheets[0].rows[1] == ["340000", "安徽省"]
        assert book.encoding == "gb18030"
        assert "GB18030" in book.notes[0]

    def test_it_reads_the_spreadsheet_programs_unicode_text(self, read):
        book = read("代码\t人口\r\n001\t5\r\n".encode("utf-16"))
        assert book.sheets[0].rows == [["代码", "人口"], ["001", "5"]]
        assert book.notes == ["The text was read as UTF-16.", "Columns are separated by TAB."]

    def test_it_keeps_rows_as_numbered_by_spreadsheet_programs(self, read):
        (sheet,) = read(b'a,b\n"two\nlines",1\n\n,2\n').sheets
        assert sheet.rows == [["a", "b"], ["two\nlines", "1"], [], [None, "2"]]
        assert sheet.place(3, 1, "population") == "row 4, column 2 (population)"

    def test_it_names_the_byte_where_no_encoding_fits(self, refused):
        message = refused("名称\n".encode("gbk") + b"ok\n\xff\xff")
        assert message == (
            "The text is neither UTF-8 (wrong at byte 1) nor GB18030 (wrong at byte 9, line 3)."
        )

    def test_it_does_not_take_damaged_utf8_for_another_encoding(self, refused):
        content = "代码,名称\n340000,安徽省\n".encode() * 3
        assert refused(content[:-2]) == "The text is UTF-8 but damaged at byte 90 (line 6)."

    def test_it_refuses_a_quote_that_is_never_closed(self, refused):
        assert "never closed in row 2" in refused(b'a,b\n"x,1\ny,2\n')


NASTY = {
    "zero bytes": (b"", "empty"),
    "white space": (b" \n\n", "no cell"),
    "no cells": (samples.table(), "pictures of tables"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "png": (b"\x89PNG\r\n\x1a\n....", "picture"),
    "rar": (b"Rar!\x1a\x07....", "archive"),
    "web page named .xls": (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
    "binary": (b"\x01\x02\x00\x04", "byte 3 is zero"),
    "half a workbook": (samples.table(["a"])[:2000], "damaged"),
    "damaged workbook": (samples.in_sheet(samples.table(["a"]), b"<sheetData>", b"<"), "damaged"),
    "header alone": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
    "encrypted": (samples.compound_file("EncryptedPackage", b""), "password"),
    "old macros": (samples.compound_file("_VBA_PROJECT", b""), "macros"),
    "macros": (samples.with_member(samples.table(["a"]), "xl/vbaProject.bin", b"x"), "macros"),
    "word": (
        samples.with_member(samples.compound_file("x", b"")[:0], "word/document.xml", b"<a/>"),
        "text document",
    ),
    "external entity": (
        samples.in_sheet(
            samples.table(["a"]),
            b"<worksheet",
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet',
        ),
        "document type declaration",
    ),
    "faulty XML": (
        samples.in_sheet(samples.table([1], [2]), b"</row><row", b"</r><row"),
        "damaged",
    ),
    "a part in UTF-16": (samples.changed(samples.table(["a"]), samples.sheet_in_utf16), "damaged"),
    "a text that is not there": (
        samples.in_sheet(samples.table(["a"]), b"<v>0</v>", b"<v>99</v>"),
        "“Figures” is damaged",
    ),
    "texts beyond counting": (
        samples.changed(samples.table(["a"]), samples.texts_beyond_counting),
        "memory",
    ),
    "a million rows in one": (
        samples.ods(
            '<table:table-row table:number-rows-repeated="1048576">'
            '<table:table-cell office:value-type="float" office:value="5"'
            ' table:number-columns-repeated="16384"/></table:table-row>'
        ),
        "damaged",
    ),
    "ratio": (samples.with_member(samples.table(["a"]), "pad.xml", bytes(5_000_000)), "unpack"),
}


@pytest.mark.parametrize("name", NASTY)
def test_it_refuses_in_one_sentence(name, refused):
    content, expected = NASTY[name]
    message = refused(content)
    assert expected in message
    assert message.endswith(".")


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    content=st.sampled_from([samples.table([1, "a"], [0.5, "b"]), samples.xls()]),
    damage=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=5),
)
def test_damage_of_any_kind_is_refused_or_harmless(content, damage, read):
    damaged = bytearray(content)
    for at, byte in damage:
        damaged[at] = byte
    try:
        assert isinstance(read(bytes(damaged)), Workbook)
    except Invalid as refusal:
        assert refusal.message


class TestLimits:
    def test_unpacked_size_is_checked_before_unpacking(self, refused):
        content = samples.table(*[[column * row for column in range(50)] for row in range(200)])
        assert "unpack" in refused(content, unpacked=50_000)

    @pytest.mark.parametrize("content", [samples.table([1, 2], [3, 4]), b"1,2\n3,4\n"])
    def test_rows_and_cells_are_counted(self, content, read, refused):
        assert "more than 3 cells" in refused(content, cells=3)
        assert "more than 1 rows" in refused(content, rows=1)
        assert len(read(content, cells=4, rows=2).sheets[0].rows) == 2

    def test_sheets_are_counted(self, refused):
        def fill(book):
            for _ in range(3):
                book.add_worksheet()

        assert "3 sheets; at most 2" in refused(samples.workbook(fill), sheets=2)

    def test_a_stray_cell_far_out_costs_memory_and_is_refused(self, refused):
        def fill(book):
            sheet = book.add_worksheet()
            sheet.write(0, 0, 1)
            sheet.write(1_048_575, 16_383, 1)

        assert "of memory" in refused(samples.workbook(fill))

    def test_a_small_file_that_wants_gigabytes_is_stopped(self, refused):
        content = samples.heavy_workbook()
        assert 55_000 < len(content) < 75_000
        assert "more than 512 MB of memory" in refused(content, memory=512 * 1024**2)

    def test_the_answer_is_bounded_too(self, refused):
        assert "more text" in refused(b"x" * 100_000 + b"\n", result=10_000)

    def test_it_is_stopped_at_its_time(self, refused):
        assert "more than 0.5 seconds" in refused(b"1,2,3\n" * 3_000_000, seconds=0.5, rows=10**8)
        assert not children_of(os.getpid())


class TestTheReadingProcess:
    def test_it_ends_by_itself_when_nobody_listens(self, tmp_path):
        path = tmp_path / "big.csv"
        path.write_bytes(b"1,2,3\n" * 500_000)
        with path.open("rb") as source:
            process = reading._start(source, Limits(seconds=1))
        try:
            assert process.wait(timeout=5) == -signal.SIGALRM
        finally:
            process.kill()
            process.communicate()

    def test_it_does_not_outlive_a_killed_parent(self, tmp_path):
        path = tmp_path / "big.csv"
        path.write_bytes(b"1,2,3\n" * 3_000_000)
        program = (
            "import sys; from pathlib import Path; from django.conf import settings;"
            "settings.configure(USE_I18N=False);"
            "from throughline.files.sheets import Limits, read_sheets;"
            "read_sheets(Path(sys.argv[1]), limits=Limits(seconds=3, rows=10**8))"
        )
        parent = subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=reading.ROOT)
        try:
            child = wait_for(lambda: children_of(parent.pid))[0]
        finally:
            parent.kill()
            parent.wait()
        assert wait_for(lambda: not is_running(child), seconds=6)

    def test_it_knows_nothing_of_ours_but_the_file(self, tmp_path, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
        path = tmp_path / "big.csv"
        path.write_bytes(b"1,2,3\n" * 500_000)
        with path.open("rb") as source:
            process = reading._start(source, Limits(seconds=2))
        try:
            wait_for(lambda: b"-I" in Path(f"/proc/{process.pid}/cmdline").read_bytes())
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        finally:
            process.kill()
            process.communicate()
        assert environment == b"LC_ALL=C.UTF-8\0"

    def test_it_keeps_to_stricter_limits_of_the_installation(self):
        program = (
            "import resource, sys; sys.path.insert(0, sys.argv[1]);"
            "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29));"
            "from throughline.files.untrusted.child import bind;"
            "bind({'seconds': 5, 'memory': 2**30});"
            "print(resource.getrlimit(resource.RLIMIT_AS)[0] == 2**29)"
        )
        answer = subprocess.check_output(
            [sys.executable, "-I", "-c", program, str(reading.ROOT)], text=True
        )
        assert answer == "True\n"

    def test_it_loads_neither_django_nor_the_rest_of_the_product(self):
        program = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "import throughline.files.untrusted.child;"
            "print(*sorted(m for m in sys.modules if m.split('.')[0] in ('django', 'throughline')))"
        )
        loaded = subprocess.check_output(
            [sys.executable, "-I", "-c", program, str(reading.ROOT)], text=True
        )
        allowed = ("throughline.files.untrusted", "throughline.files.formulas")
        others = [name for name in loaded.split() if not name.startswith(allowed)]
        assert others == ["throughline", "throughline.files"]

    def test_it_is_killed_when_it_falls_silent_and_stays(self, read, monkeypatch):
        monkeypatch.setattr(reading, "_TO_END", 0.2)
        monkeypatch.setattr(reading, "_CHILD", "import os, time; os.close(1); time.sleep(60)")
        with pytest.raises(Invalid, match="took more than"):
            read(b"a")
        assert not children_of(os.getpid())

    @pytest.mark.parametrize(
        "line",
        [b"nonsense", b"[" * 100_000, b'{"rows": [[{}]]}', b'{"sheet": 1}', b'{"rows": 5}', b"9"],
    )
    def test_what_it_sends_is_not_trusted(self, line):
        with pytest.raises(Invalid, match="damaged"):
            reading._Collected("", Limits()).take(line)


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, tasks.read_text().split())
    return [child for child in found if is_running(child)]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")
