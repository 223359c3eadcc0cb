"""Formulas over indicators, and comparisons of them: read, ordered, evaluated. Pure.

A formula is written with the keys of indicators, numbers, `+ - * /` (or `− × ÷`), parentheses,
`min(…)` and `max(…)`. A key may hold hyphens, so a minus stands between spaces: `a-b` is one
indicator, `a - b` a difference.

>>> share = Formula.parse("100 × urban-population ÷ population")
>>> share.keys
('urban-population', 'population')
>>> share.of({"urban-population": 3.0, "population": 4.0})
75.0
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

MAX_LENGTH = 500
MAX_DEPTH = 30

_TOKENS = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)(?![\w.-])
    | (?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)
    | (?P<sign>[-+*/(),−×÷])
    )""",
    re.VERBOSE | re.ASCII,
)
_SIGNS = {"−": "-", "×": "*", "÷": "/"}
_FUNCTIONS = ("min", "max")
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


class FormulaError(Exception):
    """A formula that cannot be read. `kind` is one of: empty, too_long, too_deep, unknown_sign,
    unexpected, unfinished, division_by_zero, and of a comparison also: no_comparison,
    two_comparisons, no_colon; `at` counts characters from 0, `found` is what stands there."""

    def __init__(self, kind: str, at: int, found: str = "") -> None:
        super().__init__(f"{kind} at {at}: {found}")
        self.kind = kind
        self.at = at
        self.found = found


@dataclass(frozen=True)
class Operations:
    """What the signs of a formula do to the values of one world: figures, or arrays of them."""

    number: Callable[[float], Any]
    add: Callable[[Any, Any], Any]
    subtract: Callable[[Any, Any], Any]
    multiply: Callable[[Any, Any], Any]
    divide: Callable[[Any, Any], Any]
    least: Callable[[Any, Any], Any]
    greatest: Callable[[Any, Any], Any]

    def apply(self, sign: str, left: Any, right: Any) -> Any:
        """One operation by its sign in the tree of a formula."""
        return {
            "+": self.add,
            "-": self.subtract,
            "*": self.multiply,
            "/": self.divide,
            "min": self.least,
            "max": self.greatest,
        }[sign](left, right)


def _known(does: Callable[[float, float], float | None]) -> Callable[[Any, Any], Any]:
    """An operation that has no value where one of its parts has none, nor where it leaves what
    a figure can be."""

    def apply(left: float | None, right: float | None) -> float | None:
        found = None if left is None or right is None else does(left, right)
        return found if found is not None and math.isfinite(found) else None

    return apply


