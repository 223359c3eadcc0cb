"""What reading a notice asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.permissions import signed_in
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.notices.models import Notice
from throughline.notices.queries import notices_visible_to


def require_addressed(actor: Actor, notice: int) -> Notice:
    """The notice of a number, if it is in the actor's inbox; else it does not exist."""
    signed_in(actor)
    known = 0 <= notice < 2**62
    found = notices_visible_to(actor).filter(pk=notice).first() if known else None
    if found is None:
        raise NotFound(_("There is no such notice."))
    return found
