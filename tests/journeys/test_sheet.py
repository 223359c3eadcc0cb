"""A county fills in its sheet: by keyboard, with a colleague, without a connection, signed out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from tests.browser import CHROMIUM
from tests.journeys.conftest import CHINESE, ENGLISH, Site, Visit, Visiting
from tests.journeys.test_every_page import faults_of
from tests.permissions.endpoints import session_of
from throughline.kernel import clock
from throughline.kernel.period import Period
from throughline.reporting.actions import open_cycle
from throughline.reporting.asking import asked_of, forget
from throughline.reporting.drafting import read_typed, sheet_values
from throughline.reporting.models import Form, Report
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tests.country import PERIOD, add_forms
from throughline.ui.vendor import VENDOR

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]

JOBS, ROADS = "jobs-reported", "roads-reported"
PASTE = """(input, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const how = {clipboardData, bubbles: true, cancelable: true};
  input.dispatchEvent(new ClipboardEvent("paste", how));
}"""


@pytest.fixture(scope="module")
def forms(site: Site) -> list[Form]:
    return add_forms(site.world)


@pytest.fixture
def sheet(site: Site, forms: list[Form], request: pytest.FixtureRequest) -> Report:
    """An empty sheet of N111, in a cycle of the test's own."""
    key = request.node.originalname.replace("_", "-")[:40].strip("-")
    count = Report.objects.filter(cycle__key__startswith=key).count()
    now = clock.now()
    cycle = open_cycle(
        site.world.cast.coordinator.actor, key=f"{key}-{count}", title="Figures of 2022",
        forms=forms, period=Period.parse(PERIOD), opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=2, hours=1),
    )  # fmt: skip
    return Report.objects.select_related("cycle", "place__tier").get(
        cycle=cycle, place__code="N111"
    )


def opened(visit: Visit, sheet: Report) -> Page:
    """The sheet's page, when its script has taken over."""
    visit.go(f"/cycles/{sheet.cycle.key}/units/N111/")
    expect(visit.page.locator("form[data-ready]")).to_have_count(1)
    return visit.page


def cell(page: Page, key: str) -> Locator:
    return page.locator(f"[data-cell={key}]")


def found(page: Page, key: str) -> Locator:
    return page.locator(f"#found-{key}")


def kept(sheet: Report, key: str) -> Any:
    """What the server has in a cell."""
    return sheet_values(sheet)[0].get(key, {}).get("value")


STATUS = "[data-status]"


