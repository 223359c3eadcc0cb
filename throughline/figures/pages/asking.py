"""What a page of figures was asked, read from its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.queries import (
    edition_by_key,
    edition_for,
    latest_answer,
    periods_of,
)
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_at, known_now
from throughline.places.models import Place
from throughline.places.queries import place_by_code, root
from throughline.plans.models import Edition, Indicator
from throughline.plans.queries import indicator_by_key, target_for

SPARK = 5
"""How many periods a sparkline shows."""


def known_of(request: HttpRequest) -> Known:
    """As known at the journal position that the address names, else now."""
    text = request.GET.get("position", "")
    if not text:
        return known_now()
    if not text.isdigit() or len(text) > 18:
        raise Invalid(_("A journal position is a whole number."))
    return known_at(int(text))


def page_of(request: HttpRequest) -> int:
    """The number of the page of a list, from 1."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdigit() and len(text) < 7 else 1


@dataclass(frozen=True)
class Asked:
    """An indicator at a place in a period, in an edition, as known at a time."""

    actor: Actor
    indicator: Indicator
    place: Place
    period: Period
    edition: Edition
    known: Known
    periods: tuple[Period, ...]

    @property
    def recent(self) -> list[Period]:
        """The periods up to the one asked, for sparklines and charts."""
        return [each for each in self.periods if each <= self.period][-SPARK:]

    def address(self) -> dict[str, Any]:
        """The parts of the address of the figure."""
        return {
            "scheme": self.indicator.scheme.key,
            "indicator": self.indicator.key,
            "unit": self.place.code,
            "period": self.period.code,
        }


def asked(request: HttpRequest, scheme: str, key: str) -> Asked:
    """Read the question of an indicator's page; what it leaves out is chosen so that there
    is something to see."""
    actor = actor_of(request)
    signed_in(actor)
    indicator = indicator_by_key(actor, key, scheme)
    known = known_of(request)
    periods = periods_of(indicator)
    code = request.GET.get("period", "")
    today = clock.now().date()
    period = Period.parse(code) if code else None
    day = period.end if period else today
    unit = request.GET.get("unit", "")
    place = place_by_code(indicator.scheme, unit, day) if unit else root(indicator.scheme, day)
    target = target_for(indicator, place)
    named = request.GET.get("edition", "")
    edition = edition_by_key(indicator.scheme, named) if named else None
    if period is None:
        found = latest_answer(actor, indicator, place, known=known)
        period = found.period if found else (periods or [Period(today.year)])[-1]
        edition = edition or (found.edition if found else None)
    chosen = edition or edition_for(indicator, period, known, target)
    return Asked(actor, indicator, place, period, chosen, known, tuple(periods))
