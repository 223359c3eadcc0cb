"""One number with everything behind it, and the form that records it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import names_of
from throughline.figures import rules, telling, viewing
from throughline.figures.actions import record_observation
from throughline.figures.judging import Answer
from throughline.figures.marking import Mark, said_of
from throughline.figures.models import Observation, Series
from throughline.figures.pages.asking import known_of
from throughline.figures.permissions import require_recording
from throughline.figures.queries import (
    answer,
    edition_by_key,
    entries_of,
    observations_behind,
    places_below,
    series_to_record,
    standing_in,
)
from throughline.figures.rollup import Figure, Table, Wanted, shorter_in, tables
from throughline.figures.rollup.build import parts_of
from throughline.figures.words import BASES, DOORS, STATUSES
from throughline.files.numbers import read_in_unit
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, Problem, ThroughlineError
from throughline.kernel.models import Draft, JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.text import is_id
from throughline.places.models import Place
from throughline.places.queries import ancestors, place_by_code
from throughline.plans.models import Indicator
from throughline.plans.queries import indicator_by_key
from throughline.ui.links import page_of
from throughline.ui.shapes import Completeness, Crumb, Paging

PAGE = 50
GIVEN = [
    Observation.Status.PRELIMINARY,
    Observation.Status.UNREVIEWED,
    Observation.Status.ACCEPTED,
    Observation.Status.FINAL,
    Observation.Status.CENSUS_REVISION,
]
"""The statuses that a figure may be given by hand."""


@dataclass(frozen=True)
class Line:
    """One observation in the history of a cell."""

    observation: Observation
    value: str
    status: str
    entry: JournalEntry | None
    person: str
    door: str
    stands: bool
    said: Sequence[Mark] = ()


@dataclass(frozen=True)
class Compared:
    """A figure given for the place beside the sum of the units below."""

    title: str
    value: str
    gap: str
    more: bool


@dataclass(frozen=True)
class Part:
    """A place below with its figure and, for a ratio, the sums that it is made of."""

    name: str
    url: str
    value: float | None
    sums: Sequence[float | None]
    basis: str
    completeness: Completeness
    simulated: bool
    so_far: str = ""


def _history(actor: Actor, found: Answer) -> list[Line]:
    rows = list(observations_behind(actor, found.indicator, found.place, found.period, found.known))
    entries = entries_of(rows)
    names = names_of({entry.person for entry in entries.values()})
    names[SYSTEM.person] = _("the installation")
    seen: set[int] = set()
    lines = []
    for row in rows:
        entry = entries.get(row.act)
        lines.append(
            Line(
                observation=row,
                value=_("withdrawn")
                if row.value is None
                else viewing.written(row.value, row.series.indicator),
                status=str(STATUSES[row.status]),
                entry=entry,
                person=names.get(entry.person, "") if entry else "",
                door=str(DOORS[entry.door]) if entry and entry.person != SYSTEM.person else "",
                stands=row.series_id not in seen,
            )
        )
        seen.add(row.series_id)
    if not found.known.is_now:
        return lines
    said = said_of(actor, [line.observation for line in lines if line.stands])
    return [
        replace(line, said=said[line.observation.pk]) if line.observation.pk in said else line
        for line in lines
    ]


def _compared(found: Answer) -> list[Compared]:
    """Totals stated by others than the one whose figure stands, against the roll-up."""
    rollup, indicator = found.figure.rollup, found.indicator
    lines = []
    own = found.figure.own.observation if found.figure.own else None
    for each in found.figure.stated:
        if each.observation == own:
            continue
        value = viewing.written(each.value, indicator)
        differs = rollup is not None and rules.differs(each.value, rollup, indicator.decimals)
        gap = viewing.apart(each.value - (rollup or 0.0), indicator) if differs else ""
        title = f"{each.series.producer.name}: {each.series.title}"
        lines.append(Compared(title, value, gap, rollup is not None and each.value > rollup))
    return lines


def _parts(actor: Actor, found: Answer) -> list[Part]:
    """The places directly below; for a ratio with numerator and denominator, since it is
    these that are added up and never the ratios."""
    summed = parts_of(found.indicator)
    several = [found.indicator, *(summed if len(summed) > 1 else [])]
    wanted = [Wanted(each, found.edition, found.period) for each in several]
    read = tables(wanted, found.known)
    whole, *others = [read[each] for each in wanted]
    below = places_below(actor, found.indicator, found.place, found.period.end, known=found.known)
    return [_part(found, whole.at(place.pk), place, others) for place in below]


def _within(found: Answer) -> list[Part]:
    """The shorter periods that a longer one is put together from, in order."""
    indicator = found.indicator
    summed = parts_of(indicator)
    several = [indicator, *(summed if len(summed) > 1 else [])]
    periods = shorter_in(indicator, found.period)
    wanted = {
        period: [Wanted(each, found.edition, period) for each in several] for period in periods
    }
    read = tables((one for each in wanted.values() for one in each), found.known)
    parts = []
    for period in periods:
        whole, *others = [read[each] for each in wanted[period]]
        part = _part(found, whole.at(found.place.pk), found.place, others)
        url = viewing.figure_url(indicator, found.place, period, found.known, found.edition)
        parts.append(replace(part, name=viewing.when(period), url=url))
    return parts


def _part(found: Answer, figure: Figure, place: Place, others: Sequence[Table]) -> Part:
    return Part(
        name=place.name,
        url=viewing.figure_url(found.indicator, place, found.period, found.known, found.edition),
        value=figure.value,
        sums=[table.at(place.pk).rollup for table in others],
        basis=str(BASES[figure.basis]),
        completeness=viewing.completeness_of(figure),
        simulated=figure.simulated,
        so_far=telling.so_far_text(figure, found.indicator, unit=False),
    )


# -- the form ------------------------------------------------------------------------------


def _draft_key(series: Series, place: Place, period: Period) -> str:
    return f"figure:{series.key}:{place.code}:{period.code}"


def _form(request: HttpRequest, actor: Actor, found: Answer, asked: str) -> dict[str, Any]:
    """What the form that records the figure needs; where the actor may not record but sees
    the figure, why not."""
    refusal: ThroughlineError | None = None
    series = series_to_record(found.indicator, found.edition)
    for each in sorted(series, key=lambda one: one.key != asked):
        try:
            require_recording(actor, each, found.place)
        except ThroughlineError as error:
            refusal = refusal or error
            continue
        return _open_form(request, actor, found, each)
    if not isinstance(refusal, Forbidden):
        return {}
    lifted = _("Whom to ask: %(who)s") % {"who": refusal.lifted_by} if refusal.lifted_by else ""
    return {"locked": refusal, "lifted": lifted}


def _open_form(request: HttpRequest, actor: Actor, found: Answer, series: Series) -> dict[str, Any]:
    standing = standing_in(series, found.place, found.period)
    key = _draft_key(series, found.place, found.period)
    draft = Draft.objects.filter(person=actor.person, form=key).first()
    typed: Mapping[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("value", "note", "status")}
    elif draft is not None:
        typed = {name: (several or [""])[0] for name, several in draft.content.items()}
    return {
        "series": series,
        "standing": standing,
        "standing_value": viewing.written(standing.value, found.indicator) if standing else "",
        "supersedes": standing.pk if standing else "",
        "draft": key,
        "draft_title": viewing.together(found.indicator.title, found.place.name, found.period),
        "from_draft": draft if request.method != "POST" else None,
        "typed": typed,
        "statuses": [(str(key), str(STATUSES[key])) for key in GIVEN],
        "status": typed.get("status") or (standing.status if standing else GIVEN[1]),
    }


def _refused(field: str, message: str, remedy: str = "") -> Invalid:
    return Invalid(message, problems=[Problem("", message, remedy, field=field)])


def _value(text: str, indicator: Indicator) -> float:
    """The number typed, in the indicator's unit."""
    try:
        number = read_in_unit(text, indicator.symbol, indicator.unit)
    except Invalid as error:
        raise _refused("value", error.message, error.remedy or "") from error
    if number.value is None:
        raise _refused("value", _("Enter a number."))
    return number.value


