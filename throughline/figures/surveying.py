"""Where many indicators stand at a place, read at once: for lists, boards and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from throughline.figures.judging import Answer, Bridges, judged
from throughline.figures.models import Observation
from throughline.figures.queries import as_known, edition_meant, near, open_indicators
from throughline.figures.rollup import Wanted, tables
from throughline.kernel.actor import Actor
from throughline.kernel.period import Period
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import behind

LENGTH = 5
"""How many periods a history holds: what a sparkline shows."""


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
    waiting = [each for each in seen if steps[each.pk]]
    while waiting:
        for key, history in _histories(waiting, steps, place, targets, known).items():
            found[key] = replace(found[key], history=history)
        waiting = [each for each in waiting if not found[each.pk].history and steps[each.pk]]
    return found


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


Step = tuple[Period, list[Edition]]
"""A period and the editions in which anything is known of it, latest first."""


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
    rows = (
        as_known(Observation.objects.filter(series__indicator__in=parts), known)
        .order_by()
        .values_list("series__indicator", "period", "series__edition")
        .distinct()
    )
    read = list(rows)
    editions = Edition.objects.in_bulk({edition for _part, _period, edition in read})
    found: dict[int, list[tuple[Period, Edition]]] = {}
    for part, period, edition in read:
        found.setdefault(part, []).append((Period.parse(period), editions[edition]))
    return found


def _histories(
    indicators: Sequence[Indicator],
    steps: Mapping[int, list[Step]],
    place: Place,
    targets: Mapping[int, Target],
    known: Known,
) -> dict[int, tuple[Answer, ...]]:
    """Take the last step of each indicator and answer it with the periods before it; only
    those are returned in which there is a figure."""
    wanted: dict[int, list[Wanted]] = {}
    for each in indicators:
        last, editions = steps[each.pk].pop()
        edition = edition_meant(editions, targets.get(each.pk))
        if edition is None:
            continue
        before = [
            period
            for period, others in steps[each.pk]
            if edition in others and period.span is last.span
        ]
        periods = [*before[1 - LENGTH :], last]
        wanted[each.pk] = [Wanted(each, edition, period) for period in periods]
    found = tables((one for several in wanted.values() for one in several), known)
    bridges = Bridges(known)
    histories = {
        key: tuple(judged(found[one], place, known, targets.get(key), bridges) for one in several)
        for key, several in wanted.items()
    }
    return {
        key: history for key, history in histories.items() if history[-1].figure.value is not None
    }
