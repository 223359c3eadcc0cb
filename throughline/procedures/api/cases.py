"""Cases by the API: the list, one of them with its course, and each act."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Field, File, Form, Schema, Status
from ninja.files import UploadedFile

from throughline.kernel.refusals import REFUSALS
from throughline.procedures import actions
from throughline.procedures.api.routing import (
    actor_signed_in,
    bodies_in,
    enclosures,
    facts_in,
    router,
)
from throughline.procedures.case_subjects import case_subject
from throughline.procedures.listing import in_language
from throughline.procedures.models import Case, CaseStep
from throughline.procedures.permissions import require_submitting
from throughline.procedures.queries import (
    case_by_id,
    cases_visible_to,
    documents_standing,
    steps_of,
    with_parties,
)
from throughline.procedures.rules.life import Deed

Size = Annotated[int, Field(ge=1, le=500)]
Number = Annotated[int, Field(ge=1, le=100_000)]


class CaseLine(Schema):
    """A case in a list. `outcome` is empty while it runs."""

    id: int
    number: str
    plan: str
    subject: str
    title: str
    procedure: str
    edition: str
    submitter: str
    place: str
    tier: str
    submitted_at: datetime
    ended_at: datetime | None
    outcome: str
    outside_system: str
    outside_code: str


class CasesPage(Schema):
    total: int
    page: int
    cases: list[CaseLine]


class SupplementOut(Schema):
    """What was asked for at a step; the clock stood until `closed_at`."""

    question: str
    by: str
    asked_at: datetime
    closed_at: datetime | None
    answer: str


class SignerOut(Schema):
    """A body that was added at a step, and its opinion."""

    id: int
    body: str
    question: str
    asked_at: datetime
    answer: str
    words: str
    answered_at: datetime | None


class StepOut(Schema):
    """A step; `verbs` is what may be done there while it waits. `due_at` is empty where it has no
    clock, and while a supplement is awaited."""

    id: int
    node: str
    title: str
    round: int
    asked: str
    body: str
    post: str | None
    verbs: list[str]
    documents: list[str]
    opened_at: datetime
    due_at: datetime | None
    ran_out_at: datetime | None
    ended_at: datetime | None
    outcome: str
    words: str
    supplements: list[SupplementOut]
    signers: list[SignerOut]


class CaseDocumentOut(Schema):
    """A document on file: the last one under its key counts."""

    key: str
    name: str
    sha256: str
    size: int
    by: str
    at: datetime


class CaseActOut(Schema):
    """One act in the course of a case; `file` is the digest of the file that it froze."""

    deed: Deed
    step: int | None
    outcome: str
    words: str
    by: str | None
    to: str | None
    at: datetime
    file: str


class CaseOut(CaseLine):
    lead: str
    facts: dict[str, bool | str]
    supporting: list[str]
    documents: list[CaseDocumentOut]
    steps: list[StepOut]
    course: list[CaseActOut]


class WithdrawalIn(Schema):
    words: str = ""


def _line(row: Case) -> dict[str, Any]:
    return {
        "id": row.pk, "number": row.number, "plan": row.plan,
        "subject": f"{row.subject_kind}:{row.subject_key}", "title": row.title,
        "procedure": row.procedure.key, "edition": row.procedure.edition,
        "submitter": row.submitter.key, "place": row.place.code, "tier": row.tier,
        "submitted_at": row.submitted_at, "ended_at": row.ended_at, "outcome": row.outcome,
        "outside_system": row.outside_system, "outside_code": row.outside_code,
    }  # fmt: skip


def _step(row: CaseStep) -> StepOut:
    said = row.step
    return StepOut(
        id=row.pk, node=row.node, title=in_language(said.title, get_language() or "en"),
        round=row.round, asked=row.asked.key, body=row.body.key,
        post=row.post.key if row.post else None,
        verbs=[each.value for each in said.verbs] if row.is_open else [],
        documents=list(said.documents), opened_at=row.opened_at, due_at=row.due_at,
        ran_out_at=row.ran_out_at, ended_at=row.ended_at, outcome=row.outcome, words=row.words,
        supplements=[
            SupplementOut(
                question=each.question, by=each.body.key, asked_at=each.asked_at,
                closed_at=each.closed_at, answer=each.answer,
            )
            for each in row.supplements.select_related("body")
        ],
        signers=[
            SignerOut(
                id=each.pk, body=each.body.key, question=each.question, asked_at=each.asked_at,
                answer=each.answer, words=each.words, answered_at=each.answered_at,
            )
            for each in row.signers.select_related("body")
        ],
    )  # fmt: skip


def case_out(request: HttpRequest, key: int) -> CaseOut:
    """A case that exists for who asks, with all that stands in it."""
    row = case_by_id(actor_signed_in(request), key)
    return CaseOut(
        **_line(row),
        lead=row.lead.key,
        facts=row.facts,
        supporting=list(row.standing.bodies),
        documents=[
            CaseDocumentOut(
                key=key, name=each.name, sha256=each.file.sha256, size=each.file.size,
                by=each.body.key, at=each.at,
            )
            for key, each in documents_standing(row).items()
        ],
        steps=[_step(each) for each in steps_of(row)],
        course=[
            CaseActOut(
                deed=Deed(each.deed), step=each.step_id, outcome=each.outcome, words=each.words,
                by=each.body.key if each.body else None, to=each.to.key if each.to else None,
                at=each.at, file=each.digest,
            )
            for each in row.acts.select_related("body", "to").order_by("pk")
        ],
    )  # fmt: skip


@router.get("/cases", response={200: CasesPage, **REFUSALS}, url_name="cases")
def cases(
    request: HttpRequest,
    plan: str = "",
    subject: str = "",
    running: bool | None = None,
    page: Number = 1,
    size: Size = 100,
) -> CasesPage:
    """The cases that exist for you, the last first; of a plan, of a subject (`element:plan/key`),
    or those that run."""
    rows = cases_visible_to(actor_signed_in(request))
    rows = rows.filter(plan=plan) if plan else rows
    kind, _colon, key = subject.partition(":")
    rows = rows.filter(subject_kind=kind, subject_key=key) if subject else rows
    rows = rows if running is None else rows.filter(ended_at__isnull=running)
    listed = with_parties(rows).order_by("-pk")[(page - 1) * size : page * size]
    return CasesPage(
        total=rows.count(), page=page, cases=[CaseLine(**_line(row)) for row in listed]
    )


@router.get("/cases/{case}", response={200: CaseOut, **REFUSALS}, url_name="case")
def case(request: HttpRequest, case: int) -> CaseOut:
    """One case: what was stated and enclosed, its steps, and its course."""
    return case_out(request, case)


@router.post("/cases", response={201: CaseOut, **REFUSALS}, url_name="submit-case")
def submit(
    request: HttpRequest,
    kind: Form[str],
    key: Form[str],
    facts: Form[str] = "{}",
    documents: Form[list[str]] = [],  # noqa: B006
    supporting: Form[list[str]] = [],  # noqa: B006
    title: Form[str] = "",
    outside_system: Form[str] = "",
    outside_code: Form[str] = "",
    files: File[list[UploadedFile]] = [],  # noqa: B006
) -> Status[CaseOut]:
    """Submit a subject for approval, as multipart/form-data. `facts` is an object in JSON; a number
    may be written with its unit, `{"value": 5000, "unit": "…"}`. `documents` names a document for
    each of the `files`, in their order. Whatever is missing is named, and nothing is written."""
    actor = actor_signed_in(request)
    require_submitting(actor)
    about = case_subject(actor, kind, key)
    done = actions.submit_case(
        actor, about=about, facts=facts_in(facts), enclosed=enclosures(documents, files),
        supporting=bodies_in(request, supporting, "supporting"), title=title,
        outside_system=outside_system, outside_code=outside_code,
    )  # fmt: skip
    return Status(201, case_out(request, done.pk))


@router.post(
    "/cases/{case}/withdraw", response={200: CaseOut, **REFUSALS}, url_name="withdraw-case"
)
def withdraw(request: HttpRequest, case: int, given: WithdrawalIn) -> CaseOut:
    """Take a case back, where a step that waits allows it."""
    actor = actor_signed_in(request)
    actions.withdraw_case(actor, case=case_by_id(actor, case), words=given.words)
    return case_out(request, case)
