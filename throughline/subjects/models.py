"""Remarks, attachments and followers of a subject."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from throughline.bodies.models import Body
from throughline.files.models import StoredFile
from throughline.subjects.rules import Audience

AUDIENCES = [(each.value, each.value) for each in Audience]


class Beside(models.Model):
    """What somebody set beside a subject, for whom, and whether it was taken back. The text
    of what was taken back is no longer shown; the journal keeps that it was there."""

    kind = models.CharField(max_length=20, help_text="kind of the subject")
    key = models.CharField(max_length=200, help_text="the subject within its kind")
    audience = models.CharField(max_length=4, choices=AUDIENCES)
    person = models.CharField(max_length=64, help_text="opaque id")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    act = models.BigIntegerField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return self.withdrawn_at is None


class Remark(Beside):
    """批注: what somebody says about a subject."""

    text = models.TextField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "key", "-id"], name="remark_of_subject")]

    def __str__(self) -> str:
        return self.text[:60]


class Attachment(Beside):
    """附件: a file that somebody set beside a subject."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255, help_text="of the file as it was uploaded")
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "key", "-id"], name="attachment_of_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "file", "body"],
                condition=Q(withdrawn_at__isnull=True),
                name="a_body_attaches_a_file_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.title or self.name


class Following(models.Model):
    """关注: a person is told of what happens to a subject. `read_to` is the journal position
    up to which the person has read."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    person = models.CharField(max_length=64, help_text="opaque id")
    since = models.DateTimeField()
    read_to = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-since"]
        verbose_name_plural = "followings"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "key"], name="followed_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
