"""A unit's sheet as it is laid out for a reader: its lines, how far it has come, what may be done
with it now, and what the page's script needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import get_language

from throughline.bodies.queries import acting_for, standing_of
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.period import PER_YEAR, Period
from throughline.reporting.asking import Asked, Known, known_of
from throughline.reporting.contesting import said_on_sheet
from throughline.reporting.drafting import Given, sentence_of, shown_values, why_not
from throughline.reporting.laying.offering import May, may_of
from throughline.reporting.laying.rows import Counts, Row, count, rows_of
from throughline.reporting.models import Report
from throughline.reporting.permissions import sees_drafts
from throughline.reporting.rules.life import Bar, Deed, ReportStep, Stage
from throughline.reporting.rules.validating import Finding, as_json, findings, stops
from throughline.reporting.validation import cells_of, history_of
from throughline.ui import writing


@dataclass(frozen=True)
class Laid:
    """A whole sheet."""

    report: Report
    asked: Asked
    sections: list[tuple[str, list[Row]]]
    counts: Counts
    values: dict[str, Given]
    revision: int
    may: May
    seen: bool
    locked: str
    period: Period
    before: Period
    last_year: Period | None
    due: datetime
    stage: Stage
    stopping: list[Finding]
    data: dict[str, Any] = field(repr=False)

    @property
    def returned(self) -> list[Row]:
        """The lines that came back with a reason of their own."""
        return [row for row in self.rows if row.remarks]

    @property
    def rows(self) -> list[Row]:
        """All lines in their order."""
        return [row for _title, rows in self.sections for row in rows]


def lay_out(
    actor: Actor,
    report: Report,
    *,
    typed: Mapping[str, Mapping[str, Any]] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Laid:
    """The sheet of a unit for a reader. What was typed and not taken stays in its cells
    (`typed`), with what is wrong with it (`problems`, by series key)."""
    standing = standing_of(actor)
    may = may_of(actor, standing, report)
    bar = why_not(report, Deed.FILL)
    seen = sees_drafts(actor, standing, report)
    known = known_of(report)
    values, revision = shown_values(report, known, seen=seen)
    asked, period = known.asked, known.period
    history = history_of(known)
    lines, rules = asked.rule_lines, asked.rules_held
    cells = cells_of(values)
    found = findings(lines, rules, cells, history, known.peers) if seen else []
    rows = rows_of(report, known, values, found, typed or {}, problems or {}, seen=seen)
    rows = _with_marks(actor, report, known, rows)
    each = PER_YEAR[period.span]
    sections = groupby(rows, lambda row: row.asked.line.section)
    return Laid(
        report=report,
        asked=asked,
        sections=[(title, list(of)) for title, of in sections],
        counts=count(rows),
        values={row.key: row.given for row in rows},
        revision=revision,
        may=may,
        seen=seen,
        locked=_locked(report, bar, may),
        period=period,
        before=period.shift(-1),
        last_year=period.shift(-each) if each > 1 else None,
        due=report.times.due,
        stage=report.times.stage(clock.now()),
        stopping=stops(found, cells),
        data={
            "sheet": as_json(lines, rules, history, known.peers),
            "language": "zh" if writing.is_chinese(get_language() or "en") else "en",
            "cells": {row.key: _for_page(row) for row in rows},
        },
    )


def _with_marks(actor: Actor, report: Report, known: Known, rows: Sequence[Row]) -> list[Row]:
    """The lines with what is said of the figures on record: that one is contested; and once the
    report is signed, how to contest one that is not what the unit itself has said."""
    stands = {row.asked.series.pk: known.here(row.asked) for row in rows}
    on_record = {series: found.id for series, found in stands.items() if found is not None}
    if not on_record:
        return list(rows)
    standing = standing_of(actor)
    own = standing.body is not None and report.body_id in acting_for(standing.body)
    here = standing.place == report.place_id
    signed = ReportStep(report.step) in {ReportStep.SIGNED, ReportStep.ACCEPTED}
    offered = []
    for row in rows:
        found = stands[row.asked.series.pk]
        if found is not None and signed:
            changed = found.value != row.given["value"]
            offered += [found.id] if changed or (here and not own) else []
    said = said_on_sheet(actor, report.place_id, report.cycle.period, on_record, offered)
    return [replace(row, said=said.get(row.asked.series.pk, ())) for row in rows]


def _locked(report: Report, bar: Bar | None, may: May) -> str:
    """Why somebody who fills in the sheet cannot do so now; nothing for others."""
    return sentence_of(bar, report) if bar is not None and may.fills else ""


def _for_page(row: Row) -> dict[str, Any]:
    """What the page's script knows of a cell."""
    return {
        "value": row.given["value"],
        "absent": row.given["absent"],
        "note": row.given["note"],
        "before": row.before,
        "percent": row.asked.series.indicator.symbol == "%",
        "label": row.label,
    }
