"""Conditions on facts and outcomes: read, typed, evaluated by ourselves and by nothing else.

A condition compares declared names with what is written out: `=`, `!=`, `<`, `<=`, `>`, `>=`,
`in`, `not in`, joined by `and`, `or`, `not` and parentheses. A text stands in double quotes. A
number that has a unit says it, so that nobody mistakes ten thousands for hundred millions. A fact
of yes or no stands by itself. Nothing can be computed, called or assigned; length, depth and number
of parts are bounded, and each part is looked at once, so that a condition costs what reading it
costs.

>>> cost = Variable("cost", FactType.NUMBER, units={"亿元": Decimal(1), "万元": Decimal("0.0001")})
>>> land = Variable("uses-land", FactType.YES_NO)
>>> names = {"cost": cost, "uses-land": land}
>>> found = Condition.parse("cost >= 5000 万元 and not uses-land", names)
>>> found.holds({"cost": Decimal("0.5"), "uses-land": False})
True
>>> found.holds({"cost": Decimal("0.4")}), found.holds({"cost": Decimal("0.5")})
(False, None)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from throughline.procedures.rules.facts import Facts, FactType, Value, Variable

MAX_LENGTH = 1000
MAX_DEPTH = 20
MAX_PARTS = 200

_TOKENS = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<text>"[^"]*")
    | (?P<word>[^\W\d][\w-]*)
    | (?P<sign><=|>=|!=|==|[=<>≤≥≠()\[\],])
    )""",
    re.VERBOSE,
)
_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!="}
_COMPARING = frozenset({"=", "!=", "<", "<=", ">", ">="})
_KEPT = frozenset({"and", "or", "not", "in"})


