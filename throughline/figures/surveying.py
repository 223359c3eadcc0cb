"""Where many indicators stand at a place, read at once: for lists, boards and places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from throughline.figures.queries import (
    Answer,
    edition_meant,
    editions_by_period,
    judged,
    open_at,
)
from throughline.figures.rollup.several import Wanted, tables
from throughline.kernel.actor import Actor
from throughline.kernel.period import Period
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import first_targets

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
    """By indicator, where it stands at a place, at most until a period.

    An indicator whose figures of this place the actor may not see is left out. For each it is
    what `latest_answer` says, with what came before; a handful of statements for all of them.
    """
    seen = [each for each in indicators if each.pk in open_at(actor, indicators, place)]
    editions = editions_by_period(seen, known)
    targets = first_targets(seen, place)
    found = {each.pk: Stand(each, targets.get(each.pk)) for each in seen}
    waiting = {
        each.pk: _periods(editions.get(each.pk, {}), targets.get(each.pk), until) for each in seen
    }
    while any(waiting.values()):
        rounds = {key: steps.pop() for key, steps in waiting.items() if steps}
        answers = _answers(found, rounds, place, known)
        for key, history in answers.items():
            if history[-1].figure.value is not None:
                found[key] = Stand(found[key].indicator, found[key].target, history)
                waiting[key] = []
    return found
