"""The plugins of the suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import translation
from hypothesis import settings as hypothesis

# A machine that does much else at once is slow, and that is no fault of what is tested.
hypothesis.register_profile("throughline", deadline=None)
hypothesis.load_profile("throughline")

pytest_plugins = ["tests.database", "tests.cast"]


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files() -> Iterator[None]:
    """Pages in tests name static files as they are: nothing has gathered them."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": plain}, WHITENOISE_AUTOREFRESH=True
    ):
        yield


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A page asked for in Chinese leaves its thread in Chinese; the next test begins anew."""
    with translation.override("en"):
        yield
