"""What an action of the cascade asks before it does anything: raises, or lets pass.

Two hands of a body are told apart: its office, which registers, signs for arrival, prepares
and reports; and its leader, who takes on, contests and signs.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.permissions import require_in_a_post, signed_in
from throughline.bodies.queries import acting_for, lines_between
from throughline.bodies.rules import GOVERNING, Duty, Scope, Standing, may_assign
from throughline.cascade.models import Assignment, Claim, Mechanism, ProgressReport
from throughline.cascade.queries import (
    bodies_served,
    is_led_at_place,
    local_plan_at,
    places_below_plan,
    superior_of,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.life import Deed, Life, Step, may_do
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.places.models import Place
from throughline.plans.models import Plan

OFFICE = frozenset({Duty.REPORT, Duty.COORDINATE, Duty.MANAGE_PLAN})
LEADER = frozenset({Duty.SIGN, Duty.DECIDE})
ISSUING = frozenset({Duty.COORDINATE, Duty.MANAGE_PLAN, Duty.SIGN})
REVIEWING = frozenset({Duty.REVIEW}) | LEADER


def require_writing(actor: Actor) -> Standing:
    """The standing of one who may change anything in plans at all."""
    return require_in_a_post(
        actor,
        Scope.PLANS_WRITE,
        token=_("This token may not change plans."),
        post=_("This is done in a post that works on plans."),
        rule="cascade.in-a-post",
    )


def _acts_for(standing: Standing, body: int) -> bool:
    """Whether the actor acts in the name of a body (its id)."""
    return standing.body is not None and body in acting_for(standing.body)


def _require(
    actor: Actor, allowed: Callable[[Standing], bool], refusal: Callable[[], Forbidden]
) -> Standing:
    """The standing of one who may change plans and to whom this is allowed; else the refusal,
    whose names are looked up only then. The installation may do whatever anybody may."""
    standing = require_writing(actor)
    if not standing.is_installation and not allowed(standing):
        raise refusal()
    return standing


def require_issuing(actor: Actor, plan: Plan) -> Standing:
    """Raise unless the actor lays out the work of a plan: for its lead body."""
    return _require(
        actor,
        lambda one: _acts_for(one, plan.lead_body_id) and bool(one.duties & ISSUING),
        lambda: Forbidden(
            _("Only the body that leads the plan lays out its work."),
            rule="cascade.issue",
            lifted_by=plan.lead_body.name,
        ),
    )


def require_authority(plan: Plan, body: Body, *, documented: bool) -> None:
    """Raise where a body would be given an order that only a document can give: a department
    does not give orders to a government or to a peer; its source document does."""
    if documented or plan.lead_body_id == body.pk:
        return
    if not may_assign(lines_between(plan.lead_body_id, body.pk)):
        raise Forbidden(
            _("%(issuer)s gives no orders to %(body)s: name the document that does.")
            % {"issuer": plan.lead_body.name, "body": body.name},
            rule="cascade.authority",
            remedy=_("Choose the plan's paper, or write the document's title and number."),
        )


def require_office(actor: Actor, assignment: Assignment) -> Standing:
    """Raise unless the actor is of the office that receives and prepares for the body: in it,
    in an office of it, or in a body that a government leads at its place."""
    return _require(
        actor,
        lambda one: assignment.body_id in bodies_served(actor) and bool(one.duties & OFFICE),
        lambda: Forbidden(
            _("This is done by the office of the body the task is laid on."),
            rule="cascade.office",
            lifted_by=assignment.body.name,
        ),
    )


def require_leader(actor: Actor, assignment: Assignment) -> Standing:
    """Raise unless the actor is the responsible leader named, or where none is named signs or
    decides for the body."""
    named = assignment.leader
    if named is not None:
        return _require(
            actor,
            lambda one: one.post == named.pk,
            lambda: Forbidden(
                _("The responsible leader does this in person."),
                rule="cascade.leader",
                lifted_by=str(named),
            ),
        )
    return _require(
        actor,
        lambda one: _acts_for(one, assignment.body_id) and bool(one.duties & LEADER),
        lambda: Forbidden(
            _("This is done by the responsible leader of the body the task is laid on."),
            rule="cascade.leader",
            lifted_by=assignment.body.name,
        ),
    )


def require_issuer(actor: Actor, assignment: Assignment) -> Standing:
    """Raise unless the actor acts for the body that laid the task on the other."""
    return _require(
        actor,
        lambda one: _acts_for(one, assignment.issuer_id) and bool(one.duties & ISSUING),
        lambda: Forbidden(
            _("Only the body that laid out the task does this."),
            rule="cascade.issuer",
            lifted_by=assignment.issuer.name,
        ),
    )


def require_reviewing(actor: Actor, assignment: Assignment) -> Standing:
    """Raise unless the actor reviews or signs inside the body that reports."""
    return _require(
        actor,
        lambda one: assignment.body_id in bodies_served(actor) and bool(one.duties & REVIEWING),
        lambda: Forbidden(
            _("This is done inside the body that reports."),
            rule="cascade.inside",
            lifted_by=assignment.body.name,
        ),
    )


def require_returning(actor: Actor, report: ProgressReport, assignment: Assignment) -> Standing:
    """Raise unless the actor returns a report where it stands: inside the body before it is
    signed, for the body that laid out the task after that."""
    if report.step == Step.SIGNED:
        return require_issuer(actor, assignment)
    return require_reviewing(actor, assignment)


def require_decider(actor: Actor, claim: Claim) -> Standing:
    """Raise unless the actor decides for the body to which the claim went."""
    return _require(
        actor,
        lambda one: _acts_for(one, claim.decider_id) and bool(one.duties & (ISSUING | LEADER)),
        lambda: Forbidden(
            _("This is decided by the body to which it was put."),
            rule="cascade.decide",
            lifted_by=claim.decider.name,
        ),
    )


def require_state(deed: Deed, life: Life) -> None:
    """Raise Conflict where an assignment's state does not allow a deed, saying why not."""
    if may_do(deed, life):
        return
    if not life.is_open:
        raise Conflict(_("This assignment is closed: nothing more is owed under it."))
    if life.claimed and deed is not Deed.RECEIVE:
        raise Conflict(
            _("A claim on this assignment waits for its decision."),
            remedy=_("Wait for the decision, or take the claim back."),
        )
    if not life.received:
        raise Conflict(_("It has not been received yet."), remedy=_("Sign for its arrival first."))
    said = {
        Deed.RECEIVE: _("It was received already."),
        Deed.TAKE_ON: _("It was taken on already."),
        Deed.DECLARE_NOT_APPLICABLE: _("Work on it has begun: contest it with a proposal instead."),
        Deed.DECIDE: _("There is no claim to decide."),
        Deed.REPORT: _("It has not been taken on yet."),
    }
    raise Conflict(said.get(deed, _("This cannot be done now.")))


