"""How much is asked of a unit in a year, and by whom. Pure.

What several ask for is entered once. So it is counted twice: as it is entered, and as it would
be if each form were filled in by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Asks:
    """What one form asks of a unit: which cells, and how often a year."""

    form: str
    body: str
    plan: str
    document: str
    cells: frozenset[str]
    times: int
    span: str = ""


@dataclass(frozen=True)
class Burden:
    """What a unit gives in a year. `figures` are entered, `apart` would be if no figure were
    entered once for all; `reports` are due, `reports_apart` if each form were one."""

    figures: int
    apart: int
    reports: int
    reports_apart: int
    forms: int
    bodies: int
    plans: int
    documents: int

    @property
    def spared(self) -> int:
        """How many figures are not entered once more."""
        return self.apart - self.figures


def burden_of(asks: Sequence[Asks]) -> Burden:
    """All that some forms ask of a unit in a year. Forms of one length are one report, for a
    unit gets what is asked for a period as one sheet.

    >>> quarter = Asks("people", "A", "plan", "paper", frozenset("ab"), 4, "quarter")
    >>> works = Asks("works", "B", "plan", "paper", frozenset("bc"), 4, "quarter")
    >>> both = burden_of([quarter, works])
    >>> both.figures, both.apart, both.spared, both.reports, both.reports_apart, both.bodies
    (12, 16, 4, 4, 8, 2)
    >>> burden_of([]).figures
    0
    """
    cells = {cell: each.times for each in asks for cell in each.cells}
    lengths = {each.span: each.times for each in asks}
    return Burden(
        figures=sum(cells.values()),
        apart=sum(len(each.cells) * each.times for each in asks),
        reports=sum(lengths.values()),
        reports_apart=sum(each.times for each in asks),
        forms=len({each.form for each in asks}),
        bodies=len({each.body for each in asks}),
        plans=len({each.plan for each in asks}),
        documents=len({each.document for each in asks}),
    )


def shared(each: Asks, asks: Sequence[Asks]) -> int:
    """How many of the cells of a form others ask for too.

    >>> people = Asks("people", "A", "plan", "paper", frozenset("ab"), 4)
    >>> shared(people, [people, Asks("works", "B", "plan", "paper", frozenset("bc"), 4)])
    1
    """
    others = [other.cells for other in asks if other.form != each.form]
    return len(each.cells & frozenset().union(*others))


@dataclass(frozen=True)
class Addition:
    """What some forms ask for each period, and what of it a unit gives already to others; what
    it gives in a year to the others, and then to all."""

    figures: int
    given: int
    before: Burden
    after: Burden

    @property
    def new(self) -> int:
        """How many figures a unit has to enter that it has not entered so far."""
        return self.figures - self.given


def addition(chosen: Sequence[Asks], others: Sequence[Asks]) -> Addition:
    """What some forms add to what others ask.

    >>> people = Asks("people", "A", "plan", "paper", frozenset("ab"), 4, "quarter")
    >>> works = Asks("works", "B", "plan", "paper", frozenset("bc"), 4, "quarter")
    >>> adds = addition([works], [people])
    >>> adds.figures, adds.given, adds.new, adds.before.figures, adds.after.figures
    (2, 1, 1, 8, 12)
    """
    cells = _cells(chosen)
    return Addition(
        figures=len(cells),
        given=len(cells & _cells(others)),
        before=burden_of(others),
        after=burden_of([*others, *chosen]),
    )


def _cells(asks: Collection[Asks]) -> frozenset[str]:
    return frozenset().union(*(each.cells for each in asks))
