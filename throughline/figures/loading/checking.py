"""The checks that a mapping declares: what adds up in the file, and what does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from throughline.figures.loading.cells import read_figure, written
from throughline.figures.loading.directory import Directory
from throughline.figures.loading.faults import Fault
from throughline.figures.loading.known import KnownSeries
from throughline.figures.loading.outcome import Reading, ZoneWanted
from throughline.figures.loading.source import Line, Source
from throughline.files.numbers import read_number
from throughline.kernel.errors import Invalid
from throughline.places.models import Place
from throughline.plans.packs.mapping import Check, Column, Mapping

_DIFFERENCES_NAMED = 1000


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: how many units it held for, and where it did not.

    `skipped` could not be checked, `noted` hold only once units without a code are counted.
    """

    check: str
    held: int
    differences: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()


def run_checks(
    source: Source, mapping: Mapping, reading: Reading, known: KnownSeries
) -> list[Finding]:
    """Answer every check of the mapping, and compare the subtotal rows that it names. A file
    with one row a figure has neither."""
    if mapping.figures is not None or mapping.valid_on is None or not reading.gazetteers:
        return []
    directory = reading.gazetteers[known.scheme.pk].on(mapping.valid_on)
    run = _Checks(source, reading, directory, known)
    findings = [finding for check in mapping.checks for finding in run.answer(check)]
    return findings + run.subtotals(mapping.columns)


def total_of(values: Iterable[float]) -> float:
    """The sum in decimals, so that 0.1 and 0.2 make 0.3.

    >>> total_of([0.1, 0.2]), total_of([])
    (0.3, 0.0)
    """
    return float(sum((Decimal(repr(value)) for value in values), Decimal(0)))


