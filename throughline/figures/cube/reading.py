"""The cube as a reading process has it: the newest generation and what was changed since."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from throughline.figures.cube.file import NAME, Generation, Standing, Torn, batches
from throughline.figures.cube.strips import Strip


class Cube:
    """Follows the files of a folder. Threads share one; each reads under `reading()`, in
    which nothing changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generation: Generation | None = None
        self._mark: tuple[int, int, int] | None = None
        self._length = 0
        self._lock = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[Generation | None]:
        """The cube as it is now, for the length of the block; None where there is none, or
        none that is whole."""
        with self._lock:
            try:
                self._refresh()
            except (Torn, OSError):
                self.generation = None
            yield self.generation

    @property
    def standing(self) -> Standing | None:
        """What it stands at now."""
        with self.reading() as generation:
            return generation.standing if generation else None

    def strip_or_torn(self, generation: Generation, number: int) -> Strip | None:
        """A strip, or None where the file was damaged; the whole file is left then."""
        try:
            return generation.strip(number)
        except Torn:
            self.generation = None
            return None

    def _refresh(self) -> None:
        try:
            found = (self.folder / NAME).stat()
        except FileNotFoundError:
            self.generation, self._mark = None, None
            return
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        if mark != self._mark:
            self._mark, self.generation, self._length = mark, None, 0
            self.generation = Generation(self.folder / NAME)
        if self.generation is not None:
            self._follow(self.generation)

    def _follow(self, generation: Generation) -> None:
        """Bring in what was written behind the generation; that a newer one has taken its
        place meanwhile is seen at the next question."""
        path = self.folder / f"changes-{generation.id}"
        if path.stat().st_size <= self._length:
            return
        with path.open("rb") as file:
            file.seek(self._length)
            found, length = batches(file.read())
        for batch in found:
            generation.apply(batch)
        self._length += length
