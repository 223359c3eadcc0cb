"""What the tests of this room share."""

import pytest


@pytest.fixture(autouse=True)
def _static_files_are_not_gathered(settings):
    """Else WhiteNoise warns that their folder is missing, and a warning is an error."""
    settings.WHITENOISE_AUTOREFRESH = True
