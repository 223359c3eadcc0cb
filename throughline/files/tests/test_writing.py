"""What goes out: nothing that runs, nothing lost, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.files.formulas import neutralised, restored
from throughline.files.sheets import read_sheets
from throughline.files.writing import Table, Value, csv_parts, write_csv, write_xlsx
from throughline.kernel.errors import Invalid

RUNNABLE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "－1", "'=1"),
    "=cmd|' /C x'!A0",
]


@pytest.fixture
def read_back(tmp_path):
    def _read_back(content):
        path = tmp_path / "written"
        path.write_bytes(content)
        return read_sheets(path).sheets

    return _read_back


def members(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


class TestCsv:
    @pytest.mark.parametrize("text", RUNNABLE)
    def test_no_cell_begins_as_a_formula(self, text):
        (cell,) = write_csv([[text]], ["name"], mark=False).split(b"\r\n", 1)[1:]
        assert cell.lstrip(b'"').startswith(b"'")

    def test_headings_are_text_too(self):
        assert write_csv([], ["=1+1"], mark=False) == b"'=1+1\r\n"

    @given(st.text())
    def test_marking_and_restoring_are_inverse(self, text):
        assert restored(neutralised(text)) == text
        assert not neutralised(text).lstrip().startswith(tuple("=+-@"))

    def test_numbers_are_plain_digits_and_negative_ones_stay_numbers(self):
        numbers: list[Value] = [-5, -0.5, 126012510.0, 1e16, 1e-7, Decimal("63.840")]
        row = [*numbers, True, date(2020, 11, 1), None]
        assert write_csv([row], ["x"] * 9, mark=False).splitlines()[1] == (
            b"-5,-0.5,126012510,10000000000000000,0.0000001,63.84,TRUE,2020-11-01,"
        )

    def test_a_value_that_is_no_number_is_a_defect(self):
        with pytest.raises(ValueError, match="never NaN"):
            write_csv([[float("nan")]], ["x"])

    def test_the_importer_takes_what_is_exported(self, read_back):
        rows = [[text, "001", "安徽"] for text in RUNNABLE]
        for mark in (True, False):
            (sheet,) = read_back(write_csv(rows, ["名称", "code", "place"], mark=mark))
            assert sheet.rows == [["名称", "code", "place"], *rows]

    def test_parts_add_up_to_the_whole(self):
        rows = [[number] for number in range(2500)]
        parts = list(csv_parts(rows, ["n"]))
        assert len(parts) == 4
        assert b"".join(parts) == write_csv(rows, ["n"])


class TestXlsx:
    def test_nothing_is_a_formula_or_a_link(self):
        urls = ["https://example.org", "mailto:a@example.org", "internal:A1"]
        content = write_xlsx([Table("T", ["=1+1"], [[text] for text in RUNNABLE + urls])])
        sheet = members(content)["xl/worksheets/sheet1.xml"]
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert sheet.count('t="s"') == len(RUNNABLE + urls) + 1

    def test_the_importer_takes_what_is_exported(self, read_back):
        row: list[Value] = [
            "001",
            5,
            -0.1,
            0.1 + 0.2,
            True,
            date(2020, 11, 1),
            None,
            "=1+1",
            10**17,
        ]
        (sheet,) = read_back(write_xlsx([Table("T", ["x"] * 9, [row])]))
        assert sheet.rows[1] == [*row[:-1], "100000000000000000"]

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=50))
    def test_every_double_comes_back_as_itself(self, read_back, values):
        (sheet,) = read_back(write_xlsx([Table("T", ["x"], [[value] for value in values])]))
        assert [row[0] for row in sheet.rows[1:]] == values

    def test_the_same_input_gives_the_same_bytes(self):
        def made() -> bytes:
            return write_xlsx([Table("T", ["a"], [[1], ["二"]])], notes=["as of 2020"])

        assert made() == made()
        assert "2000-01-01T00:00:00Z" in members(made())["docProps/core.xml"]

    def test_headings_stay_in_view_and_columns_fit_wide_characters(self):
        content = members(write_xlsx([Table("T", ["名称" * 6], [["x"]])]))
        sheet = content["xl/worksheets/sheet1.xml"]
        assert 'ySplit="1"' in sheet
        assert 'width="26' in sheet

    def test_notes_come_last_and_names_are_made_to_fit(self, read_back):
        tables = [Table("2020/Q1", ["a"], [[1]]), Table("2020:q1", ["a"], [[2]])]
        sheets = read_back(write_xlsx(tables, notes=["=note"]))
        assert [sheet.name for sheet in sheets] == ["2020 Q1", "2020 q1 (2)", "Notes"]
        assert sheets[2].rows == [["=note"]]

    def test_what_does_not_fit_is_refused_and_never_cut(self):
        with pytest.raises(Invalid, match="Row 2 does not fit"):
            write_xlsx([Table("T", ["a"], [["x" * 32_768]])])
        with pytest.raises(Invalid, match="Row 1 does not fit"):
            write_xlsx([Table("T", ["a"] * 16_385, [])])
