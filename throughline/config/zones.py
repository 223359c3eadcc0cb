"""Times are shown in the zone of the plan that a person works for."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from throughline.bodies.queries import body_of, standing_of
from throughline.kernel.actor import NOBODY, Actor
from throughline.plans.models import Plan

KEPT = 300
"""Seconds for which a scheme's zone is remembered by a process."""


def zone_of(actor: Actor) -> str:
    """The zone of a plan of the actor's own scheme; UTC where there is none."""
    body = body_of(standing_of(actor))
    if body is None or body.place is None:
        return "UTC"
    scheme = body.place.scheme_id
    key = f"zone-of-scheme-{scheme}"
    known: str | None = cache.get(key)
    if known is None:
        zones = Plan.objects.filter(scheme=scheme).values_list("zone", flat=True)
        known = zones.first() or "UTC"
        cache.set(key, known, KEPT)
    return known


class ZoneMiddleware:
    """Activates the reader's zone for the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = getattr(request, "actor", NOBODY)
        zone = "UTC" if actor.is_nobody else zone_of(actor)
        with timezone.override(ZoneInfo(zone)):
            return self.get_response(request)
