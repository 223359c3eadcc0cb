"""The loop of the roll-up process: reach the journal's head, write, wait."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection, transaction

from throughline.figures.cube import file
from throughline.figures.cube.file import Generation, Torn
from throughline.figures.cube.lock import Held, hold
from throughline.figures.following.applying import NeedsMaking, apply, changes_of
from throughline.figures.following.building import (
    changed_between,
    due_after,
    everything,
    hash_at,
    released_between,
    standing_now,
)
from throughline.figures.following.definitions import definitions_now, digest_now
from throughline.figures.rollup.cubed import cube_folder
from throughline.figures.rollup.measuring import Home
from throughline.figures.rollup.standing import standing_in_cells
from throughline.kernel import clock, journal
from throughline.kernel.errors import Busy
from throughline.kernel.verify import ORIGIN

logger = logging.getLogger("throughline.figures.following")

MANY = 5_000
"""Changed cells beyond which the cube is made anew: a load, not an edit."""

LONGEST = 64_000_000
"""Bytes of changes behind a generation after which it is written anew."""

QUICK, SLOW = 0.005, 0.05
"""Seconds between two looks at the journal: while acts come, and when none came for a while."""

CALM = 2.0


class Follower:
    """Keeps the cube of a folder at the journal's head. The caller holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._length = 0
        self._homes: Mapping[int, Home] | None = None
        (folder / f"{file.NAME}.partial").unlink(missing_ok=True)
        self.generation = self._found() or self._made("there is none")

    def step(self) -> bool:
        """Bring the cube to the head; whether anything was to be done."""
        reason = ""
        with transaction.atomic():
            _see_one_state()
            at = clock.now()
            position, entry, _ = journal.head()
            before = self.generation.standing
            if position == before.position and before.holds_at(at.timestamp()):
                return False
            reason = self._outdated()
            if not reason:
                try:
                    self._apply(position, entry, at)
                except NeedsMaking as found:
                    reason = str(found)
        if reason:
            self.generation = self._made(reason)
        elif self._length > LONGEST:
            self._write(self.generation.standing, self.generation.definitions)
        return True

    def _apply(self, position: int, entry: str, at: datetime) -> None:
        before = self.generation.standing
        cells, waiting = changed_between(before.position, position, at)
        due = min(filter(None, [before.due, waiting]), default=None)
        if not before.holds_at(at.timestamp()):
            cells |= released_between(datetime.fromtimestamp(before.until, UTC), at)
            due = due_after(at)
        if len(cells) > MANY:
            raise NeedsMaking(f"{len(cells)} figures changed")
        if self._homes is None:
            self._homes = definitions_now().homes  # the digest says that they have not changed
        changed = sorted(cells)
        rows = standing_in_cells(changed, at)
        changes = changes_of(self.generation, changed, rows, self._homes)
        standing = file.Standing(position, entry, at.timestamp(), due)
        batch = apply(self.generation, changes, standing)
        self._length = file.append(self.folder, self.generation.id, batch)

    def _outdated(self) -> str:
        """Why the cube cannot be followed further; nothing where it can."""
        standing = self.generation.standing
        if (hash_at(standing.position) or ORIGIN) != standing.hash:
            return "it follows another journal"
        if digest_now() != self.generation.definitions:
            return "definitions or trees changed"
        return ""

    def _found(self) -> Generation | None:
        """The cube that lies there, with all that was written behind it, if it is whole and
        can be followed. What a crash cut off is forgotten."""
        try:
            generation = Generation(self.folder / file.NAME)
            generation.check()
            changes = (self.folder / f"changes-{generation.id}").read_bytes()
        except FileNotFoundError:
            return None
        except Torn as torn:
            logger.warning("the cube is torn", extra={"why": str(torn)})
            return None
        batches, length = file.batches(changes)
        for batch in batches:
            generation.apply(batch)
        if length < len(changes):
            file.cut_off(self.folder, generation.id, length)
        self.generation, self._length = generation, length
        with transaction.atomic():
            _see_one_state()
            reason = self._outdated()
        if reason:
            logger.info("the cube cannot be followed", extra={"why": reason})
            return None
        return generation

    def _made(self, why: str) -> Generation:
        """A new generation from all that stands, in the place of the old one."""
        begun = time.monotonic()
        with transaction.atomic():
            _see_one_state()
            standing, at = standing_now()
            definitions = definitions_now()
            strips = everything(definitions, at)
        self._homes = definitions.homes
        file.write(self.folder, standing, definitions.digest, strips)
        generation, self._length = Generation(self.folder / file.NAME), 0
        logger.info(
            "cube made",
            extra={
                "why": why,
                "position": standing.position,
                "strips": len(strips),
                "seconds": round(time.monotonic() - begun, 3),
            },
        )
        return generation

    def _write(self, standing: file.Standing, definitions: str) -> None:
        """The same cube as a new generation, without changes behind it."""
        file.write(self.folder, standing, definitions, self.generation.strips())
        self.generation, self._length = Generation(self.folder / file.NAME), 0


def _see_one_state() -> None:
    """Have every statement of this transaction see the same state of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def catch_up(*, again: bool = False) -> file.Standing:
    """Bring the cube to the head once, or make it anew there. Raises Busy where a process
    keeps it, which does so by itself."""
    folder = cube_folder()
    with _alone(folder):
        if again:
            (folder / file.NAME).unlink(missing_ok=True)
        follower = Follower(folder)
        while follower.step():
            pass
        return follower.generation.standing


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        with hold(folder):
            yield
    except Held as error:
        raise Busy(
            "another process keeps the cube", remedy="it will be at the head soon"
        ) from error


class _Told:
    """Whether the process was told to end."""

    def __init__(self) -> None:
        self.to_end = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def _end(self, _number: int, _frame: object) -> None:
        self.to_end = True


def follow() -> None:
    """Keep the cube at the journal's head until told to end. Raises Busy where another
    process does."""
    told = _Told()
    folder = cube_folder()
    with _alone(folder):
        follower: Follower | None = None
        last = time.monotonic()
        while not told.to_end:
            try:
                follower = follower or Follower(folder)
                if follower.step():
                    last = time.monotonic()
            except (OperationalError, InterfaceError) as error:
                logger.warning("the database does not answer", extra={"why": str(error)})
                connection.close()
                time.sleep(0.5)
            time.sleep(QUICK if time.monotonic() - last < CALM else SLOW)
