"""What becomes of each row of a file under a mapping: candidates, zones, and decisions.

Nothing is dropped in silence: every row ends as candidates, as a decision that names it,
as a problem that names its cell, or is empty and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from throughline.figures.loading.cells import (
    is_percentage,
    read_code,
    read_figure,
    read_period,
    written,
)
from throughline.figures.loading.directory import Directory, Gazetteer
from throughline.figures.loading.faults import MOST_LISTED, Fault, Kind
from throughline.figures.loading.known import KnownSeries
from throughline.figures.loading.outcome import (
    Candidate,
    Decision,
    Missed,
    Reading,
    ZoneWanted,
    in_reader_language,
)
from throughline.figures.loading.source import Line, Source
from throughline.figures.models import Observation, Series
from throughline.figures.words import STATUSES, status_of
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.period import Period, Span
from throughline.places.models import Place, Scheme
from throughline.plans.models import Indicator
from throughline.plans.packs.mapping import Column, Figures, Mapping, Missing, Rule, Treat, Words

MOST_NAMED = 10_000
"""How many rows or remarks of a kind a report names; all are counted."""


def _alike(place: Place, given: str) -> str:
    """A place's name in the language of a given one, to be compared with it."""
    return place.name_en if given.isascii() and place.name_en else place.name_zh or place.name


@dataclass
class _Row:
    """What is known of a row before its unit: whose code list it uses, and what each of its
    columns is a figure of. `note` and `status` are the file's own, where it states them."""

    directory: Directory
    period: Period
    columns: tuple[tuple[Column, Series], ...]
    status: str
    note: str = ""


