"""Checks of procedures: what their room finds in procedures.yaml and its BPMN files, by line."""

from __future__ import annotations

from typing import Any

from throughline.plans.packs.documents import Document
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.faults import Fault
from throughline.plans.packs.schemas import allowed
from throughline.procedures.catalogue import Catalogue, Setting
from throughline.procedures.checking import check
from throughline.procedures.rules.findings import Finding
from throughline.procedures.words import sentences


def check_procedures(draft: Draft) -> None:
    """procedures.yaml and procedures/*.bpmn: sound, with somebody who acts at every step."""
    _catalogue, findings = _checked(draft)
    draft.faults += [_fault(draft.document("procedures"), finding) for finding in findings]


def catalogue(draft: Draft) -> Catalogue | None:
    """The procedures of a draft without faults; none where it says nothing of any."""
    return _checked(draft)[0]


def _checked(draft: Draft) -> tuple[Catalogue | None, list[Finding]]:
    if not draft.sound("procedures"):
        spare = [] if "procedures.yaml" in draft.faulty else sorted(draft.drawings)
        return None, [Finding("spare_file", file) for file in spare]
    if "bodies.yaml" in draft.faulty or not draft.sound("pack") or draft.gazetteer is None:
        return None, []  # who acts cannot be told before those are mended
    return check(draft.document("procedures").value, draft.drawings, _setting(draft))


def _setting(draft: Draft) -> Setting:
    pack = draft.document("pack").value if draft.sound("pack") else {}
    return Setting(
        languages=tuple(pack.get("languages", ())),
        tiers=draft.gazetteer.tiers if draft.gazetteer else (),
        kinds=allowed("elements.json", "kind"),
        bodies={
            str(body.get("key")): _posts(draft, body)
            for _path, body in draft.entries("bodies", ("bodies",))
        },
        templates={
            (str(body.get("for_tier")), str(body.get("key"))): _posts(draft, body)
            for _path, body in draft.entries("bodies", ("templates",))
        },
    )


def _posts(draft: Draft, body: dict[str, Any]) -> frozenset[str]:
    if not draft.sound("bodies"):
        return frozenset()
    return frozenset(post["key"] for post in body.get("posts", []))


def _fault(document: Document, finding: Finding) -> Fault:
    line, column = finding.line, finding.column
    if finding.path is not None:
        line, column = document.mark(finding.path)
    message, remedy = sentences(finding)
    if finding.element and finding.path is None:
        message = f"{finding.element}: {message}"
    return Fault(finding.file, line, column, finding.kind.replace("_", "-"), message, remedy)
