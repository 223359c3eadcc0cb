"""A new user's first report: from My work to the signature, by keyboard alone; and the same by a
workbook that is filled in elsewhere. In both languages, and the checker of accessibility finds
nothing on any page of the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.browser import CHROMIUM
from tests.journeys.conftest import CHINESE, ENGLISH, PASSWORD, Site, Visit, Visiting
from tests.journeys.test_every_page import NARROW, faults_of
from tests.journeys.test_reporting import heading, tab_to
from tests.journeys.test_sheet import JOBS, PASTE, ROADS, STATUS, cell, found
from throughline.bodies.models import Person
from throughline.bodies.rules import Duty
from throughline.kernel import clock
from throughline.kernel.period import Period
from throughline.reporting.actions import open_cycle
from throughline.reporting.asking import forget
from throughline.reporting.models import Form, FormRule, Report
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tests.country import PERIOD, add_forms, colleague
from throughline.ui.vendor import VENDOR

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (VENDOR / "edition.txt").exists(), reason="needs throughline.ui.vendor"),
]

SAID = {
    ENGLISH: {
        "saved": "Saved on the server", "prepare": "Prepare", "review": "Review …",
        "reviewed": "It is reviewed", "sign": "Sign …", "now": "Sign now", "out": "Excel out",
        "in": "Excel in …", "upload": "Upload", "same": "The same file, with remarks",
        "login": "Login", "password": "Password",
    },
    CHINESE: {
        "saved": "已保存到服务器", "prepare": "提交审核", "review": "审核…",
        "reviewed": "审核通过",
        "sign": "签发…", "now": "签发", "out": "导出 Excel", "in": "导入 Excel…",
        "upload": "导入", "same": "下载带批注的原文件", "login": "登录名", "password": "密码",
    },
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _patient() -> Iterator[None]:
    """A way of many pages is walked with patience, on a machine that has other things to do."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def forms(site: Site) -> list[Form]:
    asked = add_forms(site.world)
    FormRule.objects.filter(key="roads-within-jobs").update(
        says_en="{left} roads and only {right} jobs.", says_zh="道路{left}条多于岗位{right}个。"
    )
    county = site.world.cast.county
    colleague(county, "reviewer", Duty.REVIEW, Duty.READ)
    colleague(county, "head", Duty.SIGN, Duty.READ)
    Person.objects.filter(password="!").update(password=make_password(PASSWORD))
    return asked


@pytest.fixture
def report(site: Site, forms: list[Form], request: pytest.FixtureRequest) -> Report:
    """The only sheet of N111 that waits."""
    Report.objects.exclude(step=ReportStep.SIGNED).filter(cycle__locked_at=None).update(
        step=ReportStep.ACCEPTED
    )
    forget()
    now = clock.now()
    cycle = open_cycle(
        site.world.cast.coordinator.actor, key=f"first-{Report.objects.count()}",
        title="Figures of 2022", forms=forms, period=Period.parse(PERIOD),
        opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(days=2, hours=1),
    )  # fmt: skip
    return Report.objects.select_related("cycle").get(cycle=cycle, place__code="N111")


def signed_in(visit: Visit, login: str, said: dict[str, str]) -> Page:
    """My work of somebody who signs in by keyboard."""
    page = visit.page
    visit.go("/sign-in")
    sound(visit)
    tab_to(page, page.get_by_label(said["login"]))
    page.keyboard.type(login)
    tab_to(page, page.get_by_label(said["password"]))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{visit.site.url}/my-work/")
    sound(visit)
    return page


def sound(visit: Visit) -> None:
    """The page has no fault that the checker of accessibility finds."""
    visit.page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    assert faults_of(visit, visit.page.url) == []


