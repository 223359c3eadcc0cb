"""A declared mapping of a file to observations, and which rule takes which row. Pure.

`docs/guide/packs.md` explains the language. The importer asks `rule_for` row by row; what the
rule says is done, and its reason goes into the report, so that nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Row
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from throughline.kernel.period import Period

_BLANK = re.compile(r"\{(\w+)(?::\.(\d{1,2}))?\}")


class Treat(StrEnum):
    """What becomes of a row."""

    NATION = "nation"
    UNIT = "unit"
    DUPLICATE = "duplicate"
    SUBTOTAL = "subtotal"
    ZONE = "zone"
    NAMED_UNIT = "named_unit"
    NOTE = "note"


class Missing(StrEnum):
    """What an empty cell means."""

    NOT_REPORTED = "not_reported"
    NOT_APPLICABLE = "not_applicable"
    ZERO = "zero"


@dataclass(frozen=True)
class Words:
    """A text in the pack's languages; empty where the pack does not speak one."""

    en: str = ""
    zh: str = ""


NO_WORDS = Words()


@dataclass(frozen=True)
class Condition:
    """One test of one cell. White space around the cell does not count."""

    column: str
    test: str
    expected: Any

    def holds(self, row: Row[str, str]) -> bool:
        """Whether the row passes.

        >>> Condition("code", "ends", "00").holds({"code": "340100 "})
        True
        """
        cell = row.get(self.column, "").strip()
        match self.test:
            case "is":
                return cell == str(self.expected)
            case "empty":
                return (not cell) is bool(self.expected)
            case "in":
                return cell in self.expected
            case "starts":
                return cell.startswith(self.expected)
            case "ends":
                return cell.endswith(self.expected)
            case _:
                return cell == row.get(str(self.expected), "").strip()


@dataclass(frozen=True)
class Parent:
    """Where a row without a code belongs: found by names from the top, or by order."""

    names: tuple[str, ...] = ()
    above: str = ""


@dataclass(frozen=True)
class Rule:
    """What is done with the rows that pass all its conditions.

    `number` counts from 1 and names the rule in the report. `of` is set for a duplicate,
    `parent` for a zone or a named unit, `otherwise` (zone or refuse) for a named unit.
    """

    number: int
    treat: Treat
    when: tuple[Condition, ...] = ()
    of: str = ""
    parent: Parent | None = None
    otherwise: str = ""
    why: Words = NO_WORDS

    def takes(self, row: Row[str, str]) -> bool:
        """Whether the row is this rule's."""
        return all(condition.holds(row) for condition in self.when)

    def code_repeated(self, row: Row[str, str]) -> str:
        """The code of the unit that a duplicate row repeats."""
        return fill(self.of, row)


@dataclass(frozen=True)
class Column:
    """A column that becomes observations of a series; cells are multiplied by `factor`."""

    name: str
    series: str
    missing: Missing
    factor: float = 1.0


@dataclass(frozen=True)
class Ignored:
    """A column that is not loaded, and why."""

    column: str
    why: Words


