"""What a local plan sets out to reach: its own targets, beside those of the superior plan."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.cascade.actions.local_plans import draft_locked
from throughline.cascade.permissions import require_drafting
from throughline.cascade.queries import superior_of
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.kernel.period import Period
from throughline.places.models import Scheme
from throughline.plans.models import Edition, Element, Indicator, PlanVersion, Target
from throughline.plans.queries import IN_FORCE


@action("plan.set_target")
def set_target(
    act: Act,
    *,
    version: PlanVersion,
    indicator: Indicator,
    operator: str,
    value: float | None,
    by: str,
    upper: float | None = None,
) -> Target:
    """Say what an indicator shall be at the place itself by the end of a period (a code such as
    2025 or 2025Q2), in the indicator's unit. Baseline and edition are those of the superior
    plan's target for the place, where it has one."""
    require_drafting(act.actor, version.plan)
    _require_sound_target(version, operator, value, upper, by)
    draft = draft_locked(version)
    superior = superior_of(draft.plan)
    above = Target.objects.filter(
        version__plan=superior, version__state=IN_FORCE, indicator=indicator
    )
    own = above.filter(place=draft.plan.place).first()
    any_other = own or above.first()
    edition = any_other.edition if any_other else _last_edition(draft.plan.scheme)
    row, _created = Target.objects.update_or_create(
        version=draft, indicator=indicator, place=draft.plan.place, by=by,
        defaults={
            "operator": operator, "value": value, "upper": upper, "edition": edition,
            "baseline_period": own.baseline_period if own else "",
            "baseline_value": own.baseline_value if own else None,
            "bindingness": own.bindingness if own else Element.Bindingness.EXPECTED,
        },
    )  # fmt: skip
    act.about(row)
    act.record(
        plan=draft.plan.key, indicator=indicator.key, operator=operator, value=value,
        upper=upper, by=by,
    )  # fmt: skip
    return row


@action("plan.remove_target")
def remove_target(act: Act, *, version: PlanVersion, indicator: Indicator, by: str) -> None:
    """Take a target of the place itself out of a draft."""
    require_drafting(act.actor, version.plan)
    draft = draft_locked(version)
    row = Target.objects.filter(
        version=draft, indicator=indicator, place=draft.plan.place, by=by
    ).first()
    if row is None:
        raise Conflict(_("This target is not in the draft (any more)."))
    act.about(draft)
    act.record(
        before={
            "indicator": indicator.key, "operator": row.operator, "value": row.value,
            "upper": row.upper, "by": by,
        }
    )  # fmt: skip
    row.delete()


def _require_sound_target(
    version: PlanVersion, operator: str, value: float | None, upper: float | None, by: str
) -> None:
    """Raise where a target says nothing that can be judged."""
    problems: list[Problem] = []

    def fault(field: str, message: str, remedy: str = "") -> None:
        problems.append(Problem(field, message, remedy, field=field))

    direction = operator == Target.Operator.DIRECTION
    if operator not in set(Target.Operator):
        fault("operator", _("Choose one of those offered."))
    elif direction and (value is not None or upper is not None):
        fault("value", _("A direction alone has no number."))
    elif not direction and value is None:
        fault("value", _("Give the number."))
    elif operator == Target.Operator.RANGE:
        if upper is None or upper <= (value or 0.0):
            fault("upper", _("The upper end of a range lies above the lower one."))
    elif upper is not None:
        fault("upper", _("Only a range has an upper end."))
    try:
        period = Period.parse(by)
    except Invalid:
        fault("by", _("Write the period as 2025, 2025H1, 2025Q2 or 2025-06."))
    else:
        first, last = Period.parse(version.plan.period_from), Period.parse(version.plan.period_to)
        if not first.start <= period.end <= last.end:
            fault("by", _("It lies outside the plan’s period."))
    if problems:
        raise Invalid(_("The target was not set."), problems=problems)


def _last_edition(scheme: Scheme) -> Edition:
    found = Edition.objects.filter(scheme=scheme).order_by("rank").last()
    if found is None:
        raise Conflict(_("No edition of figures is defined."))
    return found
