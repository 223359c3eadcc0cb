"""What of the cascade waits for a person, as lines of My work and as their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.bodies.queries import today
from throughline.cascade.convening import mechanisms_due
from throughline.cascade.models import Assignment, Claim, ProgressReport
from throughline.cascade.queries import with_rows
from throughline.cascade.rules.life import Step
from throughline.cascade.waiting import Reports, Tasks, Waiting
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group, Item
from throughline.plans.models import Plan, PlanVersion, Responsibility

SINGLY = 15
"""So many of one kind are listed one by one; more are one line that opens their list."""

LONGEST = 50
"""So many reports or claims of one kind are listed; the others come up as those are done."""


def work_for(actor: Actor) -> list[Item]:
    """What an actor has to do, or waits for, under assignments."""
    waiting = Waiting.of(actor)
    if waiting is None:
        return []
    found = list(mechanisms_due(actor)) if waiting.there.mechanisms else []
    counts = waiting.counted(tasks := waiting.tasks())
    for each in tasks:
        if counts[each.name]:
            found += _of_tasks(waiting.own.filter(each.condition), each)
    for reports in waiting.reports():
        found += _of_reports(reports)
    found += _of_claims(waiting.claims(), _to_decide)
    found += _to_assign(waiting.parts_to_assign())
    # What others have to do.
    found += _of_claims(waiting.claims_of_ours(), _not_decided)
    found += _of_reports(waiting.reports_of_ours())
    found += _of_tasks(*waiting.silent())
    return found


def count_for(actor: Actor) -> int:
    """How many things an actor has to do under assignments: as many as `work_for` lists or sums
    up, in fewer statements, because every page says it."""
    waiting = Waiting.of(actor)
    if waiting is None:
        return 0
    found = len(mechanisms_due(actor)) if waiting.there.mechanisms else 0
    found += sum(waiting.counted(waiting.tasks()).values())
    found += sum(reports.rows.count() for reports in waiting.reports())
    if not (claims := waiting.claims()).query.is_empty():
        found += claims.count()
    if not (parts := waiting.parts_to_assign()).query.is_empty():
        found += parts.values("element__version").distinct().count()
    return found


def _of_tasks(rows: QuerySet[Assignment], tasks: Tasks) -> Iterator[Item]:
    """Assignments that ask for the same, one by one or, where they are many, one line a plan."""
    if rows.query.is_empty():
        return
    found = list(with_rows(rows).order_by(tasks.by, "pk")[: SINGLY + 1])
    if len(found) > SINGLY:
        yield from _summed(rows, tasks)
        return
    now = clock.now()
    for row in found:
        due = _until(row.element.version.plan, getattr(row, tasks.by))
        late = tasks.group is Group.TO_DO and due is not None and due <= now
        yield Item(
            group=Group.OVERDUE if late else tasks.group,
            verb=tasks.verb,
            title=row.element.title,
            detail=f"{row.body.short} · {row.element.version.plan.title}",
            url=reverse("assignment", args=[row.pk]),
            action=tasks.action,
            at=row.issued_at,
            dated=_dated(due, tasks),
            due=due,
        )


def _until(plan: Plan, end: date | datetime | None) -> datetime | None:
    """The last second of a day, in a plan's zone; an instant as it is."""
    if end is None or isinstance(end, datetime):
        return end
    return datetime.combine(end, time(23, 59, 59), ZoneInfo(plan.zone))


def _dated(due: datetime | None, tasks: Tasks, *, several: bool = False) -> str:
    """What the date of an assignment's line is; of several, that of the first of them."""
    by_answer = tasks.by == "respond_by"
    if due is None:
        return _("the last one laid %(ago)s") if several else _("laid %(ago)s")
    if several:
        return _("the first to answer by %(day)s") if by_answer else _("the first due %(day)s")
    return _("answer by %(day)s") if by_answer else _("due %(day)s")


