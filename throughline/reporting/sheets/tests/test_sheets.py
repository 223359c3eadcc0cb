"""The sheet out and back: what is written, what it says again, and how it is given back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import partial
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from throughline.files.tests import samples as files
from throughline.kernel.errors import Invalid
from throughline.reporting.sheets import (
    Given,
    SheetLine,
    Unit,
    read,
    reading,
    with_comments,
    write,
    write_csv,
)
from throughline.reporting.sheets.answers import figure
from throughline.reporting.sheets.template import as_it_comes_back
from throughline.reporting.sheets.tests.samples import (
    LINES,
    MANY,
    ONE,
    UNITS,
    edited,
    template,
)

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n"),
    max_size=40,
)
# In CSV a figure is written in plain digits, so that one as small as 1e-60 is a page of zeros.
FIGURE = st.floats(-(2.0**53) + 1, 2.0**53 - 1).filter(lambda x: x == 0 or abs(x) > 1e-30)
SOMETHING = st.one_of(
    st.builds(Given, st.none() | FIGURE, st.just(False), TEXT),
    st.builds(Given, st.none(), st.just(True), TEXT),
)


def sheet_of(content: bytes, number: int = 0):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[number]


class TestRoundTrip:
    @settings(max_examples=25)
    @given(
        data=st.dictionaries(
            st.tuples(
                st.sampled_from([unit.code for unit in UNITS]),
                st.sampled_from([line.series for line in LINES]),
            ),
            SOMETHING,
        ),
        single=st.booleans(),
        as_csv=st.booleans(),
    )
    def test_what_was_not_touched_changes_nothing(self, data, single, as_csv):
        asked = template(UNITS[:1] if single else UNITS, given=data)
        found = read((write_csv if as_csv else write)(asked), asked)
        assert found.rejects == []
        assert found.changes(asked) == {}
        assert len(found.cells) == len(asked.units) * len(asked.lines)
        for slot, cell in found.cells.items():
            assert cell == as_it_comes_back(data.get(slot, Given()))

    def test_the_same_template_gives_the_same_bytes(self):
        assert write(MANY) == write(MANY)

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_a_sheet_of_one_language_is_read_in_the_other(self, language):
        asked = template(given={(UNITS[0].code, "settled"): Given(absent=True)})
        with translation.override(language):
            content, table = write(asked), write_csv(asked)
        assert read(content, asked).changes(asked) == {}
        assert read(table, asked).changes(asked) == {}

    def test_what_the_sheet_offers_is_taken(self):
        """Every word that the program's own check lets pass, ticked or typed."""
        content = write(MANY)
        guard = next(
            each
            for each in sheet_of(content).data_validations.dataValidation
            if each.type == "custom" and "C7" in str(each.sqref)
        )
        offered = [part.split('"')[1] for part in guard.formula1.split(",") if '"' in part]
        assert len(offered) >= 4
        for word in offered:
            typed = edited(content, partial(set_cell, cell="C7", value=word))
            assert read(typed, MANY).cells[UNITS[0].code, "settled"] == Given(absent=True)
        ticks = [
            each.formula1.strip('"')
            for each in sheet_of(write(ONE)).data_validations.dataValidation
            if each.type == "list"
        ]
        assert set(ticks) == {"✓"}

    def test_a_path_is_read_like_its_bytes(self, tmp_path):
        path = tmp_path / "upload"
        path.write_bytes(write(ONE))
        assert read(path, ONE, name="figures.xlsx") == read(write(ONE), ONE)
        assert "ends in .xls" in read(path, ONE, name="figures.xls").notes[0]


def set_cell(book: openpyxl.Workbook, cell: str, value: Any, sheet: int = 0) -> None:
    book.worksheets[sheet][cell] = value


