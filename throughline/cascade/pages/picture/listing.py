"""The list of units: narrowed, sorted, by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from throughline.cascade.pages.picture.asking import (
    BY_STAGE,
    ORDER,
    Asked,
    since_text,
    unit_url,
)
from throughline.places.queries import bearing_words
from throughline.ui.shapes import Choice, Filter
from throughline.ui.words import LATE, MARK_WORDS

LATE_ONES, CONTESTED = "late", "contested"


@dataclass(frozen=True)
class ListRow:
    """A unit in the list."""

    name: str
    within: str
    tier: str
    url: str
    mark: str
    late: bool
    contested: bool
    since: str
    evidence: int
    before: str


def chosen(here: Asked) -> list[int]:
    """The positions that the filters let through, in the order asked for."""
    line, units = here.line, here.picture.units
    inside = range(here.at, line.after[here.at]) if here.at else range(1, len(line.ids))
    found = [each for each in inside if line.seen[each]]
    stage, tier, words = here.given("stage"), here.given("tier"), here.given("words")
    if stage == LATE_ONES:
        found = [each for each in found if units[each].stand.late]
    elif stage == CONTESTED:
        found = [each for each in found if units[each].stand.contested]
    elif stage:
        found = [each for each in found if units[each].mark == stage]
    if tier:
        levels = {level for level, each in here.tiers.items() if each.key == tier}
        found = [each for each in found if line.levels[each] in levels]
    if words:
        bearing = set(
            bearing_words(words).filter(scheme=here.plan.scheme_id).values_list("pk", flat=True)
        )
        found = [each for each in found if line.ids[each] in bearing]
    return _sorted(here, found)


def _sorted(here: Asked, found: list[int]) -> list[int]:
    sort = here.given("sort")
    key, downwards = sort.removeprefix("-"), sort.startswith("-")
    units = here.picture.units
    if key == "stage":
        found.sort(key=lambda each: ORDER[units[each].mark], reverse=downwards)
    elif key == "evidence":
        found.sort(key=lambda each: units[each].stand.evidence, reverse=downwards)
    elif key == "since":
        # What has no day stands last either way.
        dated = [each for each in found if units[each].stand.since is not None]
        rest = [each for each in found if units[each].stand.since is None]
        dated.sort(key=lambda each: _day_of(units[each].stand.since), reverse=downwards)
        found = dated + rest
    elif downwards:
        found.reverse()
    return found


def _day_of(since: datetime | date | None) -> tuple[date, float]:
    if isinstance(since, datetime):
        return since.date(), since.timestamp()
    return since or date.min, 0.0


def list_rows(here: Asked, positions: Sequence[int]) -> list[ListRow]:
    """The rows of the list for some positions."""
    line, units, before = here.line, here.picture.units, here.found.before
    names = here.named({at for each in positions for at in line.path(each)})
    return [
        ListRow(
            name=names[each].name,
            within=" › ".join(names[at].name for at in line.path(each)[:-1]),
            tier=here.tiers[line.levels[each]].name,
            url=unit_url(here, each),
            mark=units[each].mark,
            late=units[each].stand.late,
            contested=units[each].stand.contested,
            since=since_text(here, units[each]),
            evidence=units[each].stand.evidence,
            before=before.units[each].mark if before else "",
        )
        for each in positions
    ]


def filters(here: Asked) -> list[Filter]:
    """The filters above the list."""
    stage, tier = here.given("stage"), here.given("tier")
    line = here.line
    inside = range(here.at, line.after[here.at]) if here.at else range(1, len(line.ids))
    counts = here.picture.counts(inside)
    stages = [Choice(_("all"), here.link(stage=None), not stage)]
    stages += [
        Choice(str(MARK_WORDS[mark]), here.link(stage=mark), stage == mark, counts.at(mark))
        for mark in BY_STAGE
        if counts.at(mark) or stage == mark
    ]
    stages += [
        Choice(word, here.link(stage=value), stage == value, count)
        for value, word, count in (
            (LATE_ONES, str(LATE), counts.late),
            (CONTESTED, _("Contested"), counts.contested),
        )
        if count or stage == value
    ]
    tiers = [Choice(_("all"), here.link(tier=None), not tier)]
    tiers += [
        Choice(each.plural, here.link(tier=each.key), tier == each.key)
        for _level, each in sorted(here.tiers.items())
    ]
    return [
        Filter(_("Stands at"), stages, here.link(stage=None) if stage else ""),
        Filter(_("Tier"), tiers, here.link(tier=None) if tier else ""),
    ]
