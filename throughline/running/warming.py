"""What the web process has ready before its first reader comes: routes, words, templates.

Django loads each of them when it is first asked for, some two seconds of one core in all. Left
to the first requests of every worker they would make a queue that takes the others with it.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from django.urls import reverse
from django.utils import translation

from throughline.running.home import CHECKOUT


def templates() -> list[str]:
    """The name of every template of ours, as one asks for it."""
    ours = (Path(folder) for folder in get_app_template_dirs("templates"))
    return sorted(
        str(path.relative_to(folder))
        for folder in ours
        if folder.is_relative_to(CHECKOUT / "throughline")
        for path in folder.rglob("*.html")
    )


def warm_up() -> None:
    """Load every route, both catalogues of words and every template of ours."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("status")
    for name in templates():
        get_template(name)
