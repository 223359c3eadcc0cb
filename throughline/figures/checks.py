"""How the cube stands, for `throughline doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from throughline.figures.cube import file
from throughline.figures.cube.file import Generation, Torn
from throughline.figures.cube.lock import is_held
from throughline.figures.rollup.cubed import cube_folder
from throughline.kernel import clock, journal
from throughline.kernel.models import JournalEntry
from throughline.running.checks import Finding, Verdict

BEHIND = 10.0
"""Seconds for which an act may be on record before the cube has to hold it."""

REMEDY = "`throughline serve` keeps it; `throughline rollup follow --once` brings it to the head"


def cube() -> Iterator[Finding]:
    """The cube is whole and at the journal's head. Without it every figure is right all the
    same, and slower: so it is no fault to have none."""
    folder = cube_folder()
    try:
        generation = Generation(folder / file.NAME)
        generation.check()
        changes = (folder / f"changes-{generation.id}").read_bytes()
    except FileNotFoundError:
        yield Finding("cube", Verdict.NOTE, "there is none", REMEDY)
        return
    except Torn as torn:
        yield Finding("cube", Verdict.FAULT, f"its file is not whole: {torn}", REMEDY)
        return
    batches, length = file.batches(changes)
    if length < len(changes) and not is_held(folder):
        yield Finding("cube", Verdict.NOTE, "a crash cut off its last change", REMEDY)
    position = batches[-1].standing.position if batches else generation.standing.position
    yield _at(position)


def _at(position: int) -> Finding:
    head = journal.head()[0]
    missing = JournalEntry.objects.filter(position__gt=position).order_by("position").first()
    if missing is None:
        return Finding("cube", Verdict.OK, f"whole, at position {position} of the journal")
    late = (clock.now() - missing.at).total_seconds()
    message = f"whole, at position {position}, {head - position} behind the journal"
    return Finding("cube", Verdict.NOTE if late > BEHIND else Verdict.OK, message,
                   REMEDY if late > BEHIND else "")  # fmt: skip
