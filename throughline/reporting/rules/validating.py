"""What is wrong with a sheet of figures, as it is typed and once more when it is submitted. Pure.

`as_json` gives a sheet's lines and rules so prepared that the browser finds the same without a
parser and without the figures of others: `ui/static/ui/validate.js` is the twin of `findings`,
and a test holds the two together. What is changed here is changed there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from throughline.plans.rules import Comparison, Part, Requirement

FEWEST_BEFORE = 4
"""From how many figures before on one knows what is usual."""
MOST_BEFORE = 12
FEWEST_PEERS = 8
USUAL_FACTOR = 3.5
USUAL_PERIODS = 3
NORMAL = 1.4826
"""By which the median of deviations estimates a standard deviation."""
WHOLE = 2.0**53
"""From here on every number is a whole one."""

EMPTY, RANGE, DECIMALS = "empty", "range", "decimals"
BUILT_IN = (EMPTY, RANGE, DECIMALS)


class Level(StrEnum):
    """What is hard keeps a sheet from being submitted; what is soft asks for a note."""

    HARD = "hard"
    SOFT = "soft"


class RuleKind(StrEnum):
    """What a rule compares a figure with: others of the sheet, those before it (is it unusual,
    is it always the same), those of similar places."""

    MUST = "must"
    HISTORY = "history"
    UNCHANGED = "unchanged"
    PEERS = "peers"


@dataclass(frozen=True)
class Line:
    """A cell that is asked for. A series stands once on a sheet."""

    series: str
    required: bool = True
    decimals: int = 0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Rule:
    """What a form holds of its figures. `must` is a `Requirement`; `series` is the line that
    the rule is about: without it, the first one that `must` names."""

    key: str
    level: Level
    kind: RuleKind
    must: str = ""
    series: str = ""
    factor: float | None = None
    periods: int | None = None
    says_en: str = ""
    says_zh: str = ""


@dataclass(frozen=True)
class Cell:
    """What was typed; `absent` says that there is nothing to report here."""

    value: float | None = None
    absent: bool = False
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """What is to be said of one cell. `rule` is a rule's key or built in; `others` are the lines
    it speaks of too; `facts` are the numbers it rests on:

    | of                    | facts                                                          |
    |-----------------------|----------------------------------------------------------------|
    | range                 | `low`, `high`, as far as there is a bound                      |
    | decimals              | `decimals`: how many there may be                              |
    | any rule              | `value`: the figure that it is about                           |
    | must                  | `left`, `right`: what its two sides come to                    |
    | history, peers        | `median`, and `times` it, where it is not 0; `count` of figures|
    | unchanged             | `periods` for which the figure has stood, with this one        |

    A rule's sentence may name those that `plans.rules.NUMBERS_OF` lists.
    """

    series: str
    level: Level
    rule: str
    others: tuple[str, ...] = ()
    facts: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Usual:
    """What some figures have in common: their median, how far they are from it (0 where most
    are the same), the largest of them, and how many they are."""

    median: float
    spread: float
    most: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float], half: float) -> Usual | None:
        """What is usual among some figures that are written to within `half`; None where they
        are beyond arithmetic.

        >>> Usual.of([10, 12, 11, 900], 0.5)
        Usual(median=11.5, spread=1.4826, most=900, count=4)
        >>> Usual.of([7, 7, 7, 9], 0.5)
        Usual(median=7.0, spread=0.0, most=9, count=4)
        """
        middle = _median(values)
        deviation = _median([abs(value - middle) for value in values])
        # Figures that differ in their last decimal only are not known any better than that.
        spread = NORMAL * max(deviation, half) if deviation else 0.0
        if not math.isfinite(middle) or not math.isfinite(spread):
            return None
        return cls(middle, spread, max(abs(value) for value in values), len(values))

    def lacks(self, value: float, factor: float) -> bool:
        """Whether a value is unusual: further off than `factor` spreads; where most figures are
        the same, more than `factor` times as much, or as little.

        >>> Usual(10.0, 2.0, 15.0, 8).lacks(17.0, 3.0), Usual(10.0, 2.0, 15.0, 8).lacks(16.0, 3.0)
        (True, False)
        >>> [value for value in (2, 3, 10, 30, 31) if Usual(10.0, 0.0, 10.0, 8).lacks(value, 3.0)]
        [2, 3, 31]
        >>> Usual(0.0, 0.0, 5.0, 8).lacks(16.0, 3.0), Usual(0.0, 0.0, 0.0, 8).lacks(0.0, 3.0)
        (True, False)
        """
        if self.spread:
            return abs(value - self.median) > factor * self.spread
        if not self.median:
            return abs(value) > factor * self.most
        times = value / self.median
        return times > factor or times * factor < 1

    def facts(self, value: float) -> dict[str, float | str]:
        """What a finding rests on."""
        times = value / self.median if self.median else math.inf
        known: dict[str, float | str] = {"median": self.median, "count": self.count}
        return known | ({"times": times} if math.isfinite(times) else {})


def among_peers(values: Sequence[float], half: float) -> Usual | None:
    """What is usual among the figures of similar places, which learn no more of each other than
    this: not the largest of them. None for too few, and where most have none of it: then any
    figure would be unusual that is not 0.

    >>> among_peers([9, 10, 11, 10, 9, 10, 12, 900], 0.5)
    Usual(median=10.0, spread=1.4826, most=0.0, count=8)
    >>> among_peers([10] * 7, 0.5) is None, among_peers([0] * 8 + [5], 0.5) is None
    (True, True)
    """
    known = [value for value in values if math.isfinite(value)]
    usual = Usual.of(known, half) if len(known) >= FEWEST_PEERS else None
    if usual is None or not (usual.spread or usual.median):
        return None
    return replace(usual, most=0.0)


@dataclass(frozen=True)
class _Prepared:
    """A rule of a line, with what it needs to know of other periods and places."""

    rule: Rule
    series: str
    others: tuple[str, ...] = ()
    must: Requirement | None = None
    half: float = 0.0
    usual: Usual | None = None
    factor: float = USUAL_FACTOR
    last: float = 0.0
    run: int = 0
    periods: int = USUAL_PERIODS


def findings(
    lines: Sequence[Line],
    rules: Sequence[Rule],
    cells: Mapping[str, Cell],
    history: Mapping[str, Sequence[float | None]] | None = None,
    peers: Mapping[str, Usual] | None = None,
) -> list[Finding]:
    """All that is to be said of a sheet, in the order of its lines; of one line first what is
    built in, then its rules as they are listed. Of a figure that is wrong nobody is asked why it
    is unusual: what is soft is told once what is hard is mended.

    `history` has the values of the periods before, oldest first, None where there was none;
    `peers` what is usual among similar places (`among_peers`). What compares says nothing where
    a part is empty: that a cell is empty is a finding of its own. What is not finite lies outside
    every range.

    >>> lines = [Line("started"), Line("finished"), Line("note", required=False)]
    >>> rule = Rule("order", Level.HARD, RuleKind.MUST, must="finished <= started")
    >>> cells = {"started": Cell(5), "finished": Cell(7)}
    >>> [(each.series, each.rule, each.others) for each in findings(lines, [rule], cells)]
    [('finished', 'order', ('started',))]
    >>> [(each.series, each.rule) for each in findings(lines, [rule], {"started": Cell(5)})]
    [('finished', 'empty')]
    """
    prepared: dict[str, list[_Prepared]] = {}
    for rule in _prepared(lines, rules, history or {}, peers or {}):
        prepared.setdefault(rule.series, []).append(rule)
    values = {series: _value(cell) for series, cell in cells.items()}
    found: list[Finding] = []
    for line in lines:
        here = list(_built_in(line, cells.get(line.series, Cell())))
        value = values.get(line.series)
        if value is not None:
            for rule in prepared.get(line.series, []):
                here += _finding(rule, value, values)
        hard = [each for each in here if each.level is Level.HARD]
        found += hard or here
    return found


def stops(found: Sequence[Finding], cells: Mapping[str, Cell]) -> list[Finding]:
    """What keeps a sheet from being submitted: what is hard (an empty cell is), and what is soft
    and not explained.

    >>> odd = Finding("a", Level.SOFT, "odd")
    >>> stops([odd], {"a": Cell(1, note="a backlog was cleared")}), len(stops([odd], {}))
    ([], 1)
    """
    return [
        each
        for each in found
        if each.level is Level.HARD or not cells.get(each.series, Cell()).note.strip()
    ]


def as_json(
    lines: Sequence[Line],
    rules: Sequence[Rule],
    history: Mapping[str, Sequence[float | None]] | None = None,
    peers: Mapping[str, Usual] | None = None,
) -> dict[str, Any]:
    """The sheet as the browser needs it: formulas as trees, and of other periods and places no
    more than what is usual. Rules that have nothing to go by on this sheet are left out.

    >>> rule = Rule("r", Level.HARD, RuleKind.MUST, must="a < 2 + 3")
    >>> sheet = as_json([Line("a", decimals=1)], [rule])
    >>> sheet["lines"]
    [{'series': 'a', 'required': True, 'decimals': 1, 'shift': 10, 'low': None, 'high': None}]
    >>> sheet["rules"][0]["must"]
    {'left': ['a'], 'sign': '<', 'right': ['+', [2.0], [3.0]]}
    """
    return {
        "lines": [
            {
                "series": line.series,
                "required": line.required,
                "decimals": line.decimals,
                "shift": 10**line.decimals,
                "low": line.low,
                "high": line.high,
            }
            for line in lines
        ],
        "rules": [_rule(each) for each in _prepared(lines, rules, history or {}, peers or {})],
    }


# -- what is built in ----------------------------------------------------------------------


def _value(cell: Cell) -> float | None:
    """The figure that rules may use."""
    if cell.absent or cell.value is None or not math.isfinite(cell.value):
        return None
    return cell.value


def _built_in(line: Line, cell: Cell) -> Iterator[Finding]:
    if cell.absent:
        return
    value = cell.value
    if value is None:
        if line.required:
            yield Finding(line.series, Level.HARD, EMPTY)
        return
    low, high = line.low, line.high
    if (
        not math.isfinite(value)
        or (low is not None and value < low)
        or (high is not None and value > high)
    ):
        bounds = {"low": low, "high": high}
        facts = {name: bound for name, bound in bounds.items() if bound is not None}
        yield Finding(line.series, Level.HARD, RANGE, facts=facts)
    if math.isfinite(value) and _is_finer(value, 10**line.decimals):
        yield Finding(line.series, Level.HARD, DECIMALS, facts={"decimals": line.decimals})


def _is_finer(value: float, shift: int) -> bool:
    """Whether a value has more decimals than the shift brings before the point. What reading and
    multiplying can add is less than twice the distance of two numbers there.

    >>> [_is_finer(value, 100) for value in (0.29, 1.005, 7.25, 123456789012.34)]
    [False, True, False, False]
    """
    shifted = value * shift
    if abs(shifted) >= WHOLE:
        return False
    return abs(shifted - math.floor(shifted + 0.5)) > abs(shifted) * 2.0**-51


# -- rules ---------------------------------------------------------------------------------


def _finding(
    each: _Prepared, value: float, values: Mapping[str, float | None]
) -> Iterator[Finding]:
    """What a rule says of a value, if anything."""
    facts: dict[str, float | str] | None = None
    if each.must is not None:
        if each.must.holds(values, each.half) is False:
            must = each.must.must
            sides = {"left": must.left.of(values), "right": must.right.of(values)}
            facts = {name: side for name, side in sides.items() if side is not None}
    elif each.usual is not None:
        if each.usual.lacks(value, each.factor):
            facts = each.usual.facts(value)
    elif value == each.last and each.run + 1 >= each.periods:
        facts = {"periods": each.run + 1}
    if facts is not None:
        known = {"value": value, **facts}
        yield Finding(each.series, each.rule.level, each.rule.key, each.others, known)


def _prepared(
    lines: Sequence[Line],
    rules: Sequence[Rule],
    history: Mapping[str, Sequence[float | None]],
    peers: Mapping[str, Usual],
) -> Iterator[_Prepared]:
    """The rules that have something to go by on this sheet."""
    known = {line.series: line for line in lines}
    for rule in rules:
        must = _requirement(rule.must) if rule.kind is RuleKind.MUST else None
        named = must.keys if must else (rule.series,)
        line = next((known[key] for key in (rule.series, *named) if key in known), None)
        if line is None:
            continue
        half = 0.5 / 10**line.decimals
        factor = USUAL_FACTOR if rule.factor is None else rule.factor
        before = history.get(line.series, ())
        match rule.kind:
            case RuleKind.MUST:
                others = tuple(key for key in named if key != line.series)
                yield _Prepared(rule, line.series, others, must, half)
            case RuleKind.HISTORY:
                usual = _usual(before, half)
                if usual is not None:
                    yield _Prepared(rule, line.series, usual=usual, factor=factor)
            case RuleKind.PEERS:
                usual = peers.get(line.series)
                if usual is not None:
                    yield _Prepared(rule, line.series, usual=usual, factor=factor)
            case RuleKind.UNCHANGED:
                last, run = _standing(before)
                periods = USUAL_PERIODS if rule.periods is None else rule.periods
                if last is not None:
                    yield _Prepared(rule, line.series, last=last, run=run, periods=periods)


@lru_cache(maxsize=1024)
def _requirement(text: str) -> Requirement:
    return Requirement.parse(text)


def _usual(values: Sequence[float | None], half: float) -> Usual | None:
    """What is usual among the last values that there are; None for too few.

    >>> _usual([1, 1, None, 1], 0.5) is None
    True
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    return Usual.of(known[-MOST_BEFORE:], half) if len(known) >= FEWEST_BEFORE else None


