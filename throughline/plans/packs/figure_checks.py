"""Checks of what is measured: editions, series, groupings, figures made up."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from throughline.places.folder import PlaceRow
from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft, Gazetteer
from throughline.plans.packs.faults import Severity
from throughline.plans.packs.references import day, in_order, need, period, place, tier, unique

UNITS = ("regular", "zone")
"""Kinds of places that are units; others are only named by lists, or lie outside."""


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
    _check_divisions(draft)


def _check_divisions(draft: Draft) -> None:
    """Groupings that divide a tier: one for a tier, with members, of which each unit is in
    exactly one group as long as it is a unit, from the first day that is given."""
    known: set[str] = set()
    for path, grouping in draft.items("groupings"):
        divided = grouping.get("divides")
        if divided is None:
            continue
        where = (*path, "divides")
        tier(draft, "groupings", where, divided)
        if grouping.get("computed"):
            message = _("a grouping that is computed divides no tier")
            draft.report("groupings", where, "division", message, _("give it members"))
        elif divided in known:
            message = _('another grouping divides the tier "%s" already') % divided
            draft.report("groupings", where, "division", message, _("leave one of them"))
        else:
            _check_division(draft, path, divided)
        known.add(divided)


def _check_division(draft: Draft, path: PathInFile, divided: str) -> None:
    gazetteer, where = draft.gazetteer, (*path, "divides")
    if gazetteer is None:
        return
    held: dict[PlaceRow, list[_Held]] = defaultdict(list)
    for at, group in draft.entries("groupings", (*path, "groups")):
        for number, member in enumerate(group.get("members", [])):
            here = _held(gazetteer, (*at, "members", number), member)
            if here is None:
                continue
            row, each = here
            if row.tier != divided or row.kind not in UNITS:
                message = _('"%(code)s" is no unit of the tier "%(tier)s"') % {
                    "code": row.code, "tier": divided,
                }  # fmt: skip
                remedy = _("take it out, or divide its tier by another grouping")
                draft.report("groupings", (*each.path, "place"), "division", message, remedy)
            held[row].append(each)
    begins = min((each.start for several in held.values() for each in several), default=None)
    for row in (row for rows in gazetteer.rows.values() for row in rows):
        if row.tier == divided and row.kind in UNITS:
            _check_unit(draft, where, row, held[row], begins)


def _check_unit(
    draft: Draft, where: PathInFile, row: PlaceRow, held: list[_Held], begins: date | None
) -> None:
    """Report the first day on which a unit is in no group, and the first on which in two."""
    first, last = max(row.valid_from, begins or row.valid_from), row.valid_to
    if last is not None and last <= first:
        return
    days = {first, *(each.start for each in held), *(each.end for each in held if each.end)}
    days = {day for day in days if first <= day and (last is None or day < last)}
    found = [(day, [each for each in held if each.holds(day)]) for day in sorted(days)]
    missing = next((day for day, several in found if not several), None)
    twice = next(((day, several[1]) for day, several in found if len(several) > 1), None)
    said = {"code": row.code, "name": row.name_zh or row.name_en}
    if missing is not None:
        message = _('"%(code)s" %(name)s is in no group on %(day)s') % (said | {"day": missing})
        draft.report("groupings", where, "division", message, _("name it in one group"))
    if twice is not None:
        day, second = twice
        message = _('"%(code)s" %(name)s is named twice on %(day)s') % (said | {"day": day})
        remedy = _("end the one before the other begins, or leave one")
        draft.report("groupings", (*second.path, "place"), "division", message, remedy)


@dataclass(frozen=True)
class _Held:
    """A membership of a unit in a group, and where it is written."""

    path: PathInFile
    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def _held(
    gazetteer: Gazetteer, path: PathInFile, member: dict[str, Any]
) -> tuple[PlaceRow, _Held] | None:
    """A membership with its place; none where a fault of either is told already."""
    try:
        start, end = (
            date.fromisoformat(member[name]) if name in member else None for name in ("from", "to")
        )
    except ValueError:
        return None
    row = gazetteer.on(member["place"], start) if start else None
    return (row, _Held(path, start, end)) if row and start else None


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
