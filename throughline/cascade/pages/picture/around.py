"""What stands around the rows: the sentence, the tiers, where the line breaks, the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from throughline.cascade.pages.picture.asking import (
    BY_STAGE,
    Asked,
    in_words,
    language,
    lowest,
    many,
    since_text,
    unit_url,
)
from throughline.cascade.pages.picture.rows import nearest
from throughline.cascade.rules.chain import Break, Counts, Mark, Unit
from throughline.figures.viewing import abbreviated
from throughline.places.models import Place
from throughline.ui.shapes import Shade, Tile, TileMap
from throughline.ui.words import MARK_WORDS
from throughline.ui.writing import is_chinese, listed, number

WORST = 3
"""How many of the rows that are worst off the sentence names."""
LISTED_BREAKS = 10


@dataclass(frozen=True)
class Sentence:
    """What the picture comes to: who has answered, and where the line breaks."""

    first: str
    answered: str
    rest: Sequence[str]


def sentence(here: Asked, names: Mapping[int, Place]) -> Sentence:
    """The sentence above the picture."""
    line, picture = here.line, here.picture
    counts = picture.counts(line.ends())
    first = _("Of %(units)s that it concerns,") % {"units": _concerned(here)}
    answered = _("%(answered)s answered and %(begun)s started or finished.") % {
        "answered": number(counts.answered), "begun": number(counts.begun),
    }  # fmt: skip
    rest = []
    if counts.at(Mark.SILENT):
        silent = counts.at(Mark.SILENT)
        rest.append(
            ngettext("%(count)s does not answer.", "%(count)s do not answer.", silent)
            % {"count": number(silent)}
        )
    rest += _broken(here, picture.breaks())
    if counts.late:
        rest.append(
            npgettext("picture", "%(count)s is late.", "%(count)s are late.", counts.late)
            % {"count": number(counts.late)}
        )
    worst = _worst(here, names)
    if worst:
        rest.append(_("Most of what is missing: %(list)s.") % {"list": worst})
    return Sentence(first, answered, rest)


def _concerned(here: Asked) -> str:
    """How many units the element concerns: those of the lowest tier, as the table of the tiers
    counts them, and those of a higher one in which none lies."""
    line, last = here.line, max(here.line.levels)
    ends: dict[int, list[int]] = {last: []}
    for each in line.ends():
        ends.setdefault(line.levels[each], []).append(each)
    said = []
    for level in sorted(ends, reverse=True):
        count = here.picture.counts(ends[level]).concerned
        named = {"count": number(count), "units": many(here.tiers.get(level), count)}
        if level == last:
            said.append(pgettext("picture", "%(count)s %(units)s") % named)
        elif count:
            # Translators: 4 prefectures without counties; 4个不设县级单位的地级单位
            text = pgettext("picture", "%(count)s %(units)s without %(lowest)s")
            said.append(text % (named | {"lowest": lowest(here)}))
    if len(said) == 1:
        return said[0]
    *others, rest = said
    return _("%(list)s and %(last)s") % {"list": listed(others, language()), "last": rest}


def _broken(here: Asked, found: Sequence[Break]) -> list[str]:
    """How many were never told, and through whom: first of all the one that leads the plan,
    where it has not laid the element on the places right below."""
    said = []
    at_top = [each for each in found if not each.at]
    silent = [each for each in found if each.at and each.silent]
    waiting = [each for each in found if each.at and not each.silent]
    for each in at_top:
        count = len(_never_laid(here))
        said.append(
            ngettext(
                "Never told: %(below)s, because %(lead)s has not laid it on %(count)s place "
                "right below.",
                "Never told: %(below)s, because %(lead)s has not laid it on %(count)s places "
                "right below.",
                count,
            )
            % {
                "below": number(each.below), "count": number(count),
                "lead": here.plan.lead_body.short,
            }
        )  # fmt: skip
    if silent:
        told = sum(each.below for each in silent)
        said.append(
            ngettext(
                "Never told: %(below)s, because %(count)s place above does not answer.",
                "Never told: %(below)s, because %(count)s places above do not answer.",
                len(silent),
            )
            % {"below": number(told), "count": number(len(silent))}
        )
    if waiting:
        told = sum(each.below for each in waiting)
        said.append(
            ngettext(
                "Not told yet: %(below)s; %(count)s place above has it and has not passed it on.",
                "Not told yet: %(below)s; %(count)s places above have it and have not "
                "passed it on.",
                len(waiting),
            )
            % {"below": number(told), "count": number(len(waiting))}
        )
    return said


def _never_laid(here: Asked) -> list[int]:
    """The places right below the plan's on which the element was not laid."""
    units = here.picture.units
    return [row for row in here.line.children[0] if units[row].mark is Mark.NOT_PASSED_DOWN]


def _worst(here: Asked, names: Mapping[int, Place]) -> str:
    """The rows with most units that do not answer or were never told."""
    broken = Counter(
        {row: here.picture.counts(here.line.ends(row)).broken for row in nearest(here.line)}
    )
    found = [(row, count) for row, count in broken.most_common(WORST) if count]
    if len(broken) < WORST:
        return ""
    form = "{}（{}）" if is_chinese(language()) else "{} ({})"
    return listed((form.format(names[row].name, number(n)) for row, n in found), language())


