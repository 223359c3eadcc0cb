"""What hinders a draft from being issued. A local plan may not by itself weaken a binding target
of the superior plan, or a task that is laid on the place by name: that is a change of the
superior plan. Nor does it answer what stands there no longer."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from django.utils.translation import gettext as _

from throughline.cascade.models import Refinement
from throughline.cascade.queries import standing_assignments
from throughline.cascade.rules.days import LaidDay, day_owed
from throughline.cascade.rules.difference import same_text
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.weakening import weaker
from throughline.figures.judging import goal_of
from throughline.kernel.errors import Forbidden, Invalid, Problem
from throughline.plans.models import Element, Plan, PlanVersion, Target
from throughline.plans.queries import IN_FORCE

Days = defaultdict[int, list[LaidDay]]


class Hindrance(NamedTuple):
    """Why a draft is not issued as it is: in words, and of which of its elements or targets."""

    of: Element | Target
    message: str
    remedy: str = ""
    code: str = ""


def hindrances(draft: PlanVersion, superior: Plan) -> list[Hindrance]:
    """All that a draft is refused for, in the order in which it is."""
    return [*astray(draft), *weaker_targets(draft, superior), *later_than_laid(draft)]


def require_no_weakening(draft: PlanVersion, superior: Plan | None) -> None:
    """Raise Forbidden, naming the first weakening and who can lift it."""
    if superior is None:
        return
    found = weaker_targets(draft, superior) + later_than_laid(draft)
    if found:
        more = _(" And %(count)s more.") % {"count": len(found) - 1} if len(found) > 1 else ""
        raise Forbidden(
            found[0].message + more,
            rule="cascade.weaken",
            lifted_by=superior.lead_body.name,
            remedy=_("Tighten it, or contest the task so that the superior plan is changed."),
        )


def weaker_targets(draft: PlanVersion, superior: Plan) -> list[Hindrance]:
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
            message = _("The target for “%(indicator)s” is weaker than the binding one above.")
            found.append(Hindrance(each, message % {"indicator": each.indicator.title}))
    return found


def later_than_laid(draft: PlanVersion) -> list[Hindrance]:
    """Elements that are due later than what is laid on the place by name, or than a binding
    element of the superior plan, unless a later day was laid on the place."""
    named, laid = _days_laid(draft.plan.place_id)
    found = []
    links = Refinement.objects.filter(element__version=draft).select_related("element", "seen")
    for link in links:
        above = link.seen
        days = named[link.superior_id]
        due = day_owed(above.deadline, days) if days else None
        if not days and above.bindingness == Element.Bindingness.BINDING and above.deadline:
            due = day_owed(above.deadline, laid[link.superior_id])
            due = max(due, above.deadline) if due else above.deadline
        own = link.element.deadline
        if due is not None and (own is None or own > due):
            said = {"element": link.element.title, "due": due.isoformat()}
            message = _("“%(element)s” is due later than %(due)s, which is binding.") % said
            found.append(Hindrance(link.element, message))
    return found


def _days_laid(place: int) -> tuple[Days, Days]:
    """By superior thread (its id) the days by which it is laid on a place: by name and open
    still, and all that stand."""
    named: Days = defaultdict(list)
    every: Days = defaultdict(list)
    rows = standing_assignments().filter(place=place, part=Part.LOCALITY, due__isnull=False)
    for row in rows.select_related("element"):
        if row.due is None:
            continue
        day = LaidDay(row.due, row.element.deadline)
        every[row.thread_id].append(day)
        if row.by_name and row.closed_at is None:
            named[row.thread_id].append(day)
    return named, every


def require_nothing_astray(draft: PlanVersion) -> None:
    """Raise Invalid, naming every element that answers what does not stand so."""
    problems = [
        Problem(each.of.key, each.message, each.remedy, code=each.code)
        for each in astray(draft)
        if isinstance(each.of, Element)
    ]
    if problems:
        raise Invalid(_("The plan was not issued."), problems=problems)


def astray(draft: PlanVersion) -> list[Hindrance]:
    """Elements that answer what stands in the superior plan no longer, or in other words than
    those that were looked at."""
    rows = Refinement.objects.filter(element__version=draft).select_related("element", "seen")
    now = {
        row.thread_id: row
        for row in Element.objects.filter(
            thread__in={each.superior_id for each in rows}, version__state=IN_FORCE
        )
    }
    found = []
    for row in rows:
        present, said = now.get(row.superior_id), {"title": row.element.title}
        if present is None:
            found.append(
                Hindrance(
                    row.element,
                    _("“%(title)s” answers what stands in the superior plan no longer.") % said,
                    _("Let it answer another element, or make it the place's own."),
                    "orphan-refinement",
                )
            )
        elif present.pk != row.seen_id and not same_text(present, row.seen):
            found.append(
                Hindrance(
                    row.element,
                    _("What “%(title)s” answers has changed since.") % said,
                    _("Open it, look at the difference, and save it."),
                    "look-again",
                )
            )
    return found
