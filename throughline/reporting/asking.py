"""What is asked of a unit: the lines of all forms at once, each figure a single time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from throughline.figures.models import Observation, Series
from throughline.kernel.memory import remembered
from throughline.kernel.period import Period
from throughline.places.queries import children
from throughline.reporting.models import Cycle, Form, FormLine, FormRule, Report

BACK = 12
"""Periods before its own that a sheet knows."""


@dataclass(frozen=True)
class AskedLine:
    """A figure that is asked for, and all who ask for it."""

    line: FormLine
    series: Series
    forms: tuple[Form, ...]

    @property
    def key(self) -> str:
        """The series' key, by which the cell goes everywhere."""
        return self.series.key

    @property
    def required(self) -> bool:
        """Whether any form wants it."""
        return self.line.required


@dataclass(frozen=True)
class Asked:
    """All that is asked of a unit in a cycle."""

    forms: tuple[Form, ...]
    lines: tuple[AskedLine, ...]
    rules: tuple[FormRule, ...]
    by_key: Mapping[str, AskedLine] = field(repr=False)


def asked_in(cycle: Cycle, level: int, *, lowest: bool) -> Asked:
    """What a cycle asks of the units at a level of tiers; `lowest`: of one with nothing below
    it, which fills in what is asked of the tiers below as well."""
    key = ("asked in", cycle.pk, level, lowest)
    return remembered(key, lambda: _asked_in(cycle, level, lowest=lowest))


def _asked_in(cycle: Cycle, level: int, *, lowest: bool) -> Asked:
    forms = [
        form
        for form in cycle.forms.select_related("asked_by", "plan", "tier").order_by("key")
        if form.tier.level == level or (lowest and form.tier.level > level)
    ]
    rows = FormLine.objects.filter(form__in=forms).select_related(
        "series__indicator", "series__edition", "series__producer"
    )
    lines: dict[str, AskedLine] = {}
    of_form = {form.pk: form for form in forms}
    for row in sorted(rows, key=lambda each: (of_form[each.form_id].key, each.position)):
        form = of_form[row.form_id]
        before = lines.get(row.series.key)
        if before is None:
            lines[row.series.key] = AskedLine(row, row.series, (form,))
            continue
        first = before.line
        first.required = first.required or row.required
        lines[row.series.key] = AskedLine(first, before.series, (*before.forms, form))
    rules = FormRule.objects.filter(form__in=forms).order_by("form__key", "position")
    return Asked(tuple(forms), tuple(lines.values()), tuple(rules), lines)


def asked_of(report: Report) -> Asked:
    """What the cycle of a report asks of its unit."""
    place, cycle = report.place, report.cycle
    levels = set(cycle.forms.values_list("tier__level", flat=True))
    deeper = any(level > place.tier.level for level in levels)
    day = Period.parse(cycle.period).end
    lowest = deeper and not children(place, day).exists()
    return asked_in(cycle, place.tier.level, lowest=lowest)


def periods_before(period: Period, count: int = BACK) -> list[Period]:
    """The periods before one, oldest first."""
    return [period.shift(-back) for back in range(count, 0, -1)]


@dataclass(frozen=True)
class Standing:
    """The figure that stands in a cell of a place."""

    id: int
    value: float | None
    status: str
    note: str
    act: int


def standing_at(
    place: int, series: Sequence[int], periods: Sequence[Period]
) -> dict[tuple[int, str], Standing]:
    """By series and period, the figures that stand at a place, whatever their release."""
    rows = (
        Observation.objects.filter(
            place=place, series__in=series, period__in=[each.code for each in periods]
        )
        .filter(superseded_by__isnull=True)
        .values_list("series_id", "period", "id", "value", "status", "note", "act")
    )
    return {(row[0], row[1]): Standing(*row[2:]) for row in rows}
