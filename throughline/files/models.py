"""Files as they came in, known by their content."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """One content; uploading it twice keeps it once. The bytes lie in the home's `files/`."""

    append_only = True

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=120, blank=True)
    original_name = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.original_name