def press(page: Page, wanted: Locator) -> None:
    """Go there by Tab, and press Enter."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def from_my_work(page: Page, report: Report) -> None:
    """Follow the line of My work that is about the report."""
    press(page, page.locator(f"#main a[href*='/cycles/{report.cycle.key}/']").first)
    expect(page.locator("h1")).to_contain_text("Figures of 2022")


def step(report: Report) -> str:
    return str(Report.objects.get(pk=report.pk).step)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_by_the_grid_and_by_keyboard_alone(
    visiting: Visiting, report: Report, language: str
) -> None:
    said = SAID[language]
    county = visiting("nobody", language)
    page = signed_in(county, "county", said)
    from_my_work(page, report)
    expect(page.locator("form[data-ready]")).to_have_count(1)
    sound(county)

    tab_to(page, cell(page, JOBS))
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(cell(page, ROADS)).to_be_focused()
    page.keyboard.type("8")
    numbers = "8 roads and only 3 jobs." if language == ENGLISH else "道路8条多于岗位3个。"
    expect(found(page, ROADS)).to_contain_text(numbers)
    sound(county)
    page.keyboard.press("ArrowUp")
    cell(page, JOBS).evaluate(PASTE, "4\n2\n")
    expect(found(page, ROADS)).to_be_empty()
    page.keyboard.press("Alt+n")
    page.keyboard.type("A small county.")
    expect(page.locator(STATUS)).to_contain_text(said["saved"])
    press(page, page.get_by_role("button", name=said["prepare"], exact=True))
    expect(page.locator("form[data-ready]")).to_have_count(0)
    assert step(report) == ReportStep.PREPARED
    sound(county)

    for login, opens, does, then in (
        ("reviewer-n111-government", "review", "reviewed", ReportStep.REVIEWED),
        ("head-n111-government", "sign", "now", ReportStep.SIGNED),
    ):
        other = visiting("nobody", language)
        theirs = signed_in(other, login, said)
        from_my_work(theirs, report)
        press(theirs, theirs.locator("summary", has_text=said[opens]))
        sound(other)
        theirs.set_viewport_size({"width": NARROW, "height": 844})
        sound(other)
        press(theirs, theirs.get_by_role("button", name=said[does], exact=True))
        expect(theirs.locator("summary", has_text=said[opens])).to_have_count(0)
        assert step(report) == then


def filled_in(file: Path, figures: dict[str, object], notes: dict[str, str]) -> None:
    """Type into the workbook as one does: each figure in the column of the period, beside its
    number."""
    book = load_workbook(file)
    sheet: Any = book.worksheets[0]
    headings = {str(each.value): each.column for each in sheet[4]}
    column = headings[PERIOD]
    for row in sheet.iter_rows(min_row=6):
        number = next((str(each.value) for each in row if each.value in figures), "")
        if number:
            sheet.cell(row[0].row, column).value = figures[number]
            if number in notes:
                sheet.cell(row[0].row, column + 2).value = notes[number]
    book.save(file)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_by_a_workbook_that_is_filled_in_elsewhere(
    visiting: Visiting, report: Report, language: str, tmp_path: Path
) -> None:
    said = SAID[language]
    county = visiting("nobody", language)
    page = signed_in(county, "county", said)
    from_my_work(page, report)
    file = tmp_path / "sheet.xlsx"
    with page.expect_download() as taken:
        press(page, page.get_by_role("link", name=said["out"], exact=True))
    taken.value.save_as(file)
    filled_in(file, {"1.1": 30, "1.2": "about two"}, {})

    press(page, page.get_by_role("link", name=said["in"], exact=True))
    expect(page.locator("#field-file")).to_be_visible()
    sound(county)
    page.locator("#field-file").set_input_files(file)
    press(page, page.get_by_role("button", name=said["upload"], exact=True))
    expect(page.locator("table")).to_contain_text("about two")
    sound(county)
    with page.expect_download() as marked:
        press(page, page.get_by_role("link", name=said["same"]))
    marked.value.save_as(file)
    remarks = [
        each.comment.text
        for row in load_workbook(BytesIO(file.read_bytes())).worksheets[0].iter_rows()
        for each in row
        if each.comment
    ]
    assert len(remarks) == 1

    filled_in(file, {"1.1": 30, "1.2": 2}, {"1.2": "Counted anew."})
    page.locator("#field-file").set_input_files(file)
    press(page, page.get_by_role("button", name=said["upload"], exact=True))
    expect(cell(page, ROADS)).to_have_value("2")
    expect(cell(page, JOBS)).to_have_value("30")
    expect(heading(page)).to_contain_text("Figures of 2022")
    sound(county)
    press(page, page.get_by_role("button", name=said["prepare"], exact=True))
    expect(page.locator("form[data-ready]")).to_have_count(0)
    row = Report.objects.get(pk=report.pk)
    assert row.step == ReportStep.PREPARED
    assert row.values[ROADS] == {"value": 2.0, "absent": False, "note": "Counted anew."}
