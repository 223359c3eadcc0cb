"""The journal by the API: the same entries as on its page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from throughline.bodies.authentication import actor_of
from throughline.bodies.queries import journal_visible_to, standing_of
from throughline.bodies.rules import Scope
from throughline.kernel.errors import Forbidden
from throughline.kernel.models import JournalEntry
from throughline.kernel.refusals import REFUSALS

router = Router()


class EntryOut(Schema):
    """One entry. `body` is the canonical text that `hash` is computed over, after the 32
    bytes of `previous`."""

    position: int
    at: datetime
    verb: str
    subject: str
    person: str
    body_code: str
    door: str
    previous: str
    hash: str
    body: str


@router.get("/journal", response={200: list[EntryOut], **REFUSALS})
def list_journal(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=2**62, description="begin behind this position")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    verb: Annotated[str, Query(max_length=80)] = "",
    subject: Annotated[str, Query(max_length=120)] = "",
) -> list[JournalEntry]:
    """Entries that the caller may see, in order."""
    actor = actor_of(request)
    if not standing_of(actor).allows(Scope.JOURNAL_READ):
        raise Forbidden("this token may not read the journal", rule="token.scope")
    entries = journal_visible_to(actor).filter(position__gt=after)
    if verb:
        entries = entries.filter(verb=verb)
    if subject:
        entries = entries.filter(subject=subject)
    return list(entries.order_by("position")[:limit])
