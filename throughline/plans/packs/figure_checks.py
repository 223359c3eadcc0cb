"""Checks of what is measured: editions, series, groupings, figures made up."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.faults import Severity
from throughline.plans.packs.references import day, in_order, need, period, place, tier, unique


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


MARKED = (
    *((name, name) for name in ("elements", "indicators", "series", "targets", "groupings")),
    ("bodies", "bodies"),
    ("editions", "bridges"),
)
"""Files and lists whose entries may say that they are illustrative or simulated."""


def check_simulations(draft: Draft) -> None:
    """simulated.yaml: only series that say they are simulated, and a demo pack says so."""
    simulated = {s.get("key") for _path, s in draft.items("series") if s.get("simulated")}
    if draft.sound("simulated"):
        seeds = {item["series"]: item["seed"] for _path, item in draft.items("simulated")}
        for path, item in draft.items("simulated"):
            series = draft.keys("series")
            need(draft, "simulated", (*path, "series"), item["series"], series, _("series"))
            if item["series"] in series - simulated:
                message = _('the series "%s" does not say that it is simulated') % item["series"]
                remedy = _("write simulated: true in series.yaml")
                draft.report("simulated", (*path, "series"), "simulated", message, remedy)
            _simulation(draft, path, item, seeds)
    made_up = any(
        item.get(mark)
        for name, part in MARKED
        for _path, item in draft.entries(name, (part,))
        for mark in ("illustrative", "simulated")
    )
    if draft.sound("pack") and made_up and not draft.document("pack").value["demo"]:
        message = _("the pack holds what is illustrative or simulated and does not say so")
        draft.report("pack", ("demo",), "simulated", message, _("write demo: true"))


def _simulation(
    draft: Draft, path: PathInFile, item: dict[str, Any], seeds: dict[str, int]
) -> None:
    """Where and when figures are made up, between which bounds, and as which others."""
    tier(draft, "simulated", (*path, "tier"), item["tier"])
    place(draft, "simulated", (*path, "within"), item.get("within"), None)
    for number, code in enumerate(item["periods"]):
        period(draft, "simulated", (*path, "periods", number), code)
    if item["rule"]["low"] > item["rule"]["high"]:
        message, remedy = _("the range is empty"), _("write the lower end first")
        draft.report("simulated", (*path, "rule"), "range", message, remedy)
    like, where = item.get("like"), (*path, "like")
    need(draft, "simulated", where, like, seeds, _("series made up here"))
    if like in seeds and seeds[like] != item["seed"]:
        message = _('"%s" has another seed, so that the two have nothing in common') % like
        draft.report("simulated", where, "seed", message, _("give both the same seed"))


def check_marks(draft: Draft) -> None:
    """What is simulated is so throughout: a simulated target stands on a simulated series."""
    simulated = [i.get("key") for _path, i in draft.items("indicators") if i.get("simulated")]
    for name, part in (("series", "series"), ("targets", "targets"), ("editions", "bridges")):
        for path, item in draft.entries(name, (part,)):
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
