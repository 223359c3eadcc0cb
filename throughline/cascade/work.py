"""What of the cascade waits for a person: to be answered, reported, reviewed, decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.bodies.queries import acting_for, standing_of, today
from throughline.bodies.rules import Duty, Standing
from throughline.cascade.convening import mechanisms_due
from throughline.cascade.models import Assignment, Claim, ProgressReport
from throughline.cascade.permissions import ISSUING, LEADER, OFFICE
from throughline.cascade.queries import (
    bodies_served,
    in_state,
    open_assignments,
    parts_not_laid,
    refined_here,
    with_rows,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.life import Step
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.work import Group, Item
from throughline.plans.models import PlanVersion
from throughline.plans.queries import IN_FORCE

SINGLY = 15
"""So many of one kind are listed one by one; more are one line that opens their list."""
SOON = timedelta(days=14)


def work_for(actor: Actor) -> list[Item]:
    """What an actor has to do, or waits for, under assignments."""
    standing = standing_of(actor)
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return []
    served, mine = bodies_served(actor), acting_for(standing.body)
    there = _presence(served, mine)
    own = open_assignments().filter(body__in=served)
    found = list(mechanisms_due(actor)) if there.mechanisms else []
    if there.owed:
        found += [*_to_answer(own, standing, mine), *_to_do(own, standing)]
    if there.reports:
        found += _reports(served, standing, actor, mine)
    if there.signed:
        found += _to_accept(mine, standing)
    if there.claims:
        found += _to_decide(mine, standing)
    if there.printed and standing.duties & ISSUING:
        found += _to_assign(mine)
    return found + list(_waiting(mine, served, there))


@dataclass(frozen=True)
class _There:
    """What there is at all for some bodies: beside most readers nothing is, and every page
    counts what waits for its reader."""

    owed: bool
    silent: bool
    reports: bool
    signed: bool
    claims: bool
    claimed: bool
    mechanisms: bool
    printed: bool


_PRESENCE = """SELECT
    EXISTS (SELECT FROM cascade_assignment WHERE body_id = ANY(%(served)s)
        AND ended_at IS NULL AND closed_at IS NULL),
    EXISTS (SELECT FROM cascade_assignment WHERE issuer_id = ANY(%(mine)s)
        AND ended_at IS NULL AND closed_at IS NULL AND taken_on_at IS NULL
        AND respond_by <= %(now)s),
    EXISTS (SELECT FROM cascade_progressreport r JOIN cascade_assignment a
        ON a.id = r.assignment_id WHERE a.body_id = ANY(%(served)s)
        AND r.step IN ('draft', 'reviewed', 'signed', 'returned')),
    EXISTS (SELECT FROM cascade_progressreport r JOIN cascade_assignment a
        ON a.id = r.assignment_id WHERE a.issuer_id = ANY(%(mine)s) AND r.step = 'signed'),
    EXISTS (SELECT FROM cascade_claim WHERE decider_id = ANY(%(mine)s) AND outcome = ''),
    EXISTS (SELECT FROM cascade_claim WHERE by_body_id = ANY(%(served)s) AND outcome = ''),
    EXISTS (SELECT FROM cascade_mechanism WHERE office_id = ANY(%(served)s) AND ended_on IS NULL),
    EXISTS (SELECT FROM plans_plan p
        JOIN plans_planversion v ON v.plan_id = p.id AND v.state = 'in_force'
        JOIN plans_element e ON e.version_id = v.id
        JOIN plans_responsibility r ON r.element_id = e.id
        WHERE p.lead_body_id = ANY(%(mine)s) AND NOT EXISTS (SELECT FROM cascade_assignment a
            WHERE a.thread_id = e.thread_id AND a.body_id = r.body_id AND a.part = r.role
                AND a.ended_at IS NULL))"""


def _presence(served: frozenset[int], mine: frozenset[int]) -> _There:
    asked: dict[str, Any] = {"served": list(served), "mine": list(mine), "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_PRESENCE, asked)
        return _There(*cursor.fetchone())


def _instant(row: Assignment) -> datetime | None:
    """The last second of the day on which an assignment is due, in its plan's zone."""
    if row.due is None:
        return None
    zone = ZoneInfo(row.element.version.plan.zone)
    return datetime.combine(row.due, time(23, 59, 59), zone)


