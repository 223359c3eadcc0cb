"""Reading the cube: whether it stands where it has to, and what it holds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from django.db import connection

from throughline.figures.cube.columns import Read
from throughline.figures.cube.file import Generation, Standing
from throughline.figures.cube.lock import is_held
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.numbers import Source
from throughline.figures.cube.reading import Cube
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import Cells, Key
from throughline.figures.cube.waking import ring
from throughline.kernel.queries import Known
from throughline.kernel.verify import ORIGIN
from throughline.running.home import home

PATIENCE = 1.0
"""Seconds that a question waits for the cube to reach the journal's head."""

GIVEN_UP = 10.0
"""Seconds for which nobody waits again after one has waited in vain."""

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """Some measures of one strip."""

    strip: Key
    measures: Sequence[Measure]


@dataclass(frozen=True)
class Found:
    """What there is for a question: the tree, the standing figures by part, and where the
    numbers of each measure come from."""

    shape: Shape
    cells: Mapping[int, Cells]
    sources: Mapping[Measure, Source]


def cube_folder() -> Path:
    """Where the cube of this installation lies on this host."""
    folder = home() / "cube"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def wake_follower() -> None:
    """Have this host's roll-up process look at the journal now."""
    ring(cube_folder())


@cache
def cube_of(folder: Path) -> Cube:
    """The cube as this process has it."""
    return Cube(folder)


class _Patience:
    """Waiting for the cube, in one process."""

    def __init__(self) -> None:
        self.given_up_until = 0.0
        self.verified: tuple[int, str] | None = None


_patience = _Patience()


def read_cube(asked: Mapping[T, Asked], known: Known) -> dict[T, Found]:
    """What the cube holds of some questions; nothing where it does not stand at what is
    known. A question about what was known before, and one inside a transaction (which sees
    what it has written itself), is not for the cube."""
    if not known.is_now or connection.in_atomic_block:
        return {}
    cube = cube_of(cube_folder())
    if not _stands(cube, known):
        return {}
    with cube.reading() as generation:
        if generation is None or not _reaches(generation.standing, known):
            return {}
        found = {}
        for key, question in asked.items():
            number = generation.number.get(question.strip)
            if number is None:
                continue  # nothing is known of that period
            answer = _answer(cube, generation, number, question)
            if answer is None:
                return {}
            found[key] = answer
        return found


def parts_in_cube(known: Known) -> dict[int, list[tuple[int, str]]] | None:
    """By part, the editions and the codes of the periods in which a figure stands; None where
    the cube does not stand at what is known."""
    if not known.is_now or connection.in_atomic_block:
        return None
    cube = cube_of(cube_folder())
    if not _stands(cube, known):
        return None
    found: dict[int, list[tuple[int, str]]] = {}
    with cube.reading() as generation:
        if generation is None or not _reaches(generation.standing, known):
            return None
        for key, number in generation.number.items():
            strip = cube.strip_or_torn(generation, number)
            if strip is None:
                return None
            for part, cells in strip.cells.items():
                if len(cells):
                    found.setdefault(part, []).append((key.edition, key.period))
    return found


def _answer(cube: Cube, generation: Generation, number: int, asked: Asked) -> Found | None:
    """What a strip holds of some measures; None where it is damaged, or made by definitions
    that are not those of the question."""
    strip = cube.strip_or_torn(generation, number)
    if strip is None:
        return None
    cells, sources = dict(strip.cells), {}
    read = Read(strip.shape, cells)
    for measure in asked.measures:
        kept = strip.layout.measure.get(measure.key)
        if kept is not None and kept != measure:
            return None
        sources[measure] = strip.held(measure) if kept else read
    return Found(strip.shape, cells, sources)


def _reaches(standing: Standing, known: Known) -> bool:
    return standing.position >= known.position and standing.holds_at(known.at.timestamp())


def _stands(cube: Cube, known: Known) -> bool:
    """Whether the cube follows this very journal and has reached what is known; waits for it
    a moment while somebody writes it."""
    deadline = time.monotonic() + PATIENCE
    pause = 0.001
    while True:
        standing = cube.standing
        if standing is None:
            return False
        if _reaches(standing, known):
            return _follows(standing)
        now = time.monotonic()
        if now < _patience.given_up_until or not is_held(cube.folder):
            return False
        if now >= deadline:
            _patience.given_up_until = now + GIVEN_UP
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def _follows(standing: Standing) -> bool:
    """Whether the journal has the cube's entry at its position: else it is the cube of
    another database, or of a journal that was replaced."""
    mark = (standing.position, standing.hash)
    if mark != _patience.verified:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT hash FROM kernel_journalentry WHERE position = %s", [standing.position]
            )
            row = cursor.fetchone()
        if (row[0] if row else ORIGIN) != standing.hash:
            return False
        _patience.verified = mark
    return True
