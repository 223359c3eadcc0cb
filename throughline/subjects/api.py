"""Remarks, attachments and following by the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from throughline.bodies.authentication import actor_of
from throughline.files.storage import store
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS
from throughline.subjects import actions
from throughline.subjects.kinds import Subject, subject_visible_to
from throughline.subjects.models import Attachment, Remark
from throughline.subjects.queries import (
    attachments_visible_to,
    followed_by,
    remarks_visible_to,
)
from throughline.subjects.rules import Audience

router = Router()

Size = Annotated[int, Field(ge=1, le=500)]


class RemarkIn(Schema):
    text: str
    audience: Audience


class RemarkOut(Schema):
    """A remark; `text` is null once it was taken back."""

    id: int
    subject: str
    body: str | None
    audience: Audience
    at: datetime
    text: str | None
    withdrawn_at: datetime | None


class AttachmentOut(Schema):
    id: int
    subject: str
    body: str | None
    audience: Audience
    at: datetime
    name: str
    title: str
    size: int = Field(description="bytes")
    sha256: str
    url: str


class FollowedOut(Schema):
    """A followed subject, and the journal position up to which its person has read."""

    kind: str
    key: str
    since: datetime
    read_to: int


def _remark(row: Remark) -> RemarkOut:
    return RemarkOut(
        id=row.pk,
        subject=f"{row.kind}:{row.key}",
        body=row.body.key if row.body else None,
        audience=Audience(row.audience),
        at=row.at,
        text=row.text if row.stands else None,
        withdrawn_at=row.withdrawn_at,
    )


def _attachment(row: Attachment) -> AttachmentOut:
    return AttachmentOut(
        id=row.pk,
        subject=f"{row.kind}:{row.key}",
        body=row.body.key if row.body else None,
        audience=Audience(row.audience),
        at=row.at,
        name=row.name,
        title=row.title,
        size=row.file.size,
        sha256=row.file.sha256,
        url=reverse("attachment", args=[row.pk]),
    )


def _subject(request: HttpRequest, kind: str, key: str) -> tuple[Actor, Subject]:
    actor = actor_of(request)
    return actor, subject_visible_to(actor, kind, key)


@router.get("/remarks", response={200: list[RemarkOut]} | REFUSALS)
def list_remarks(
    request: HttpRequest, kind: str, key: str, before: int | None = None, limit: Size = 100
) -> list[RemarkOut]:
    """The remarks on a subject, the last first; `before` is an id, for the next page."""
    actor, subject = _subject(request, kind, key)
    rows = remarks_visible_to(actor, subject)
    if before is not None:
        rows = rows.filter(pk__lt=min(before, 2**62))
    return [_remark(row) for row in rows[:limit]]


@router.post("/remarks", response={201: RemarkOut} | REFUSALS)
def add_remark(request: HttpRequest, kind: str, key: str, given: RemarkIn) -> Status[RemarkOut]:
    """Say something about a subject."""
    actor, subject = _subject(request, kind, key)
    row = actions.add_remark(actor, subject=subject, text=given.text, audience=given.audience)
    return Status(201, _remark(row))


@router.post("/remarks/{id}/withdraw", response={200: RemarkOut} | REFUSALS)
def withdraw_remark(request: HttpRequest, id: int) -> RemarkOut:
    """Take a remark back."""
    found = Remark.objects.filter(pk=id).first() if 0 <= id < 2**62 else None
    if found is not None:
        actor, subject = _subject(request, found.kind, found.key)
        if remarks_visible_to(actor, subject).filter(pk=id).exists():
            return _remark(actions.withdraw_remark(actor, remark=found))
    raise NotFound(_("There is no such remark."))


@router.get("/attachments", response={200: list[AttachmentOut]} | REFUSALS)
def list_attachments(request: HttpRequest, kind: str, key: str) -> list[AttachmentOut]:
    """The files that stand beside a subject, the last first."""
    actor, subject = _subject(request, kind, key)
    return [_attachment(row) for row in attachments_visible_to(actor, subject)]


@router.post("/attachments", response={201: AttachmentOut} | REFUSALS)
def add_attachment(
    request: HttpRequest,
    kind: str,
    key: str,
    audience: Form[Audience],
    file: File[UploadedFile],
    title: Form[str] = "",
) -> Status[AttachmentOut]:
    """Set a file beside a subject, as multipart/form-data."""
    actor, subject = _subject(request, kind, key)
    name = file.name or "upload"
    row = actions.add_attachment(
        actor, subject=subject, file=store(file.read(), name), name=name,
        title=title, audience=audience,
    )  # fmt: skip
    return Status(201, _attachment(row))


@router.post("/attachments/{id}/withdraw", response={200: AttachmentOut} | REFUSALS)
def withdraw_attachment(request: HttpRequest, id: int) -> AttachmentOut:
    """Take an attachment away; the record keeps it."""
    found = Attachment.objects.filter(pk=id).first() if 0 <= id < 2**62 else None
    if found is not None:
        actor, subject = _subject(request, found.kind, found.key)
        if attachments_visible_to(actor, subject).filter(pk=id).exists():
            return _attachment(actions.withdraw_attachment(actor, attachment=found))
    raise NotFound(_("There is no such attachment."))


@router.get("/followed", response={200: list[FollowedOut]} | REFUSALS)
def list_followed(request: HttpRequest) -> list[FollowedOut]:
    """What I follow."""
    return [
        FollowedOut(kind=row.kind, key=row.key, since=row.since, read_to=row.read_to)
        for row in followed_by(actor_of(request))
    ]


@router.post("/followed", response={204: None} | REFUSALS)
def follow_subject(request: HttpRequest, kind: str, key: str) -> Status[None]:
    """Follow a subject."""
    actor, subject = _subject(request, kind, key)
    actions.follow_subject(actor, subject=subject)
    return Status(204, None)


@router.delete("/followed", response={204: None} | REFUSALS)
def unfollow_subject(request: HttpRequest, kind: str, key: str) -> Status[None]:
    """Follow a subject no more."""
    actor, subject = _subject(request, kind, key)
    actions.unfollow_subject(actor, subject=subject)
    return Status(204, None)
