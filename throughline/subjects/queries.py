"""What stands beside a subject, and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Q, QuerySet

from throughline.bodies.queries import (
    NOTHING,
    acting_for,
    guiding,
    places_in_line,
    places_in_sight,
    standing_of,
)
from throughline.kernel.actor import Actor
from throughline.kernel.memory import once_a_request
from throughline.kernel.models import JournalEntry
from throughline.subjects.kinds import KINDS, Change, Subject
from throughline.subjects.models import Attachment, Beside, Following, Remark
from throughline.subjects.rules import Audience

B = TypeVar("B", bound=Beside)


def _seen(actor: Actor, subject: Subject) -> Q:
    """What beside a subject is meant for an actor; that the subject itself is visible is
    asked apart."""
    standing = standing_of(actor)
    if actor.is_nobody:
        return NOTHING
    if standing.audits:
        return Q()
    seen = Q(person=actor.person)
    if standing.body is not None and standing.sees_content:
        seen |= Q(audience=Audience.ALL)
        seen |= Q(audience__in=[Audience.BODY, Audience.LINE], body=standing.body)
        seen |= Q(audience=Audience.LINE) & _in_line(actor, standing.body, subject)
    return seen


@once_a_request(lambda actor, body, subject: (actor.capacity, body, subject.name))
def _in_line(actor: Actor, body: int, subject: Subject) -> Q:
    """What is said for the line, by whom the figures for the line of the same place are open
    to: a government reads its line, any other body its own place, all of it where it has a
    part in the subject, and its line of places where a body that guides it has one."""
    seen = places_in_sight("body__place", actor)
    part = KINDS[subject.kind].part
    if part is None:
        return seen
    seen |= Q(part(subject.key, acting_for(body)))
    # A government has the whole of its line already.
    above = frozenset() if standing_of(actor).governs else guiding(body)
    if above:
        seen |= Q(part(subject.key, above)) & places_in_line("body__place", actor)
    return seen


def _beside(rows: QuerySet[B], actor: Actor, subject: Subject) -> QuerySet[B]:
    return rows.filter(_seen(actor, subject), kind=subject.kind, key=subject.key).select_related(
        "body"
    )


def remarks_visible_to(actor: Actor, subject: Subject) -> QuerySet[Remark]:
    """The remarks on a subject that the actor sees, the last first; those taken back too,
    which are shown without their text."""
    return _beside(Remark.objects.all(), actor, subject)


def attachments_visible_to(actor: Actor, subject: Subject) -> QuerySet[Attachment]:
    """The attachments of a subject that stand and that the actor sees, the last first."""
    rows = Attachment.objects.filter(withdrawn_at__isnull=True).select_related("file")
    return _beside(rows, actor, subject)


def followed_by(actor: Actor) -> QuerySet[Following]:
    """What a person follows; nobody else sees it."""
    if actor.is_nobody:
        return Following.objects.none()
    return Following.objects.filter(person=actor.person)


@dataclass(frozen=True)
class Presence:
    """Whether anything was said beside a subject and whether a file stands there, for whomever,
    and whether the actor's person follows it."""

    remarks: bool
    attachments: bool
    followed: bool


_PRESENCE = """SELECT
    EXISTS (SELECT FROM subjects_remark WHERE kind = %(kind)s AND key = %(key)s),
    EXISTS (SELECT FROM subjects_attachment
        WHERE kind = %(kind)s AND key = %(key)s AND withdrawn_at IS NULL),
    EXISTS (SELECT FROM subjects_following
        WHERE kind = %(kind)s AND key = %(key)s AND person = %(person)s)"""


def presence_of(actor: Actor, subject: Subject) -> Presence:
    """What is worth asking for beside a subject: beside most there is nothing, and who may see
    nothing need not be found out."""
    if actor.is_nobody:
        return Presence(remarks=False, attachments=False, followed=False)
    asked = {"kind": subject.kind, "key": subject.key, "person": actor.person}
    with connection.cursor() as cursor:
        cursor.execute(_PRESENCE, asked)
        return Presence(*cursor.fetchone())


def changes_of(actor: Actor, subject: Subject, after: int) -> list[Change]:
    """What has happened to a subject after a journal position, as far as the actor sees it:
    what its room says, remarks and attachments of others; the last first."""
    found = [*KINDS[subject.kind].changes(actor, subject, after)]
    found += _said(remarks_visible_to(actor, subject), actor, subject, after)
    found += _said(attachments_visible_to(actor, subject), actor, subject, after)
    return sorted(found, key=lambda change: -change.position)


def _said(rows: QuerySet[B], actor: Actor, subject: Subject, after: int) -> list[Change]:
    news = entries_after(rows.exclude(person=actor.person).values("act"), after)
    by_act = {entry.act: entry.position for entry in news}
    given: Iterable[B] = rows.filter(act__in=by_act, withdrawn_at__isnull=True)
    return [
        Change(by_act[each.act], each.at, _line(each), f"{subject.url}#beside") for each in given
    ]


def _line(each: Beside) -> str:
    by = each.body.short if each.body else ""
    return f"{by}: {each}" if by else str(each)


def entries_after(acts: QuerySet[B, dict[str, Any]], after: int) -> QuerySet[JournalEntry]:
    """The journal entries of some acts (a subquery of their numbers) after a position."""
    return JournalEntry.objects.filter(act__in=acts, position__gt=after).only(
        "act", "position", "at"
    )
