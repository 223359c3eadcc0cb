"""The figures of a sheet held to what its forms ask: what the rules need from the database, and
the sentences that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.errors import Problem
from throughline.kernel.words import localized
from throughline.reporting.asking import Asked, Known
from throughline.reporting.rules.validating import (
    DECIMALS,
    EMPTY,
    RANGE,
    Cell,
    Finding,
    Level,
    Line,
    Rule,
    RuleKind,
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


def lines_of(asked: Asked) -> list[Line]:
    """What is asked, as the rules take it."""
    return [
        Line(
            series=each.key,
            required=each.required,
            decimals=each.series.indicator.decimals,
            low=each.series.indicator.minimum,
            high=each.series.indicator.maximum,
        )
        for each in asked.lines
    ]


def rules_of(asked: Asked) -> list[Rule]:
    """The rules of all forms, as the rules take them."""
    return [
        Rule(
            key=f"{each.form.key}/{each.key}", level=Level(each.level), kind=RuleKind(each.kind),
            must=each.must, series=each.series, factor=each.factor, periods=each.periods,
            says_en=each.says_en, says_zh=each.says_zh,
        )
        for each in asked.rules
    ]  # fmt: skip


def history_of(known: Known) -> dict[str, list[float | None]]:
    """By series key, the figures of the unit in the periods before, oldest first."""
    return {each.key: known.history(each) for each in known.asked.lines}


def found_in(known: Known, values: Values) -> list[Finding]:
    """What is found in a sheet, in the order of its lines."""
    asked = known.asked
    return findings(
        lines_of(asked), rules_of(asked), cells_of(values), history_of(known), known.peers
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
    return localized(rule, "says")


def _bounds(facts: Mapping[str, float | str]) -> str:
    """What figures there can be."""
    named = {name: writing.number(float(bound)) for name, bound in facts.items()}
    if "low" in named and "high" in named:
        return _("%(low)s to %(high)s") % named
    if "low" in named:
        return _("at least %(low)s") % named
    return _("at most %(high)s") % named if "high" in named else _("a finite number")


def problems_of(asked: Asked, found: Sequence[Finding]) -> list[Problem]:
    """Findings as faults of an input, each with its line."""
    return [
        Problem(
            place=_("line %(number)s, %(title)s")
            % {
                "number": asked.by_key[each.series].line.number,
                "title": asked.by_key[each.series].series.indicator.title,
            },
            message=sentence_of(asked, each),
            remedy=_("Correct it.")
            if each.level is Level.HARD
            else _("Correct it, or write in the explanation why it is so."),
            field=each.series,
            code=each.rule,
        )
        for each in found
    ]
