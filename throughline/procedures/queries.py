"""Cases: which exist for whom, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import acting_for, places_below, standing_of
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.canonical import digest
from throughline.kernel.errors import NotFound
from throughline.procedures.acting import Parties
from throughline.procedures.models import (
    AddedSigner,
    Case,
    CaseDocument,
    CaseStep,
    ProcedureList,
)
from throughline.procedures.rules.working_days import Calendar, Suspension


def cases_visible_to(actor: Actor) -> QuerySet[Case]:
    """Cases that exist for an actor: those of places at or below its own for a government; those
    that its body submitted or leads, and in which a step or a question came to it, or is escalated
    to it."""
    standing = standing_of(actor)
    if standing.audits:
        return Case.objects.all()
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Case.objects.none()
    seen = part_of(acting_for(standing.body))
    if standing.governs:
        seen |= places_below("place", actor)
    return Case.objects.filter(seen)


def part_of(bodies: frozenset[int]) -> Q:
    """Cases in which one of some bodies has a part."""
    at_hand = Q(body__in=bodies) | Q(asked__in=bodies)
    told = Q(ran_out_at__isnull=False, superior__body__in=bodies)
    steps = CaseStep.objects.filter(at_hand | told, case=OuterRef("pk"))
    signers = AddedSigner.objects.filter(step__case=OuterRef("pk"), body__in=bodies)
    own = Q(submitter__in=bodies) | Q(lead__in=bodies)
    return own | Q(Exists(steps)) | Q(Exists(signers))


def with_parties(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with what their pages and acts need."""
    return rows.select_related("procedure", "listing", "submitter", "lead", "place__tier")


def case_by_id(actor: Actor, key: int) -> Case:
    """A case, or NotFound."""
    row = None
    if 0 <= key < 2**62:
        row = with_parties(cases_visible_to(actor).filter(pk=key)).first()
    if row is None:
        raise NotFound(_("There is no such case."))
    return row


def steps_of(case: Case) -> list[CaseStep]:
    """The steps of a case as they came, with their bodies."""
    rows = case.steps.select_related("asked", "body", "post", "superior__body").order_by("pk")
    found = list(rows)
    for each in found:
        each.case = case
    return found


def step_of(case: Case, key: int) -> CaseStep:
    """A step of a case, or NotFound."""
    found = next((each for each in steps_of(case) if each.pk == key), None)
    if found is None:
        raise NotFound(_("There is no such step in the case."))
    return found


def signer_of(case: Case, key: int) -> AddedSigner:
    """One who was asked at a step of a case, or NotFound."""
    rows = AddedSigner.objects.filter(step__case=case, pk=key if 0 <= key < 2**62 else -1)
    found = rows.select_related("step__body", "body", "by").first()
    if found is None:
        raise NotFound(_("Nobody was asked so in the case."))
    found.step.case = case
    return found


def documents_standing(case: Case) -> dict[str, CaseDocument]:
    """What is on file in a case: by key, the document that was given last."""
    rows = case.documents.select_related("file", "body").order_by("pk")
    return {each.key: each for each in rows}


def digest_of_file(case: Case) -> str:
    """The whole file of a case in one digest: what is stated, and what is enclosed."""
    enclosed = {key: each.file.sha256 for key, each in documents_standing(case).items()}
    return digest({"number": case.number, "facts": case.facts, "documents": enclosed})


def list_in_use(plan: str) -> ProcedureList | None:
    """What the pack of a plan (its key) says of procedures now."""
    return ProcedureList.objects.filter(plan=plan).order_by("-pk").first()


def calendar_of(case: Case) -> Calendar:
    """The days that are worked, as they are known now: the holidays of next year are announced
    while cases run."""
    newest = list_in_use(case.plan)
    return (newest or case.listing).listing.calendar


def parties_of(case: Case) -> Parties:
    """The bodies of a case, by which its actors are found."""
    bodies = Body.objects.filter(key__in=case.standing.bodies)
    return Parties(
        listing=case.listing.listing,
        submitter=case.submitter,
        lead=case.lead,
        place=case.place,
        tier=case.tier,
        supporting={each.key: each for each in bodies},
    )


def suspensions_of(step: CaseStep) -> list[Suspension]:
    """From when to when the clock of a step stood."""
    return [(each.asked_at, each.closed_at) for each in step.supplements.order_by("pk")]


def people_who_submitted(case: Case) -> frozenset[str]:
    """Those (opaque ids) who handed anything in for the submitter: they decide on none of it."""
    rows = case.acts.filter(deed__in=["submit", "supplement"])
    return frozenset(rows.values_list("person", flat=True))


def people_who_answered(step: CaseStep, body: int) -> frozenset[str]:
    """Those (opaque ids) who have answered at the same step in this round for another body than
    this one (its id), or as added signers of another."""
    beside = CaseStep.objects.filter(case=step.case_id, node=step.node, round=step.round)
    ended = beside.exclude(body=body).filter(ended_at__isnull=False)
    signed = AddedSigner.objects.filter(step__in=beside, answered_at__isnull=False)
    signed = signed.exclude(body=body)
    return frozenset(
        person
        for person in (
            *ended.values_list("person", flat=True),
            *signed.values_list("answered_by", flat=True),
        )
        if person
    )


def steps_run_out() -> QuerySet[CaseStep]:
    """Steps whose time is over, and of which nobody has been told yet."""
    rows = CaseStep.objects.filter(ended_at__isnull=True, ran_out_at__isnull=True)
    return rows.filter(due_at__lt=clock.now(), case__ended_at__isnull=True)


def steps_waiting(bodies: Iterable[int]) -> QuerySet[CaseStep]:
    """The steps that wait for one of some bodies."""
    rows = CaseStep.objects.filter(body__in=list(bodies), ended_at__isnull=True)
    return rows.filter(case__ended_at__isnull=True)
