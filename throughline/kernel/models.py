from __future__ import annotations

from django.db import models


class JournalEntry(models.Model):
    """One act on record. Written by `@action` alone; never changed, never removed.

    The application supplies `body`, a canonical JSON text; a trigger of the database's
    owner checks that it is the next in the chain and derives every other column from it,
    so that no column can say anything else than what is hashed (see migration 0002).
    """

    append_only = True

    position = models.BigIntegerField(primary_key=True)
    act = models.BigIntegerField(unique=True, help_text="number that rows written by the act bear")
    at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    person = models.CharField(max_length=64)
    body_code = models.CharField(max_length=80)
    door = models.CharField(max_length=10)
    subject = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64)
    idempotency_key = models.CharField(max_length=200, null=True)
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    body = models.TextField()

    class Meta:
        verbose_name = "journal entry"
        verbose_name_plural = "journal entries"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "verb", "idempotency_key"], name="journal_key_used_once"
            )
        ]
        indexes = [
            models.Index(fields=["subject", "position"], name="journal_by_subject"),
            models.Index(fields=["person", "position"], name="journal_by_person"),
            models.Index(fields=["verb", "position"], name="journal_by_verb"),
            models.Index(fields=["at"], name="journal_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.verb} {self.subject}"


class Draft(models.Model):
    """What a person has typed and not sent. No act: nobody else sees it, nothing counts it."""

    person = models.CharField(max_length=64)
    form = models.CharField(max_length=200, help_text="the form and what it is about")
    url = models.CharField(max_length=500, help_text="where to go on")
    title = models.CharField(max_length=300)
    content = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "draft"
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["person", "form"], name="one_draft_per_form")
        ]

    def __str__(self) -> str:
        return self.title
