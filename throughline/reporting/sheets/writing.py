"""The sheet out: filled in as far as is known, and protected but for the cells to fill in."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from throughline.files.sheets import cell_name
from throughline.files.writing import MADE, Exact, Value, sheet_name
from throughline.files.writing import write_csv as csv_of
from throughline.kernel.errors import Invalid
from throughline.reporting.sheets import keys
from throughline.reporting.sheets.answers import OFFERED
from throughline.reporting.sheets.template import (
    NOTHING,
    Given,
    SheetLine,
    Template,
    Unit,
    as_it_comes_back,
)

TICK = "✓"
_ALLOWED = {
    "sort": True,
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
"""What protection leaves to the reader: to see everything, and to arrange it."""
_LONGEST_MESSAGE, _LONGEST_TITLE, _LONGEST_FORMULA = 255, 32, 255
_NOTE_WIDTH, _NARROW, _FIGURE_WIDTH = 40, 7, 15
_A4 = 9


def write(template: Template) -> bytes:
    """The template as .xlsx: of one unit its lines below each other with earlier periods, of
    several units a row each with a column for every line, and a sheet for explanations."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": MADE, "title": template.title})
    look = _Look(book)
    if len(template.units) == 1:
        _write_lines(_added(book, _("Figures")), template, look)
    else:
        _write_places(_added(book, _("Figures")), template, look)
        _write_notes(_added(book, _("Explanations")), template, look)
    _write_keys(book.add_worksheet("keys"), template)
    book.close()
    return out.getvalue()


def write_csv(template: Template) -> bytes:
    """The template as CSV: a row for each figure; in UTF-8 with the mark that Excel needs."""
    marks = keys.marks_of(template)
    headings = [
        *(
            _("Code"),
            _("Reporting unit"),
            _("Series"),
            _("No."),
            _("Figure asked for"),
            _("Unit of measure"),
        ),
        *(template.period, _("Not applicable"), _("Explanation")),
        _("Leave as it is"),
        *[""] * len(marks),
    ]
    key_row = (
        *(keys.LIST, keys.NAME, keys.SERIES, keys.NUMBER, keys.TITLE, keys.MEASURE),
        *(keys.VALUE, keys.ABSENT, keys.NOTE),
        keys.WAS,
        *marks,
    )
    return csv_of(_listed(template, key_row), headings)


def _listed(template: Template, key_row: Sequence[str]) -> Iterator[Sequence[Value]]:
    yield key_row
    rest = [""] * (len(key_row) - 10)
    for unit in template.units:
        for line in template.lines:
            if line.series in unit.lacks:
                continue
            given = _given(template, unit, line)
            yield (
                *(unit.code, unit.name, line.series, line.number, line.title, line.measure),
                *(given.value, TICK if given.absent else "", given.note),
                keys.mark_in(template, unit.code, line.series),
                *rest,
            )


