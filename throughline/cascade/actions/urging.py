"""催办: whoever laid out a task presses the body that owes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from throughline.cascade import telling
from throughline.cascade.models import Assignment
from throughline.cascade.permissions import require_issuer
from throughline.cascade.queries import locked_rows, open_assignments, with_rows
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid
from throughline.notices.models import Notice
from throughline.notices.sending import notify_all

AGAIN = timedelta(minutes=5)
"""Within so long nobody is urged a second time: two pressed at once, or one pressed twice."""


@action("task.urge")
def urge_tasks(act: Act, *, assignments: Sequence[Assignment], words: str = "") -> int:
    """催办: press those who owe something; on record, and told to each. Returns how many. Whom
    somebody urged a moment ago is not told twice."""
    if not assignments:
        raise Invalid(_("Nothing was chosen."))
    for row in assignments:
        require_issuer(act.actor, row)
    chosen = open_assignments().filter(pk__in=[each.pk for each in assignments])
    rows = list(with_rows(open_assignments(locked_rows(chosen))))
    if not rows:
        raise Conflict(_("Nothing is owed any more under what was chosen."))
    just_now = _urged_since(rows, clock.now() - AGAIN)
    rows = [row for row in rows if telling.subject_of(row) not in just_now]
    if not rows:
        raise Conflict(_("They were urged a moment ago."), remedy=_("Give them time to answer."))
    act.about(rows[0].thread)
    act.record(assignments=[row.pk for row in rows], words=words.strip())
    notify_all(
        act, [telling.tell(telling.URGED, row, row.body, words=words.strip()) for row in rows]
    )
    return len(rows)


def _urged_since(rows: Sequence[Assignment], since: datetime) -> set[str]:
    """The subjects of notices by which somebody was urged on some assignments."""
    told = Notice.objects.filter(
        kind=telling.URGED,
        body__in={row.body_id for row in rows},
        subject__in=[telling.subject_of(row) for row in rows],
        at__gte=since,
    )
    return set(told.values_list("subject", flat=True))
