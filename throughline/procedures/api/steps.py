"""What is done at a step of a case, by the API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import File, Form, Schema
from ninja.files import UploadedFile

from throughline.kernel.refusals import REFUSALS
from throughline.procedures import actions
from throughline.procedures.api.cases import CaseOut, case_out
from throughline.procedures.api.routing import (
    actor_signed_in,
    bodies_in,
    enclosures,
    found,
    post_in,
    router,
)
from throughline.procedures.queries import case_by_id, signer_of
from throughline.procedures.rules.kinds import Verb


class WordsIn(Schema):
    words: str = ""


class TransferIn(Schema):
    """`post` is one of the body's posts; without it whoever acts for the body."""

    to: str
    post: str = ""
    words: str


class SignerIn(Schema):
    body: str
    words: str = ""


class SignatureIn(Schema):
    """`verb` is agree, object or opinion."""

    verb: Verb
    words: str = ""


ANSWER = {200: CaseOut, **REFUSALS}


@router.post("/cases/{case}/steps/{step}/answer", response=ANSWER, url_name="answer-step")
def answer(
    request: HttpRequest,
    case: int,
    step: int,
    verb: Form[Verb],
    words: Form[str] = "",
    documents: Form[list[str]] = [],  # noqa: B006
    files: File[list[UploadedFile]] = [],  # noqa: B006
) -> CaseOut:
    """Answer a step in one of its `verbs` that end it, as multipart/form-data, with the documents
    that it asks for."""
    actor, row = found(request, case, step)
    actions.decide_case(
        actor, step=row, verb=verb.value, words=words, enclosed=enclosures(documents, files)
    )
    return case_out(request, case)


@router.post("/cases/{case}/steps/{step}/hand-in", response=ANSWER, url_name="hand-in")
def hand_in(
    request: HttpRequest,
    case: int,
    step: int,
    words: Form[str] = "",
    documents: Form[list[str]] = [],  # noqa: B006
    files: File[list[UploadedFile]] = [],  # noqa: B006
) -> CaseOut:
    """Hand in again after a return, or what a later step asks of the submitter, as
    multipart/form-data. What is not given anew stays on file."""
    actor, row = found(request, case, step)
    actions.resubmit_case(actor, step=row, words=words, enclosed=enclosures(documents, files))
    return case_out(request, case)


@router.post(
    "/cases/{case}/steps/{step}/ask-supplement", response=ANSWER, url_name="ask-supplement"
)
def ask_supplement(request: HttpRequest, case: int, step: int, given: WordsIn) -> CaseOut:
    """Ask the submitter for what is missing, with the reason; the clock stands until it comes."""
    actor, row = found(request, case, step)
    actions.ask_supplement(actor, step=row, words=given.words)
    return case_out(request, case)


@router.post("/cases/{case}/steps/{step}/supplement", response=ANSWER, url_name="supplement")
def supplement(
    request: HttpRequest,
    case: int,
    step: int,
    words: Form[str] = "",
    documents: Form[list[str]] = [],  # noqa: B006
    files: File[list[UploadedFile]] = [],  # noqa: B006
) -> CaseOut:
    """Give what a step asked for, as multipart/form-data."""
    actor, row = found(request, case, step)
    actions.supplement_case(actor, step=row, words=words, enclosed=enclosures(documents, files))
    return case_out(request, case)


@router.post("/cases/{case}/steps/{step}/transfer", response=ANSWER, url_name="transfer-step")
def transfer(request: HttpRequest, case: int, step: int, given: TransferIn) -> CaseOut:
    """Transfer a step to another body or post, with the reason."""
    actor, row = found(request, case, step)
    (to,) = bodies_in(request, [given.to], "to")
    actions.transfer_case(actor, step=row, to=to, post=post_in(to, given.post), words=given.words)
    return case_out(request, case)


@router.post("/cases/{case}/steps/{step}/signers", response=ANSWER, url_name="add-signer")
def add_signer(request: HttpRequest, case: int, step: int, given: SignerIn) -> CaseOut:
    """Ask another body for its opinion at a step."""
    actor, row = found(request, case, step)
    (body,) = bodies_in(request, [given.body], "body")
    actions.add_signer(actor, step=row, body=body, words=given.words)
    return case_out(request, case)


@router.post("/cases/{case}/signers/{signer}/answer", response=ANSWER, url_name="sign-step")
def sign(request: HttpRequest, case: int, signer: int, given: SignatureIn) -> CaseOut:
    """Give one's opinion as an added signer."""
    actor = actor_signed_in(request)
    row = signer_of(case_by_id(actor, case), signer)
    actions.sign_case(actor, signer=row, verb=given.verb.value, words=given.words)
    return case_out(request, case)


@router.post("/cases/{case}/steps/{step}/urge", response=ANSWER, url_name="urge-step")
def urge(request: HttpRequest, case: int, step: int, given: WordsIn) -> CaseOut:
    """Press for a step that waits."""
    actor, row = found(request, case, step)
    actions.urge_case(actor, step=row, words=given.words)
    return case_out(request, case)
