"""The home and its secrets."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from throughline.running import home as home_module
from throughline.running.home import home, secret


def test_the_home_is_made_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THROUGHLINE_HOME", str(tmp_path / "far" / "away"))
    assert home() == tmp_path / "far" / "away"
    assert home().is_dir()


def test_a_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    made = secret("key", tmp_path)
    assert len(made) >= 32
    assert secret("key", tmp_path) == made
    assert secret("other", tmp_path) != made
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600


def test_many_first_readers_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: secret("key", tmp_path), range(64)))
    assert len(made) == 1


def test_an_empty_secret_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_module, "_SETTLING_SECONDS", 0.05)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").touch()
    with pytest.raises(RuntimeError, match="is empty"):
        secret("key", tmp_path)
