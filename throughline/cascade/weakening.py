"""What a local plan may not do by itself: weaken a binding target of the superior plan, or a
task that is laid on the place by name. That is a change of the superior plan."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.cascade.models import Refinement
from throughline.cascade.queries import open_assignments
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.weakening import weaker
from throughline.figures.judging import goal_of
from throughline.kernel.errors import Forbidden
from throughline.plans.models import Element, Plan, PlanVersion, Target
from throughline.plans.queries import IN_FORCE


def require_no_weakening(draft: PlanVersion, superior: Plan | None) -> None:
    """Raise Forbidden, naming the first weakening and who can lift it."""
    if superior is None:
        return
    found = weaker_targets(draft, superior) + later_than_laid(draft)
    if found:
        more = _(" And %(count)s more.") % {"count": len(found) - 1} if len(found) > 1 else ""
        raise Forbidden(
            found[0] + more,
            rule="cascade.weaken",
            lifted_by=superior.lead_body.name,
            remedy=_("Tighten it, or contest the task so that the superior plan is changed."),
        )


def weaker_targets(draft: PlanVersion, superior: Plan) -> list[str]:
    """Targets of a draft that accept what a binding one of the superior plan for the same
    place and date does not."""
    above = {
        (each.indicator_id, each.place_id, each.by): each
        for each in Target.objects.filter(
            version__plan=superior, version__state=IN_FORCE,
            bindingness=Element.Bindingness.BINDING,
        )
    }  # fmt: skip
    found = []
    for each in Target.objects.filter(version=draft).select_related("indicator", "place"):
        parent = above.get((each.indicator_id, each.place_id, each.by))
        if parent is None:
            continue
        if weaker(goal_of(each, each.indicator), goal_of(parent, each.indicator)):
            found.append(
                _("The target for “%(indicator)s” is weaker than the binding one above.")
                % {"indicator": each.indicator.title}
            )
    return found


def later_than_laid(draft: PlanVersion) -> list[str]:
    """Elements that are due later than what is laid on the place by name, or than a binding
    element of the superior plan."""
    named = {
        row.thread_id: row.due
        for row in open_assignments().filter(
            place=draft.plan.place_id, part=Part.LOCALITY, by_name=True, due__isnull=False
        )
    }
    found = []
    links = Refinement.objects.filter(element__version=draft).select_related("element", "seen")
    for link in links:
        due = named.get(link.superior_id)
        if due is None and link.seen.bindingness == Element.Bindingness.BINDING:
            due = link.seen.deadline
        own = link.element.deadline
        if due is not None and (own is None or own > due):
            found.append(
                _("“%(element)s” is due later than %(due)s, which is binding.")
                % {"element": link.element.title, "due": due.isoformat()}
            )
    return found
