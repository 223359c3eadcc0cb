"""The operations of the API on projects."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.queries import bodies_visible_to
from throughline.cascade.actions import Text
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.refusals import REFUSALS
from throughline.projects import actions
from throughline.projects.actions import Particulars, Payment, Phase, Terms
from throughline.projects.api.shapes import (
    AmendIn,
    CeaseIn,
    ContractCorrectionIn,
    ContractIn,
    ContractOut,
    FundingIn,
    FundingOut,
    Key,
    OnIn,
    ParticularsIn,
    ParticularsOut,
    PhaseOut,
    PhasesIn,
    ProgressIn,
    ProgressOut,
    ProjectDetail,
    ProjectIn,
    ProjectOut,
    ProjectPage,
    RegisterOut,
    SectorOut,
    Size,
)
from throughline.projects.models import Contract, Project, Register
from throughline.projects.permissions import require_keeping, require_owning
from throughline.projects.queries import (
    contract_by_id,
    contracts_of,
    entries_of,
    notes_of,
    project_by_key,
    projects_visible_to,
    register_by_key,
    registers_visible_to,
)
from throughline.projects.reading import read_elements, read_places
from throughline.projects.rules.life import ProjectState
from throughline.projects.rules.money import FundingStage, Source

router = Router()


def _told(row: Project) -> dict[str, Any]:
    plain = (
        "key", "state", "code", "title_en", "title_zh", "cost", "start_actual", "finish_actual",
        "simulated",
    )  # fmt: skip
    return {name: getattr(row, name) for name in plain} | {
        "register_of": row.register.scheme.key,
        "owner": row.owner.key,
        "sector": row.sector.key,
    }


def _contract(row: Contract) -> ContractOut:
    return ContractOut(
        id=row.pk, number=row.number, title=row.title, contractor=row.contractor,
        amount=row.amount, signed_on=row.signed_on, corrects=row.corrects_id,
    )  # fmt: skip


def _detail(actor: Actor, key: str) -> ProjectDetail:
    row = project_by_key(actor, key)
    said = actions.particulars_of(row)
    return ProjectDetail(
        **_told(row),
        particulars=ParticularsOut(
            **said.title.fields("title"), **said.purpose.fields("purpose"), code=said.code,
            sector=row.sector.key, places=[place.code for place in said.places],
            serves=[str(thread) for thread in said.serves], cost=said.cost, land=said.land,
            start_planned=said.start_planned, finish_planned=said.finish_planned,
        ),
        ceased_because=row.ceased_because,
        phases=[
            PhaseOut(title=each.title, starts=each.starts, ends=each.ends)
            for each in row.phases.order_by("position")
        ],
        funding=[
            FundingOut(
                source=Source(each.source), stage=FundingStage(each.stage), on=each.on,
                amount=each.amount, note=each.note,
            )
            for each in entries_of(row)
        ],
        contracts=[_contract(each) for each in contracts_of(row)],
        progress=[
            ProgressOut(
                id=each.pk, on=each.on, done=each.done, text=each.text,
                pictures=len(each.shown),  # type: ignore[attr-defined]
            )
            for each in notes_of(row)
        ],
        seen=actions.state_of(row),
    )  # fmt: skip


def _particulars(
    actor: Actor, register: Register, owner: Body, given: ParticularsIn
) -> Particulars:
    return Particulars(
        title=Text(en=given.title_en, zh=given.title_zh),
        purpose=Text(en=given.purpose_en, zh=given.purpose_zh),
        code=given.code,
        sector=register.sectors.filter(key=given.sector).first(),
        places=read_places(owner, given.places, "places"),
        serves=read_elements(actor, given.serves, "serves"),
        cost=given.cost,
        land=given.land,
        start_planned=given.start_planned,
        finish_planned=given.finish_planned,
    )


@router.get("/project-registers", response={200: list[RegisterOut]} | REFUSALS)
def list_registers(request: HttpRequest) -> list[RegisterOut]:
    """The registers of projects: unit of money, form of the national code, sectors."""
    rows = registers_visible_to(actor_of(request)).select_related("scheme")
    return [
        RegisterOut(
            scheme=row.scheme.key, currency=row.currency, unit_en=row.unit_en,
            unit_zh=row.unit_zh, decimals=row.decimals, code_form=row.code_form,
            sectors=[
                SectorOut(key=each.key, name_en=each.name_en, name_zh=each.name_zh)
                for each in row.sectors.order_by("position", "key")
            ],
        )
        for row in rows.order_by("scheme__key")
    ]  # fmt: skip


@router.get("/projects", response={200: ProjectPage} | REFUSALS)
def list_projects(
    request: HttpRequest, register_of: Key = "", state: ProjectState | None = None,
    sector: Key = "", owner: Key = "", after: Key = "", limit: Size = 100,
) -> ProjectPage:  # fmt: skip
    """The projects that I see, by key."""
    rows = projects_visible_to(actor_of(request)).filter(key__gt=after)
    wanted = {
        "register__scheme__key": register_of, "state": state, "sector__key": sector,
        "owner__key": owner,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    several = rows.select_related("register__scheme", "owner", "sector").order_by("key")
    listed = list(several[: limit + 1])
    return ProjectPage(
        projects=[ProjectOut(**_told(row)) for row in listed[:limit]],
        next=listed[limit - 1].key if len(listed) > limit else None,
    )


@router.get("/projects/{key}", response={200: ProjectDetail} | REFUSALS)
def get_project(request: HttpRequest, key: str) -> ProjectDetail:
    """A project with its money, contracts, phases and progress."""
    return _detail(actor_of(request), key)


@router.post("/projects", response={201: ProjectDetail} | REFUSALS)
def register_project(request: HttpRequest, given: ProjectIn) -> Status[ProjectDetail]:
    """Put a project of my body on the register."""
    actor = actor_of(request)
    register = register_by_key(actor, given.register_of)
    owner = bodies_visible_to(actor).select_related("place").filter(key=given.owner).first()
    if owner is None:
        text = _("There is no body “%(key)s”.") % {"key": given.owner}
        raise Invalid(text, problems=[Problem("owner", text, field="owner")])
    require_owning(actor, owner)
    row = actions.register_project(
        actor, register=register, owner=owner, key=given.key,
        particulars=_particulars(actor, register, owner, given),
    )  # fmt: skip
    return Status(201, _detail(actor, row.key))


@router.post("/projects/{key}/amend", response={200: ProjectDetail} | REFUSALS)
def amend_project(request: HttpRequest, key: str, given: AmendIn) -> ProjectDetail:
    """Amend what the register says of a project, all of it at once."""
    actor = actor_of(request)
    row = project_by_key(actor, key)
    require_keeping(actor, row)
    said = _particulars(actor, row.register, row.owner, given)
    actions.amend_project(actor, project=row, particulars=said, seen=given.seen)
    return _detail(actor, key)


@router.post("/projects/{key}/phases", response={200: ProjectDetail} | REFUSALS)
def set_phases(request: HttpRequest, key: str, given: PhasesIn) -> ProjectDetail:
    """Set the phases of a project anew, in this order."""
    actor = actor_of(request)
    phases = [Phase(**each.model_dump()) for each in given.phases]
    actions.set_phases(actor, project=project_by_key(actor, key), phases=phases)
    return _detail(actor, key)


@router.post("/projects/{key}/start", response={200: ProjectDetail} | REFUSALS)
def start_project(request: HttpRequest, key: str, given: OnIn) -> ProjectDetail:
    """Put on record that work on a project started."""
    actor = actor_of(request)
    actions.start_project(actor, project=project_by_key(actor, key), on=given.on)
    return _detail(actor, key)


@router.post("/projects/{key}/funding", response={200: ProjectDetail} | REFUSALS)
def record_funding(request: HttpRequest, key: str, given: FundingIn) -> ProjectDetail:
    """Record money of a project: all of it, or none where a stage would exceed the one before."""
    actor = actor_of(request)
    payments = [Payment(**each.model_dump()) for each in given.payments]
    actions.record_funding(actor, project=project_by_key(actor, key), payments=payments)
    return _detail(actor, key)


@router.post("/projects/{key}/contracts", response={201: ContractOut} | REFUSALS)
def sign_contract(request: HttpRequest, key: str, given: ContractIn) -> Status[ContractOut]:
    """Put a signed contract of a project on record."""
    actor = actor_of(request)
    terms = Terms(**given.model_dump())
    row = actions.sign_contract(actor, project=project_by_key(actor, key), terms=terms)
    return Status(201, _contract(row))


@router.post("/contracts/{id}/correct", response={200: ContractOut} | REFUSALS)
def correct_contract(request: HttpRequest, id: int, given: ContractCorrectionIn) -> ContractOut:
    """Put a corrected record in the place of one of a contract."""
    actor = actor_of(request)
    terms = Terms(**given.model_dump(exclude={"reason"}))
    row = contract_by_id(actor, id)
    return _contract(
        actions.correct_contract(actor, contract=row, terms=terms, reason=given.reason)
    )


@router.post("/projects/{key}/progress", response={200: ProjectDetail} | REFUSALS)
def note_progress(request: HttpRequest, key: str, given: ProgressIn) -> ProjectDetail:
    """Note how far a project has come; pictures are added by the form alone."""
    actor = actor_of(request)
    actions.note_progress(actor, project=project_by_key(actor, key), **given.model_dump())
    return _detail(actor, key)


@router.post("/projects/{key}/finish", response={200: ProjectDetail} | REFUSALS)
def finish_project(request: HttpRequest, key: str, given: OnIn) -> ProjectDetail:
    """Put on record that a project was finished."""
    actor = actor_of(request)
    actions.finish_project(actor, project=project_by_key(actor, key), on=given.on)
    return _detail(actor, key)


@router.post("/projects/{key}/cease", response={200: ProjectDetail} | REFUSALS)
def cease_project(request: HttpRequest, key: str, given: CeaseIn) -> ProjectDetail:
    """Give a project up; what is on record stays."""
    actor = actor_of(request)
    actions.cease_project(
        actor, project=project_by_key(actor, key), on=given.on, reason=given.reason
    )
    return _detail(actor, key)
