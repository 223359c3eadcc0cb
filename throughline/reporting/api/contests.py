"""Contested figures by the API: the list, one of them, and each act."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Schema, Status
from ninja.files import UploadedFile

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.files.storage import store
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.kernel.refusals import REFUSALS
from throughline.reporting import actions
from throughline.reporting.actions.contesting import MOST_FILES
from throughline.reporting.api.routing import router
from throughline.reporting.models import Contest
from throughline.reporting.queries import (
    contest_by_id,
    contests_visible_to,
    last_of,
    observation_by_id,
    with_figures,
)
from throughline.reporting.rules.contesting import ContestKind, ContestState, Verdict

Size = Annotated[int, Field(ge=1, le=500)]
Number = Annotated[int, Field(ge=1, le=100_000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
"""A figure: neither infinite nor no number, which JSON does not hold."""


class ContestedOut(Schema):
    """A contested figure. `observation` and `value` are the figure as it was contested; `present`
    is the id of the one that stands now: an answer names it. `answer` and `reason` are the
    producer's; `result` is the figure that it released in place of the other."""

    id: int
    series: str
    indicator: str
    place: str
    period: str
    kind: ContestKind
    state: ContestState
    observation: int
    value: float
    proposed: float | None
    grounds: str
    by: str | None
    at: datetime
    producer: str
    present: int | None
    answer: Verdict | None
    reason: str
    result: float | None
    closed_at: datetime | None


class ContestedLine(Schema):
    """A contested figure in a list."""

    id: int
    series: str
    place: str
    period: str
    kind: ContestKind
    state: ContestState
    value: float
    proposed: float | None
    by: str | None
    producer: str
    at: datetime
    answer: Verdict | None


class ContestedPage(Schema):
    total: int
    page: int
    contests: list[ContestedLine]


class ContestAnswerIn(Schema):
    """`against` is the id of the figure that stood when you looked (`present`); `value` the figure
    that is to stand, where it is not the one proposed."""

    answer: Verdict
    reason: str
    against: int
    value: Finite | None = None


class ContestWithdrawalIn(Schema):
    reason: str = ""


def _actor(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    signed_in(actor)
    return actor


def _out(actor: Actor, key: int) -> ContestedOut:
    row = contest_by_id(actor, key)
    present = last_of(row, released=True)
    return ContestedOut(
        id=row.pk, series=row.series.key, indicator=row.series.indicator.key,
        place=row.place.code, period=row.period, kind=ContestKind(row.kind),
        state=ContestState(row.state), observation=row.observation_id, value=row.value,
        proposed=row.proposed, grounds=row.grounds, by=row.body.key if row.body else None,
        at=row.at, producer=row.series.producer.key, present=present.pk if present else None,
        answer=Verdict(row.verdict) if row.verdict else None, reason=row.reason,
        result=row.result.value if row.result else None, closed_at=row.closed_at,
    )  # fmt: skip


@router.get("/contests", response={200: ContestedPage, **REFUSALS}, url_name="contests")
def contests(
    request: HttpRequest,
    state: ContestState | None = None,
    place: str = "",
    series: str = "",
    producer: str = "",
    page: Number = 1,
    size: Size = 100,
) -> ContestedPage:
    """The contested figures that exist for you, who has waited longest first."""
    rows = contests_visible_to(_actor(request))
    rows = rows.filter(state=state) if state else rows
    named = {"place__code": place, "series__key": series, "series__producer__key": producer}
    rows = rows.filter(**{name: key for name, key in named.items() if key})
    found = with_figures(rows).order_by("at", "pk")
    return ContestedPage(
        total=rows.count(),
        page=page,
        contests=[_line(row) for row in found[(page - 1) * size : page * size]],
    )


def _line(row: Contest) -> ContestedLine:
    return ContestedLine(
        id=row.pk, series=row.series.key, place=row.place.code, period=row.period,
        kind=ContestKind(row.kind), state=ContestState(row.state), value=row.value,
        proposed=row.proposed, by=row.body.key if row.body else None,
        producer=row.series.producer.key, at=row.at,
        answer=Verdict(row.verdict) if row.verdict else None,
    )  # fmt: skip


@router.post("/contests", response={201: ContestedOut, **REFUSALS}, url_name="contest-figure")
def contest_figure(
    request: HttpRequest,
    observation: Form[int],
    grounds: Form[str],
    proposed: Form[Finite | None] = None,
    files: File[list[UploadedFile]] = [],  # noqa: B006
) -> Status[ContestedOut]:
    """Contest the figure that stands, or enquire about an official one, as multipart/form-data.
    `observation` is its id; evidence comes as files, for which a token also needs the scope
    `remarks:write`."""
    actor = _actor(request)
    figure = observation_by_id(actor, observation)
    if len(files) > MOST_FILES:
        raise Invalid(_("At most %(most)s files are taken.") % {"most": MOST_FILES})
    done = actions.contest_value(
        actor, observation=figure, proposed=proposed, grounds=grounds,
        evidence=[
            actions.Exhibit(file=store(each.read(), each.name or "upload"),
                            name=each.name or "upload")
            for each in files
        ],
    )  # fmt: skip
    return Status(201, _out(actor, done.pk))


@router.get("/contests/{contest}", response={200: ContestedOut, **REFUSALS}, url_name="contest")
def contest(request: HttpRequest, contest: int) -> ContestedOut:
    """One contested figure. Its evidence: `GET /attachments?kind=contest&key=…`."""
    return _out(_actor(request), contest)


@router.post(
    "/contests/{contest}/answer",
    response={200: ContestedOut, **REFUSALS},
    url_name="answer-contest",
)
def answer(request: HttpRequest, contest: int, given: ContestAnswerIn) -> ContestedOut:
    """Answer as the producer of the figure."""
    actor = _actor(request)
    actions.answer_contest(
        actor, contest=contest_by_id(actor, contest), verdict=given.answer.value,
        reason=given.reason, against=given.against, value=given.value,
    )  # fmt: skip
    return _out(actor, contest)


@router.post(
    "/contests/{contest}/withdraw",
    response={200: ContestedOut, **REFUSALS},
    url_name="withdraw-contest",
)
def withdraw(request: HttpRequest, contest: int, given: ContestWithdrawalIn) -> ContestedOut:
    """Take a contest back."""
    actor = _actor(request)
    actions.withdraw_contest(actor, contest=contest_by_id(actor, contest), reason=given.reason)
    return _out(actor, contest)