FIGURES = Operations(
    number=float,
    add=_known(lambda left, right: left + right),
    subtract=_known(lambda left, right: left - right),
    multiply=_known(lambda left, right: left * right),
    divide=_known(lambda left, right: left / right if right else None),
    least=_known(min),
    greatest=_known(max),
)
"""Single figures; None is "no value", and so is a division by zero."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Part:
    """A part of a formula: a number, a key, or a sign with its parts."""

    sign: str
    parts: tuple[Part, ...] = ()
    number: float = 0.0
    key: str = ""


@dataclass(frozen=True)
class Formula:
    """An arithmetic expression over the keys of indicators."""

    text: str
    root: Part

    @classmethod
    def parse(cls, text: str) -> Formula:
        """Read a formula; raises FormulaError that says where it cannot be read.

        >>> Formula.parse("max(a, 2) - (b - c) / 3").keys
        ('a', 'b', 'c')
        >>> Formula.parse("a + ")
        Traceback (most recent call last):
            ...
        throughline.plans.rules.FormulaError: unfinished at 3: a +
        """
        if len(text) > MAX_LENGTH:
            raise FormulaError("too_long", MAX_LENGTH, text[MAX_LENGTH:][:20])
        reader = _Reader(text, list(_tokens(text)))
        return cls(text, reader.whole())

    @property
    def keys(self) -> tuple[str, ...]:
        """The indicators that it is made of, in the order in which they are named first."""
        return tuple(dict.fromkeys(_keys(self.root)))

    def of(self, values: Mapping[str, float | None]) -> float | None:
        """The value of the formula; None where a part has none or is divided by zero.

        >>> Formula.parse("a / b").of({"a": 1.0, "b": 0.0}) is None
        True
        >>> Formula.parse("min(a, b) × 2").of({"a": 3.0}) is None
        True
        """
        found: float | None = self.evaluate(values, FIGURES, missing=None)
        return found

    def evaluate(self, values: Mapping[str, Any], by: Operations, missing: Any) -> Any:
        """The value of the formula in another world than that of single figures."""
        return _evaluate(self.root, values, by, missing)

    def written(self, titles: Mapping[str, str]) -> str:
        """The formula for people, with the titles of indicators.

        >>> Formula.parse("(a + b) / c - 1.50").written({"a": "Cats", "b": "Dogs", "c": "Homes"})
        '(Cats + Dogs) ÷ Homes − 1.5'
        """
        return _written(self.root, titles, 0)


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKENS.match(text, at)
        if found is None or found.lastgroup is None:
            here = len(text) - len(text[at:].lstrip())
            raise FormulaError("unknown_sign", here, text[here])
        kind = found.lastgroup
        written = found.group(kind)
        yield _Token(kind, _SIGNS.get(written, written), found.start(kind))
        at = found.end()


class _Reader:
    """Reads tokens from the left: sums of products of atoms."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.here = 0
        self.depth = 0

    def whole(self) -> Part:
        if not self.tokens:
            raise FormulaError("empty", 0)
        part = self._sum()
        if self.here < len(self.tokens):
            raise self._unexpected()
        return part

    def _next(self) -> str:
        return self.tokens[self.here].text if self.here < len(self.tokens) else ""

    def _take(self, *signs: str) -> str:
        """The next sign, if it is one of these; else nothing."""
        token = self.tokens[self.here] if self.here < len(self.tokens) else None
        if token is None or token.kind != "sign" or token.text not in signs:
            return ""
        self.here += 1
        return token.text

    def _unexpected(self) -> FormulaError:
        if self.here >= len(self.tokens):
            text = self.text.rstrip()
            return FormulaError("unfinished", len(text), text[-20:])
        token = self.tokens[self.here]
        return FormulaError("unexpected", token.at, token.text)

    def _sum(self) -> Part:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("too_deep", self.tokens[min(self.here, len(self.tokens) - 1)].at)
        part = self._product()
        while sign := self._take("+", "-"):
            part = Part(sign, (part, self._product()))
        self.depth -= 1
        return part

    def _product(self) -> Part:
        part = self._atom()
        while sign := self._take("*", "/"):
            at = self.here
            right = self._atom()
            if sign == "/" and right.sign == "number" and right.number == 0:
                raise FormulaError("division_by_zero", self.tokens[at].at, "0")
            part = Part(sign, (part, right))
        return part

    def _atom(self) -> Part:
        if self._take("-"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise FormulaError("too_deep", self.tokens[self.here - 1].at)
            part = Part("-", (Part("number"), self._atom()))
            self.depth -= 1
            return part
        if self._take("("):
            part = self._sum()
            self._close()
            return part
        token = self.tokens[self.here] if self.here < len(self.tokens) else None
        if token is None or token.kind == "sign":
            raise self._unexpected()
        self.here += 1
        if token.kind == "number":
            return Part("number", number=float(token.text))
        if token.text in _FUNCTIONS and self._take("("):
            return self._function(token.text)
        return Part("key", key=token.text)

    def _function(self, name: str) -> Part:
        parts = [self._sum()]
        while self._take(","):
            parts.append(self._sum())
        self._close()
        return Part(name, tuple(parts))

    def _close(self) -> None:
        if not self._take(")"):
            raise self._unexpected()


def _keys(part: Part) -> Iterator[str]:
    if part.sign == "key":
        yield part.key
    for each in part.parts:
        yield from _keys(each)


def _evaluate(part: Part, values: Mapping[str, Any], by: Operations, missing: Any) -> Any:
    if part.sign == "number":
        return by.number(part.number)
    if part.sign == "key":
        return values.get(part.key, missing)
    found = [_evaluate(each, values, by, missing) for each in part.parts]
    return reduce(lambda left, right: by.apply(part.sign, left, right), found)


_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
_PRINTED = {"+": "+", "-": "−", "*": "×", "/": "÷"}


def _written(part: Part, titles: Mapping[str, str], outside: int) -> str:
    if part.sign == "number":
        return f"{part.number:,.10g}"
    if part.sign == "key":
        return titles.get(part.key, part.key)
    if part.sign in _FUNCTIONS:
        inside = ", ".join(_written(each, titles, 0) for each in part.parts)
        return f"{part.sign}({inside})"
    binds = _BINDS[part.sign]
    left, right = part.parts
    # What stands right of a sign of the same strength keeps its parentheses: a − (b − c).
    before, after = _written(left, titles, binds), _written(right, titles, binds + 1)
    words = f"{before} {_PRINTED[part.sign]} {after}"
    return f"({words})" if binds < outside else words


_COMPARING = re.compile(r"<=|>=|!=|[<>=≤≥≠]")
_COMPARED = {"≤": "<=", "≥": ">=", "≠": "!="}
_CONDITION = re.compile(r"\s*if(?=[\s(])")

NOISE = 1e-9
"""The share of a value below which a difference is the arithmetic's and nobody's fault: 0.1 + 0.2
is at most 0.3."""


@dataclass(frozen=True)
class Comparison:
    """Two formulas and what must hold between them: <=, <, >=, >, =, !=."""

    left: Formula
    sign: str
    right: Formula

    @classmethod
    def parse(cls, text: str, at: int = 0) -> Comparison:
        """Read a comparison; raises FormulaError. `at` is where it stands in a longer text."""
        signs = list(_COMPARING.finditer(text))
        if not text.strip():
            raise FormulaError("empty", at)
        if not signs:
            raise FormulaError("no_comparison", at + len(text.rstrip()), text.strip()[-20:])
        if len(signs) > 1:
            raise FormulaError("two_comparisons", at + signs[1].start(), signs[1].group())
        sign = signs[0]
        left = _side(text[: sign.start()], at)
        right = _side(text[sign.end() :], at + sign.end())
        return cls(left, _COMPARED.get(sign.group(), sign.group()), right)

    @property
    def keys(self) -> tuple[str, ...]:
        """What it compares, in the order in which it is named first."""
        return tuple(dict.fromkeys((*self.left.keys, *self.right.keys)))

    def holds(self, values: Mapping[str, float | None], tolerance: float = 0.0) -> bool | None:
        """Whether it holds; None where a part has no value. Equal is what differs by no more
        than the tolerance.

        >>> Comparison.parse("a + b <= c").holds({"a": 0.1, "b": 0.2, "c": 0.3})
        True
        >>> Comparison.parse("a = 100 × b / c").holds({"a": 33.3, "b": 1.0, "c": 3.0}, 0.05)
        True
        >>> Comparison.parse("a < b").holds({"a": 1.0}) is None
        True
        """
        left, right = self.left.of(values), self.right.of(values)
        if left is None or right is None:
            return None
        noise = NOISE * max(abs(left), abs(right))
        match self.sign:
            case "<=":
                return left <= right + noise
            case "<":
                return left < right - noise
            case ">=":
                return left >= right - noise
            case ">":
                return left > right + noise
            case "=":
                return abs(left - right) <= tolerance + noise
            case _:
                return abs(left - right) > tolerance + noise


def _side(text: str, at: int) -> Formula:
    try:
        return Formula.parse(text)
    except FormulaError as error:
        raise FormulaError(error.kind, at + error.at, error.found) from error


@dataclass(frozen=True)
class Requirement:
    """A comparison that must hold, always or under a condition that is a comparison too."""

    must: Comparison
    condition: Comparison | None = None

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Read a requirement; raises FormulaError.

        >>> Requirement.parse("finished <= started").keys
        ('finished', 'started')
        >>> Requirement.parse("if finished > 0: households > 0").keys
        ('households', 'finished')
        >>> Requirement.parse("a <= b <= c")
        Traceback (most recent call last):
            ...
        throughline.plans.rules.FormulaError: two_comparisons at 7: <=
        """
        given = _CONDITION.match(text)
        if given is None:
            return cls(Comparison.parse(text))
        colon = text.find(":")
        if colon < 0:
            raise FormulaError("no_colon", len(text.rstrip()), text.rstrip()[-20:])
        condition = Comparison.parse(text[given.end() : colon], given.end())
        return cls(Comparison.parse(text[colon + 1 :], colon + 1), condition)

    @property
    def keys(self) -> tuple[str, ...]:
        """What it is about, then what its condition asks for."""
        asked = self.condition.keys if self.condition else ()
        return tuple(dict.fromkeys((*self.must.keys, *asked)))

    def holds(self, values: Mapping[str, float | None], tolerance: float = 0.0) -> bool | None:
        """Whether it holds; None where it says nothing, for a part has no value or its
        condition does not hold.

        >>> said = Requirement.parse("if a > 0: b > 0")
        >>> said.holds({"a": 1.0, "b": 0.0}), said.holds({"a": 0.0, "b": 0.0})
        (False, None)
        """
        if self.condition is not None and not self.condition.holds(values, tolerance):
            return None
        return self.must.holds(values, tolerance)


NUMBERS_OF = {
    "must": ("value", "left", "right"),
    "history": ("value", "median", "count"),
    "peers": ("value", "median", "count"),
    "unchanged": ("value", "periods"),
}
"""The numbers that the sentence of a rule may name in braces, by the kind of the rule."""

_BRACED = re.compile(r"\{([^{}]*)\}")


def numbers_named(sentence: str) -> list[str]:
    """What a sentence names in braces, and each brace that stands alone.

    >>> numbers_named("{value} is more than {right}."), numbers_named("{value of {right}")
    (['value', 'right'], ['right', '{'])
    """
    alone = [sign for sign in _BRACED.sub("", sentence) if sign in "{}"]
    return [*_BRACED.findall(sentence), *alone]


def with_numbers(sentence: str, numbers: Mapping[str, str]) -> str:
    """A sentence with the numbers that it names, as they are written; a name that is not known
    stays as it is.

    >>> with_numbers("{value} is more than {right}.", {"value": "5", "right": "4"})
    '5 is more than 4.'
    """
    return _BRACED.sub(lambda found: numbers.get(found[1], found[0]), sentence)


def cycle_of(parts: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys of a circle among definitions that name each other, its first key last again;
    empty where there is none.

    >>> cycle_of({"a": ["b"], "b": ["c", "d"], "c": ["a"], "d": []})
    ['a', 'b', 'c', 'a']
    >>> cycle_of({"a": ["b", "c"], "b": ["c"], "c": []})
    []
    """
    done: set[str] = set()
    for start in parts:
        path: list[str] = []
        waiting = [(start, iter(parts.get(start, ())))]
        while waiting:
            key, others = waiting[-1]
            if key not in path:
                path.append(key)
            other = next(others, None)
            if other is None:
                done.add(key)
                path.pop()
                waiting.pop()
            elif other in path:
                return [*path[path.index(other) :], other]
            elif other not in done:
                waiting.append((other, iter(parts.get(other, ()))))
    return []


def evaluation_order(parts: Mapping[str, Sequence[str]]) -> list[str]:
    """Definitions so ordered that each stands after what it is made of; raises ValueError that
    names the circle where there is one.

    >>> evaluation_order({"a": ["b"], "b": ["c"], "c": []})
    ['c', 'b', 'a']
    """
    circle = cycle_of(parts)
    if circle:
        raise ValueError(" → ".join(circle))
    found: dict[str, None] = {}
    waiting = list(parts)[::-1]
    while waiting:
        key = waiting[-1]
        missing = [other for other in parts.get(key, ()) if other in parts and other not in found]
        if key in found:
            waiting.pop()
        elif missing:
            waiting.extend(reversed(missing))
        else:
            found[key] = None
            waiting.pop()
    return list(found)
