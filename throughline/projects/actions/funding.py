"""Money of a project: what reached which stage, and what was said too much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.kernel.action import Act, action
from throughline.kernel.errors import Invalid, Problem
from throughline.projects.actions.checking import (
    LONGEST_TITLE,
    amount_faults,
    day_faults,
    locked,
    text_faults,
)
from throughline.projects.models import Funding, Project, Register
from throughline.projects.permissions import require_keeping, require_state
from throughline.projects.queries import as_entries, day_of, entries_of
from throughline.projects.rules.life import ProjectDeed
from throughline.projects.rules.money import Excess, FundingStage, Source, first_excess
from throughline.projects.words import SOURCES, STAGES, money
from throughline.ui.writing import day as written_day

MOST = 200
"""How many entries one act takes."""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """So much from a source reached a stage on a day; below zero where an earlier entry said
    too much, which the note explains."""

    source: str
    stage: str
    on: date | None
    amount: Decimal | None
    note: str = ""


@action("project.record_funding")
def record_funding(act: Act, *, project: Project, payments: Sequence[Payment]) -> Project:
    """Record money of a project, all of it or nothing: no source's money is ever spent beyond
    what arrived of it, and none arrives beyond what was approved."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.FUND)
    refusal = _("No money was recorded.")
    if not payments or len(payments) > MOST:
        said = _("Between 1 and %(most)s entries are taken at once.") % {"most": MOST}
        raise Invalid(refusal, problems=[Problem("payments", said, field="amount")])
    problems = [
        fault
        for number, each in enumerate(payments, start=1)
        for fault in _faults(row.register, each, number if len(payments) > 1 else 0)
    ]
    if problems:
        raise Invalid(refusal, problems=problems)
    given = [_row(row, each, act.number) for each in payments]
    excess = first_excess(as_entries([*entries_of(row), *given]))
    if excess is not None:
        raise Invalid(refusal, problems=[_told(excess, row.register)])
    Funding.objects.bulk_create(given)
    act.about(row)
    act.record(
        payments=[
            {
                "source": each.source, "stage": each.stage, "on": each.on,
                "amount": each.amount, "note": each.note,
            }
            for each in given
        ]
    )  # fmt: skip
    return row


def _row(project: Project, given: Payment, act: int) -> Funding:
    assert given.on is not None and given.amount is not None  # noqa: S101 (a fault otherwise)
    return Funding(
        project=project, source=given.source, stage=given.stage, on=given.on,
        amount=given.amount, note=given.note.strip(), act=act,
    )  # fmt: skip


def _faults(register: Register, given: Payment, number: int) -> Iterable[Problem]:
    """Every fault of an entry; `number` counts it among several."""
    faults = list(_entry_faults(register, given))
    if number:
        where = _("entry %(number)s") % {"number": number}
        return [Problem(where, each.message, each.remedy, each.field) for each in faults]
    return faults


def _entry_faults(register: Register, given: Payment) -> Iterable[Problem]:
    if given.source not in set(Source):
        yield Problem("source", _("Choose where the money comes from."), field="source")
    if given.stage not in set(FundingStage):
        yield Problem("stage", _("Choose how far it has come."), field="stage")
    yield from day_faults("on", given.on, day_of(register))
    if not given.amount:
        yield Problem("amount", _("Give an amount other than zero."), field="amount")
    yield from amount_faults("amount", given.amount, register.decimals)
    taken_back = given.amount is not None and given.amount < 0
    missing = _("Say why an earlier amount is taken back.") if taken_back else ""
    yield from text_faults("note", given.note, LONGEST_TITLE, missing)


def _told(found: Excess, register: Register) -> Problem:
    """Where money had come further than it could, and by which figures."""
    source, stage = SOURCES[found.source], STAGES[found.stage]
    where = f"{source} · {stage} · {written_day(found.on, get_language() or 'en')}"
    numbers = {"total": money(found.total, register), "unit": register.unit}
    if found.above is None:
        said = _("The sum would be below zero: %(total)s %(unit)s.") % numbers
        return Problem(where, said, _("Take back no more than was recorded."), field="amount")
    before = {
        FundingStage.ARRIVED: _("%(total)s %(unit)s would have arrived, of %(above)s approved."),
        FundingStage.SPENT: _("%(total)s %(unit)s would be spent, of %(above)s arrived."),
    }
    said = before[found.stage] % {**numbers, "above": money(found.above, register)}
    return Problem(where, said, _("Record the stage before first, up to this day."), field="amount")
