"""Checks of the plan itself: papers, elements, and words in every language."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.faults import Severity
from throughline.plans.packs.references import day, in_order, need, period, place, unique

LANGUAGES = ("en", "zh")


def check_pack(draft: Draft) -> None:
    """pack.yaml: its plan, scheme, zone and days."""
    if not draft.sound("pack"):
        return
    value = draft.document("pack").value
    plan = draft.document("plan").value
    if draft.sound("plan"):
        need(draft, "pack", ("plan",), value["plan"], [plan["plan"]["key"]], _("plan"))
    if draft.gazetteer is not None:
        need(draft, "pack", ("scheme",), value["scheme"], [draft.gazetteer.scheme], _("scheme"))
    try:
        ZoneInfo(value["zone"])
    except (KeyError, ValueError, OSError):
        message = _('"%s" is not a time zone') % value["zone"]
        draft.report("pack", ("zone",), "zone", message, _("write a name such as Asia/Shanghai"))
    _calendar(draft, value["calendar"])


def _calendar(draft: Draft, calendar: dict[str, Any]) -> None:
    """Days are days, and none is both a holiday and worked to make up for one."""
    for name in ("holidays", "worked"):
        for number, each in enumerate(calendar.get(name, [])):
            day(draft, "pack", ("calendar", name, number), each)
    for number, each in enumerate(calendar.get("worked", [])):
        if each in calendar.get("holidays", []):
            message = _('"%s" is both a holiday and worked') % each
            remedy = _("keep it in one of the two lists")
            draft.report("pack", ("calendar", "worked", number), "calendar", message, remedy)


def check_plan(draft: Draft) -> None:
    """plan.yaml: the plan, its papers and its version."""
    unique(draft, "plan", ("papers",))
    if not draft.sound("plan"):
        return
    value = draft.document("plan").value
    plan = value["plan"]
    first = period(draft, "plan", ("plan", "period_from"), plan["period_from"])
    last = period(draft, "plan", ("plan", "period_to"), plan["period_to"])
    if first and last:
        in_order(draft, "plan", ("plan", "period_to"), first.start, last.end)
    bodies = draft.keys("bodies")
    need(draft, "plan", ("plan", "lead_body"), plan["lead_body"], bodies, _("body"))
    place(draft, "plan", ("plan", "place"), plan["place"], first.start if first else None)
    day(draft, "plan", ("version", "in_force_from"), value["version"]["in_force_from"])
    for path, paper in draft.entries("plan", ("papers",)):
        for field in ("issuer", "addressee"):
            need(draft, "plan", (*path, field), paper.get(field), bodies, _("body"))
        for field in ("date", "public_date"):
            day(draft, "plan", (*path, field), paper.get(field))
        need(draft, "plan", (*path, "source"), paper["source"], draft.keys("sources"), _("source"))


def check_elements(draft: Draft) -> None:
    """elements.yaml: what each hangs on, where it comes from, who answers for it."""
    unique(draft, "elements", ("elements",))
    _cycles(draft)
    if not draft.sound("elements"):
        return
    above: set[str] = set()
    for path, element in draft.items("elements"):
        _hangs_on(draft, path, element, above)
        above.add(element["key"])
        _comes_from(draft, path, element)
        _answered_for(draft, path, element)
        indicators = draft.keys("indicators")
        need(
            draft,
            "elements",
            (*path, "indicator"),
            element.get("indicator"),
            indicators,
            _("indicator"),
        )
        day(draft, "elements", (*path, "deadline"), element.get("deadline"))


def _hangs_on(draft: Draft, path: PathInFile, element: dict[str, Any], above: set[str]) -> None:
    parent = element.get("parent")
    known = draft.keys("elements")
    need(draft, "elements", (*path, "parent"), parent, known, _("element"))
    if parent in known - above and parent != element["key"]:
        message = _('"%s" stands below its part') % parent
        draft.report(
            "elements",
            (*path, "parent"),
            "order",
            message,
            _("list an element after the one it is part of"),
            Severity.NOTICE,
        )


def _cycles(draft: Draft) -> None:
    """Report each element from which the way up never ends."""
    parents: dict[str, Any] = {}
    paths: dict[str, PathInFile] = {}
    for path, element in draft.items("elements"):
        if isinstance(element.get("key"), str):
            parents[element["key"]] = element.get("parent")
            paths[element["key"]] = path
    for key in parents:
        if key in _way_up(key, parents):
            message = _('"%s" is part of itself') % key
            draft.report(
                "elements",
                (*paths[key], "parent"),
                "cycle",
                message,
                _("let one of the circle hang on another element, or on none"),
            )


def _way_up(key: str, parents: dict[str, Any]) -> set[str]:
    """The elements above one, itself among them if the way leads back to it."""
    seen: set[str] = set()
    here = parents.get(key)
    while isinstance(here, str) and here not in seen:
        seen.add(here)
        here = parents.get(here)
    return seen


def _comes_from(draft: Draft, path: PathInFile, element: dict[str, Any]) -> None:
    source = element.get("source")
    if source:
        papers = draft.keys("plan", ("papers",))
        need(draft, "elements", (*path, "source", "paper"), source["paper"], papers, _("paper"))
    if bool(source) == bool(element.get("illustrative")):
        message = _('"%s" has neither a source nor is it illustrative') % element["key"]
        if source:
            message = _('"%s" has a source and is illustrative') % element["key"]
        draft.report(
            "elements",
            path,
            "no-source",
            message,
            _("name the paper it comes from, or write illustrative: true"),
        )


def _answered_for(draft: Draft, path: PathInFile, element: dict[str, Any]) -> None:
    bodies = draft.keys("bodies")
    leads = element.get("leads", [])
    for number, lead in enumerate(leads):
        need(draft, "elements", (*path, "leads", number), lead, bodies, _("body"))
    unique(draft, "elements", (*path, "supports"), "body")
    for number, support in enumerate(element.get("supports", [])):
        where = (*path, "supports", number)
        need(draft, "elements", (*where, "body"), support["body"], bodies, _("body"))
        day(draft, "elements", (*where, "due"), support.get("due"))
        if support["body"] in leads:
            message = _('"%s" both leads and supports') % support["body"]
            draft.report("elements", where, "two-roles", message, _("keep one of the two"))
    coordinating = element.get("coordinating")
    need(draft, "elements", (*path, "coordinating"), coordinating, leads, _("lead"))
    if len(leads) > 1 and coordinating is None:
        message = _('"%s" has several leads and none that coordinates') % element["key"]
        draft.report(
            "elements",
            path,
            "several-leads",
            message,
            _("if the issuer names one that coordinates, add it; else leave it as printed"),
            Severity.NOTICE,
        )


def check_sources(draft: Draft) -> None:
    """sources.yaml: keys, and sources that nothing names."""
    unique(draft, "sources", ("sources",))
    named = _named_sources(draft)
    for path, source in draft.items("sources"):
        key = source.get("key")
        if isinstance(key, str) and key not in named:
            draft.report(
                "sources",
                path,
                "unused",
                _('nothing names the source "%s"') % key,
                _("remove it, or name it where it supports something"),
                Severity.NOTICE,
            )


def _named_sources(draft: Draft) -> set[str]:
    named = {row.cells.get("source", "") for table in draft.tables.values() for row in table.rows}
    for document in draft.documents.values():
        stack = [document.value]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                source = value.get("source")
                if isinstance(source, str):
                    named.add(source)
                stack += value.values()
            elif isinstance(value, list):
                stack += value
    return named


def check_words(draft: Draft) -> None:
    """Every text stands in every language that the pack declares, and in no other."""
    pack = draft.document("pack").value
    if not draft.sound("pack"):
        return
    declared = pack["languages"]
    for file, document in draft.documents.items():
        name = file.removesuffix(".yaml")
        stack: list[tuple[PathInFile, Any]] = [((), document.value)]
        while stack:
            path, value = stack.pop()
            if isinstance(value, dict):
                _words(draft, name, path, value, declared)
                stack += [((*path, key), part) for key, part in value.items()]
            elif isinstance(value, list):
                stack += [((*path, number), part) for number, part in enumerate(value)]


def _words(
    draft: Draft, name: str, path: PathInFile, value: dict[str, Any], declared: list[str]
) -> None:
    """Both ways of writing a text: `{en: …, zh: …}` and `name_en: …`, `name_zh: …`."""
    stems = {""} if value and set(value) <= set(LANGUAGES) else set()
    stems |= {
        key.removesuffix(f"_{language}") + "_"
        for key in value
        for language in LANGUAGES
        if key.endswith(f"_{language}") and name != "people"
    }
    for stem in sorted(stems):
        for language in LANGUAGES:
            key = stem + language
            if language in declared and key not in value:
                draft.report(
                    name,
                    path,
                    "translation",
                    _('the text has no "%s"') % key,
                    _('add "%s", or take the language out of pack.yaml') % key,
                )
            if language not in declared and key in value:
                draft.report(
                    name,
                    (*path, key),
                    "translation",
                    _('"%s" is not among the languages of the pack') % language,
                    _("remove it, or declare the language in pack.yaml"),
                )
