"""The bytes of uploads: kept once each, by their SHA-256, in the home's `files/`.

A file is kept whatever is in it, so that a faulty import can be looked into.
"""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from throughline.files.models import StoredFile
from throughline.kernel.clock import now
from throughline.kernel.errors import Invalid, NotFound
from throughline.running.home import home

_CHUNK = 1024 * 1024
_LONGEST_NAME = 255


def store(content: BinaryIO | bytes, name: str) -> StoredFile:
    """Keeps the content and returns its row; the same content again returns the same row.

    Raises `Invalid` above `THROUGHLINE_UPLOAD_LIMIT` bytes. The bytes are on disk before
    the row is written, so that a row without bytes cannot come about; bytes without a row
    (the transaction was rolled back) do no harm and serve the next upload.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    sha256, size = _keep(source)
    shown = _shown_name(name)
    stored, _created = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={
            "size": size,
            "media_type": mimetypes.guess_type(shown)[0] or "application/octet-stream",
            "original_name": shown,
            "created_at": now(),
        },
    )
    return stored


def path_of(stored: StoredFile) -> Path:
    """Where the bytes lie. Give it to `read_sheets`; never serve it by its name."""
    return _place(stored.sha256)


def open_stored(stored: StoredFile) -> BinaryIO:
    """The bytes, to be read and closed. Raises `NotFound` when they are gone from the disk."""
    try:
        return path_of(stored).open("rb")
    except FileNotFoundError as error:
        raise NotFound(
            _("The content of “%(name)s” is missing on this installation.")
            % {"name": stored.original_name},
            place=stored.sha256,
            remedy=_("Restore the files from a backup."),
        ) from error


def is_intact(stored: StoredFile) -> bool:
    """Whether the bytes on disk are still those that were stored."""
    try:
        with path_of(stored).open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == stored.sha256
    except FileNotFoundError:
        return False


def _keep(source: BinaryIO) -> tuple[str, int]:
    """Writes the content under its own hash and returns hash and size.

    Nobody ever sees a file half written: it gets its name when every byte is on disk.
    """
    folder = home() / "files"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix="incoming-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as target:
            sha256, size = _copy(source, target)
            target.flush()
            os.fsync(target.fileno())
        place = _place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(place)
        _sync_folder(place.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return sha256, size


def _copy(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > settings.THROUGHLINE_UPLOAD_LIMIT:
            raise Invalid(
                _("The file is larger than %(most)d MB, the most that is taken.")
                % {"most": settings.THROUGHLINE_UPLOAD_LIMIT // 1024**2},
                remedy=_("Split it, or delete pictures and unused sheets from it."),
            )
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def _place(sha256: str) -> Path:
    return home() / "files" / sha256[:2] / sha256[2:4] / sha256


def _sync_folder(folder: Path) -> None:
    """The name itself is on disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _shown_name(name: str) -> str:
    """The last part of the name as given, for people: it is never used as a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[-_LONGEST_NAME:] or "upload"
