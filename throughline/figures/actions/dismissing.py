"""Putting a faulty import away; the file and its report are kept."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.figures.models import Load
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Forbidden


@action("load.dismiss")
def dismiss_load(act: Act, *, load: Load) -> Load:
    """Take one's own faulty import off My work."""
    load = Load.objects.select_for_update().get(pk=load.pk)
    if load.person != act.actor.person:
        raise Forbidden(
            _("Only the person who uploaded the file can put it away."), rule="load.dismiss"
        )
    if load.state != Load.State.FAULTY:
        raise Conflict(_("This import is not waiting for a correction."))
    with act.changing(load, "state"):
        load.state = Load.State.DISMISSED
        load.save(update_fields=["state"])
    return load
