"""What bodies are told, and who has read it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from throughline.bodies.models import Body, Post


class Notice(models.Model):
    """通知: something that a body is told, or one post of it, or one person in it.

    Whoever holds a post there when reading gets it, so a successor does too. What it says is
    put into words when it is read, from `facts`, in the reader's language. Written within the
    act that it tells of, whose number it bears; never changed.
    """

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    person = models.CharField(max_length=64, blank=True, help_text="opaque id; empty: not narrowed")
    kind = models.SlugField(max_length=40, db_index=False)
    subject = models.CharField(max_length=230, help_text="kind and key in one word")
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=500, help_text="path of the page that it is about")
    at = models.DateTimeField()
    act = models.BigIntegerField()
    due = models.DateTimeField(null=True)
    reading_only = models.BooleanField(default=False, help_text="阅件: asks nothing but reading")

    class Meta:
        ordering = ["-id"]
        indexes = [
            # All that decides who gets it: lists and counts need not look at the rows.
            models.Index(fields=["body", "-id"], include=["post", "person"], name="notice_of_body")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=True) | Q(person=""), name="notice_narrowed_once"
            ),
            models.CheckConstraint(condition=Q(url__startswith="/"), name="notice_leads_within"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Reading(models.Model):
    """阅: a person has read a notice. What one has read, a colleague may still have to."""

    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="readings", db_index=False
    )
    person = models.CharField(max_length=64, help_text="opaque id")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "notice"], name="read_once")]

    def __str__(self) -> str:
        return f"{self.person} {self.notice_id}"
