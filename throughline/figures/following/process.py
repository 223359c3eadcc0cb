"""The loop of the roll-up process: reach the journal's head, write, wait."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection, transaction

from throughline.figures.cube import file
from throughline.figures.cube.file import Generation, Torn
from throughline.figures.cube.lock import Held, hold
from throughline.figures.cube.rolling import compile_kernels
from throughline.figures.cube.strips import Strip
from throughline.figures.cube.waking import Bell
from throughline.figures.following.applying import Changes, apply, changes_of
from throughline.figures.following.building import everything, standing_now, strips_for
from throughline.figures.following.changes import (
    Cell,
    Look,
    due_after,
    look,
    released_between,
    written_after,
)
from throughline.figures.following.definitions import Definitions, definitions_now
from throughline.figures.rollup.cubed import cube_folder
from throughline.figures.rollup.standing import Standing, standing_in_cells
from throughline.kernel import clock, journal
from throughline.kernel.errors import Busy

logger = logging.getLogger("throughline.figures.following")

MANY = 20_000
"""Changed cells beyond which their strips are made anew: a load, not an edit."""

LONGEST = 8_000_000
"""Bytes of changes behind a generation after which it is written anew: some 1,500 acts of fifty
figures, which a process that has not looked for a while brings in within half a second."""

QUICK, SLOW, CROWDED = 0.02, 0.05, 0.25
"""Seconds between two looks at the journal: while acts come, when none came for a while, and at
most when many come at once."""

CALM = 2.0


class Follower:
    """Keeps the cube of a folder at the journal's head. The caller holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._length = 0
        self._definitions: Definitions | None = None
        (folder / f"{file.NAME}.partial").unlink(missing_ok=True)
        self.generation = self._found() or self._made("there is none")
        self._known()  # before the first figure asks for them

    def step(self) -> bool:
        """Bring the cube to the head; whether anything was to be done."""
        before = self.generation.standing
        is_due = not before.holds_at(clock.now().timestamp())
        if not is_due and journal.head()[0] == before.position:
            return False
        reason = self._released() if is_due else self._written()
        if reason:
            self.generation = self._made(reason)
        elif self._length > LONGEST:
            self._write(
                self.generation.standing, self.generation.definitions, self.generation.strips()
            )
        return True

    def _written(self) -> str:
        """Bring in what acts have written; why the cube has to be made anew instead."""
        at = clock.now()
        before = self.generation.standing
        if not before.holds_at(at.timestamp()):
            return self._released()  # it has become due since `step` looked
        seen = look(before.position, at, MANY + 1)
        due = min(filter(None, [before.due, seen.due]), default=None)
        return self._outdated(seen) or self._apply(seen, seen.cells, seen.standing, at, due)

    def _released(self) -> str:
        """The same, and what was written before but is released only now."""
        before = self.generation.standing
        with transaction.atomic():
            _see_one_state()
            at = clock.now()
            seen = look(before.position, at, MANY + 1)
            cells = seen.cells | released_between(datetime.fromtimestamp(before.until, UTC), at)
            standing, due = standing_in_cells(sorted(cells), at), due_after(at)
        return self._outdated(seen) or self._apply(seen, cells, standing, at, due)

    def _apply(
        self,
        seen: Look,
        cells: Collection[Cell],
        standing: Sequence[Standing],
        at: datetime,
        due: float | None,
    ) -> str:
        if len(cells) > MANY:
            return self._renewed("a load, not an edit")
        changes, narrow = changes_of(self.generation, cells, standing, self._known().homes)
        if narrow:
            return self._renewed(next(iter(narrow.values())))
        reached = file.Standing(seen.position, seen.hash, at.timestamp(), due)
        batch = apply(self.generation, changes, reached)
        self._length = file.append(self.folder, self.generation.id, batch)
        return ""

    def _renewed(self, why: str) -> str:
        """Make the strips anew that have no room for changed cells, or to which many belong, and
        bring what else changed into the others; why the whole has to be made anew instead. All
        of it is what one state of the database says."""
        begun, before = time.monotonic(), self.generation.standing
        with transaction.atomic():
            _see_one_state()
            at = clock.now()
            seen = look(before.position, at, MANY + 1)
            if outdated := self._outdated(seen):
                return outdated
            known = self._known()
            cells, due = seen.cells, min(filter(None, [before.due, seen.due]), default=None)
            if not before.holds_at(at.timestamp()) or len(cells) > MANY:
                cells |= released_between(datetime.fromtimestamp(before.until, UTC), at)
                due = due_after(at)
            changes: Changes = {}
            if len(cells) > MANY:
                wrote = written_after(before.position)
                wrote |= {(series, period) for series, _place, period in cells}
                keys = {known.homes[series].key(period) for series, period in wrote}
            else:
                standing = standing_in_cells(sorted(cells), at)
                changes, narrow = changes_of(self.generation, cells, standing, known.homes)
                keys = set(narrow)
            made = strips_for(keys, known, at)
            reached = file.Standing(seen.position, seen.hash, at.timestamp(), due)
        apply(self.generation, changes, reached)
        kept = [each for each in self.generation.strips() if each.key not in keys]
        self._write(reached, known.digest, [*kept, *made])
        _log_made(why, reached, len(made), begun)
        return ""

    def _known(self) -> Definitions:
        """The definitions that the cube follows: its digest says that they have not changed."""
        if self._definitions is None:
            self._definitions = definitions_now()
        return self._definitions

    def _outdated(self, seen: Look) -> str:
        """Why the cube cannot be followed further; nothing where it can."""
        if seen.hash_here != self.generation.standing.hash:
            return "it follows another journal"
        if seen.definitions != self.generation.definitions:
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
        reason = self._outdated(look(generation.standing.position, clock.now(), 1))
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
        self._definitions = definitions
        self._write(standing, definitions.digest, strips)
        _log_made(why, standing, len(strips), begun)
        return self.generation

    def _write(self, standing: file.Standing, definitions: str, strips: Iterable[Strip]) -> None:
        """The cube as a new generation, without changes behind it."""
        ordered = sorted(strips, key=lambda strip: strip.key)
        file.write(self.folder, standing, definitions, ordered)
        self.generation, self._length = Generation(self.folder / file.NAME), 0


