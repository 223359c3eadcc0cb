"""More time for one unit: asked for with a reason, granted or refused by who runs the cycle."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all
from throughline.reporting import telling
from throughline.reporting.actions.cycles import require_reason
from throughline.reporting.drafting import locked, require_no_bar
from throughline.reporting.models import Extension, Report
from throughline.reporting.permissions import require_filling, require_running
from throughline.reporting.queries import reporting_bodies
from throughline.reporting.rules.life import Deed


@action("extension.ask")
def ask_extension(act: Act, *, report: Report, until: datetime, reason: str) -> Extension:
    """Ask for more time for a unit, with the reason."""
    row = locked(report)
    require_filling(act.actor, row)
    require_no_bar(row, Deed.EXTEND)
    require_reason(reason)
    _require_later(row, until)
    if row.extensions.filter(granted__isnull=True).exists():
        raise Conflict(_("A request for more time waits for its answer already."))
    asked = Extension.objects.create(
        report=row, until=until, reason=reason.strip(), asked_by=act.actor.person,
        asked_at=clock.now(),
    )  # fmt: skip
    act.about(asked)
    act.record(report=row.pk, until=until, reason=asked.reason)
    notify_all(
        act, [telling.tell_report(telling.TIME_ASKED, row, row.cycle.owner, words=asked.reason)]
    )
    return asked


@action("extension.decide")
def decide_extension(
    act: Act,
    *,
    extension: Extension,
    granted: bool,
    until: datetime | None = None,
    answer: str = "",
) -> Extension:
    """Grant more time, until the instant asked for or another one, or refuse it with a reason."""
    row = locked(extension.report)
    require_running(act.actor, row.cycle)
    asked = Extension.objects.select_for_update().get(pk=extension.pk)
    if asked.granted is not None:
        raise Conflict(_("This request has been decided already."))
    if not granted:
        require_reason(answer, "answer")
    else:
        require_no_bar(row, Deed.EXTEND)
        _require_later(row, until or asked.until)
    with act.changing(asked, "granted", "until", "answer"):
        asked.granted, asked.answer = granted, answer.strip()
        asked.until = (until or asked.until) if granted else asked.until
        asked.decided_by, asked.decided_at = act.actor.person, clock.now()
        asked.save()
    if granted:
        row.until = asked.until
        row.save(update_fields=["until"])
    told = [
        telling.tell_time_decided(row, body, granted=granted, words=asked.answer, due=row.times.due)
        for body in reporting_bodies([row.place_id])
    ]
    notify_all(act, told)
    return asked


def _require_later(row: Report, until: datetime) -> None:
    if until > max(row.times.due, clock.now()):
        return
    raise Invalid(
        _("This is no more time."),
        problems=[
            Problem("until", _("The instant lies before the close, or has passed."), field="until")
        ],
    )
