"""Jobs of reporting: what a cycle does by the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable

from procrastinate.contrib.django import app

from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict
from throughline.reporting import actions
from throughline.reporting.models import Cycle
from throughline.reporting.reminding import cycles_to_announce, reminders_due

logger = logging.getLogger("throughline.reporting")


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="keep_cycles", pass_context=False)
def keep_cycles(timestamp: int) -> None:
    """Tell of the cycles whose hour has come, and remind the units whose time is running out.
    Where nothing is due nothing is put on record; what a colleague did meanwhile is left."""
    for cycle in cycles_to_announce():
        _do_once(cycle, lambda cycle: actions.announce_cycle(SYSTEM, cycle=cycle))
    ids = {each.cycle for each in reminders_due()}
    for cycle in Cycle.objects.filter(pk__in=ids).order_by("pk"):
        _do_once(cycle, lambda cycle: actions.remind_reports(SYSTEM, cycle=cycle))


def _do_once(cycle: Cycle, act: Callable[[Cycle], int]) -> None:
    """Do an act on a cycle, unless it has been done since it was looked for."""
    try:
        act(cycle)
    except Conflict:
        return
    except Exception:  # the other cycles are not to wait for this one; the next minute tries again
        logger.exception("a cycle could not be kept", extra={"cycle": cycle.pk})
