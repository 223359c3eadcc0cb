"""The figures of a sheet held to what its forms ask: what the rules need from the database, and
the sentences that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import localcontext
from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.errors import Problem
from throughline.kernel.words import localized
from throughline.plans.rules import with_numbers
from throughline.reporting.asking import Asked, AskedLine, Known
from throughline.reporting.rules.validating import (
    DECIMALS,
    EMPTY,
    RANGE,
    Cell,
    Finding,
    Level,
    findings,
)
from throughline.ui import writing

Values = Mapping[str, Mapping[str, Any]]
"""A sheet by series key: value (a number or None), absent (not applicable), note."""

History = Mapping[str, Sequence[float | None]]


def cells_of(values: Values) -> dict[str, Cell]:
    """A sheet as the rules take it."""
    return {
        key: Cell(
            value=given.get("value"),
            absent=bool(given.get("absent")),
            note=str(given.get("note", "")),
        )
        for key, given in values.items()
    }


def history_of(known: Known) -> dict[str, list[float | None]]:
    """By series key, the figures of the unit in the periods before, oldest first, of the lines
    that are compared with them."""
    return {each.key: known.history(each) for each in known.asked.compared}


def found_in(known: Known, values: Values) -> list[Finding]:
    """What is found in a sheet, in the order of its lines."""
    asked = known.asked
    return findings(
        asked.rule_lines, asked.rules_held, cells_of(values), history_of(known), known.peers
    )


def sentence_of(asked: Asked, finding: Finding) -> str:
    """What a finding says, in the reader's language."""
    if finding.rule == RANGE:
        return _("The figure is outside of what is possible (%(bounds)s).") % {
            "bounds": _bounds(finding.facts)
        }
    built_in = {
        EMPTY: _("This figure is missing. If it does not exist here, say “not applicable”."),
        DECIMALS: _("The figure has more decimals than are asked for."),
    }
    if finding.rule in built_in:
        return built_in[finding.rule]
    form, _slash, key = finding.rule.partition("/")
    rule = next(each for each in asked.rules if each.form.key == form and each.key == key)
    decimals = asked.by_key[finding.series].series.indicator.decimals
    return with_numbers(localized(rule, "says"), numbers_of(finding.facts, decimals))


COUNTS = frozenset({"count", "periods"})
"""Facts that count something; the others are figures."""
FINER = 2
"""So many decimals more than its line a number may have that was reckoned from it."""
MOST_DIGITS = 400
"""A float has at most 309 digits before its point."""


def numbers_of(facts: Mapping[str, float | str], decimals: int) -> dict[str, str]:
    """The numbers that a finding rests on, as a sentence has them: with the decimals of the
    line, or a few more where there are more. The twin in the browser is `filled`.

    >>> numbers_of({"value": 5682.0, "median": 1250.5, "count": 5}, 0)
    {'value': '5,682', 'median': '1,250.5', 'count': '5'}
    >>> numbers_of({"left": 100 / 3, "right": -0.001}, 1)
    {'left': '33.333', 'right': '−0.001'}
    """
    return {
        name: _number(float(fact), 0 if name in COUNTS else decimals)
        for name, fact in facts.items()
    }


def _number(value: float, decimals: int) -> str:
    with localcontext() as context:
        context.prec = MOST_DIGITS
        whole, _point, part = writing.number(value, decimals + FINER).partition(".")
    part = part.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{part}" if part else whole


def _bounds(facts: Mapping[str, float | str]) -> str:
    """What figures there can be."""
    named = {name: writing.number(float(bound)) for name, bound in facts.items()}
    if "low" in named and "high" in named:
        return _("%(low)s to %(high)s") % named
    if "low" in named:
        return _("at least %(low)s") % named
    return _("at most %(high)s") % named if "high" in named else _("a finite number")


def remedy_of(finding: Finding) -> str:
    """What mends it. What is missing is told with what mends it."""
    if finding.rule == EMPTY:
        return ""
    if finding.level is Level.HARD:
        return _("Correct it.")
    return _("Correct it, or write in the explanation why it is so.")


def _named(line: AskedLine) -> str:
    """A line by number and title, as the sheet has it."""
    return f"{line.line.number} {line.series.indicator.title}".strip()


def problems_of(asked: Asked, found: Sequence[Finding]) -> list[Problem]:
    """Findings as faults of an input, each with its line."""
    return [
        Problem(
            place=_named(asked.by_key[each.series]),
            message=sentence_of(asked, each),
            remedy=remedy_of(each),
            field=each.series,
            code=each.rule,
        )
        for each in found
    ]
