"""The only source of time: server time decides, stored in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """An instant as it stands in the journal: UTC, microseconds, always the same length.

    >>> to_text(datetime(2022, 6, 7, 8, 0, tzinfo=UTC))
    '2022-06-07T08:00:00.000000Z'
    """
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
