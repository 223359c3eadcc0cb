"""Chromium for the tests that look at pages as people do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")
"""Where Debian's Chromium is; None where it is not installed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium without a window, until the end of the block.

    While its loop runs, Django keeps other connections for this thread than before and after.
    Those of either time would outlive the database that a fresh copy replaces, and break when
    they are next used, in a test that has nothing to do with it: so both are closed here. And
    Django is told that tests may look into the database beside the loop."""
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()
            connections.close_all()
