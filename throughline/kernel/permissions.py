"""What every room may ask before it does anything, because it needs nobody's post."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Forbidden, Unauthenticated


def require_installation(actor: Actor) -> None:
    """Raise unless the installation itself acts, by the command line or by the clock."""
    if actor.is_nobody:
        raise Unauthenticated(_("Sign in first."))
    if actor.person != SYSTEM.person:
        raise Forbidden(
            _("The installation itself does this: by the command line, and by the clock."),
            rule="installation.only",
            lifted_by=_("whoever runs the installation"),
        )
