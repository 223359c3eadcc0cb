"""A filled-in sheet read: every answer found is taken or refused, none is passed over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from throughline.files.sheets import Sheet, as_text, read_sheets
from throughline.kernel.errors import Invalid
from throughline.reporting.sheets import answers, keys
from throughline.reporting.sheets.areas import (
    Answer,
    Area,
    Fault,
    Place,
    area_of,
    is_blank,
    merged_answers,
    misplaced_columns,
    misplaced_row,
    unasked,
    without_zeros,
)
from throughline.reporting.sheets.template import (
    NOTHING,
    Given,
    ReadSheet,
    Reject,
    SheetLine,
    Slot,
    Spot,
    Template,
    as_it_comes_back,
    mark_of,
    plain_text,
)

_NAMED = 10
_LONGEST_TEXT = 200
_MOST_REJECTS = 20_000
_MOST_REMARKS = 200


def read(source: Path | bytes, template: Template, *, name: str = "") -> ReadSheet:
    """What a sheet says in answer to the template; .xlsx, .xls, .ods or CSV.

    `name` is the name it came under. Raises `Invalid` if it is no sheet of this template or
    cannot be read at all; whatever else is not taken is a reject. A process of its own reads
    the file, for at most half a minute: outside a transaction, in a `reading_slot`.
    """
    with _stored(source) as path:
        workbook = read_sheets(path, media_hint=name)
    known = keys.keys_of(workbook.sheets)
    keys.check(known, template)
    reader = _Reader(template, known)
    reader.read.notes.extend(workbook.notes[: workbook.about_file])
    for sheet in workbook.sheets:
        reader.take(sheet)
    found = reader.result()
    order = {sheet.name: number for number, sheet in enumerate(workbook.sheets)}
    found.rejects.sort(key=lambda each: (order[each.sheet], each.row, each.column))
    return found


@contextmanager
def _stored(source: Path | bytes) -> Iterator[Path]:
    """The file by its path: what reads it is another process, which is given it opened."""
    if isinstance(source, Path):
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(source)
        yield path


class _Refused(Exception):
    """An answer is not taken, because of what stands in `place`."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


