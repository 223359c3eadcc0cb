"""One byte string for one meaning: canonical JSON, as the journal stores and hashes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db.models import Model

from throughline.kernel.clock import to_text

ATOMS = frozenset({str, int, float, bool, type(None)})
"""What is plain as it stands; subclasses (an enumeration) may not be."""


def plain(value: Any) -> Any:
    """Reduce a value to what JSON holds; rows become their label and key, bytes their hash.

    Raises TypeError for what has no plain form, so that nothing is journaled by accident.
    """
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is dict:
        return {
            str(key): part if type(part) in ATOMS else plain(part) for key, part in value.items()
        }
    if kind is list:
        return [plain(part) for part in value]
    return _reduced(value)


def _reduced(value: Any) -> Any:
    """What is not plain as it stands."""
    match value:
        case Enum():
            return plain(value.value)
        case bool() | int() | float() | str():
            return value
        case datetime():
            return to_text(value)
        case date() | UUID() | Decimal() | PurePath():
            return str(value)
        case bytes():
            return f"sha256:{hashlib.sha256(value).hexdigest()}"
        case Model():
            return f"{value._meta.label_lower}:{value.pk}"
        case Mapping():
            return {str(key): plain(part) for key, part in value.items()}
        case Set():
            return sorted(plain(part) for part in value)
        case Sequence():
            return [plain(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "code"):
        return plain(value.code)
    raise TypeError(f"{type(value).__name__} has no place in the journal")


def canonical(value: Any) -> str:
    """Keys sorted, no white space, no escapes but the necessary; NaN is refused."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
