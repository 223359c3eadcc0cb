"""The lead agency's coordinator loads a file, in a real browser: first with faults, then mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import CHROMIUM
from tests.journeys.conftest import Site, Visiting
from tests.working import read_received_files
from throughline.figures.loading import mappings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]

MAPPING = """
key: jobs
title: {en: Jobs by county}
source: returns
support: one
file: {format: csv, header_row: 1}
scheme: land
valid_on: 2022-06-30
period: "2022"
status: unreviewed
unit: {code: code, names: [name]}
rows:
  - treat: unit
columns:
  jobs: {series: jobs-reported, missing: not_reported}
"""
FAULTY = "code,name,jobs\nN111,Place N111,12\nN999,Nowhere,22\nN211,Place N211,many\n"
MENDED = "code,name,jobs\nN111,Place N111,12\nN112,Place N112,22\nN211,Place N211,32\n"


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of packs with a mapping for the world's plan."""
    folder = tmp_path / "growth" / "mappings"
    folder.mkdir(parents=True)
    (folder / "jobs.yaml").write_text(MAPPING)
    monkeypatch.setattr(mappings, "PACKS", tmp_path)


def test_a_faulty_file_is_refused_fault_by_fault_and_the_mended_one_is_stored(
    visiting: Visiting, site: Site, packs: None
) -> None:
    coordinator = visiting("coordinator")
    page = coordinator.page
    coordinator.go("/my-work/")
    page.get_by_role("navigation").get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="New import").click()
    _upload(page, FAULTY)
    expect(page.locator(".lead")).to_have_text(
        "2 faults were found and nothing was stored. The file is kept."
    )
    faults = page.locator("#faults tbody tr")
    expect(faults).to_have_count(2)
    expect(faults.nth(0)).to_contain_text("row 3")
    expect(faults.nth(0)).to_contain_text("N999")
    expect(faults.nth(1)).to_contain_text("row 4")
    expect(faults.nth(1)).to_contain_text("many")

    coordinator.go("/my-work/")
    expect(page.locator("li").filter(has_text="jobs.csv")).to_contain_text("2 faults found")
    page.get_by_role("link", name="See the faults").first.click()
    page.get_by_role("link", name="Upload the corrected file").click()
    _upload(page, MENDED)
    expect(page.locator(".lead")).to_have_text("3 figures were stored, 0 stood already; no fault.")
    coordinator.go("/figures/land/jobs/N/2022/")
    expect(page.locator("h1")).to_have_text("Place N, 2022: 66\u00a0persons")


def _upload(page, content: str) -> None:
    file = {"name": "jobs.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("How it is read").select_option("growth/jobs")
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".lead")).to_contain_text("is being read")
    read_received_files()  # and the page shows the report by itself
