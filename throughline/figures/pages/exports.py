"""The tables of an indicator's page and of a place's as files."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from throughline.figures import rules, viewing
from throughline.figures.pages.answers import as_file
from throughline.figures.pages.asking import Asked, asked
from throughline.figures.pages.indicators import BY_GROUP, groups, rows
from throughline.figures.pages.places import Measured, measured
from throughline.figures.queries import figures_as_given
from throughline.figures.telling import target_text
from throughline.figures.words import BASES, STATUSES
from throughline.files.writing import Table, Value


@require_safe
def export(request: HttpRequest, scheme: str, key: str, form: str) -> HttpResponse:
    """The whole table that the page shows, in its order, as CSV or as a workbook whose last
    sheet says what was asked. Figures are at the indicator's decimals."""
    question = asked(request, scheme, key)
    level, sort = request.GET.get("level", ""), request.GET.get("sort", "name")
    table = (
        _groups(question, level) if level.startswith(BY_GROUP) else _places(question, level, sort)
    )
    name = f"{question.indicator.key}-{question.place.code}-{question.listed}"
    return as_file([table], name, form, _notes(question))


@require_safe
def as_given(request: HttpRequest, scheme: str, key: str, form: str) -> HttpResponse:
    """The figures behind the page as they were given, one in each row, with every digit: what
    is changed there and loaded again under the mapping `figures` supersedes, nothing else."""
    question = asked(request, scheme, key)
    given = figures_as_given(
        question.actor, question.indicator, question.place, question.listed, question.known
    )
    # Translators: these headings stand in the mapping figures.yaml too; keep them alike.
    columns = [
        pgettext("column of figures", "Code"),
        pgettext("column of figures", "Place"),
        pgettext("column of figures", "Series"),
        pgettext("column of figures", "Period"),
        pgettext("column of figures", "Value"),
        pgettext("column of figures", "Status"),
        pgettext("column of figures", "Note"),
    ]
    lines: list[Sequence[Value]] = [
        [
            row.place.code,
            row.place.name,
            row.series.key,
            row.period,
            row.value,
            str(STATUSES[row.status]),
            row.note,
        ]
        for row in given
    ]
    table = Table(question.indicator.title, columns, lines)
    name = f"{question.indicator.key}-{question.place.code}-{question.listed}-figures"
    return as_file([table], name, form, _notes(question))


@require_safe
def export_place(request: HttpRequest, scheme: str, code: str, form: str) -> HttpResponse:
    """What a place's page lists: its indicators, and what lies in it (`?table=below` for the
    second as CSV)."""
    seen = measured(request, scheme, code)
    tables = [_indicators(seen), _lies_in_it(seen)]
    if request.GET.get("table") == "below":
        tables.reverse()
    name = f"{seen.place.scheme.key}-{seen.place.code}"
    return as_file(tables, name, form, _place_notes(seen))


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
        _("Change"),
        _("Basis"),
        _("Roll-up, as a check"),
        _("Due by now"),
        _("Target"),
        _("Way gone"),
        _("Status"),
        _("Not judged because"),
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
            _shown(row.change, question),
            str(BASES[row.found.figure.basis]),
            _shown(row.found.figure.check, question),
            _shown(row.found.expected, question),
            target_text(row.found.target, question.indicator),
            rules.shown(row.found.progress, 4),
            viewing.status_word(str(row.found.status)),
            row.not_judged,
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


# -- a place -------------------------------------------------------------------------------


def _indicators(seen: Measured) -> Table:
    columns = [
        _("Plan"),
        _("Indicator"),
        _("Unit"),
        _("Period"),
        _("Latest"),
        _("Roll-up, as a check"),
        _("Due by now"),
        _("Target"),
        _("Way gone"),
        _("Status"),
        _("Not judged because"),
        _("Units reported"),
        _("Units expected"),
        _("Provisional"),
        _("Simulated"),
    ]
    lines: list[Sequence[Value]] = [
        [
            group.plan.title,
            line.indicator.title,
            line.indicator.symbol or line.indicator.unit,
            found.period.code,
            found.value,
            rules.shown(found.figure.check, line.indicator.decimals),
            rules.shown(found.expected, line.indicator.decimals),
            line.target,
            rules.shown(found.progress, 4),
            viewing.status_word(line.status),
            line.not_judged,
            found.figure.reported,
            found.figure.expected,
            _said(line.provisional),
            _said(line.simulated),
        ]
        for group in seen.plans
        for line in group.lines
        if (found := line.found) is not None
    ]
    return Table(_("Indicators"), columns, lines)


def _lies_in_it(seen: Measured) -> Table:
    heads = [
        f"{head.indicator.title} ({head.indicator.symbol or head.indicator.unit}), {head.period}"
        for head in seen.heads
    ]
    lines: list[Sequence[Value]] = [
        [
            each.place.code,
            each.place.name,
            each.place.tier.name,
            *(
                rules.shown(cell.value, head.indicator.decimals)
                for cell, head in zip(each.cells, seen.heads, strict=True)
            ),
        ]
        for each in seen.below
    ]
    return Table(_("Places within"), [_("Code"), _("Place"), _("Tier"), *heads], lines)


def _place_notes(seen: Measured) -> list[str]:
    known = seen.known
    notes = [
        f"{seen.place.name} ({seen.place.code}), {seen.day.isoformat()}",
        _("As known at journal position %(position)s, %(at)s")
        % {"position": known.position, "at": known.at.isoformat(timespec="seconds")},
        _("Official figures stand as published; the roll-up beside them is a check."),
        _("An empty cell means: not reported, or nobody may see it here."),
    ]
    if any(line.simulated for group in seen.plans for line in group.lines):
        notes.append(_("Contains figures that are simulated: made up for the demo."))
    return notes
