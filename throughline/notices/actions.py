"""What people do with what they are told: they read it."""

from __future__ import annotations

from collections.abc import Iterable

from throughline.bodies.permissions import signed_in
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.memory import forget
from throughline.notices.models import Notice, Reading
from throughline.notices.permissions import require_addressed
from throughline.notices.queries import UNREAD, unread_told_by


@action("notice.read")
def read_notice(act: Act, *, notice: Notice) -> Notice:
    """Have read a notice. Reading it twice is reading it once; colleagues still have to."""
    found = require_addressed(act.actor, notice.pk)
    _read(act, [found.pk])
    act.about(found)
    return found


@action("notice.read_all")
def read_all_notices(act: Act, *, position: int) -> int:
    """Have read all that was told by acts up to a position of the journal; what came to light
    later stays unread. Returns how many were unread."""
    signed_in(act.actor)
    unread = unread_told_by(act.actor, position)
    _read(act, unread)
    act.record(position=position, notices=len(unread))
    return len(unread)


def _read(act: Act, notices: Iterable[int]) -> None:
    at = clock.now()
    rows = [Reading(notice_id=notice, person=act.actor.person, at=at) for notice in notices]
    Reading.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    forget((UNREAD, *act.actor.capacity))
