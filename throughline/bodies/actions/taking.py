"""What only one may have: the database's constraint decides, and the later one is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from throughline.kernel.errors import Conflict


@contextmanager
def taken_once(message: str, place: str) -> Iterator[None]:
    """Within the block a row is created whose key no other may bear; raises Conflict with
    this message about this field where another bears it. To look first would be a race."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(message, place=place) from error
