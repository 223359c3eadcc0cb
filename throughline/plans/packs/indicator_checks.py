"""Checks of indicators: what each is made of, who reports it, which figures it can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.references import need, tier, unique
from throughline.plans.rules import Formula, FormulaError, cycle_of

ADDED_UP = {"sum", "max", "last", "worst_of"}
PARTS = ("numerator", "denominator")
NEEDS = {"ratio": PARTS, "weighted_mean": ("weight",), "formula": ("formula",)}

Item = dict[str, Any]


def check_indicators(draft: Draft) -> None:
    """indicators.yaml: what each is made of, who reports it, its range."""
    unique(draft, "indicators", ("indicators",))
    if not draft.sound("indicators"):
        return
    known = {item["key"]: item for _path, item in draft.items("indicators")}
    for path, item in draft.items("indicators"):
        _made_of(draft, path, item, known)
        _reported_by(draft, path, item)
        _bounds(draft, path, item)
        for number, key in enumerate(item.get("peers_by", [])):
            need(draft, "indicators", (*path, "peers_by", number), key, known, _("indicator"))
        sources = draft.keys("sources")
        need(draft, "indicators", (*path, "source"), item.get("source"), sources, _("source"))
        if "source" not in item:
            message = _('the indicator "%s" has no source') % item["key"]
            draft.report("indicators", path, "no-source", message, _("name where it is defined"))
    _formulas(draft, known)


def _made_of(draft: Draft, path: PathInFile, item: Item, known: Mapping[str, Item]) -> None:
    for field in (*PARTS, "weight"):
        where = (*path, field)
        need(draft, "indicators", where, item.get(field), known, _("indicator"))
    for field in NEEDS.get(item["kind"], ()):
        if field not in item:
            message = _('a %(kind)s needs a "%(field)s"') % {"kind": item["kind"], "field": field}
            remedy = _('add "%s: <key of an indicator>"') % field
            if field == "formula":
                remedy = _('add "formula: …" over the keys of indicators')
            draft.report("indicators", path, "incomplete-indicator", message, remedy)
    for field in PARTS:
        _is_sum(draft, path, item, known, field, _("a ratio is one sum over another"))
    if item["kind"] == "weighted_mean":
        _is_sum(draft, path, item, known, "weight", _("a mean is weighed by a sum"))
    if "formula" in item and item["kind"] != "formula":
        message = _('the formula of "%s" is not used') % item["key"]
        remedy = _("write kind: formula, or remove the formula")
        draft.report("indicators", (*path, "formula"), "incomplete-indicator", message, remedy)
    for field in (*PARTS, "weight"):
        _same_span(draft, (*path, field), item, known.get(item.get(field, "")))


def _is_sum(
    draft: Draft, path: PathInFile, item: Item, known: Mapping[str, Item], field: str, why: str
) -> None:
    part = known.get(item.get(field, ""))
    if part is not None and part["kind"] != "sum":
        message = _('"%(key)s" is no sum: %(why)s') % {"key": item[field], "why": why}
        remedy = _("name an indicator of kind sum")
        draft.report("indicators", (*path, field), "incomplete-indicator", message, remedy)


def _same_span(draft: Draft, where: PathInFile, item: Item, part: Item | None) -> None:
    if part is not None and part["span"] != item["span"]:
        message = _('"%(part)s" is by %(other)s, "%(key)s" by %(span)s') % {
            "part": part["key"],
            "other": part["span"],
            "key": item["key"],
            "span": item["span"],
        }
        remedy = _("what an indicator is made of has periods of its own length")
        draft.report("indicators", where, "span", message, remedy)


def _reported_by(draft: Draft, path: PathInFile, item: Item) -> None:
    tier(draft, "indicators", (*path, "reporting_tier"), item.get("reporting_tier"))
    stated = ("reporting_tier" in item) + ("reports" in item)
    if item["kind"] in ADDED_UP and stated != 1:
        draft.report(
            "indicators",
            path,
            "reporting-tier",
            _("it must be clear who reports it"),
            _('write either "reporting_tier: <tier>" or "reports: itself"'),
        )
    if item["kind"] == "weighted_mean" and stated != 1:
        draft.report(
            "indicators",
            path,
            "reporting-tier",
            _("a mean is taken over the units of a tier, and it is not said of which"),
            _('write "reporting_tier: <tier>"'),
        )


def _bounds(draft: Draft, path: PathInFile, item: Item) -> None:
    low, high = item.get("range", [None, None])
    lower_first = _("write the lower end first")
    if low is not None and high is not None and low >= high:
        where = (*path, "range")
        draft.report("indicators", where, "range", _("the range is empty"), lower_first)
    band, banded = item.get("band"), item["direction"] == "band"
    if banded and band is None:
        message = _('"%s" is better within a band, and the band is not stated') % item["key"]
        remedy = _('add "band: [lower, upper]": the desired one, not the range there can be')
        draft.report("indicators", path, "band", message, remedy)
    elif band is not None and not banded:
        message = _('"%s" has a band, and more or less of it is better') % item["key"]
        remedy = _("write direction: band, or remove the band")
        draft.report("indicators", (*path, "band"), "band", message, remedy)
    elif band is not None:
        where = (*path, "band")
        if band[0] >= band[1]:
            draft.report("indicators", where, "band", _("the band is empty"), lower_first)
        elif (low is not None and band[0] < low) or (high is not None and band[1] > high):
            message = _("the desired band reaches beyond the range of what there can be")
            draft.report("indicators", where, "band", message, _("correct one of the two"))


# -- formulas ------------------------------------------------------------------------------


def _formulas(draft: Draft, known: Mapping[str, Item]) -> None:
    """Every formula can be read, names indicators of its own periods, and leads into no
    circle."""
    parts: dict[str, list[str]] = {}
    paths: dict[str, PathInFile] = {}
    for path, item in draft.items("indicators"):
        key, where = item["key"], (*path, "formula")
        if item["kind"] != "formula":
            parts.setdefault(key, [item[field] for field in PARTS if field in item])
            continue
        formula = _read(draft, where, item.get("formula"))
        for each in formula.keys if formula else ():
            need(draft, "indicators", where, each, known, _("indicator"))
            _same_span(draft, where, item, known.get(each))
        parts[key], paths[key] = list(formula.keys if formula else ()), where
    while circle := cycle_of(parts):
        # A ratio of itself is no ratio of sums, and reported as that.
        at = next((key for key in circle if key in paths), circle[0])
        if at in paths:
            message = _("the formula is made of itself: %s") % " → ".join(circle)
            draft.report("indicators", paths[at], "cycle", message, _("break the circle"))
        parts[at] = []


def _read(draft: Draft, where: PathInFile, text: str | None) -> Formula | None:
    if text is None:
        return None
    try:
        formula = Formula.parse(text)
    except FormulaError as error:
        draft.report("indicators", where, "formula", *unreadable(error))
        return None
    if not formula.keys:
        message = _("the formula names no indicator")
        draft.report("indicators", where, "formula", message, _("name what it is made of"))
    return formula


def unreadable(error: FormulaError) -> tuple[str, str]:
    """What is wrong with a formula, and what mends it."""
    about = {"at": error.at + 1, "found": error.found}
    match error.kind:
        case "unknown_sign":
            return (
                _('"%(found)s" (character %(at)d) has no meaning in a formula') % about,
                _("write keys, numbers, + - * /, parentheses, min(…), max(…)"),
            )
        case "unfinished":
            return (
                _('the formula breaks off after "%(found)s"') % about,
                _("finish it, and close its parentheses"),
            )
        case "too_long" | "too_deep":
            return (
                _("the formula is too long, or nests too deeply"),
                _("make parts of it indicators of their own"),
            )
        case "division_by_zero":
            return (
                _("the formula divides by 0 (character %(at)d)") % about,
                _("correct the divisor"),
            )
        case "empty":
            return _("a formula is missing (character %(at)d)") % about, _("write it there")
        case "no_comparison":
            return (
                _('nothing is compared in "%(found)s"') % about,
                _("put one of <=, <, >=, >, =, != between two formulas"),
            )
        case "two_comparisons":
            return (
                _('"%(found)s" (character %(at)d) compares a second time') % about,
                _("make two rules of it, each with one comparison"),
            )
        case "no_colon":
            return (
                _("it does not say where the condition ends"),
                _('write "if <comparison>: <comparison>"'),
            )
        case _:
            return (
                _('"%(found)s" (character %(at)d) does not fit there') % about,
                _("put a sign between two parts; a minus stands between spaces"),
            )
