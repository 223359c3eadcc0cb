"""What the figures say, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import (
    EVERYTHING,
    places_in_line,
    places_in_sight,
    standing_of,
)
from throughline.bodies.queries import places_below as own_and_below
from throughline.figures import rules
from throughline.figures.judging import Answer, Bridges, judged
from throughline.figures.models import Load, Observation, Series
from throughline.figures.rollup import GroupFigure, Stated, by_group, figures, shorter_in
from throughline.figures.rules.alerting import Alert
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.memory import once_a_request
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_now
from throughline.kernel.selecting import in_order
from throughline.places.models import Grouping, Place, Scheme
from throughline.places.queries import children, descendants, known_places
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import (
    behind,
    binding_targets,
    parts_above,
    parts_in,
    target_for,
)


def observations_visible_to(actor: Actor) -> QuerySet[Observation]:
    """Released figures of public series, and those for the line of places in sight: of a
    government's own line, of any other body's own place.

    A body with a part in the indicator (it leads or supports an element that it measures,
    or leads the plan) and audit see all places. A department that is guided by such a body
    sees its own line of places.
    """
    if actor.is_nobody:
        return Observation.objects.none()
    rows = Observation.objects.filter(released_at__lte=clock.now()).exclude(
        status=Observation.Status.DRAFT
    )
    standing = standing_of(actor)
    if standing.audits:
        return rows
    seen = Q(series__audience=Series.Audience.PUBLIC)
    if standing.body is not None and standing.sees_content:
        seen |= Q(series__indicator__in=parts_in(standing.body))
        seen |= places_in_sight("place", actor)
        if counterpart := parts_above(standing.body):
            seen |= Q(series__indicator__in=counterpart) & places_in_line("place", actor)
    return rows.filter(seen)


def series_visible_to(actor: Actor) -> QuerySet[Series]:
    """Public series; those for the line of which the actor sees figures: a government those
    of its own country, any other body those of indicators that it has a part in, or of which
    a figure stands for its own place; all of them for audit."""
    if actor.is_nobody:
        return Series.objects.none()
    standing = standing_of(actor)
    if standing.audits:
        return Series.objects.all()
    seen = Q(audience=Series.Audience.PUBLIC)
    if standing.body is not None and standing.sees_content:
        own = Body.objects.filter(pk=standing.body).values("place__scheme")
        here = observations_visible_to(actor).filter(place=standing.place, series=OuterRef("pk"))
        counterpart = Q(indicator__in=parts_above(standing.body))
        seen |= Q(indicator__in=parts_in(standing.body))
        seen |= Q(indicator__scheme__in=own) & (
            EVERYTHING if standing.governs else counterpart | Q(Exists(here))
        )
    return Series.objects.filter(seen)


@once_a_request(
    lambda actor, indicators: (actor.capacity, frozenset(each.pk for each in indicators))
)
def open_indicators(actor: Actor, indicators: Sequence[Indicator]) -> set[int]:
    """Of some indicators, those whose figures an actor may see of every place."""
    standing = standing_of(actor)
    every = {each.pk for each in indicators}
    if actor.is_nobody:
        return set()
    if standing.audits:
        return every
    summed = {key: {part.pk for part in parts} for key, parts in behind(indicators).items()}
    for_the_line = set(
        Series.objects.filter(
            indicator__in=set().union(*summed.values()), audience=Series.Audience.LINE
        ).values_list("indicator_id", flat=True)
    )
    closed = {key for key, parts in summed.items() if parts & for_the_line}
    if not closed or standing.body is None or not standing.sees_content:
        return every - closed
    return every - closed | (closed & parts_in(standing.body))


def is_open(actor: Actor, indicator: Indicator) -> bool:
    """Whether an actor may see an indicator's figures of every place."""
    return indicator.pk in open_indicators(actor, [indicator])


def places_with_figures(actor: Actor, indicator: Indicator) -> QuerySet[Place]:
    """The places whose figures of an indicator an actor may see."""
    places = Place.objects.filter(scheme=indicator.scheme)
    if actor.is_nobody:
        return places.none()
    if is_open(actor, indicator):
        return places
    if _counterparts(actor, [indicator]):
        return places.filter(places_in_line("pk", actor))
    return places.filter(places_in_sight("pk", actor))


