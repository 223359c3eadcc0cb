"""Checks of targets: numbers, baselines, trajectories, editions; and of bridges."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.period import Period
from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.faults import Severity
from throughline.plans.packs.references import need, period, place

INCREMENTS = ("plus", "minus")
TO_HIT = ("eq", "about")

Item = dict[str, Any]


def check_targets(draft: Draft) -> None:
    """targets.yaml: baselines, editions, places, and no two for one day."""
    if not draft.sound("targets"):
        return
    editions = _editions_of_series(draft)
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
        start = _baseline(draft, path, target, by)
        _number(draft, path, target)
        _steps(draft, path, target, start, by)
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
        one = (target["indicator"], target["place"], str(by))
        if one in seen:
            message = _("a second target of this indicator for this place and period")
            draft.report("targets", path, "duplicate-key", message, _("keep one of the two"))
        seen.add(one)


def _editions_of_series(draft: Draft) -> dict[str, set[str]]:
    """By indicator, the editions in which it has a series."""
    editions: dict[str, set[str]] = {}
    for _path, series in draft.items("series"):
        editions.setdefault(str(series.get("indicator")), set()).add(str(series.get("edition")))
    return editions


def _number(draft: Draft, path: PathInFile, target: Item) -> None:
    """The number fits its operator: ranges, tolerances, increments."""
    operator = target["operator"]
    if operator == "range" and target["upper"] <= target["value"]:
        message, remedy = _("the range is empty"), _("the upper end must be above the value")
        draft.report("targets", (*path, "upper"), "range", message, remedy)
    if "tolerance" in target and operator not in TO_HIT:
        message = _('a tolerance belongs to "eq" and "about", not to "%s"') % operator
        draft.report("targets", (*path, "tolerance"), "tolerance", message, _("remove it"))
    if operator == "about" and "tolerance" not in target:
        message = _("how far from an “about” a figure may lie is not said: it is read as 5 %")
        remedy = _('add "tolerance: {amount: …}" or "{share: …}"')
        draft.report("targets", path, "tolerance", message, remedy, Severity.NOTICE)
    if "percent" in target and operator not in INCREMENTS:
        message = _('"percent" belongs to "plus" and "minus", not to "%s"') % operator
        draft.report("targets", (*path, "percent"), "increment", message, _("remove it"))
    if operator in INCREMENTS:
        if target["value"] <= 0:
            message = _("an increment must be above 0")
            remedy = _('write "minus" for what is to fall')
            draft.report("targets", (*path, "value"), "increment", message, remedy)
        if "baseline" not in target:
            message = _("an increment needs the baseline on which it stands")
            draft.report("targets", path, "no-baseline", message, _("add the baseline"))


def _baseline(draft: Draft, path: PathInFile, target: Item, by: Period | None) -> Period | None:
    """The period of the baseline, checked."""
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
        return None
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
    return start


def _steps(
    draft: Draft, path: PathInFile, target: Item, start: Period | None, by: Period | None
) -> None:
    steps = target.get("steps", [])
    if steps and "baseline" not in target:
        message = _("steps lead from a baseline, and there is none")
        remedy = _('add the baseline, or write "trajectory: linear"')
        draft.report("targets", (*path, "steps"), "no-baseline", message, remedy)
    last = start
    for number, step in enumerate(steps):
        where = (*path, "steps", number, "period")
        here = period(draft, "targets", where, step["period"])
        if here and ((last and here.end <= last.end) or (by and here.end > by.end)):
            message = _("the steps must go forward, from the baseline to the target's period")
            draft.report("targets", where, "date", message, _("put the periods in order"))
        if here and by and here.end == by.end and _arrives_elsewhere(target, step["value"]):
            message = _("the last step does not arrive at the target")
            where = (*path, "steps", number, "value")
            draft.report("targets", where, "step", message, _("correct one of the two"))
        last = here or last


def _arrives_elsewhere(target: Item, value: float) -> bool:
    """Whether a step for the target's own period differs from its number."""
    operator = target["operator"]
    if operator == "range":
        return not target["value"] <= value <= target["upper"]
    return operator not in (*INCREMENTS, "direction") and value != target["value"]


# -- bridges -------------------------------------------------------------------------------

FIELDS = {"shift": ("amount",), "factor": ("amount",), "overlap": ("period", "link")}


def check_bridges(draft: Draft) -> None:
    """The bridges of editions.yaml: between two editions, said how, and by whom."""
    if not draft.sound("editions"):
        return
    editions = _editions_of_series(draft)
    seen: set[tuple[Any, ...]] = set()
    for path, bridge in draft.entries("editions", ("bridges",)):
        references = {
            "indicator": (draft.keys("indicators"), _("indicator")),
            "from": (draft.keys("editions"), _("edition")),
            "to": (draft.keys("editions"), _("edition")),
            "source": (draft.keys("sources"), _("source")),
        }
        for field, (known, what) in references.items():
            need(draft, "editions", (*path, field), bridge.get(field), known, what)
        if bridge["from"] == bridge["to"]:
            message = _("the bridge leads from an edition to itself")
            draft.report("editions", (*path, "to"), "bridge", message, _("name the other edition"))
        place(draft, "editions", (*path, "place"), bridge.get("place"), None)
        _says_how(draft, path, bridge, editions.get(bridge["indicator"], set()))
        if bool(bridge.get("source")) == bool(bridge.get("illustrative")):
            message = _("a bridge has a source, or it is illustrative")
            remedy = _("name who states it, or write illustrative: true")
            draft.report("editions", path, "no-source", message, remedy)
        one = (bridge["indicator"], bridge["from"], bridge["to"], bridge.get("place"))
        if one in seen:
            message = _("a second bridge of this indicator between these editions")
            draft.report("editions", path, "duplicate-key", message, _("keep one of the two"))
        seen.add(one)


def _says_how(draft: Draft, path: PathInFile, bridge: Item, editions: set[str]) -> None:
    kind = bridge["kind"]
    for field in FIELDS[kind]:
        if field not in bridge:
            message = _('a bridge of kind "%(kind)s" needs "%(field)s"') % {
                "kind": kind,
                "field": field,
            }
            draft.report("editions", path, "bridge", message, _('add "%s: …"') % field)
    for field in {"amount", "period", "link"} - set(FIELDS[kind]):
        if field in bridge:
            message = _('"%(field)s" has no place in a bridge of kind "%(kind)s"') % {
                "kind": kind,
                "field": field,
            }
            draft.report("editions", (*path, field), "bridge", message, _("remove it"))
    if kind == "factor" and bridge.get("amount", 1) <= 0:
        message, remedy = _("a factor must be above 0"), _("correct the amount")
        draft.report("editions", (*path, "amount"), "bridge", message, remedy)
    period(draft, "editions", (*path, "period"), bridge.get("period"))
    if kind == "overlap" and editions:
        for field in ("from", "to"):
            if bridge[field] not in editions:
                message = _('"%(indicator)s" has no series of the edition "%(edition)s"') % {
                    "indicator": bridge["indicator"],
                    "edition": bridge[field],
                }
                remedy = _("an overlap needs figures in both editions")
                draft.report("editions", (*path, field), "bridge", message, remedy)
