"""Issuing a local plan: what hinders it, what its elements do with those above, and its paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from throughline.cascade.actions.local_plans import draft_locked
from throughline.cascade.actions.texts import Text
from throughline.cascade.checking import Severity, described, findings_of_draft
from throughline.cascade.models import Refinement
from throughline.cascade.permissions import require_issuing_local_plan
from throughline.cascade.queries import standing_assignments, superior_of
from throughline.cascade.rules.difference import is_taken_over
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.treatment import Link, treatments
from throughline.cascade.weakening import require_no_weakening, require_nothing_astray
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.plans.coming import came_into_force
from throughline.plans.models import Element, Paper, PlanVersion, Target
from throughline.plans.queries import IN_FORCE

SUPERSEDED = PlanVersion.State.SUPERSEDED


@action("plan.issue_local_plan")
def issue_local_plan(
    act: Act,
    *,
    version: PlanVersion,
    number: str,
    title: Text,
    on: date,
    despite_errors: bool = False,
) -> PlanVersion:
    """Issue a draft: it comes into force under the paper that issues it, and supersedes the
    version before. What would weaken the superior plan is refused: that is for its approver.
    Other errors that the checks find are those of the issuer, who says that it knows them."""
    require_issuing_local_plan(act.actor, version.plan)
    draft = draft_locked(version)
    elements = list(draft.elements.exclude(kind=Element.Kind.STRAND))
    if not elements:
        raise Conflict(_("The draft is empty."), remedy=_("Adopt or add elements first."))
    if title.is_empty:
        raise Invalid(
            _("The plan was not issued."),
            problems=[Problem("title", _("Name the paper that issues it."), field="title")],
        )
    require_nothing_astray(draft)
    require_no_weakening(draft, superior_of(draft.plan))
    errors = _errors_in(draft, despite=despite_errors)
    _write_treatments(draft)
    PlanVersion.objects.filter(plan=draft.plan, state=IN_FORCE).update(state=SUPERSEDED)
    draft.state, draft.in_force_from = IN_FORCE, on
    draft.save(update_fields=["state", "in_force_from"])
    paper = Paper.objects.create(
        plan=draft.plan, key=f"issue-{draft.number}", kind=Paper.Kind.ISSUE, number=number.strip(),
        issuer=draft.plan.lead_body, date=on, position=draft.number, **title.fields("title"),
    )  # fmt: skip
    draft.elements.update(paper=paper)
    act.about(draft)
    act.record(
        plan=draft.plan.key, version=draft.number, paper=paper.number, on=on,
        elements=len(elements), at=clock.now(), despite_errors=errors,
    )  # fmt: skip
    came_into_force(act, draft)
    return draft


def _links(draft: PlanVersion) -> list[Refinement]:
    rows = Refinement.objects.filter(element__version=draft)
    return list(rows.select_related("element", "seen", "superior"))


def _errors_in(draft: PlanVersion, *, despite: bool) -> list[str]:
    """The codes of the errors that the checks find in a draft; raises where there are some and
    it is not said that it is issued despite them."""
    errors = [each for each in findings_of_draft(draft) if each.severity is Severity.ERROR]
    if errors and not despite:
        raise Invalid(
            _("The plan was not issued."),
            problems=[
                Problem(
                    each.element.key if each.element else "", each.explanation, each.remedy,
                    field="despite_errors", code=str(each.code),
                )
                for each in described(errors, draft)
            ],
            remedy=_("Mend the errors, or say that it is issued despite them."),
        )  # fmt: skip
    return sorted(str(each.code) for each in errors)


def _write_treatments(draft: PlanVersion) -> None:
    rows = _links(draft)
    pairs: dict[Link, Refinement] = {(row.element_id, row.superior_id): row for row in rows}
    laid = _days_laid(draft.plan.place_id, [row.superior_id for row in rows])
    aimed = _indicators_aimed_otherwise(draft)
    unchanged = {
        pair: row.element.indicator_id not in aimed
        and is_taken_over(row.element, row.seen, laid[row.superior_id])
        for pair, row in pairs.items()
    }
    for pair, treatment in treatments(pairs, unchanged).items():
        pairs[pair].treatment = treatment
    Refinement.objects.bulk_update(pairs.values(), ["treatment"], batch_size=1000)


def _days_laid(place: int, threads: Sequence[int]) -> dict[int, set[date]]:
    """By superior thread the days by which it is laid on the place."""
    found: dict[int, set[date]] = defaultdict(set)
    rows = standing_assignments().filter(thread__in=threads, place=place, part=Part.LOCALITY)
    for row in rows:
        if row.due is not None:
            found[row.thread_id].add(row.due)
    return found


def _indicators_aimed_otherwise(draft: PlanVersion) -> set[int]:
    """The indicators for which the place sets a target that the superior plan does not set."""
    superior = superior_of(draft.plan)
    names = ("indicator_id", "place_id", "by", "operator", "value", "upper")
    above = Target.objects.filter(version__plan=superior, version__state=IN_FORCE)
    known = set(above.values_list(*names))
    own = Target.objects.filter(version=draft).values_list(*names)
    return {each[0] for each in own if each not in known}
