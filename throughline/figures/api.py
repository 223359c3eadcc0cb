"""Figures by the API: where an indicator stands, and recording."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from throughline.bodies.authentication import actor_of
from throughline.figures import rules
from throughline.figures.actions import record_confidence, record_observation
from throughline.figures.answering import as_dict, status_lines
from throughline.figures.confidence import history_at
from throughline.figures.models import Confidence, Observation, Series
from throughline.figures.queries import (
    answer,
    history_of,
    sees_figures,
    series_by_key,
)
from throughline.figures.surveying import survey
from throughline.kernel import clock
from throughline.kernel.errors import Invalid, NotFound
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_at, known_now, position_at
from throughline.kernel.refusals import REFUSALS
from throughline.places.models import Place
from throughline.places.queries import place_by_code
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import indicator_by_key, plan_in_force, target_for

router = Router()


class CompletenessOut(Schema):
    """Units that gave a figure, of those that owe one, and the weight they hold (0 to 1)."""

    reported: int
    expected: int
    weight: float | None


class StatedOut(Schema):
    value: float | None
    status: str
    simulated: bool
    series: str
    producer: str
    nature: str
    source: str


class SourceOut(Schema):
    role: str
    series: str
    producer: str
    nature: str
    source: str
    value: float | None = None
    status: str | None = None
    simulated: bool | None = None


class BridgedOut(Schema):
    """A figure carried over a stated bridge into the edition of its target: `value` is what it
    reads there (times `factor`, plus `shift`), `unbridged` what it is."""

    value: float | None
    unbridged: float | None
    from_edition: str
    to_edition: str
    kind: str
    factor: float
    shift: float
    period: str | None
    source: str
    support: str
    illustrative: bool
    simulated: bool


class PutTogetherOut(Schema):
    """Of a period longer than those that an indicator is given by: how many of these (`span`)
    are there. `so_far` is what they come to, and `value` null, until all are."""

    span: str
    over_time: str
    given: int
    expected: int
    so_far: float | None


class ValueOut(Schema):
    """Where an indicator stands; figures in `unit_of_measure`, null where there is none."""

    indicator: str
    unit: str
    unit_of_measure: str
    period: str
    edition: str
    value: float | None
    basis: str
    put_together: PutTogetherOut | None
    official: float | None
    rollup: float | None
    rollup_accepted: float | None
    stated: list[StatedOut]
    provisional: bool
    simulated: bool
    completeness: CompletenessOut
    status: str
    not_judged: str | None
    not_judged_because: str | None
    target: str | None
    met: bool | None
    moved: str | None
    bridged: BridgedOut | None
    expected_by_now: float | None
    progress: float | None
    sources: list[SourceOut]
    position: int
    known_at: str | None


class LineOut(Schema):
    indicator: str
    title: str
    unit: str
    place: str
    period: str | None
    value: float | None
    basis: str
    status: str
    not_judged: str | None
    target: str
    confidence: rules.ConfidenceLevel | None
    simulated: bool


class ConfidenceOut(Schema):
    """How sure a body judged a target to be: beside the computed status, which was `status`
    then, with figures until `period`."""

    plan: str
    indicator: str
    place: str
    confidence: rules.ConfidenceLevel
    reason: str
    body: str | None
    at: datetime
    period: str | None
    status: rules.Status
    simulated: bool


class ConfidenceIn(Schema):
    """How sure it is that the target of an indicator at a place (`unit`) is reached in time."""

    unit: str
    confidence: rules.ConfidenceLevel
    reason: str


class ObservationIn(Schema):
    """A figure to record. `supersedes` is the id of the observation that you saw standing,
    null if there was none; a change needs a note."""

    series: str
    place: str
    period: str
    value: float | None
    status: Literal["preliminary", "unreviewed", "accepted", "final", "census_revision"]
    note: str = ""
    supersedes: int | None = None


class ObservationOut(Schema):
    id: int
    series: str
    place: str
    period: str
    value: float | None
    status: str
    released_at: datetime
    note: str
    source: str
    simulated: bool
    supersedes: int | None

    @staticmethod
    def resolve_series(row: Observation) -> str:
        return row.series.key

    @staticmethod
    def resolve_place(row: Observation) -> str:
        return row.place.code

    @staticmethod
    def resolve_supersedes(row: Observation) -> int | None:
        return row.supersedes_id


def _known(position: int | None, instant: datetime | None) -> Known:
    if position is not None and instant is not None:
        raise Invalid("ask by a journal position or by an instant, not by both")
    if position is not None:
        return known_at(position)
    return known_now() if instant is None else position_at(instant)


def _edition(indicator: Indicator, key: str) -> Edition | None:
    if not key:
        return None
    found = Edition.objects.filter(scheme=indicator.scheme, key=key).first()
    if found is None:
        raise NotFound(f"there is no edition {key}")
    return found


@router.get("/indicators/{key}/value", response={200: ValueOut, **REFUSALS})
def get_value(
    request: HttpRequest,
    key: str,
    unit: str,
    period: str,
    scheme: str = "",
    edition: str = "",
    position: Annotated[int | None, Query(ge=0, description="as known at this position")] = None,
    known_by: Annotated[datetime | None, Query(description="as known at this instant")] = None,
) -> dict[str, Any]:
    """Where an indicator stands at a place in a period, now or as known before."""
    actor = actor_of(request)
    indicator = indicator_by_key(actor, key, scheme)
    when = Period.parse(period)
    place = place_by_code(indicator.scheme, unit, when.end)
    found = answer(
        actor,
        indicator,
        place,
        when,
        edition=_edition(indicator, edition),
        known=_known(position, known_by),
    )
    return as_dict(found)


@router.get("/plans/{plan}/status", response={200: list[LineOut], **REFUSALS})
def get_status(request: HttpRequest, plan: str, unit: str = "") -> list[dict[str, Any]]:
    """Where each indicator of a plan stands at a place (the plan's own)."""
    actor = actor_of(request)
    return status_lines(actor, plan_in_force(actor, plan), unit)


def _cell(request: HttpRequest, series: str, place: str, period: str) -> tuple[Any, ...]:
    actor = actor_of(request)
    found: Series = series_by_key(actor, series)
    when = Period.parse(period)
    return actor, found, place_by_code(found.indicator.scheme, place, when.end), when


@router.get("/observations", response={200: list[ObservationOut], **REFUSALS})
def list_observations(
    request: HttpRequest, series: str, place: str, period: str
) -> list[Observation]:
    """The history of one figure, the one that stands first."""
    actor, found, where, when = _cell(request, series, place, period)
    if not sees_figures(actor, found.indicator, where):
        raise NotFound("there are no such figures")
    return list(history_of(actor, found, where, when))


@router.post("/observations", response={201: ObservationOut, **REFUSALS})
def post_observation(request: HttpRequest, payload: ObservationIn) -> Status[Observation]:
    """Record a figure or supersede the one you saw. Send an `Idempotency-Key`: sent twice,
    the same request is recorded once and answered twice."""
    actor, series, place, period = _cell(request, payload.series, payload.place, payload.period)
    row = record_observation(
        actor,
        series=series,
        place=place,
        period=period,
        value=payload.value,
        status=payload.status,
        note=payload.note,
        supersedes=payload.supersedes,
    )
    return Status(201, row)


def _aimed(
    request: HttpRequest, key: str, unit: str, scheme: str
) -> tuple[Any, Indicator, Place, Target]:
    """The target of an indicator at a place, for one who sees its figures."""
    actor = actor_of(request)
    indicator = indicator_by_key(actor, key, scheme)
    place = place_by_code(indicator.scheme, unit, clock.now().date())
    target = target_for(indicator, place) if sees_figures(actor, indicator, place) else None
    if target is None:
        raise NotFound("there is no such target")
    return actor, indicator, place, target


def _confidence_out(row: Confidence) -> ConfidenceOut:
    return ConfidenceOut(
        plan=row.plan.key, indicator=row.indicator.key, place=row.place.code,
        confidence=rules.ConfidenceLevel(row.level), reason=row.reason,
        body=row.body.key if row.body else None, at=row.at, period=row.period or None,
        status=rules.Status(row.status), simulated=row.simulated,
    )  # fmt: skip


@router.get("/indicators/{key}/confidence", response={200: list[ConfidenceOut], **REFUSALS})
def list_confidence(
    request: HttpRequest, key: str, unit: str, scheme: str = ""
) -> list[ConfidenceOut]:
    """Every judgement of a target at a place, the last one first."""
    _actor, indicator, place, target = _aimed(request, key, unit, scheme)
    rows = history_at(target.version.plan, indicator, place, known_now())
    for row in rows:
        row.plan, row.indicator, row.place = target.version.plan, indicator, place
    return [_confidence_out(row) for row in rows]


@router.post("/indicators/{key}/confidence", response={201: ConfidenceOut, **REFUSALS})
def post_confidence(
    request: HttpRequest, key: str, payload: ConfidenceIn, scheme: str = ""
) -> Status[ConfidenceOut]:
    """Judge how sure a target is; the judgements before stay."""
    actor, indicator, place, target = _aimed(request, key, payload.unit, scheme)
    latest = survey(actor, [indicator], place, known=known_now())[indicator.pk].latest
    row = record_confidence(
        actor,
        plan=target.version.plan,
        indicator=indicator,
        place=place,
        level=str(payload.confidence),
        reason=payload.reason,
        period=latest.period if latest else None,
        status=str(latest.status) if latest else str(rules.Status.NO_DATA),
    )
    return Status(201, _confidence_out(row))
