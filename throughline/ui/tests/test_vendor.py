"""What the browser loads comes from a lock file that names no host."""

from __future__ import annotations

import json
import sys

import pytest

from throughline.ui import vendor


def test_the_lock_file_pins_content_and_names_no_address():
    text = (vendor.CHECKOUT / "package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_the_lock_file_is_stripped_of_addresses():
    lock = {"packages": {"a": {"resolved": "x", "funding": {"url": "y"}, "integrity": "z"}}}
    assert json.loads(vendor.without_addresses(json.dumps(lock))) == {
        "packages": {"a": {"integrity": "z"}}
    }


def test_nothing_is_fetched_when_the_files_of_this_lock_file_are_there(tmp_path):
    for name in vendor.FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert not vendor.is_current(tmp_path, "abc")
    (tmp_path / "edition.txt").write_text("abc")
    assert vendor.is_current(tmp_path, "abc")
    assert not vendor.is_current(tmp_path, "other")
    (tmp_path / "htmx.min.js").unlink()
    assert not vendor.is_current(tmp_path, "abc")


def test_without_a_network_it_says_what_failed_and_what_to_do(tmp_path):
    with pytest.raises(SystemExit, match=r"could not be fetched.*check the network"):
        vendor.run([sys.executable, "-c", "raise SystemExit(1)"], tmp_path)
