"""Where a progress report stands that a cycle asks for. Pure."""

from __future__ import annotations

from enum import StrEnum


class Said(StrEnum):
    """Where a progress report stands that a cycle asks for."""

    NONE = "none"
    DRAFT = "draft"
    RETURNED = "returned"
    SIGNED = "signed"
    ACCEPTED = "accepted"


MISSING = frozenset({Said.NONE, Said.DRAFT, Said.RETURNED})
"""What keeps a report owing."""