class _Reader:
    """Gathers the answers of all sheets by their slots, then judges each."""

    def __init__(self, template: Template, known: keys.Keys) -> None:
        self.template = template
        self.known = known
        self.read = ReadSheet()
        self.units = {unit.code for unit in template.units}
        self.unit_of = {unit.code: unit for unit in template.units}
        self.lines = {line.series: line for line in template.lines}
        bare = without_zeros(self.units)
        self.read.was = {
            (code if code in self.units else bare.get(code, code), series): mark
            for (code, series), mark in known.was.items()
        }
        self.bare_codes = without_zeros(self.units)
        self.found: dict[Slot, Answer] = {}
        self.repeated: dict[Slot, list[Answer]] = {}
        self.explained: dict[Slot, list[Place]] = {}
        self.formulas: list[Place] = []
        self.remarks = 0

    def take(self, sheet: Sheet) -> None:
        """The answers of one sheet; one without keys is named and left alone."""
        area = area_of(sheet)
        if area is None:
            is_keys = bool(sheet.rows and sheet.rows[0] and sheet.rows[0][0] == keys.KEYS)
            if not is_keys and any(not is_blank(cell) for row in sheet.rows for cell in row):
                self.read.notes.append(
                    _("The sheet “%(sheet)s” is no part of the form and was not read.")
                    % {"sheet": sheet.name}
                )
            return
        hidden = [row for row in sheet.hidden_rows if row > area.at]
        if hidden:
            self._note(
                _("Hidden rows of “%(sheet)s” were read like the others: %(rows)s.")
                % {"sheet": sheet.name, "rows": _some(str(row + 1) for row in hidden)}
            )
        columns, merged = misplaced_columns(area, self.known), merged_answers(area)
        for row, cells in enumerate(sheet.rows):
            if row != area.at and not all(is_blank(cell) for cell in cells):
                self._take_row(area, row, columns, merged)

    def result(self) -> ReadSheet:
        """Every answer judged and every explanation put to its figure."""
        self._put_explanations()
        for slot, answer in self.found.items():
            if slot in self.repeated:
                self._judge_several(slot, [answer, *self.repeated[slot]])
            elif answer.is_filled:
                self._judge(slot, answer)
            else:
                self._judge_empty(slot, answer)
        self._say_what_is_missing()
        if self.remarks > _MOST_REMARKS:
            self._note(
                _("Remarks on %(count)d more cells are not listed.")
                % {"count": self.remarks - _MOST_REMARKS}
            )
        if self.formulas:
            self._note(
                _("Formulas are not kept; their stored results were taken: %(cells)s.")
                % {"cells": _some(_full_name(place) for place in self.formulas)}
            )
        return self.read

    # Where the answers are

    def _take_row(
        self,
        area: Area,
        row: int,
        columns: Mapping[int, Fault],
        merged: Mapping[tuple[int, int], Fault],
    ) -> None:
        unit = self._unit_of(area, row)
        if unit is None:
            if row > area.at:
                self._refuse_row(area, row)
            return
        is_section = unit == keys.SECTION
        self._refuse_strays(area, row, is_section=is_section)
        if is_section:
            return
        self.read.rows += area.kind != keys.NOTES
        fault = misplaced_row(area, row, unit, self.known)
        if area.kind in {keys.PLACES, keys.NOTES}:
            self._take_figures(area, row, unit, fault, columns, merged)
            return
        answer = Answer(
            area.place(row, keys.VALUE),
            area.place(row, keys.ABSENT),
            area.place(row, keys.NOTE),
            is_filled=False,
            fault=fault,
        )
        places = answer.places
        if places:
            if merged and not fault:
                faults = (merged.get((place.row, place.column)) for place in places)
                answer.fault = next((each for each in faults if each), None)
            answer.is_filled = any(not is_blank(place.cell) for place in places)
            self._found((unit, self._series_of(area, row)), answer)

    def _take_figures(
        self,
        area: Area,
        row: int,
        unit: str,
        fault: Fault | None,
        columns: Mapping[int, Fault],
        merged: Mapping[tuple[int, int], Fault],
    ) -> None:
        """A row with a figure of each line, or the explanation of each."""
        for column, series in area.figures:
            place = area.at_column(row, column)
            filled = not is_blank(place.cell)
            why = fault or columns.get(column) or (merged and merged.get((row, column))) or None
            if series not in self.lines:
                if filled:
                    self._refuse_stray(place, *unasked())
            elif area.kind == keys.PLACES:
                self._found((unit, series), Answer(place, None, None, filled, why))
            elif filled and why:
                self._refuse_stray(place, *why)
            elif filled:
                self.explained.setdefault((unit, series), []).append(place)

    def _unit_of(self, area: Area, row: int) -> str | None:
        """Whose row it is: a unit's code, `SECTION` for a heading, None if nobody's."""
        if area.kind == keys.LINES:
            series = area.text(row, area.side)
            if series == keys.SECTION:
                return series
            unit = next(iter(self.known.units), "")
            return unit if series in self.lines and unit in self.units else None
        cells = area.sheet.rows[row]
        try:
            code = as_text(cells[area.side] if area.side < len(cells) else None)
        except Invalid:
            return None
        if area.kind == keys.LIST and self._series_of(area, row) not in self.lines:
            return None
        code = code if code in self.units else self.bare_codes.get(code, "")
        return code or None

    def _series_of(self, area: Area, row: int) -> str:
        return area.text(row, area.side if area.kind == keys.LINES else area.column(keys.SERIES))

    def _found(self, slot: Slot, answer: Answer) -> None:
        self.read.found += 1
        if slot in self.found:
            self.repeated.setdefault(slot, []).append(answer)
        else:
            self.found[slot] = answer

    def _put_explanations(self) -> None:
        """What a sheet of its own explains belongs to the answer of the same unit and line."""
        for slot, (place, *others) in self.explained.items():
            for other in others:
                self._refuse_stray(
                    other,
                    _("the same figure is explained at %(cell)s too") % {"cell": _full_name(place)},
                    _("Keep one explanation and delete the other."),
                )
            if slot not in self.found:
                self._refuse_stray(
                    place,
                    _("the cell of the figure that this explains is gone"),
                    _("Copy your figures into a sheet that is downloaded anew."),
                )
                continue
            several = [self.found[slot], *self.repeated.get(slot, ())]
            answer = next((each for each in several if each.is_filled), several[0])
            answer.note, answer.is_filled = place, True

    # What is not taken

    def _reject(self, place: Place, fault: str, remedy: str, slot: Slot | None = None) -> None:
        if len(self.read.rejects) == _MOST_REJECTS:
            raise Invalid(
                _("More than %(most)d cells of this file cannot be taken; none was.")
                % {"most": _MOST_REJECTS},
                remedy=_("Copy your figures into a sheet that is downloaded anew."),
            )
        cell = place.cell
        self.read.rejects.append(
            Reject(
                sheet=place.sheet.name,
                cell=place.called,
                row=place.row,
                column=place.column,
                text="" if cell is None else str(cell)[:_LONGEST_TEXT],
                fault=fault,
                message=_("%(place)s: %(fault)s") % {"place": _full_name(place), "fault": fault},
                remedy=remedy,
                about=self.template.named(slot) if slot else "",
            )
        )

    def _refuse_stray(self, place: Place, message: str, remedy: str) -> None:
        """Something that is no answer to anything counts as found, and as refused."""
        self.read.found += 1
        self._reject(place, message, remedy)

    def _refuse_row(self, area: Area, row: int) -> None:
        cells = area.sheet.rows[row]
        filled = [column for column, cell in enumerate(cells) if not is_blank(cell)]
        column = next((each for each in filled if each in area.answers), filled[0])
        self.read.rows += area.kind != keys.NOTES
        self._refuse_stray(
            area.at_column(row, column),
            _("this row is none of those that are asked for"),
            _("Delete the row; if it is asked for, restore its code or copy it from a new sheet."),
        )

    def _refuse_strays(self, area: Area, row: int, *, is_section: bool) -> None:
        """What stands in columns of nobody, or beside a heading."""
        for column, cell in enumerate(area.sheet.rows[row]):
            is_stray = column not in area.columns or (is_section and column in area.answers)
            if is_stray and not is_blank(cell):
                self._refuse_stray(area.at_column(row, column), *unasked())

    def _judge_several(self, slot: Slot, several: list[Answer]) -> None:
        """A figure that stands in several places is taken if only one is filled in."""
        filled = [answer for answer in several if answer.is_filled]
        if not filled:
            self.read.empty += len(several) - 1
            self._judge_empty(slot, several[0])
            return
        self.read.empty += len(several) - len(filled)
        if len(filled) == 1:
            self._judge(slot, filled[0])
            return
        for answer in filled:
            others = (each.first for each in filled if each is not answer)
            self._reject(
                answer.first,
                _("the same figure is filled in at %(cells)s too")
                % {"cells": _some(_full_name(place) for place in others)},
                _("Keep the right one and empty the others."),
                slot,
            )

    # What is taken

    def _judge(self, slot: Slot, answer: Answer) -> None:
        line = self.lines[slot[1]]
        try:
            if answer.fault:
                raise _Refused(answer.first, *answer.fault)
            given = self._given(answer, line)
            why = self._locked(slot)
            if why and given != self._before(slot) and not self._as_it_went_out(slot, given):
                raise _Refused(answer.first, *_locked(why))
        except _Refused as refusal:
            self._reject(refusal.place, refusal.message, refusal.remedy, slot)
            return
        self._take(slot, answer, given)
        self.read.accepted += 1
        self.formulas.extend(place for place in answer.places if place.is_formula)

    def _judge_empty(self, slot: Slot, answer: Answer) -> None:
        why = self._locked(slot)
        untouched = self._before(slot) == NOTHING or self._as_it_went_out(slot, NOTHING)
        if why and not untouched:
            self._reject(answer.first, *_locked(why), slot)
            return
        self.read.empty += 1
        if not answer.fault:
            self._take(slot, answer, NOTHING)

    def _take(self, slot: Slot, answer: Answer, given: Given) -> None:
        place = answer.value or answer.first
        self.read.cells[slot] = given
        self.read.at[slot] = Spot(place.sheet.name, place.called, place.row, place.column)

    def _locked(self, slot: Slot) -> str:
        return self.template.locked(self.unit_of[slot[0]], self.lines[slot[1]])

    def _as_it_went_out(self, slot: Slot, given: Given) -> bool:
        """Whether a cell says what it said when the file went out, whatever stands there now."""
        return self.read.was.get(slot) == mark_of(given)

    def _before(self, slot: Slot) -> Given:
        return as_it_comes_back(self.template.given.get(slot, NOTHING))

    def _given(self, answer: Answer, line: SheetLine) -> Given:
        """What the answer says; the cell that keeps it from being taken is named."""
        note, absent, value, place = "", False, None, answer.places[0]
        try:
            if answer.note is not None:
                place = answer.note
                note = _text_of(place)
            if answer.absent is not None:
                place = answer.absent
                absent = answers.is_ticked(place.cell)
            if answer.value is not None and not is_blank(answer.value.cell):
                place = answer.value
                if answers.is_absent(place.cell):
                    return Given(None, True, note)
                if absent:
                    raise Invalid(
                        _("a figure stands here, and it is marked as not applicable"),
                        remedy=_("Delete the figure or the mark."),
                    )
                value, remarks = answers.figure(place.cell, line, percent=place.percent)
                self._remark(place, remarks)
        except Invalid as error:
            raise _Refused(place, error.message, error.remedy or "") from error
        return Given(value, absent, note)

    def _remark(self, place: Place, remarks: Sequence[str]) -> None:
        for remark in remarks:
            self.remarks += 1
            if self.remarks <= _MOST_REMARKS:
                self._note(
                    _("%(place)s: %(fault)s") % {"place": _full_name(place), "fault": remark}
                )

    def _say_what_is_missing(self) -> None:
        asked = len(self.template.units) * len(self.lines)
        missing = asked - len(self.found)
        if missing:
            self._note(
                _("%(count)d figures have no cell in this file; they stay as they are.")
                % {"count": missing}
            )

    def _note(self, sentence: str) -> None:
        self.read.notes.append(sentence)


def _locked(why: str) -> Fault:
    return (
        _("this cell cannot be changed here: %(why)s") % {"why": why},
        _("Restore what stood there, or copy your figures into a new sheet."),
    )


def _text_of(place: Place) -> str:
    """An explanation as text. A number is one too; a formula without its result is none."""
    cell = place.cell
    if place.is_formula and isinstance(cell, str) and cell.startswith(("=", "#")):
        raise Invalid(
            _("a formula without a result stands where text is expected"),
            remedy=_("Write the explanation as text."),
        )
    return plain_text(as_text(cell))


def _full_name(place: Place) -> str:
    """Sheet and cell, as a message names them."""
    if place.sheet.delimited:
        return place.called
    return _("“%(sheet)s” %(cell)s") % {"sheet": place.sheet.name, "cell": place.called}


def _some(names: Iterator[str]) -> str:
    """The first names of what may be many."""
    several = list(names)
    return ", ".join(several[:_NAMED]) + (" …" if len(several) > _NAMED else "")
