"""Which procedure applies: a table of conditions, read from the top.

A table says how it is read: with `unique` exactly one row holds for every case, with `first` the
first that holds counts. Either way it has to say something for every case that it covers; a gap, an
overlap and a row that is never reached are found before use, at all points of the facts.

>>> cost = Variable("cost", FactType.NUMBER, units={"m": Decimal(1)}, low=Decimal(0))
>>> def row(when: str, procedure: str) -> Row:
...     return Row(procedure, Condition.parse(when, {"cost": cost}))
>>> rows = (row("cost >= 5 m", "large"), row("cost < 4 m", "small"))
>>> table = Table(Match.UNIQUE, {"cost": cost}, rows)
>>> table.decide({"cost": Decimal(7)}).procedure, table.decide({}).missing
('large', ('cost',))
>>> [(trouble.kind, trouble.facts) for trouble in faults(table)]
[('gap', 'cost = 4')]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from throughline.procedures.rules.conditions import Condition
from throughline.procedures.rules.facts import (
    Facts,
    FactType,
    Value,
    Variable,
    points,
    worlds,
    written,
)

__all__ = ["Decision", "FactType", "Fault", "Match", "Row", "Table", "faults"]

MAX_WORLDS = 100_000


class Match(StrEnum):
    """How a table is read."""

    UNIQUE = "unique"
    FIRST = "first"


@dataclass(frozen=True)
class Row:
    """One row: the procedure, and when it applies; without a condition, always."""

    procedure: str
    when: Condition | None = None
    tiers: tuple[str, ...] = ()
    """The tiers at which the procedure can run; empty where it is not asked."""

    def holds(self, facts: Facts) -> bool | None:
        """Whether it applies; None where that depends on what is not known."""
        return True if self.when is None else self.when.holds(facts)

    @property
    def names(self) -> tuple[str, ...]:
        """The facts for which it asks."""
        return self.when.names if self.when else ()


@dataclass(frozen=True)
class Decision:
    """What a table says of a case: the row (from 0) and its procedure, or the facts that are
    missing; neither where it does not cover the case."""

    procedure: str = ""
    row: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """The rows, and the facts on which they rest."""

    match: Match
    variables: Mapping[str, Variable]
    rows: tuple[Row, ...]

    def decide(self, facts: Facts) -> Decision:
        """The procedure for a case with these facts."""
        missing: list[str] = []
        for number, row in enumerate(self.rows):
            holds = row.holds(facts)
            if holds and not (missing and self.match is Match.FIRST):
                return Decision(row.procedure, number)
            if holds is None:
                missing += [name for name in row.names if name not in facts]
        return Decision(missing=tuple(dict.fromkeys(missing)))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a table. `kind` is one of: gap, overlap, unreached, wrong_tier,
    too_large; `row` (from 0) is none for a gap; `facts` is the first case, `count` says how many
    kinds of cases there are."""

    kind: str
    row: int | None = None
    other: int | None = None
    facts: str = ""
    count: int = 0


def faults(table: Table) -> list[Fault]:
    """Every fault of a table, each once."""
    cases = _cases(table)
    if cases is None:
        return [Fault("too_large")]
    found: dict[tuple[str, int | None, int | None], list[str]] = {}
    reached: set[int] = set()
    for facts in cases:
        holding = [number for number, row in enumerate(table.rows) if row.holds(facts)]
        reached |= set(holding[:1])
        for kind, row, other in _case(table, facts, holding):
            found.setdefault((kind, row, other), []).append(written(facts))
    unreached = [
        Fault("unreached", number)
        for number in range(len(table.rows))
        if number not in reached and not any(key[1] == number for key in found)
    ]
    return [
        Fault(kind, row, other, said[0], len(said)) for (kind, row, other), said in found.items()
    ] + unreached


def _case(
    table: Table, facts: Mapping[str, Value], holding: list[int]
) -> Iterator[tuple[str, int | None, int | None]]:
    if not holding:
        yield "gap", None, None
        return
    if table.match is Match.UNIQUE:
        for other in holding[1:]:
            yield "overlap", other, holding[0]
    row = table.rows[holding[0]]
    if row.tiers and facts.get("tier", row.tiers[0]) not in row.tiers:
        yield "wrong_tier", holding[0], None


def _cases(table: Table) -> Iterator[dict[str, Value]] | None:
    named = dict.fromkeys(name for row in table.rows for name in row.names)
    if any(row.tiers for row in table.rows):
        named.setdefault("tier")  # even where no row asks for it: a procedure has its tiers
    asked = list(named)
    numbers: dict[str, set[Decimal]] = {name: set() for name in asked}
    for row in table.rows:
        for name in row.names:
            numbers[name] |= row.when.numbers(name) if row.when else set()
    choices = {name: points(table.variables[name], numbers[name]) for name in asked}
    return worlds(choices, MAX_WORLDS)