class _Look:
    """The formats of a workbook; those of figures by their decimals."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        edge = {"border": 1, "border_color": "#B8C2CC", "valign": "vcenter"}
        open_, shut = {"bg_color": "#FFFBE6", "locked": False}, {"bg_color": "#EEF1F4"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.plain = book.add_format({"font_color": "#4A5560"})
        self.heading = book.add_format(
            {**edge, "bold": True, "bg_color": "#DCE4EC", "text_wrap": True, "align": "center"}
        )
        self.section = book.add_format({"bold": True, "bg_color": "#F4F6F8", "bottom": 1})
        self.label = book.add_format({**edge, "text_wrap": True})
        self.code = book.add_format({**edge, "num_format": "@"})
        self.tick = book.add_format({**edge, **open_, "align": "center"})
        self.note = book.add_format({**edge, **open_, "text_wrap": True, "num_format": "@"})
        self.free_note = book.add_format({"locked": False, "text_wrap": True, "num_format": "@"})
        self.shut_note = book.add_format({**edge, **shut, "text_wrap": True})
        self._edge, self._open, self._shut = edge, open_, shut
        self._figures: dict[tuple[int, bool], Format] = {}

    def figure(self, decimals: int, *, locked: bool) -> Format:
        if (decimals, locked) not in self._figures:
            shown = "#,##0" + ("." + "0" * decimals if decimals else "")
            ground = self._shut if locked else self._open
            self._figures[decimals, locked] = self.book.add_format(
                {**self._edge, **ground, "num_format": shown, "align": "right"}
            )
        return self._figures[decimals, locked]


def _added(book: xlsxwriter.Workbook, name: str) -> Worksheet:
    sheet = book.add_worksheet(sheet_name(name))
    sheet.protect("", _ALLOWED)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P / &N")
    return sheet


def _write_lines(sheet: Worksheet, template: Template, look: _Look) -> None:
    """The sheet of one unit: column A, hidden, has the series."""
    (unit,) = template.units
    before = [*template.before_names]
    headings = [
        *(_("No."), _("Figure asked for"), _("Unit of measure"), *before),
        *(template.period, _("Not applicable"), _("Explanation")),
    ]
    key_row = [
        *(keys.LINES, keys.NUMBER, keys.TITLE, keys.MEASURE, *[keys.BEFORE] * len(before)),
        *(keys.VALUE, keys.ABSENT, keys.NOTE),
    ]
    value_at = 4 + len(before)
    _write_top(sheet, template, f"{unit.name} ({unit.code})", look)
    _texts(sheet, 3, ["", *headings], look.heading, since=1)
    _texts(sheet, 4, key_row, look.plain)
    row, section = 5, ""
    for line in template.lines:
        if line.section != section:
            section = line.section
            _texts(sheet, row, [keys.SECTION, section], look.section)
            for column in range(2, len(key_row)):
                sheet.write_blank(row, column, None, look.section)
            row += 1
        given = _given(template, unit, line)
        _texts(sheet, row, [line.series, line.number, line.title, line.measure], look.label)
        for column, value in enumerate(_earlier(template, unit, line), start=4):
            _number(sheet, row, column, value, look.figure(line.decimals, locked=True))
        locked = bool(template.locked(unit, line))
        _number(sheet, row, value_at, given.value, look.figure(line.decimals, locked=locked))
        shut = look.shut_note
        tick, note = (shut, shut) if locked else (look.tick, look.note)
        _text(sheet, row, value_at + 1, TICK if given.absent else "", tick)
        _text(sheet, row, value_at + 2, given.note, note)
        _guard(sheet, (row, value_at, row, value_at), line)
        if not locked:
            place = (row, value_at + 1, row, value_at + 1)
            sheet.data_validation(*place, {"validate": "list", "source": [TICK]})
        row += 1
    widths = [0, _NARROW, 44, 12, *[_FIGURE_WIDTH - 2] * len(before)]
    for column, width in enumerate([*widths, _FIGURE_WIDTH + 3, 12, _NOTE_WIDTH]):
        sheet.set_column(column, column, width, None, {"hidden": column == 0})
    _finish(sheet, key_row=4, freeze=(5, 3), last=(row - 1, value_at + 2))


def _earlier(template: Template, unit: Unit, line: SheetLine) -> list[float | None]:
    """As many values as there are names of earlier periods, the latest ones at the end."""
    most = len(template.before_names)
    values = list(template.before.get((unit.code, line.series), ()))[-most:] if most else []
    return [*[None] * (most - len(values)), *values]


def _write_places(sheet: Worksheet, template: Template, look: _Look) -> None:
    """The sheet of several units: a row for each, and a column for every line."""
    _write_top(sheet, template, _count(template), look)
    _write_headings(sheet, template, look)
    _texts(sheet, 5, _key_row(keys.PLACES, template), look.plain)
    not_applicable = _("n/a")
    for row, unit in enumerate(template.units, start=6):
        _text(sheet, row, 0, unit.code, look.code)
        _text(sheet, row, 1, unit.name, look.label)
        for column, line in enumerate(template.lines, start=2):
            given = _given(template, unit, line)
            style = look.figure(line.decimals, locked=bool(template.locked(unit, line)))
            if given.absent:
                _text(sheet, row, column, not_applicable, style)
            else:
                _number(sheet, row, column, given.value, style)
    last = 5 + len(template.units)
    for column, line in enumerate(template.lines, start=2):
        _guard(sheet, (6, column, last, column), line, also=OFFERED)
    sheet.set_column(2, 1 + len(template.lines), _FIGURE_WIDTH)
    _finish(sheet, key_row=5, freeze=(6, 2), last=(last, 1 + len(template.lines)))


def _write_notes(sheet: Worksheet, template: Template, look: _Look) -> None:
    """The explanations, arranged as the figures are. Empty cells take the column's format:
    to write every one of them would cost as much as the figures."""
    how = _("Explanations of the figures in the same row and column.")
    _write_top(sheet, template, _count(template), look, how=how)
    _write_headings(sheet, template, look)
    _texts(sheet, 5, _key_row(keys.NOTES, template), look.plain)
    for column, line in enumerate(template.lines, start=2):
        sheet.set_column(column, column, 24, None if line.locked else look.free_note)
    for row, unit in enumerate(template.units, start=6):
        _text(sheet, row, 0, unit.code, look.code)
        _text(sheet, row, 1, unit.name, look.label)
        for column, line in enumerate(template.lines, start=2):
            shut, note = template.locked(unit, line), _given(template, unit, line).note
            if note or (shut and not line.locked):
                _text(sheet, row, column, note, look.shut_note if shut else look.note)
    last = (5 + len(template.units), 1 + len(template.lines))
    _finish(sheet, key_row=5, freeze=(6, 2), last=last)


def _key_row(kind: str, template: Template) -> list[str]:
    return [kind, keys.NAME, *(keys.FIGURE + line.series for line in template.lines)]


def _write_top(
    sheet: Worksheet, template: Template, whose: str, look: _Look, *, how: str = ""
) -> None:
    """What it is, whose and until when, and how to fill it in: above the headings."""
    across = 0 if len(template.units) > 1 else 1
    closes = _("closes %(closes)s") % {"closes": template.closes} if template.closes else ""
    about = " · ".join(part for part in (whose, template.period, closes) if part)
    how = how or _(
        "Fill in the yellow cells only. Where a figure does not apply, mark it so and explain. "
        "Do not add, merge or delete rows and columns."
    )
    last = len(template.lines) + 1 if len(template.units) > 1 else 5 + len(template.before_names)
    for row, text in enumerate((template.title, about, how)):
        style = look.title if row == 0 else look.plain
        for column in range(across, last + 1):
            sheet.write_blank(row, column, None, style)
        _text(sheet, row, across, text, style)
    sheet.set_row(0, 24)


def _count(template: Template) -> str:
    return _("%(count)d units") % {"count": len(template.units)}


def _write_headings(sheet: Worksheet, template: Template, look: _Look) -> None:
    """The sections above the lines, each at its first line, and the lines' names."""
    section = ""
    for column, line in enumerate(template.lines, start=2):
        named, section = line.section if line.section != section else "", line.section
        _text(sheet, 3, column, named, look.section)
        _text(sheet, 4, column, heading(line), look.heading)
    _texts(sheet, 3, ["", ""], look.section)
    _texts(sheet, 4, [_("Code"), _("Reporting unit")], look.heading)
    longest = max((_width(heading(line)) for line in template.lines), default=0)
    sheet.set_row(4, 16 * min(max(2, -(-longest // (_FIGURE_WIDTH - 2)) + 1), 8))
    codes = max((_width(unit.code) for unit in template.units), default=0)
    names = max((_width(unit.name) for unit in template.units), default=0)
    sheet.set_column(0, 0, min(max(codes + 2, 8), 20))
    sheet.set_column(1, 1, min(max(names + 2, 12), 40))


def heading(line: SheetLine) -> str:
    """A line as the heading of a column."""
    return f"{line.label}\n({line.measure})" if line.measure else line.label


def _finish(
    sheet: Worksheet, *, key_row: int, freeze: tuple[int, int], last: tuple[int, int]
) -> None:
    sheet.set_row(key_row, None, None, {"hidden": True})
    sheet.freeze_panes(*freeze)
    sheet.repeat_rows(key_row - 1)
    sheet.print_area(0, 0, *last)


def _write_keys(sheet: Worksheet, template: Template) -> None:
    for number, row in enumerate(keys.rows_of(template)):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)
    sheet.protect()
    sheet.very_hidden()


@dataclass(frozen=True)
class _Bounds:
    """What a line allows, as a formula that a spreadsheet asks and as a sentence."""

    line: SheetLine

    def formula(self, cell: str, also: Sequence[str]) -> str:
        asked = [f"ISNUMBER({cell})", f"{cell}=ROUND({cell},{self.line.decimals})"]
        if self.line.low is not None:
            asked.append(f"{cell}>={Exact(self.line.low)}")
        if self.line.high is not None:
            asked.append(f"{cell}<={Exact(self.line.high)}")
        words = [f'{cell}="{word}"' for word in also]
        # A text counts as larger than any number, and ROUND of it is an error: IF asks first.
        number = f"IF({asked[0]},AND({','.join(asked[1:])}),FALSE)"
        return f"=OR({','.join([number, *words])})" if words else f"={number}"

    def sentence(self) -> str:
        line = self.line
        known = {
            "measure": line.measure,
            "decimals": line.decimals,
            "low": f"{Exact(line.low or 0)}",
            "high": f"{Exact(line.high or 0)}",
        }
        if line.low is not None and line.high is not None:
            return (
                _(
                    "A number from %(low)s to %(high)s (%(measure)s), decimals: %(decimals)d."
                    " Digits only, no 万 or %%."
                )
                % known
            )
        if line.low is not None:
            return (
                _(
                    "A number of at least %(low)s (%(measure)s), decimals: %(decimals)d."
                    " Digits only, no 万 or %%."
                )
                % known
            )
        if line.high is not None:
            return (
                _(
                    "A number of at most %(high)s (%(measure)s), decimals: %(decimals)d."
                    " Digits only, no 万 or %%."
                )
                % known
            )
        return (
            _("A number (%(measure)s), decimals: %(decimals)d. Digits only, no 万 or %%.") % known
        )


def _guard(
    sheet: Worksheet, cells: tuple[int, int, int, int], line: SheetLine, also: Sequence[str] = ()
) -> None:
    """Lets the program refuse what the line does not allow; of a locked line, say why."""
    if line.locked:
        told = {"input_title": _short(_("Not edited here"), _LONGEST_TITLE)}
        told["input_message"] = _short(line.locked, _LONGEST_MESSAGE)
        sheet.data_validation(*cells, {"validate": "any", **told})
        return
    bounds = _Bounds(line)
    formula = bounds.formula(cell_name(cells[0], cells[1]), also)
    if len(formula) > _LONGEST_FORMULA:
        return
    asked = {
        "validate": "custom",
        "value": formula,
        "error_title": _short(_("This is not taken"), _LONGEST_TITLE),
        "error_message": _short(bounds.sentence(), _LONGEST_MESSAGE),
    }
    sheet.data_validation(*cells, asked)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _given(template: Template, unit: Unit, line: SheetLine) -> Given:
    return as_it_comes_back(template.given.get((unit.code, line.series), NOTHING))


def _texts(
    sheet: Worksheet, row: int, texts: Sequence[str], style: Format, *, since: int = 0
) -> None:
    for column, text in enumerate(texts[since:], start=since):
        _text(sheet, row, column, text, style)


def _text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Text is text whatever it begins with; no formula and no link is made of it."""
    if not text:
        sheet.write_blank(row, column, None, style)
    elif sheet.write_string(row, column, text, style) != 0:
        raise Invalid(
            _("The text in %(cell)s is too long for a spreadsheet.")
            % {"cell": cell_name(row, column)},
            remedy=_("Shorten the explanation to less than 32,767 characters."),
        )


def _number(sheet: Worksheet, row: int, column: int, value: float | None, style: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    else:
        sheet.write_number(row, column, Exact(value), style)


def _width(text: str) -> int:
    """About how many Latin letters wide it is."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
