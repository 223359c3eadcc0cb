"""What is told to a unit that comes with many others at once: come back a little later; what you
gave is kept, and your ticket says when you came.

To turn somebody away costs a fraction of taking the report, so that under any rush those who are
taken are answered soon. A ticket is no act: it stands until it is used or its time is over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import TurnedAway
from throughline.kernel.selecting import the_one
from throughline.reporting.drafting import clean_values, why_not
from throughline.reporting.models import Report, Ticket
from throughline.reporting.permissions import require_filling, require_signing
from throughline.reporting.rules.life import BEFORE_SIGNING, Deed, ReportStep
from throughline.running import pressure

LASTS = timedelta(minutes=30)
"""How long a ticket can be used."""

SOONEST, LATEST = 2, 300
"""Seconds after which one shall come again, at least and at most."""

_turns = pressure.Turns(longest=LATEST, soonest=SOONEST, each=0.05)

# One statement: who is turned away shall cost little. Who comes again within the time keeps the
# instant at which he came first.
_KEEP = """
WITH held AS (
  SELECT id FROM reporting_report WHERE id = %(report)s AND step = ANY(%(steps)s)
     FOR NO KEY UPDATE
), kept AS (
  INSERT INTO reporting_sheet AS sheet (report_id, "values", revision, saved_by, saved_at)
  SELECT id, %(values)s::jsonb, 1, %(person)s, %(now)s FROM held
   WHERE %(values)s::jsonb <> '{}'::jsonb
  ON CONFLICT (report_id) DO UPDATE
     SET "values" = sheet."values" || excluded."values", revision = sheet.revision + 1,
         saved_by = excluded.saved_by, saved_at = excluded.saved_at
)
INSERT INTO reporting_ticket AS ticket (report_id, issued_at, until)
SELECT id, %(now)s, %(until)s FROM held
ON CONFLICT (report_id) DO UPDATE
   SET issued_at = CASE WHEN ticket.until > excluded.issued_at THEN ticket.issued_at
                        ELSE excluded.issued_at END,
       until = excluded.until
RETURNING issued_at, until
"""


def _is_crowded() -> bool:
    """Whether this one has to come again; who need not sets the pace for those who have."""
    if pressure.is_high():
        return True
    _turns.attended()
    return False


def admit_submission(
    actor: Actor, report: Report, values: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Let a submission pass, or under too many at once raise TurnedAway with a ticket: the
    values are kept in the sheet, and what is submitted in the ticket's time counts as handed in
    now. Where something else stands against it the act says so, or repeats the answer that it has
    given before under the same key."""
    if _is_crowded() and why_not(report, Deed.PREPARE) is None:
        require_filling(actor, report)
        clean = clean_values(report, values) if values else {}
        _turn_away(actor, report, clean, [ReportStep.OPEN, ReportStep.RETURNED])


def admit_signature(actor: Actor, report: Report) -> None:
    """The same for a signature."""
    if _is_crowded() and why_not(report, Deed.SIGN) is None:
        require_signing(actor, report)
        _turn_away(actor, report, {}, sorted(BEFORE_SIGNING))


def _turn_away(
    actor: Actor, report: Report, clean: Mapping[str, Any], steps: Sequence[ReportStep]
) -> None:
    now = pressure.arrived()
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "report": report.pk, "steps": [step.value for step in steps],
                "values": json.dumps(clean), "person": actor.person, "now": now,
                "until": now + LASTS,
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        return  # the report has gone on meanwhile: the act itself says so
    issued, until = row
    wait = _turns.next_one()
    raise TurnedAway(
        _(
            "Very many report at this moment. What you gave is kept. Send it again in"
            " %(seconds)s seconds; sent until %(until)s, it counts as handed in at %(issued)s."
        )
        % {"seconds": wait, "until": _time(until), "issued": _time(issued)},
        retry_after=wait,
        until=until,
    )


def ticket_of(report: Report) -> Ticket | None:
    """The ticket of a report that can still be used."""
    return the_one(Ticket.objects.filter(report=report, until__gt=clock.now()))


def _time(instant: datetime) -> str:
    return str(formats.date_format(timezone.localtime(instant), "H:i:s"))
