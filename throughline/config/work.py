"""My work, composed from what each room offers by its `work_for`."""

from __future__ import annotations

from throughline.cascade.work import count_for as cascade_count
from throughline.cascade.work import work_for as cascade_work
from throughline.figures.work import work_for as figures_work
from throughline.kernel.actor import Actor
from throughline.kernel.memory import once_a_request
from throughline.kernel.work import Item, drafts_of, in_order

SOURCES = (drafts_of, cascade_work, figures_work)


@once_a_request(lambda actor: actor.capacity)
def work_for(actor: Actor) -> list[Item]:
    """All that waits for an actor, in the order of My work."""
    return in_order(item for source in SOURCES for item in source(actor))


def count_of(actor: Actor) -> int:
    """How many things wait to be done, for the bar at the top: counted without being read where
    there can be many. What a person has begun waits for nobody."""
    return cascade_count(actor) + sum(item.count for item in figures_work(actor))
