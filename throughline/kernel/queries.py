"""Reading the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from throughline.kernel import clock, journal
from throughline.kernel.errors import Invalid
from throughline.kernel.models import JournalEntry


@dataclass(frozen=True)
class Known:
    """A state of knowledge: everything up to a journal position, and when that was."""

    position: int
    at: datetime
    is_now: bool


def known_now() -> Known:
    """What is known now: the head of the journal."""
    return Known(journal.head()[0], clock.now(), is_now=True)


def known_at(position: int) -> Known:
    """What was known at a position; 0 is before everything."""
    last, _hash, _at = journal.head()
    if not 0 <= position <= last:
        raise Invalid(
            _("The journal has no position %(position)s.") % {"position": position},
            remedy=_("Positions run from 0 to %(last)s.") % {"last": last},
        )
    entry = JournalEntry.objects.filter(position=position).only("at").first()
    at = entry.at if entry else datetime.min.replace(tzinfo=clock.now().tzinfo)
    return Known(position, at, is_now=False)


def position_at(instant: datetime) -> Known:
    """The last position committed by an instant; the same answer whenever it is asked.

    An act may have taken its time just before and not yet be committed, so the question
    waits for the journal's lock once.
    """
    if instant > clock.now():
        raise Invalid(_("What will be known in the future cannot be asked."))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [journal.LOCK])
        cursor.execute(
            "SELECT coalesce(max(position), 0) FROM kernel_journalentry WHERE at <= %s", [instant]
        )
        row = cursor.fetchone()
    return Known(int(row[0]), instant, is_now=False)


def entries_after(position: int = 0, *, batch: int = 1000) -> Iterator[JournalEntry]:
    """Entries in order, behind a position, without holding them all in memory."""
    while True:
        entries = list(JournalEntry.objects.filter(position__gt=position)[:batch])
        if not entries:
            return
        yield from entries
        position = entries[-1].position


@dataclass(frozen=True)
class Entry:
    """That a person did something, and when."""

    verb: str
    at: datetime
    person: str


def entries_about(subject: str, verbs: Collection[str]) -> list[Entry]:
    """What was done to a subject under some verbs, in order. Without what each act changed: a
    room shows of its own rows what their readers may see."""
    rows = JournalEntry.objects.filter(subject=subject, verb__in=verbs).order_by("position")
    return [Entry(*row) for row in rows.values_list("verb", "at", "person")]
