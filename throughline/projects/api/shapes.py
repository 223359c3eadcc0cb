"""What the API takes and gives of projects. Amounts are decimals in the register's unit, written as
text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from throughline.projects.rules.life import ProjectState
from throughline.projects.rules.money import FundingStage, Source

Short = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\u0000-\u001f]*$")]
Long = Annotated[str, StringConstraints(max_length=8000, pattern=r"^[^\u0000]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[-A-Za-z0-9_]{0,80}$")]
Size = Annotated[int, Field(ge=1, le=1000)]
Amount = Annotated[Decimal, Field(max_digits=16, decimal_places=4)]


class SectorOut(Schema):
    key: str
    name_en: str
    name_zh: str


class RegisterOut(Schema):
    scheme: str
    currency: str
    unit_en: str
    unit_zh: str
    decimals: int
    code_form: str = Field(description="9 a digit, A a capital letter, X either; empty: any")
    sectors: list[SectorOut]


class ParticularsOut(Schema):
    title_en: str
    title_zh: str
    purpose_en: str
    purpose_zh: str
    code: str = Field(description="national project code")
    sector: str
    places: list[str] = Field(description="codes")
    serves: list[str] = Field(description="elements, as plan/element")
    cost: Decimal | None
    land: Decimal | None = Field(description="hectares")
    start_planned: date | None
    finish_planned: date | None


class ProjectOut(Schema):
    key: str
    register_of: str = Field(description="scheme of places of its register")
    owner: str
    state: ProjectState
    code: str
    title_en: str
    title_zh: str
    sector: str
    cost: Decimal | None
    start_actual: date | None
    finish_actual: date | None = Field(description="finished, or given up")
    simulated: bool


class ProjectPage(Schema):
    projects: list[ProjectOut]
    next: str | None = Field(description="`after` of the next page; null on the last")


class FundingOut(Schema):
    source: Source
    stage: FundingStage
    on: date
    amount: Decimal
    note: str


class ContractOut(Schema):
    id: int
    number: str
    title: str
    contractor: str
    amount: Decimal
    signed_on: date
    corrects: int | None


class ProgressOut(Schema):
    id: int
    on: date
    done: Decimal = Field(description="per cent")
    text: str
    pictures: int = Field(description="how many there are")


class PhaseOut(Schema):
    title: str
    starts: date
    ends: date


class ProjectDetail(ProjectOut):
    particulars: ParticularsOut
    ceased_because: str
    phases: list[PhaseOut]
    funding: list[FundingOut]
    contracts: list[ContractOut] = Field(description="as they stand")
    progress: list[ProgressOut]
    seen: str = Field(description="names the state; send it with a change that rests on it")


class ParticularsIn(Schema):
    title_en: Short = ""
    title_zh: Short = ""
    purpose_en: Long = ""
    purpose_zh: Long = ""
    code: Short = ""
    sector: Key
    places: list[Short] = Field(description="codes or names of places within the owner's")
    serves: list[Short] = Field([], description="elements of plans in force, as plan/element")
    cost: Amount | None = None
    land: Amount | None = None
    start_planned: date | None = None
    finish_planned: date | None = None


class ProjectIn(ParticularsIn):
    register_of: Key = Field(description="scheme of places of the register")
    owner: Key
    key: Key = Field("", description="left out: the code, or a number")


class AmendIn(ParticularsIn):
    seen: Short = Field("", description="the state that the change rests on")


class PhaseIn(Schema):
    title: Short
    starts: date
    ends: date


class PhasesIn(Schema):
    phases: list[PhaseIn]


class OnIn(Schema):
    on: date


class CeaseIn(OnIn):
    reason: Short = Field(description="the paper by which it ends, or why")


class PaymentIn(Schema):
    source: Source
    stage: FundingStage
    on: date
    amount: Amount = Field(description="below zero: takes back, and the note says why")
    note: Short = ""


class FundingIn(Schema):
    payments: list[PaymentIn] = Field(description="all are recorded, or none")


class ContractIn(Schema):
    number: Short
    title: Short
    contractor: Short
    amount: Amount
    signed_on: date


class ContractCorrectionIn(ContractIn):
    reason: Short


class ProgressIn(OnIn):
    done: Amount = Field(description="per cent of the whole")
    text: Long
