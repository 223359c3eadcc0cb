"""The bell that tells the roll-up process of new figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from throughline.figures.cube.waking import NAME, Bell, ring


@pytest.fixture
def bell(tmp_path: Path) -> Bell:
    return Bell(tmp_path)


def test_it_rings_once_however_often_it_was_rung(bell: Bell, tmp_path: Path) -> None:
    assert not bell.wait(0)
    ring(tmp_path)
    ring(tmp_path)
    assert bell.wait(30)
    assert not bell.wait(0)


def test_nobody_waits_for_a_listener(tmp_path: Path) -> None:
    ring(tmp_path)
    (tmp_path / NAME).write_text("what a copied folder may hold")
    ring(tmp_path / "none")
    assert not Bell(tmp_path).wait(0)


def test_it_can_be_rung_after_its_listener_is_gone(bell: Bell, tmp_path: Path) -> None:
    bell.close()
    for _ in range(3):
        ring(tmp_path)
    assert not Bell(tmp_path).wait(0)


def test_a_full_pipe_keeps_nobody(bell: Bell, tmp_path: Path) -> None:
    for _ in range(70_000):
        ring(tmp_path)
    assert bell.wait(0)