def _counterparts(actor: Actor, indicators: Sequence[Indicator]) -> set[int]:
    """Of some indicators, those in which a body above the actor's, in the line of departments,
    has a part: the actor's sees them in its own line of places."""
    standing = standing_of(actor)
    if standing.body is None or not standing.sees_content:
        return set()
    return {each.pk for each in indicators} & parts_above(standing.body)


def near(actor: Actor, indicators: Sequence[Indicator], place: Place) -> set[int]:
    """Of some indicators, those whose figures for the line of a place an actor may see
    without a part of its own in them."""
    here = Place.objects.filter(pk=place.pk)
    if here.filter(places_in_sight("pk", actor)).exists():
        return {each.pk for each in indicators}
    found = _counterparts(actor, indicators)
    return found if found and here.filter(places_in_line("pk", actor)).exists() else set()


@once_a_request(lambda actor, indicator, place: (actor.capacity, indicator.pk, place.pk))
def sees_figures(actor: Actor, indicator: Indicator, place: Place) -> bool:
    """Whether an actor may see an indicator's figures of a place."""
    return places_with_figures(actor, indicator).filter(pk=place.pk).exists()


def alerts_visible_to(actor: Actor, alerts: Iterable[Alert]) -> list[Alert]:
    """Of alerts about figures, those for the places that the actor answers for: to a government
    its own and those below it, to another body those in what it has a part in, and whatever is
    about its own place. Nobody sees those of sister places, or of the tiers above."""
    standing = standing_of(actor)
    if standing.audits:
        return list(alerts)
    if actor.is_nobody or standing.body is None or standing.place is None:
        return []
    if not standing.sees_content:
        return []
    below = set(Place.objects.filter(own_and_below("pk", actor)).values_list("pk", flat=True))
    work = None
    if not standing.governs:
        work = parts_in(standing.body) | parts_above(standing.body)
    return [
        each
        for each in alerts
        if each.place == standing.place
        or (each.place in below and (work is None or each.indicator in work))
    ]


def loads_visible_to(actor: Actor) -> QuerySet[Load]:
    """Imports by oneself and by one's body; all of them for audit."""
    if actor.is_nobody:
        return Load.objects.none()
    standing = standing_of(actor)
    if standing.audits:
        return Load.objects.all()
    seen = Q(person=actor.person)
    if standing.body is not None and standing.sees_content:
        seen |= Q(body=standing.body)
    return Load.objects.filter(seen)


def as_known(rows: QuerySet[Observation], known: Known) -> QuerySet[Observation]:
    """Those of some observations that count in a state of knowledge: released by then, no
    drafts, and written by acts up to its position."""
    counted = rows.filter(released_at__lte=known.at).exclude(status=Observation.Status.DRAFT)
    if known.is_now:
        return counted
    acts = JournalEntry.objects.filter(position__lte=known.position).values("act")
    return counted.filter(act__in=acts)


def editions_of(indicator: Indicator, period: Period, known: Known) -> list[Edition]:
    """The editions in which anything is known of an indicator in a period, latest first."""
    within = shorter_in(indicator, period) or [period]
    rows = Observation.objects.filter(
        series__indicator__in=behind([indicator])[indicator.pk],
        period__in=[each.code for each in within],
    )
    series = Series.objects.filter(observations__in=as_known(rows, known))
    return list(Edition.objects.filter(series__in=series).distinct().order_by("-rank"))


def edition_meant(found: Sequence[Edition], target: Target | None) -> Edition | None:
    """The edition that a question means when it names none: the target's where figures stand
    in it, else the latest with figures (`found` is latest first)."""
    if target is not None and (target.edition in found or not found):
        return target.edition
    return found[0] if found else None


def edition_for(
    indicator: Indicator, period: Period, known: Known, target: Target | None
) -> Edition:
    """The edition meant for a period; without any figure or target the latest of all."""
    meant = edition_meant(editions_of(indicator, period, known), target)
    if meant is None:
        meant = Edition.objects.filter(scheme=indicator.scheme).order_by("rank").last()
    if meant is None:
        raise NotFound(_("No edition of figures is defined."))
    return meant


def periods_of(indicator: Indicator) -> list[Period]:
    """The periods for which anything was ever observed, in order."""
    codes = (
        Observation.objects.filter(series__indicator__in=behind([indicator])[indicator.pk])
        .order_by()
        .values_list("period", flat=True)
        .distinct()
    )
    return sorted(Period.parse(code) for code in codes)


