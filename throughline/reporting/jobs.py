"""Jobs of reporting: what a cycle does by the clock, and the workbooks that were given in."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from throughline.bodies.models import Body
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.errors import Busy, Conflict, ThroughlineError
from throughline.reporting import actions
from throughline.reporting.models import Cycle, Workbook
from throughline.reporting.reminding import cycles_to_announce, reminders_due
from throughline.reporting.workbooks import READ_WORKBOOK, refuse_workbook, take_several

logger = logging.getLogger("throughline.reporting")

LATER = {Busy, OperationalError, InterfaceError}
"""What passes by itself: other files are being read, the database is away."""

TRIES = 12
"""How often a workbook is taken up: after it had to wait, or its worker was killed at it."""


@app.task(
    name=READ_WORKBOOK,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, wait=5, retry_exceptions=LATER),
)
def read_workbook(
    context: JobContext, workbook: int, post: int | None, language: str, door: str
) -> None:
    """Keep what a workbook says, as the person who gave it in and in the language in which
    they did. Whatever goes wrong is said by the workbook's page."""
    row = Workbook.objects.select_related("cycle__owner", "file", "body").get(pk=workbook)
    if row.state != Workbook.State.READING:
        return  # it ran before
    body: Body | None = row.body
    actor = Actor(
        person=row.person, post=post, body=row.body_id, body_code=body.key if body else "",
        door=Door(door),
    )  # fmt: skip

    def tell(done: int, units: int) -> None:
        Workbook.objects.filter(pk=row.pk).update(done=done, units=units)

    with translation.override(language):
        try:
            take_several(actor, row, tell)
        except Busy as busy:
            if context.job.attempts + 1 < TRIES:
                raise
            refuse_workbook(row, busy.message, busy.remedy or "")
        except ThroughlineError as error:
            refuse_workbook(row, error.message, error.remedy or "")
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("a workbook could not be read", extra={"workbook": row.pk})
            refuse_workbook(
                row,
                _("The installation failed at this file."),
                _("Give it in again; if it fails again, tell the administrator the number %(n)s.")
                % {"n": row.pk},
            )
            raise


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
