"""Sheets as files that go out and come back, of one unit or of several in one workbook: what
stands in them, and what of an answer is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from throughline.bodies.queries import acting_for, standing_of
from throughline.files.models import StoredFile
from throughline.files.slots import reading_slot
from throughline.files.storage import open_stored, store
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.period import Period
from throughline.reporting.asking import AskedLine, Known, known_of, known_of_several
from throughline.reporting.drafting import Given as Cell
from throughline.reporting.drafting import (
    laid_over,
    require_no_bar,
    save_sheet,
    save_unless_changed,
    sentence_of,
    shown_values,
    why_not,
)
from throughline.reporting.models import Cycle, Report, Sheet, Workbook
from throughline.reporting.permissions import fillable_by, require_filling, sees_drafts
from throughline.reporting.queries import reports_visible_to
from throughline.reporting.rules.life import Deed
from throughline.reporting.rules.validating import EMPTY, Finding, Level
from throughline.reporting.sheets import (
    Given,
    ReadSheet,
    Reject,
    SheetLine,
    Template,
    Unit,
    read,
    with_comments,
)
from throughline.reporting.sheets.template import Slot
from throughline.reporting.validation import found_in, remedy_of
from throughline.reporting.validation import sentence_of as sentence_of_finding
from throughline.ui.writing import instant

EARLIER = 4
"""So many periods before its own a file shows."""

READ_WORKBOOK = "reporting.read_workbook"
"""The job that reads a workbook that was given in."""

MOST_LISTED = 500
"""How many cells at fault a workbook's page lists; the file has them all."""

UNITS_AT_ONCE = 200
"""Of so many units the past is looked at in one statement."""


def _lines(asked: Iterable[AskedLine]) -> list[SheetLine]:
    return [
        SheetLine(
            series=each.key,
            number=each.line.number,
            title=each.series.indicator.title,
            measure=each.series.indicator.unit,
            decimals=each.series.indicator.decimals,
            low=each.series.indicator.minimum,
            high=each.series.indicator.maximum,
            section=each.line.section,
        )
        for each in asked
    ]


def _digest(cycle: Cycle, lines: Sequence[SheetLine]) -> str:
    """The version of what is asked. A unit's own file is taken among those of several."""
    return digest([cycle.key, sorted(line.series for line in lines)])


def _given(place: str, values: Mapping[str, Cell], known: Known) -> dict[Slot, Given]:
    return {
        (place, key): Given(value=given["value"], absent=given["absent"], note=given["note"])
        for key, given in values.items()
        if key in known.asked.by_key
    }


def template_of(actor: Actor, report: Report, zone: str, language: str) -> Template:
    """A unit's sheet as it goes out, with what its page shows to the reader."""
    known = known_of(report)
    seen = sees_drafts(actor, standing_of(actor), report)
    values, _revision = shown_values(report, known, seen=seen)
    place = report.place
    lines = _lines(known.asked.lines)
    return Template(
        cycle=report.cycle.key,
        title=f"{report.cycle.title} · {place.name}",
        period=known.period.code,
        digest=_digest(report.cycle, lines),
        lines=lines,
        units=[Unit(place.code, place.name)],
        given=_given(place.code, values, known),
        before={
            (place.code, each.key): known.history(each)[-EARLIER:] for each in known.asked.lines
        },
        before_names=[period.code for period in known.before[-EARLIER:]],
        closes=instant(report.times.due, ZoneInfo(zone), language),
    )


@dataclass(frozen=True)
class Taken:
    """What became of a file: how many cells were changed, what was not taken; beside that, what
    was kept and breaks a rule; and the same file with a remark at each of these (none where it
    has no room for remarks, or everything was taken: then the sheet itself says what is wrong)."""

    changed: int
    read: ReadSheet
    found: list[Reject]
    marked: bytes | None