def _summed(rows: QuerySet[Assignment], tasks: Tasks) -> Iterator[Item]:
    """Many assignments, one line a plan, with the first day on which one of them is owed."""
    counted = rows.order_by().values("thread__plan")
    counted = counted.annotate(Count("pk"), Max("issued_at"), first=Min(tasks.by))
    found = {row["thread__plan"]: row for row in counted}
    for plan in Plan.objects.filter(pk__in=found).order_by("key"):
        row = found[plan.pk]
        count, due = row["pk__count"], _until(plan, row["first"])
        yield Item(
            group=tasks.group,
            verb=tasks.verb,
            title=ngettext("%(count)s task", "%(count)s tasks", count) % {"count": count},
            detail=plan.title,
            url=f"{reverse('plan-work', args=[plan.key])}?state={tasks.state}"
            + ("" if tasks.group is Group.WAITING else "&whose=ours"),
            action=tasks.action,
            at=row["issued_at__max"],
            dated=_dated(due, tasks, several=True),
            due=due,
            count=count,
        )


def _of_reports(reports: Reports) -> Iterator[Item]:
    chosen = reports.rows.select_related("assignment__element", "assignment__body")
    return _first(chosen.order_by("prepared_at"), lambda each: _of_report(each, reports))


def _of_report(report: ProgressReport, reports: Reports) -> Item:
    row, returned = report.assignment, reports.group is Group.RETURNED
    return Item(
        group=reports.group,
        verb=reports.verb,
        title=row.element.title,
        detail=report.returned if returned else row.body.short,
        url=f"{reverse('assignment', args=[row.pk])}#reports",
        action=reports.action,
        **_dated_by_step(report),
    )


def _dated_by_step(report: ProgressReport) -> dict[str, Any]:
    """When a report came to the step at which it waits, and which that is."""
    if report.step == Step.RETURNED and report.decided_at:
        return {"at": report.decided_at, "dated": _("returned %(ago)s")}
    if report.signed_at:
        return {"at": report.signed_at, "dated": _("signed %(ago)s")}
    return {"at": report.prepared_at, "dated": _("prepared %(ago)s")}


def _of_claims(claims: QuerySet[Claim], item: Callable[[Claim], Item]) -> Iterator[Item]:
    chosen = claims.select_related("assignment__element", "by_body", "decider")
    return _first(chosen.order_by("at"), item)


def _to_decide(claim: Claim) -> Item:
    return Item(
        group=Group.TO_DO,
        verb=_("Decide on the claim"),
        title=claim.assignment.element.title,
        detail=f"{claim.by_body.short}: {claim.reason}"[:200],
        url=reverse("decide-claim", args=[claim.pk]),
        action=_("Decide"),
        at=claim.at,
        dated=_("put forward %(ago)s"),
    )


def _not_decided(claim: Claim) -> Item:
    return Item(
        group=Group.WAITING,
        verb=_("Claim not decided yet"),
        title=claim.assignment.element.title,
        detail=claim.decider.name,
        url=reverse("assignment", args=[claim.assignment_id]),
        action=_("Open"),
        at=claim.at,
        dated=_("put forward %(ago)s"),
    )


def _first(rows: QuerySet[Any], item: Callable[[Any], Item]) -> Iterator[Item]:
    """The first rows one by one; the next says how many more there are."""
    if rows.query.is_empty():  # Django would build the statement before it finds that out
        return
    found = [item(each) for each in rows[: LONGEST + 1]]
    if len(found) <= LONGEST:
        yield from found
        return
    more = rows.count() - LONGEST
    yield from islice(found, LONGEST)
    said = ngettext("and %(count)s more after it", "and %(count)s more after it", more - 1)
    yield replace(found[-1], detail=said % {"count": more - 1}, count=more)


def _to_assign(parts: QuerySet[Responsibility]) -> Iterator[Item]:
    """Plans that the body leads and of whose work somebody was not told."""
    if parts.query.is_empty():
        return
    counts = dict(parts.values_list("element__version").annotate(Count("pk")))
    versions = PlanVersion.objects.filter(pk__in=counts).select_related("plan")
    for version in versions.order_by("plan__key"):
        count = counts[version.pk]
        yield Item(
            group=Group.TO_DO,
            verb=_("Assign the plan's work"),
            title=version.plan.title,
            detail=ngettext(
                "%(count)s part is printed and not assigned.",
                "%(count)s parts are printed and not assigned.",
                count,
            )
            % {"count": count},
            url=reverse("assign-as-printed", args=[version.plan.key]),
            action=_("Assign"),
            at=datetime.combine(
                version.in_force_from or today(), time.min, ZoneInfo(version.plan.zone)
            ),
            dated=_("in force since %(day)s"),
        )