def _log_made(why: str, standing: file.Standing, strips: int, begun: float) -> None:
    logger.info(
        "strips made",
        extra={
            "why": why,
            "position": standing.position,
            "strips": strips,
            "seconds": round(time.monotonic() - begun, 3),
        },
    )


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


def breath(acts: int) -> float:
    """Seconds to wait before the next look, whoever rings, after one that found so many acts.

    One act is brought in at once. Where many come at the same time, those of a moment are brought
    in together: the ancestors that they share are computed once for all of them, and who reports
    at a close needs the processor too.

    >>> breath(0), breath(1), breath(3), breath(1000)
    (0.0, 0.0, 0.04, 0.25)
    """
    return min(CROWDED, QUICK * max(acts - 1, 0))


def _prepared(folder: Path) -> Follower:
    """A follower that has at hand what the first changed figure would else wait for."""
    compile_kernels()
    return Follower(folder)


def follow() -> None:
    """Keep the cube at the journal's head until told to end. Raises Busy where another
    process does."""
    told = _Told()
    folder = cube_folder()
    with _alone(folder):
        bell = Bell(folder)
        follower: Follower | None = None
        last = time.monotonic()
        while not told.to_end:
            try:
                follower = follower or _prepared(folder)
                before = follower.generation.standing.position
                if follower.step():
                    last = time.monotonic()
                    time.sleep(breath(follower.generation.standing.position - before))
            except (OperationalError, InterfaceError) as error:
                logger.warning("the database does not answer", extra={"why": str(error)})
                connection.close()
                time.sleep(0.5)
            bell.wait(QUICK if time.monotonic() - last < CALM else SLOW)
