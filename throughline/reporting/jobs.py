"""Jobs of reporting: reading the workbooks that were given in."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from throughline.bodies.models import Body
from throughline.kernel.actor import Actor, Door
from throughline.kernel.errors import Busy, ThroughlineError
from throughline.reporting.models import Workbook
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
