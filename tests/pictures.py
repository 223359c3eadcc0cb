"""The pictures of the guide: `python -m tests.pictures` (or `make pictures`) while the demo is
served; another address may be given. Needs Debian's chromium."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = "http://127.0.0.1:8000"
PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PAGES = {"status": "/status/?plan=cn-new-urbanization-14fyp"}
LOGIN = "coordinator"
WIDE = 1440


def take(browser: Browser, address: str, language: str) -> None:
    """Sign in to the demo by its own list of people and picture each page in a language."""
    context = browser.new_context(
        locale=LOCALES[language], viewport={"width": WIDE, "height": 900}, base_url=address
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("form", has=page.locator(f"input[name=login][value={LOGIN}]")).get_by_role(
        "button"
    ).click()
    page.wait_for_url("**/my-work/")
    for name, where in PAGES.items():
        page.goto(where)
        path = PICTURES / f"{name}-{language}.png"
        page.screenshot(path=path, full_page=True)
        print(path.relative_to(PICTURES.parent.parent))
    context.close()


def main(address: str) -> None:
    """Take every picture in every language."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Pictures need Debian's chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LOCALES:
            take(browser, address, language)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else HERE)
