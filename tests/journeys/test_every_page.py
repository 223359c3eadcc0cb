"""Every page that the permission matrix knows, in a real browser: in both languages, on a wide and
on a narrow screen, light and dark. Nothing breaks the content policy, nothing is said on the
console, nothing is asked of another host, nothing is wider than the screen, and the checker of
accessibility finds nothing. A new page is looked at as soon as it is classified there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.browser import CHROMIUM
from tests.cycles import build_reporting
from tests.journeys.conftest import CHINESE, ENGLISH, Site, Visit, Visiting
from tests.permissions.matrix import CASES, Case
from tests.projects import build_projects
from tests.world import build_cascade
from throughline.ui.vendor import VENDOR

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (VENDOR / "edition.txt").exists(), reason="needs throughline.ui.vendor"),
]

NO_PAGES = {
    "healthz", "readyz", "home", "set_language", "journal-export", "indicator-export", "load-file",
    "attachment", "indicator-figures", "place-export", "load-faults", "load-progress",
    "alerts-export", "alert-count", "punctuality-export", "throughline-export", "mechanisms-export",
    "search-suggestions", "find-options", "evidence-file", "sheet-file", "marked-sheet",
    "cycle-workbook-file", "workbook-marked", "workbook-progress", "open-cycle-burden",
    "projects-export", "project-picture",
}  # fmt: skip
"""Endpoints that answer with something else than a whole page of ours."""
READERS = (
    "coordinator", "county", "auditor", "administrator", "nobody",
    "province", "leads", "supports", "top", "sibling", "prefecture",
)  # fmt: skip
"""Who looks at a page: the first who may."""
WIDE, NARROW = 1440, 390
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
AXE = """async rules => {
  const found = await axe.run(document, {
    runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], preload: false,
  });
  return found.violations.flatMap(fault => fault.nodes.map(node => fault.id + " " + node.target));
}"""


@pytest.fixture(scope="module", autouse=True)
def _carried_down(site: Site) -> None:
    """Some pages are about what is carried down, others about what is reported or built."""
    build_cascade(site.world)
    build_reporting(site.world)
    build_projects(site.world)


def reader_of(case: Case) -> str:
    """Who looks at it; where nobody gets it, somebody looks at the refusal."""
    return next((name for name in READERS if case.who[name] == 200), "coordinator")


def _looks(case: Case) -> tuple[object, ...]:
    """What makes a page look different: what is asked, and what becomes of it."""
    return case.endpoint, frozenset(case.query), case.note, case.who[reader_of(case)]


PAGES = {
    _looks(case): case
    for case in CASES
    if case.method == "GET"
    and case.scopes is None
    and case.endpoint not in NO_PAGES
    and not case.endpoint.startswith("api:")
    and case.who[reader_of(case)] != 302  # whom it only leads on sees another page
}.values()


def address_of(case: Case, site: Site) -> str:
    request = case.request(site.world)
    return reverse(request.endpoint, kwargs=dict(request.arguments), query=dict(request.query))


def faults_of(visit: Visit, where: str) -> list[str]:
    """What the checker finds, and whether the page is wider than its screen."""
    page = visit.page
    found = [f"{where}: {fault}" for fault in page.evaluate(AXE, RULES)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{where}: wider than the screen")
    return found


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
@pytest.mark.parametrize("case", PAGES, ids=str)
def test_a_page_is_sound(visiting: Visiting, site: Site, case: Case, language: str) -> None:
    reader = reader_of(case)
    visit = visiting(reader, language)
    assert visit.go(address_of(case, site)) == case.who[reader]
    page = visit.page
    # By the debugger's door, so that the content policy stays as it is.
    page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    faults = faults_of(visit, "wide")
    page.emulate_media(color_scheme="dark")
    faults += faults_of(visit, "wide and dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": NARROW, "height": 844})
    faults += faults_of(visit, "narrow")
    assert faults == []


def test_the_checker_would_find_a_fault(visiting: Visiting) -> None:
    visit = visiting("nobody")
    visit.go("/sign-in")
    page = visit.page
    page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h1').className = 'sim'")
    assert any("label" in fault for fault in faults_of(visit, "wide"))


def test_a_breach_of_the_content_policy_would_be_heard(visiting: Visiting) -> None:
    visit = visiting("nobody")
    visit.go("/sign-in")
    visit.page.evaluate("document.body.setAttribute('style', 'color: red')")
    visit.page.evaluate(
        "document.body.append(Object.assign(document.createElement('img'), {src: 'https://x.test/'}))"
    )
    visit.page.wait_for_timeout(200)
    assert any("Content Security Policy" in said for said in visit.complaints)
    visit.complaints.clear()