class _Checks:
    def __init__(
        self, source: Source, reading: Reading, directory: Directory, known: KnownSeries
    ) -> None:
        self.known = known
        self.source = source
        self.reading = reading
        self.directory = directory
        self.values = {
            (self._key(reading.units[row]), column): value
            for (row, column), value in reading.values.items()
        }
        self.children = self._children()

    @staticmethod
    def _key(unit: Place | ZoneWanted) -> object:
        return unit.pk if isinstance(unit, Place) else unit

    def _children(self) -> dict[int, list[Place | ZoneWanted]]:
        found: dict[int, list[Place | ZoneWanted]] = {}
        for unit in self.reading.units.values():
            if isinstance(unit, ZoneWanted):
                found.setdefault(unit.parent.pk, []).append(unit)
            elif unit.pk in self.directory.parents:
                found.setdefault(self.directory.parents[unit.pk], []).append(unit)
        return found

    def answer(self, check: Check) -> Iterable[Finding]:
        if check.kind == "children_sum":
            return [self._children_sum(check, column) for column in check.columns]
        if check.kind == "own_sum":
            return [self._own_sum(check, column) for column in check.columns]
        if check.kind == "parts":
            return [self._parts(check)]
        return [self._total(check)]

    def _units(self, tier: str) -> list[Place]:
        return [
            unit
            for unit in self.reading.units.values()
            if isinstance(unit, Place) and unit.tier.key == tier
        ]

    def _lowest(self, unit: Place) -> list[Place | ZoneWanted]:
        """The lowest units of the file below a unit."""
        found: list[Place | ZoneWanted] = []
        for child in self.children.get(unit.pk, ()):
            below = self._lowest(child) if isinstance(child, Place) else []
            found += below or [child]
        return found

    def _all_below(self, unit: Place) -> list[Place | ZoneWanted]:
        """All units of the file below a unit."""
        found: list[Place | ZoneWanted] = []
        for child in self.children.get(unit.pk, ()):
            found.append(child)
            found += self._all_below(child) if isinstance(child, Place) else []
        return found

    def _sum(self, units: Iterable[Place | ZoneWanted], column: str) -> float:
        return total_of(self.values.get((self._key(each), column), 0.0) for each in units)

    def _own_sum(self, check: Check, column: str) -> Finding:
        held = 0
        differences: list[str] = []
        for unit in self._units(check.tier):
            stated = self.values.get((unit.pk, column))
            total = self._sum(self._all_below(unit), column)
            if stated is None or total == stated:
                held += stated is not None
            else:
                differences.append(self._apart(unit, stated, total))
        title = _("%(column)s: each %(tier)s equals all units below it, each with its own") % {
            "column": column, "tier": check.tier,
        }  # fmt: skip
        return Finding(title, held, tuple(differences))

    @staticmethod
    def _apart(unit: Place, stated: float, total: float) -> str:
        return _("%(code)s %(name)s: %(stated)s stated, %(sum)s by its units, %(gap)s apart") % {
            "code": unit.code,
            "name": unit.name,
            "stated": written(stated),
            "sum": written(total),
            "gap": written(total_of([stated, -total])),
        }

    def _children_sum(self, check: Check, column: str) -> Finding:
        held = 0
        differences, skipped, noted = [], [], []
        for unit in self._units(check.tier):
            below = self._lowest(unit)
            stated = self.values.get((unit.pk, column))
            if not below or stated is None:
                skipped.append(f"{unit.code} {unit.name}")
                continue
            total = self._sum(below, column)
            if total != stated:
                differences.append(self._apart(unit, stated, total))
                continue
            held += 1
            zones = [each for each in self.children[unit.pk] if self._is_zone(each)]
            coded = self._sum((each for each in below if each not in zones), column)
            if coded != stated:
                noted.append(
                    _("%(code)s %(name)s: %(coded)s by units with a code, the rest by: %(zones)s")
                    % {
                        "code": unit.code,
                        "name": unit.name,
                        "coded": written(coded),
                        "zones": ", ".join(each.name for each in zones),
                    }
                )
        title = _("%(column)s: each %(tier)s equals its units") % {
            "column": column, "tier": check.tier,
        }  # fmt: skip
        return Finding(title, held, tuple(differences), tuple(skipped), tuple(noted))

    @staticmethod
    def _is_zone(unit: Place | ZoneWanted) -> bool:
        return not isinstance(unit, Place) or not unit.official

    def _number(self, line: Line, column: str) -> float | None:
        try:
            return read_number(line.cells[column]).value
        except Invalid:
            return None

    def _parts(self, check: Check) -> Finding:
        held = 0
        differences: list[str] = []
        skipped: list[str] = []
        for line in self.source:
            whole = self._number(line, check.total)
            parts = [self._number(line, name) for name in check.parts]
            if check.missing == "zero":
                parts = [part or 0.0 for part in parts]
            given = [part for part in parts if part is not None]
            if whole is None or len(given) < len(parts):
                skipped.append(str(line.number))
            elif total_of(given) == whole:
                held += 1
            elif len(differences) < _DIFFERENCES_NAMED:
                differences.append(
                    _("row %(row)s: %(whole)s, its parts %(sum)s")
                    % {"row": line.number, "whole": written(whole), "sum": written(total_of(given))}
                )
        title = f"{check.total} = {' + '.join(check.parts)}"
        return Finding(title, held, tuple(differences), tuple(skipped[:_DIFFERENCES_NAMED]))

    def _total(self, check: Check) -> Finding:
        total = self._sum(self._units(check.tier), check.column)
        title = _("%(column)s: every %(tier)s together is %(value)s") % {
            "column": check.column, "tier": check.tier, "value": written(check.value or 0.0),
        }  # fmt: skip
        if total == check.value:
            return Finding(title, 1, ())
        return Finding(title, 0, (_("the sum is %(sum)s") % {"sum": written(total)},))

    def subtotals(self, columns: Iterable[Column]) -> list[Finding]:
        """A subtotal row is compared with every run of rows that could be its members: those
        that follow it, up to where their sum reaches it."""
        held, differences = 0, []
        for line, _rule in self.reading.subtotals:
            unlike = [each.name for each in columns if not self._adds_up(line, each)]
            if unlike:
                differences.append(
                    _("row %(row)s: no run of rows beside it adds up to it in %(columns)s")
                    % {"row": line.number, "columns": ", ".join(unlike)}
                )
            else:
                held += 1
        if not self.reading.subtotals:
            return []
        return [Finding(_("subtotal rows equal their members"), held, tuple(differences))]

    def _stated(self, line: Line, column: Column) -> float | None:
        """What a subtotal row states, in the indicator's unit as its members are."""
        indicator = self.known.by_key[column.series].indicator
        percent = self.source.is_percent(line, column.name)
        try:
            return read_figure(
                line.cells[column.name], indicator, column.factor, percent=percent
            ).value
        except Fault:
            return None

    def _adds_up(self, line: Line, column: Column) -> bool:
        wanted = self._stated(line, column)
        if wanted is None:
            return True
        total, sought = Decimal(0), Decimal(repr(wanted))
        for row in range(line.number + 1, line.number + 201):
            if row in self.reading.units:
                total += Decimal(repr(self.reading.values.get((row, column.name), 0.0)))
            if total == sought:
                return True
            if total > sought:
                break
        return self.reading.values.get((line.number - 1, column.name)) == wanted
