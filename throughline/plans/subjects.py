"""Plans and elements as subjects that one remarks on, attaches to and follows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.models import JournalEntry
from throughline.plans.models import Element, Plan, Responsibility
from throughline.plans.queries import (
    IN_FORCE,
    elements_visible_to,
    plan_in_force,
    versions_visible_to,
)
from throughline.procedures.case_subjects import CaseSubject
from throughline.subjects.kinds import Change, Subject, SubjectKind


def plan_subject(key: str, title: str) -> Subject:
    """A plan, across its versions."""
    return Subject("plan", key, title, reverse("plan", args=[key]))


def element_subject(plan: str, key: str, title: str) -> Subject:
    """An element of a plan, across the plan's versions."""
    return Subject("element", f"{plan}/{key}", title, reverse("element", args=[plan, key]))


def _plan(actor: Actor, key: str) -> Subject:
    plan = plan_in_force(actor, key).plan
    return plan_subject(plan.key, plan.title)


def _element(actor: Actor, key: str) -> Subject:
    found = _in_force(actor, key)
    return element_subject(key.partition("/")[0], found.key, found.title)


def _in_force(actor: Actor, key: str) -> Element:
    plan, _slash, name = key.partition("/")
    version = plan_in_force(actor, plan)
    found = elements_visible_to(actor).filter(version=version, key=name).first()
    if found is None:
        raise NotFound(_("The plan has no such element."))
    return found


def _submitted(actor: Actor, key: str) -> CaseSubject:
    """An element as it is submitted for approval: who leads and supports it, as printed."""
    found = _in_force(actor, key)
    plan = key.partition("/")[0]
    rows = found.responsibilities.select_related("body__place").order_by("position", "pk")
    leads = [each.body for each in rows if each.role != Responsibility.Role.SUPPORT]
    supports = [each.body for each in rows if each.role == Responsibility.Role.SUPPORT]
    return CaseSubject(
        subject=element_subject(plan, found.key, found.title),
        plan=plan,
        kind=found.kind,
        lead=leads[0] if leads else None,
        supporting=tuple(supports),
    )


def _versions(actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    """The versions that came into force after a position."""
    plan = subject.key.partition("/")[0]
    versions = {
        f"plans.planversion:{each.pk}": each
        for each in versions_visible_to(actor).filter(plan__key=plan, in_force_from__isnull=False)
    }
    entries = JournalEntry.objects.filter(
        subject__in=versions, verb="plan.load", position__gt=after
    )
    return [
        Change(
            entry.position,
            entry.at,
            _("Version %(number)s of the plan is in force.")
            % {"number": versions[entry.subject].number},
            subject.url,
        )
        for entry in entries
        if versions[entry.subject].state == IN_FORCE
    ]


def _leading(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies leads the plan."""
    return Exists(Plan.objects.filter(key=key, lead_body__in=bodies))


def _responsible(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies leads or supports the element as it is in force, or leads the plan."""
    plan, _slash, name = key.partition("/")
    part = Q(responsibilities__body__in=bodies) | Q(version__plan__lead_body__in=bodies)
    return Exists(
        Element.objects.filter(part, version__plan__key=plan, version__state=IN_FORCE, key=name)
    )


SUBJECTS = {
    "plan": SubjectKind(gettext_lazy("Plan"), _plan, _versions, _leading),
    "element": SubjectKind(gettext_lazy("Element"), _element, _versions, _responsible),
}

CASES = {"element": _submitted}
