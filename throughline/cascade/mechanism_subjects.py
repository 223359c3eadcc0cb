"""Working mechanisms as subjects that one remarks on, attaches to and follows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.cascade.mechanisms import mechanism_by_id, mechanisms_visible_to
from throughline.cascade.models import Mechanism
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.text import is_id
from throughline.subjects.kinds import Change, Subject, SubjectKind

HAPPENED = {
    "mechanism.register": gettext_lazy("It was put on record."),
    "mechanism.change": gettext_lazy("It was changed."),
    "mechanism.record_meeting": gettext_lazy("A meeting was recorded."),
    "mechanism.correct_meeting": gettext_lazy("The record of a meeting was corrected."),
    "mechanism.end": gettext_lazy("It was ended."),
}
"""What is told to those who follow a working mechanism."""


def mechanism_subject(mechanism: Mechanism) -> Subject:
    """A working mechanism."""
    key = str(mechanism.pk)
    return Subject("mechanism", key, mechanism.name, reverse("mechanism", args=[key]))


def _mechanism(actor: Actor, key: str) -> Subject:
    if not is_id(key):
        raise NotFound(_("There is no such working mechanism."))
    return mechanism_subject(mechanism_by_id(actor, int(key)))


def _changes(actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    """What was done to it after a position, as far as it exists for the actor."""
    if not mechanisms_visible_to(actor).filter(pk=int(subject.key)).exists():
        return []
    entries = JournalEntry.objects.filter(
        subject=f"cascade.mechanism:{subject.key}", verb__in=HAPPENED, position__gt=after
    )
    return [
        Change(each.position, each.at, str(HAPPENED[each.verb]), subject.url) for each in entries
    ]


def _belonging(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies is a member of the mechanism or its office, or leads its plan."""
    of_it = Mechanism.members.through.objects.filter(mechanism=OuterRef("pk"), body__in=bodies)
    part = Q(Exists(of_it)) | Q(office__in=bodies) | Q(plan__lead_body__in=bodies)
    return Exists(Mechanism.objects.filter(part, pk=int(key)))


SUBJECTS = {
    # Translators: 工作机制
    "mechanism": SubjectKind(gettext_lazy("Working mechanism"), _mechanism, _changes, _belonging),
}
