"""Indicators and places as subjects that one remarks on, attaches to and follows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Exists, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from throughline.figures.models import Observation
from throughline.figures.queries import observations_visible_to
from throughline.figures.rollup.build import parts_of
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.models import JournalEntry
from throughline.places.models import Place
from throughline.places.queries import place_ever, scheme_by_key
from throughline.plans.models import Indicator
from throughline.plans.queries import indicator_by_key, parts_held
from throughline.subjects.kinds import Change, Subject, SubjectKind

MOST_ACTS = 200
"""How many acts on figures are looked at for one subject; older ones are not news."""


def indicator_subject(indicator: Indicator) -> Subject:
    """An indicator, at all places together."""
    address = [indicator.scheme.key, indicator.key]
    return Subject(
        "indicator", "/".join(address), indicator.title, reverse("indicator", args=address)
    )


def place_subject(place: Place) -> Subject:
    """A place, whatever is measured there."""
    address = [place.scheme.key, place.code]
    return Subject("place", "/".join(address), place.name, reverse("place", args=address))


def _found_indicator(actor: Actor, key: str) -> Indicator:
    scheme, _slash, name = key.partition("/")
    return indicator_by_key(actor, name, scheme)


def _indicator(actor: Actor, key: str) -> Subject:
    return indicator_subject(_found_indicator(actor, key))


def _found_place(key: str) -> Place:
    scheme, _slash, code = key.partition("/")
    return place_ever(scheme_by_key(scheme), code, clock.now().date())


def _place(actor: Actor, key: str) -> Subject:
    return place_subject(_found_place(key))


def _at_indicator(actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    indicator = _found_indicator(actor, subject.key)
    rows = observations_visible_to(actor).filter(
        series__indicator__in=[indicator, *parts_of(indicator)]
    )
    return _recorded(rows, subject, after)


def _at_place(actor: Actor, subject: Subject, after: int) -> Sequence[Change]:
    rows = observations_visible_to(actor).filter(place=_found_place(subject.key))
    return _recorded(rows, subject, after)


def _recorded(rows: QuerySet[Observation], subject: Subject, after: int) -> Sequence[Change]:
    """The acts after a position that recorded or changed some figures, the latest of them."""
    entries = JournalEntry.objects.filter(position__gt=after).values("act")
    acts = dict(
        rows.filter(act__in=entries)
        .order_by()
        .values_list("act")
        .annotate(figures=Count("id"))
        .order_by("-act")[:MOST_ACTS]
    )
    return [
        Change(
            entry.position,
            entry.at,
            ngettext(
                "%(count)s figure was recorded or changed.",
                "%(count)s figures were recorded or changed.",
                acts[entry.act],
            )
            % {"count": acts[entry.act]},
            subject.url,
        )
        for entry in JournalEntry.objects.filter(act__in=acts).only("act", "position", "at")
    ]


def _measured(key: str, bodies: frozenset[int]) -> Exists:
    """One of some bodies has a part in what the indicator measures."""
    scheme, _slash, name = key.partition("/")
    return Exists(Indicator.objects.filter(pk__in=parts_held(bodies), scheme__key=scheme, key=name))


SUBJECTS = {
    "indicator": SubjectKind(gettext_lazy("Indicator"), _indicator, _at_indicator, _measured),
    "place": SubjectKind(gettext_lazy("Place"), _place, _at_place),
}