def test_a_sheet_is_filled_in_by_keyboard_and_checked_as_one_types(
    visiting: Visiting, sheet: Report
) -> None:
    page = opened(visiting("county"), sheet)
    cell(page, JOBS).focus()
    page.keyboard.type("３")
    expect(found(page, JOBS)).to_contain_text("Very few jobs. Why?")
    page.keyboard.press("Enter")
    expect(cell(page, ROADS)).to_be_focused()
    expect(cell(page, JOBS)).to_have_value("3")
    page.keyboard.type("8")
    expect(found(page, ROADS)).to_contain_text("More roads than jobs.")
    expect(cell(page, ROADS)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-counts]")).to_contain_text("1 wrong")
    page.get_by_role("link", name="Go to 1.1").click()
    expect(cell(page, JOBS)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("1.5万")
    page.keyboard.press("ArrowUp")
    expect(cell(page, ROADS)).to_have_value("15,000")
    expect(found(page, ROADS)).to_contain_text("“1.5万” is read as 15,000.")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("99")
    page.keyboard.press("Escape")
    expect(cell(page, ROADS)).to_have_value("15,000")
    page.keyboard.press("Control+z")
    expect(cell(page, ROADS)).to_have_value("8")
    cell(page, ROADS).fill("2")
    expect(found(page, ROADS)).to_be_empty()
    cell(page, JOBS).focus()
    page.keyboard.press("Alt+n")
    page.keyboard.type("A small county.")
    expect(page.locator("[data-counts]")).not_to_contain_text("to explain")
    expect(page.locator(STATUS)).to_contain_text("Saved on the server")
    page.get_by_role("button", name="Prepare").click()
    expect(page.get_by_text("Prepared. It is reviewed next")).to_be_visible()
    row = Report.objects.get(pk=sheet.pk)
    assert row.step == ReportStep.PREPARED
    assert row.values[JOBS] == {"value": 3.0, "absent": False, "note": "A small county."}


def test_an_explanation_that_is_no_longer_wanted_closes_again(
    visiting: Visiting, sheet: Report
) -> None:
    page = opened(visiting("county"), sheet)
    why = page.locator(f"[data-row={JOBS}] details.why")
    cell(page, JOBS).fill("3")
    expect(why).to_have_attribute("open", "")
    cell(page, JOBS).fill("30")
    expect(found(page, JOBS)).to_be_empty()
    expect(why).not_to_have_attribute("open", "")
    page.keyboard.press("Alt+n")
    page.keyboard.type("Counted.")
    expect(why).to_have_attribute("open", "")


def test_a_block_from_a_spreadsheet_fills_the_cells_below(
    visiting: Visiting, sheet: Report
) -> None:
    page = opened(visiting("county"), sheet)
    cell(page, JOBS).focus()
    cell(page, JOBS).evaluate(PASTE, "Jobs\t１，２３４\r\nRoads\t0.29万\r\nMore\t7\r\n")
    expect(cell(page, JOBS)).to_have_value("1,234")
    expect(cell(page, ROADS)).to_have_value("2,900")
    expect(page.locator(STATUS)).to_contain_text("2 cells filled.")
    expect(page.locator(STATUS)).to_contain_text("1 did not fit")
    expect(page.locator(STATUS)).to_contain_text("Saved on the server")
    assert (kept(sheet, JOBS), kept(sheet, ROADS)) == (1234.0, 2900.0)
    page.keyboard.press("Control+z")
    expect(cell(page, JOBS)).to_have_value("")
    expect(cell(page, ROADS)).to_have_value("")


def test_not_applicable_by_key_and_by_box(visiting: Visiting, sheet: Report) -> None:
    page = opened(visiting("county"), sheet)
    cell(page, JOBS).fill("5")
    page.keyboard.press("Alt+a")
    expect(cell(page, JOBS)).to_have_value("")
    expect(page.locator("[data-counts]")).to_contain_text("1 not applicable")
    cell(page, ROADS).fill("不适用")
    cell(page, JOBS).focus()
    expect(page.locator("[data-counts]")).to_contain_text("2 not applicable")
    expect(page.locator(STATUS)).to_contain_text("Saved on the server")
    assert sheet_values(sheet)[0][ROADS]["absent"]
    page.keyboard.type("6")
    expect(page.locator("[data-counts]")).to_contain_text("1 not applicable")


def test_nothing_typed_is_lost_without_a_connection(visiting: Visiting, sheet: Report) -> None:
    county = visiting("county", CHINESE)
    page = opened(county, sheet)
    county.context.set_offline(True)
    cell(page, JOBS).fill("17")
    expect(page.locator(STATUS)).to_contain_text("未保存：没有网络")
    page = county.reopened()
    county.complaints.clear()  # the browser says so itself
    county.context.set_offline(False)
    assert kept(sheet, JOBS) is None
    page = opened(county, sheet)
    expect(cell(page, JOBS)).to_have_value("17")
    expect(page.locator(STATUS)).to_contain_text("已保存到服务器")
    assert kept(sheet, JOBS) == 17.0
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('sheet/'))") == []


def test_two_people_fill_in_one_sheet(visiting: Visiting, sheet: Report) -> None:
    county, prefecture = visiting("county"), visiting("prefecture")
    mine, theirs = opened(county, sheet), opened(prefecture, sheet)
    cell(theirs, ROADS).fill("2")
    cell(theirs, JOBS).fill("40")
    expect(theirs.locator(STATUS)).to_contain_text("Saved on the server")
    cell(mine, JOBS).fill("12")
    expect(cell(mine, ROADS)).to_have_value("2")
    expect(found(mine, ROADS)).to_contain_text("Prefecture has just changed it.")
    expect(found(mine, JOBS)).to_contain_text("had typed 40 here")
    assert kept(sheet, JOBS) == 12.0
    mine.get_by_role("button", name="Take 40").click()
    expect(cell(mine, JOBS)).to_have_value("40")
    expect(mine.locator(STATUS)).to_contain_text("Saved on the server")
    mine.wait_for_timeout(1500)
    assert kept(sheet, JOBS) == 40.0


