"""A unit's sheet as a file: taken away, filled in elsewhere, and given in."""

from __future__ import annotations

from django.contrib import messages
from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from throughline.figures.pages.answers import CSV, XLSX, attached
from throughline.files.models import StoredFile
from throughline.files.storage import open_stored, store
from throughline.kernel.errors import Conflict, Invalid, NotFound, Problem
from throughline.reporting.models import Report
from throughline.reporting.pages.acts import found, trail, url_of
from throughline.reporting.pages.cycles import FORM
from throughline.reporting.permissions import require_filling
from throughline.reporting.sheets import Template, write, write_csv
from throughline.reporting.workbooks import Taken, take, template_of

SALT = "reporting.marked"
FAULTS_SHOWN = 200


def _name(row: Report, form: str) -> str:
    return f"{row.cycle.key}-{row.place.code}.{form}"


@require_safe
def download(request: HttpRequest, cycle: str, place: str, form: str) -> HttpResponse:
    """The sheet with what stands in it, as a workbook or as CSV."""
    actor, row = found(request, cycle, place)
    template = template_of(actor, row, row.cycle.zone, get_language() or "en")
    if form == "xlsx":
        return attached(write(template), _name(row, form), XLSX)
    if form == "csv":
        return attached(write_csv(template), _name(row, form), CSV)
    raise NotFound(_("Tables come as CSV or XLSX."))


@require_http_methods(FORM)
def upload(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Give a filled-in file in. Its good cells are kept in the sheet; the others are listed, and
    marked in the same file."""
    actor, row = found(request, cycle, place)
    require_filling(actor, row)
    problems: list[Problem] = []
    taken: Taken | None = None
    status = 200
    if request.method == "POST":
        template = template_of(actor, row, row.cycle.zone, get_language() or "en")
        try:
            taken = _taken(request, row, template)
        except (Invalid, Conflict) as error:
            listed = error.problems if isinstance(error, Invalid) else []
            problems = listed or [Problem("", error.message, error.remedy or "", field="file")]
            status = error.http_status
        else:
            if not taken.read.rejects:
                messages.success(request, _said(taken))
                return redirect(url_of(row))
            status = 422
    context = {
        "report": row,
        "taken": taken,
        "said": _said(taken) if taken else "",
        "rejects": taken.read.rejects[:FAULTS_SHOWN] if taken else [],
        "more": max(0, len(taken.read.rejects) - FAULTS_SHOWN) if taken else 0,
        "found": taken.found[:FAULTS_SHOWN] if taken else [],
        "more_found": max(0, len(taken.found) - FAULTS_SHOWN) if taken else 0,
        "marked": _kept(taken, row) if taken else "",
        "problems": problems,
        "trail": trail(row, _("Upload a filled-in file")),
    }
    return render(request, "reporting/workbook.html", context, status=status)


def _taken(request: HttpRequest, row: Report, template: Template) -> Taken:
    actor, _row = found(request, row.cycle.key, row.place.code)
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid(
            _("No file was sent."), problems=[Problem("", _("Choose a file."), field="file")]
        )
    return take(actor, row, template, sent.read(), sent.name or "")


def _said(taken: Taken) -> str:
    if not taken.changed and taken.read.rejects:
        return _("What could be read stood there already: nothing was changed.")
    if not taken.changed:
        return _("The file says what stood there already: nothing was changed.")
    return ngettext(
        "%(count)s cell of the sheet was filled from the file.",
        "%(count)s cells of the sheet were filled from the file.",
        taken.changed,
    ) % {"count": taken.changed}


def _kept(taken: Taken, row: Report) -> str:
    """The marked file, kept for the page that offers it; a token that only this product makes."""
    if taken.marked is None:
        return ""
    stored = store(taken.marked, _name(row, "xlsx"))
    return signing.dumps([row.pk, stored.sha256], salt=SALT)


@require_safe
def marked(request: HttpRequest, cycle: str, place: str, token: str) -> FileResponse:
    """The file that was given in, with a remark at each cell that was not taken, and at
    each that was kept and breaks a rule."""
    actor, row = found(request, cycle, place)
    require_filling(actor, row)
    try:
        key, sha256 = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise NotFound(_("There is no such file.")) from error
    stored = StoredFile.objects.filter(sha256=sha256).first()
    if key != row.pk or stored is None:
        raise NotFound(_("There is no such file."))
    return FileResponse(
        open_stored(stored), as_attachment=True, filename=_name(row, "xlsx"), content_type=XLSX
    )