class _Interpreter:
    """Goes down the rows once; some rules look at the rows above."""

    def __init__(self, source: Source, mapping: Mapping, known: KnownSeries) -> None:
        self.source = source
        self.mapping = mapping
        self.known = known
        self.found = Reading(rows=source.count)
        for note in source.notes:
            self.found.remark(note)
        self.row: _Row
        self.above: dict[str, Place] = {}
        self.first: dict[tuple[object, int, str], Candidate] = {}
        self.contradicted: set[tuple[object, int, str]] = set()
        self.repeats: list[tuple[Line, Place, _Row]] = []
        self.zone_of: dict[tuple[int, str], ZoneWanted] = {}
        self.narrow: dict[int, tuple[tuple[Column, Series], ...]] = {}
        self.directories: dict[tuple[int, Period], Directory] = {}
        self.periods: dict[tuple[str, tuple[str, ...]], Period] = {}
        self.unreadable: dict[tuple[str, int], Fault] = {}
        self.fractions: dict[str, tuple[int, int]] = {}
        self.unit_column = mapping.code or mapping.names[-1]
        self.wide = tuple((column, known.by_key[column.series]) for column in mapping.columns)
        self.read_down = {mapping.code, mapping.period_column, *mapping.names} - {""}
        if mapping.figures is not None:
            self.read_down |= {mapping.figures.measured, mapping.figures.status} - {""}
        self.read_down &= set(source.headings)
        self.treatments: dict[Treat, Callable[[Line, Rule], None]] = {
            Treat.NATION: self._nation,
            Treat.UNIT: self._unit,
            Treat.DUPLICATE: self._duplicate,
            Treat.SUBTOTAL: self._subtotal,
            Treat.ZONE: self._zone,
            Treat.NAMED_UNIT: self._named_unit,
            Treat.NOTE: self._note,
        }

    def run(self) -> Reading:
        for line in self.source:
            self._line(self._filled(line))
        for line, place, row in self.repeats:
            self._compare(line, place, row)
        self.found.candidates = [
            each for key, each in self.first.items() if key not in self.contradicted
        ]
        self._remark_on_fractions()
        if self.found.empty:
            self.found.remark(
                _("%(count)s rows hold nothing in the columns that are read and were passed over.")
                % {"count": f"{self.found.empty:,}"}
            )
        return self.found

    # -- one row ---------------------------------------------------------------------

    def _filled(self, line: Line) -> Line:
        """The row with what a range merged downwards says of it: a province's name over its
        counties."""
        if not self.source.merged:
            return line
        down = {
            name: self.source.merged_above(line, name)
            for name in self.read_down
            if line.cells[name] is None
        }
        cells = {name: cell for name, cell in down.items() if isinstance(cell, str)}
        if not cells:
            return line
        texts = {name: cell.strip() for name, cell in cells.items()}
        return Line(
            line.number, line.index, {**line.texts, **texts}, {**line.cells, **cells}, line.faults
        )

    def _line(self, line: Line) -> None:
        rule = self.mapping.rule_for(line.texts)
        if line.is_empty and (rule is None or rule.treat is Treat.UNIT):
            self.found.empty += 1
            return
        if self.source.repeats_headings(line):
            self._decided(line, Treat.NOTE, "", _("The headings stand here once more."))
            return
        if rule is None:
            self._refuse(
                line, self.unit_column, Kind.RULE,
                _("no rule of the mapping “%(key)s” takes this row") % {"key": self.mapping.key},
                _("Mend the row, or add a rule that says what it is."),
            )  # fmt: skip
            return
        if line.is_torn and rule.treat is not Treat.NOTE:
            self._refuse(
                line, "", Kind.TORN,
                _("the row has more cells than there are headings, so that they may stand wrongly"),
                _("Look for a comma inside a number or a name; write numbers without separators."),
            )  # fmt: skip
            return
        lost = self.read_down & set(line.faults)
        for column in lost:
            error = line.faults[column]
            self._refuse(line, column, Kind.CODE_LOST, error.message, error.remedy or "")
        if lost:
            return
        try:
            self.treatments[rule.treat](line, rule)
        except Fault as fault:
            column = fault.column or self.unit_column
            self._refuse(line, column, fault.kind, fault.message, fault.remedy or "")
        except (NotFound, Invalid) as error:
            self._refuse(line, self.unit_column, Kind.NO_PLACE, error.message, error.remedy or "")

    def _name(self, line: Line) -> str:
        return line.texts.get(self.mapping.names[-1], "") or line.texts.get(self.mapping.code, "")

    def _refuse(self, line: Line, column: str, kind: Kind, message: str, remedy: str) -> None:
        shown = self.source.shown.get(column, column)
        if self.found.refused >= MOST_LISTED:
            self.found.count(shown, kind.value)
            return
        place = self.source.cell_place(line, column)
        self.found.refuse(Problem(place, message, remedy, shown, kind.value))

    def _decide(self, line: Line, rule: Rule, code: str = "") -> None:
        self._decided(line, rule.treat, code, in_reader_language(rule.why))

    def _decided(self, line: Line, treat: Treat, code: str, why: str) -> None:
        self.found.decided[str(treat)] += 1
        if len(self.found.decisions) < MOST_NAMED:
            name = self._name(line)
            self.found.decisions.append(Decision(line.number, name, str(treat), code, why))

    # -- what the row is about: series, period, day --------------------------------------

    def _begin(self, line: Line) -> _Row:
        """What is known of a row before its unit; Fault names the column that does not say."""
        if self.mapping.figures is None:
            period = self._period(line, [series.indicator for _c, series in self.wide])
            scheme = self.known.scheme
            columns = self.wide
            status, note = self.mapping.status, ""
        else:
            figures = self.mapping.figures
            measured = line.texts[figures.measured]
            try:
                series = self.known.named(measured)
            except Fault as fault:
                self._also_at_fault(line)
                raise Fault(
                    fault.kind, fault.message, fault.remedy or "", figures.measured
                ) from fault
            period = self._period(line, [series.indicator])
            scheme = series.indicator.scheme
            columns = self._columns_of(figures, series)
            status = self._status(line, figures.status)
            note = line.texts.get(figures.note, "")
        directory = self._directory(scheme, period)
        self.row = _Row(directory, period, columns, status, note)
        return self.row

    def _also_at_fault(self, line: Line) -> None:
        """Where the series is unknown, the period can still be looked at: one correction."""
        try:
            self._period(line, [])
        except Fault as fault:
            self._refuse(line, fault.column, fault.kind, fault.message, fault.remedy or "")

    def _columns_of(self, figures: Figures, series: Series) -> tuple[tuple[Column, Series], ...]:
        """The one column of a row that is a figure of a series."""
        if series.pk not in self.narrow:
            column = Column(figures.value, series.key, figures.missing, figures.factor)
            self.narrow[series.pk] = ((column, series),)
        return self.narrow[series.pk]

    def _directory(self, scheme: Scheme, period: Period) -> Directory:
        key = (scheme.pk, period)
        if key not in self.directories:
            day = self.mapping.valid_on or period.end
            self.directories[key] = self._gazetteer(scheme).on(day)
        return self.directories[key]

    def _gazetteer(self, scheme: Scheme) -> Gazetteer:
        if scheme.pk not in self.found.gazetteers:
            self.found.gazetteers[scheme.pk] = Gazetteer.of(scheme)
        return self.found.gazetteers[scheme.pk]

    def _period(self, line: Line, indicators: list[Indicator]) -> Period:
        if self.mapping.period is not None:
            return self.mapping.period
        column = self.mapping.period_column
        cell, text = line.cells[column], line.texts[column]
        spans = tuple(sorted({each.span for each in indicators}))
        known = self.periods.get((text, spans))
        if known is not None and isinstance(cell, str):
            return known
        try:
            period, remark = read_period(cell, text, [Span(span) for span in spans])
            if period.start > self.known.today:
                raise Fault(
                    Kind.PERIOD,
                    _("%(period)s has not begun") % {"period": period},
                    _("Correct the period; what is planned is a target, not a figure."),
                )
        except Fault as fault:
            raise Fault(fault.kind, fault.message, fault.remedy or "", column) from fault
        if remark:
            self.found.remark(f"{self.source.cell_place(line, column)}: {remark}")
        self.periods[text, spans] = period
        return period

    def _status(self, line: Line, column: str) -> str:
        text = line.texts.get(column, "") if column else ""
        if not text:
            return self.mapping.status
        status = status_of(text)
        if status is None or status == Observation.Status.DRAFT:
            words = [str(word) for key, word in STATUSES.items() if key != Observation.Status.DRAFT]
            raise Fault(
                Kind.STATUS,
                _("“%(text)s” is not a status of a figure") % {"text": text[:40]},
                _("Write one of: %(list)s.") % {"list": ", ".join(words)},
                column,
            )
        return status

    # -- which unit ----------------------------------------------------------------------

    def _nation(self, line: Line, rule: Rule) -> None:
        row = self._begin(line)
        if row.directory.top is None:
            raise NotFound(_("The scheme has no unit at its top."))
        if rule.why != Words():
            self._decide(line, rule, row.directory.top.code)
        self._take(line, row.directory.top)

    def _unit(self, line: Line, rule: Rule) -> None:
        row = self._begin(line)
        code = read_code(line.texts.get(self.mapping.code, ""))
        if not code:
            self._take(line, self._by_names(line))
            return
        place = row.directory.coded(code)
        if rule.code_decides:
            self._decide(line, rule, place.code)
        else:
            self._check_name(line, place)
        self._take(line, place)

    def _check_name(self, line: Line, place: Place) -> None:
        """A name unlike the code list's is remarked; one that is another unit's shows that
        code and name of different rows stand together."""
        column = self._naming_column(line)
        name = line.texts.get(column, "")
        directory = self.row.directory
        if not name or directory.bears(place, name):
            return
        others = directory.named(name, None)
        parent = directory.parents.get(place.pk)
        beside = [each for each in others if directory.parents.get(each.pk) == parent]
        if beside:
            raise Fault(
                Kind.NAME,
                _("the code %(code)s is %(name)s, but “%(given)s” stands here, which is %(other)s")
                % {
                    "code": place.code, "name": _alike(place, name), "given": name,
                    "other": ", ".join(each.code for each in beside),
                },
                _("Put each code beside its own name."),
                column,
            )  # fmt: skip
        self.found.remark(
            _("%(place)s: “%(given)s” stands here; in the code list %(code)s is “%(name)s”")
            % {
                "place": self.source.cell_place(line, column),
                "given": name, "code": place.code, "name": _alike(place, name),
            }
        )  # fmt: skip

    def _naming_column(self, line: Line) -> str:
        """The column with the most specific name of the row."""
        given = [name for name in self.mapping.names if line.texts.get(name)]
        return given[-1] if given else ""

    def _by_names(self, line: Line) -> Place:
        names = [line.texts[name] for name in self.mapping.names if line.texts.get(name)]
        if not names:
            raise Fault(
                Kind.CODE, _("neither a code nor a name stands in this row"),
                _("Give the unit's code."),
            )  # fmt: skip
        within = self.row.directory.path(names[:-1]) if names[:-1] else None
        return self._single(names[-1], within)

    def _single(self, name: str, within: Place | None) -> Place:
        found = self.row.directory.named(name, within)
        column = self.mapping.names[-1]
        if len(found) == 1:
            return found[0]
        if not found:
            raise Fault(
                Kind.NO_PLACE,
                _("there is no place named “%(name)s” here") % {"name": name[:40]},
                _("Write the name as the code list has it, or give the code."),
                column,
            )
        raise Fault(
            Kind.NO_PLACE,
            _("%(count)s places are named “%(name)s”") % {"count": len(found), "name": name},
            _("Give the code, or the names of the places above."),
            column,
        )

    def _parent(self, line: Line, rule: Rule) -> Place:
        parent = rule.parent
        if parent is not None and parent.names:
            return self.row.directory.path([line.texts[name] for name in parent.names])
        if parent is not None and parent.above in self.above:
            return self.above[parent.above]
        raise Fault(
            Kind.NO_PLACE, _("it cannot be told where this unit belongs"),
            _("Put the row below the unit that it lies in."),
        )  # fmt: skip

    def _zone(self, line: Line, rule: Rule) -> None:
        row = self._begin(line)
        parent = self._parent(line, rule)
        name = self._name(line)
        known = [
            place for place in row.directory.named(name, parent) if place.kind == Place.Kind.ZONE
        ]
        if known:
            self._decide(line, rule, known[0].code)
            self._take(line, known[0])
            return
        zone = ZoneWanted(name, parent, line.number, in_reader_language(rule.why), row.directory.on)
        if (parent.pk, name) in self.zone_of:
            zone = self.zone_of[parent.pk, name]
        else:
            self.zone_of[parent.pk, name] = zone
            self.found.zones.append(zone)
        self._decide(line, rule, parent.code)
        self._take(line, zone)

    def _named_unit(self, line: Line, rule: Rule) -> None:
        row = self._begin(line)
        within = self._parent(line, rule)
        found = row.directory.named(self._name(line), within)
        if len(found) == 1:
            self._decide(line, rule, found[0].code)
            self._take(line, found[0])
        elif rule.otherwise == "zone":
            self._zone(line, rule)
        else:
            self._take(line, self._single(self._name(line), within))

    def _duplicate(self, line: Line, rule: Rule) -> None:
        """The row repeats another unit's: its figures must be the same, and are stored once.
        They are compared at the end, wherever the other row stands."""
        row = self._begin(line)
        place = row.directory.coded(rule.code_repeated(line.texts))
        self._decide(line, rule, place.code)
        self.repeats.append((line, place, row))

    def _compare(self, line: Line, place: Place, row: _Row) -> None:
        self.row = row
        for column, series in row.columns:
            value = self._value(line, column, series)
            key = (place.pk, series.pk, row.period.code)
            first = self.first.get(key)
            if value is None or first is None or first.value == value:
                continue
            self.contradicted.add(key)
            self._refuse(
                line, column.name, Kind.DIFFERS,
                _("repeats %(code)s but differs: %(value)s here, %(other)s in row %(row)s")
                % {
                    "code": place.code, "value": written(value),
                    "other": written(first.value), "row": first.row,
                },
                _("Correct the row that is wrong."),
            )  # fmt: skip

    def _subtotal(self, line: Line, rule: Rule) -> None:
        self._decide(line, rule)
        self.found.subtotals.append((line, rule))

    def _note(self, line: Line, rule: Rule) -> None:
        self._decide(line, rule)

    # -- cells -----------------------------------------------------------------------

    def _value(self, line: Line, column: Column, series: Series) -> float | None:
        """The figure in a cell in the indicator's unit; problems are put on record."""
        cell = line.cells[column.name]
        try:
            if self.source.merged:
                self._check_merged(line, column.name)
            if isinstance(cell, str) and (cell, series.pk) in self.unreadable:
                raise self.unreadable[cell, series.pk]
            percent = self.source.is_percent(line, column.name)
            read = read_figure(cell, series.indicator, column.factor, percent=percent)
        except Fault as fault:
            if isinstance(cell, str) and fault.kind is Kind.NUMBER:
                self._remember(cell, series, fault)
            self._refuse(line, column.name, fault.kind, fault.message, fault.remedy or "")
            return None
        if read.remarks:
            place = self.source.cell_place(line, column.name)
            for remark in read.remarks:
                self.found.remark(f"{place}: {remark}")
        if read.value is not None:
            return read.value
        return 0.0 if column.missing is Missing.ZERO else None

    def _remember(self, cell: str, series: Series, fault: Fault) -> None:
        """The same wrong word in a thousand cells is looked into once."""
        if len(self.unreadable) < MOST_LISTED:
            self.unreadable[cell, series.pk] = fault

    def _check_merged(self, line: Line, column: str) -> None:
        """A figure in a range over several cells belongs to nobody knows whom."""
        merged = self.source.range_of(line, column)
        if merged is None or self.source.sheet.rows[merged.top][merged.left] is None:
            return
        raise Fault(
            Kind.MERGED,
            _("the cell is merged with others; it cannot be told whose figure it is"),
            _("Unmerge the cells and give every unit its own figure."),
        )

    def _take(self, line: Line, place: Place | ZoneWanted) -> None:
        if isinstance(place, Place):
            self.above[place.tier.key] = place
            for tier in [t for t in self.above if self.above[t].tier.level > place.tier.level]:
                del self.above[tier]
        self.found.units[line.number] = place
        for column, series in self.row.columns:
            refused = self.found.refused
            value = self._value(line, column, series)
            if value is not None:
                self._candidate(line, column, series, place, value)
            elif self.found.refused == refused:
                self._missing(line, column)

    def _candidate(
        self, line: Line, column: Column, series: Series, place: Place | ZoneWanted, value: float
    ) -> None:
        row = self.row
        self.found.values[line.number, column.name] = value
        if is_percentage(series.indicator):
            self._count_fraction(column.name, value)
        owner = place.pk if isinstance(place, Place) else place
        key = (owner, series.pk, row.period.code)
        candidate = Candidate(
            line.number, column.name, place, series, row.period, value, row.status, row.note
        )
        first = self.first.setdefault(key, candidate)
        if first is candidate:
            return
        if first.value != value:
            # Nobody knows which is right: neither is stored, even where good rows are.
            self.contradicted.add(key)
            message = _("another figure of this unit stands in row %(row)s: %(other)s")
        else:
            message = _("this figure stands already in row %(row)s")
        self._refuse(
            line, column.name, Kind.TWICE,
            message % {"row": first.row, "other": written(first.value)},
            _("Keep one of the two rows."),
        )  # fmt: skip

    def _count_fraction(self, column: str, value: float) -> None:
        small, all_of = self.fractions.get(column, (0, 0))
        self.fractions[column] = (small + (0 < abs(value) <= 1), all_of + 1)

    def _remark_on_fractions(self) -> None:
        """A whole column of percentages below one is more likely a column of fractions."""
        for column, (small, all_of) in self.fractions.items():
            if small == all_of and all_of > 1:
                shown = self.source.shown[column]
                self.found.remark(
                    _(
                        "“%(column)s”: no figure is above 1 %%. If these are fractions (0.6384 for"
                        " 63.84 %%), the mapping needs the factor 100; they were read as per cent."
                    )
                    % {"column": shown}
                )

    def _missing(self, line: Line, column: Column) -> None:
        kinds = self.found.missing.setdefault(column.name, {})
        missed = kinds.setdefault(str(column.missing), Missed())
        missed.count += 1
        if len(missed.rows) < MOST_NAMED:
            missed.rows.append(f"{line.number} {self._name(line)}")


def interpret(source: Source, mapping: Mapping, known: KnownSeries) -> Reading:
    """Say what becomes of every row. `known` holds the series that the actor may fill."""
    return _Interpreter(source, mapping, known).run()
