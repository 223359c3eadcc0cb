"""Answers in the form that the API and `--json` give. These names are a contract.

All figures are in the indicator's unit and at its published decimals (63.84, not 0.6384);
`null` means that there is none, never zero.
"""

from __future__ import annotations

from typing import Any

from throughline.figures import rules
from throughline.figures.judging import Answer, Crossing
from throughline.figures.models import Series
from throughline.figures.queries import group_figures
from throughline.figures.rollup import Figure, Stated
from throughline.figures.surveying import Stand, survey
from throughline.figures.telling import not_judged, target_text, unjudged
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.period import Period
from throughline.kernel.queries import known_now
from throughline.places.models import Place
from throughline.places.queries import place_by_code
from throughline.plans.models import Indicator, PlanVersion
from throughline.plans.queries import measured_by


def _shown(value: float | None, indicator: Indicator) -> float | int | None:
    """A figure at its indicator's decimals; a whole number where it has none."""
    shown = rules.shown(value, indicator.decimals)
    return int(shown) if shown is not None and indicator.decimals == 0 else shown


def _stated(each: Stated, indicator: Indicator) -> dict[str, Any]:
    return {
        "value": _shown(each.value, indicator),
        "status": each.status,
        "simulated": each.simulated,
        **_series(each.series),
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "series": series.key,
        "producer": series.producer.key,
        "nature": series.nature,
        "source": series.source,
    }


def sources_of(figure: Figure, indicator: Indicator) -> list[dict[str, Any]]:
    """The series behind a figure: official ones first, with what each states."""
    stated = [each for each in (figure.official, figure.own, *figure.stated) if each]
    found = [_stated(each, indicator) | {"role": "stated"} for each in stated]
    found += [_series(series) | {"role": "summed"} for series in figure.series]
    return found


def _bridged(crossing: Crossing, indicator: Indicator) -> dict[str, Any]:
    bridge = crossing.bridge
    return {
        "value": _shown(crossing.value, indicator),
        "unbridged": _shown(crossing.before, indicator),
        "from_edition": bridge.origin.key,
        "to_edition": bridge.onto.key,
        "kind": bridge.kind,
        "factor": crossing.link.factor,
        "shift": crossing.link.shift,
        "period": bridge.period or None,
        "source": bridge.source,
        "support": bridge.support,
        "illustrative": bridge.illustrative,
        "simulated": bridge.simulated,
    }


def _put_together(figure: Figure, indicator: Indicator) -> dict[str, Any] | None:
    """Of a longer period: how many of the shorter ones in it are there, and what they come to."""
    whole = figure.whole
    if whole is None:
        return None
    return {
        "span": indicator.span,
        "over_time": indicator.over_time,
        "given": whole.given,
        "expected": whole.expected,
        "so_far": _shown(whole.so_far, indicator),
    }


def as_dict(found: Answer) -> dict[str, Any]:
    """An answer with everything behind it."""
    figure, indicator = found.figure, found.indicator
    return {
        "indicator": indicator.key,
        "unit": found.place.code,
        "unit_of_measure": indicator.symbol or indicator.unit,
        "period": found.period.code,
        "edition": found.edition.key,
        "value": _shown(found.figure.value, indicator),
        "basis": figure.basis,
        "put_together": _put_together(figure, indicator),
        "official": _shown(figure.official.value, indicator) if figure.official else None,
        "rollup": _shown(figure.rollup, indicator),
        "rollup_accepted": _shown(figure.accepted, indicator),
        "stated": [_stated(each, indicator) for each in figure.stated],
        "provisional": figure.provisional,
        "simulated": figure.simulated,
        "completeness": {
            "reported": figure.reported,
            "expected": figure.expected,
            "weight": None if figure.weight is None else round(figure.weight, 6),
        },
        "status": str(found.status),
        "not_judged": not_judged(found) or None,
        "not_judged_because": found.judgement.why,
        "target": target_text(found.target, indicator) or None,
        "met": found.judgement.met,
        "moved": found.judgement.move,
        "bridged": _bridged(found.crossing, indicator) if found.crossing else None,
        "expected_by_now": _shown(found.expected, indicator),
        "progress": None if found.progress is None else round(found.progress, 4),
        "sources": sources_of(figure, indicator),
        "position": found.known.position,
        "known_at": None if found.known.is_now else found.known.at.isoformat(),
    }


def status_lines(actor: Actor, version: PlanVersion, unit: str = "") -> list[dict[str, Any]]:
    """Where each indicator of a plan stands at a place, in its last period with a figure."""
    place: Place = version.plan.place
    if unit:
        place = place_by_code(version.plan.scheme, unit, clock.now().date())
    stands = survey(actor, measured_by(version), place, known=known_now())
    return [_status_line(stand, place) for stand in stands.values()]


def _status_line(stand: Stand, place: Place) -> dict[str, Any]:
    indicator, found = stand.indicator, stand.latest
    return {
        "indicator": indicator.key,
        "title": indicator.title,
        "unit": indicator.symbol or indicator.unit,
        "place": place.code,
        "period": found.period.code if found else None,
        "value": _shown(found.figure.value, indicator) if found else None,
        "basis": found.figure.basis if found else "none",
        "status": str(found.status if found else rules.Status.NO_DATA),
        "not_judged": _not_judged(stand),
        "target": target_text(stand.target, indicator),
        "confidence": stand.confidence.level if stand.confidence else None,
        "simulated": bool(found and found.figure.simulated),
    }


def _not_judged(stand: Stand) -> str | None:
    """Why a line has no status; nothing of an indicator is known at all where it has no
    answer."""
    if stand.latest is not None:
        return not_judged(stand.latest) or None
    why = rules.Why.NO_FIGURE if stand.target else rules.Why.NO_TARGET
    return unjudged(why)


def group_lines(
    actor: Actor, indicator: Indicator, grouping: str, period: Period
) -> list[dict[str, Any]]:
    """An indicator's figures by group; each with how many places belong to the group."""
    return [
        {
            "group": each.group.key,
            "name": each.group.name,
            "at_least": each.group.at_least,
            "places": len(each.places),
            "value": _shown(each.figure.rollup, indicator),
            "simulated": each.figure.simulated,
        }
        for each in group_figures(actor, indicator, grouping, period)
    ]
