"""Money of a project: by source and stage, entry by entry. No stage ever exceeds the one before.

Amounts are decimals in the register's unit; an entry below zero takes back what an earlier one
said too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

ZERO = Decimal(0)
LARGEST = Decimal(10) ** 12
"""What an amount stays below, in the register's unit."""


class Source(StrEnum):
    """Where money comes from: 中央预算内投资, 专项债券, 地方财政资金, 社会资本."""

    CENTRAL = "central"
    BONDS = "bonds"
    LOCAL = "local"
    PRIVATE = "private"


class FundingStage(StrEnum):
    """How far money has come: 下达 approved, 到位 arrived, 支付 spent."""

    APPROVED = "approved"
    ARRIVED = "arrived"
    SPENT = "spent"


@dataclass(frozen=True)
class Entry:
    """So much from a source reached a stage on a day."""

    source: str
    stage: str
    on: date
    amount: Decimal


@dataclass(frozen=True)
class Excess:
    """A day at whose end a stage exceeds the one before, or, for the first, is below zero;
    `above` is what it may not exceed, None where it is below zero."""

    source: Source
    stage: FundingStage
    on: date
    total: Decimal
    above: Decimal | None


def totals(entries: Iterable[Entry]) -> dict[tuple[str, str], Decimal]:
    """What every source has at every stage.

    >>> day = date(2024, 3, 1)
    >>> found = totals([Entry("local", "approved", day, Decimal(50)),
    ...                 Entry("local", "approved", day, Decimal(-20))])
    >>> found["local", "approved"], found["local", "spent"]
    (Decimal('30'), Decimal('0'))
    """
    found = {(source.value, stage.value): ZERO for source in Source for stage in FundingStage}
    for each in entries:
        found[each.source, each.stage] += each.amount
    return found


def first_excess(entries: Sequence[Entry]) -> Excess | None:
    """The first day at whose end a source's money had come further than it could; of several on
    one day, the first source and the first stage. Within a day the order of entries is nobody's
    business.

    >>> march, april = date(2024, 3, 1), date(2024, 4, 1)
    >>> approved = Entry("central", "approved", march, Decimal(100))
    >>> first_excess([Entry("central", "arrived", march, Decimal(100)), approved])
    >>> found = first_excess([approved, Entry("central", "spent", april, Decimal(1))])
    >>> str(found.stage), found.on == april, found.total, found.above
    ('spent', True, Decimal('1'), Decimal('0'))
    >>> early = [Entry("central", "arrived", march, Decimal(1)),
    ...          Entry("central", "approved", april, Decimal(1))]
    >>> first_excess(early).on == march
    True
    >>> first_excess([Entry("local", "approved", march, Decimal(-1))]).above is None
    True
    """
    here = totals([])
    for day in sorted({each.on for each in entries}):
        for each in entries:
            if each.on == day:
                here[each.source, each.stage] += each.amount
        for source in Source:
            found = _excess(here, source, day)
            if found is not None:
                return found
    return None


def _excess(here: dict[tuple[str, str], Decimal], source: Source, day: date) -> Excess | None:
    for stage in FundingStage:
        if here[source, stage] < 0:
            return Excess(source, stage, day, here[source, stage], None)
    for before, stage in pairwise(FundingStage):
        if here[source, stage] > here[source, before]:
            return Excess(source, stage, day, here[source, stage], here[source, before])
    return None


def decimals_of(amount: Decimal) -> int:
    """How many decimals an amount is written with, without zeros at its end.

    >>> decimals_of(Decimal("12.50")), decimals_of(Decimal("1E+3")), decimals_of(Decimal(0))
    (1, 0, 0)
    """
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
