"""Every figure of a plan against its target, at every place and in every period at once.

Pages ask for one place or one indicator; whoever wants the state of all of it at once asks
here. Only commands import this module, for it loads the compiler.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from throughline.figures.cube.verdicts import Prepared, judge_strips
from throughline.figures.judging import Bridges, compares, goal_of, length_meant
from throughline.figures.queries import edition_meant, targets_of
from throughline.figures.rollup import Table, Wanted, tables
from throughline.figures.rules import Status
from throughline.figures.rules.bulk import STATUSES, Floats, Goals
from throughline.figures.surveying import Step, lengthened, periods_known
from throughline.kernel.period import Period, Span
from throughline.kernel.queries import Known, known_now
from throughline.plans.models import Indicator, PlanVersion, Target
from throughline.plans.queries import measured_by


@dataclass(frozen=True)
class Standings:
    """How an indicator stands in a period: by status, at how many places with a target."""

    indicator: Indicator
    period: Period
    counts: dict[Status, int]

    @property
    def places(self) -> int:
        """At how many places it has a target."""
        return sum(self.counts.values())


def standings(version: PlanVersion, known: Known | None = None) -> Iterator[Standings]:
    """Of a plan, the standings of each indicator in each of its periods, in order."""
    known = known or known_now()
    bridges = Bridges(known)
    indicators = measured_by(version)
    steps = periods_known(indicators, known)
    for indicator in indicators:
        targets = list(targets_of(indicator).values())
        if targets and steps[indicator.pk]:
            every = _with_longer(indicator, targets, steps[indicator.pk])
            yield from _of(indicator, targets, every, known, bridges)


def _with_longer(
    indicator: Indicator, targets: Sequence[Target], steps: Sequence[Step]
) -> list[Step]:
    """The periods that an indicator is given by, and the longer ones that its targets are
    set for."""
    lengths = {length_meant(indicator, each) for each in targets} - {Span(indicator.span)}
    longer = [step for length in lengths for step in lengthened(indicator, steps, length)]
    return sorted([*steps, *longer], key=lambda step: step[0])


def _of(
    indicator: Indicator,
    targets: Sequence[Target],
    steps: Sequence[Step],
    known: Known,
    bridges: Bridges,
) -> Iterator[Standings]:
    meant = [[edition_meant(editions, target) for target in targets] for _, editions in steps]
    wanted = {
        Wanted(indicator, edition, period)
        for (period, _editions), row in zip(steps, meant, strict=True)
        for edition in row
        if edition is not None
    }
    read = tables(wanted, known)
    values = np.full((len(steps), len(targets)), np.nan)
    for line, (period, _editions) in enumerate(steps):
        for edition in {each for each in meant[line] if each is not None}:
            here = [k for k, each in enumerate(meant[line]) if each == edition]
            table = read[Wanted(indicator, edition, period)]
            values[line, here] = _judged_values(table, [targets[k] for k in here], bridges)
    goals = Goals.of([goal_of(target, indicator) for target in targets])
    periods = [period for period, _editions in steps]
    status, _gap = judge_strips(Prepared.of(goals, periods), values)
    for period, codes in zip(periods, status, strict=True):
        found = np.bincount(codes, minlength=len(STATUSES))
        yield Standings(indicator, period, {each: int(found[k]) for k, each in enumerate(STATUSES)})


def _judged_values(table: Table, targets: Sequence[Target], bridges: Bridges) -> Floats:
    """What is held against each target: the figure, or what it reads over a bridge; nothing
    where it is a total of a period of another length."""
    found = table.values_at([target.place_id for target in targets])
    for k, target in enumerate(targets):
        if not compares(table.indicator, target, table.period):
            found[k] = np.nan
        elif target.edition_id != table.edition.pk and not np.isnan(found[k]):
            crossing = bridges.cross(table, target.place, float(found[k]), target.edition)
            found[k] = np.nan if crossing is None else crossing.value
    return found