class TestLook:
    def test_only_what_is_to_be_filled_in_is_open(self):
        for asked, opened in ((ONE, 4 * 3), (MANY, 4 * 4)):
            sheet = sheet_of(write(asked))
            assert sheet.protection.sheet
            free = [
                cell.coordinate
                for row in sheet.iter_rows()
                for cell in row
                if not cell.protection.locked
            ]
            assert len(free) == opened, free

    def test_keys_are_out_of_sight_and_out_of_reach(self):
        book = openpyxl.load_workbook(io.BytesIO(write(MANY)))
        assert book["keys"].sheet_state == "veryHidden"
        assert book["keys"].protection.sheet
        assert book.worksheets[0].row_dimensions[6].hidden
        assert sheet_of(write(ONE)).column_dimensions["A"].hidden

    def test_figures_look_as_their_lines_say(self):
        sheet = sheet_of(write(MANY))
        formats = [sheet.cell(7, column).number_format for column in range(3, 8)]
        assert formats == ["#,##0", "#,##0.00", "#,##0.0", "#,##0.00", "#,##0"]
        guards = {str(each.sqref): each for each in sheet.data_validations.dataValidation}
        share = guards["D7:D10"]
        assert "D7=ROUND(D7,2),D7>=0,D7<=100" in share.formula1
        assert share.error.startswith("A number from 0 to 100 (%), decimals: 2.")
        assert guards["G7:G10"].prompt == "published by the bureau"

    def test_it_is_set_up_for_paper(self):
        sheet = sheet_of(write(MANY))
        assert sheet.freeze_panes == "C7"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$5:$5"

    def test_earlier_periods_stand_beside_the_figure_of_one_unit(self):
        asked = template(
            UNITS[:1],
            before={(UNITS[0].code, "settled"): [3.0, None, 5.0, 6.0]},
            before_names=["2024 Q2", "2024 Q3", "2024 Q4"],
        )
        sheet = sheet_of(write(asked))
        assert [cell.value for cell in sheet[4]][4:8] == [
            "2024 Q2",
            "2024 Q3",
            "2024 Q4",
            "2025 Q1",
        ]
        assert [cell.value for cell in sheet[7]][4:8] == [None, 5, 6, None]
        assert read(write(asked), asked).changes(asked) == {}

    def test_text_is_never_run(self):
        note = "=cmd|' /C calc'!A0"
        asked = template(
            (Unit("1", "=1+1"), Unit("2", "@x")),
            lines=[SheetLine("a", "+1", "-2", "=3")],
            given={("1", "a"): Given(None, False, note)},
        )
        for number in (0, 1, 2):
            for row in sheet_of(write(asked), number).iter_rows():
                assert [cell for cell in row if cell.data_type == "f"] == []
        assert b",'=cmd" in write_csv(asked)
        assert read(write(asked), asked).changes(asked) == {}
        assert read(write_csv(asked), asked).changes(asked) == {}

    def test_an_explanation_too_long_for_a_cell_is_refused_by_name(self):
        asked = template(UNITS[:1], given={(UNITS[0].code, "settled"): Given(note="x" * 40_000)})
        with pytest.raises(Invalid, match="G7"):
            write(asked)


class TestExplanations:
    def test_they_belong_to_the_figure_in_the_same_row_and_column(self):
        content = edited(write(MANY), lambda book: set_cell(book, "C8", "moved here", 1))
        found = read(content, MANY)
        assert found.changes(MANY) == {(UNITS[1].code, "settled"): Given(note="moved here")}

    def test_one_without_its_figure_is_refused(self):
        def edit(book):
            set_cell(book, "C8", "moved here", 1)
            book.worksheets[0].delete_rows(8)

        found = read(edited(write(MANY), edit), MANY)
        (reject,) = found.rejects
        assert (reject.sheet, reject.cell) == ("Explanations", "C8")
        assert "is gone" in reject.message
        assert found.notes == ["5 figures have no cell in this file; they stay as they are."]
        assert found.found == found.accepted + found.empty + 1

    def test_two_for_one_figure_are_told_apart(self):
        def edit(book):
            set_cell(book, "C7", "one", 1)
            set_cell(book, "A12", UNITS[0].code, 1)
            set_cell(book, "C12", "two", 1)

        found = read(edited(write(MANY), edit), MANY)
        assert [each.cell for each in found.rejects] == ["C12"]
        assert found.cells[UNITS[0].code, "settled"].note == "one"


