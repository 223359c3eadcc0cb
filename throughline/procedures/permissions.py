"""What an act on a case asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.permissions import require_in_a_post
from throughline.bodies.queries import acting_for, body_of
from throughline.bodies.rules import BodyKind, Duty, Scope, Standing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden
from throughline.procedures.models import AddedSigner, Case, CaseStep
from throughline.procedures.queries import people_who_answered, people_who_submitted
from throughline.procedures.rules.kinds import Relation, Verb
from throughline.procedures.rules.life import Bar, Doer, bar

SUBMITTING = frozenset({Duty.REPORT, Duty.COORDINATE, Duty.SIGN, Duty.DECIDE})
ANSWERING = frozenset({Duty.REVIEW, Duty.COORDINATE, Duty.SIGN, Duty.DECIDE})


def _require_at_work(actor: Actor) -> Standing:
    return require_in_a_post(
        actor,
        Scope.PLANS_WRITE,
        token=_("This token may not act in cases."),
        post=_("Cases are handled in a post that works on plans."),
        rule="procedures.in-a-post",
    )


def _acts_for(standing: Standing, body: int) -> bool:
    return standing.body is not None and body in acting_for(standing.body)


def require_submitting(actor: Actor) -> Body:
    """The body for which one submits: one's own, or the one that it is an office of."""
    standing = _require_at_work(actor)
    own = body_of(standing)
    if own is None or own.place is None or not standing.duties & SUBMITTING:
        raise Forbidden(
            _("A case is submitted by one who reports, coordinates, signs or decides for a body."),
            rule="procedures.submit",
            lifted_by=own.name if own else "",
        )
    if own.kind == BodyKind.OFFICE:
        above = Body.objects.filter(pk__in=acting_for(own.pk) - {own.pk})
        return above.select_related("place__tier").first() or own
    return own


def require_answering(actor: Actor, step: CaseStep, verb: Verb) -> Standing:
    """The standing of one who may do something at a step; it is another than who submitted, and
    than who answered there for another body."""
    standing = _require_at_work(actor)
    if standing.is_installation:
        return standing
    found = bar(_doer(actor, standing, step, step.body_id), step.step, verb)
    if found is not None:
        raise _refusal(found, step.body)
    return standing


def require_signing(actor: Actor, signer: AddedSigner) -> Standing:
    """The standing of one who may answer as an added signer."""
    standing = _require_at_work(actor)
    if standing.is_installation:
        return standing
    found = bar(_doer(actor, standing, signer.step, signer.body_id), signer.step.step, Verb.AGREE)
    if found is not None:
        raise _refusal(found, signer.body)
    return standing


def require_handing_in(actor: Actor, case: Case) -> Standing:
    """The standing of one who may hand in, or take back, for the body that submitted."""
    standing = _require_at_work(actor)
    inside = _acts_for(standing, case.submitter_id)
    if not standing.is_installation and not (inside and standing.duties & SUBMITTING):
        raise Forbidden(
            _("Only the body that submitted the case does this."),
            rule="procedures.submitter",
            lifted_by=case.submitter.name,
        )
    return standing


def require_urging(actor: Actor, step: CaseStep) -> Standing:
    """The standing of one who may press for a step: for the body that submitted the case, or for
    the one to which its running out is told."""
    standing = _require_at_work(actor)
    bodies = {step.case.submitter_id, step.superior.body_id if step.superior else 0}
    inside = standing.body is not None and bodies & acting_for(standing.body)
    if not standing.is_installation and not (inside and standing.duties & (SUBMITTING | ANSWERING)):
        raise Forbidden(
            _("Who submitted the case, or is told when its time runs out, urges."),
            rule="procedures.urge",
            lifted_by=step.case.submitter.name,
        )
    return standing


def _doer(actor: Actor, standing: Standing, step: CaseStep, body: int) -> Doer:
    named = step.post_id if body == step.body_id else None
    own = step.step.actor.relation is Relation.SUBMITTER
    return Doer(
        acts=_acts_for(standing, body),
        in_post=named is None or named == standing.post,
        duty=named is not None or bool(standing.duties & (SUBMITTING if own else ANSWERING)),
        submitted=actor.person in people_who_submitted(step.case),
        answered=actor.person in people_who_answered(step, body),
    )


def _refusal(found: Bar, body: Body) -> Forbidden:
    said = {
        Bar.NOT_YOURS: _("This is for another body to do."),
        Bar.NOT_YOUR_POST: _("This is for another post of the body to do."),
        Bar.NO_DUTY: _("This is done by one who reviews, coordinates, signs or decides."),
        Bar.OWN_SUBMISSION: _("Nobody decides on what he submitted himself."),
        Bar.ANSWERED_BESIDE: _("You have answered at this step already, for another body."),
    }
    rule = "procedures." + found.value.replace("_", "-")
    return Forbidden(said[found], rule=rule, lifted_by=body.name)
