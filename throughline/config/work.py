"""My work, composed from what each room offers by its `work_for`."""

from __future__ import annotations

from throughline.cascade.work import count_for as cascade_count
from throughline.cascade.work import work_for as cascade_work
from throughline.figures.work import work_for as figures_work
from throughline.kernel.actor import Actor
from throughline.kernel.memory import remember, remembered
from throughline.kernel.work import Item, drafts_of, in_order
from throughline.procedures.work import count_for as cases_count
from throughline.procedures.work import work_for as cases_work
from throughline.reporting.work import count_for as reporting_count
from throughline.reporting.work import work_for as reporting_work

SOURCES = (drafts_of, cascade_work, figures_work, cases_work, reporting_work)


def work_for(actor: Actor) -> list[Item]:
    """All that waits for an actor, in the order of My work."""
    found = in_order(item for source in SOURCES for item in source(actor))
    remember(_key(actor), to_do(found))
    return found


def count_of(actor: Actor) -> int:
    """How many things wait to be done, for the bar at the top: counted without being read, for
    there can be many, unless they are listed on the same page."""
    return remembered(_key(actor), lambda: _counted(actor))


def _counted(actor: Actor) -> int:
    counted = (cascade_count, cases_count, reporting_count)
    return sum(count(actor) for count in counted) + to_do(figures_work(actor))


def to_do(items: list[Item]) -> int:
    """How many things are the person's own turn."""
    return sum(item.count for item in items if item.is_to_do)


def _key(actor: Actor) -> tuple[str, object]:
    return ("things to do", actor.capacity)
