"""Where many indicators stand at a place, read at once: for lists, boards and places."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from throughline.figures.judging import Answer, Bridges, judged
from throughline.figures.models import Observation
from throughline.figures.queries import as_known, edition_meant, near, open_indicators
from throughline.figures.rollup import Wanted, parts_in_cube, tables
from throughline.kernel.actor import Actor
from throughline.kernel.period import Period
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import behind

LENGTH = 5
"""How many periods a history holds: what a sparkline shows."""


Step = tuple[Period, list[Edition]]
"""A period and the editions in which anything is known of it, latest first."""


@dataclass(frozen=True)
class Stand:
    """An indicator at a place: its last period with a figure, after those before it in the
    same edition. The history is empty where nothing is known."""

    indicator: Indicator
    target: Target | None
    history: tuple[Answer, ...] = ()

    @property
    def latest(self) -> Answer | None:
        """The answer of the last period with a figure."""
        return self.history[-1] if self.history else None


def survey(
    actor: Actor,
    indicators: Sequence[Indicator],
    place: Place,
    *,
    known: Known,
    until: Period | None = None,
) -> dict[int, Stand]:
    """By indicator, where it stands at a place, at most until a period's end.

    Its last period is the last with a figure for this very place: one in which only some
    other place has a figure does not count. An indicator whose figures of this place the
    actor may not see is left out. Half a dozen statements for all of them together.
    """
    seen = visible_at(actor, indicators, place)
    targets = targets_at(seen, place)
    steps = periods_known(seen, known, until)
    found = {each.pk: Stand(each, targets.get(each.pk)) for each in seen}
    given: list[Indicator] = []
    waiting = [each for each in seen if steps[each.pk]]
    while waiting:
        lasts = {each.pk: _last(each, steps[each.pk], targets) for each in waiting}
        read = tables((last for last in lasts.values() if last), known)
        for each in waiting:
            last = lasts[each.pk]
            if last is not None and read[last].at(place.pk).value is not None:
                given.append(each)
            else:
                steps[each.pk].pop()
        waiting = [each for each in waiting if each not in given and steps[each.pk]]
    for key, history in _histories(given, steps, place, targets, known).items():
        found[key] = replace(found[key], history=history)
    return found


def _last(
    indicator: Indicator, steps: Sequence[Step], targets: Mapping[int, Target]
) -> Wanted | None:
    """The table of the last step; None where no edition is meant."""
    period, editions = steps[-1]
    edition = edition_meant(editions, targets.get(indicator.pk))
    return None if edition is None else Wanted(indicator, edition, period)


def visible_at(actor: Actor, indicators: Sequence[Indicator], place: Place) -> list[Indicator]:
    """Of these, the indicators whose figures of a place the actor may see."""
    unbound = open_indicators(actor, indicators)
    closed = [each for each in indicators if each.pk not in unbound]
    if not closed:
        return list(indicators)
    seen = unbound | near(actor, closed, place)
    return [each for each in indicators if each.pk in seen]


def targets_at(indicators: Sequence[Indicator], place: Place) -> dict[int, Target]:
    """By indicator, the target of a place that binds now; of several, the one due first."""
    rows = Target.objects.filter(
        indicator__in=[each.pk for each in indicators], place=place, version__state="in_force"
    ).select_related("edition", "version__plan", "place")
    return {row.indicator_id: row for row in rows.order_by("-by")}


def periods_known(
    indicators: Sequence[Indicator], known: Known, until: Period | None = None
) -> dict[int, list[Step]]:
    """By indicator, its periods in order, with the editions that hold anything."""
    cells = _cells(indicators, known)
    steps: dict[int, list[Step]] = {}
    parts = behind(indicators)
    for each in indicators:
        editions: dict[Period, set[Edition]] = {}
        for part in parts[each.pk]:
            for period, edition in cells.get(part.pk, ()):
                editions.setdefault(period, set()).add(edition)
        steps[each.pk] = [
            (period, sorted(editions[period], key=lambda edition: -edition.rank))
            for period in sorted(editions)
            if until is None or period <= until
        ]
    return steps


def _cells(
    indicators: Sequence[Indicator], known: Known
) -> dict[int, list[tuple[Period, Edition]]]:
    """By indicator, its periods and editions with any observation."""
    parts = {part.pk for several in behind(indicators).values() for part in several}
    held = parts_in_cube(known)
    if held is None:
        read = _observed(parts, known)
    else:
        read = [(part, period, edition) for part in parts for edition, period in held.get(part, ())]
    editions = Edition.objects.in_bulk({edition for _part, _period, edition in read})
    found: dict[int, list[tuple[Period, Edition]]] = {}
    for part, period, edition in read:
        found.setdefault(part, []).append((Period.parse(period), editions[edition]))
    return found


def _observed(parts: Collection[int], known: Known) -> list[tuple[int, str, int]]:
    """The same from the observations: indicator, period, edition."""
    rows = as_known(Observation.objects.filter(series__indicator__in=parts), known).order_by()
    return list(rows.values_list("series__indicator", "period", "series__edition").distinct())


def _histories(
    indicators: Sequence[Indicator],
    steps: Mapping[int, list[Step]],
    place: Place,
    targets: Mapping[int, Target],
    known: Known,
) -> dict[int, tuple[Answer, ...]]:
    """The answer of each indicator's last step, after those of the periods before it."""
    wanted: dict[int, list[Wanted]] = {}
    for each in indicators:
        last = _last(each, steps[each.pk], targets)
        if last is None:
            continue
        periods = [
            period
            for period, editions in steps[each.pk]
            if last.edition in editions and period.span is last.period.span
        ]
        wanted[each.pk] = [Wanted(each, last.edition, period) for period in periods[-LENGTH:]]
    found = tables((one for several in wanted.values() for one in several), known)
    bridges = Bridges(known)
    return {
        key: tuple(judged(found[one], place, known, targets.get(key), bridges) for one in several)
        for key, several in wanted.items()
    }
