"""The table of an indicator's page as a file."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.figures import rules, viewing
from throughline.figures.answering import target_text
from throughline.figures.pages.asking import Asked, asked
from throughline.figures.pages.indicators import BY_GROUP, groups, rows
from throughline.figures.words import BASES
from throughline.files.writing import Table, Value, write_csv, write_xlsx
from throughline.kernel.errors import NotFound

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def export(request: HttpRequest, scheme: str, key: str, form: str) -> HttpResponse:
    """The whole table that the page shows, in its order, as CSV or as a workbook whose last
    sheet says what was asked. Figures are at the indicator's decimals."""
    if form not in ("csv", "xlsx"):
        raise NotFound(_("Tables come as CSV or XLSX."))
    question = asked(request, scheme, key)
    level, sort = request.GET.get("level", ""), request.GET.get("sort", "name")
    table = (
        _groups(question, level) if level.startswith(BY_GROUP) else _places(question, level, sort)
    )
    if form == "csv":
        content = write_csv(table.rows, table.columns)
        answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    else:
        answer = HttpResponse(write_xlsx([table], notes=_notes(question)), content_type=XLSX)
    name = f"{question.indicator.key}-{question.place.code}-{question.listed}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _figure_heading(question: Asked) -> str:
    unit = question.indicator.symbol or question.indicator.unit
    title = f"{question.indicator.title} ({unit})"
    return viewing.together(title, question.listed)


def _shown(value: float | None, question: Asked) -> float | None:
    return rules.shown(value, question.indicator.decimals)


def _said(yes: bool) -> str:
    return _("yes") if yes else ""


def _places(question: Asked, level: str, sort: str) -> Table:
    columns = [
        _("Code"),
        _("Place"),
        _figure_heading(question),
        _("Basis"),
        _("Roll-up, as a check"),
        _("Due by now"),
        _("Target"),
        _("Status"),
        _("Units reported"),
        _("Units expected"),
        _("Provisional"),
        _("Simulated"),
    ]
    lines: list[Sequence[Value]] = [
        [
            row.found.place.code,
            row.name,
            _shown(row.value, question),
            str(BASES[row.found.figure.basis]),
            _shown(row.found.figure.check, question),
            _shown(row.found.expected, question),
            target_text(row.found.target, question.indicator),
            viewing.status_word(str(row.found.status)),
            row.completeness.reported,
            row.completeness.expected,
            _said(row.found.figure.provisional),
            _said(row.found.figure.simulated),
        ]
        for row in rows(question, level, sort)
    ]
    return Table(question.indicator.title, columns, lines)


def _groups(question: Asked, level: str) -> Table:
    columns = [
        _("Group"),
        _("Places"),
        _figure_heading(question),
        _("Units reported"),
        _("Units expected"),
        _("Simulated"),
    ]
    lines: list[Sequence[Value]] = [
        [
            each.group.name,
            len(each.places),
            _shown(each.figure.rollup, question),
            each.figure.reported,
            each.figure.expected,
            _said(each.figure.simulated),
        ]
        for each in groups(question, level)
    ]
    return Table(question.indicator.title, columns, lines)


def _notes(question: Asked) -> list[str]:
    known = question.known
    found = question.at(question.listed)
    notes = [
        viewing.together(question.indicator.title, question.place.name, question.listed),
        _("Edition: %(edition)s") % {"edition": question.edition.title},
        _("As known at journal position %(position)s, %(at)s")
        % {"position": known.position, "at": known.at.isoformat(timespec="seconds")},
        _("Official figures stand as published; the roll-up beside them is a check."),
        _("An empty cell means: not reported, or nobody may see it here."),
    ]
    if found.figure.simulated:
        notes.append(_("Contains figures that are simulated: made up for the demo."))
    return notes
