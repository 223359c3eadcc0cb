"""Whose turn it is to convene a working mechanism."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from throughline.bodies.queries import standing_of
from throughline.cascade.mechanisms import day_of, end_of, pulse_of, with_last_meeting
from throughline.cascade.models import Mechanism
from throughline.cascade.permissions import OFFICE
from throughline.cascade.queries import bodies_served
from throughline.cascade.rules.mechanism import (
    QUIET_MONTHS,
    Vitality,
    months_after,
    next_due,
    vitality,
)
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group, Item

SOON = timedelta(days=14)
"""How long before it is overdue a meeting stands in My work."""


def mechanisms_due(actor: Actor) -> list[Item]:
    """The mechanisms whose office the actor works in and whose meeting is overdue or due soon:
    to be convened, or put on record where they met."""
    standing = standing_of(actor)
    if standing.body is None or not standing.duties & OFFICE:
        return []
    rows = Mechanism.objects.filter(office__in=bodies_served(actor), ended_on=None)
    found = with_last_meeting(rows).select_related("plan", "place")
    return [item for each in found if (item := _item(each)) is not None]


def _item(mechanism: Mechanism) -> Item | None:
    """What My work says of a mechanism; nothing while it lives and no meeting is near."""
    pulse, today = pulse_of(mechanism), day_of(mechanism.plan)
    since = pulse.last or pulse.founded
    due = next_due(pulse) or months_after(since, QUIET_MONTHS)
    late = vitality(pulse, today) is not Vitality.ALIVE
    # One that meets as needed is asked about once it has been silent, never before.
    if not late and (not pulse.rhythm or due - today > SOON):
        return None
    return Item(
        group=Group.OVERDUE if late else Group.DUE_SOON,
        verb=_("Convene it, or record that it met"),
        title=mechanism.name,
        detail=mechanism.place.name,
        url=reverse("mechanism", args=[mechanism.pk]),
        action=_("Record a meeting"),
        at=end_of(since, mechanism.plan),
        dated=_("to meet by %(day)s"),
        due=end_of(due, mechanism.plan),
    )
