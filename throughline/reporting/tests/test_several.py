"""The sheets of several units as one workbook: who gets it, what is kept of it, what comes back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests.permissions.endpoints import client_of
from tests.working import read_given_workbooks
from throughline.kernel.errors import Forbidden
from throughline.kernel.models import JournalEntry
from throughline.reporting.actions import prepare_report
from throughline.reporting.drafting import save_sheet, sheet_values
from throughline.reporting.models import FormRule, Report, Sheet, Workbook
from throughline.reporting.tests.country import GOOD, Reported
from throughline.reporting.workbooks import filled_in_by, receive_workbook

JOBS, ROADS = "jobs-reported", "roads-reported"


@pytest.fixture
def client(reported: Reported) -> Client:
    return client_of(reported.world, "prefecture")


def page(reported: Reported, name: str = "cycle-workbook", *more: str) -> str:
    return reverse(name, args=[reported.cycle.key, *more])


def taken_away(client: Client, reported: Reported, form: str = "xlsx") -> bytes:
    answer = client.get(page(reported, "cycle-workbook-file", form))
    assert answer.status_code == 200
    return bytes(answer.content)


def column_of(sheet: Any, series: str) -> int:
    found = (cell.column for cell in sheet[6] if cell.value == f"tl:figure:{series}")
    return int(next(found))


def typed(content: bytes, cells: dict[tuple[str, str], object]) -> bytes:
    """The workbook with something typed at units (by code) and series."""
    book = load_workbook(BytesIO(content))
    sheet: Any = book.worksheets[0]
    for row in sheet.iter_rows(min_row=7):
        for (code, series), value in cells.items():
            if row[0].value == code:
                sheet.cell(row[0].row, column_of(sheet, series)).value = value
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def give_in(client: Client, reported: Reported, content: bytes, name: str = "a.xlsx") -> Workbook:
    sent = client.post(page(reported), {"file": SimpleUploadedFile(name, content)})
    assert sent.status_code == 302
    read_given_workbooks()
    return Workbook.objects.latest("pk")


def value_of(reported: Reported, place: str, series: str) -> object:
    report = Report.objects.get(cycle=reported.cycle, place__code=place)
    return sheet_values(report)[0].get(series, {}).get("value")


def test_a_prefecture_fills_in_all_of_its_counties_and_no_other(
    client: Client, reported: Reported
) -> None:
    content = taken_away(client, reported)
    figures = load_workbook(BytesIO(content)).worksheets[0]
    assert [row[0].value for row in figures.iter_rows(min_row=7)] == ["N111", "N112"]
    row = give_in(
        client, reported,
        typed(content, {("N111", JOBS): 12, ("N111", ROADS): 2, ("N112", JOBS): 30}),
    )  # fmt: skip
    assert (row.state, row.units, row.report["changed"]) == ("done", 2, 3)
    assert value_of(reported, "N111", JOBS) == 12.0
    assert value_of(reported, "N112", JOBS) == 30.0
    assert row.marked is None
    text = client.get(reverse("workbook", args=[row.pk])).content.decode()
    assert "3 cells of 2 units were filled from the file." in text


def test_who_reports_for_nobody_below_gets_none(reported: Reported) -> None:
    for member in ("leads", "auditor", "office"):
        answer = client_of(reported.world, member).get(page(reported))
        assert answer.status_code in {403, 404}, member
    with pytest.raises(Forbidden):
        receive_workbook(reported.signer, reported.cycle, b"", "a.xlsx")
    county = filled_in_by(reported.filler, reported.cycle)
    assert [row.place.code for row in county] == ["N111"]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_file_that_nobody_has_touched_changes_nothing(
    client: Client, reported: Reported, form: str
) -> None:
    save_sheet(reported.filler, reported.report, GOOD)
    before = list(Sheet.objects.values_list("report", "revision")), JournalEntry.objects.count()
    row = give_in(client, reported, taken_away(client, reported, form), f"a.{form}")
    assert (row.state, row.report["changed"], row.report["rejected"]) == ("done", 0, 0)
    after = list(Sheet.objects.values_list("report", "revision")), JournalEntry.objects.count()
    assert after == before


def test_what_is_at_fault_comes_back_in_the_same_file_and_the_rest_is_kept(
    client: Client, reported: Reported
) -> None:
    FormRule.objects.filter(key="roads-within-jobs").update(
        says_en="{left} roads and {right} jobs."
    )
    content = typed(
        taken_away(client, reported),
        {("N111", JOBS): "many", ("N112", JOBS): 12, ("N112", ROADS): 30},
    )
    row = give_in(client, reported, content)
    assert (row.report["rejected"], row.report["faults"]) == (1, 1)
    assert row.report["found"][0]["fault"] == "30 roads and 12 jobs."
    places = reported.world.cast.places
    assert row.report["rejects"][0]["about"] == f"{places['N111'].name}: 1.1 Jobs"
    assert row.report["found"][0]["about"] == f"{places['N112'].name}: 1.2 Roads"
    assert value_of(reported, "N112", ROADS) == 30.0, "wrong, and a draft keeps it"
    text = client.get(reverse("workbook", args=[row.pk])).content.decode()
    assert "many" in text
    assert "30 roads and 12 jobs." in text
    answer: Any = client.get(reverse("workbook-marked", args=[row.pk]))
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    remarks = {
        cell.coordinate: cell.comment.text
        for line in book.worksheets[0].iter_rows()
        for cell in line
        if cell.comment
    }
    assert len(remarks) == 2
    assert any("30 roads and 12 jobs." in text for text in remarks.values())

    mended = BytesIO()
    book.save(mended)
    last = give_in(
        client, reported, typed(mended.getvalue(), {("N111", JOBS): 40, ("N112", ROADS): 3})
    )
    assert (last.report["rejected"], last.report["faults"], last.report["changed"]) == (0, 0, 2)
    assert last.marked is None


def test_what_a_county_has_typed_meanwhile_is_not_undone(
    client: Client, reported: Reported
) -> None:
    content = typed(taken_away(client, reported), {("N111", JOBS): 40, ("N112", JOBS): 50})
    save_sheet(reported.filler, reported.report, GOOD)
    row = give_in(client, reported, content)
    assert value_of(reported, "N111", JOBS) == 12.0
    assert value_of(reported, "N111", ROADS) == 2.0, "left alone in the file"
    assert value_of(reported, "N112", JOBS) == 50.0
    assert row.report["rejected"] == 1
    assert "since the workbook was downloaded" in row.report["rejects"][0]["fault"]


def test_a_sheet_that_has_gone_on_is_locked(client: Client, reported: Reported) -> None:
    content = taken_away(client, reported)
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    row = give_in(client, reported, typed(content, {("N111", JOBS): 40, ("N112", JOBS): 50}))
    assert "under review" in row.report["rejects"][0]["fault"]
    assert value_of(reported, "N111", JOBS) == 12.0
    figures = load_workbook(BytesIO(taken_away(client, reported))).worksheets[0]
    at = column_of(figures, JOBS)
    assert [figures.cell(number, at).protection.locked for number in (7, 8)] == [True, False]


def test_a_county_gives_its_own_sheet_in_among_those_of_several(
    client: Client, reported: Reported
) -> None:
    save_sheet(reported.filler, reported.report, GOOD)
    own = client.get(reverse("sheet-file", args=[reported.cycle.key, "N111", "csv"]))
    content = bytes(own.content).replace(b",12,", b",14,")
    assert give_in(client, reported, content, "a.csv").report["changed"] == 1
    assert value_of(reported, "N111", JOBS) == 14.0


def test_a_file_of_something_else_is_refused_whole(client: Client, reported: Reported) -> None:
    row = give_in(client, reported, b"no workbook")
    assert row.state == "refused"
    answer = client.get(reverse("workbook", args=[row.pk]))
    assert answer.status_code == 422
    assert "Nothing of this file was taken." in answer.content.decode()
    assert client.post(page(reported)).status_code == 422, "no file"


def test_only_who_gave_it_in_sees_what_became_of_it(client: Client, reported: Reported) -> None:
    row = give_in(client, reported, taken_away(client, reported))
    for member in ("province", "county", "coordinator", "auditor"):
        for name in ("workbook", "workbook-progress", "workbook-marked"):
            answer = client_of(reported.world, member).get(reverse(name, args=[row.pk]))
            assert answer.status_code == 404, (member, name)


def test_a_page_waits_for_the_job_and_a_job_may_run_twice(
    client: Client, reported: Reported
) -> None:
    content = typed(taken_away(client, reported), {("N111", JOBS): 40})
    client.post(page(reported), {"file": SimpleUploadedFile("a.xlsx", content)})
    row = Workbook.objects.latest("pk")
    waiting = client.get(reverse("workbook-progress", args=[row.pk]))
    assert (waiting.status_code, b"<progress" in waiting.content) == (200, True)
    read_given_workbooks()
    done = client.get(reverse("workbook-progress", args=[row.pk]))
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")
    revision = Sheet.objects.get(report=reported.report).revision
    Workbook.objects.filter(pk=row.pk).update(state=Workbook.State.READING)  # killed at the end
    read_given_workbooks()
    assert Sheet.objects.get(report=reported.report).revision == revision


def test_a_program_gives_in_and_asks_what_became_of_it(reported: Reported) -> None:
    client = client_of(reported.world, "prefecture")
    address = f"/api/cycles/{reported.cycle.key}/workbook"
    content = client.get(address).content
    sent = client.post(
        address, {"file": SimpleUploadedFile("a.xlsx", typed(content, {("N112", JOBS): 31}))}
    )
    assert (sent.status_code, sent.json()["state"]) == (202, "reading")
    read_given_workbooks()
    said = client.get(f"/api/workbooks/{sent.json()['id']}").json()
    assert (said["state"], said["changed"]) == ("done", 1)
    assert [each["place"] for each in said["sheets"]] == ["N111", "N112"]
    assert client.get(f"{address}?csv=true").content.startswith(b"\xef\xbb\xbf")


def test_of_a_cell_that_the_file_has_otherwise_nothing_is_said_in_the_file(
    client: Client, reported: Reported
) -> None:
    content = taken_away(client, reported)
    save_sheet(
        reported.world.cast.county.actor,
        reported.report,
        {JOBS: {"value": 3.0, "absent": False, "note": ""}},
    )
    row = give_in(client, reported, typed(content, {("N112", JOBS): 12}))
    assert row.report["found"] == [], "the sheet of N111 says it, where its 3 stands"
    unit = next(each for each in row.report["units"] if each["code"] == "N111")
    assert unit["odd"] == 1
