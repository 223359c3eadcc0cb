"""The sheet of a unit as a file that goes out and comes back: what stands in it, and what of an
answer is kept."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from throughline.bodies.queries import standing_of
from throughline.files.slots import reading_slot
from throughline.kernel.actor import Actor
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Invalid
from throughline.reporting.asking import known_of
from throughline.reporting.drafting import require_no_bar, save_sheet, shown_values
from throughline.reporting.models import Report
from throughline.reporting.permissions import require_filling, sees_drafts
from throughline.reporting.rules.life import Deed
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
from throughline.ui.writing import instant

EARLIER = 4
"""So many periods before its own a file shows."""


def template_of(actor: Actor, report: Report, zone: str, language: str) -> Template:
    """A unit's sheet as it goes out, with what its page shows to the reader."""
    known = known_of(report)
    seen = sees_drafts(actor, standing_of(actor), report)
    values, _revision = shown_values(report, known, seen=seen)
    place = report.place
    lines = [
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
        for each in known.asked.lines
    ]
    return Template(
        cycle=report.cycle.key,
        title=f"{report.cycle.title} · {place.name}",
        period=known.period.code,
        digest=digest([report.cycle.key, place.code, sorted(line.series for line in lines)]),
        lines=lines,
        units=[Unit(place.code, place.name)],
        given={
            (place.code, key): Given(
                value=given["value"], absent=given["absent"], note=given["note"]
            )
            for key, given in values.items()
            if key in known.asked.by_key
        },
        before={
            (place.code, each.key): known.history(each)[-EARLIER:] for each in known.asked.lines
        },
        before_names=[period.code for period in known.before[-EARLIER:]],
        closes=instant(report.times.due, ZoneInfo(zone), language),
    )


@dataclass(frozen=True)
class Taken:
    """What became of a file: how many cells were changed, what was not taken, and the same file
    with a remark at each of those (none where it has no room for remarks)."""

    changed: int
    read: ReadSheet
    marked: bytes | None


def take(actor: Actor, report: Report, template: Template, content: bytes, name: str) -> Taken:
    """Keep what a file says, as if it had been typed: cells that are at fault keep what they
    had. A file that says what stood there changes nothing. Raises `Invalid` for one that is not
    of this sheet."""
    require_filling(actor, report)
    require_no_bar(report, Deed.FILL)
    with reading_slot():
        found = read(content, template, name=name)
    changes = {
        series: {"value": given.value, "absent": given.absent, "note": given.note}
        for (_place, series), given in found.changes(template).items()
    }
    if changes:
        save_sheet(actor, report, changes)
    return Taken(len(changes), found, _marked(content, found.rejects))


def _marked(content: bytes, rejects: list[Reject]) -> bytes | None:
    if not rejects:
        return None
    try:
        return with_comments(content, rejects)
    except Invalid:
        return None  # not an .xlsx: the page lists the faults
