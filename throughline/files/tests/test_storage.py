"""Uploads are kept once, whole or not at all."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from throughline.files.models import StoredFile
from throughline.files.storage import is_intact, open_stored, path_of, store
from throughline.kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("THROUGHLINE_HOME", str(tmp_path))
    return tmp_path


def kept(home: Path) -> list[Path]:
    return [path for path in (home / "files").rglob("*") if path.is_file()]


def test_the_bytes_lie_under_their_hash(own_home):
    stored = store(b"a,b\n1,2\n", "figures.csv")
    sha256 = hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert kept(own_home) == [own_home / "files" / sha256[:2] / sha256[2:4] / sha256]
    assert (stored.sha256, stored.size, stored.media_type) == (sha256, 8, "text/csv")
    with open_stored(stored) as content:
        assert content.read() == b"a,b\n1,2\n"


def test_the_same_content_is_kept_once(own_home):
    first = store(io.BytesIO(b"x" * 3_000_000), "a.csv")
    assert store(b"x" * 3_000_000, "b.csv") == first
    assert len(kept(own_home)) == 1
    assert StoredFile.objects.get().original_name == "a.csv"


def test_nothing_is_left_of_what_is_too_large(own_home, settings):
    settings.THROUGHLINE_UPLOAD_LIMIT = 2 * 1024**2
    with pytest.raises(Invalid, match="larger than 2 MB"):
        store(io.BytesIO(b"x" * (2 * 1024**2 + 1)), "a.csv")
    assert kept(own_home) == []
    assert not StoredFile.objects.exists()


def test_nothing_is_left_of_an_upload_that_breaks_off(own_home):
    class BreaksOff(io.BytesIO):
        def read(self, size=-1):
            raise OSError("the line went dead")

    with pytest.raises(OSError, match="went dead"):
        store(BreaksOff(), "a.csv")
    assert kept(own_home) == []


def test_a_name_never_becomes_a_path(own_home):
    stored = store(b"x", "..\\..\\etc/pass\nwd\x00")
    assert stored.original_name == "passwd"
    assert path_of(stored).is_relative_to(own_home / "files")


def test_damage_on_disk_is_noticed_and_mended_by_the_next_upload():
    stored = store(b"x", "a.csv")
    path_of(stored).write_bytes(b"y")
    assert not is_intact(stored)
    store(b"x", "a.csv")
    assert is_intact(stored)


def test_missing_bytes_are_said_to_be_missing():
    stored = store(b"x", "a.csv")
    path_of(stored).unlink()
    assert not is_intact(stored)
    with pytest.raises(NotFound, match="missing"):
        open_stored(stored)
