"""Where many indicators stand at a place, read at once: for lists, boards and places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from throughline.figures.confidence import judged_at
from throughline.figures.judging import Answer, Bridges, judged, length_meant
from throughline.figures.models import Confidence, Observation
from throughline.figures.queries import as_known, edition_meant, near, open_indicators
from throughline.figures.rollup import Wanted, longer_of, parts_in_cube, tables
from throughline.kernel.actor import Actor
from throughline.kernel.period import Period, Span
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import behind, binding_targets

LENGTH = 5
"""How many periods a history holds: what a sparkline shows."""


Step = tuple[Period, list[Edition]]
"""A period and the editions in which anything is known of it, latest first."""


@dataclass(frozen=True)
class Stand:
    """An indicator at a place: its last period with a figure, after those before it in the
    same edition. The history is empty where nothing is known. `year` is the year of the last
    figures as far as they add up to one, where the last period is none itself or lies before.
    `confidence` is what the body that answers for the target judged last."""

    indicator: Indicator
    target: Target | None
    history: tuple[Answer, ...] = ()
    year: Answer | None = None
    confidence: Confidence | None = None

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
    given_by = periods_known(seen, known, until)
    steps = {
        each.pk: lengthened(
            each, given_by[each.pk], length_meant(each, targets.get(each.pk)), until
        )
        for each in seen
    }
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
    for key, year in _years(list(found.values()), given_by, place, known, until).items():
        found[key] = replace(found[key], year=year)
    for key, row in _judgements(targets, seen, place, known).items():
        found[key] = replace(found[key], confidence=row)
    return found


def _judgements(
    targets: Mapping[int, Target], seen: Sequence[Indicator], place: Place, known: Known
) -> dict[int, Confidence]:
    """By indicator, the last judgement of the target that binds at a place."""
    aimed = [each for each in seen if each.pk in targets]
    rows = judged_at(aimed, place, known) if aimed else {}
    return {
        indicator: row
        for (plan, indicator), row in rows.items()
        if targets[indicator].version.plan_id == plan
    }


def lengthened(
    indicator: Indicator, steps: Sequence[Step], span: Span, until: Period | None = None
) -> list[Step]:
    """The longer periods that an indicator's make up, as steps; the steps themselves where the
    length is the indicator's own."""
    if span == indicator.span:
        return list(steps)
    return [
        (longer, _editions(each for each in steps if longer.contains(each[0])))
        for longer in longer_of(indicator, [period for period, _several in steps], span)
        if until is None or longer <= until
    ]


def _editions(steps: Iterable[Step]) -> list[Edition]:
    every = {edition for _period, several in steps for edition in several}
    return sorted(every, key=lambda edition: -edition.rank)


def _years(
    stands: Sequence[Stand],
    steps: Mapping[int, Sequence[Step]],
    place: Place,
    known: Known,
    until: Period | None,
) -> dict[int, Answer]:
    """By indicator, the year of its last figures, where they add up to one and it is not the
    last of the history anyway. That the last of several periods stands for the year as well
    is no news."""
    wanted: dict[int, Wanted] = {}
    for stand in stands:
        indicator, latest = stand.indicator, stand.latest
        if indicator.over_time == "last" or not steps[indicator.pk]:
            continue
        last, editions = steps[indicator.pk][-1]
        edition = latest.edition if latest else edition_meant(editions, stand.target)
        for year in longer_of(indicator, [latest.period if latest else last, last], Span.YEAR)[-1:]:
            told = latest is not None and latest.period == year
            if edition is not None and not told and (until is None or year <= until):
                wanted[indicator.pk] = Wanted(indicator, edition, year)
    read, bridges = tables(wanted.values(), known), Bridges(known)
    targets = {stand.indicator.pk: stand.target for stand in stands}
    found = {
        key: judged(read[one], place, known, targets[key], bridges) for key, one in wanted.items()
    }
    return {
        key: each for key, each in found.items() if each.figure.whole and each.figure.whole.given
    }


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
    rows = binding_targets(indicators, [place])
    return {target.indicator_id: target for target in rows}


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
