"""A unit's sheet as it is laid out: its lines with what stands in them, what is said of them and
who asks; what may be done with the report now; and what became of it so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.bodies.queries import acting_for, body_of, names_of, standing_of
from throughline.bodies.rules import Scope, Standing
from throughline.figures.marking import Mark
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden
from throughline.kernel.memory import remembered
from throughline.kernel.period import PER_YEAR, Period
from throughline.places.models import Place
from throughline.reporting.asking import Asked, AskedLine, Known, known_of, places_above, shape_of
from throughline.reporting.contesting import said_on_sheet
from throughline.reporting.drafting import (
    Given,
    sentence_of,
    shown_values,
    why_not,
)
from throughline.reporting.models import CellRemark, Report
from throughline.reporting.permissions import (
    fills,
    require_another,
    require_checking,
    require_returning,
    require_reviewing,
    require_signing,
    sees_drafts,
)
from throughline.reporting.rules.life import Bar, Deed, ReportStep, Stage, levels_above
from throughline.reporting.rules.validating import EMPTY, Finding, Level, as_json, findings
from throughline.reporting.validation import (
    cells_of,
    history_of,
)
from throughline.reporting.validation import sentence_of as sentence_of_finding
from throughline.ui import writing
from throughline.ui.shapes import Event, Fact, Sparkline, anchor


@dataclass(frozen=True)
class Said:
    """A finding as it is shown: its sentence, and the other cells that it speaks of."""

    hard: bool
    sentence: str
    others: list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A line of a sheet."""

    asked: AskedLine
    label: str
    text: str
    given: Given
    before: float | None
    last_year: float | None
    change: str
    history: list[tuple[str, float | None]]
    spark: Sparkline
    found: list[Said]
    remarks: list[CellRemark]
    problem: str = ""
    said: Sequence[Mark] = ()

    @property
    def key(self) -> str:
        """The series' key, by which the cell goes everywhere."""
        return self.asked.key

    @property
    def anchor(self) -> str:
        """The id of the cell's input."""
        return anchor(self.key)

    @property
    def past(self) -> list[tuple[str, float]]:
        """The periods before for which there is a figure."""
        return [(code, value) for code, value in self.history if value is not None]

    @property
    def state(self) -> str:
        """How the cell is marked: wrong, to explain, not applicable, or not at all."""
        if self.problem or any(each.hard for each in self.found):
            return "wrong"
        if self.given["absent"]:
            return "na"
        return "odd" if self.found and not self.given["note"] else ""

    @property
    def explains(self) -> bool:
        """Whether an explanation stands or is wanted here."""
        return bool(self.given["note"]) or any(not each.hard for each in self.found)


@dataclass(frozen=True)
class Counts:
    """How far a sheet has come."""

    lines: int
    filled: int
    absent: int
    missing: int
    wrong: int
    odd: int

    @property
    def stops(self) -> bool:
        """Whether something keeps it from being prepared."""
        return bool(self.missing or self.wrong or self.odd)


@dataclass(frozen=True)
class May:
    """What the reader may do with the report as it stands."""

    edit: bool = False
    submit: bool = False
    review: bool = False
    send_back: bool = False
    sign: bool = False
    check: bool = False
    give_back: bool = False
    more_time: bool = False
    fills: bool = False


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
    data: dict[str, Any] = field(repr=False)

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
    found = findings(lines, rules, cells, history) if seen else []
    rows = _rows(report, known, values, found, typed or {}, problems or {}, seen=seen)
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
        data={
            "sheet": as_json(lines, rules, history),
            "language": "zh" if writing.is_chinese(get_language() or "en") else "en",
            "cells": {row.key: _for_page(row) for row in rows},
        },
    )


def _locked(report: Report, bar: Bar | None, may: May) -> str:
    """Why somebody who fills in the sheet cannot do so now; nothing for others."""
    return sentence_of(bar, report) if bar is not None and may.fills else ""


# -- rows ----------------------------------------------------------------------------------


