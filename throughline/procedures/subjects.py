"""Cases as subjects that one remarks on, attaches to and follows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.text import is_id
from throughline.procedures.models import Case
from throughline.procedures.queries import case_by_id, part_of
from throughline.procedures.telling import address_of
from throughline.procedures.words import ACTS
from throughline.subjects.kinds import Change, Subject, SubjectKind


def _case(actor: Actor, key: str) -> Subject:
    if not is_id(key):
        raise NotFound(_("There is no such case."))
    found = case_by_id(actor, int(key))
    return Subject("case", key, f"{found.title} ({found.number})", address_of(found))


def _happened(_actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    entries = JournalEntry.objects.filter(
        subject=f"procedures.case:{subject.key}", position__gt=after
    )
    return [
        Change(each.position, each.at, str(ACTS[each.verb]), subject.url)
        for each in entries.only("position", "at", "verb")
        if each.verb in ACTS
    ]


def _parties(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies submitted it, leads it, or has a step in it."""
    return Exists(Case.objects.filter(part_of(bodies), pk=int(key) if is_id(key) else -1))


SUBJECTS = {"case": SubjectKind(gettext_lazy("Case"), _case, _happened, _parties)}
