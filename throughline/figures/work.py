"""What of the figures waits for a person: imports that could not be stored."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.figures.models import Load
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group, Item


def work_for(actor: Actor) -> list[Item]:
    """The actor's own faulty imports, to be corrected or dismissed."""
    if actor.is_nobody:
        return []
    faulty = Load.objects.filter(person=actor.person, state=Load.State.FAULTY)
    return [
        Item(
            group=Group.RETURNED,
            verb=_("Correct the file"),
            title=load.file_name,
            detail=ngettext(
                "%(count)s fault found; nothing was stored",
                "%(count)s faults found; nothing was stored",
                load.refused,
            )
            % {"count": load.refused},
            url=reverse("load", args=[load.pk]),
            action=_("See the faults"),
            at=load.at,
            dated=_("uploaded %(ago)s"),
        )
        for load in faulty
    ]
