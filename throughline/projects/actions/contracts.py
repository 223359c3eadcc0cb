"""Contracts of a project, and their corrections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.projects.actions.checking import (
    LONGEST_TITLE,
    day_faults,
    locked,
    money_faults,
    text_faults,
)
from throughline.projects.models import Contract, Project
from throughline.projects.permissions import require_keeping, require_state
from throughline.projects.queries import day_of
from throughline.projects.rules.life import ProjectDeed

LONGEST_NUMBER = 80


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a contract says; the amount in the register's unit."""

    number: str
    title: str
    contractor: str
    amount: Decimal | None
    signed_on: date | None


@action("project.sign_contract")
def sign_contract(act: Act, *, project: Project, terms: Terms) -> Contract:
    """Put a signed contract of a project on record."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.CONTRACT)
    problems = list(_faults(row, terms))
    if problems:
        raise Invalid(_("The contract was not recorded."), problems=problems)
    _refuse_twice(row, terms.number)
    found = Contract.objects.create(project=row, act=act.number, **_fields(terms))
    act.about(row)
    act.record(contract=found.pk, **_fields(terms))
    return found


@action("project.correct_contract")
def correct_contract(act: Act, *, contract: Contract, terms: Terms, reason: str) -> Contract:
    """Correct what is on record of a contract: what stood before stays, and says by what it was
    corrected."""
    require_keeping(act.actor, contract.project)
    row = locked(contract.project)
    require_state(row, ProjectDeed.CONTRACT)
    if Contract.objects.filter(corrects=contract).exists():
        raise Conflict(
            _("This record of the contract was corrected already."),
            remedy=_("Correct the one that stands now."),
        )
    problems = [
        *_faults(row, terms),
        *text_faults("reason", reason, LONGEST_TITLE, _("Say why it is corrected.")),
    ]
    if problems:
        raise Invalid(_("The contract was not corrected."), problems=problems)
    _refuse_twice(row, terms.number, but=contract.pk)
    before = {name: getattr(contract, name) for name in _fields(terms)}
    found = Contract.objects.create(
        project=row, act=act.number, corrects=contract, reason=reason.strip(), **_fields(terms)
    )
    act.about(row)
    act.record(
        before={"contract": contract.pk, **before},
        contract=found.pk, reason=reason.strip(), **_fields(terms),
    )  # fmt: skip
    return found


def _fields(terms: Terms) -> dict[str, Any]:
    return {
        name: value.strip() if isinstance(value, str) else value
        for name, value in asdict(terms).items()
    }


def _faults(project: Project, given: Terms) -> Iterable[Problem]:
    yield from text_faults("number", given.number, LONGEST_NUMBER, _("Give its number."))
    yield from text_faults("title", given.title, LONGEST_TITLE, _("Say what it is about."))
    yield from text_faults(
        "contractor", given.contractor, LONGEST_TITLE, _("Name who does the work.")
    )
    yield from money_faults("amount", given.amount, project.register, _("Give its amount."))
    yield from day_faults("signed_on", given.signed_on, day_of(project.register))


def _refuse_twice(project: Project, number: str, but: int = 0) -> None:
    same = Contract.objects.filter(
        project=project, number=number.strip(), corrected_by__isnull=True
    ).exclude(pk=but)
    if same.exists():
        raise Conflict(
            _("A contract of this number is on record already."),
            place="number",
            remedy=_("Correct that record, or give this one its own number."),
        )
