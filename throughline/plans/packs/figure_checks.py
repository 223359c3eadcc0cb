"""Checks of what is measured: indicators, editions, series, targets, groupings, figures."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.period import Period
from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.faults import Severity
from throughline.plans.packs.references import day, in_order, need, period, place, tier, unique

ADDED_UP = {"sum", "max", "last", "worst_of"}
PARTS = ("numerator", "denominator")


def check_indicators(draft: Draft) -> None:
    """indicators.yaml: what each is made of, who reports it, its range."""
    unique(draft, "indicators", ("indicators",))
    if not draft.sound("indicators"):
        return
    kinds = {item["key"]: item["kind"] for _path, item in draft.items("indicators")}
    for path, item in draft.items("indicators"):
        _made_of(draft, path, item, kinds)
        _reported_by(draft, path, item)
        low, high = item.get("range", [None, None])
        if low is not None and high is not None and low >= high:
            draft.report(
                "indicators",
                (*path, "range"),
                "range",
                _("the range is empty"),
                _("write the lower end first"),
            )
        sources = draft.keys("sources")
        need(draft, "indicators", (*path, "source"), item.get("source"), sources, _("source"))
        if "source" not in item:
            message = _('the indicator "%s" has no source') % item["key"]
            draft.report("indicators", path, "no-source", message, _("name where it is defined"))


def _made_of(draft: Draft, path: PathInFile, item: dict[str, Any], kinds: dict[str, str]) -> None:
    for field in (*PARTS, "weight"):
        where = (*path, field)
        need(draft, "indicators", where, item.get(field), kinds, _("indicator"))
    wanted = {"ratio": PARTS, "weighted_mean": ("weight",)}.get(item["kind"], ())
    for field in wanted:
        if field not in item:
            message = _('a %(kind)s needs a "%(field)s"') % {"kind": item["kind"], "field": field}
            remedy = _('add "%s: <key of an indicator>"') % field
            draft.report("indicators", path, "incomplete-indicator", message, remedy)
        elif field in PARTS and kinds.get(item[field], "sum") != "sum":
            message = _('"%s" is no sum, and a ratio is one sum over another') % item[field]
            remedy = _("name an indicator of kind sum")
            draft.report("indicators", (*path, field), "incomplete-indicator", message, remedy)


def _reported_by(draft: Draft, path: PathInFile, item: dict[str, Any]) -> None:
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


def check_editions_and_series(draft: Draft) -> None:
    """editions.yaml and series.yaml."""
    for name in ("editions", "series"):
        unique(draft, name, (name,))
    if not draft.sound("series"):
        return
    references = {
        "indicator": (draft.keys("indicators"), _("indicator")),
        "edition": (draft.keys("editions"), _("edition")),
        "producer": (draft.keys("bodies"), _("body")),
        "source": (draft.keys("sources"), _("source")),
    }
    for path, item in draft.items("series"):
        for field, (known, what) in references.items():
            need(draft, "series", (*path, field), item[field], known, what)


def check_targets(draft: Draft) -> None:
    """targets.yaml: baselines, editions, places, and no two for one day."""
    if not draft.sound("targets"):
        return
    editions: dict[str, set[str]] = {}
    for _path, series in draft.items("series"):
        editions.setdefault(str(series.get("indicator")), set()).add(str(series.get("edition")))
    seen: set[tuple[Any, ...]] = set()
    for path, target in draft.items("targets"):
        references = {
            "indicator": (draft.keys("indicators"), _("indicator")),
            "edition": (draft.keys("editions"), _("edition")),
            "source": (draft.keys("sources"), _("source")),
        }
        for field, (known, what) in references.items():
            need(draft, "targets", (*path, field), target[field], known, what)
        by = period(draft, "targets", (*path, "by"), target["by"])
        place(draft, "targets", (*path, "place"), target["place"], by.end if by else None)
        _baseline(draft, path, target, by)
        _steps(draft, path, target, by)
        used = editions.get(target["indicator"], set())
        if used and target["edition"] not in used:
            message = _('no series of "%(indicator)s" is of the edition "%(edition)s"')
            draft.report(
                "targets",
                (*path, "edition"),
                "edition",
                message % target,
                _("name an edition in which the indicator has figures"),
            )
        if target["operator"] == "range" and target["upper"] <= target["value"]:
            draft.report(
                "targets",
                (*path, "upper"),
                "range",
                _("the range is empty"),
                _("the upper end must be above the value"),
            )
        one = (target["indicator"], target["place"], str(by))
        if one in seen:
            message = _("a second target of this indicator for this place and period")
            draft.report("targets", path, "duplicate-key", message, _("keep one of the two"))
        seen.add(one)


def _baseline(draft: Draft, path: PathInFile, target: dict[str, Any], by: Period | None) -> None:
    baseline = target.get("baseline")
    if (baseline is None) == ("no_baseline" not in target):
        message = _("a target needs a baseline, or the reason why there is none")
        draft.report(
            "targets",
            path,
            "no-baseline",
            message,
            _('write either "baseline" or "no_baseline"'),
        )
    if baseline is None:
        return
    where = (*path, "baseline")
    need(
        draft,
        "targets",
        (*where, "source"),
        baseline["source"],
        draft.keys("sources"),
        _("source"),
    )
    if baseline["edition"] != target["edition"]:
        message = _('the baseline is of the edition "%(base)s", the target of "%(edition)s"')
        draft.report(
            "targets",
            (*where, "edition"),
            "edition",
            message % {"base": baseline["edition"], "edition": target["edition"]},
            _("no progress is computed across editions: give the baseline of the target's own"),
        )
    start = period(draft, "targets", (*where, "period"), baseline["period"])
    if start and by and start.end >= by.end:
        draft.report(
            "targets",
            (*where, "period"),
            "date",
            _("the baseline does not lie before the target"),
            _("correct one of the periods"),
        )


def _steps(draft: Draft, path: PathInFile, target: dict[str, Any], by: Period | None) -> None:
    last: Period | None = None
    for number, step in enumerate(target.get("steps", [])):
        where = (*path, "steps", number, "period")
        here = period(draft, "targets", where, step["period"])
        if here and ((last and here <= last) or (by and here > by)):
            message = _("the steps must go forward, up to the target's period")
            draft.report("targets", where, "date", message, _("put the periods in order"))
        last = here or last


def check_groupings(draft: Draft) -> None:
    """groupings.yaml: computed from an indicator with bounds, or with members over time."""
    unique(draft, "groupings", ("groupings",))
    if not draft.sound("groupings"):
        return
    for path, grouping in draft.items("groupings"):
        unique(draft, "groupings", (*path, "groups"))
        computed = grouping.get("computed")
        sources = draft.keys("sources")
        need(draft, "groupings", (*path, "source"), grouping.get("source"), sources, _("source"))
        if computed:
            where = (*path, "computed", "indicator")
            indicators = draft.keys("indicators")
            need(draft, "groupings", where, computed["indicator"], indicators, _("indicator"))
        if not grouping.get("illustrative") and "source" not in grouping:
            message = _('the grouping "%s" has no source') % grouping["key"]
            remedy = _("name its source, or write illustrative: true")
            draft.report("groupings", path, "no-source", message, remedy)
        for where, group in draft.entries("groupings", (*path, "groups")):
            _group(draft, where, group, bool(computed))


def _group(draft: Draft, path: PathInFile, group: dict[str, Any], computed: bool) -> None:
    if computed != ("at_least" in group) or (computed and "members" in group):
        message = _("groups that are computed have a bound and no members, others no bound")
        remedy = _('give "at_least" where the grouping is computed, "members" elsewhere')
        draft.report("groupings", path, "grouping", message, remedy)
    for number, member in enumerate(group.get("members", [])):
        where = (*path, "members", number)
        start = day(draft, "groupings", (*where, "from"), member["from"])
        end = day(draft, "groupings", (*where, "to"), member.get("to"))
        in_order(draft, "groupings", where, start, end)
        place(draft, "groupings", (*where, "place"), member["place"], start)


def check_simulations(draft: Draft) -> None:
    """simulated.yaml: only series that say they are simulated, and a demo pack says so."""
    simulated = {s.get("key") for _path, s in draft.items("series") if s.get("simulated")}
    if draft.sound("simulated"):
        for path, item in draft.items("simulated"):
            series = draft.keys("series")
            need(draft, "simulated", (*path, "series"), item["series"], series, _("series"))
            if item["series"] in series - simulated:
                message = _('the series "%s" does not say that it is simulated') % item["series"]
                remedy = _("write simulated: true in series.yaml")
                draft.report("simulated", (*path, "series"), "simulated", message, remedy)
            tier(draft, "simulated", (*path, "tier"), item["tier"])
            for number, code in enumerate(item["periods"]):
                period(draft, "simulated", (*path, "periods", number), code)
            if item["rule"]["low"] > item["rule"]["high"]:
                draft.report(
                    "simulated",
                    (*path, "rule"),
                    "range",
                    _("the range is empty"),
                    _("write the lower end first"),
                )
    made_up = any(
        item.get(mark)
        for name in ("elements", "indicators", "series", "targets", "groupings", "bodies")
        for _path, item in draft.items(name)
        for mark in ("illustrative", "simulated")
    )
    if draft.sound("pack") and made_up and not draft.document("pack").value["demo"]:
        message = _("the pack holds what is illustrative or simulated and does not say so")
        draft.report("pack", ("demo",), "simulated", message, _("write demo: true"))


def check_marks(draft: Draft) -> None:
    """What is simulated is so throughout: a simulated target stands on a simulated series."""
    simulated = [i.get("key") for _path, i in draft.items("indicators") if i.get("simulated")]
    for name in ("series", "targets"):
        for path, item in draft.items(name):
            indicator = item.get("indicator")
            if indicator in simulated and not item.get("simulated"):
                message = _('the indicator "%s" is simulated, this is not') % indicator
                draft.report(
                    name,
                    path,
                    "simulated",
                    message,
                    _("write simulated: true"),
                    Severity.NOTICE,
                )


def finite(text: str) -> float | None:
    """A plain decimal number, or none.

    >>> finite("63.89"), finite("1,000"), finite("nan"), finite("６")
    (63.89, None, None, None)
    """
    if not text.isascii() or "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
