"""One number with everything behind it, and the form that records it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import names_of
from throughline.figures import viewing
from throughline.figures.actions import record_observation
from throughline.figures.models import Observation, Series
from throughline.figures.pages.asking import known_of
from throughline.figures.permissions import require_recording
from throughline.figures.queries import (
    Answer,
    answer,
    contributions,
    edition_by_key,
    entries_of,
    observations_behind,
    series_to_record,
)
from throughline.figures.rollup import Stated
from throughline.files.numbers import read_number
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, Problem, ThroughlineError
from throughline.kernel.models import Draft, JournalEntry
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.places.queries import ancestors, place_by_code
from throughline.plans.queries import indicator_by_key
from throughline.ui.shapes import Crumb

STATUSES = {
    # Translators: 初步
    Observation.Status.PRELIMINARY: gettext_lazy("preliminary"),
    # Translators: 待审
    Observation.Status.UNREVIEWED: gettext_lazy("unreviewed"),
    Observation.Status.ACCEPTED: gettext_lazy("accepted"),
    # Translators: 最终核实
    Observation.Status.FINAL: gettext_lazy("final"),
    # Translators: 普查修订
    Observation.Status.CENSUS_REVISION: gettext_lazy("census revision"),
}


@dataclass(frozen=True)
class Line:
    """One observation in the history of a cell."""

    observation: Observation
    value: str
    entry: JournalEntry | None
    person: str
    stands: bool


@dataclass(frozen=True)
class Compared:
    """A stated total beside the sum of the units below."""

    stated: Stated
    value: str
    gap: str
    agrees: bool


def _history(actor: Actor, found: Answer) -> list[Line]:
    rows = list(observations_behind(actor, found.indicator, found.place, found.period, found.known))
    entries = entries_of(rows)
    names = names_of({entry.person for entry in entries.values()})
    seen: set[int] = set()
    lines = []
    for row in rows:
        entry = entries.get(row.act)
        lines.append(
            Line(
                row,
                viewing.written(row.value, row.series.indicator),
                entry,
                names.get(entry.person, "") if entry else "",
                stands=row.series_id not in seen,
            )
        )
        seen.add(row.series_id)
    return lines


def _compared(found: Answer) -> list[Compared]:
    rollup, indicator = found.figure.rollup, found.indicator
    lines = []
    for each in found.figure.stated:
        gap = each.value - rollup if rollup is not None else None
        text = viewing.written(gap, indicator) if gap is not None else ""
        agrees = gap is not None and round(gap, indicator.decimals) == 0
        lines.append(Compared(each, viewing.written(each.value, indicator), text, agrees))
    return lines


def _draft_key(series: Series, place: Place, period: Period) -> str:
    return f"figure:{series.key}:{place.code}:{period.code}"


def _form(
    request: HttpRequest, actor: Actor, found: Answer, problems: Sequence[Problem]
) -> dict[str, Any]:
    """What the form that records the figure needs; empty where the actor may not."""
    series = series_to_record(found.indicator, found.edition)
    refusal: ThroughlineError | None = None
    for each in series:
        try:
            require_recording(actor, each, found.place)
        except ThroughlineError as error:
            refusal = error
            continue
        return _open_form(request, actor, found, each, problems)
    return {"locked": refusal} if isinstance(refusal, Forbidden) else {}


def _open_form(
    request: HttpRequest,
    actor: Actor,
    found: Answer,
    series: Series,
    problems: Sequence[Problem],
) -> dict[str, Any]:
    standing = (
        Observation.objects.filter(series=series, place=found.place, period=found.period.code)
        .order_by("-id")
        .first()
    )
    key = _draft_key(series, found.place, found.period)
    draft = Draft.objects.filter(person=actor.person, form=key).first()
    typed: dict[str, Any] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("value", "note", "status")}
    elif draft is not None:
        typed = {name: (text or [""])[0] for name, text in draft.content.items()}
    return {
        "series": series,
        "standing": standing,
        "supersedes": standing.pk if standing else "",
        "draft": key,
        "draft_title": f"{found.indicator.title}, {found.place.name}, {found.period}",
        "from_draft": draft is not None and request.method != "POST",
        "typed": typed,
        "problems": problems,
        "statuses": [(key.value, str(word)) for key, word in STATUSES.items()],
        "status": typed.get("status") or (standing.status if standing else "unreviewed"),
    }


def _posted(request: HttpRequest, actor: Actor, found: Answer) -> Observation:
    """Record what was posted; raises Invalid or Conflict with the field at fault."""
    series = next(
        each
        for each in series_to_record(found.indicator, found.edition)
        if each.key == request.POST.get("series")
    )
    try:
        number = read_number(request.POST.get("value", ""))
    except Invalid as error:
        raise Invalid(
            error.message,
            problems=[Problem("value", error.message, error.remedy or "", field="value")],
        ) from error
    if number.value is None and not request.POST.get("withdraw"):
        message = _("Enter a number.")
        raise Invalid(message, problems=[Problem("value", message, field="value")])
    status = request.POST.get("status", "")
    if status not in STATUSES:
        message = _("Choose a status.")
        raise Invalid(message, problems=[Problem("status", message, field="status")])
    supersedes = request.POST.get("supersedes", "")
    row = record_observation(
        actor,
        series=series,
        place=found.place,
        period=found.period,
        value=number.value,
        status=status,
        note=request.POST.get("note", ""),
        supersedes=int(supersedes) if supersedes.isdigit() else None,
    )
    Draft.objects.filter(
        person=actor.person, form=_draft_key(series, found.place, found.period)
    ).delete()
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def figure(
    request: HttpRequest, scheme: str, indicator: str, unit: str, period: str
) -> HttpResponse:
    """Everything behind one number: what states it, what makes it up, who gave it when."""
    actor = actor_of(request)
    signed_in(actor)
    known = known_of(request)
    measured = indicator_by_key(actor, indicator, scheme)
    when = Period.parse(period)
    place = place_by_code(measured.scheme, unit, when.end)
    named = request.GET.get("edition", "")
    edition = edition_by_key(measured.scheme, named) if named else None
    found = answer(actor, measured, place, when, edition=edition, known=known)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            _posted(request, actor, found)
            return redirect(request.get_full_path())
        except Invalid as error:
            problems = error.problems or [Problem("", error.message, error.remedy or "")]
        except Conflict as error:
            problems = [Problem("value", error.message, error.remedy or "", field="value")]
    below = contributions(found, actor)
    context = {
        "found": found,
        "indicator": measured,
        "place": place,
        "period": when,
        "value": viewing.written(found.figure.value, measured),
        "rollup": viewing.written(found.figure.rollup, measured),
        "accepted": viewing.written(found.figure.accepted, measured),
        "sentence": viewing.sentence(found),
        "official_note": viewing.official_note(found),
        "completeness": viewing.completeness_of(
            found.figure, measured.weight.title if measured.weight else ""
        ),
        "compared": _compared(found),
        "below": [
            {
                "name": each.place.name,
                "url": viewing.figure_url(measured, each.place, when, known),
                "value": viewing.written(each.figure.value, measured, unit=False),
                "basis": each.figure.basis,
                "completeness": viewing.completeness_of(each.figure),
                "simulated": each.figure.simulated,
            }
            for each in below
        ],
        "history": _history(actor, found),
        "form": _form(request, actor, found, problems) if known.is_now else {},
        "problems": problems,
        "known": known,
        "trail": _trail(found),
        "indicator_url": viewing.indicator_url(measured, unit=place.code, period=when.code),
    }
    status = 422 if problems else 200
    return render(request, "figures/figure.html", context, status=status)


def _trail(found: Answer) -> list[Crumb]:
    above = ancestors(found.place, found.period.end)[:-1]
    crumbs = [
        Crumb(found.indicator.title, viewing.indicator_url(found.indicator)),
        *[
            Crumb(place.name, viewing.figure_url(found.indicator, place, found.period, found.known))
            for place in above
        ],
    ]
    return [*crumbs, Crumb(f"{found.place.name}, {found.period}")]
