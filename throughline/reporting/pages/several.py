"""The sheets of several units as one workbook: taken away, filled in elsewhere, given in, and
what became of it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.pages.answers import CSV, XLSX, attached
from throughline.files.storage import open_stored
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.text import is_id
from throughline.reporting.models import Cycle, Workbook
from throughline.reporting.pages.cycles import FORM
from throughline.reporting.queries import cycle_by_key
from throughline.reporting.sheets import write, write_csv
from throughline.reporting.workbooks import (
    filled_in_by,
    marked_of,
    receive_workbook,
    require_several,
    template_of_several,
    workbooks_visible_to,
)
from throughline.ui.shapes import Crumb

RECENT = 10
"""How many of the workbooks given in before the page lists."""


def _trail(cycle: Cycle, *more: Crumb) -> list[Crumb]:
    return [
        Crumb(_("Reporting"), reverse("cycles")),
        Crumb(cycle.title, reverse("cycle", args=[cycle.key])),
        *more,
    ]


@require_http_methods(FORM)
def several(request: HttpRequest, cycle: str) -> HttpResponse:
    """Take away the sheets of all units for which one reports, and give them in."""
    actor = actor_of(request)
    signed_in(actor)
    row = cycle_by_key(actor, cycle)
    reports = filled_in_by(actor, row)
    count = reports.count()
    first = list(reports[:3])
    require_several(first)
    problems: list[Problem] = []
    if request.method == "POST":
        sent = request.FILES.get("file")
        try:
            if sent is None:
                raise Invalid(_("No file was sent."), problems=[_no_file()])
            given = receive_workbook(actor, row, sent.read(), sent.name or "workbook")
        except Invalid as error:
            problems = error.problems or [
                Problem("", error.message, error.remedy or "", field="file")
            ]
        else:
            return redirect("workbook", given.pk)
    context = {
        "cycle": row,
        "count": count,
        "names": [each.place.name for each in first],
        "more": max(0, count - 3),
        "problems": problems,
        "before": list(workbooks_visible_to(actor).filter(cycle=row)[:RECENT]),
        "trail": _trail(row, Crumb(_("One workbook for several units"))),
    }
    return render(request, "reporting/several.html", context, status=422 if problems else 200)


def _no_file() -> Problem:
    return Problem("", _("Choose a file."), field="file")


@require_safe
def several_file(request: HttpRequest, cycle: str, form: str) -> HttpResponse:
    """The sheets of all units for which one reports, with what stands in them, as a file."""
    actor = actor_of(request)
    signed_in(actor)
    row = cycle_by_key(actor, cycle)
    found = template_of_several(
        actor, row, list(filled_in_by(actor, row)), row.zone, get_language() or "en"
    )
    if form == "xlsx":
        return attached(write(found.template), f"{row.key}.xlsx", XLSX)
    if form == "csv":
        return attached(write_csv(found.template), f"{row.key}.csv", CSV)
    raise NotFound(_("Tables come as CSV or XLSX."))


def _visible(request: HttpRequest, workbook: int) -> Workbook:
    actor = actor_of(request)
    signed_in(actor)
    rows = workbooks_visible_to(actor).filter(pk=workbook)
    found = rows.first() if is_id(str(workbook)) else None
    if found is None:
        raise NotFound(_("There is no such workbook."))
    return found


@require_safe
def workbook(request: HttpRequest, workbook: int) -> HttpResponse:
    """What became of a workbook that was given in; while it is read, how far it is."""
    row = _visible(request, workbook)
    report: dict[str, Any] = row.report
    chinese = (get_language() or "en").startswith("zh")
    units = [
        each | {"name": (each["name_zh"] if chinese else each["name_en"]) or each["name_zh"]}
        for each in report.get("units", [])
    ]
    context = {
        "workbook": row,
        "cycle": row.cycle,
        "is_read": row.state != Workbook.State.READING,
        "is_refused": row.state == Workbook.State.REFUSED,
        "report": report,
        "units": units,
        "said": _said(row) if row.state == Workbook.State.DONE else "",
        "more_rejects": report.get("rejected", 0) - len(report.get("rejects", [])),
        "more_found": report.get("faults", 0) - len(report.get("found", [])),
        "trail": _trail(
            row.cycle,
            Crumb(
                _("One workbook for several units"), reverse("cycle-workbook", args=[row.cycle.key])
            ),
            Crumb(row.name),
        ),
    }
    status = 200 if row.state != Workbook.State.REFUSED else 422
    return render(request, "reporting/several_read.html", context, status=status)


def _said(row: Workbook) -> str:
    changed, units = row.report["changed"], row.units
    if not changed and row.report["rejected"]:
        return _("What could be read stood there already: nothing was changed.")
    if not changed:
        return _("The file says what stood there already: nothing was changed.")
    cells = ngettext("%(count)s cell", "%(count)s cells", changed) % {"count": changed}
    return ngettext(
        "%(cells)s of %(units)s unit were filled from the file.",
        "%(cells)s of %(units)s units were filled from the file.",
        units,
    ) % {"cells": cells, "units": units}


@require_safe
def progress(request: HttpRequest, workbook: int) -> HttpResponse:
    """Asked again and again by the page of a workbook that is being read: how far it is; when
    it has been read, the page is to be fetched anew."""
    row = _visible(request, workbook)
    if row.state != Workbook.State.READING:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "reporting/several_progress.html", {"workbook": row})


@require_safe
def marked_workbook(request: HttpRequest, workbook: int) -> FileResponse:
    """The workbook that was given in, with a remark at each cell at fault."""
    row = _visible(request, workbook)
    return FileResponse(
        open_stored(marked_of(row)), as_attachment=True, filename=row.name, content_type=XLSX
    )