def _rows(
    report: Report,
    known: Known,
    values: Mapping[str, Given],
    found: Sequence[Finding],
    typed: Mapping[str, Mapping[str, Any]],
    problems: Mapping[str, str],
    *,
    seen: bool,
) -> list[Row]:
    remarks = _remarks(report)
    asked, period = known.asked, known.period
    codes = [each.code for each in known.before]
    label = {each.key: label_of(each) for each in asked.lines}
    rows = []
    for line in asked.lines:
        key, before = line.key, known.history(line)
        given: Given = {"value": None, "absent": False, "note": ""} | values.get(key, {})
        text = written(given["value"], line.series.indicator.decimals)
        if key in typed and key in problems:
            text = str(typed[key].get("text", ""))
            given = given | {"note": typed[key].get("note", "")}
        own = [each for each in found if each.series == key and each.rule != EMPTY]
        rows.append(
            Row(
                asked=line,
                label=label[key],
                text=text,
                given=given,
                before=before[-1],
                last_year=before[-PER_YEAR[period.span]],
                change=change(given["value"], before[-1], line),
                history=list(zip(codes, before, strict=True)),
                spark=Sparkline(list(before), status="no_data"),
                found=[
                    Said(
                        each.level is Level.HARD,
                        sentence_of_finding(asked, each),
                        [(other, label[other]) for other in each.others if other in label],
                    )
                    for each in own
                ],
                remarks=[each for each in remarks if each.series_id == line.series.pk and seen],
                problem=problems.get(key, ""),
            )
        )
    return rows


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


def _remarks(report: Report) -> list[CellRemark]:
    """Why cells came back the last time, while the report has not been signed again."""
    if ReportStep(report.step) in {ReportStep.SIGNED, ReportStep.ACCEPTED} or not report.round:
        return []
    return list(report.remarks.filter(round=report.round).select_related("place"))


def label_of(line: AskedLine) -> str:
    """A line in short, as others speak of it: its number, or its title."""
    return line.line.number or line.series.indicator.title


def written(value: float | None, decimals: int) -> str:
    """A figure as it stands in its cell: with the decimals that are asked for, or more where
    it has more.

    >>> written(1234.5, 0), written(7.0, 2), written(None, 0)
    ('1,234.5', '7.00', '')
    """
    if value is None:
        return ""
    own = writing.number(value)
    has = len(own.partition(".")[2])
    return own if has >= decimals else writing.number(value, decimals)


def change(value: float | None, before: float | None, line: AskedLine) -> str:
    """By how much a figure differs from the one before: in per cent of it, and where figures
    are per cents themselves by their difference; from ten times on, how many times it is."""
    if value is None or before is None:
        return ""
    language = get_language() or "en"
    if line.series.indicator.symbol == "%":
        return writing.number(value - before, line.series.indicator.decimals, signed=True)
    if not before:
        return ""
    by = (value - before) / abs(before) * 100
    if value >= 10 * before > 0:
        return f"×{writing.number(value / before, 0)}"
    return writing.with_unit(
        writing.number(by, 0 if abs(by) >= 10 else 1, signed=True), "%", language
    )


def count(rows: Sequence[Row]) -> Counts:
    """How far the lines have come."""
    given = [row for row in rows if row.given["value"] is not None]
    absent = [row for row in rows if row.given["absent"]]
    return Counts(
        lines=len(rows),
        filled=len(given),
        absent=len(absent),
        missing=sum(
            row.asked.required and row.given["value"] is None and not row.given["absent"]
            for row in rows
        ),
        wrong=sum(row.state == "wrong" for row in rows),
        odd=sum(row.state == "odd" for row in rows),
    )


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


# -- what may be done ----------------------------------------------------------------------


def may_of(actor: Actor, standing: Standing, report: Report) -> May:
    """What a reader may do with the report as it stands: asked of the same rules as the acts."""
    if actor.is_nobody or not standing.allows(Scope.FIGURES_WRITE):
        return May()
    fills_in = standing.body is not None and fills(actor, standing, report.place_id)
    fills_in = fills_in and standing.sees_content
    body = body_of(standing) if fills_in else None

    def can(deed: Deed, *require: Callable[[], object]) -> bool:
        return why_not(report, deed) is None and all(map(_lets, require))

    def reviews() -> object:
        return require_reviewing(actor, report)

    return May(
        edit=fills_in and can(Deed.FILL),
        submit=fills_in and can(Deed.FILL) and body is not None and body.one_step,
        review=can(
            Deed.REVIEW, reviews, lambda: require_another(actor, report, report.prepared_by)
        ),
        send_back=can(Deed.SEND_BACK, reviews),
        sign=can(Deed.SIGN, lambda: require_signing(actor, report)),
        check=can(Deed.CHECK, lambda: require_checking(actor, report)),
        give_back=can(Deed.RETURN, lambda: require_returning(actor, report)),
        more_time=fills_in
        and can(Deed.EXTEND)
        and not report.extensions.filter(granted__isnull=True).exists(),
        fills=fills_in,
    )


def _lets(require: Callable[[], object]) -> bool:
    try:
        require()
    except Forbidden:
        return False
    return True


# -- who sees it, and what became of it ----------------------------------------------------


def checkers(report: Report) -> list[str]:
    """The places that check a report after it is signed, in their order, and who runs the cycle
    where no place does."""
    return remembered(("checkers", report.pk), lambda: _checkers(report))


