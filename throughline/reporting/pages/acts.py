"""What becomes of a report, each act by its button or form."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried, unchosen
from throughline.bodies.permissions import signed_in
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.reporting import actions
from throughline.reporting.asking import AskedLine, asked_of
from throughline.reporting.laying.rows import written
from throughline.reporting.models import Extension, Report
from throughline.reporting.pages.cycles import FORM, instant_in, needed_instant
from throughline.reporting.permissions import (
    require_filling,
    require_returning,
    require_reviewing,
    require_running,
)
from throughline.reporting.queries import report_of, reports_visible_to
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tickets import admit_signature
from throughline.ui import writing
from throughline.ui.shapes import Crumb

CELL = "cell-"
"""How the fields of reasons at cells begin."""


def found(request: HttpRequest, cycle: str, place: str) -> tuple[Actor, Report]:
    """The actor and a report that it sees."""
    actor = actor_of(request)
    signed_in(actor)
    return actor, report_of(actor, cycle, place)


def url_of(row: Report) -> str:
    """The page of a report."""
    return reverse("report-sheet", args=[row.cycle.key, row.place.code])


def trail(row: Report, here: str = "") -> list[Crumb]:
    """The way to a report, or to a form of it."""
    steps = [
        Crumb(_("Reporting"), reverse("cycles")),
        Crumb(row.cycle.title, reverse("cycle", args=[row.cycle.key])),
        Crumb(row.place.name, url_of(row) if here else ""),
    ]
    return [*steps, Crumb(here)] if here else steps


@require_POST
def review(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Review a prepared report."""
    actor, row = found(request, cycle, place)
    actions.review_report(actor, report=row)
    messages.success(request, _("Reviewed. It is signed next."))
    return redirect(url_of(row))


