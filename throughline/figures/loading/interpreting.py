"""What becomes of each row of a file under a mapping: candidates, zones, and decisions.

Nothing is dropped in silence: every row ends as candidates, as a decision that names it,
or as a problem that names its cell.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Names
from dataclasses import dataclass, field

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.figures.loading.directory import Directory
from throughline.figures.loading.source import Line, Source
from throughline.figures.models import Series
from throughline.files.numbers import read_number
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.plans.packs.mapping import Column, Mapping, Missing, Rule, Treat, Words


@dataclass(frozen=True)
class ZoneWanted:
    """A unit without a code, to be registered under a place before its figures are stored."""

    name: str
    parent: Place
    row: int
    reason: str


@dataclass(frozen=True)
class Candidate:
    """A figure of the file: for a place, or for a zone that is yet to be registered."""

    row: int
    cell: str
    column: str
    place: Place | ZoneWanted
    series: Series
    period: Period
    value: float


@dataclass(frozen=True)
class Decision:
    """What was done with a row that is not simply a unit's, and why."""

    row: int
    name: str
    treat: str
    code: str
    why: str


@dataclass
class Reading:
    """All that a file says under a mapping."""

    candidates: list[Candidate] = field(default_factory=list)
    zones: list[ZoneWanted] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    missing: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    subtotals: list[tuple[Line, Rule]] = field(default_factory=list)
    units: dict[int, Place | ZoneWanted] = field(default_factory=dict)
    values: dict[tuple[int, str], float] = field(default_factory=dict)


def in_reader_language(words: Words) -> str:
    """A text of a pack for whoever reads the report."""
    chinese = (get_language() or "en").startswith("zh")
    return (words.zh or words.en) if chinese else (words.en or words.zh)