class TestWhatIsSaid:
    def test_a_stored_result_is_taken_and_said(self):
        content = edited(write(MANY), lambda book: set_cell(book, "C8", 7))
        content = files.in_sheet(content, b"<v>7</v>", b"<f>SUM(3,4)</f><v>7</v>")
        found = read(content, MANY)
        assert found.changes(MANY) == {(UNITS[1].code, "settled"): Given(7.0)}
        assert found.notes == [
            "Formulas are not kept; their stored results were taken: “Figures” C8."
        ]

    def test_what_was_taken_to_mean_what_is_said(self):
        def edit(book):
            set_cell(book, "C7", "3.5万")
            set_cell(book, "C8", "007")

        assert read(edited(write(MANY), edit), MANY).notes == [
            "“Figures” C7: “3.5万” was read as 35,000",
            "“Figures” C8: “007” begins with a zero, as codes do",
        ]

    def test_faults_are_listed_as_one_reads_the_sheet(self):
        def edit(book):
            for cell in ("D9", "C9", "H8", "B12", "C7"):
                set_cell(book, cell, "abc")

        rejects = read(edited(write(MANY), edit), MANY).rejects
        assert [each.cell for each in rejects] == ["C7", "H8", "C9", "D9", "B12"]

    def test_of_many_remarks_the_rest_is_counted(self):
        lines = [SheetLine(f"s{n}", str(n), f"Line {n}", "km") for n in range(100)]
        asked = template(lines=lines, given={})

        def edit(book):
            for row in (7, 8, 9):
                for column in range(3, 103):
                    book.worksheets[0].cell(row, column).value = "007"

        found = read(edited(write(asked), edit), asked)
        assert found.accepted == 300
        assert len(found.notes) == 201
        assert found.notes[-1] == "Remarks on 100 more cells are not listed."

    def test_a_file_of_nothing_but_faults_is_refused_as_a_whole(self, monkeypatch):
        monkeypatch.setattr(reading, "_MOST_REJECTS", 3)

        def edit(book):
            for row in range(7, 11):
                set_cell(book, f"C{row}", "abc")

        with pytest.raises(Invalid, match="More than 3 cells"):
            read(edited(write(MANY), edit), MANY)

    def test_hidden_rows_and_other_sheets_are_named(self):
        def edit(book):
            book.worksheets[0].row_dimensions[8].hidden = True
            book.create_sheet("mine")["A1"] = 1

        assert read(edited(write(MANY), edit), MANY).notes == [
            "Hidden rows of “Figures” were read like the others: 8.",
            "The sheet “mine” is no part of the form and was not read.",
        ]

    def test_a_fault_is_said_in_chinese(self):
        content = edited(write(MANY), lambda book: set_cell(book, "F8", "3万"))
        with translation.override("zh-hans"):
            (reject,) = read(content, MANY).rejects
        assert reject.message.startswith("工作表“Figures”F8：无法判断“3万”")
        assert "万" in reject.remedy
        assert not reject.remedy.isascii()


