"""Contests as subjects: their evidence is attached to them, and one remarks on them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.text import is_id
from throughline.reporting.contesting import contest_subject
from throughline.reporting.models import Contest
from throughline.reporting.queries import contest_by_id
from throughline.reporting.words import ACTS
from throughline.subjects.kinds import Change, Subject, SubjectKind


def _contest(actor: Actor, key: str) -> Subject:
    if not is_id(key):
        raise NotFound(_("There is no such contested figure."))
    return contest_subject(contest_by_id(actor, int(key)))


def _happened(_actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    entries = JournalEntry.objects.filter(
        subject=f"reporting.contest:{subject.key}", position__gt=after
    )
    return [
        Change(each.position, each.at, str(ACTS[each.verb]), subject.url)
        for each in entries.only("position", "at", "verb")
        if each.verb in ACTS
    ]


def _parties(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies asks, or produces the figure and answers."""
    part = Q(body__in=bodies) | Q(series__producer__in=bodies)
    return Exists(Contest.objects.filter(part, pk=int(key) if is_id(key) else -1))


SUBJECTS = {
    "contest": SubjectKind(gettext_lazy("Contested figure"), _contest, _happened, _parties),
}