def is_leading(assignment: Assignment) -> bool:
    """Whether its body leads the element."""
    return assignment.part in {Part.LEAD, Part.COORDINATING}


# -- working mechanisms ----------------------------------------------------------------------


def _founds(standing: Standing, plan: Plan, place: Place) -> bool:
    """Whether the actor may found mechanisms of a place for a plan: in the government; in the
    body that leads the plan there; and where no body of the place leads it, in any that the
    government leads there."""
    if standing.body is None or standing.place != place.pk or not standing.duties & OFFICE:
        return False
    own = local_plan_at(plan, place) or (plan if plan.place_id == place.pk else None)
    if standing.governs or own is None:
        return _of_place(standing, place.pk)
    return own.lead_body_id in acting_for(standing.body)


def require_founding(actor: Actor, plan: Plan, place: Place) -> Standing:
    """Raise unless the actor puts working mechanisms of a place on record."""
    return _require(
        actor,
        lambda one: _founds(one, plan, place),
        lambda: Forbidden(
            _("A working mechanism is put on record by the government of its place, or the body "
              "that leads the plan there."),
            rule="cascade.mechanism",
            lifted_by=place.name,
        ),
    )  # fmt: skip


def require_keeping(actor: Actor, mechanism: Mechanism) -> Standing:
    """Raise unless the actor keeps the minutes of a mechanism: for the body that is its office."""
    return _require(
        actor,
        lambda one: mechanism.office_id in bodies_served(actor) and bool(one.duties & OFFICE),
        lambda: Forbidden(
            _("Its meetings are recorded by the office of the working mechanism."),
            rule="cascade.mechanism-office",
            lifted_by=mechanism.office.name,
        ),
    )


