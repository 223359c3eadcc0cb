"""What a page of figures was asked, read from its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.judging import Answer, Bridges, judged, length_meant
from throughline.figures.queries import (
    edition_by_key,
    edition_for,
    edition_meant,
    sees_figures,
)
from throughline.figures.rollup import Table, figures
from throughline.figures.surveying import lengthened, periods_known
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, NotFound
from throughline.kernel.period import Period, Span
from throughline.kernel.queries import Known, known_at, known_now, position_at
from throughline.kernel.text import is_id
from throughline.places.models import Place
from throughline.places.queries import place_by_code, root
from throughline.plans.models import Edition, Indicator, Target
from throughline.plans.queries import indicator_by_key, target_for


def known_of(request: HttpRequest) -> Known:
    """As known at the journal position that the address names, or at the end of the day that
    it names; else now."""
    text = request.GET.get("position", "").strip()
    if not text:
        return known_now()
    if is_id(text):
        return known_at(int(text))
    try:
        named = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            _("A journal position is a whole number."),
            remedy=_("Or write a day as 2020-11-01: what was known at its end."),
        ) from error
    return position_at(_end_of(named))


def _end_of(named: date) -> datetime:
    """The last moment of a day in the zone of the page; of today, this one."""
    zone = timezone.get_current_timezone()
    if named == clock.now().astimezone(zone).date():
        return clock.now()
    return datetime.combine(named, time.max, tzinfo=zone)


def kept_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What else an address asks, for the form that asks for another position."""
    return [
        (name, str(value))
        for name, value in request.GET.items()
        if name not in ("position", "page")
    ]


def visible_place(actor: Actor, indicator: Indicator, place: Place) -> Place:
    """The place, if the actor may see the indicator's figures of it; else NotFound."""
    if not sees_figures(actor, indicator, place):
        raise NotFound(_("There are no figures of this indicator for this place."))
    return place


@dataclass(frozen=True)
class Asked:
    """An indicator at a place in a period, in an edition, as known at a time.

    `read` holds the tables of every period of the edition, the one asked for among them;
    `editions` says in which editions each period has figures. The years that shorter periods
    make up are among both.
    """

    actor: Actor
    indicator: Indicator
    place: Place
    period: Period
    edition: Edition
    known: Known
    target: Target | None
    editions: Mapping[Period, Sequence[Edition]]
    read: Mapping[Period, Table]
    named: bool
    bridges: Bridges

    def at(self, period: Period) -> Answer:
        """The answer for the place in a period that was read."""
        return judged(self.read[period], self.place, self.known, self.target, self.bridges)

    @cached_property
    def history(self) -> list[Answer]:
        """The place's answers in all periods of the length of the one asked for."""
        return self.of_length(self.period.span)

    def of_length(self, span: Span) -> list[Answer]:
        """The place's answers in all periods of a length."""
        return [self.at(each) for each in sorted(self.read) if each.span is span]

    @cached_property
    def listed(self) -> Period:
        """The period of the table of places: the one asked for; where none is named, the
        last for which most units have reported, lest the table be a list of silence."""
        if self.named:
            return self.period
        for found in reversed(self.history):
            figure = found.figure
            if found.period <= self.period and figure.reported * 2 > figure.expected:
                return found.period
        return self.period

    @cached_property
    def until_listed(self) -> list[Period]:
        """The periods of the length of the one listed, up to it, in order."""
        fitting = (each for each in self.read if each.span is self.listed.span)
        return sorted(each for each in fitting if each <= self.listed)


def asked(request: HttpRequest, scheme: str, key: str) -> Asked:
    """Read the question of an indicator's page; what it leaves out is chosen so that there
    is something to see."""
    actor = actor_of(request)
    signed_in(actor)
    indicator = indicator_by_key(actor, key, scheme)
    known = known_of(request)
    code, unit = request.GET.get("period", ""), request.GET.get("unit", "")
    period = Period.parse(code) if code else None
    day = period.end if period else clock.now().date()
    place = place_by_code(indicator.scheme, unit, day) if unit else root(indicator.scheme, day)
    visible_place(actor, indicator, place)
    target = target_for(indicator, place)
    steps = periods_known([indicator], known)[indicator.pk]
    years = lengthened(indicator, steps, Span.YEAR) if indicator.span != Span.YEAR else []
    editions = dict(sorted([*steps, *years], key=lambda step: step[0]))
    meant_length = length_meant(indicator, target)
    named = request.GET.get("edition", "")
    wanted = [edition_by_key(indicator.scheme, named)] if named else []
    if not wanted:
        several = [editions.get(period, [])] if period else [*reversed(editions.values())]
        meant = [edition_meant(each, target) for each in several]
        wanted = list(dict.fromkeys(each for each in meant if each is not None))
    if not wanted:
        wanted = [edition_for(indicator, period or _this(indicator), known, target)]
    for edition in wanted:
        found = _read(indicator, edition, editions, period, known)
        last = period or _last(found, place, meant_length)
        if last is not None:
            break
    fitting = [each for each in found if each.span is meant_length]
    chosen = last or max(fitting or found, default=_this(indicator))
    return Asked(
        actor=actor,
        indicator=indicator,
        place=place,
        period=chosen,
        edition=edition,
        known=known,
        target=target,
        editions=editions,
        read=found,
        named=period is not None,
        bridges=Bridges(known),
    )


def _read(
    indicator: Indicator,
    edition: Edition,
    editions: Mapping[Period, Sequence[Edition]],
    period: Period | None,
    known: Known,
) -> dict[Period, Table]:
    """The tables of every period of an edition; of one period at least."""
    periods = {each for each, several in editions.items() if edition in several}
    if period is not None or not periods:
        periods.add(period or _this(indicator))
    return figures(indicator, sorted(periods), edition, known)


def _last(read: Mapping[Period, Table], place: Place, length: Span) -> Period | None:
    """The last period of a length with a figure for a place."""
    given = (
        each
        for each in sorted(read, reverse=True)
        if each.span is length and read[each].at(place.pk).value is not None
    )
    return next(given, None)


def _this(indicator: Indicator) -> Period:
    """The period of the indicator's length that holds today."""
    return Period.containing(clock.now().date(), Span(indicator.span))
