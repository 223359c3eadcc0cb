"""What the checks find in a plan now, found once for each state of the journal."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.cache import cache

from throughline.cascade.checking import Finding, check, read
from throughline.kernel import clock, journal
from throughline.plans.models import Plan

KEPT = 300
"""Seconds: findings depend on the hour too, by the times to answer."""


def findings_of(plan: Plan) -> list[Finding]:
    """What is found in a plan and the local plans below it, the gravest first."""
    known: list[Finding] | None = cache.get(_key(plan))
    if known is None:
        now = clock.now()
        today = now.astimezone(ZoneInfo(plan.zone)).date()
        known = sorted(check(read(plan), today=today, now=now), key=lambda each: -each.severity)
        cache.set(_key(plan), known, KEPT)
    return known


def are_known(plan: Plan) -> bool:
    """Whether the present findings are at hand."""
    return _key(plan) in cache


def _key(plan: Plan) -> str:
    day = clock.now().astimezone(ZoneInfo(plan.zone)).date()
    return f"findings-{plan.pk}-{journal.head()[0]}-{day}"