def take(actor: Actor, report: Report, template: Template, content: bytes, name: str) -> Taken:
    """Keep what a file says, as if it had been typed: cells that are at fault keep what they
    had. A file that says what stood there changes nothing. Raises `Invalid` for one that is not
    of this sheet."""
    require_filling(actor, report)
    require_no_bar(report, Deed.FILL)
    with reading_slot():
        found = read(content, template, name=name)
    changes = {series: _cell(given) for (_place, series), given in found.changes(template).items()}
    if changes:
        save_sheet(actor, report, changes)
    if not found.rejects:
        return Taken(len(changes), found, [], None)
    known = known_of(report)
    values, _revision = shown_values(report, known, seen=True)
    faults = _faults(report.place.code, known, values, found, template)
    return Taken(len(changes), found, faults, _marked(content, [*found.rejects, *faults]))


def _cell(given: Given) -> dict[str, Any]:
    return {"value": given.value, "absent": given.absent, "note": given.note}


def _marked(content: bytes, rejects: Sequence[Reject]) -> bytes | None:
    if not rejects:
        return None
    try:
        return with_comments(content, rejects)
    except Invalid:
        return None  # not an .xlsx: the page lists the faults


def _kind(finding: Finding, cell: Mapping[str, Any]) -> str:
    """How a finding counts: nothing where it is explained."""
    if finding.rule == EMPTY:
        return "missing"
    if finding.level is Level.HARD:
        return "wrong"
    return "" if str(cell.get("note") or "").strip() else "odd"


def _faults(
    place: str, known: Known, values: Mapping[str, Cell], said: ReadSheet, template: Template
) -> list[Reject]:
    """What a unit's sheet, as it stands now, has wrong or unexplained in cells of a file. Of a
    cell that the file has otherwise, nothing can be said in the file."""
    found: list[Reject] = []
    for each in found_in(known, values):
        slot, cell = (place, each.series), values.get(each.series, {})
        given = said.cells.get(slot)
        if given is None or given.value != cell.get("value"):
            continue
        if _kind(each, cell) in {"wrong", "odd"}:
            sentence = sentence_of_finding(known.asked, each)
            found.append(_rejected(said, template, slot, sentence, remedy_of(each)))
    return found


def _rejected(said: ReadSheet, template: Template, slot: Slot, fault: str, remedy: str) -> Reject:
    """A cell of a file, with what is to be said of it."""
    spot, given = said.at[slot], said.cells[slot]
    text = "" if given.value is None else f"{given.value:.15g}"
    return Reject(
        spot.sheet, spot.cell, spot.row, spot.column, text, fault, fault, remedy,
        template.named(slot),
    )  # fmt: skip


# -- several units -------------------------------------------------------------------------


def filled_in_by(actor: Actor, cycle: Cycle) -> QuerySet[Report]:
    """The reports of a cycle that an actor fills in: its own place's, and those of the places
    below for which it answers."""
    rows = reports_visible_to(actor).filter(fillable_by(actor), cycle=cycle)
    return rows.select_related("place__tier__scheme", "body", "turn").order_by("place__code")


@dataclass(frozen=True)
class Several:
    """The sheets of several units: their reports with what is known of each, and the file."""

    reports: list[Report]
    known: dict[int, Known]
    template: Template


def template_of_several(
    actor: Actor, cycle: Cycle, reports: Sequence[Report], zone: str, language: str
) -> Several:
    """The sheets of several units of a cycle as they go out in one workbook: those that cannot
    be filled in now are shown and locked."""
    require_several(reports)
    drafts = {each.report_id: each for each in Sheet.objects.filter(report__in=reports)}
    known: dict[int, Known] = {}
    asked: dict[str, AskedLine] = {}
    given: dict[Slot, Given] = {}
    standing = standing_of(actor)
    for report in reports:
        report.cycle = cycle
    for some in _in_parts(reports):
        known |= known_of_several(some, back=0)
    for report in reports:
        here = known[report.pk]
        for line in here.asked.lines:
            asked.setdefault(line.key, line)
        if sees_drafts(actor, standing, report):
            values, _revision = laid_over(report, here, drafts.get(report.pk))
        else:
            values, _revision = shown_values(report, here, seen=False)
        given |= _given(report.place.code, values, here)
    lines = _lines(asked.values())
    return Several(
        list(reports),
        known,
        Template(
            cycle=cycle.key,
            title=cycle.title,
            period=Period.parse(cycle.period).code,
            digest=_digest(cycle, lines),
            lines=lines,
            units=[_unit(report, known[report.pk], asked) for report in reports],
            given=given,
            closes=instant(cycle.closes_at, ZoneInfo(zone), language),
        ),
    )


