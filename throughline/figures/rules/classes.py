"""Classes of places by an indicator's value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SizeClass:
    """A class of a computed grouping: from its lower bound (included) up to the next."""

    key: str
    at_least: float


def classify(value: float | None, classes: Sequence[SizeClass]) -> str | None:
    """The class of a value, or None where there is no value or it lies below every class.

    >>> sizes = [SizeClass("small", 0), SizeClass("large", 1_000_000)]
    >>> classify(1_000_000, sizes), classify(999_999, sizes), classify(None, sizes)
    ('large', 'small', None)
    """
    if value is None:
        return None
    found = [each for each in classes if value >= each.at_least]
    return max(found, key=lambda each: each.at_least).key if found else None