def _standing(before: Sequence[float | None]) -> tuple[float | None, int]:
    """The figure of the period before, and for how many periods it had stood.

    >>> _standing([3, 4, 4]), _standing([4, 4, None])
    ((4, 2), (None, 0))
    """
    last = before[-1] if before else None
    if last is None:
        return None, 0
    run = 0
    for value in reversed(before):
        if value != last:
            break
        run += 1
    return last, run


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[middle])
    return ordered[middle - 1] / 2 + ordered[middle] / 2


# -- for the browser -----------------------------------------------------------------------


def _rule(each: _Prepared) -> dict[str, Any]:
    rule = each.rule
    said: dict[str, Any] = {
        "key": rule.key,
        "level": rule.level.value,
        "kind": rule.kind.value,
        "series": each.series,
        "others": list(each.others),
        "says": {"en": rule.says_en, "zh": rule.says_zh},
    }
    if each.must is not None:
        condition = each.must.condition
        said |= {"must": _comparison(each.must.must), "half": each.half}
        return said | {"condition": _comparison(condition) if condition else None}
    if each.usual is not None:
        usual = each.usual
        said |= {"median": usual.median, "spread": usual.spread, "most": usual.most}
        return said | {"count": usual.count, "factor": each.factor}
    return said | {"last": each.last, "run": each.run, "periods": each.periods}


def _comparison(said: Comparison) -> dict[str, Any]:
    return {"left": _tree(said.left.root), "sign": said.sign, "right": _tree(said.right.root)}


def _tree(part: Part) -> list[Any]:
    """A number or a key by itself, or a sign with its parts.

    >>> from throughline.plans.rules import Formula
    >>> _tree(Formula.parse("max(a, 2) - b").root)
    ['-', ['max', ['a'], [2.0]], ['b']]
    """
    if part.sign == "number":
        return [part.number]
    if part.sign == "key":
        return [part.key]
    return [part.sign, *map(_tree, part.parts)]
