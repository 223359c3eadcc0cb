"""交接: what a body has open goes to the body that follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.permissions import require_administrator_of
from throughline.bodies.queries import today
from throughline.cascade.actions.assigning import end, passed_to, replace_by, tell_issued
from throughline.cascade.models import Assignment
from throughline.cascade.queries import (
    locked_rows,
    open_assignments,
    standing_assignments,
    with_rows,
)
from throughline.cascade.rules.life import Ending
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all
from throughline.ui.writing import day


@dataclass(frozen=True)
class HandedOver:
    """How many assignments the successor has now, and how many ended in favour of what it had."""

    passed: int
    merged: int


@action("task.hand_over")
def hand_over_tasks(
    act: Act,
    *,
    body: Body,
    successor: Body,
    reason: str,
    assignments: Sequence[Assignment] | None = None,
) -> HandedOver:
    """Pass what a body has open, all or some of it, to a successor, when it is reorganised.
    Where the successor has the same part already, the one of the old body ends in its favour."""
    require_administrator_of(act.actor, body.place)
    _require_sound(body, successor, reason)
    chosen = open_assignments().filter(body=body)
    if assignments is not None:
        chosen = chosen.filter(pk__in=[each.pk for each in assignments])
    rows = locked_rows(chosen)
    passed: list[tuple[Assignment, Assignment]] = []
    merged: list[tuple[Assignment, Assignment]] = []
    for row in with_rows(open_assignments(rows)).select_related("thread__plan__lead_body"):
        twin = (
            standing_assignments().filter(thread=row.thread, body=successor, part=row.part).first()
        )
        if twin is not None:
            end(row, Ending.HANDED_OVER, twin)
            merged.append((row, twin))
        else:
            new = passed_to(row, successor, act)
            passed.append((row, replace_by(act, row, new, Ending.HANDED_OVER)))
    if not passed and not merged:
        raise Conflict(_("“%(body)s” has none of these open (any more).") % {"body": body.name})
    act.about(body)
    act.record(
        body=body.key, successor=successor.key, reason=reason,
        passed={old.pk: new.pk for old, new in passed},
        merged={old.pk: twin.pk for old, twin in merged},
    )  # fmt: skip
    notify_all(act, tell_issued(new for _old, new in passed))
    return HandedOver(len(passed), len(merged))


def _require_sound(body: Body, successor: Body, reason: str) -> None:
    problems = []
    ended = successor.valid_to
    if body.pk == successor.pk:
        said = _("A body does not succeed itself.")
        problems.append(Problem("successor", said, field="successor"))
    elif ended is not None and ended <= today():
        said = _("“%(body)s” ended on %(day)s itself.") % {
            "body": successor.name, "day": day(ended, get_language() or "en"),
        }  # fmt: skip
        problems.append(
            Problem("successor", said, _("Choose the body that does its work."), field="successor")
        )
    if not reason.strip():
        problems.append(Problem("reason", _("A reason is needed."), field="reason"))
    if problems:
        raise Invalid(_("Nothing was handed over."), problems=problems)