def answer(
    actor: Actor,
    indicator: Indicator,
    place: Place,
    period: Period,
    *,
    edition: Edition | None = None,
    known: Known | None = None,
) -> Answer:
    """Where an indicator stands; raises NotFound where the actor may not see its figures."""
    if not sees_figures(actor, indicator, place):
        raise NotFound(_("There are no figures of this indicator for this place."))
    known = known or known_now()
    target = target_for(indicator, place)
    chosen = edition or edition_for(indicator, period, known, target)
    table = figures(indicator, [period], chosen, known)[period]
    return judged(table, place, known, target, Bridges(known))


def series_by_key(actor: Actor, key: str) -> Series:
    """A series by its key. That it exists is no secret among those who are signed in."""
    found = Series.objects.select_related(
        "indicator__scheme",
        "indicator__numerator",
        "indicator__denominator",
        "edition",
        "producer",
    ).filter(key=key)
    row = None if actor.is_nobody else found.first()
    if row is None:
        raise NotFound(_("There is no series “%(key)s”.") % {"key": key})
    return row


def history_of(actor: Actor, series: Series, place: Place, period: Period) -> QuerySet[Observation]:
    """Every observation of a cell that the actor may see, the one that stands first."""
    return (
        observations_visible_to(actor)
        .filter(series=series, place=place, period=period.code)
        .select_related("series", "place", "load")
        .order_by("-id")
    )


def figures_as_given(
    actor: Actor, indicator: Indicator, place: Place, period: Period, known: Known
) -> list[Observation]:
    """Every figure that stands in a series of an indicator for a place or one below it, as
    it was given (of a longer period those within it); for whoever corrects some and loads them
    again."""
    inside = descendants(place, period.end)
    within = [each.code for each in shorter_in(indicator, period)] or [period.code]
    last = (
        as_known(observations_visible_to(actor), known)
        .filter(series__indicator=indicator, period__in=within, place__in=inside)
        .order_by("series__rank", "series_id", "place__code", "place_id", "period", "-id")
        .distinct("series__rank", "series_id", "place__code", "place_id", "period")
        .select_related("series", "place__scheme")
    )
    return [row for row in last if row.value is not None]


def group_figures(
    actor: Actor,
    indicator: Indicator,
    grouping: str,
    period: Period,
    *,
    edition: Edition | None = None,
    known: Known | None = None,
) -> Sequence[GroupFigure]:
    """An indicator by the groups of a grouping; for those who may see it everywhere."""
    if not is_open(actor, indicator):
        raise NotFound(_("There are no figures of this indicator for these groups."))
    found = Grouping.objects.filter(scheme=indicator.scheme, key=grouping).first()
    if found is None:
        raise NotFound(_("There is no grouping “%(key)s”.") % {"key": grouping})
    known = known or known_now()
    chosen = edition or edition_for(indicator, period, known, None)
    return by_group(found, figures(indicator, [period], chosen, known)[period], known)


def edition_by_key(scheme: Scheme, key: str) -> Edition:
    """An edition of a scheme, or NotFound."""
    found = Edition.objects.filter(scheme=scheme, key=key).first()
    if found is None:
        raise NotFound(_("There is no edition “%(key)s”.") % {"key": key})
    return found


def places_below(
    actor: Actor,
    indicator: Indicator,
    place: Place,
    day: date,
    tier: str = "",
    known: Known | None = None,
) -> list[Place]:
    """The places whose figures of an indicator an actor may see: directly below another on a
    day, or all those of a lower tier; on record in a state of knowledge; by sort key."""
    below = descendants(place, day).filter(tier__key=tier) if tier else children(place, day)
    below = known_places(below, known)
    visible = places_with_figures(actor, indicator)
    seen = below.filter(Exists(visible.filter(pk=OuterRef("pk")))).exclude(pk=place.pk)
    return in_order(seen.select_related("tier", "scheme"), "sort_key", "code")


def targets_of(indicator: Indicator, places: Sequence[Place] | None = None) -> dict[int, Target]:
    """By place (its id), of all or of some, the target that binds now; of several, the one due
    first."""
    return {target.place_id: target for target in binding_targets([indicator], places)}


def targets_among(
    indicators: Sequence[Indicator], places: Sequence[Place]
) -> dict[tuple[int, int], Target]:
    """By indicator and place (their ids), the target that binds now; of several, the one due
    first. One statement for all of them."""
    rows = binding_targets(indicators, places)
    return {(target.indicator_id, target.place_id): target for target in rows}


