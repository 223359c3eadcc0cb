"""Checks of mappings/*.yaml."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from throughline.plans.packs.draft import Draft
from throughline.plans.packs.mapping import build_mapping
from throughline.plans.packs.references import day, need, period, tier


def mapping_names(draft: Draft) -> list[str]:
    """The mapping files that were read, without `.yaml`."""
    return [file.removesuffix(".yaml") for file in draft.documents if file.startswith("mappings/")]


def check_mappings(draft: Draft) -> None:
    """What mappings name exists, and every row they cannot place is refused on purpose."""
    keys: set[str] = set()
    for name in mapping_names(draft):
        if not draft.sound(name):
            continue
        value = draft.document(name).value
        if value["key"] in keys:
            message = _('"%s" is defined twice') % value["key"]
            remedy = _("give one of them another key")
            draft.report(name, ("key",), "duplicate-key", message, remedy)
        keys.add(value["key"])
        _references(draft, name, value)
        check_form(draft, name)


def check_form(draft: Draft, name: str) -> None:
    """What can be said of one mapping without its pack: times, columns, order of rules."""
    value = draft.document(name).value
    for number, rule in enumerate(value["rows"][:-1]):
        if not rule.get("when"):
            draft.report(
                name,
                ("rows", number),
                "unreachable",
                _("this rule takes every row, so those below it are never asked"),
                _("move it to the end"),
            )
    _figures(draft, name, value)
    if _times(draft, name, value):
        _columns(draft, name, value)


def _references(draft: Draft, name: str, value: dict[str, Any]) -> None:
    need(draft, name, ("source",), value["source"], draft.keys("sources"), _("source"))
    if draft.sound("pack") and "scheme" in value:
        scheme = draft.document("pack").value["scheme"]
        need(draft, name, ("scheme",), value["scheme"], [scheme], _("scheme"))
    for column, stated in value.get("columns", {}).items():
        where = ("columns", column, "series")
        need(draft, name, where, stated["series"], draft.keys("series"), _("series"))
    for word, series in value.get("figures", {}).get("of", {}).items():
        where = ("figures", "of", word)
        need(draft, name, where, series, draft.keys("series"), _("series"))
    for number, check in enumerate(value.get("checks", [])):
        tier(draft, name, ("checks", number, "tier"), check.get("tier"))
    for number, rule in enumerate(value["rows"]):
        parent = rule.get("parent", {})
        tier(draft, name, ("rows", number, "parent", "above"), parent.get("above"))


def _times(draft: Draft, name: str, value: dict[str, Any]) -> bool:
    """Whether the day and the period of the mapping can be read."""
    valid_on = day(draft, name, ("valid_on",), value.get("valid_on"))
    stated = period(draft, name, ("period",), value.get("period"))
    if ("period" in value) == ("period_column" in value):
        draft.report(
            name,
            (),
            "period",
            _("a mapping needs a period, or a column with periods"),
            _('write either "period" or "period_column"'),
        )
        return False
    has_day = valid_on is not None or "valid_on" not in value
    return has_day and (stated is not None or "period" not in value)


def _figures(draft: Draft, name: str, value: dict[str, Any]) -> None:
    """A file with one row a figure says once what a row is a figure of."""
    figures = value.get("figures")
    if figures is None:
        return
    if ("series" in figures) == ("indicator" in figures):
        draft.report(
            name,
            ("figures",),
            "figures",
            _("a row is a figure of a series, or of an indicator"),
            _('write either "series" or "indicator", with the name of the column'),
        )
    if "of" in figures and "indicator" not in figures:
        draft.report(
            name,
            ("figures", "of"),
            "figures",
            _("only words for indicators lead to series"),
            _('write "indicator", or remove "of"'),
        )
    for number, rule in enumerate(value["rows"]):
        if rule["treat"] == "subtotal":
            draft.report(
                name,
                ("rows", number),
                "figures",
                _("with one row a figure, no row is the sum of those below it"),
                _('treat it as "note", or as the unit that it is'),
            )


def _columns(draft: Draft, name: str, value: dict[str, Any]) -> None:
    mapping = build_mapping(value)
    loaded = {column.name for column in mapping.columns}
    if mapping.figures is not None:
        loaded = {mapping.figures.value}
    for number, check in enumerate(mapping.checks):
        compared = {*check.columns, check.column} - {""}
        for column in sorted(compared - loaded):
            message = _('the column "%s" is checked but not loaded') % column
            remedy = _("check a column that the mapping loads")
            draft.report(name, ("checks", number), "unknown-reference", message, remedy)
    for column in sorted({ignored.column for ignored in mapping.ignored} & loaded):
        message = _('the column "%s" is both loaded and ignored') % column
        draft.report(
            name,
            ("columns", column),
            "two-roles",
            message,
            _("keep one of the two"),
        )
