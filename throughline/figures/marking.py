"""What the rooms above say beside a figure: that it is contested, and where one contests it.

`config/wiring.py` says which rooms have something to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from throughline.figures.models import Observation
from throughline.kernel.actor import Actor


@dataclass(frozen=True)
class Mark:
    """A few words beside a figure, and where they lead. What `warns` is a state of the figure;
    else it is a way to do something."""

    text: str
    url: str
    warns: bool = True


Spot = tuple[int, int, str]
"""Where a figure stands: place, indicator, period."""

Marker = Callable[[Actor, Collection[int], Collection[int]], Mapping[Spot, Mark]]
"""Gets some places and some indicators (their ids); says which figures there bear a mark."""

Sayer = Callable[[Actor, Sequence[Observation]], Mapping[int, Sequence[Mark]]]
"""Gets observations that the actor sees, those that stand; says what there is to say of each, by
its id."""

MARKERS: list[Marker] = []
SAYERS: list[Sayer] = []


def declare(marker: Marker, sayer: Sayer) -> None:
    """Let a room say something of figures. Called by `config/wiring.py` when the product starts."""
    if marker not in MARKERS:
        MARKERS.append(marker)
        SAYERS.append(sayer)


def marks_at(
    actor: Actor, places: Collection[int], indicators: Collection[int]
) -> dict[Spot, Mark]:
    """The marks of the figures of some indicators at some places, as far as the actor sees
    them."""
    found: dict[Spot, Mark] = {}
    for marker in MARKERS if places and indicators else []:
        found |= marker(actor, places, indicators)
    return found


def said_of(actor: Actor, standing: Sequence[Observation]) -> dict[int, list[Mark]]:
    """What there is to say of figures that stand, by their ids."""
    found: dict[int, list[Mark]] = {}
    for sayer in SAYERS if standing else []:
        for key, marks in sayer(actor, standing).items():
            found.setdefault(key, []).extend(marks)
    return found
