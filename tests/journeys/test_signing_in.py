"""Signing in while many others do: one waits at the page, and is let in by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import CHROMIUM
from tests.journeys.conftest import CHINESE, PASSWORD, Visiting
from throughline.bodies import hashing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]


def test_who_comes_while_many_sign_in_waits_at_the_page_and_is_let_in(visiting: Visiting) -> None:
    visit = visiting("nobody", CHINESE)
    page = visit.page
    visit.go("/sign-in?next=/account/")
    page.get_by_label("登录名").fill("county")
    page.get_by_label("密码").fill(PASSWORD)
    with hashing._one:
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.locator("[data-crowded]")).to_contain_text("请不要关闭本页")
        expect(page.get_by_label("密码")).to_have_value(PASSWORD)
    page.wait_for_url(lambda url: url.endswith("/account/"))
    assert visit.complaints
    assert all("status of 503" in said for said in visit.complaints)
    visit.complaints.clear()  # the browser's own words about the answers before


def test_a_wrong_password_is_said_at_the_page(visiting: Visiting) -> None:
    visit = visiting()
    page = visit.page
    visit.go("/sign-in")
    page.get_by_label("Login").fill("county")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("The login or the password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("h1")).to_have_text("My work")