class _Interpreter:
    """Goes down the rows once; some rules look at the rows above."""

    def __init__(
        self, source: Source, mapping: Mapping, directory: Directory, series: Names[str, Series]
    ) -> None:
        self.source = source
        self.mapping = mapping
        self.directory = directory
        self.series = series
        self.found = Reading(problems=list(source.problems), remarks=list(source.notes))
        self.above: dict[str, Place] = {}
        self.first_row: dict[tuple[object, str, str], Candidate] = {}
        self.zone_of: dict[tuple[int, str], ZoneWanted] = {}
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
        for line in self.source.lines:
            rule = self.mapping.rule_for(line.texts)
            if rule is None:
                self._refuse(
                    line,
                    self.mapping.code or self.mapping.names[-1],
                    _("no rule of the mapping “%(key)s” takes this row")
                    % {"key": self.mapping.key},
                    _("mend the row, or add a rule that says what it is"),
                )
                continue
            try:
                self.treatments[rule.treat](line, rule)
            except (NotFound, Invalid) as error:
                column = self.mapping.code or self.mapping.names[-1]
                self._refuse(line, column, error.message, error.remedy or "")
        return self.found

    # -- one row ---------------------------------------------------------------------

    def _name(self, line: Line) -> str:
        return line.texts.get(self.mapping.names[-1], "") or line.texts.get(self.mapping.code, "")

    def _refuse(self, line: Line, column: str, message: str, remedy: str) -> None:
        place = self.source.cell_place(line, column)
        self.found.problems.append(Problem(place, message, remedy, column))

    def _decide(self, line: Line, rule: Rule, code: str = "") -> None:
        self.found.decisions.append(
            Decision(
                line.number, self._name(line), str(rule.treat), code, in_reader_language(rule.why)
            )
        )

    def _nation(self, line: Line, rule: Rule) -> None:
        if self.directory.top is None:
            raise NotFound(_("The scheme has no unit at its top."))
        self._take(line, self.directory.top)

    def _unit(self, line: Line, rule: Rule) -> None:
        code = line.texts.get(self.mapping.code, "")
        place = self.directory.coded(code) if code else self._by_names(line)
        if place.kind == Place.Kind.HEADING:
            raise Invalid(
                _("%(code)s %(name)s is a heading of the code list, not a place")
                % {"code": place.code, "name": place.name},
                remedy=_("add a rule that says what such a row is"),
            )
        self._take(line, place)

    def _by_names(self, line: Line) -> Place:
        names = [line.texts[name] for name in self.mapping.names if line.texts[name]]
        within = self.directory.path(names[:-1]) if names[:-1] else None
        return self._single(names[-1] if names else "", within)

    def _single(self, name: str, within: Place | None) -> Place:
        found = self.directory.named(name, within)
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound(_("there is no place named “%(name)s” here") % {"name": name})
        raise Invalid(
            _("%(count)s places are named “%(name)s”") % {"count": len(found), "name": name},
            remedy=_("give the code, or the names of the places above"),
        )

    def _parent(self, line: Line, rule: Rule) -> Place:
        parent = rule.parent
        if parent is not None and parent.names:
            return self.directory.path([line.texts[name] for name in parent.names])
        if parent is not None and parent.above in self.above:
            return self.above[parent.above]
        raise Invalid(_("it cannot be told where this unit belongs"))

    def _zone(self, line: Line, rule: Rule) -> None:
        parent = self._parent(line, rule)
        name = self._name(line)
        known = [
            place for place in self.directory.named(name, parent) if place.kind == Place.Kind.ZONE
        ]
        if known:
            self._decide(line, rule, known[0].code)
            self._take(line, known[0])
            return
        zone = ZoneWanted(name, parent, line.number, in_reader_language(rule.why))
        if (parent.pk, name) in self.zone_of:
            zone = self.zone_of[parent.pk, name]
        else:
            self.zone_of[parent.pk, name] = zone
            self.found.zones.append(zone)
        self._decide(line, rule, parent.code)
        self._take(line, zone)

    def _named_unit(self, line: Line, rule: Rule) -> None:
        within = self._parent(line, rule)
        found = self.directory.named(self._name(line), within)
        if len(found) == 1:
            self._decide(line, rule, found[0].code)
            self._take(line, found[0])
        elif rule.otherwise == "zone":
            self._zone(line, rule)
        else:
            self._take(line, self._single(self._name(line), within))

    def _duplicate(self, line: Line, rule: Rule) -> None:
        """The row repeats another unit's: its figures must be the same, and are stored once."""
        place = self.directory.coded(rule.code_repeated(line.texts))
        self._decide(line, rule, place.code)
        for column in self.mapping.columns:
            value = self._value(line, column)
            first = self.first_row.get(
                (place.pk, self._series(column).key, self._period(line).code)
            )
            if value is not None and first is not None and first.value != value:
                self._refuse(
                    line, column.name,
                    _("repeats %(code)s but differs: %(value)s here, %(other)s in row %(row)s")
                    % {"code": place.code, "value": value, "other": first.value, "row": first.row},
                    _("correct the row that is wrong"),
                )  # fmt: skip

    def _subtotal(self, line: Line, rule: Rule) -> None:
        self._decide(line, rule)
        self.found.subtotals.append((line, rule))

    def _note(self, line: Line, rule: Rule) -> None:
        self._decide(line, rule)

    # -- cells -----------------------------------------------------------------------

    def _period(self, line: Line) -> Period:
        if self.mapping.period is not None:
            return self.mapping.period
        return Period.parse(line.texts[self.mapping.period_column])

    def _series(self, column: Column) -> Series:
        return self.series[column.series]

    def _value(self, line: Line, column: Column) -> float | None:
        """The figure in a cell in the indicator's unit; problems are put on record."""
        try:
            number = read_number(
                line.cells[column.name], percent=self.source.is_percent(line, column.name)
            )
        except Invalid as error:
            self._refuse(line, column.name, error.message, error.remedy or "")
            return None
        place = self.source.cell_place(line, column.name)
        self.found.remarks += [f"{place}: {remark}" for remark in number.remarks]
        if number.value is None:
            return 0.0 if column.missing is Missing.ZERO else None
        value = number.value * column.factor
        indicator = self._series(column).indicator
        low, high = indicator.minimum, indicator.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            self._refuse(
                line, column.name,
                _("%(value)s is outside what is possible (%(low)s to %(high)s %(unit)s)")
                % {"value": value, "low": low, "high": high, "unit": indicator.unit},
                _("correct the figure, or its unit"),
            )  # fmt: skip
            return None
        return value

    def _take(self, line: Line, place: Place | ZoneWanted) -> None:
        if isinstance(place, Place):
            self.above[place.tier.key] = place
            for tier in [t for t in self.above if self.above[t].tier.level > place.tier.level]:
                del self.above[tier]
        self.found.units[line.number] = place
        period = self._period(line)
        for column in self.mapping.columns:
            before = len(self.found.problems)
            value = self._value(line, column)
            if value is None:
                if len(self.found.problems) == before:
                    self._missing(line, column)
                continue
            self._candidate(line, column, place, period, value)

    def _candidate(
        self, line: Line, column: Column, place: Place | ZoneWanted, period: Period, value: float
    ) -> None:
        series = self._series(column)
        candidate = Candidate(
            line.number, self.source.cell_place(line, column.name), column.name, place, series,
            period, value,
        )  # fmt: skip
        owner = place.pk if isinstance(place, Place) else place
        key = (owner, series.key, period.code)
        first = self.first_row.setdefault(key, candidate)
        self.found.values[line.number, column.name] = value
        if first is not candidate:
            self._refuse(
                line, column.name,
                _("this figure stands already in row %(row)s") % {"row": first.row},
                _("keep one of the two rows"),
            )  # fmt: skip
            return
        self.found.candidates.append(candidate)

    def _missing(self, line: Line, column: Column) -> None:
        kinds = self.found.missing.setdefault(column.name, {})
        kinds.setdefault(str(column.missing), []).append(f"{line.number} {self._name(line)}")


def interpret(
    source: Source, mapping: Mapping, directory: Directory, series: Names[str, Series]
) -> Reading:
    """Say what becomes of every row. `series` holds those that the mapping names, by key."""
    return _Interpreter(source, mapping, directory, series).run()
