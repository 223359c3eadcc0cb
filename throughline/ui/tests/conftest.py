"""The tests of this room render pages without `collectstatic` having run."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def static_files_as_they_are(settings):
    """Addresses of static files without a manifest."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
