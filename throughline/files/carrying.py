"""Files that came with a form, kept while the form comes back: a browser sends none twice."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import signing
from django.http import HttpRequest

from throughline.files.models import StoredFile
from throughline.files.storage import store

SALT = "files.carried"
LASTS = 7 * 24 * 3600
"""Seconds for which a form may come back with its files."""

Carried = tuple[StoredFile, str]
"""A file, and the name that it was sent with."""


def tokens_of(files: Sequence[Carried]) -> list[tuple[str, str]]:
    """By a token each, the files of a form, for its fields `uploaded`. The token is signed:
    nobody names a file by its hash."""
    return [(signing.dumps([stored.sha256, name], salt=SALT), name) for stored, name in files]


def files_in(request: HttpRequest) -> list[Carried]:
    """The files of a form: those that came with it before (`uploaded`) and are still wanted, and
    those that come now (`files`); each content once."""
    carried = [_carried(token) for token in request.POST.getlist("uploaded")]
    names = [(each, each.name or "upload") for each in request.FILES.getlist("files")]
    sent = [(store(each.read(), name), name) for each, name in names]
    every = [*(each for each in carried if each is not None), *sent]
    return list({stored.pk: (stored, name) for stored, name in every}.values())


def _carried(token: str) -> Carried | None:
    try:
        sha256, name = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    stored = StoredFile.objects.filter(sha256=sha256).first()
    return None if stored is None else (stored, name)