@require_POST
def sign(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Sign a report: it goes up."""
    actor, row = found(request, cycle, place)
    admit_signature(actor, row)
    signed = actions.sign_report(actor, report=row)
    messages.success(
        request,
        _("Signed. The figures are on record as provisional ones, marked late.")
        if signed.late
        else _("Signed. The figures are on record as provisional ones until they are checked."),
    )
    return redirect(url_of(row))


@require_http_methods(FORM)
def send_back(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Send a report back inside the body, with the reason."""
    actor, row = found(request, cycle, place)
    require_reviewing(actor, row)
    title = _("Send the report back")
    question = Question(
        title=title,
        inputs=[Input("reason", _("Reason"), kind="area")],
        button=_("Send back"),
        back=url_of(row),
        trail=trail(row, title),
        told=[_("Whoever prepared it is told why, and can correct it.")],
        draft=f"report:{row.pk}:send-back",
    )

    def act(typed: Typed) -> HttpResponse:
        actions.send_back_report(actor, report=row, reason=typed.text("reason"))
        messages.success(request, _("Sent back."))
        return redirect(url_of(row))

    return carried(request, question, act)


@require_http_methods(FORM)
def check(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Pass a signed report on, or accept it."""
    actor, row = found(request, cycle, place)
    if request.method != "POST":
        return redirect(url_of(row))
    done = actions.check_report(actor, report=row, note=request.POST.get("note", ""))
    messages.success(
        request,
        _("Accepted: the figures count.")
        if done.step == ReportStep.ACCEPTED
        else _("Checked. It goes on to %(whose)s.")
        % {"whose": done.turn.name if done.turn else row.cycle.owner.name},
    )
    return redirect(url_of(row))


@require_http_methods(FORM)
def give_back(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Return a report, with reasons at its cells or for the whole."""
    actor, row = found(request, cycle, place)
    require_returning(actor, row)
    title = _("Return the report")
    lines = asked_of(row).lines
    question = Question(
        title=title,
        inputs=[
            Input(
                "reason", _("Reason for the whole"), kind="area", required=False,
                hint=_("A reason at a cell is enough."),
            ),
            *(
                Input(
                    CELL + each.key, f"{each.line.number} {each.series.indicator.title}".strip(),
                    required=False, hint=_stands(row, each),
                )
                for each in lines
            ),
        ],
        button=_("Return"),
        back=url_of(row),
        trail=trail(row, title),
        told=[
            _("Write the reason at each figure that comes back; a figure without one stays."),
            _("The unit is told, and so is every tier that had passed the report on."),
            _("Its figures stay on record as provisional ones until they are corrected."),
        ],
        draft=f"report:{row.pk}:return",
    )  # fmt: skip

    def act(typed: Typed) -> HttpResponse:
        cells = {each.key: typed.text(CELL + each.key) for each in lines}
        actions.return_report(
            actor, report=row, reason=typed.text("reason"),
            cells={key: text for key, text in cells.items() if text},
        )  # fmt: skip
        messages.success(request, _("Returned."))
        return redirect(url_of(row))

    return carried(request, question, act)


def _stands(row: Report, line: AskedLine) -> str:
    """What a report says in a line, for whoever writes why it comes back."""
    given = row.values.get(line.key)
    if given is None or given["absent"] or given["value"] is None:
        word = _("not applicable") if given and given["absent"] else pgettext("cell", "empty")
        return _("Given: %(figure)s") % {"figure": word}
    indicator = line.series.indicator
    text = written(given["value"], indicator.decimals)
    figure = writing.noted(text, indicator.unit, _language()) if indicator.unit else text
    return _("Given: %(figure)s") % {"figure": figure}


def _language() -> str:
    return get_language() or "en"


def _at(row: Report, instant: datetime) -> str:
    """An instant as its cycle counts it."""
    return writing.instant(instant, ZoneInfo(row.cycle.zone), _language())


def _later(row: Report) -> datetime:
    """An example of more time: three days after what the unit has."""
    return row.times.due.astimezone(ZoneInfo(row.cycle.zone)) + timedelta(days=3)


@require_http_methods(FORM)
def more_time(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Ask for more time for a unit."""
    actor, row = found(request, cycle, place)
    require_filling(actor, row)
    title, due = _("Ask for more time"), row.times.due
    question = Question(
        title=title,
        inputs=[
            Input(
                "until", pgettext("more time", "Until"),
                hint=_("To the second, such as %(example)s. In the plan’s zone, %(zone)s.")
                % {"example": f"{_later(row):%Y-%m-%d %H:%M:%S}", "zone": row.cycle.zone},
            ),
            Input("reason", _("Reason"), kind="area"),
        ],
        button=_("Ask"),
        back=url_of(row),
        trail=trail(row, title),
        told=[
            _("%(place)s has time until %(at)s.") % {"place": row.place.name, "at": _at(row, due)},
            _("%(owner)s decides on it.") % {"owner": row.cycle.owner.name},
        ],
        draft=f"report:{row.pk}:more-time",
    )  # fmt: skip

    def act(typed: Typed) -> HttpResponse:
        actions.ask_extension(
            actor, report=row, until=needed_instant(typed, "until", row.cycle.zone),
            reason=typed.text("reason"),
        )  # fmt: skip
        messages.success(request, _("Asked for."))
        return redirect(url_of(row))

    return carried(request, question, act)


@require_http_methods(FORM)
def decide_time(request: HttpRequest, extension: int) -> HttpResponse:
    """Grant more time or refuse it."""
    actor = actor_of(request)
    signed_in(actor)
    seen = Extension.objects.filter(pk=extension, report__in=reports_visible_to(actor))
    asked = seen.select_related("report__cycle__owner", "report__place").first()
    if asked is None:
        raise NotFound(_("There is no such request for more time."))
    row = asked.report
    require_running(actor, row.cycle)
    title = _("Decide on more time")
    zone = row.cycle.zone
    choices = unchosen([("grant", _("grant it")), ("refuse", _("refuse it"))])
    question = Question(
        title=title,
        inputs=[
            Input("decision", _("Decision"), kind="choice", choices=choices),
            Input("until", pgettext("more time", "Until"), required=False,
                  hint=_("Empty: as asked for. In the plan’s zone, %(zone)s.") % {"zone": zone}),
            Input("answer", _("Answer"), kind="area", required=False,
                  hint=_("A refusal needs its reason.")),
        ],
        button=_("Decide"),
        back=reverse("cycle", args=[row.cycle.key]),
        trail=trail(row, title),
        told=[
            _("%(place)s asks for time until %(at)s; it has time until %(due)s.")
            % {
                "place": row.place.name, "at": _at(row, asked.until),
                "due": _at(row, row.times.due),
            },
            _("Its reason: “%(reason)s”") % {"reason": asked.reason},
        ],
        draft=f"extension:{asked.pk}:decide",
    )  # fmt: skip

    def act(typed: Typed) -> HttpResponse:
        actions.decide_extension(
            actor, extension=asked, granted=typed.one_of("decision", choices) == "grant",
            until=instant_in(typed, "until", zone), answer=typed.text("answer"),
        )  # fmt: skip
        messages.success(request, _("Decided; the unit is told."))
        return redirect("cycle", row.cycle.key)

    return carried(request, question, act)
