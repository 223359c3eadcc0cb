"""What an action beside a subject asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.permissions import require_in_a_post
from throughline.bodies.rules import Duty, Scope, Standing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden
from throughline.subjects.models import Attachment, Remark
from throughline.subjects.rules import may_withdraw


def require_speaking(actor: Actor) -> Standing:
    """The standing of one who may set something beside what he sees."""
    return require_in_a_post(
        actor,
        Scope.REMARKS_WRITE,
        token=_("This token may not write remarks."),
        post=_("Remarks are made in a post that works on plans."),
        rule="subjects.in-a-post",
    )


def require_withdrawing(actor: Actor, given: Remark | Attachment) -> None:
    """Raise unless the actor gave it, or reviews for the body that gave it."""
    standing = require_speaking(actor)
    allowed = may_withdraw(
        author=given.person == actor.person,
        same_body=standing.body is not None and standing.body == given.body_id,
        reviews=Duty.REVIEW in standing.duties,
    )
    if not allowed and not standing.is_installation:
        raise Forbidden(
            _("Only who gave it, or who reviews for that body, takes it back."),
            rule="subjects.withdraw",
            lifted_by=given.body.name if given.body else "",
        )
