"""What lower rooms are told of higher ones: the one table of upward calls, read at start-up."""

from __future__ import annotations

from throughline.figures.subjects import SUBJECTS as FIGURES
from throughline.plans.subjects import SUBJECTS as PLANS
from throughline.subjects.kinds import declare


def wire() -> None:
    """Make known what the rooms offer. Called once, when every room is loaded."""
    declare(PLANS)
    declare(FIGURES)