def require_changing(actor: Actor, mechanism: Mechanism) -> Standing:
    """Raise unless the actor changes or ends a mechanism: for its office, or for who puts the
    mechanisms of its place on record."""
    standing = require_writing(actor)
    if standing.is_installation or _founds(standing, mechanism.plan, mechanism.place):
        return standing
    return require_keeping(actor, mechanism)


# -- local plans ---------------------------------------------------------------------------

DRAFTING = OFFICE | LEADER | {Duty.REVIEW}


def _of_place(standing: Standing, place: int) -> bool:
    """Whether the actor works for a place as a whole: in its government, or in one of the
    bodies that the government leads there."""
    if standing.body is None or standing.place != place:
        return False
    if standing.governs:
        return True
    own = Body.objects.filter(pk__in=acting_for(standing.body))
    governments = list(Body.objects.filter(place=place, kind__in=GOVERNING))
    return any(is_led_at_place(body, above) for body in own for above in governments)


def require_making_local_plan(
    actor: Actor, superior: Plan, place: Place, lead_body: Body
) -> Standing:
    """Raise unless the actor may begin the plan of a place: a place directly below that of the
    superior plan, in its own government or planning body, which then leads the plan."""
    require_writing(actor)
    below = places_below_plan(superior).filter(pk=place.pk).exists()
    if not below or lead_body.place_id != place.pk:
        raise Invalid(
            _("A local plan is of a place directly below, and led by a body of that place."),
            remedy=_("The tier between makes its own plan first."),
        )
    return _require(
        actor,
        lambda one: (
            _acts_for(one, lead_body.pk)
            and _of_place(one, place.pk)
            and bool(one.duties & DRAFTING)
        ),
        lambda: Forbidden(
            _("The plan of a place is made by its own government or planning body."),
            rule="cascade.local-plan",
            lifted_by=lead_body.name,
        ),
    )


def _require_local(actor: Actor, plan: Plan) -> None:
    require_writing(actor)
    if superior_of(plan) is None:
        raise Conflict(_("This plan is no local plan: it is edited in its plan pack."))


def _leads_or_governs(standing: Standing, plan: Plan) -> bool:
    """Whether the actor acts for the body that leads a plan, or in the government of its place."""
    governs = standing.governs and standing.place == plan.place_id
    return governs or _acts_for(standing, plan.lead_body_id)


def require_drafting(actor: Actor, plan: Plan) -> Standing:
    """Raise unless the actor works on drafts of a local plan: for the body that leads it."""
    _require_local(actor, plan)
    return _require(
        actor,
        lambda one: _acts_for(one, plan.lead_body_id) and bool(one.duties & DRAFTING),
        lambda: Forbidden(
            _("Only the body that leads the plan drafts it."),
            rule="cascade.draft",
            lifted_by=plan.lead_body.name,
        ),
    )


def require_issuing_local_plan(actor: Actor, plan: Plan) -> Standing:
    """Raise unless the actor issues a local plan: who signs or decides for the body that leads
    it, or for the government of its place."""
    _require_local(actor, plan)
    return _require(
        actor,
        lambda one: _leads_or_governs(one, plan) and bool(one.duties & LEADER),
        lambda: Forbidden(
            _("A plan is issued by who signs for the body that leads it, or for the government."),
            rule="cascade.issue-plan",
            lifted_by=plan.lead_body.name,
        ),
    )


def require_checking(actor: Actor, plan: Plan) -> Standing:
    """Raise unless the checks of a plan are open to the actor: to the body that leads it, the
    government of its place, and audit. They name who is silent at every place below."""
    standing = signed_in(actor)
    if standing.audits:
        return standing
    if not _leads_or_governs(standing, plan) or not standing.sees_content:
        raise Forbidden(
            _("The checks of a plan are for the body that leads it and for its government."),
            rule="cascade.checks",
            lifted_by=plan.lead_body.name,
        )
    return standing
