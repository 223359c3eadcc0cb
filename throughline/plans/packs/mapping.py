"""A declared mapping of a file to observations, and which rule takes which row. Pure.

`docs/guide/packs.md` explains the language. The importer asks `rule_for` row by row; what the
rule says is done, and its reason goes into the report, so that nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Row
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
    `parent` for a zone or a named unit, `otherwise` (zone or refuse) for a named unit;
    `code_decides` for units whose name in the file is known to be wrong.
    """

    number: int
    treat: Treat
    when: tuple[Condition, ...] = ()
    of: str = ""
    parent: Parent | None = None
    otherwise: str = ""
    code_decides: bool = False
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
    factor: Decimal = Decimal(1)


@dataclass(frozen=True)
class Figures:
    """The columns of a file with one row a figure.

    Either `series` names the column with keys of series, or `indicator` the column with what
    is measured: each word that it may hold leads to a series in `of`; without `of` it holds
    keys of indicators. `status` and `note` name columns that a file may leave out.
    """

    value: str
    missing: Missing
    factor: Decimal = Decimal(1)
    series: str = ""
    indicator: str = ""
    of: tuple[tuple[str, str], ...] = ()
    status: str = ""
    note: str = ""

    @property
    def measured(self) -> str:
        """The column that says what a row is a figure of."""
        return self.series or self.indicator


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
    - `own_sum`: each unit of `tier` equals the sum of all units below it, each with its own.
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

    `valid_on` is the day whose codes the file uses; none: the last day of each row's period.
    Either `period` or `period_column` is set. `code` names the column with official codes (may
    be empty), `names` the columns with names, the most specific last. `sheet` is empty for CSV
    and for the first sheet. `headings` are other headings under which a column may stand.
    Either `columns` is filled, or `figures` for a file with one row a figure; only such a
    mapping may leave `scheme` empty: each row's series knows it.
    """

    key: str
    title: Words
    source: str
    support: str
    format: str
    header_row: int
    sheet: str
    headings: tuple[tuple[str, str], ...]
    scheme: str
    valid_on: date | None
    period: Period | None
    period_column: str
    status: str
    code: str
    names: tuple[str, ...]
    rules: tuple[Rule, ...]
    columns: tuple[Column, ...]
    figures: Figures | None
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
        if self.figures is not None:
            each = self.figures
            found |= {each.measured, each.value, each.status, each.note}
        return found - {""}

    def columns_needed(self) -> set[str]:
        """Those of them that a file must have: with one row a figure, the status and the note
        may be left out, and the names beside a code."""
        if self.figures is None:
            return self.columns_used()
        spared = {self.figures.status, self.figures.note}
        return self.columns_used() - spared - (set(self.names) if self.code else set())


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
        headings=tuple(
            (other, column)
            for column, others in file.get("headings", {}).items()
            for other in others
        ),
        scheme=value.get("scheme", ""),
        valid_on=date.fromisoformat(value["valid_on"]) if "valid_on" in value else None,
        period=None if period is None else Period.parse(str(period)),
        period_column=value.get("period_column", ""),
        status=value["status"],
        code=value["unit"].get("code", ""),
        names=tuple(value["unit"]["names"]),
        rules=tuple(_rule(number, rule) for number, rule in enumerate(value["rows"], start=1)),
        columns=tuple(_column(name, stated) for name, stated in value.get("columns", {}).items()),
        figures=_figures(value["figures"]) if "figures" in value else None,
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
        code_decides=value.get("code_decides", False),
        why=Words(**value.get("why", {})),
    )


def _condition(column: str, test: str | dict[str, Any]) -> Condition:
    if isinstance(test, str):
        return Condition(column, "is", test)
    ((name, expected),) = test.items()
    return Condition(column, name, expected)


def _column(name: str, value: dict[str, Any]) -> Column:
    missing = Missing(value["missing"])
    return Column(name, value["series"], missing, _factor(value))


def _factor(value: dict[str, Any]) -> Decimal:
    """As it is written: a double of it would multiply by something near it."""
    return Decimal(repr(value.get("factor", 1)))


def _figures(value: dict[str, Any]) -> Figures:
    return Figures(
        value=value["value"],
        missing=Missing(value["missing"]),
        factor=_factor(value),
        series=value.get("series", ""),
        indicator=value.get("indicator", ""),
        of=tuple(value.get("of", {}).items()),
        status=value.get("status", ""),
        note=value.get("note", ""),
    )


def _check(value: dict[str, Any]) -> Check:
    lists: dict[str, Any] = {
        name: tuple(value[name]) for name in ("columns", "parts") if name in value
    }
    return Check(**(value | lists))