def _record(request: HttpRequest, actor: Actor, found: Answer) -> None:
    """Record what was posted; raises Invalid or Conflict with the field at fault."""
    wanted = request.POST.get("series", "")
    offered = {each.key: each for each in series_to_record(found.indicator, found.edition)}
    if wanted not in offered:
        raise _refused("", _("There is no series “%(key)s”.") % {"key": wanted})
    status = request.POST.get("status", "")
    if status not in GIVEN:
        raise _refused("status", _("Choose a status."))
    supersedes = request.POST.get("supersedes", "")
    record_observation(
        actor,
        series=offered[wanted],
        place=found.place,
        period=found.period,
        value=_value(request.POST.get("value", ""), found.indicator),
        status=status,
        note=request.POST.get("note", ""),
        supersedes=int(supersedes) if is_id(supersedes) else None,
    )
    key = _draft_key(offered[wanted], found.place, found.period)
    Draft.objects.filter(person=actor.person, form=key).delete()
    messages.success(request, _("Recorded. All totals above are up to date."))


def _problems(request: HttpRequest, actor: Actor, found: Answer) -> list[Problem]:
    """Record what was posted, or say what stands in the way."""
    try:
        _record(request, actor, found)
    except Conflict as error:
        typed = _("You typed %(value)s.") % {"value": request.POST.get("value", "")}
        said = viewing.joined([error.message, typed])
        return [Problem("", said, error.remedy or "", field="value")]
    except Invalid as error:
        return error.problems or [Problem("", error.message, error.remedy or "")]
    return []


