"""What the clock does with cases: a step whose time has run out is counted and told, once."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict
from throughline.procedures import actions
from throughline.procedures.models import Case
from throughline.procedures.queries import steps_run_out

logger = logging.getLogger("throughline.procedures")


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="keep_cases", pass_context=False)
def keep_cases(timestamp: int) -> None:
    """Escalate what has run out; where nothing has, nothing is put on record."""
    due = steps_run_out().values_list("case", flat=True)
    for case in Case.objects.filter(pk__in=due).order_by("pk"):
        try:
            actions.escalate_case(SYSTEM, case=case)
        except Conflict:
            continue  # answered since it was looked for
        except Exception:  # the other cases are not to wait for this one
            logger.exception("a case could not be escalated", extra={"case": case.pk})
