"""Imports of files: uploading, the report, putting a faulty one away."""

from __future__ import annotations

from collections.abc import Mapping as Names
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.actions import dismiss_load, receive_load
from throughline.figures.loading import in_reader_language, known_mappings
from throughline.figures.models import Load
from throughline.figures.pages.answers import as_file
from throughline.figures.queries import loads_visible_to
from throughline.figures.words import FAULTS, MISSING, STATES, TREATMENTS
from throughline.files.storage import open_stored, store
from throughline.files.writing import Table, Value
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, Invalid, NotFound, Problem
from throughline.plans.packs import Mapping, read_mapping
from throughline.plans.queries import plans_visible_to
from throughline.ui.links import page_of
from throughline.ui.shapes import Crumb, Paging
from throughline.ui.writing import number

PAGE = 50
ROWS_NAMED = 200
"""How many rows of one treatment the page names; the CSV of the report has all."""
LONG = timedelta(minutes=2)
"""After which a file that nobody has read makes one doubt that anybody will."""


def _mappings(actor: Actor) -> dict[str, Path]:
    """The product's own mappings, and those of the packs of the plans that exist for the
    actor, by `pack/mapping`."""
    return known_mappings(plans_visible_to(actor).values_list("pack", flat=True))


@require_safe
def loads(request: HttpRequest) -> HttpResponse:
    """The imports that the actor may see, the last first."""
    actor = actor_of(request)
    signed_in(actor)
    rows, page = loads_visible_to(actor), page_of(request)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    context = {
        "loads": [{"load": each, "state": STATES[each.state]} for each in shown],
        "paging": Paging(page, PAGE, rows.count()),
    }
    return render(request, "figures/loads.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file and how it is to be read. It is kept and read by a job; what was read, and
    what was not, is the report's page, whether or not anything was stored."""
    actor = actor_of(request)
    signed_in(actor)
    mappings = _mappings(actor)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            return redirect("load", load=_posted(request, actor, mappings).pk)
        except Invalid as error:
            problems = error.problems or [Problem("", error.message, error.remedy or "")]
        except Forbidden as error:
            problems = [Problem("mapping", error.message, error.remedy or "", field="mapping")]
    context = {
        "mappings": [(key, _title(path)) for key, path in mappings.items()],
        "mapping": request.POST.get("mapping", ""),
        "partial": bool(request.POST.get("partial")),
        "problems": problems,
        "trail": [Crumb(_("Imports"), reverse("loads")), Crumb(_("New import"))],
    }
    return render(request, "figures/upload.html", context, status=422 if problems else 200)


def _title(path: Path) -> str:
    mapping: Mapping = read_mapping(path)
    return f"{in_reader_language(mapping.title)} ({path.stem})"


def _posted(request: HttpRequest, actor: Actor, mappings: dict[str, Path]) -> Load:
    chosen = mappings.get(request.POST.get("mapping", ""))
    sent = request.FILES.get("file")
    problems = []
    if chosen is None:
        problems.append(Problem("mapping", _("Choose how the file is read."), field="mapping"))
    if sent is None:
        problems.append(Problem("file", _("Choose a file."), field="file"))
    if chosen is None or sent is None:
        raise Invalid(_("The import cannot begin."), problems=problems)
    name = sent.name or "upload"
    return receive_load(
        actor,
        file=store(sent.read(), name),
        file_name=name,
        mapping=read_mapping(chosen),
        name=request.POST["mapping"],
        partial=bool(request.POST.get("partial")),
    )


def _visible(request: HttpRequest, load: int) -> Load:
    actor = actor_of(request)
    signed_in(actor)
    found = loads_visible_to(actor).select_related("file", "body").filter(pk=load).first()
    if found is None:
        raise NotFound(_("There is no such import."))
    return found


def _sentence(load: Load) -> str:
    """What the import came to."""
    about = {
        "stored": number(load.stored),
        "unchanged": number(load.unchanged),
        "refused": number(load.refused),
    }
    if load.state != Load.State.STORED:
        return (
            ngettext(
                "%(refused)s fault was found and nothing was stored. The file is kept.",
                "%(refused)s faults were found and nothing was stored. The file is kept.",
                load.refused,
            )
            % about
        )
    if load.refused:
        return (
            ngettext(
                "%(stored)s figures were stored, %(unchanged)s stood already; %(refused)s fault"
                " was found, and what it concerns was left out.",
                "%(stored)s figures were stored, %(unchanged)s stood already; %(refused)s faults"
                " were found, and what they concern was left out.",
                load.refused,
            )
            % about
        )
    return _("%(stored)s figures were stored, %(unchanged)s stood already; no fault.") % about


@require_safe
def load(request: HttpRequest, load: int) -> HttpResponse:
    """The report of an import: every row accounted for, every fault with its place. While it
    is being read, the page says so and looks again by itself."""
    found = _visible(request, load)
    trail = [Crumb(_("Imports"), reverse("loads")), Crumb(found.file_name)]
    if found.state == Load.State.READING:
        waiting = {"load": found, "trail": trail, "long": clock.now() - found.at > LONG}
        return render(request, "figures/load_reading.html", waiting)
    report = found.report
    context = {
        "load": found,
        "sentence": _sentence(found),
        "units": report.get("units", 0),
        "mine": found.person == actor_of(request).person,
        "decisions": _decisions(report),
        "missing": _missing(report),
        "checks": report.get("checks", []),
        "remarks": report.get("remarks", []),
        "faults": report.get("problems", []),
        "kinds": _kinds(report),
        "superseded": report.get("superseded", []),
        "superseded_count": report.get("superseded_count", len(report.get("superseded", []))),
        "trail": trail,
    }
    return render(request, "figures/load.html", context)


def _decisions(report: Names[str, Any]) -> list[dict[str, object]]:
    """The rows that are no plain units, by what was done with them and why."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in report.get("decisions", []):
        named = f"{each['row']} {each['name']}" + (f" → {each['code']}" if each["code"] else "")
        groups.setdefault((each["treat"], each["why"]), []).append(named)
    return [
        {
            "treat": TREATMENTS.get(treat, treat),
            "why": why,
            "count": len(rows),
            "rows": rows[:ROWS_NAMED],
            "more": len(rows) > ROWS_NAMED,
        }
        for (treat, why), rows in groups.items()
    ]


def _missing(report: Names[str, Any]) -> list[dict[str, object]]:
    return [
        {
            "column": column,
            "kind": MISSING.get(kind, kind),
            "count": missed["count"],
            "first": missed["rows"][:5],
        }
        for column, kinds in report.get("missing", {}).items()
        for kind, missed in kinds.items()
    ]


def _kinds(report: Names[str, Any]) -> list[dict[str, object]]:
    """How many faults there are of a kind in a column."""
    return [
        {"column": each["column"], "kind": FAULTS.get(each["kind"], ""), "count": each["count"]}
        for each in report.get("faults", [])
    ]


@require_safe
def progress(request: HttpRequest, load: int) -> HttpResponse:
    """Asked again and again by the page of a file that is being read: when it has been read,
    the page is to be fetched anew."""
    found = _visible(request, load)
    answer = HttpResponse(status=204)
    if found.state != Load.State.READING:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
def faults(request: HttpRequest, load: int, form: str) -> HttpResponse:
    """The faults of an import as a file, for whoever corrects the original beside it."""
    found = _visible(request, load)
    lines: list[list[Value]] = [
        [found.file_name, each["place"], each["field"], each["message"], each["remedy"]]
        for each in found.report.get("problems", [])
    ]
    if found.refused > len(lines):
        more = _("%(count)s more faults are not listed.") % {
            "count": number(found.refused - len(lines))
        }
        lines.append([found.file_name, "", "", more, _("Mend these, then upload the file again.")])
    columns = [
        _("File"), _("Where"), _("Column"), _("What is wrong"), _("What mends it"),
    ]  # fmt: skip
    name = f"{Path(found.file_name).stem}-{_('faults')}"
    return as_file([Table(_("Faults"), columns, lines)], name, form)


@require_POST
def dismiss(request: HttpRequest, load: int) -> HttpResponse:
    """Put a faulty import away."""
    dismiss_load(actor_of(request), load=_visible(request, load))
    return redirect("my-work")


@require_safe
def original(request: HttpRequest, load: int) -> FileResponse:
    """The file as it was uploaded."""
    found = _visible(request, load)
    return FileResponse(open_stored(found.file), as_attachment=True, filename=found.file_name)
