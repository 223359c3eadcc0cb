"""Imports of files: uploading, the report, putting a faulty one away."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.figures.actions import dismiss_load, load_observations
from throughline.figures.loading.interpreting import in_reader_language
from throughline.figures.models import Load
from throughline.figures.queries import loads_visible_to
from throughline.figures.words import MISSING, STATES, TREATMENTS
from throughline.files.storage import open_stored, store
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, Invalid, NotFound, Problem
from throughline.plans.packs import Mapping, read_mapping
from throughline.plans.queries import plans_visible_to
from throughline.running.home import CHECKOUT
from throughline.ui.links import page_of
from throughline.ui.shapes import Crumb, Paging
from throughline.ui.writing import number

PAGE = 50
PACKS = CHECKOUT / "packs"


def _mappings(actor: Actor) -> dict[str, Path]:
    """The mappings of the packs of the plans that exist for the actor, by `pack/mapping`."""
    packs = plans_visible_to(actor).values_list("pack", flat=True)
    return {
        f"{pack}/{path.stem}": path
        for pack in sorted(set(packs))
        for path in sorted((PACKS / pack / "mappings").glob("*.yaml"))
    }


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
    """Choose a file and how it is to be read. What was read, and what was not, is the
    report's page, whether or not anything was stored."""
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
    return load_observations(
        actor,
        file=store(sent.read(), name),
        file_name=name,
        mapping=read_mapping(chosen),
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
    """The report of an import: every row accounted for, every fault with its place."""
    found = _visible(request, load)
    decisions: dict[tuple[str, str], list[str]] = {}
    for each in found.report.get("decisions", []):
        named = f"{each['row']} {each['name']}" + (f" → {each['code']}" if each["code"] else "")
        decisions.setdefault((each["treat"], each["why"]), []).append(named)
    context = {
        "load": found,
        "sentence": _sentence(found),
        "units": found.report.get("units", 0),
        "mine": found.person == actor_of(request).person,
        "decisions": [
            {"treat": TREATMENTS.get(treat, treat), "why": why, "rows": rows}
            for (treat, why), rows in decisions.items()
        ],
        "missing": [
            {
                "column": column,
                "kind": MISSING.get(kind, kind),
                "count": len(rows),
                "first": rows[:5],
            }
            for column, kinds in found.report.get("missing", {}).items()
            for kind, rows in kinds.items()
        ],
        "checks": found.report.get("checks", []),
        "remarks": found.report.get("remarks", []),
        "faults": found.report.get("problems", []),
        "superseded": found.report.get("superseded", []),
        "trail": [Crumb(_("Imports"), reverse("loads")), Crumb(found.file_name)],
    }
    return render(request, "figures/load.html", context)


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
