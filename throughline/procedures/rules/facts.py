"""The facts of a case: numbers with units, choices, yes or no; and all that they can be.

Conditions tell facts apart only at the numbers that they name. So every fact has finitely many
*points* that stand for all its values: each number named, one between each two, one at either end.
What holds at all points holds for every case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise, product
from math import prod

Value = bool | str | Decimal
Facts = Mapping[str, Value]


class FactType(StrEnum):
    """What a fact is; the value is what packs write."""

    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes-no"


@dataclass(frozen=True)
class Variable:
    """A fact that a case states. A number is kept in the first of its units; the others say how
    many of the first one of them is. `low` and `high` bound it."""

    key: str
    type: FactType
    values: tuple[str, ...] = ()
    units: Mapping[str, Decimal] = field(default_factory=dict)
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def unit(self) -> str:
        """The unit in which it is kept; none where it only counts."""
        return next(iter(self.units), "")


class FactError(Exception):
    """A fact that a variable cannot have. `kind`: not_a_number, out_of_range, not_a_choice,
    not_yes_no."""

    def __init__(self, kind: str, key: str, found: object) -> None:
        super().__init__(f"{kind}: {key} = {found!r}")
        self.kind = kind
        self.key = key
        self.found = found


def fact(variable: Variable, given: object) -> Value:
    """A fact as it was given (in JSON, a form, a row), typed and within its bounds.

    >>> fact(Variable("investment", FactType.NUMBER, low=Decimal(0)), "50.0")
    Decimal('50.0')
    >>> fact(Variable("sector", FactType.CHOICE, values=("rail",)), "road")
    Traceback (most recent call last):
        ...
    throughline.procedures.rules.facts.FactError: not_a_choice: sector = 'road'
    """
    match variable.type:
        case FactType.YES_NO:
            if not isinstance(given, bool):
                raise FactError("not_yes_no", variable.key, given)
            return given
        case FactType.CHOICE:
            if not isinstance(given, str) or given not in variable.values:
                raise FactError("not_a_choice", variable.key, given)
            return given
    number = _number(variable.key, given)
    below = variable.low is not None and number < variable.low
    above = variable.high is not None and number > variable.high
    if below or above:
        raise FactError("out_of_range", variable.key, given)
    return number


def _number(key: str, given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        raise FactError("not_a_number", key, given)
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        raise FactError("not_a_number", key, given) from None
    if not number.is_finite():
        raise FactError("not_a_number", key, given)
    return number


def points(variable: Variable, named: Iterable[Decimal] = ()) -> tuple[Value, ...]:
    """Values that stand for all that a fact can be, where conditions name these numbers.

    >>> cost = Variable("cost", FactType.NUMBER, low=Decimal(0))
    >>> [str(point) for point in points(cost, [Decimal(5), Decimal(10)])]
    ['0', '2.5', '5', '7.5', '10', '11']
    """
    if variable.type is FactType.YES_NO:
        return (False, True)
    if variable.type is FactType.CHOICE:
        return variable.values
    low, high = variable.low, variable.high
    marks = sorted({each for each in named if _within(each, low, high)} | ({low, high} - {None}))  # type: ignore[type-var]
    bounds: list[Decimal] = [mark for mark in marks if mark is not None]
    if not bounds:
        return (Decimal(0),)
    found = [] if low is not None else [bounds[0] - 1]
    for mark, following in pairwise(bounds):
        found += [mark, (mark + following) / 2]
    found.append(bounds[-1])
    if high is None:
        found.append(bounds[-1] + 1)
    return tuple(found)


def _within(number: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


def worlds(
    choices: Mapping[str, tuple[Value, ...]], limit: int
) -> Iterator[dict[str, Value]] | None:
    """Every way in which facts can stand together; None where there are more than the limit."""
    if prod(map(len, choices.values())) > limit:
        return None
    return (dict(zip(choices, each, strict=True)) for each in product(*choices.values()))


def written(values: Facts) -> str:
    """Facts in one line, for a sentence.

    >>> written({"investment": Decimal("50.0"), "land": True, "sector": "rail"})
    'investment = 50, land = yes, sector = rail'
    """
    return ", ".join(f"{key} = {_written(value)}" for key, value in values.items())


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value