# -- the page ------------------------------------------------------------------------------


def _answer(request: HttpRequest, scheme: str, indicator: str, unit: str, period: str) -> Answer:
    """The figure that the address names."""
    actor = actor_of(request)
    measured = indicator_by_key(actor, indicator, scheme)
    when = Period.parse(period)
    place = place_by_code(measured.scheme, unit, when.end)
    named = request.GET.get("edition", "")
    edition = edition_by_key(measured.scheme, named) if named else None
    return answer(actor, measured, place, when, edition=edition, known=known_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
def figure(
    request: HttpRequest, scheme: str, indicator: str, unit: str, period: str
) -> HttpResponse:
    """Everything behind one number: what states it, what makes it up, who gave it when."""
    actor = actor_of(request)
    signed_in(actor)
    found = _answer(request, scheme, indicator, unit, period)
    problems: list[Problem] = []
    if request.method == "POST":
        problems = _problems(request, actor, found)
        if not problems:
            return redirect(request.get_full_path())
    form = {}
    if found.known.is_now and not shorter_in(found.indicator, found.period):
        form = _form(request, actor, found, request.POST.get("series", ""))
    context = _shown(request, actor, found) | {"form": form, "problems": problems}
    return render(request, "figures/figure.html", context, status=422 if problems else 200)


def _shown(request: HttpRequest, actor: Actor, found: Answer) -> dict[str, Any]:
    measured = found.indicator
    history, parts = _history(actor, found), _parts(actor, found)
    summed, number = parts_of(measured), page_of(request)
    official = found.figure.official
    notes = {line.observation.pk: line.observation.note for line in history}
    return {
        "found": found,
        "indicator": measured,
        "place": found.place,
        "place_url": viewing.place_url(found.place, found.known),
        "period": found.period,
        "value": viewing.written(found.figure.value, measured),
        "rollup": viewing.written(found.figure.rollup, measured),
        "accepted": viewing.written(found.figure.accepted, measured),
        "basis": BASES[found.figure.basis],
        "sentence": viewing.sentence(found),
        "official_note": viewing.official_note(
            found, notes.get(official.observation, "") if official else ""
        ),
        "completeness": viewing.completeness_of(
            found.figure, measured.weight.title if measured.weight else ""
        ),
        "compared": _compared(found),
        "parts": parts[(number - 1) * PAGE : number * PAGE],
        "summed": summed if len(summed) > 1 else [],
        "paging": Paging(number, PAGE, len(parts)),
        "within": _within(found),
        "made": telling.whole_text(found.figure, measured),
        "so_far": telling.so_far_text(found.figure, measured),
        "over_time": telling.OVER_TIME[measured.over_time],
        "history": history,
        "marks": [mark for line in history for mark in line.said if mark.warns],
        "known": found.known,
        "crossing": found.crossing,
        "bridged": viewing.written(found.crossing.value, measured) if found.crossing else "",
        "bridge": telling.bridge_text(found.crossing, measured) if found.crossing else "",
        "not_judged": telling.not_judged(found),
        "trail": _trail(found),
        "indicator_url": viewing.indicator_url(
            measured, unit=found.place.code, period=found.period.code, edition=found.edition.key
        ),
    }


def _trail(found: Answer) -> list[Crumb]:
    above = ancestors(found.place, found.period.end)[:-1]
    crumbs = [
        Crumb(found.indicator.title, viewing.indicator_url(found.indicator)),
        *[
            Crumb(
                place.name,
                viewing.figure_url(
                    found.indicator, place, found.period, found.known, found.edition
                ),
            )
            for place in above
        ],
    ]
    return [*crumbs, Crumb(viewing.together(found.place.name, found.period))]
