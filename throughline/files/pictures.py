"""Pictures among the stored files: told by their first bytes, never by their name."""

from __future__ import annotations

from throughline.files.models import StoredFile
from throughline.files.storage import open_stored

_BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


def media_type_of(beginning: bytes) -> str:
    r"""What kind of picture begins so; empty for what is none.

    >>> media_type_of(b"\x89PNG\r\n\x1a\n..."), media_type_of(b"RIFF....WEBPVP8 ")
    ('image/png', 'image/webp')
    >>> media_type_of(b"<svg>"), media_type_of(b"RIFF....WAVE")
    ('', '')
    """
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for kind, first in _BEGINNINGS.items() if beginning.startswith(first)), "")


def picture_type(stored: StoredFile) -> str:
    """What kind of picture a stored file is; empty for what is none."""
    with open_stored(stored) as content:
        return media_type_of(content.read(12))


def is_picture(stored: StoredFile) -> bool:
    """Whether browsers show the file as a picture; drawings that can hold scripts are none."""
    return bool(picture_type(stored))
