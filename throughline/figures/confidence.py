"""What bodies have judged of targets, as known at a time: the last word, and every one before."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from throughline.figures.models import Confidence
from throughline.kernel.models import JournalEntry
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Indicator, Plan


def judgements(known: Known) -> QuerySet[Confidence]:
    """All judgements, as known at a position."""
    if known.is_now:
        return Confidence.objects.all()
    acts = JournalEntry.objects.filter(position__lte=known.position).values("act")
    return Confidence.objects.filter(act__in=acts)


def latest_judgements(
    plan: Plan, indicators: Collection[Indicator], known: Known
) -> dict[tuple[int, int], Confidence]:
    """By indicator and place (their ids), the last judgement of a plan's targets."""
    rows = judgements(known).filter(plan=plan, indicator__in=[each.pk for each in indicators])
    last = rows.order_by("indicator_id", "place_id", "-id").distinct("indicator_id", "place_id")
    return {(row.indicator_id, row.place_id): row for row in last}


def judged_at(
    indicators: Sequence[Indicator], place: Place, known: Known
) -> dict[tuple[int, int], Confidence]:
    """By plan and indicator (their ids), the last judgement at a place. One statement."""
    rows = judgements(known).filter(place=place, indicator__in=[each.pk for each in indicators])
    last = rows.order_by("plan_id", "indicator_id", "-id").distinct("plan_id", "indicator_id")
    return {(row.plan_id, row.indicator_id): row for row in last}


def history_at(plan: Plan, indicator: Indicator, place: Place, known: Known) -> list[Confidence]:
    """Every judgement of a target at a place, the last one first."""
    rows = judgements(known).filter(plan=plan, indicator=indicator, place=place)
    return list(rows.select_related("body").order_by("-id"))
