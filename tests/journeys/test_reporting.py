"""A county reports: in a real browser, in Chinese, by keyboard alone, without a connection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser import CHROMIUM
from tests.journeys.conftest import CHINESE, PASSWORD, Site, Visit, Visiting
from throughline.figures.models import Observation
from throughline.kernel.journal import head
from throughline.kernel.models import Draft

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]

JOBS = "/figures/land/jobs"


def heading(page: Page) -> Locator:
    return page.locator("h1")


def row_of(page: Page, place: str) -> Locator:
    """The row of a table that is about a place."""
    return page.locator("tbody tr").filter(has=page.get_by_role("link", name=place, exact=True))


def test_a_county_changes_its_figure_and_every_page_above_is_right_at_once(
    visiting: Visiting,
) -> None:
    county = visiting("nobody", CHINESE)
    page = county.page
    county.go("/sign-in")
    page.get_by_label("登录名").fill("county")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(heading(page)).to_have_text("我的工作")
    page.get_by_role("link", name="查看地N111数据").click()
    page.locator("#main").get_by_role("link", name=re.compile("^11.persons")).click()
    expect(heading(page)).to_have_text("地N111，2021年：11 persons")
    expect(page.locator(".st.s-ahead").first).to_have_text("超前")
    known_before = head()[0]

    page.get_by_label("Jobs").fill("3")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("更改须说明原因")
    expect(page.get_by_label("Jobs")).to_have_value("3")  # what was typed is kept

    page.get_by_label("原因").fill("重新核实")
    page.get_by_role("button", name="提交").click()
    expect(heading(page)).to_have_text("地N111，2021年：3 persons")
    expect(page.locator(".st.s-off_track").first).to_have_text("滞后")
    expect(page.locator("#history tbody tr").first).to_contain_text("重新核实")
    expect(page.locator("#history s")).to_have_text("11 persons")

    for unit, value in (("N11", "24"), ("N1", "24"), ("N", "55")):
        county.go(f"{JOBS}/{unit}/2021/")
        expect(heading(page)).to_have_text(f"地{unit}，2021年：{value} persons")
    county.go("/places/land/N111/")
    expect(page.locator("#main .st.s-off_track")).to_have_text("滞后")
    county.go(f"{JOBS}/N/2021/?position={known_before}")
    expect(heading(page)).to_have_text("地N，2021年：63 persons")
    expect(page.get_by_text(f"截至日志第{known_before}条")).to_be_visible()
    _is_on_record(county)
    _is_seen_by_the_lead(visiting)


def _is_on_record(county: Visit) -> None:
    """The journal shows the act, before and after."""
    page = county.page
    county.go("/journal/?verb=observation.record")
    page.locator("tbody tr").first.get_by_role("link").click()
    expect(heading(page)).to_have_text("填报数据")
    value = page.locator(".changes tbody tr").filter(has_text="value")
    expect(value.locator("td")).to_have_text(["value", "11.0", "3.0"])


def _is_seen_by_the_lead(visiting: Visiting) -> None:
    """Class, status board and table of whoever sees all."""
    lead = visiting("leads", CHINESE)
    lead.go("/indicators/land/jobs/?level=by:clusters&period=2021")
    expect(row_of_group(lead.page, "First")).to_contain_text("34")  # 3 of N111, 31 of N211
    lead.go("/status/?plan=growth&map=jobs")
    expect(lead.page.locator("#indicators")).to_contain_text("55 persons")
    lead.go("/indicators/land/jobs/?level=county&period=2021")
    expect(row_of(lead.page, "地N111")).to_contain_text("滞后")


def row_of_group(page: Page, name: str) -> Locator:
    return page.locator("tbody tr").filter(has_text=name)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus; a page whose order never reaches it fails."""
    for _step in range(60):
        if wanted.evaluate("wanted => wanted === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def test_a_figure_is_found_and_recorded_by_keyboard_alone(visiting: Visiting, site: Site) -> None:
    prefecture = visiting("nobody")
    page = prefecture.page
    prefecture.go("/sign-in")
    tab_to(page, page.get_by_label("Login"))
    page.keyboard.type("prefecture")
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("My work")
    prefecture.go(f"{JOBS}/N11/2020/")

    tab_to(page, page.locator("#below tbody tr").first)
    page.keyboard.press("ArrowDown")
    expect(row_of(page, "Place N112")).to_be_focused()
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Place N112, 2020")

    tab_to(page, page.get_by_label("Jobs"))
    page.keyboard.type("26")
    tab_to(page, page.get_by_label("Reason"))
    page.keyboard.type("counted again")
    tab_to(page, page.get_by_role("button", name="Record"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("26")
    assert site.world.standing("jobs-reported", "N112", "2020").value == 26


def test_nothing_typed_is_lost_without_a_connection(visiting: Visiting, site: Site) -> None:
    county = visiting("county", CHINESE)
    page = county.page
    county.go(f"{JOBS}/N111/2020/")
    county.context.set_offline(True)
    page.get_by_label("Jobs").fill("17")
    page.get_by_label("原因").fill("补报一批")
    expect(page.locator("[data-draft-status]")).to_contain_text("已保留在本机")
    with pytest.raises(Error):  # there is no page to be had
        county.reopened().goto(f"{site.url}{JOBS}/N111/2020/")
    county.complaints.clear()  # the browser says so itself
    county.context.set_offline(False)

    page = county.reopened()
    county.go(f"{JOBS}/N111/2020/")
    expect(page.get_by_label("Jobs")).to_have_value("17")
    expect(page.get_by_label("原因")).to_have_value("补报一批")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    assert Draft.objects.filter(form="figure:jobs-reported:N111:2020").exists()
    assert Observation.objects.filter(note="补报一批").count() == 0
    county.go("/my-work/")
    draft = page.locator("li").filter(has_text="Jobs，地N111，2020年")
    draft.get_by_role("link", name="继续填写").click()
    expect(page.get_by_label("Jobs")).to_have_value("17")