def seen_among(
    actor: Actor, indicators: Sequence[Indicator], places: Sequence[Place]
) -> dict[int, set[int]]:
    """By indicator, the ids of those of some places whose figures of it the actor may see."""
    every = {each.pk for each in places}
    unbound = open_indicators(actor, indicators)
    if all(each.pk in unbound for each in indicators):
        return {each.pk: every for each in indicators}
    rows = Place.objects.filter(pk__in=every)
    in_sight = set(rows.filter(places_in_sight("pk", actor)).values_list("pk", flat=True))
    seen = {each.pk: every if each.pk in unbound else in_sight for each in indicators}
    shared = _counterparts(actor, [each for each in indicators if each.pk not in unbound])
    if shared:
        in_line = set(rows.filter(places_in_line("pk", actor)).values_list("pk", flat=True))
        seen |= dict.fromkeys(shared, in_line)
    return seen


def answers_at(
    indicator: Indicator,
    places: Sequence[Place],
    period: Period,
    *,
    edition: Edition,
    known: Known,
) -> list[Answer]:
    """The answers in a period of some places whose figures the asker may see."""
    table = figures(indicator, [period], edition, known)[period]
    targets, bridges = targets_of(indicator, places), Bridges(known)
    return [judged(table, each, known, targets.get(each.pk), bridges) for each in places]


def observations_behind(
    actor: Actor, indicator: Indicator, place: Place, period: Period, known: Known
) -> QuerySet[Observation]:
    """Every observation of an indicator, or of its parts, at a place in a period, as known
    at a position; by series, the one that stands first."""
    rows = observations_visible_to(actor).filter(
        series__indicator__in=behind([indicator])[indicator.pk],
        place=place,
        period=period.code,
    )
    return (
        as_known(rows, known)
        .select_related("series__indicator", "series__producer", "series__edition", "load")
        .order_by("series__rank", "series__key", "-id")
    )


def entries_of(observations: Sequence[Observation]) -> dict[int, JournalEntry]:
    """The journal entries of the acts that wrote observations, by the acts' numbers."""
    acts = {each.act for each in observations}
    return {entry.act: entry for entry in JournalEntry.objects.filter(act__in=acts)}


def series_to_record(indicator: Indicator, edition: Edition) -> list[Series]:
    """The series into which single figures of an indicator are recorded: what localities
    report first, then those of its producers."""
    rows = Series.objects.filter(indicator=indicator, edition=edition).select_related(
        "indicator__scheme",
        "indicator__numerator",
        "indicator__denominator",
        "edition",
        "producer",
    )
    return sorted(rows, key=lambda each: (each.nature != Series.Nature.DEPARTMENT, each.rank))


def groupings_of(scheme: Scheme) -> list[Grouping]:
    """The ways in which a scheme's places are grouped, by key, with their groups."""
    return list(Grouping.objects.filter(scheme=scheme).prefetch_related("groups").order_by("key"))


def note_of(stated: Stated) -> str:
    """What the one who gave a figure said about it."""
    return Observation.objects.get(pk=stated.observation).note_shown


def standing_in(series: Series, place: Place, period: Period) -> Observation | None:
    """The last observation of a cell, which the next one supersedes; for those who may
    record there."""
    cell = Observation.objects.filter(series=series, place=place, period=period.code)
    return cell.order_by("-id").first()


@dataclass(frozen=True)
class Revision:
    """What stood in a cell before the figure that stands, and since when it does not."""

    value: float
    until: datetime


def revisions_of(
    actor: Actor, indicator: Indicator, place: Place, edition: Edition, known: Known
) -> dict[tuple[int, str], Revision]:
    """By series and period, the last figure of a place that read otherwise than the one that
    stands, as known at a position: what was known before a revision."""
    rows = as_known(
        observations_visible_to(actor).filter(
            series__indicator=indicator, series__edition=edition, place=place
        ),
        known,
    )
    chains: dict[tuple[int, str], list[tuple[float | None, datetime]]] = {}
    for series, period, value, at in rows.order_by("id").values_list(
        "series", "period", "value", "released_at"
    ):
        chains.setdefault((series, period), []).append((value, at))
    found = {}
    for cell, chain in chains.items():
        last = rules.shown(chain[-1][0], indicator.decimals)
        for (value, _at), (_value, until) in reversed(list(pairwise(chain))):
            if value is not None and rules.shown(value, indicator.decimals) != last:
                found[cell] = Revision(value, until)
                break
    return found
