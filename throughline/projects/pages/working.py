"""The work on projects, by form: phases, start, progress with pictures, the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from throughline.bodies.pages.forms import Input, Question, Typed, carried, refused
from throughline.files.carrying import Carried, files_in, tokens_of
from throughline.kernel.errors import Invalid
from throughline.projects import actions
from throughline.projects.actions import Phase
from throughline.projects.models import ProjectPhase
from throughline.projects.pages.keeping import FORM, amount_and_day, answered, kept
from throughline.projects.pages.project import trail, url_of
from throughline.projects.queries import day_of


@require_http_methods(FORM)
def set_phases(request: HttpRequest, key: str) -> HttpResponse:
    """Set the phases of a project, one on each line."""
    actor, row = kept(request, key)

    def act(typed: Typed) -> HttpResponse:
        actions.set_phases(actor, project=row, phases=_phases(typed.lines("phases")))
        return answered(request, row, _("The phases are set."))

    question = Question(
        title=_("Phases of the project"),
        told=[_("One phase on each line: its first day, its last day, then what it is.")],
        inputs=[
            Input("phases", _("Phases"), kind="area", required=False,
                  hint=_("For example: 2025-03-01 2025-09-30 Foundations"))
        ],
        button=_("Set the phases"),
        back=url_of(row),
        trail=trail(row, _("Phases of the project")),
        initial=Typed.of(
            phases="\n".join(_written(each) for each in row.phases.order_by("position"))
        ),
        draft=f"project:{row.pk}:phases",
    )  # fmt: skip
    return carried(request, question, act)


def _written(phase: ProjectPhase) -> str:
    return f"{phase.starts.isoformat()} {phase.ends.isoformat()} {phase.title}"


def _phases(lines: Sequence[str]) -> list[Phase]:
    phases = []
    for number, line in enumerate(lines, start=1):
        starts, ends, title = [*line.split(maxsplit=2), "", "", ""][:3]
        try:
            days = date.fromisoformat(starts), date.fromisoformat(ends)
        except ValueError as error:
            message = _("Line %(number)s does not begin with two days such as 2025-06-30.")
            raise refused("phases", message % {"number": number}) from error
        phases.append(Phase(title=title, starts=days[0], ends=days[1]))
    return phases


@require_http_methods(FORM)
def start_project(request: HttpRequest, key: str) -> HttpResponse:
    """Put on record that work started."""
    actor, row = kept(request, key)

    def act(typed: Typed) -> HttpResponse:
        actions.start_project(actor, project=row, on=typed.day("on"))
        return answered(request, row, _("The start is on record."))

    question = Question(
        title=_("Work started"),
        told=[row.title],
        inputs=[Input("on", _("Day"), kind="date")],
        button=_("Record the start"),
        back=url_of(row),
        trail=trail(row, _("Work started")),
        initial=Typed.of(on=day_of(row.register)),
        draft=f"project:{row.pk}:start",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def finish_project(request: HttpRequest, key: str) -> HttpResponse:
    """Put on record that a project was finished."""
    actor, row = kept(request, key)

    def act(typed: Typed) -> HttpResponse:
        actions.finish_project(actor, project=row, on=typed.day("on"))
        return answered(request, row, _("The finish is on record."))

    question = Question(
        title=_("The project is finished"),
        told=[row.title],
        facts=[_("No progress is noted any more; money may still arrive and be spent.")],
        inputs=[Input("on", _("Day"), kind="date")],
        button=_("Record the finish"),
        back=url_of(row),
        trail=trail(row, _("The project is finished")),
        initial=Typed.of(on=day_of(row.register)),
        draft=f"project:{row.pk}:finish",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def cease_project(request: HttpRequest, key: str) -> HttpResponse:
    """Give a project up."""
    actor, row = kept(request, key)

    def act(typed: Typed) -> HttpResponse:
        actions.cease_project(actor, project=row, on=typed.day("on"), reason=typed.text("reason"))
        return answered(request, row, _("The project is given up; what is on record stays."))

    question = Question(
        title=_("Give the project up"),
        told=[row.title],
        facts=[_("Its page, its contracts and its money stay; it is not taken up again.")],
        inputs=[
            Input("on", _("Day"), kind="date"),
            Input("reason", _("By which paper, or why"), hint=_("It stands on its page.")),
        ],
        button=_("Give it up"),
        back=url_of(row),
        trail=trail(row, _("Give the project up")),
        initial=Typed.of(on=day_of(row.register)),
        draft=f"project:{row.pk}:cease",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def note_progress(request: HttpRequest, key: str) -> HttpResponse:
    """Note how far a project has come, with pictures. Pictures that came with a form that is
    refused are still there when it comes back."""
    actor, row = kept(request, key)
    pictures: list[Carried] = files_in(request) if request.method == "POST" else []

    def act(typed: Typed) -> HttpResponse:
        done, on = _share_and_day(typed)
        actions.note_progress(
            actor, project=row, on=on, done=done, text=typed.text("text"), pictures=pictures
        )
        return answered(request, row, _("The progress is noted."))

    question = Question(
        title=_("Note progress"),
        told=[row.title],
        inputs=[
            Input("on", _("Day"), kind="date", hint=_("On which it stood so.")),
            Input("done", _("Done"), kind="figure", hint=_("In per cent of the whole.")),
            Input("text", _("What was done"), kind="area"),
        ],
        button=_("Note it"),
        back=url_of(row),
        trail=trail(row, _("Note progress")),
        initial=Typed.of(on=day_of(row.register)),
        draft=f"project:{row.pk}:progress",
        template="projects/progress_form.html",
        beside=tokens_of(pictures),
    )
    return carried(request, question, act)


def _share_and_day(typed: Typed) -> tuple[Decimal | None, date | None]:
    given = Typed({"amount": typed.several("done"), "on": typed.several("on")})
    try:
        return amount_and_day(given, "on")
    except Invalid as error:
        named = {"amount": "done"}
        raise Invalid(
            error.message,
            problems=[
                replace(each, place="", field=named.get(each.field, each.field))
                for each in error.problems
            ],
        ) from error
