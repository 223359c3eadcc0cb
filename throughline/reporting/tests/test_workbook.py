"""A unit's sheet as a file: out, filled in, in again, by the pages."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests.permissions.endpoints import client_of
from throughline.kernel.models import JournalEntry
from throughline.reporting.drafting import save_sheet, sheet_values
from throughline.reporting.models import Sheet
from throughline.reporting.tests.country import GOOD, Reported


@pytest.fixture
def client(reported: Reported) -> Client:
    return client_of(reported.world, "county")


def address(reported: Reported, name: str = "upload-sheet", *more: str) -> str:
    return reverse(name, args=[reported.cycle.key, "N111", *more])


def taken_away(client: Client, reported: Reported) -> bytes:
    answer = client.get(address(reported, "sheet-file", "xlsx"))
    assert answer.status_code == 200
    return bytes(answer.content)


def changed(content: bytes, typed: dict[str, Any]) -> bytes:
    """The workbook with something typed beside the figures of these numbers."""
    book = load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    column: Any = next(
        cell.column for row in sheet.iter_rows() for cell in row if cell.value == "2022"
    )
    for row in sheet.iter_rows():
        number = next((str(cell.value) for cell in row if cell.value in typed), "")
        if number:
            sheet.cell(int(row[0].row or 0), column).value = typed[number]
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def give_in(client: Client, reported: Reported, content: bytes, name: str = "a.xlsx") -> Any:
    return client.post(address(reported), {"file": SimpleUploadedFile(name, content)})


def test_what_is_filled_in_elsewhere_is_kept_in_the_sheet(
    client: Client, reported: Reported
) -> None:
    content = taken_away(client, reported)
    answer = give_in(client, reported, changed(content, {"1.1": 12, "1.2": "1,0 "}))
    assert answer.status_code == 422, "1,0 is no number that one can be sure of"
    answer = give_in(client, reported, changed(content, {"1.1": 12, "1.2": 2}))
    assert answer.status_code == 302
    values, _revision = sheet_values(reported.report)
    assert {key: given["value"] for key, given in values.items()} == {
        key: given["value"] for key, given in GOOD.items()
    }


def test_a_file_that_says_what_stood_there_changes_nothing(
    client: Client, reported: Reported
) -> None:
    save_sheet(reported.filler, reported.report, GOOD)
    before = Sheet.objects.get().revision, JournalEntry.objects.count()
    assert give_in(client, reported, taken_away(client, reported)).status_code == 302
    assert (Sheet.objects.get().revision, JournalEntry.objects.count()) == before


def test_what_is_at_fault_comes_back_in_the_same_file_and_the_rest_is_kept(
    client: Client, reported: Reported
) -> None:
    content = changed(taken_away(client, reported), {"1.1": "many", "1.2": 2})
    answer = give_in(client, reported, content)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "many" in text
    assert sheet_values(reported.report)[0]["roads-reported"]["value"] == 2.0
    link = next(part for part in text.split('"') if "/file/" in part)
    marked: Any = client.get(link)
    book = load_workbook(BytesIO(b"".join(marked.streaming_content)))
    remarks = [cell.comment for row in book.worksheets[0].iter_rows() for cell in row]
    assert len([each for each in remarks if each]) == 1
    stranger = client_of(reported.world, "sibling").get(link)
    assert stranger.status_code == 404


def test_what_was_kept_and_breaks_a_rule_is_marked_beside_what_was_not_taken(
    client: Client, reported: Reported
) -> None:
    save_sheet(reported.filler, reported.report, GOOD)
    content = changed(taken_away(client, reported), {"1.1": "many", "1.2": 20})
    answer = give_in(client, reported, content)
    text = answer.content.decode()
    assert sheet_values(reported.report)[0]["roads-reported"]["value"] == 20.0
    assert "Kept, and still to be corrected or explained" in text
    link = next(part for part in text.split('"') if "/file/" in part)
    marked: Any = client.get(link)
    book = load_workbook(BytesIO(b"".join(marked.streaming_content)))
    remarks = [cell.comment for row in book.worksheets[0].iter_rows() for cell in row]
    said = [each.text for each in remarks if each]
    assert len(said) == 2
    assert sum("Correct it" in each for each in said) == 1


def test_a_file_of_another_sheet_is_refused_whole(client: Client, reported: Reported) -> None:
    assert give_in(client, reported, b"no workbook").status_code == 422
    other = client_of(reported.world, "prefecture").get(
        reverse("sheet-file", args=[reported.cycle.key, "N112", "xlsx"])
    )
    answer = give_in(client, reported, bytes(other.content))
    assert answer.status_code == 422
    assert sheet_values(reported.report)[0] == {}


def test_no_file_asks_for_one(client: Client, reported: Reported) -> None:
    answer = client.post(address(reported))
    assert (answer.status_code, "Choose a file." in answer.content.decode()) == (422, True)


def test_csv_goes_out_and_comes_back_too(client: Client, reported: Reported) -> None:
    save_sheet(reported.filler, reported.report, GOOD)
    out = client.get(address(reported, "sheet-file", "csv"))
    assert give_in(client, reported, bytes(out.content), "a.csv").status_code == 302
    assert client.get(address(reported, "sheet-file", "doc")).status_code == 404