class TestGivenBack:
    @pytest.fixture
    def faulty(self):
        def edit(book):
            set_cell(book, "C8", "abc")
            set_cell(book, "D9", "=1+1")
            set_cell(book, "F7", 12)
            sheet = book.worksheets[0]
            sheet["C8"].comment = Comment("ask Li", "Wang")
            sheet["B7"].comment = Comment("capital", "Wang")

        return edited(write(MANY), edit)

    def test_each_faulty_cell_has_its_comment_and_its_fill(self, faulty):
        found = read(faulty, MANY)
        sheet = sheet_of(with_comments(faulty, found.rejects))
        said = {
            cell.coordinate: cell.comment.text
            for row in sheet.iter_rows()
            for cell in row
            if cell.comment
        }
        assert said.keys() == {"B7", "C8", "D9"}
        assert said["B7"] == "capital"
        assert said["C8"].startswith("Throughline:\n“abc” is text where a number is expected\n")
        assert said["C8"].endswith("ask Li")
        (shown,) = sheet.conditional_formatting
        assert sorted(str(shown.sqref).split()) == ["C8", "D9"]
        assert shown.rules[0].dxf.fill.bgColor.rgb == "FFFFC7CE"

    def test_nothing_else_is_changed(self):
        content = write(MANY)
        faulty = edited(content, lambda book: set_cell(book, "C8", "abc"))
        before = zipfile.ZipFile(io.BytesIO(faulty))
        after = zipfile.ZipFile(io.BytesIO(with_comments(faulty, read(faulty, MANY).rejects)))
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        assert changed == {
            "[Content_Types].xml", "xl/styles.xml", "xl/worksheets/sheet1.xml",
        }  # fmt: skip
        assert len(set(after.namelist()) - set(before.namelist())) == 3
        old, new = (sheet_of(each) for each in (faulty, repacked(after)))
        for row in old.iter_rows():
            for cell in row:
                twin = new[cell.coordinate]
                assert (cell.value, cell.style_id) == (twin.value, twin.style_id)

    def test_every_part_is_still_xml_in_the_order_that_the_format_wants(self, faulty):
        after = zipfile.ZipFile(io.BytesIO(with_comments(faulty, read(faulty, MANY).rejects)))
        for name in after.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                ElementTree.fromstring(after.read(name))
        names = [
            each.tag.rpartition("}")[2]
            for each in ElementTree.fromstring(after.read("xl/worksheets/sheet1.xml"))
        ]
        order = ["sheetData", "sheetProtection", "conditionalFormatting", "dataValidations",
                 "pageMargins", "pageSetup", "headerFooter", "legacyDrawing"]  # fmt: skip
        assert [name for name in names if name in order] == order

    def test_a_formula_becomes_text_that_is_not_run(self, faulty):
        cell = sheet_of(with_comments(faulty, read(faulty, MANY).rejects))["D9"]
        assert (cell.data_type, cell.value) == ("s", "'=1+1")

    def test_a_stored_result_stays_without_its_formula(self):
        content = edited(write(MANY), lambda book: set_cell(book, "C8", 7))
        content = files.in_sheet(content, b"<v>7</v>", b"<f>SUM(3,4)</f><v>7</v>")
        cell = sheet_of(with_comments(content, []))["C8"]
        assert (cell.data_type, cell.value) == ("n", 7)

    def test_remarks_of_an_earlier_round_go_and_other_people_s_stay(self, faulty):
        found = read(faulty, MANY)
        first = with_comments(faulty, found.rejects)
        second = sheet_of(with_comments(first, found.rejects[:0]))
        said = {
            cell.coordinate: cell.comment.text
            for row in second.iter_rows()
            for cell in row
            if cell.comment
        }
        assert said == {"B7": "capital", "C8": "ask Li"}
        assert list(second.conditional_formatting) == []

    def test_a_second_round_says_what_the_first_said(self, faulty):
        found = read(faulty, MANY)
        once = with_comments(faulty, found.rejects)
        twice = with_comments(once, found.rejects)
        for name in zipfile.ZipFile(io.BytesIO(once)).namelist():
            ours, again = (zipfile.ZipFile(io.BytesIO(each)).read(name) for each in (once, twice))
            assert len(ours) == len(again), name

    def test_what_has_no_room_for_comments_is_refused(self):
        for content in (write_csv(MANY), files.xls(), files.ods("")):
            with pytest.raises(Invalid, match=r"\.xlsx files only"):
                with_comments(content, [])

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (files.with_member(write(ONE), "xl/pad.xml", bytes(20_000_000)), "unreasonable"),
            (
                files.in_sheet(
                    write(ONE), b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'
                ),
                "declaration",
            ),
            (files.with_member(write(ONE), "xl/vbaProject.bin", b"x"), "macros"),
            (write(ONE)[:3000], "damaged"),
        ],
    )
    def test_a_dangerous_file_is_refused_here_too(self, content, says):
        with pytest.raises(Invalid, match=says):
            with_comments(content, [])

    def test_what_is_said_cannot_break_the_file(self):
        text = "<v>&\x00\x1b]]>\ud7ff👍" + "x" * 20_000
        faulty = edited(write(ONE), lambda book: set_cell(book, "E7", "abc"))
        (reject,) = read(faulty, ONE).rejects
        reject = type(reject)(
            reject.sheet, reject.cell, reject.row, reject.column, "", text, text, ""
        )
        said = sheet_of(with_comments(faulty, [reject]))["E7"].comment.text
        assert said.startswith("Throughline:\n<v>&]]>\ud7ff👍xxx")


