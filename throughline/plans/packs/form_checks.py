"""Checks of forms: who asks whom for which series, and what is held of the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.indicator_checks import unreadable
from throughline.plans.packs.references import need, suggestion, tier, unique
from throughline.plans.rules import NUMBERS_OF, FormulaError, Requirement, numbers_named

BUILT_IN = {"empty", "range", "decimals"}
"""Keys by which reporting names what it checks without a rule."""

Item = dict[str, Any]
Cells = dict[tuple[str, str], set[str]]


def check_forms(draft: Draft) -> None:
    """forms.yaml: bodies, sources, tiers, series that units can report, rules that can be read."""
    unique(draft, "forms", ("forms",))
    if not draft.sound("forms"):
        return
    series = {str(item.get("key")): item for _path, item in draft.items("series")}
    indicators = {str(item.get("key")): item for _path, item in draft.items("indicators")}
    cells: Cells = {}
    for path, form in draft.items("forms"):
        asked = cells.setdefault((form["tier"], form["span"]), set())
        asked |= {line["series"] for _where, line in _lines(draft, path)}
    for path, form in draft.items("forms"):
        _asked(draft, path, form)
        _cells(draft, path, form, series, indicators)
        _rules(draft, path, form, cells)
    _rules_once(draft)


def _lines(draft: Draft, path: PathInFile) -> Iterator[tuple[PathInFile, Item]]:
    for where, _section in draft.entries("forms", (*path, "sections")):
        yield from draft.entries("forms", (*where, "lines"))


def _asked(draft: Draft, path: PathInFile, form: Item) -> None:
    """Who asks by what, whose units report, who checks."""
    sources, bodies = draft.keys("sources"), draft.keys("bodies")
    need(draft, "forms", (*path, "source"), form["source"], sources, _("source"))
    need(draft, "forms", (*path, "asked_by"), form["asked_by"], bodies, _("body"))
    tier(draft, "forms", (*path, "tier"), form["tier"])
    tiers = draft.gazetteer.tiers if draft.gazetteer else ()
    below = form["tier"]
    for number, key in enumerate(form.get("review", [])):
        where = (*path, "review", number)
        tier(draft, "forms", where, key)
        if key in tiers and below in tiers and tiers.index(key) >= tiers.index(below):
            message = _('"%(key)s" does not stand above "%(below)s"') % {"key": key, "below": below}
            remedy = _("list the tiers that check from below, each above the one before")
            draft.report("forms", where, "review", message, remedy)
        below = key


def _cells(
    draft: Draft,
    path: PathInFile,
    form: Item,
    series: Mapping[str, Item],
    indicators: Mapping[str, Item],
) -> None:
    """Each line is a series that units of this tier report for periods of this length."""
    seen: set[str] = set()
    for where, line in _lines(draft, path):
        key, place = line["series"], (*where, "series")
        need(draft, "forms", place, key, series, _("series"))
        if key in seen:
            message = _('the form asks for "%s" twice') % key
            draft.report("forms", place, "duplicate-line", message, _("keep one of the two lines"))
        seen.add(key)
        item = series.get(key)
        if item is None:
            continue
        if item.get("nature") != "department":
            message = _('"%(key)s" is %(nature)s: units do not report it') % {
                "key": key,
                "nature": item.get("nature"),
            }
            remedy = _("name a series of nature department")
            draft.report("forms", place, "nature", message, remedy)
        _fits(draft, place, form, key, indicators.get(str(item.get("indicator")), {}))


def _fits(draft: Draft, where: PathInFile, form: Item, key: str, indicator: Item) -> None:
    """The indicator of a line has the form's periods and is reported by its units."""
    about = {"key": key, "form": form["key"], "span": form["span"], "tier": form["tier"]}
    span, reporting = indicator.get("span"), indicator.get("reporting_tier")
    if span is not None and span != form["span"]:
        message = _('"%(key)s" is by %(other)s, the form "%(form)s" by %(span)s')
        remedy = _("ask for it in a form with periods of its length")
        draft.report("forms", where, "span", message % (about | {"other": span}), remedy)
    if reporting is not None and reporting != form["tier"]:
        message = _(
            '"%(key)s" is reported by each %(other)s, the form is filled in by each %(tier)s'
        )
        remedy = _("ask those who report it: a figure from above them is not added up")
        draft.report(
            "forms", where, "reporting-tier", message % (about | {"other": reporting}), remedy
        )


def _rules(draft: Draft, path: PathInFile, form: Item, cells: Cells) -> None:
    """Each rule is about a line of its form, and compares what is asked of the same units."""
    own = {line["series"] for _where, line in _lines(draft, path)}
    asked = cells[form["tier"], form["span"]]
    for where, rule in draft.entries("forms", (*path, "rules")):
        need(draft, "forms", (*where, "series"), rule.get("series"), own, _("line of this form"))
        if "must" in rule:
            _must(draft, where, rule, own, asked)
        _says(draft, where, rule)


def _says(draft: Draft, where: PathInFile, rule: Item) -> None:
    """A rule's sentence names in braces only numbers that a rule of its kind knows."""
    known = NUMBERS_OF[rule["kind"]]
    for language, sentence in rule["says"].items():
        for name in numbers_named(sentence):
            place = (*where, "says", language)
            if name in {"{", "}"}:
                message = _('a single "%s" stands in the sentence') % name
                remedy = _("write a number as {name}, and nothing else in braces")
            else:
                message = _('a rule of kind "%(kind)s" has no number "%(name)s"') % {
                    "kind": rule["kind"],
                    "name": name,
                }
                remedy = suggestion(name, known)
            if name not in known:
                draft.report("forms", place, "unknown-number", message, remedy)


def _must(draft: Draft, where: PathInFile, rule: Item, own: set[str], asked: set[str]) -> None:
    place = (*where, "must")
    try:
        keys = Requirement.parse(rule["must"]).keys
    except FormulaError as error:
        draft.report("forms", place, "comparison", *unreadable(error))
        return
    for key in keys:
        if key not in asked:
            message = _('no form asks these units for "%s"') % key
            draft.report("forms", place, "unknown-cell", message, suggestion(key, asked))
    if not own & set(keys):
        message = _("it compares no line of this form")
        draft.report(
            "forms", place, "comparison", message, _("put it in the form that it is about")
        )
    elif rule.get("series", keys[0]) not in keys:
        message = _('it is said of "%s", which it does not compare') % rule["series"]
        remedy = _("name one of: %s") % ", ".join(sorted(own & set(keys)))
        draft.report("forms", (*where, "series"), "comparison", message, remedy)


def _rules_once(draft: Draft) -> None:
    """Keys of rules: a unit gets several forms as one sheet, so that each is the pack's."""
    seen: set[str] = set()
    for path, _form in draft.items("forms"):
        for where, rule in draft.entries("forms", (*path, "rules")):
            key, place = rule["key"], (*where, "key")
            if key in BUILT_IN:
                message = _('"%s" is the name of what is checked without a rule') % key
                remedy = _("give the rule another key")
                draft.report("forms", place, "duplicate-key", message, remedy)
            if key in seen:
                message = _('"%s" is defined twice') % key
                remedy = _("give one of them another key")
                draft.report("forms", place, "duplicate-key", message, remedy)
            seen.add(key)