def _checkers(report: Report) -> list[str]:
    levels = levels_above(shape_of(report.cycle).review, report.place.tier.level)
    in_places = places_above(report)
    found = [in_places[level] for level in levels if level in in_places]
    places = Place.objects.in_bulk(found)
    return [places[each].name for each in found] or [report.cycle.owner.name]


def readers_of(report: Report, asked: Asked) -> list[Fact]:
    """Who sees the figures, and what happens to them."""
    above = writing.listed(checkers(report), get_language() or "en")
    asking = writing.listed(
        dict.fromkeys(form.asked_by.name for form in asked.forms), get_language() or "en"
    )
    return [
        Fact(
            _("Until it is signed"),
            _("who fills in for %(place)s, and its own offices") % {"place": report.place.name},
        ),
        Fact(
            _("After it is signed"),
            _("%(above)s, who check it; %(owner)s, who runs the cycle; %(asking)s, who asks")
            % {"above": above, "owner": report.cycle.owner.name, "asking": asking},
        ),
        Fact(
            _("If nobody checks it"),
            _("the figures stay provisional and say so; time accepts nothing"),
        ),
        Fact(
            _("After that"),
            _("a change is a revision with its reason, beside the figure before"),
        ),
    ]


def story_of(report: Report, *, seen: bool) -> list[Event]:
    """What became of a report so far, the last first. What happened before it was signed is
    told to those who see that."""
    checks = list(report.checks.select_related("place", "body"))
    remarks = list(report.remarks.select_related("place"))
    times = list(report.extensions.all())
    people = {report.prepared_by, report.reviewed_by, report.signed_by, report.decided_by}
    people |= {each.person for each in checks} | {each.person for each in remarks}
    people |= {each.asked_by for each in times} | {each.decided_by for each in times}
    names = names_of(people - {""})

    def by(person: str, sentence: str, **more: str) -> str:
        return sentence % {"who": names.get(person) or _("the installation"), **more}

    events = [Event(report.cycle.opens_at, _("The cycle opened"), by_clock=True)]
    if report.prepared_at and seen:
        events.append(Event(report.prepared_at, by(report.prepared_by, _("Prepared by %(who)s"))))
    if report.reviewed_at and seen:
        events.append(Event(report.reviewed_at, by(report.reviewed_by, _("Reviewed by %(who)s"))))
    if report.first_signed_at and report.first_signed_at != report.signed_at:
        events.append(Event(report.first_signed_at, _("Signed for the first time")))
    if report.signed_at:
        late = _("after the close: it is marked late") if report.late and report.round == 1 else ""
        events.append(Event(report.signed_at, by(report.signed_by, _("Signed by %(who)s")), late))
    for each in checks:
        whose = each.place.name if each.place else report.cycle.owner.name
        said = by(each.person, _("Checked for %(whose)s by %(who)s"), whose=whose)
        events.append(Event(each.at, said, each.note))
    events += _returns(report, remarks, by, seen=seen)
    for asked in times if seen else []:
        events.append(
            Event(
                asked.asked_at,
                by(asked.asked_by, _("More time asked for by %(who)s")),
                asked.reason,
            )
        )
        if asked.decided_at:
            said = (
                _("More time granted by %(who)s")
                if asked.granted
                else _("More time refused by %(who)s")
            )
            events.append(Event(asked.decided_at, by(asked.decided_by, said), asked.answer))
    now = clock.now()
    if report.times.due <= now:
        events.append(Event(report.times.due, _("The time to report ended"), by_clock=True))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _returns(
    report: Report, remarks: Sequence[CellRemark], by: Callable[..., str], *, seen: bool
) -> list[Event]:
    """When it came back: from above with reasons, and inside the body."""
    events = []
    last = report.decided_at if report.step == ReportStep.RETURNED else None
    for at, group in groupby(remarks, lambda each: each.at):
        if at != last:
            rows = list(group)
            said = by(rows[0].person, _("Returned by %(who)s"))
            events.append(Event(at, said, " ".join(each.reason for each in rows)))
    if last is not None and (seen or not sent_back_inside(report)):
        said = _("Sent back by %(who)s") if sent_back_inside(report) else _("Returned by %(who)s")
        at_cells = " ".join(each.reason for each in remarks if each.at == last)
        events.append(
            Event(last, by(report.decided_by, said), f"{report.returned} {at_cells}".strip())
        )
    return events


def sent_back_inside(report: Report) -> bool:
    """Whether a returned report was sent back before it was signed: it was prepared again since
    it was signed last."""
    if report.step != ReportStep.RETURNED or report.prepared_at is None:
        return False
    return report.signed_at is None or report.prepared_at > report.signed_at
