"""Progress reports and steps by the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status

from throughline.bodies.queries import today
from throughline.cascade import actions
from throughline.cascade.api.assignments import ReasonIn
from throughline.cascade.api.routing import actor_signed_in, found, router
from throughline.cascade.models import Assignment, Milestone, ProgressReport
from throughline.cascade.queries import milestones_of, report_by_id, reports_visible_to
from throughline.cascade.rules.kinds import EvidenceKind, ReportKind
from throughline.cascade.rules.life import Step
from throughline.cascade.subjects import assignment_subject
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.refusals import REFUSALS
from throughline.places.queries import place_by_code
from throughline.plans.queries import indicator_by_key
from throughline.subjects.queries import attachments_visible_to


class ProofOut(Schema):
    kind: EvidenceKind
    title: str
    url: str
    indicator: str | None
    place: str | None
    period: str
    sha256: str | None


class ReportOut(Schema):
    """A report and where it stands."""

    id: int
    assignment: int
    kind: ReportKind
    text: str
    step: Step
    prepared_at: datetime
    reviewed_at: datetime | None
    signed_at: datetime | None
    decided_at: datetime | None
    returned: str
    evidence: list[ProofOut]
    done: list[int]


class ProofIn(Schema):
    """One piece of evidence: a link, a figure on record (indicator, place, period), or a file
    that is attached to the assignment (the id of the attachment)."""

    title: str = ""
    url: str = ""
    indicator: str = ""
    place: str = ""
    period: str = ""
    attachment: int | None = None


class ReportIn(Schema):
    """`done` are the ids of the steps that are done by this."""

    kind: ReportKind
    text: str
    evidence: list[ProofIn] = []
    done: list[int] = []
    sign: bool = Field(
        False, description="sign it at once, where the body has set one-step sign-off"
    )


class StepIn(Schema):
    """`after` is the number, from 0, of the step before it in the same list."""

    title: str
    due: date
    after: int | None = None


class StepOut(Schema):
    id: int
    title: str
    due: date
    after: int | None
    done_at: datetime | None


PARTS = ("evidence__indicator", "evidence__place", "evidence__file", "milestones")


def _outs(rows: Sequence[ProgressReport]) -> list[ReportOut]:
    """Reports with their parts, in a handful of statements however many they are."""
    prefetch_related_objects(rows, *PARTS)
    return [_out(row) for row in rows]


def _out(row: ProgressReport) -> ReportOut:
    return ReportOut(
        id=row.pk,
        assignment=row.assignment_id,
        kind=ReportKind(row.kind),
        text=row.text,
        step=Step(row.step),
        prepared_at=row.prepared_at,
        reviewed_at=row.reviewed_at,
        signed_at=row.signed_at,
        decided_at=row.decided_at,
        returned=row.returned,
        evidence=[
            ProofOut(
                kind=EvidenceKind(each.kind),
                title=each.title,
                url=each.url,
                indicator=each.indicator.key if each.indicator else None,
                place=each.place.code if each.place else None,
                period=each.period,
                sha256=each.file.sha256 if each.file else None,
            )
            for each in row.evidence.all()
        ],
        done=[each.pk for each in row.milestones.all()],
    )


def _again(actor: Actor, row: ProgressReport) -> ReportOut:
    return _outs([report_by_id(actor, row.pk)])[0]


def _proof(actor: Actor, row: Assignment, given: ProofIn) -> actions.Proof:
    if given.attachment is not None:
        files = attachments_visible_to(actor, assignment_subject(row))
        attached = files.filter(pk=given.attachment).first()
        if attached is None:
            text = _("No such file is attached to the assignment.")
            raise Invalid(text, problems=[Problem("attachment", text, field="evidence")])
        return actions.Proof(title=given.title or str(attached), file=attached.file)
    if given.indicator:
        scheme = row.element.version.plan.scheme
        indicator = indicator_by_key(actor, given.indicator, scheme.key)
        place = place_by_code(scheme, given.place, today()) if given.place else row.place
        return actions.Proof(
            title=given.title or indicator.title,
            indicator=indicator,
            place=place,
            period=given.period,
        )
    return actions.Proof(title=given.title or given.url, url=given.url)


@router.get("/assignments/{id}/reports", response={200: list[ReportOut]} | REFUSALS)
def list_reports(request: HttpRequest, id: int) -> list[ReportOut]:
    """The reports on an assignment, the last first."""
    actor, row = found(request, id)
    return _outs(list(reports_visible_to(actor).filter(assignment=row)))


@router.post("/assignments/{id}/reports", response={201: ReportOut} | REFUSALS)
def prepare_report(request: HttpRequest, id: int, given: ReportIn) -> Status[ReportOut]:
    """Prepare a report, or prepare again the one that is a draft or was returned; sign it at
    once where the body has set so."""
    actor, row = found(request, id)
    said: dict[str, Any] = {
        "assignment": row,
        "kind": given.kind,
        "text": given.text,
        "evidence": [_proof(actor, row, each) for each in given.evidence],
        "done": list(Milestone.objects.filter(pk__in=[n for n in given.done if 0 < n < 2**62])),
    }
    if given.sign:
        report = actions.prepare_and_sign(actor, **said)
    else:
        report = actions.prepare_report(actor, **said)
    return Status(201, _again(actor, report))


@router.get("/reports/{id}", response={200: ReportOut} | REFUSALS)
def get_report(request: HttpRequest, id: int) -> ReportOut:
    """One report."""
    return _outs([report_by_id(actor_signed_in(request), id)])[0]


@router.post("/reports/{id}/review", response={200: ReportOut} | REFUSALS)
def review_report(request: HttpRequest, id: int) -> ReportOut:
    """Review a draft inside the body."""
    actor = actor_signed_in(request)
    return _again(actor, actions.review_report(actor, report=report_by_id(actor, id)))


@router.post("/reports/{id}/sign", response={200: ReportOut} | REFUSALS)
def sign_report(request: HttpRequest, id: int) -> ReportOut:
    """Sign a report; it goes up."""
    actor = actor_signed_in(request)
    return _again(actor, actions.sign_report(actor, report=report_by_id(actor, id)))


@router.post("/reports/{id}/accept", response={200: ReportOut} | REFUSALS)
def accept_report(request: HttpRequest, id: int) -> ReportOut:
    """Accept a signed report."""
    actor = actor_signed_in(request)
    return _again(actor, actions.accept_report(actor, report=report_by_id(actor, id)))


@router.post("/reports/{id}/return", response={200: ReportOut} | REFUSALS)
def return_report(request: HttpRequest, id: int, given: ReasonIn) -> ReportOut:
    """Return a report with the reason."""
    actor = actor_signed_in(request)
    row = actions.return_report(actor, report=report_by_id(actor, id), reason=given.reason)
    return _again(actor, row)


def _steps(row: Assignment) -> list[StepOut]:
    return [
        StepOut(
            id=each.pk,
            title=each.title,
            due=each.due,
            after=each.after_id,
            done_at=each.done_at,
        )
        for each in milestones_of(row)
    ]


@router.get("/assignments/{id}/steps", response={200: list[StepOut]} | REFUSALS)
def list_steps(request: HttpRequest, id: int) -> list[StepOut]:
    """The steps of an assignment, by date."""
    _actor, row = found(request, id)
    return _steps(row)


@router.put("/assignments/{id}/steps", response={200: list[StepOut]} | REFUSALS)
def set_milestones(request: HttpRequest, id: int, given: list[StepIn]) -> list[StepOut]:
    """Set the steps anew; those that are done stay."""
    actor, row = found(request, id)
    nodes = [actions.Node(title=each.title, due=each.due, after=each.after) for each in given]
    actions.set_milestones(actor, assignment=row, nodes=nodes)
    return _steps(row)
