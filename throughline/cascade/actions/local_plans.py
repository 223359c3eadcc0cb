"""A place's own implementation plan and its versions: begun, revised, and a draft thrown away."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.cascade.actions.texts import Text
from throughline.cascade.models import LocalPlan, Refinement
from throughline.cascade.permissions import require_drafting, require_making_local_plan
from throughline.cascade.queries import local_plan_at, top_of, version_now
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.places.models import Place
from throughline.plans.models import Element, Plan, PlanVersion, Responsibility, Target

DRAFT = PlanVersion.State.DRAFT


@action("plan.begin_local_plan")
def begin_local_plan(
    act: Act, *, superior: Plan, place: Place, lead_body: Body, title: Text
) -> PlanVersion:
    """Begin a place's own plan of a superior one: an empty draft, led by a body of the place."""
    require_making_local_plan(act.actor, superior, place, lead_body)
    Plan.objects.select_for_update().get(pk=superior.pk)
    if local_plan_at(superior, place) is not None:
        raise Conflict(
            _("%(place)s has its own plan already.") % {"place": place.name},
            remedy=_("Open it, and revise it."),
        )
    if title.is_empty:
        raise Invalid(
            _("The plan was not begun."),
            problems=[Problem("title", _("Give it a title."), field="title")],
        )
    plan = Plan.objects.create(
        key=_key_of(superior, place), scheme=superior.scheme, place=place, lead_body=lead_body,
        kind=superior.kind, period_from=superior.period_from, period_to=superior.period_to,
        zone=superior.zone, demo=superior.demo, pack="", pack_digest="", alerts=superior.alerts,
        **title.fields("title"),
    )  # fmt: skip
    LocalPlan.objects.create(plan=plan, superior=superior)
    version = PlanVersion.objects.create(plan=plan, number=1, state=DRAFT)
    act.about(version)
    act.record(superior=superior.key, plan=plan.key, place=place.code, lead_body=lead_body.key)
    return version


def _key_of(superior: Plan, place: Place) -> str:
    """The key of the uppermost plan and the code of the place, so that it can be guessed."""
    return f"{top_of(superior).key[:60]}-{place.code.lower()}"[:80]


@action("plan.revise_local_plan")
def revise_local_plan(act: Act, *, plan: Plan) -> PlanVersion:
    """Begin the next version of a local plan: a draft with all that stands in the present one."""
    require_drafting(act.actor, plan)
    Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.versions.filter(state=DRAFT).exists():
        raise Conflict(_("A draft of the next version is there already."))
    before = version_now(plan)
    if before is None:
        raise Conflict(_("No version of this plan is in force."))
    number = (plan.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    version = PlanVersion.objects.create(plan=plan, number=number, state=DRAFT)
    _copy_elements(before, version)
    act.about(version)
    act.record(plan=plan.key, number=number, from_number=before.number)
    return version


def _copy_elements(before: PlanVersion, after: PlanVersion) -> None:
    made: dict[int, Element] = {}
    for row in before.elements.order_by("position"):
        old, row.pk, row.version = row.pk, None, after
        row._state.adding = True
        row.parent = made[row.parent_id] if row.parent_id else None
        row.save()
        made[old] = row
    for part in Responsibility.objects.filter(element__version=before):
        part.pk, part.element, part._state.adding = None, made[part.element_id], True
        part.save()
    for link in Refinement.objects.filter(element__version=before):
        link.pk, link.element, link._state.adding = None, made[link.element_id], True
        link.save()
    for target in Target.objects.filter(version=before):
        target.pk, target.version, target._state.adding = None, after, True
        target.save()


@action("plan.discard_draft")
def discard_draft(act: Act, *, version: PlanVersion) -> None:
    """Throw a draft of a next version away. What is in force stands as it is."""
    require_drafting(act.actor, version.plan)
    draft = draft_locked(version)
    if not draft.plan.versions.exclude(pk=draft.pk).exists():
        raise Conflict(
            _("This is the only version of the plan."),
            remedy=_("Change its elements instead."),
        )
    act.about(draft)
    act.record(
        before={
            "plan": draft.plan.key, "number": draft.number,
            "elements": list(draft.elements.values_list("key", flat=True)),
        }
    )  # fmt: skip
    Target.objects.filter(version=draft).delete()
    Responsibility.objects.filter(element__version=draft).delete()
    for row in draft.elements.order_by("-depth"):
        row.delete()
    draft.delete()


def draft_locked(version: PlanVersion) -> PlanVersion:
    """A draft read again under its lock."""
    found = (
        PlanVersion.objects.select_for_update(of=("self",))
        .select_related("plan__lead_body", "plan__place", "plan__scheme")
        .filter(pk=version.pk)
        .first()
    )
    if found is None:
        raise Conflict(_("This draft was discarded."), remedy=_("Begin the next version."))
    if found.state != DRAFT:
        raise Conflict(
            _("A version that was issued is not edited."),
            remedy=_("Begin the next version."),
        )
    return found