def _unit(report: Report, known: Known, asked: Iterable[str]) -> Unit:
    bar = why_not(report, Deed.FILL)
    return Unit(
        report.place.code,
        report.place.name,
        locked=sentence_of(bar, report) if bar is not None else "",
        lacks=frozenset(asked) - known.asked.by_key.keys(),
    )


def require_several(reports: Sequence[Report]) -> None:
    """Raise where there are no sheets to fill in."""
    if not reports:
        raise Forbidden(
            _("A workbook of several units is for a post that reports for them."),
            rule="reporting.fill",
            lifted_by=_("an administrator, who appoints people to posts"),
        )


def workbooks_visible_to(actor: Actor) -> QuerySet[Workbook]:
    """The workbooks that somebody has given in himself, while acting for the same body."""
    standing = standing_of(actor)
    rows = Workbook.objects.select_related("cycle", "file", "marked")
    if standing.is_installation:
        return rows
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return rows.none()
    return rows.filter(person=actor.person, body__in=acting_for(standing.body))


def receive_workbook(actor: Actor, cycle: Cycle, content: bytes, name: str) -> Workbook:
    """Take a workbook of several units in, to be read by a job: what is received is read,
    whatever happens meanwhile."""
    first = list(filled_in_by(actor, cycle)[:1])
    require_several(first)
    require_filling(actor, first[0])
    row = Workbook.objects.create(
        cycle=cycle, file=store(content, name), name=name[:255], person=actor.person,
        body_id=actor.body, at=clock.now(),
    )  # fmt: skip
    app.configure_task(READ_WORKBOOK).defer(
        workbook=row.pk, post=actor.post, language=get_language() or "en", door=actor.door.value
    )
    return row


def take_several(actor: Actor, row: Workbook, tell: Callable[[int, int], None]) -> None:
    """Keep what a workbook says in the sheet of each of its units, and say in its report what
    became of it. Cells at fault keep what they had, and so do those that somebody has changed
    otherwise since the workbook went out. May be done twice: the second time changes nothing.

    Raises `Invalid` for a file that is none of this cycle."""
    cycle, language = row.cycle, get_language() or "en"
    reports = list(filled_in_by(actor, cycle))
    several = template_of_several(actor, cycle, reports, cycle.zone, language)
    with open_stored(row.file) as file:
        content = file.read()
    with reading_slot():
        found = read(content, several.template, name=row.name)
    gathered = _Gathered(several, found)
    by_place = _by_place(found.changes(several.template))
    changing = [report for report in reports if report.place.code in by_place]
    for number, report in enumerate(changing):
        tell(number, len(changing))
        _keep(actor, report, by_place[report.place.code], gathered)
    in_file = {code for code, _series in found.cells}
    for some in _in_parts([each for each in reports if each.place.code in in_file]):
        gathered.find(some)
    gathered.put_down(row, content)


def _in_parts(reports: Sequence[Report]) -> Iterator[Sequence[Report]]:
    for start in range(0, len(reports), UNITS_AT_ONCE):
        yield reports[start : start + UNITS_AT_ONCE]


def _by_place(changes: Mapping[Slot, Given]) -> dict[str, dict[str, Given]]:
    found: dict[str, dict[str, Given]] = {}
    for (place, series), given in changes.items():
        found.setdefault(place, {})[series] = given
    return found