def _items(
    rows: QuerySet[Assignment],
    verb: str,
    action: str,
    state: str,
    *,
    group: Group,
    by: str = "due",
) -> Iterable[Item]:
    """Assignments of one kind of work, one by one or, where they are many, one line a plan."""
    found = list(with_rows(rows).order_by(by, "pk")[: SINGLY + 1])
    if len(found) > SINGLY:
        yield from _summed(rows, verb, action, state, group)
        return
    now = clock.now()
    for row in found:
        due = row.respond_by if by == "respond_by" else _instant(row)
        late = group is Group.TO_DO and due is not None and due <= now
        yield Item(
            group=Group.OVERDUE if late else group,
            verb=verb,
            title=row.element.title,
            detail=f"{row.body.short} · {row.element.version.plan.title}",
            url=reverse("assignment", args=[row.pk]),
            action=action,
            at=row.issued_at,
            due=due,
        )


def _summed(
    rows: QuerySet[Assignment], verb: str, action: str, state: str, group: Group
) -> Iterable[Item]:
    plans: dict[str, tuple[str, int, datetime]] = {}
    listed = rows.select_related("thread__plan").order_by("-issued_at")
    for row in listed.only("issued_at", "thread__plan"):
        plan = row.thread.plan
        title, count, at = plans.get(plan.key, (plan.title, 0, row.issued_at))
        plans[plan.key] = (title, count + 1, at)
    for key, (title, count, at) in plans.items():
        yield Item(
            group=group,
            verb=verb,
            title=ngettext("%(count)s task", "%(count)s tasks", count) % {"count": count},
            detail=title,
            url=f"{reverse('plan-work', args=[key])}?state={state}",
            action=action,
            at=at,
        )


def _to_answer(
    own: QuerySet[Assignment], standing: Standing, mine: frozenset[int]
) -> Iterable[Item]:
    now = clock.now()
    waiting = in_state(own, "unanswered", now)
    if standing.duties & OFFICE:
        yield from _items(
            waiting.filter(received_at__isnull=True), _("Sign for arrival"), _("Open"),
            "unanswered", group=Group.TO_DO, by="respond_by",
        )  # fmt: skip
    if standing.duties & LEADER:
        named = waiting.filter(received_at__isnull=False)
        own_post = named.filter(Q(leader__isnull=True, body__in=mine) | Q(leader=standing.post))
        yield from _items(
            own_post, _("Take on or contest"), _("Open"), "unanswered", group=Group.TO_DO,
            by="respond_by",
        )  # fmt: skip


def _to_assign(mine: frozenset[int]) -> Iterable[Item]:
    """Plans that the body leads and of whose work somebody was not told."""
    parts = parts_not_laid().filter(element__version__plan__lead_body__in=mine)
    counts = dict(parts.order_by().values_list("element__version").annotate(Count("pk")))
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
            at=datetime.combine(version.in_force_from or today(), time.min, UTC),
        )


def _to_do(own: QuerySet[Assignment], standing: Standing) -> Iterable[Item]:
    if not standing.duties & OFFICE:
        return
    taken = own.filter(taken_on_at__isnull=False)
    changed = own.exclude(element__version__state=IN_FORCE)
    yield from _items(
        changed, _("Look again: the text has changed"), _("Open"), "changed", group=Group.TO_DO
    )
    unrefined = taken.filter(part=Part.LOCALITY).exclude(due__lt=today()).exclude(refined_here())
    yield from _items(
        unrefined, _("Refine it in your own plan"), _("Open"), "working", group=Group.TO_DO
    )
    yield from _items(
        taken.filter(due__lt=today()),
        _("Report: it is late"),
        _("Report"),
        "late",
        group=Group.OVERDUE,
    )
    soon = taken.filter(due__gte=today(), due__lte=today() + SOON)
    yield from _items(soon, _("Report progress"), _("Report"), "working", group=Group.DUE_SOON)


