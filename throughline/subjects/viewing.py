"""What stands beside a subject, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from throughline.bodies.queries import names_of, standing_of
from throughline.bodies.rules import Duty
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.subjects.kinds import KINDS, Subject, subject_visible_to
from throughline.subjects.models import Attachment, Beside, Remark
from throughline.subjects.queries import (
    attachments_visible_to,
    changes_of,
    followed_by,
    presence_of,
    remarks_visible_to,
)
from throughline.subjects.rules import Audience, may_withdraw
from throughline.subjects.words import AUDIENCES
from throughline.ui.shapes import Attached, BesidePanel, Event, Said

FIRST = 3
"""How many remarks a subject's own page shows; the rest stand on a page of their own."""

MOST_NEWS = 20
"""How many of the things that happened to a followed subject are listed."""


@dataclass(frozen=True)
class _Reader:
    """What decides which of the lines a reader may take back."""

    actor: Actor
    body: int | None
    reviews: bool
    speaks: bool

    @classmethod
    def of(cls, actor: Actor) -> _Reader:
        standing = standing_of(actor)
        speaks = standing.post is not None and standing.sees_content
        return cls(actor, standing.body, Duty.REVIEW in standing.duties, speaks)

    def may_withdraw(self, each: Beside) -> bool:
        return self.speaks and may_withdraw(
            author=each.person == self.actor.person,
            same_body=self.body is not None and self.body == each.body_id,
            reviews=self.reviews,
        )


def panel(actor: Actor, subject: Subject, *, start: int = 0, length: int = FIRST) -> BesidePanel:
    """Remarks (some of them, the last first), attachments and whether it is followed."""
    reader = _Reader.of(actor)
    there = presence_of(actor, subject)
    remarks = remarks_visible_to(actor, subject) if there.remarks else Remark.objects.none()
    shown = list(remarks[start : start + length])
    attached = list(attachments_visible_to(actor, subject)) if there.attachments else []
    names = names_of({each.person for each in [*shown, *attached]}) if shown or attached else {}
    address = [subject.kind, subject.key]
    return BesidePanel(
        url=reverse("beside", args=address),
        remarks=[_said(each, names, reader) for each in shown],
        total=remarks.count() if len(shown) == length or start else len(shown),
        attachments=[_attached(each, names, reader) for each in attached],
        followed=there.followed,
        follow_url=reverse("follow-subject", args=address),
        unfollow_url=reverse("unfollow-subject", args=address),
        may_speak=reader.speaks,
    )


def _by(each: Beside, names: dict[str, str]) -> str:
    body = each.body.short if each.body else ""
    return ", ".join(part for part in (names.get(each.person, ""), body) if part)


def _for_whom(each: Beside) -> str:
    return str(AUDIENCES[Audience(each.audience)])


def _said(each: Remark, names: dict[str, str], reader: _Reader) -> Said:
    url = reverse("withdraw-remark", args=[each.pk])
    return Said(
        at=each.at,
        by=_by(each, names),
        text=each.text if each.stands else "",
        audience=_for_whom(each),
        withdrawn_at=each.withdrawn_at,
        withdraw_url=url if each.stands and reader.may_withdraw(each) else "",
    )


def _attached(each: Attachment, names: dict[str, str], reader: _Reader) -> Attached:
    url = reverse("withdraw-attachment", args=[each.pk])
    return Attached(
        title=each.title or each.name,
        name=each.name,
        size=each.file.size,
        at=each.at,
        by=_by(each, names),
        audience=_for_whom(each),
        url=reverse("attachment", args=[each.pk]),
        withdraw_url=url if reader.may_withdraw(each) else "",
    )


@dataclass(frozen=True)
class Followed:
    """One followed subject with what happened to it since its person last read; at most
    `MOST_NEWS` lines of `count`."""

    subject: Subject
    word: str
    count: int
    news: list[Event]
    unfollow_url: str


@dataclass(frozen=True)
class Gone:
    """What was followed and is no longer there for the person."""

    name: str
    unfollow_url: str


def followed(actor: Actor) -> tuple[list[Followed], list[Gone]]:
    """What a person follows: first where something happened, the latest first."""
    found, gone = [], []
    for each in followed_by(actor):
        leave = reverse("unfollow-subject", args=[each.kind, each.key])
        try:
            subject = subject_visible_to(actor, each.kind, each.key)
        except NotFound:
            gone.append(Gone(str(each), leave))
            continue
        changes = changes_of(actor, subject, each.read_to)
        news = [Event(change.at, change.text, url=change.url) for change in changes[:MOST_NEWS]]
        word = str(KINDS[subject.kind].word)
        found.append((changes, Followed(subject, word, len(changes), news, leave)))
    found.sort(key=lambda pair: -(pair[0][0].position if pair[0] else 0))
    return [one for _changes, one in found], gone
