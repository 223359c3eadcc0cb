"""A person's judgement of a target, beside what is computed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.figures.models import Confidence
from throughline.figures.permissions import require_judging
from throughline.figures.rules.confidence import ConfidenceLevel
from throughline.figures.rules.judging import Status
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.plans.models import Indicator, Plan
from throughline.plans.queries import target_for

LONGEST = 2000
"""Characters of a reason."""


@action("confidence.record")
def record_confidence(
    act: Act,
    *,
    plan: Plan,
    indicator: Indicator,
    place: Place,
    level: str,
    reason: str,
    period: Period | None = None,
    status: str = Status.NO_DATA,
) -> Confidence:
    """Record how sure the body that answers for a target is that it is reached in time, and
    why. `period` and `status` are the last figure's, as whoever judges has seen them."""
    standing = require_judging(act.actor, plan, indicator, place)
    target = target_for(indicator, place)
    problems = []
    if level not in set(ConfidenceLevel):
        problems.append(Problem("level", _("Say high, medium or low."), field="level"))
    if not reason.strip():
        problems.append(Problem("reason", _("A judgement needs its reason."), field="reason"))
    if len(reason) > LONGEST:
        problems.append(
            Problem("reason", _("At most %(most)s characters.") % {"most": LONGEST}, field="reason")
        )
    if target is None or target.version.plan_id != plan.pk:
        problems.append(Problem("place", _("The plan sets no target for this place.")))
    if problems:
        raise Invalid(_("The judgement was not recorded."), problems=problems)
    row = Confidence.objects.create(
        plan=plan, indicator=indicator, place=place, level=level, reason=reason.strip(),
        period=period.code if period else "", status=status,
        body=Body.objects.get(pk=standing.body) if standing.body is not None else None,
        person=act.actor.person, at=clock.now(), act=act.number,
    )  # fmt: skip
    act.about(row)
    act.record(
        plan=plan.key, indicator=indicator.key, place=place.code, level=level,
        reason=row.reason, period=row.period, status=str(status),
    )  # fmt: skip
    return row
