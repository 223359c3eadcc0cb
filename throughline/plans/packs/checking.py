"""Checking and reading a pack."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from throughline.kernel.errors import Invalid
from throughline.plans.packs import (
    body_checks,
    figure_checks,
    form_checks,
    indicator_checks,
    mapping_checks,
    observation_checks,
    plan_checks,
    procedure_checks,
    target_checks,
)
from throughline.plans.packs.build import build_pack
from throughline.plans.packs.documents import read_document
from throughline.plans.packs.draft import Draft, read_draft
from throughline.plans.packs.faults import Fault, errors
from throughline.plans.packs.mapping import Mapping, build_mapping
from throughline.plans.packs.pack import Pack
from throughline.plans.packs.schemas import schema_faults

CHECKS = (
    plan_checks.check_pack,
    plan_checks.check_plan,
    plan_checks.check_elements,
    indicator_checks.check_indicators,
    figure_checks.check_editions_and_series,
    target_checks.check_targets,
    target_checks.check_bridges,
    figure_checks.check_groupings,
    figure_checks.check_simulations,
    figure_checks.check_marks,
    observation_checks.check_observations,
    body_checks.check_bodies,
    body_checks.check_people,
    form_checks.check_forms,
    procedure_checks.check_procedures,
    mapping_checks.check_mappings,
    plan_checks.check_sources,
    plan_checks.check_words,
)


def check(folder: Path) -> list[Fault]:
    """Every fault of the pack in a folder, by file and line. Never raises for its content."""
    return _checked(folder).faults


def read_pack(folder: Path) -> Pack:
    """Read a pack; raises Invalid with a problem for each fault that is an error."""
    draft = _checked(folder)
    refuse(errors(draft.faults), str(folder))
    return build_pack(draft)


def read_mapping(path: Path) -> Mapping:
    """Read one mapping by itself; raises Invalid with a problem for each fault.

    Only its form is checked: whether its series exist is for the pack, or the importer.
    """
    document = read_document(path.parent, path.name)
    if isinstance(document, Fault):
        refuse([document], str(path))
        raise AssertionError
    draft = Draft(path.parent, documents={document.file: document})
    draft.faults += schema_faults(document, "mapping.json")
    if not draft.faults:
        mapping_checks.check_form(draft, document.file.removesuffix(".yaml"))
    refuse(errors(draft.faults), str(path))
    return build_mapping(document.value)


def refuse(faults: list[Fault], what: str) -> None:
    """Raise Invalid with a problem for each fault, if there is any."""
    if faults:
        message = _("%(what)s has %(count)d faults") % {"what": what, "count": len(faults)}
        raise Invalid(message, problems=[fault.as_problem() for fault in faults])


def _checked(folder: Path) -> Draft:
    draft = read_draft(folder)
    for check_part in CHECKS:
        check_part(draft)
    draft.faults = sorted(set(draft.faults))
    return draft