def _keep(actor: Actor, report: Report, changes: Mapping[str, Given], gathered: _Gathered) -> None:
    """Keep the cells of one unit, unless somebody else has changed them meanwhile."""
    place, template = report.place.code, gathered.several.template
    by_others = Sheet.objects.filter(report=report).exclude(saved_by=actor.person).exists()
    late = gathered.read.overtaken(template) if by_others else {}
    kept = {key: given for key, given in changes.items() if (place, key) not in late}
    seen = {key: _cell(given) for (code, key), given in template.given.items() if code == place}
    try:
        overtaken = save_unless_changed(
            actor, report, {key: _cell(given) for key, given in kept.items()}, seen
        )
    except (Conflict, Forbidden) as error:
        for key in changes:
            gathered.refuse((place, key), error.message, error.remedy or "")
        return
    for key in [*(key for key in changes if key not in kept), *overtaken]:
        gathered.refuse(
            (place, key),
            _("somebody has changed this figure since the workbook was downloaded"),
            _("Look at the sheet of the unit; to change it all the same, download anew."),
        )
    changed = len(kept) - len(overtaken)
    if changed:
        gathered.changed[place] = changed


@dataclass
class _Gathered:
    """What becomes of a workbook, unit by unit."""

    several: Several
    read: ReadSheet
    changed: dict[str, int] = field(default_factory=dict)
    standing: list[dict[str, Any]] = field(default_factory=list)
    found: list[Reject] = field(default_factory=list)
    late: list[Reject] = field(default_factory=list)

    def refuse(self, slot: Slot, fault: str, remedy: str) -> None:
        """A cell that was read and could not be kept."""
        template = self.several.template
        self.late.append(_rejected(self.read, template, slot, fault, remedy))

    def find(self, reports: Sequence[Report]) -> None:
        """Hold the sheets, as they stand now, to the rules: what is kept may still keep a
        report from being prepared."""
        drafts = {each.report_id: each for each in Sheet.objects.filter(report__in=reports)}
        several = known_of_several(reports)
        for report in reports:
            if why_not(report, Deed.FILL) is not None:
                continue
            known = several[report.pk]
            values, _revision = laid_over(report, known, drafts.get(report.pk))
            counted = {"wrong": 0, "odd": 0, "missing": 0}
            for each in found_in(known, values):
                kind = _kind(each, values.get(each.series, {}))
                if kind:
                    counted[kind] += 1
            place, template = report.place.code, self.several.template
            self.found += _faults(place, known, values, self.read, template)
            if any(counted.values()) or report.place.code in self.changed:
                self.standing.append(
                    {"code": report.place.code, "name_en": report.place.name_en,
                     "name_zh": report.place.name_zh, **counted}
                )  # fmt: skip

    def put_down(self, row: Workbook, content: bytes) -> None:
        """Write into the workbook's row what became of it."""
        rejects = [*self.read.rejects, *self.late]
        marked = _marked(content, [*rejects, *self.found])
        row.marked = store(marked, row.name) if marked is not None else None
        row.state = Workbook.State.DONE
        row.units = row.done = len(self.changed)
        row.report = {
            "changed": sum(self.changed.values()),
            "units": [each | {"changed": self.changed.get(each["code"], 0)}
                      for each in self.standing],
            "rejected": len(rejects),
            "rejects": [_listed(each) for each in rejects[:MOST_LISTED]],
            "faults": len(self.found),
            "found": [_listed(each) for each in self.found[:MOST_LISTED]],
            "notes": self.read.notes,
        }  # fmt: skip
        row.save()


def _listed(each: Reject) -> dict[str, str]:
    return {
        "sheet": each.sheet, "cell": each.cell, "text": each.text[:200], "fault": each.fault,
        "remedy": each.remedy, "about": each.about,
    }  # fmt: skip


def refuse_workbook(row: Workbook, message: str, remedy: str) -> None:
    """Say that nothing of a workbook was taken, and why."""
    row.state = Workbook.State.REFUSED
    row.report = {"message": message, "remedy": remedy}
    row.save(update_fields=["state", "report"])


def marked_of(row: Workbook) -> StoredFile:
    """The workbook with its remarks; NotFound where there are none."""
    if row.marked is None:
        raise NotFound(_("There is no such file."))
    return row.marked
