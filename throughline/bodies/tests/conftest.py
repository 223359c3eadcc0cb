"""What the tests of this room share."""

import pytest

from tests.cast import cast

__all__ = ["cast"]


@pytest.fixture(autouse=True)
def static_files_as_they_are(settings):
    """Pages are rendered without `collectstatic` having run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.WHITENOISE_AUTOREFRESH = True
