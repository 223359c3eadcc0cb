"""What the checks find in a draft before it is issued: what its own text can still mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from throughline.cascade.checking.checks import check
from throughline.cascade.checking.codes import Code, Finding
from throughline.cascade.checking.positions import Positioned
from throughline.cascade.checking.reading import read_draft
from throughline.cascade.checking.rows import NO_DAY, Rows
from throughline.kernel import clock
from throughline.plans.models import PlanVersion

OF_A_TEXT = frozenset({
    Code.NO_LEAD, Code.JOINT_LEADS, Code.LATER_THAN_SUPERIOR, Code.LATER_THAN_ASSIGNED,
    Code.WEAKER_TARGET, Code.NOT_REFINED, Code.ORPHAN_REFINEMENT, Code.DEPENDENCY_CYCLE,
    Code.ENDED_BODY_PRINTED, Code.DEADLINE_OUTSIDE_PLAN, Code.TARGET_OUTSIDE_PLAN,
    Code.SAME_DUTY_TWICE, Code.LEAD_AND_SUPPORT, Code.MILESTONE_AFTER_DUE,
})  # fmt: skip
"""What stands in the text of a plan, or follows from it. The rest is of assignments, which a draft
leaves alone."""

_WHENEVER = datetime.max.replace(tzinfo=UTC)


def findings_of_draft(draft: PlanVersion) -> list[Finding]:
    """What is found in a draft held against the plans above it, the gravest first. What the
    place owes is missed at once: whoever issues a plan gives the answer of the place, and does
    not wait until the time to respond has passed."""
    rows = _with_days_of(draft, read_draft(draft))
    today = clock.now().astimezone(ZoneInfo(draft.plan.zone)).date()
    threads = set(rows.elements.thread[rows.elements.plan == draft.plan_id].tolist())
    found = [
        each
        for each in check(rows, today=today, now=_WHENEVER)
        if each.code in OF_A_TEXT and _is_of(each, draft.plan_id, threads)
    ]
    return sorted(found, key=lambda each: -each.severity)


def _with_days_of(draft: PlanVersion, rows: Rows) -> Rows:
    """The tasks of the draft's plan due as its text has it, where their day came from the text
    before: so they will be when their bodies look at it. A day of their own is left out, for no
    text mends what is wrong with it."""
    given, elements = rows.assignments, rows.elements
    at = Positioned(elements.thread).find(given.thread)
    of_text = np.append(elements.deadline, NO_DAY).take(at)  # the last one stands for nowhere
    due = np.where(given.own_day, NO_DAY, of_text)
    due = np.where(given.plan == draft.plan_id, due, given.due).astype(given.due.dtype)
    return replace(rows, assignments=replace(given, due=due))


def _is_of(finding: Finding, plan: int, threads: set[int]) -> bool:
    """Whether a finding is of the draft, not of what stands above it."""
    if finding.code == Code.NOT_REFINED:
        return finding.related == (plan,)
    if finding.code == Code.DEPENDENCY_CYCLE:
        return not threads.isdisjoint(finding.related)
    return finding.plan == plan