def _reported(rows: QuerySet[ProgressReport]) -> list[ProgressReport]:
    chosen = rows.select_related("assignment__element__version__plan", "assignment__body")
    return list(chosen.order_by("prepared_at")[:50])


def _report_item(report: ProgressReport, group: Group, verb: str, action: str) -> Item:
    row = report.assignment
    return Item(
        group=group,
        verb=verb,
        title=row.element.title,
        detail=report.returned if group is Group.RETURNED else row.body.short,
        url=f"{reverse('assignment', args=[row.pk])}#reports",
        action=action,
        at=report.signed_at or report.prepared_at,
    )


def _reports(
    served: frozenset[int], standing: Standing, actor: Actor, mine: frozenset[int]
) -> Iterable[Item]:
    """Reports inside the body: returned to the office, waiting for review or for the leader."""
    rows = ProgressReport.objects.filter(assignment__body__in=served)
    if standing.duties & OFFICE:
        for each in _reported(rows.filter(step=Step.RETURNED)):
            yield _report_item(each, Group.RETURNED, _("Report again"), _("Open"))
    if standing.duties & {Duty.REVIEW}:
        drafts = rows.filter(step=Step.DRAFT).exclude(prepared_by=actor.person)
        for each in _reported(drafts):
            yield _report_item(each, Group.TO_DO, _("Review the report"), _("Review"))
    if standing.duties & LEADER:
        unsigned = rows.filter(step=Step.REVIEWED)
        small = rows.filter(step=Step.DRAFT, assignment__body__one_step=True)
        hands = Q(assignment__leader__isnull=True, assignment__body__in=mine)
        hands |= Q(assignment__leader=standing.post)
        for each in _reported((unsigned | small).filter(hands)):
            yield _report_item(each, Group.TO_DO, _("Sign the report"), _("Sign"))


def _to_accept(mine: frozenset[int], standing: Standing) -> Iterable[Item]:
    if not standing.duties & ISSUING:
        return
    signed = ProgressReport.objects.filter(step=Step.SIGNED, assignment__issuer__in=mine)
    for each in _reported(signed):
        yield _report_item(each, Group.TO_DO, _("Accept or return the report"), _("Open"))


def _claims(rows: QuerySet[Claim]) -> Sequence[Claim]:
    chosen = rows.filter(outcome="").select_related(
        "assignment__element__version__plan", "assignment__body", "by_body", "decider"
    )
    return list(chosen.order_by("at")[:50])


def _to_decide(mine: frozenset[int], standing: Standing) -> Iterable[Item]:
    if not standing.duties & (ISSUING | LEADER):
        return
    for claim in _claims(Claim.objects.filter(decider__in=mine)):
        yield Item(
            group=Group.TO_DO,
            verb=_("Decide on the claim"),
            title=claim.assignment.element.title,
            detail=f"{claim.by_body.short}: {claim.reason}"[:200],
            url=reverse("decide-claim", args=[claim.pk]),
            action=_("Decide"),
            at=claim.at,
        )


def _waiting(mine: frozenset[int], served: frozenset[int], there: _There) -> Iterable[Item]:
    """What others have to do: claims and reports of ours, and tasks of ours without an answer."""
    ours = Claim.objects.filter(by_body__in=served).exclude(decider__in=mine)
    for claim in _claims(ours) if there.claimed else ():
        yield Item(
            group=Group.WAITING,
            verb=_("Claim not decided yet"),
            title=claim.assignment.element.title,
            detail=claim.decider.name,
            url=reverse("assignment", args=[claim.assignment_id]),
            action=_("Open"),
            at=claim.at,
        )
    sent = ProgressReport.objects.filter(step=Step.SIGNED, assignment__body__in=served)
    for each in _reported(sent.exclude(assignment__issuer__in=mine)) if there.reports else ():
        yield _report_item(each, Group.WAITING, _("Report not accepted yet"), _("Open"))
    if not there.silent:
        return
    silent = in_state(open_assignments().filter(issuer__in=mine), "silent", clock.now())
    yield from _items(
        silent, _("No answer in time"), _("Open"), "silent", group=Group.WAITING, by="respond_by"
    )
