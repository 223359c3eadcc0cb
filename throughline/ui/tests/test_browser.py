"""The scripts of the pages in a real browser, under the product's content policy. No server runs:
the browser's requests are answered here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from csp.utils import build_policy
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import CHROMIUM, chromium
from throughline.ui.examples import examples_context
from throughline.ui.vendor import VENDOR

SITE = "http://throughline.test"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (VENDOR / "edition.txt").exists(), reason="needs throughline.ui.vendor"),
]

FORM = """
{% extends "ui/base.html" %}{% block title %}Form{% endblock %}{% block content %}
<form method="post" action="/sent" novalidate{% draft_attributes "observation:12" "Residents" %}>
  {% csrf_token %}
  {% form_field "value" "Residents" kind="figure" %}
  {% form_field "note" "Note" kind="area" %}
  {% form_field "sure" "Sure" kind="check" %}
  {% form_field "secret" "Secret" kind="password" %}
  {% draft_status %}<button>Record</button>
</form>
{% endblock %}
"""


@dataclass(frozen=True)
class Somebody:
    """An actor as the kernel has it, as far as drafts ask."""

    person: str = "p-7"


@dataclass
class Site:
    """Answers the browser and notes the drafts it was sent."""

    pages: dict[str, str]
    network: bool = True
    draft_status: int = 200
    drafts: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=found) if found else route.fulfill(status=404)
        elif path == "/drafts/":
            self._take(route)
        else:
            headers = {"Content-Security-Policy": build_policy()}
            html = self.pages.get(path, "<title>elsewhere</title>")
            route.fulfill(body=html, headers=headers, content_type="text/html; charset=utf-8")

    def _take(self, route: Route) -> None:
        if not self.network:
            route.abort("internetdisconnected")
            return
        self.tokens.append(route.request.headers.get("x-csrftoken"))
        sent = parse_qs(route.request.post_data or "")
        self.drafts.append({name: values[0] for name, values in sent.items()})
        saved = None if self.drafts[-1]["content"] == "{}" else "2025-06-18T04:03:05+00:00"
        route.fulfill(status=self.draft_status, json={"saved": saved})


def rendered(source: str, context: dict[str, object], language: str = "en") -> str:
    request = RequestFactory().get("/")
    with translation.override(language):
        return engines["django"].from_string(source).render(context, request)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site(settings) -> Site:
    settings.TIME_ZONE = "Asia/Shanghai"
    examples = '{% include "ui/examples.html" %}'
    search = {"search_url": "/search", "navigation": [], "person": "Chen Yu", "post": "Officer"}
    return Site(
        pages={
            "/form": rendered(FORM, {"actor": Somebody()}),
            "/components": rendered(examples, examples_context() | search),
        }
    )


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.route("**/*", site.answer)
    opened = context.new_page()
    opened.on(
        "console",
        lambda said: site.complaints.append(said.text) if "policy" in said.text.lower() else None,
    )
    opened.on("pageerror", lambda error: site.complaints.append(str(error)))
    yield opened
    context.close()
    assert site.complaints == []


def status_of(page: Page):
    return page.locator("[data-draft-status]")


def test_a_draft_is_sent_once_one_pauses_and_says_when(page, site):
    page.goto(f"{SITE}/form")
    page.fill("[name=secret]", "hidden")
    page.locator("[name=value]").press_sequentially("1409", delay=20)
    expect(status_of(page)).to_have_text("Draft saved 12:03:05")
    [draft] = site.drafts
    assert draft["form"] == "observation:12"
    assert draft["title"] == "Residents"
    assert draft["url"] == "/form"
    assert draft["content"] == '{"value":["1409"],"note":[""],"sure":[]}'
    assert re.fullmatch(r"\w{64}", site.tokens[0] or "")
    assert page.evaluate("localStorage.length") == 0


def test_a_form_that_was_emptied_removes_its_draft(page, site):
    page.goto(f"{SITE}/form")
    page.fill("[name=value]", "1409")
    expect(status_of(page)).to_contain_text("Draft saved")
    page.fill("[name=value]", "")
    expect(status_of(page)).to_have_text("")
    assert [draft["content"] for draft in site.drafts][-1] == "{}"


def test_what_is_typed_without_a_network_is_kept_comes_back_and_is_sent(page, site):
    page.goto(f"{SITE}/form")
    site.network = False
    page.fill("[name=note]", "a whole\nparagraph")
    page.check("[name=sure]")
    expect(status_of(page)).to_contain_text("kept on this computer")
    page.reload()
    expect(page.locator("[name=note]")).to_have_value("a whole\nparagraph")
    expect(page.locator("[name=sure]")).to_be_checked()
    site.network = True
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(status_of(page)).to_have_text("Draft saved 12:03:05")
    assert "paragraph" in site.drafts[-1]["content"]
    assert page.evaluate("localStorage.length") == 0


def test_a_refused_draft_says_so_and_stays_on_this_computer(page, site):
    page.goto(f"{SITE}/form")
    site.draft_status = 403
    page.fill("[name=value]", "5")
    expect(status_of(page)).to_contain_text("was not saved")
    assert page.evaluate("localStorage.length") == 1


def test_a_copy_is_not_shown_to_another_person(page, site):
    page.goto(f"{SITE}/form")
    site.network = False
    page.fill("[name=value]", "5")
    expect(status_of(page)).to_contain_text("kept on this computer")
    site.pages["/form"] = rendered(FORM, {"actor": Somebody("p-8")})
    page.reload()
    expect(page.locator("[name=value]")).to_have_value("")


def test_a_form_that_was_sent_leaves_no_copy_behind(page, site):
    page.goto(f"{SITE}/form")
    site.draft_status = 403
    page.fill("[name=value]", "5")
    expect(status_of(page)).to_contain_text("was not saved")
    page.click("button:has-text('Record')")
    page.goto(f"{SITE}/form")
    assert page.evaluate("localStorage.length") == 0
    expect(page.locator("[name=value]")).to_have_value("")


def test_a_slash_finds_unless_one_types(page, site):
    page.goto(f"{SITE}/components")
    page.locator("[name=remark]").press("/")
    expect(page.locator("[name=remark]")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    expect(page.locator("[data-search]")).to_have_value("")


def test_arrows_move_along_rows_and_enter_opens(page, site):
    site.pages["/components"] = site.pages["/components"].replace(
        '<td><a href="#">', '<td><a href="/row">'
    )
    page.goto(f"{SITE}/components")
    rows = page.locator("table.keys tbody tr")
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(rows.last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{SITE}/row")


CHOOSING = """
{% extends "ui/base.html" %}{% block title %}Choose{% endblock %}{% block content %}
<form method="post" data-choosing>{% chooser "town" %}
  <fieldset data-choosing><legend>North</legend>{% chooser "town" %}
    <label><input type="checkbox" name="town" value="a" checked>A</label>
    <label><input type="checkbox" name="town" value="b">B</label></fieldset>
  <fieldset data-choosing><legend>South</legend>{% chooser "town" %}
    <label><input type="checkbox" name="town" value="c">C</label></fieldset>
  <label><input type="checkbox" name="other" value="d">D</label>