@dataclass(frozen=True)
class Cell:
    """How many of a tier have one mark, and how many more than before."""

    count: int
    change: int | None


@dataclass(frozen=True)
class TierRow:
    """A tier of the line with how many of its units stand where."""

    name: str
    counts: Counts
    marks: Mapping[str, int]
    by_mark: Sequence[tuple[str, Cell]]
    late: Cell


def tier_rows(here: Asked) -> list[TierRow]:
    """Who leads the element, then each tier of places."""
    picture, before = here.picture, here.found.before
    found = []
    if picture.leads:
        found.append(
            _tier(_("Lead bodies"), Counts.of(Unit(each, 0) for each in picture.leads), None)
        )
    for level in sorted(here.tiers):
        counts = picture.of_level(level)
        if counts.total:
            earlier = before.of_level(level) if before else None
            found.append(_tier(here.tiers[level].plural, counts, earlier))
    return found


def _tier(name: str, counts: Counts, before: Counts | None) -> TierRow:
    def cell(now: int, then: int) -> Cell:
        return Cell(now, now - then if before else None)

    return TierRow(
        name=name,
        counts=counts,
        marks={str(mark): counts.at(mark) for mark in BY_STAGE},
        by_mark=[
            (str(mark), cell(counts.at(mark), before.at(mark) if before else 0))
            for mark in BY_STAGE
        ],
        late=cell(counts.late, before.late if before else 0),
    )


@dataclass(frozen=True)
class BreakRow:
    """A place at which the line stops, with how many below it were never told."""

    name: str
    within: str
    url: str
    open_url: str
    mark: str
    late: bool
    since: str
    below: int


def worst_breaks(here: Asked) -> list[Break]:
    """The places at which the line stops: that of the plan, where it was not laid on all right
    below, then the worst first."""
    found = [each for each in here.picture.breaks() if not each.at or here.line.seen[each.at]]
    return sorted(found, key=lambda each: each.at != 0)


def break_rows(here: Asked, found: Sequence[Break]) -> list[BreakRow]:
    """The rows of the breaks."""
    line = here.line
    names = here.named(at for each in found for at in line.path(each.at))
    rows = []
    for each in found:
        unit, path = here.picture.units[each.at], line.path(each.at)
        if not each.at:
            rows.append(
                BreakRow(
                    name=here.plan.place.name,
                    within=here.plan.lead_body.short,
                    url=reverse("plan-work", args=[here.plan.key]),
                    open_url=here.link(at=None),
                    mark=unit.mark,
                    late=False,
                    since="",
                    below=each.below,
                )
            )
            continue
        rows.append(
            BreakRow(
                name=names[each.at].name,
                within=names[path[-2]].name if len(path) > 1 else "",
                url=unit_url(here, each.at),
                open_url=here.link(at=line.codes[each.at]),
                mark=unit.mark,
                late=unit.stand.late,
                since=since_text(here, unit),
                below=each.below,
            )
        )
    return rows


_SHADES = ((0.0, "0"), (0.05, "1"), (0.15, "2"))
"""Up to which share of units that do not answer or were never told a tile has which shade."""


def tile_map(here: Asked, names: Mapping[int, Place]) -> TileMap | None:
    """The places directly below the plan's, one tile each, shaded by how much is missing."""
    tiles = []
    for row in nearest(here.line):
        place = names[row]
        if place.column is None or place.row is None:
            continue
        counts = here.picture.counts(here.line.ends(row))
        concerned = counts.concerned
        share = counts.broken / concerned if concerned else 0.0
        shade = next((key for most, key in _SHADES if share <= most), "3") if concerned else "none"
        tiles.append(
            Tile(
                column=place.column,
                row=place.row,
                label=place.name,
                value=number(counts.broken) if concerned else "–",
                shade=shade,
                url=here.link(at=place.code) + "#row-" + place.code,
                short=abbreviated(place),
                title=f"{place.name}: {in_words(counts)}",
            )
        )
    if len(tiles) < 2:
        return None
    legend = [
        Shade("0", _("all have answered")),
        Shade("1", pgettext("picture", "up to 5 % missing")),
        Shade("2", pgettext("picture", "up to 15 %")),
        Shade("3", pgettext("picture", "more is missing")),
        Shade("none", str(MARK_WORDS["not_applicable"])),
    ]
    return TileMap(
        title=_("Units that do not answer or were never told"),
        tiles=tiles,
        legend=legend,
        note=_(
            "The number of units that do not answer or were never told. One tile each, placed "
            "by neighbourhood, not by area."
        ),
    )


def own_ends(here: Asked) -> str:
    """Which units of higher tiers are counted with the lowest, for nothing lies in them."""
    line, last = here.line, max(here.line.levels)
    others = Counter(line.levels[each] for each in line.ends() if line.levels[each] != last)
    if not others:
        return ""
    named = [
        # Translators: 4 prefectures; 4个地级单位
        pgettext("picture", "%(count)s %(units)s")
        % {"count": number(count), "units": many(here.tiers.get(level), count)}
        for level, count in sorted(others.items())
    ]
    return _("The rows count with the %(lowest)s: %(others)s in which none lies.") % {
        "lowest": lowest(here), "others": listed(named, language()),
    }  # fmt: skip