def test_signed_out_one_signs_in_again_and_goes_on(
    visiting: Visiting, sheet: Report, site: Site
) -> None:
    county = visiting("county")
    page = opened(county, sheet)
    county.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    cell(page, JOBS).fill("21")
    expect(page.locator(STATUS)).to_contain_text("you are signed out")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert kept(sheet, JOBS) is None
    session = session_of(site.world, "county")
    county.context.clear_cookies()  # the token of the form is another one as well
    county.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}]
    )
    cell(page, ROADS).fill("3")
    expect(page.locator(STATUS)).to_contain_text("Saved on the server")
    assert (kept(sheet, JOBS), kept(sheet, ROADS)) == (21.0, 3.0)


def test_what_is_typed_too_late_is_kept_and_said(visiting: Visiting, sheet: Report) -> None:
    county = visiting("county")
    page = opened(county, sheet)
    Report.objects.filter(pk=sheet.pk).update(step=ReportStep.PREPARED)
    cell(page, JOBS).fill("33")
    expect(page.locator(STATUS)).to_contain_text("under review")
    county.go(f"/cycles/{sheet.cycle.key}/units/N111/")
    expect(page.locator("[data-left]")).to_contain_text("1.1: 33")
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("[data-left]")).to_be_empty()


def test_what_the_server_does_not_read_is_said_at_the_cell(
    visiting: Visiting, sheet: Report
) -> None:
    page = opened(visiting("county"), sheet)
    cell(page, JOBS).fill("12,34")
    expect(found(page, JOBS)).to_contain_text("the commas do not separate groups")
    expect(page.locator(STATUS)).to_contain_text("Not saved, because it is no number: 1")
    cell(page, JOBS).fill("1,234")
    expect(page.locator(STATUS)).to_contain_text("Saved on the server")
    assert kept(sheet, JOBS) == 1234.0


@pytest.mark.skipif(not (VENDOR / "axe.min.js").exists(), reason="needs throughline.ui.vendor")
@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_the_sheet_is_sound(visiting: Visiting, sheet: Report, language: str) -> None:
    visit = visiting("county", language)
    page = opened(visit, sheet)
    cell(page, JOBS).fill("3")
    cell(page, ROADS).fill("8")
    page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    faults = faults_of(visit, "wide")
    page.emulate_media(color_scheme="dark")
    faults += faults_of(visit, "wide and dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    faults += faults_of(visit, "narrow")
    assert faults == []


READS = """async ([texts, isPercent]) => {
  const {understood} = await import("/static/ui/sheet.js");
  return texts.map(text => understood(text, isPercent));
}"""


def _texts() -> list[str]:
    """Numbers as people write them, and what is none."""
    digits = [
        "0",
        "7",
        "007",
        "12.50",
        ".5",
        "5.",
        "1,234",
        "1,23",
        "12,345,678.9",
        "１２３",
        "1 234",
    ]
    ends = ["", "万", "亿", "万亿", "%", "％", " 万", "e3", "E-2", "x", "万%"]
    signs = ["", "-", "+", "−", "－", "("]
    made = [
        f"{sign}{digit}{end}{')' if sign == '(' else ''}"
        for sign in signs
        for digit in digits
        for end in ends
    ]
    words = [
        "", " ", "-", "—", "——", "/", "N/A", "na", "不适用", "缺", "暂缺", "不详", "...", "null",
        "2022-06-21", "1.2.3", "=1+1", "#REF!", "nan", "inf", "0.29万", "1.005亿",
        "9007199254740993", "9007199254740991",
        "zwölf", "(5", "5)", "1，234", "（12）", "1\u202f234", "1\u00a0234,5",
    ]  # fmt: skip
    return made + words


@pytest.mark.parametrize("symbol", ["", "%"])
def test_the_page_reads_numbers_as_the_server_does(
    visiting: Visiting, sheet: Report, symbol: str
) -> None:
    visit = visiting("nobody")
    visit.go("/sign-in")
    texts = _texts()
    shown = visit.page.evaluate(READS, [texts, bool(symbol)])
    asked = asked_of(sheet)
    asked.by_key[JOBS].series.indicator.symbol = symbol
    try:
        for text, said in zip(texts, shown, strict=True):
            reading = read_typed(asked, {JOBS: {"text": text}})
            cell = reading.values.get(JOBS)
            assert bool(said.get("unread")) == (cell is None), text
            if cell is not None:
                assert (said["value"], bool(said.get("absent"))) == (
                    cell["value"],
                    cell["absent"],
                ), text
    finally:
        forget()
