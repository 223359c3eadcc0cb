"""What waits for a person: the form in which every room offers it to My work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.utils.translation import gettext as _

from throughline.kernel.actor import Actor
from throughline.kernel.models import Draft


class Group(IntEnum):
    """The groups of My work, in the order in which they are shown."""

    OVERDUE = 1
    RETURNED = 2
    TO_DO = 3
    DUE_SOON = 4
    WAITING = 5
    STARTED = 6


@dataclass(frozen=True)
class Item:
    """One thing that waits: what it asks, what it is about, and where to do it; or several
    (`count`) that are dealt with in one place. `dated` says what its date is: of the time until
    which something is to be done (`due`), "due %(day)s"; where there is none, of that at which
    something was done (`at`), "laid %(ago)s" or "in force since %(day)s"."""

    group: Group
    verb: str
    title: str
    detail: str
    url: str
    action: str
    at: datetime
    dated: str
    due: datetime | None = None
    count: int = 1

    @property
    def is_to_do(self) -> bool:
        """Whether it is the person's own turn."""
        return self.group <= Group.DUE_SOON


def in_order(items: Iterable[Item]) -> list[Item]:
    """By group; within it by what is due first, then by what came last."""
    return sorted(
        items,
        key=lambda item: (
            item.group,
            item.due.timestamp() if item.due else float("inf"),
            -item.at.timestamp(),
        ),
    )


def drafts_of(actor: Actor) -> list[Item]:
    """What the person has typed and not sent."""
    return [
        Item(
            group=Group.STARTED,
            verb=_("Not yet sent"),
            title=draft.title,
            detail="",
            url=draft.url,
            action=_("Go on"),
            at=draft.updated_at,
            dated=_("last typed %(ago)s"),
        )
        for draft in Draft.objects.filter(person=actor.person)
    ]