def repacked(package: zipfile.ZipFile) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name in package.namelist():
            new.writestr(name, package.read(name))
    return out.getvalue()


class TestWhatWentOut:
    """A file tells what stood in it when it went out, so that what nobody has touched undoes
    nothing."""

    SLOT = (UNITS[0].code, "settled")

    @pytest.mark.parametrize("out", [write, write_csv])
    def test_what_nobody_has_touched_undoes_nothing(self, out):
        went_out = template(given={self.SLOT: Given(1.0)})
        now = template(given={self.SLOT: Given(2.0)})
        found = read(out(went_out), now)
        assert found.cells[self.SLOT] == Given(1.0)
        assert found.changes(now) == found.overtaken(now) == {}

    def test_what_was_changed_on_both_sides_is_told_apart(self):
        went_out = template(given={self.SLOT: Given(1.0)})
        content = edited(write(went_out), partial(set_cell, cell="C7", value=3))
        for stands, changes, overtaken in ((1.0, 1, 0), (2.0, 1, 1), (3.0, 0, 0)):
            now = template(given={self.SLOT: Given(stands)})
            found = read(content, now)
            assert (len(found.changes(now)), len(found.overtaken(now))) == (changes, overtaken)
            assert found.at[self.SLOT].cell == "C7"

    def test_a_file_that_tells_nothing_is_held_against_what_stands_now(self):
        def forget(book: openpyxl.Workbook) -> None:
            for row in book["keys"].iter_rows(max_col=4):
                row[3].value = None

        content = edited(write(template(given={self.SLOT: Given(1.0)})), forget)
        now = template(given={self.SLOT: Given(2.0)})
        assert read(content, now).changes(now) == {self.SLOT: Given(1.0)}

    def test_what_is_shut_for_one_unit_is_open_for_the_others(self):
        shut = replace(UNITS[0], locked="it is signed")
        lacking = replace(UNITS[1], lacks=frozenset({"settled"}))
        asked = template((shut, lacking, *UNITS[2:]))
        book = openpyxl.load_workbook(io.BytesIO(write(asked)))
        figures = book.worksheets[0]
        assert [figures[f"C{row}"].protection.locked for row in (7, 8, 9)] == [True, True, False]
        content = write(asked)
        for cell in ("C7", "C8", "C9"):
            content = edited(content, partial(set_cell, cell=cell, value=3))
        found = read(content, asked)
        assert [each.cell for each in found.rejects] == ["C7", "C8"]
        assert "it is signed" in found.rejects[0].fault
        assert found.changes(asked) == {(UNITS[2].code, "settled"): Given(3.0)}

    def test_a_csv_leaves_out_what_is_not_asked(self):
        lacking = replace(UNITS[1], lacks=frozenset({"settled"}))
        asked = template((UNITS[0], lacking))
        assert write_csv(asked).decode("utf-8-sig").count(",settled,") == 1
        assert read(write_csv(asked), asked).changes(asked) == {}


@pytest.mark.parametrize("measure", ["%", "per cent", "百分比", "百分率"])
def test_a_percent_sign_is_taken_where_per_cents_are_asked_for_in_either_language(measure):
    asked = SheetLine("share", "1", "Share", measure, 1, 0, 100)
    assert figure("94.1%", asked)[0] == pytest.approx(94.1)
    with pytest.raises(Invalid):
        figure("94.1%", SheetLine("people", "2", "People", "人"))
