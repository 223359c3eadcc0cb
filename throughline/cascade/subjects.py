"""Assignments as subjects that one remarks on, attaches to and follows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.cascade.models import Assignment
from throughline.cascade.queries import assignment_by_id
from throughline.cascade.words import ACTS
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.text import is_id
from throughline.subjects.kinds import Change, Subject, SubjectKind


def assignment_subject(row: Assignment) -> Subject:
    """An assignment as a subject."""
    title = f"{row.element.title} · {row.body.short}"
    return Subject("assignment", str(row.pk), title, reverse("assignment", args=[row.pk]))


def _find(actor: Actor, key: str) -> Subject:
    if not is_id(key):
        raise NotFound(_("There is no such assignment."))
    return assignment_subject(assignment_by_id(actor, int(key)))


def _changes(actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    """The acts of its life on record. What happens to its claims and reports is told to the
    bodies that have to act on it."""
    entries = JournalEntry.objects.filter(
        subject=f"cascade.assignment:{subject.key}", verb__in=ACTS, position__gt=after
    )
    return [
        Change(entry.position, entry.at, str(ACTS[entry.verb]), subject.url) for entry in entries
    ]


def _part(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies owes it or laid it out."""
    part = Q(body__in=bodies) | Q(issuer__in=bodies)
    return Exists(Assignment.objects.filter(part, pk=int(key)))


SUBJECTS = {
    "assignment": SubjectKind(gettext_lazy("Assignment"), _find, _changes, _part),
}
