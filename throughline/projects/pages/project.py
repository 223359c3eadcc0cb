"""One project as people read it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.files.pictures import picture_type
from throughline.files.storage import open_stored
from throughline.projects.models import Project
from throughline.projects.permissions import require_keeping
from throughline.projects.queries import (
    contracts_of,
    elements_served,
    entries_of,
    notes_of,
    picture_by_id,
    project_by_key,
)
from throughline.projects.rules.life import ProjectDeed, ProjectState, allows
from throughline.projects.rules.money import FundingStage, Source
from throughline.projects.viewing import (
    BAR,
    ContractLine,
    lets,
    money_rows,
    state_shown,
    story_of,
)
from throughline.projects.words import SOURCES, STAGES
from throughline.ui.shapes import Crumb
from throughline.ui.writing import day as written_day
from throughline.ui.writing import number


def trail(project: Project, here: str = "") -> list[Crumb]:
    """The way down to a project, or to something about it."""
    above = Crumb(_("Projects"), f"{reverse('projects')}?register={project.register.scheme.key}")
    if not here:
        return [above, Crumb(project.title)]
    return [above, Crumb(project.title, url_of(project)), Crumb(here)]


def url_of(project: Project) -> str:
    """The page of a project."""
    return reverse("project", args=[project.key])


@require_safe
def project(request: HttpRequest, key: str) -> HttpResponse:
    """A project: its money by source and stage, phases, contracts, progress, what it serves."""
    actor = actor_of(request)
    signed_in(actor)
    row = project_by_key(actor, key)
    keeps = lets(lambda: require_keeping(actor, row))
    entries, notes = entries_of(row), notes_of(row)
    may = {deed.value: keeps and allows(row.state, deed) for deed in ProjectDeed}
    context = {
        "project": row,
        "register": row.register,
        "state": state_shown(row.state),
        "sentence": _sentence(row, notes[0].done if notes else None),
        "money": money_rows(entries, pgettext("money", "All sources")),
        "entries": [
            (each, SOURCES[Source(each.source)], STAGES[FundingStage(each.stage)])
            for each in reversed(entries)
        ],
        "bar": BAR,
        "phases": list(row.phases.order_by("position")),
        "contracts": [
            ContractLine(
                each, reverse("correct-contract", args=[each.pk]) if may["contract"] else ""
            )
            for each in contracts_of(row)
        ],
        "notes": notes,
        "land": row.land.normalize() if row.land is not None else None,
        "places": list(row.places.select_related("scheme").order_by("sort_key", "code")),
        "elements": elements_served(row),
        "story": story_of(row),
        "may": may,
        "trail": trail(row),
    }
    return render(request, "projects/project.html", context)


def _sentence(row: Project, done: Decimal | None) -> str:
    """Where it stands, in words."""
    if row.state == ProjectState.CEASED:
        return _("Given up on %(day)s: %(reason)s") % {
            "day": _written(row.finish_actual), "reason": row.ceased_because,
        }  # fmt: skip
    if row.state == ProjectState.FINISHED:
        return _("Finished on %(day)s.") % {"day": _written(row.finish_actual)}
    if row.state == ProjectState.PLANNED:
        if row.start_planned is None:
            return _("Work has not started.")
        return _("Work is to start on %(day)s.") % {"day": _written(row.start_planned)}
    started = _written(row.start_actual)
    if done is None:
        return _("Work started on %(day)s; no progress is noted yet.") % {"day": started}
    return _("Work started on %(day)s; %(done)s per cent is done.") % {
        "day": started, "done": number(done),
    }  # fmt: skip


def _written(day: date | None) -> str:
    return "" if day is None else written_day(day, get_language() or "en")


@require_safe
def picture(request: HttpRequest, picture: int) -> FileResponse:
    """A picture of progress, shown as the kind of picture that its content is."""
    actor = actor_of(request)
    signed_in(actor)
    row = picture_by_id(actor, picture)
    return FileResponse(open_stored(row.file), content_type=picture_type(row.file))
