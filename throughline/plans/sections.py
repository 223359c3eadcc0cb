"""What the rooms above show on the page of an element.

`config/wiring.py` says which rooms have something to show, in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from throughline.plans.models import Element


@dataclass(frozen=True)
class Section:
    """A part of the page: its template, and what it shows there under the name `shown`."""

    template: str
    shown: Any


Shower = Callable[[HttpRequest, Element], Section | None]
"""Gets an element in force with its version, plan and the body that leads it at hand."""

SHOWERS: list[Shower] = []


def declare(shower: Shower) -> None:
    """Let a room show something. Called by `config/wiring.py` when the product starts."""
    if shower not in SHOWERS:
        SHOWERS.append(shower)


def sections_of(request: HttpRequest, element: Element) -> list[Section]:
    """What the rooms above have to show beside an element in force."""
    found = (shower(request, element) for shower in SHOWERS)
    return [section for section in found if section is not None]