@dataclass(frozen=True)
class Check:
    """A check that the report answers.

    - `children_sum`: each unit of `tier` equals the sum of its lowest units and zones, in each
      of `columns`; a unit without any is skipped and named.
    - `parts`: in every row `total` equals the sum of `parts`; a row with an empty part is
      skipped, or the part counts 0 where `missing` is zero.
    - `total`: the units of `tier` sum to `value` in `column`.
    """

    kind: str
    tier: str = ""
    columns: tuple[str, ...] = ()
    total: str = ""
    parts: tuple[str, ...] = ()
    missing: str = "skip"
    column: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Mapping:
    """How the rows and columns of one kind of file become observations.

    `valid_on` is the day whose codes the file uses. Either `period` or `period_column` is set.
    `code` names the column with official codes (may be empty), `names` the columns with names,
    the most specific last. `sheet` is empty for CSV and for the first sheet.
    """

    key: str
    title: Words
    source: str
    support: str
    format: str
    header_row: int
    sheet: str
    scheme: str
    valid_on: date
    period: Period | None
    period_column: str
    status: str
    code: str
    names: tuple[str, ...]
    rules: tuple[Rule, ...]
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    ignored: tuple[Ignored, ...]

    def rule_for(self, row: Row[str, str]) -> Rule | None:
        """The first rule that takes the row; none means that the row is refused."""
        return next((rule for rule in self.rules if rule.takes(row)), None)

    def columns_used(self) -> set[str]:
        """Every column of the file that the mapping speaks of."""
        tested = {c.column for rule in self.rules for c in rule.when}
        compared = {
            str(c.expected) for rule in self.rules for c in rule.when if c.test == "same_as"
        }
        placed = {name for rule in self.rules if rule.parent for name in rule.parent.names}
        repeated = {name for rule in self.rules for name in blanks(rule.of)}
        checked = {
            name
            for check in self.checks
            for name in (*check.columns, *check.parts, check.total, check.column)
        }
        stated = {self.code, self.period_column, *self.names}
        loaded = {column.name for column in self.columns}
        ignored = {column.column for column in self.ignored}
        found = tested | compared | placed | repeated | checked | stated | loaded | ignored
        return found - {""}


def blanks(template: str) -> list[str]:
    """The columns that a template takes its text from.

    >>> blanks("{code:.2}0000")
    ['code']
    """
    return [found.group(1) for found in _BLANK.finditer(template)]


def fill(template: str, row: Row[str, str]) -> str:
    """Fill `{column}` with a cell, `{column:.2}` with its first two characters.

    >>> fill("{code:.2}0000", {"code": "110100"})
    '110000'
    """

    def cell(found: re.Match[str]) -> str:
        text = row.get(found.group(1), "").strip()
        return text[: int(found.group(2))] if found.group(2) else text

    return _BLANK.sub(cell, template)


def build_mapping(value: dict[str, Any]) -> Mapping:
    """Build a mapping from a value that its schema and the references have passed."""
    file = value["file"]
    period = value.get("period")
    return Mapping(
        key=value["key"],
        title=Words(**value["title"]),
        source=value["source"],
        support=value["support"],
        format=file["format"],
        header_row=file.get("header_row", 1),
        sheet=file.get("sheet", ""),
        scheme=value["scheme"],
        valid_on=date.fromisoformat(value["valid_on"]),
        period=None if period is None else Period.parse(str(period)),
        period_column=value.get("period_column", ""),
        status=value["status"],
        code=value["unit"].get("code", ""),
        names=tuple(value["unit"]["names"]),
        rules=tuple(_rule(number, rule) for number, rule in enumerate(value["rows"], start=1)),
        columns=tuple(_column(name, stated) for name, stated in value["columns"].items()),
        checks=tuple(_check(check) for check in value.get("checks", [])),
        ignored=tuple(
            Ignored(column, Words(**group["why"]))
            for group in value.get("ignore", [])
            for column in group["columns"]
        ),
    )


def _rule(number: int, value: dict[str, Any]) -> Rule:
    parent = value.get("parent")
    return Rule(
        number=number,
        treat=Treat(value["treat"]),
        when=tuple(_condition(column, test) for column, test in value.get("when", {}).items()),
        of=value.get("of", ""),
        parent=Parent(tuple(parent.get("names", ())), parent.get("above", "")) if parent else None,
        otherwise=value.get("otherwise", ""),
        why=Words(**value.get("why", {})),
    )


def _condition(column: str, test: str | dict[str, Any]) -> Condition:
    if isinstance(test, str):
        return Condition(column, "is", test)
    ((name, expected),) = test.items()
    return Condition(column, name, expected)


def _column(name: str, value: dict[str, Any]) -> Column:
    missing = Missing(value["missing"])
    return Column(name, value["series"], missing, float(value.get("factor", 1)))


def _check(value: dict[str, Any]) -> Check:
    lists: dict[str, Any] = {
        name: tuple(value[name]) for name in ("columns", "parts") if name in value
    }
    return Check(**(value | lists))
