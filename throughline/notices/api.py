"""The inbox by the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from throughline.bodies.authentication import actor_of
from throughline.kernel import journal
from throughline.kernel.refusals import REFUSALS
from throughline.notices import actions
from throughline.notices.kinds import sentence_of
from throughline.notices.models import Notice
from throughline.notices.permissions import require_addressed
from throughline.notices.queries import LAST, inbox_of, unread_count

router = Router()

Size = Annotated[int, Field(ge=1, le=500)]
Number = Annotated[int, Field(ge=0, le=LAST)]


class NoticeOut(Schema):
    """A notice; `title` and `detail` are in the language of the request, `facts` is what they
    are made from."""

    id: int
    kind: str
    subject: str
    title: str
    detail: str
    facts: dict[str, Any]
    url: str
    at: datetime
    due: datetime | None
    reading_only: bool = Field(description="asks nothing but reading")
    read: bool


class InboxOut(Schema):
    """Part of an inbox. `position` is the journal's when it was looked at: what
    `read_all_notices` takes to mark what stood here, and nothing that came later."""

    position: int
    unread: int
    notices: list[NoticeOut]


class ReadOut(Schema):
    """How many notices were unread and are read now."""

    read: int


def _notice(row: Notice, read: bool) -> NoticeOut:
    sentence = sentence_of(row.kind, row.subject, row.facts)
    return NoticeOut(
        id=row.pk,
        kind=row.kind,
        subject=row.subject,
        title=sentence.title,
        detail=sentence.detail,
        facts=row.facts,
        url=row.url,
        at=row.at,
        due=row.due,
        reading_only=row.reading_only,
        read=read,
    )


@router.get("/notices", response={200: InboxOut} | REFUSALS)
def list_notices(
    request: HttpRequest, unread: bool = False, before: Number = LAST, limit: Size = 100
) -> InboxOut:
    """My inbox, the last first, or what is unread there; `before` is an id, for the next page."""
    actor = actor_of(request)
    position = journal.head()[0]
    found = inbox_of(actor, unread=unread, before=before, length=limit)
    return InboxOut(
        position=position,
        unread=unread_count(actor),
        notices=[_notice(row, read) for row, read in found.lines],
    )


@router.post("/notices/read", response={200: ReadOut} | REFUSALS)
def read_all_notices(request: HttpRequest, position: Number) -> ReadOut:
    """Have read all notices of acts up to a position of the journal."""
    return ReadOut(read=actions.read_all_notices(actor_of(request), position=position))


@router.post("/notices/{id}/read", response={200: NoticeOut} | REFUSALS)
def read_notice(request: HttpRequest, id: int) -> NoticeOut:
    """Have read a notice."""
    actor = actor_of(request)
    found = require_addressed(actor, id)
    return _notice(actions.read_notice(actor, notice=found), True)