</form>
{% endblock %}
"""


def test_all_or_none_are_chosen_at_once_in_a_part_or_the_whole_and_counted(page, site):
    site.pages["/choosing"] = rendered(CHOOSING, {})
    page.goto(f"{SITE}/choosing")
    said = page.locator("[data-chosen]")
    expect(said).to_have_text(["1 of 3 chosen", "1 of 2 chosen", "0 of 1 chosen"])
    expect(page.locator("[data-choose]").nth(2)).to_be_hidden()  # of one there is no choice
    page.get_by_role("group", name="North").get_by_role("button", name="All").focus()
    page.keyboard.press("Enter")
    expect(said.nth(0)).to_have_text("2 of 3 chosen")
    expect(page.get_by_label("C")).not_to_be_checked()
    page.get_by_label("C", exact=True).check()
    expect(said.nth(0)).to_have_text("3 of 3 chosen")
    page.get_by_role("button", name="None").first.click()
    expect(said).to_have_text(["0 of 3 chosen", "0 of 2 chosen", "0 of 1 chosen"])
    expect(page.get_by_label("D")).not_to_be_checked()


def test_a_refused_form_puts_the_focus_on_its_summary(page, site):
    page.goto(f"{SITE}/components")
    expect(page.locator("#error-summary")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_examples_fit_the_screen_and_pass_the_accessibility_checker(
    browser, site, language, scheme, width
):
    site.pages["/components"] = rendered(
        '{% include "ui/examples.html" %}', examples_context(), language
    )
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    context.route("**/*", site.answer)
    page = context.new_page()
    page.goto(f"{SITE}/components")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_script_tag(path=str(VENDOR / "axe.min.js"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    context.close()
    faults = [(fault["id"], [n["target"] for n in fault["nodes"]]) for fault in found["violations"]]
    assert faults == []
