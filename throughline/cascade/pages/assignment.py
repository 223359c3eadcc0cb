"""An assignment: what is owed by whom by when, where it stands, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import names_of
from throughline.cascade.models import Assignment, Claim, Evidence, ProgressReport, Refinement
from throughline.cascade.queries import (
    assignment_by_id,
    claims_visible_to,
    life_of,
    local_plan_seen,
    milestones_of,
    reports_visible_to,
)
from throughline.cascade.rules.kinds import ClaimKind, EvidenceKind, Part, ReportKind, Treatment
from throughline.cascade.rules.life import Ending, Outcome, Step
from throughline.cascade.subjects import assignment_subject
from throughline.cascade.viewing import (
    Standing,
    acts_of,
    changed_since,
    looks_again,
    may_decide,
    may_take_back,
    report_acts,
    sentence_of,
)
from throughline.cascade.words import (
    CLAIMS,
    ENDINGS,
    EVIDENCE,
    OUTCOMES,
    PARTS,
    REPORTS,
    STEPS,
    TREATMENTS,
)
from throughline.kernel.actor import Actor
from throughline.places.models import Place
from throughline.plans.queries import IN_FORCE
from throughline.subjects.viewing import panel
from throughline.ui.shapes import Act, Crumb, Event


@dataclass(frozen=True)
class ClaimLine:
    """A claim as it is read."""

    claim: Claim
    kind: str
    by: str
    outcome: str
    decide: str
    take_back: str


@dataclass(frozen=True)
class Proofs:
    """One piece of evidence as it is read."""

    kind: str
    title: str
    url: str


@dataclass(frozen=True)
class ReportLine:
    """A report as it is read."""

    report: ProgressReport
    kind: str
    step: str
    by: str
    evidence: Sequence[Proofs]
    acts: Sequence[Act]


@require_safe
def assignment(request: HttpRequest, assignment: int) -> HttpResponse:
    """One assignment."""
    actor = actor_of(request)
    signed_in(actor)
    row = assignment_by_id(actor, assignment)
    life = life_of(row)
    plan = row.element.version.plan
    changed = changed_since(row.element) if life.is_open else None
    context = {
        "assignment": row,
        "plan": plan,
        "element": row.element,
        "part": PARTS[Part(row.part)],
        # The stage says "not applicable here" itself.
        "ending": ENDINGS[Ending(row.ended_as)]
        if row.ended_as and row.ended_as != Ending.NOT_APPLICABLE
        else "",
        "standing": Standing.of(row),
        "sentence": sentence_of(row, life),
        "acts": acts_of(actor, row),
        "changed": changed,
        "may_look_again": changed is not None
        and changed.now is not None
        and looks_again(actor, row),
        "claims": _claims(actor, row),
        "reports": _reports(actor, row),
        "milestones": list(milestones_of(row).select_related("after")),
        "own_plan": _own_plan(actor, row),
        "timeline": _timeline(row),
        "beside": panel(actor, assignment_subject(row)),
        "trail": [
            Crumb(_("Plans"), reverse("plans")),
            Crumb(plan.title, reverse("plan", args=[plan.key])),
            Crumb(row.element.title, reverse("element", args=[plan.key, row.element.key])),
            Crumb(row.body.short),
        ],
    }
    return render(request, "cascade/assignment.html", context)


def _claims(actor: Actor, row: Assignment) -> list[ClaimLine]:
    claims = list(claims_visible_to(actor).filter(assignment=row))
    people = names_of({claim.by_person for claim in claims})
    return [
        ClaimLine(
            claim=claim,
            kind=str(CLAIMS[ClaimKind(claim.kind)]),
            by=people.get(claim.by_person, ""),
            outcome=str(OUTCOMES[Outcome(claim.outcome)]) if claim.outcome else "",
            decide=reverse("decide-claim", args=[claim.pk]) if may_decide(actor, claim) else "",
            take_back=reverse("withdraw-claim", args=[claim.pk])
            if may_take_back(actor, claim)
            else "",
        )
        for claim in claims
    ]


def _reports(actor: Actor, row: Assignment) -> list[ReportLine]:
    reports = list(
        reports_visible_to(actor)
        .filter(assignment=row)
        .prefetch_related("evidence__indicator__scheme", "evidence__place__scheme", "milestones")
    )
    people = names_of({report.prepared_by for report in reports})
    return [
        ReportLine(
            report=report,
            kind=str(REPORTS[ReportKind(report.kind)]),
            step=str(STEPS[Step(report.step)]),
            by=people.get(report.prepared_by, ""),
            evidence=[_proof(each) for each in report.evidence.all()],
            acts=report_acts(actor, report, row),
        )
        for report in reports
    ]


def _proof(each: Evidence) -> Proofs:
    url = each.url
    if each.kind == EvidenceKind.FILE:
        url = reverse("evidence-file", args=[each.pk])
    elif each.indicator is not None and each.place is not None:
        scheme, code = each.indicator.scheme.key, each.place.code
        url = reverse("figure", args=[scheme, each.indicator.key, code, each.period])
    return Proofs(str(EVIDENCE[EvidenceKind(each.kind)]), each.title, url)


@dataclass(frozen=True)
class Answer:
    """An element of the place's own plan that answers the task."""

    title: str
    treatment: str
    url: str


@dataclass(frozen=True)
class OwnPlan:
    """The own plan of the place the task is laid on, with what answers it there."""

    title: str
    url: str
    answers: Sequence[Answer]


def _own_plan(actor: Actor, row: Assignment) -> OwnPlan | None:
    """To who does not see it, a plan of which there is only a draft is none."""
    if row.part != Part.LOCALITY or row.place is None:
        return None
    place: Place = row.place
    plan = local_plan_seen(actor, row.element.version.plan, place)
    if plan is None:
        return OwnPlan("", reverse("begin-local-plan", args=[row.element.version.plan.key]), ())
    links = Refinement.objects.filter(
        superior=row.thread_id, element__version__plan=plan, element__version__state=IN_FORCE
    ).select_related("element")
    answers = [
        Answer(
            link.element.title,
            str(TREATMENTS[Treatment(link.treatment)]),
            reverse("element", args=[plan.key, link.element.key]),
        )
        for link in links
    ]
    return OwnPlan(plan.title, reverse("local-plan", args=[plan.key]), answers)


def _timeline(row: Assignment) -> list[Event]:
    steps = [
        (row.issued_at, _("Assigned by %(body)s") % {"body": row.issuer.short}),
        (row.received_at, _("Received")),
        (row.taken_on_at, _("Taken on")),
        (row.started_at, _("Work started")),
        (row.closed_at, _("Closed, with evidence")),
        (row.ended_at, str(ENDINGS[Ending(row.ended_as)]).capitalize() if row.ended_as else ""),
    ]
    return [Event(at, text) for at, text in steps if at is not None]
