"""All alerts 预警 that a person answers for: about figures, and about units that do not report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from throughline.figures.alerting import alerts_of
from throughline.figures.queries import alerts_visible_to
from throughline.figures.rules.alerting import Alert
from throughline.kernel.actor import Actor
from throughline.places.models import Place
from throughline.places.queries import bearing_words
from throughline.plans.models import Indicator
from throughline.plans.queries import versions_in_force, whole
from throughline.reporting.tracking.punctuality import silent_alerts


@dataclass(frozen=True)
class Alerts:
    """What there is for one who asks: the alerts, and as of when."""

    alerts: list[Alert]
    as_of: datetime | None


def alerts_for(actor: Actor, plan: str = "") -> Alerts:
    """The alerts that an actor answers for, of one plan (by its key) or of all from which he
    looks at figures. What several plans find of one place and indicator is told once."""
    versions = [each for each in versions_in_force(actor) if plan in ("", each.plan.key)]
    found: dict[tuple[str, int | None, int, str], Alert] = {}
    instants = []
    for version in versions:
        known = alerts_of(version)
        instants.append(known.known.at)
        seen = [
            *alerts_visible_to(actor, known.alerts),
            *silent_alerts(actor, version.plan),
        ]
        for each in seen:
            found.setdefault(each.key, each)
    return Alerts(list(found.values()), min(instants, default=None))


@dataclass(frozen=True)
class Narrowed:
    """What a list of alerts is narrowed to; what is left out narrows nothing. `place` is a code,
    `indicator` a key; `words` are looked for in places and in the titles of indicators."""

    kind: str = ""
    severity: str = ""
    place: str = ""
    indicator: str = ""
    words: str = ""


def narrowed(alerts: Sequence[Alert], asked: Narrowed) -> list[Alert]:
    """Those of some alerts that are asked for."""
    found = [
        each
        for each in alerts
        if asked.kind in ("", each.kind) and asked.severity in ("", each.severity)
    ]
    if asked.place:
        named = set(Place.objects.filter(code=asked.place).values_list("pk", flat=True))
        found = [each for each in found if each.place in named]
    if asked.indicator:
        keys = set(Indicator.objects.filter(key=asked.indicator).values_list("pk", flat=True))
        found = [each for each in found if each.indicator in keys]
    if asked.words:
        there = set(bearing_words(asked.words).values_list("pk", flat=True))
        bearing = _titled(found, asked.words)
        found = [each for each in found if each.place in there or each.indicator in bearing]
    return found


def _titled(alerts: Sequence[Alert], words: str) -> set[int]:
    """The indicators of some alerts whose titles hold all of some words."""
    named = words.lower().split()
    rows = indicators_of(alerts)
    return {
        key
        for key, row in rows.items()
        if all(word in f"{row.title_en} {row.title_zh}".lower() for word in named)
    }


def indicators_of(alerts: Iterable[Alert]) -> dict[int, Indicator]:
    """The indicators of some alerts, by id."""
    wanted = {each.indicator for each in alerts if each.indicator is not None}
    return whole(wanted) if wanted else {}


def counted(alerts: Iterable[Alert]) -> Counter[str]:
    """How many alerts there are of each kind, and of each severity."""
    found: Counter[str] = Counter()
    for each in alerts:
        found[str(each.kind)] += 1
        found[str(each.severity)] += 1
    return found


SORTED_BY = ("severity", "kind", "since", "place", "indicator")


def in_order_of(alerts: Sequence[Alert], sort: str) -> list[Alert]:
    """Alerts by severity (the most serious first, of each the longest), or as asked."""
    key, downwards = sort.removeprefix("-"), sort.startswith("-")
    found = sorted(alerts, key=lambda each: (each.severity, each.since, each.place))
    if key == "kind":
        found.sort(key=lambda each: each.kind, reverse=downwards)
    elif key == "since":
        found.sort(key=lambda each: each.since, reverse=downwards)
    elif key == "place":
        rows = Place.objects.filter(pk__in={each.place for each in found})
        names = dict(rows.values_list("pk", "sort_key"))
        found.sort(key=lambda each: names.get(each.place, ""), reverse=downwards)
    elif key == "indicator":
        titles = {pk: row.title for pk, row in indicators_of(found).items()}
        found.sort(key=lambda each: titles.get(each.indicator or 0, ""), reverse=downwards)
    elif downwards:
        found.sort(key=lambda each: each.severity, reverse=True)
    return found
