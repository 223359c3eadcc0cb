"""Checks of the figures in observations/*.csv, by row and column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.figure_checks import finite
from throughline.plans.packs.references import place_problem, suggestion
from throughline.plans.packs.tables import Row, Table

STATUSES = ("draft", "preliminary", "unreviewed", "accepted", "final", "census_revision")
SUPPORTS = ("several", "two", "one", "computed", "memory", "simulated")
YES = ("yes", "true", "1")
NO = ("", "no", "false", "0")

Report = Callable[[str, str, str, str], None]


@dataclass
class _Known:
    """What the rows may name."""

    series: dict[str, dict[str, Any]]
    indicators: dict[str, dict[str, Any]]
    sources: set[str]
    cells: dict[tuple[str, str, str], str]


def check_observations(draft: Draft) -> None:
    """Every figure names its series, place, period and source, and fits its indicator."""
    known = _Known(
        {str(s.get("key")): s for _path, s in draft.items("series")},
        {str(i.get("key")): i for _path, i in draft.items("indicators")},
        draft.keys("sources"),
        {},
    )
    for table in draft.tables.values():
        for row in table.rows:
            _check_row(draft, table, row, known)


def _check_row(draft: Draft, table: Table, row: Row, known: _Known) -> None:
    def report(column: str, code: str, message: str, remedy: str) -> None:
        draft.faults.append(table.fault(row, column, code, message, remedy))

    cells = row.cells
    series = known.series.get(cells["series"])
    if series is None:
        message = _('there is no series "%s"') % cells["series"]
        report("series", "unknown-reference", message, suggestion(cells["series"], known.series))
        series = {}
    indicator = known.indicators.get(str(series.get("indicator")), {})
    period = _period(cells["period"], indicator, report)
    problem = place_problem(draft, cells["place"], period.end if period else None)
    if problem:
        report("place", *problem)
    _value(cells["value"], indicator, report)
    _words_of(cells, known, report)
    if series.get("simulated") and not simulated(cells):
        message = _("the series is simulated, the row does not say so")
        report("simulated", "simulated", message, _('write "yes" in the column "simulated"'))
    _once(table, row, period, known, report)


def _once(table: Table, row: Row, period: Period | None, known: _Known, report: Report) -> None:
    """A cell of a series stands once in all files together."""
    cell = (row.cells["series"], row.cells["place"], str(period))
    where = f"{table.file}:{row.line}"
    if known.cells.setdefault(cell, where) != where:
        message = _("this figure stands already at %s") % known.cells[cell]
        report("series", "duplicate-row", message, _("keep one of the two"))


def _period(text: str, indicator: dict[str, Any], report: Report) -> Period | None:
    try:
        period = Period.parse(text)
    except Invalid as error:
        report("period", "period", error.message, error.remedy or _("correct it"))
        return None
    span = indicator.get("span")
    if span is not None and period.span.value != span:
        message = _('"%(period)s" is not a %(span)s') % {"period": period, "span": span}
        report("period", "period", message, _("the indicator's periods have that length"))
    return period


def _value(text: str, indicator: dict[str, Any], report: Report) -> None:
    if not text:
        return
    value = finite(text)
    if value is None:
        message = _('"%s" is not a number') % text
        remedy = _("write digits with a point for decimals; leave it empty if not reported")
        report("value", "number", message, remedy)
        return
    low, high = indicator.get("range", [None, None])
    if (low is not None and value < low) or (high is not None and value > high):
        message = _("%(value)s lies outside the indicator's range, %(low)s to %(high)s")
        report(
            "value",
            "range",
            message % {"value": text, "low": low, "high": high},
            _("correct the figure, or the range"),
        )


def _words_of(cells: dict[str, str], known: _Known, report: Report) -> None:
    for column, allowed in (("status", STATUSES), ("support", SUPPORTS)):
        if cells[column] not in allowed:
            message = _('%(column)s cannot be "%(value)s"')
            report(
                column,
                column,
                message % {"column": column, "value": cells[column]},
                _("write one of: %s") % ", ".join(allowed),
            )
    if not cells["source"]:
        message = _("the figure has no source")
        report("source", "no-source", message, _("name a key of sources.yaml"))
    elif cells["source"] not in known.sources:
        message = _('there is no source "%s"') % cells["source"]
        remedy = suggestion(cells["source"], known.sources)
        report("source", "unknown-reference", message, remedy)
    if cells.get("simulated", "").lower() not in YES + NO:
        message = _('simulated cannot be "%s"') % cells["simulated"]
        report("simulated", "simulated", message, _("write yes or no"))
    if released(cells.get("released", "")) is None and cells.get("released"):
        message = _('"%s" is neither a day nor an instant with its offset') % cells["released"]
        remedy = _("write 2021-05-11 or 2021-05-11T10:00:00+08:00")
        report("released", "date", message, remedy)


def simulated(cells: dict[str, str]) -> bool:
    """Whether the row says that its figure is made up."""
    return cells.get("simulated", "").lower() in YES


def released(text: str) -> date | datetime | None:
    """A day, or an instant that says its offset; none for anything else.

    >>> released("2021-05-11")
    datetime.date(2021, 5, 11)
    >>> released("2021-05-11T10:00:00") is None
    True
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
