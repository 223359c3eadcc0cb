"""The checks that a mapping declares: what adds up in the file, and what does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from throughline.figures.loading.directory import Directory
from throughline.figures.loading.interpreting import Reading, ZoneWanted
from throughline.figures.loading.source import Line, Source
from throughline.files.numbers import read_number
from throughline.kernel.errors import Invalid
from throughline.places.models import Place
from throughline.plans.packs.mapping import Check, Mapping


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: how many units it held for, and where it did not."""

    check: str
    held: int
    differences: tuple[str, ...]
    skipped: tuple[str, ...] = ()


def run_checks(
    source: Source, mapping: Mapping, reading: Reading, directory: Directory
) -> list[Finding]:
    """Answer every check of the mapping, and compare the subtotal rows that it names."""
    run = _Checks(source, reading, directory)
    findings = [finding for check in mapping.checks for finding in run.answer(check)]
    columns = [column.name for column in mapping.columns]
    return findings + run.subtotals(columns)


class _Checks:
    def __init__(self, source: Source, reading: Reading, directory: Directory) -> None:
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

    def _children_sum(self, check: Check, column: str) -> Finding:
        held, differences, skipped = 0, [], []
        for unit in self._units(check.tier):
            below = self._lowest(unit)
            stated = self.values.get((unit.pk, column))
            if not below or stated is None:
                skipped.append(f"{unit.code} {unit.name}")
                continue
            total = sum(self.values.get((self._key(each), column), 0.0) for each in below)
            if total == stated:
                held += 1
            else:
                differences.append(
                    _("%(code)s %(name)s: %(stated)s stated, %(sum)s by its units, %(gap)s apart")
                    % {
                        "code": unit.code,
                        "name": unit.name,
                        "stated": f"{stated:,.10g}",
                        "sum": f"{total:,.10g}",
                        "gap": f"{stated - total:+,.10g}",
                    }
                )
        title = _("%(column)s: each %(tier)s equals its units") % {
            "column": column, "tier": check.tier,
        }  # fmt: skip
        return Finding(title, held, tuple(differences), tuple(skipped))

    def _number(self, line: Line, column: str) -> float | None:
        try:
            return read_number(line.cells[column]).value
        except Invalid:
            return None

    def _parts(self, check: Check) -> Finding:
        held, differences, skipped = 0, [], []
        for line in self.source.lines:
            whole = self._number(line, check.total)
            parts = [self._number(line, name) for name in check.parts]
            if check.missing == "zero":
                parts = [part or 0.0 for part in parts]
            given = [part for part in parts if part is not None]
            if whole is None or len(given) < len(parts):
                skipped.append(str(line.number))
            elif sum(given) == whole:
                held += 1
            else:
                differences.append(
                    _("row %(row)s: %(whole)s, its parts %(sum)s")
                    % {"row": line.number, "whole": f"{whole:,.10g}", "sum": f"{sum(given):,.10g}"}
                )
        title = f"{check.total} = {' + '.join(check.parts)}"
        return Finding(title, held, tuple(differences), tuple(skipped))

    def _total(self, check: Check) -> Finding:
        units = self._units(check.tier)
        total = sum(self.values.get((unit.pk, check.column), 0.0) for unit in units)
        title = _("%(column)s: every %(tier)s together is %(value)s") % {
            "column": check.column, "tier": check.tier, "value": f"{check.value:,.10g}",
        }  # fmt: skip
        if total == check.value:
            return Finding(title, 1, ())
        return Finding(title, 0, (_("the sum is %(sum)s") % {"sum": f"{total:,.10g}"},))

    def subtotals(self, columns: Iterable[str]) -> list[Finding]:
        """A subtotal row is compared with every run of rows that could be its members: those
        that follow it, up to where their sum reaches it."""
        held, differences = 0, []
        for line, _rule in self.reading.subtotals:
            unlike = [name for name in columns if not self._adds_up(line, name)]
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

    def _adds_up(self, line: Line, column: str) -> bool:
        wanted = self._number(line, column)
        if wanted is None:
            return True
        total = 0.0
        for row in range(line.number + 1, line.number + 201):
            unit = self.reading.units.get(row)
            if unit is None and row not in self.reading.units:
                if total == wanted:
                    return True
                continue
            total += self.reading.values.get((row, column), 0.0)
            if total == wanted:
                return True
            if total > wanted:
                break
        before = self.reading.values.get((line.number - 1, column))
        return before == wanted