class ConditionError(Exception):
    """A condition that cannot be read. `kind` is one of: empty, too_long, unknown_sign,
    unexpected, unfinished, unknown_name, no_comparison, wrong_type, unknown_value, no_unit,
    wrong_unit, no_order; `at` counts characters from 0, `found` is what stands there, and `known`
    what could stand there instead."""

    def __init__(self, kind: str, at: int, found: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(f"{kind} at {at}: {found}")
        self.kind = kind
        self.at = at
        self.found = found
        self.known = known


@dataclass(frozen=True)
class Part:
    """A part of a condition: `and`, `or`, `not` with parts; or a comparison of a name."""

    sign: str
    parts: tuple[Part, ...] = ()
    name: str = ""
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A condition that was read, and is well typed."""

    text: str
    root: Part

    @classmethod
    def parse(cls, text: str, variables: Mapping[str, Variable]) -> Condition:
        """Read a condition over declared names; raises ConditionError that says where not.

        >>> Condition.parse('__import__("os")', {})
        Traceback (most recent call last):
            ...
        throughline.procedures.rules.conditions.ConditionError: unknown_name at 0: __import__
        """
        if len(text) > MAX_LENGTH:
            raise ConditionError("too_long", MAX_LENGTH)
        return cls(text, _Reader(text, variables).whole())

    @property
    def names(self) -> tuple[str, ...]:
        """What it asks for, in the order in which it is named first."""
        return tuple(dict.fromkeys(part.name for part in _comparisons(self.root)))

    def numbers(self, name: str) -> set[Decimal]:
        """The numbers with which a name is compared, in the unit in which it is kept."""
        return {
            value
            for part in _comparisons(self.root)
            if part.name == name
            for value in part.values
            if isinstance(value, Decimal)
        }

    def holds(self, values: Facts) -> bool | None:
        """Whether it holds; None where that depends on what is not known."""
        return _holds(self.root, values)


def _comparisons(part: Part) -> Iterator[Part]:
    if part.name:
        yield part
    for each in part.parts:
        yield from _comparisons(each)


def _holds(part: Part, values: Facts) -> bool | None:
    match part.sign:
        case "and":
            found = [_holds(each, values) for each in part.parts]
            return False if False in found else None if None in found else True
        case "or":
            found = [_holds(each, values) for each in part.parts]
            return True if True in found else None if None in found else False
        case "not":
            inner = _holds(part.parts[0], values)
            return None if inner is None else not inner
    value = values.get(part.name)
    return None if value is None else _compared(part.sign, value, part.values)


def _compared(sign: str, value: Value, others: tuple[Value, ...]) -> bool:
    if sign in {"in", "="}:
        return value in others
    if sign in {"not in", "!="}:
        return value not in others
    other = others[0]
    # What has an order are numbers; the reader has seen to it.
    assert isinstance(value, Decimal) and isinstance(other, Decimal)  # noqa: S101
    return {"<": value < other, "<=": value <= other, ">": value > other, ">=": value >= other}[
        sign
    ]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKENS.match(text, at)
        if token is None or token.lastgroup is None:
            here = len(text) - len(text[at:].lstrip())
            raise ConditionError("unknown_sign", here, text[here])
        kind = token.lastgroup
        written = token.group(kind)
        found.append(_Token(kind, _SIGNS.get(written, written), token.start(kind)))
        at = token.end()
    return found


class _Reader:
    """Reads tokens from the left: `or` of `and` of `not` of comparisons."""

    def __init__(self, text: str, variables: Mapping[str, Variable]) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.variables = variables
        self.here = 0
        self.depth = 0
        if len(self.tokens) > MAX_PARTS:
            raise ConditionError("too_long", self.tokens[MAX_PARTS].at)

    def whole(self) -> Part:
        if not self.tokens:
            raise ConditionError("empty", 0)
        part = self._any()
        if self.here < len(self.tokens):
            raise self._unexpected()
        return part

    def _token(self) -> _Token | None:
        return self.tokens[self.here] if self.here < len(self.tokens) else None

    def _take(self, *texts: str) -> str:
        """The next token, if it is one of these signs or words; else nothing."""
        token = self._token()
        if token is None or token.kind in {"text", "number"} or token.text not in texts:
            return ""
        self.here += 1
        return token.text

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected(text)

    def _unexpected(self, *known: str) -> ConditionError:
        token = self._token()
        if token is None:
            text = self.text.rstrip()
            return ConditionError("unfinished", len(text), text[-20:], known)
        return ConditionError("unexpected", token.at, token.text, known)

    def _any(self) -> Part:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError("too_long", self._at())
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Part("or", tuple(parts))

    def _all(self) -> Part:
        parts = [self._not()]
        while self._take("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Part("and", tuple(parts))

    def _not(self) -> Part:
        times = 0
        while self._take("not"):
            times += 1
        part = self._closed() if self._take("(") else self._comparison()
        return Part("not", (part,)) if times % 2 else part

    def _closed(self) -> Part:
        part = self._any()
        self._need(")")
        return part

    def _at(self) -> int:
        token = self._token()
        return token.at if token else len(self.text)

    def _comparison(self) -> Part:
        token = self._token()
        if token is None or token.kind != "word" or token.text in _KEPT:
            raise self._unexpected(*self.variables)
        variable = self.variables.get(token.text)
        if variable is None:
            raise ConditionError("unknown_name", token.at, token.text, tuple(self.variables))
        self.here += 1
        sign = self._sign()
        if variable.type is FactType.YES_NO:
            if sign:
                raise ConditionError("wrong_type", token.at, token.text, (token.text,))
            return Part("=", name=variable.key, values=(True,))
        if not sign:
            raise ConditionError("no_comparison", token.at, token.text)
        if sign in {"in", "not in"}:
            return Part(sign, name=variable.key, values=self._list(variable))
        if variable.type is FactType.CHOICE and sign not in {"=", "!="}:
            raise ConditionError("no_order", token.at, token.text, ("=", "!=", "in"))
        return Part(sign, name=variable.key, values=(self._value(variable),))

    def _sign(self) -> str:
        if self._take("not"):
            self._need("in")
            return "not in"
        return self._take("in", *_COMPARING)

    def _list(self, variable: Variable) -> tuple[Value, ...]:
        self._need("[")
        values = [self._value(variable)]
        while self._take(","):
            values.append(self._value(variable))
        self._need("]")
        return tuple(values)

    def _value(self, variable: Variable) -> Value:
        token = self._token()
        if token is None or token.kind not in {"text", "number"}:
            raise self._unexpected(*(f'"{value}"' for value in variable.values))
        self.here += 1
        if variable.type is FactType.CHOICE:
            written = token.text[1:-1]
            if token.kind != "text":
                raise ConditionError("wrong_type", token.at, token.text, variable.values)
            if written not in variable.values:
                raise ConditionError("unknown_value", token.at, written, variable.values)
            return written
        if token.kind != "number":
            raise ConditionError("wrong_type", token.at, token.text)
        return self._measured(variable, token)

    def _measured(self, variable: Variable, token: _Token) -> Decimal:
        following = self._token()
        unit = following if following and following.kind == "word" else None
        if unit is None or unit.text in _KEPT:
            if variable.units:
                at = token.at + len(token.text)
                raise ConditionError("no_unit", at, token.text, tuple(variable.units))
            return Decimal(token.text)
        if unit.text not in variable.units:
            raise ConditionError("wrong_unit", unit.at, unit.text, tuple(variable.units))
        self.here += 1
        return Decimal(token.text) * variable.units[unit.text]
