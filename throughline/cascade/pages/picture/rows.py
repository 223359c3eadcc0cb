"""The rows of bars: a place each, opened to what lies in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.cascade.chain import Line
from throughline.cascade.pages.picture.asking import (
    ORDER,
    Asked,
    evidence_text,
    in_words,
    language,
    since_text,
    unit_url,
)
from throughline.cascade.rules.chain import Counts, Mark, Unit
from throughline.cascade.rules.life import Stage
from throughline.places.models import Group, Place
from throughline.ui.shapes import LineBar, LineGroup
from throughline.ui.words import LATE, MARK_WORDS
from throughline.ui.writing import listed, number

WORST_FIRST = "worst"


@dataclass(frozen=True)
class Row:
    """A place of the strip: what it stands at, its bars, how many of its units stand where.
    `depth` is 0 for a place directly below the plan's; `named` holds the bars of an opened
    row's part, each with its name."""

    code: str
    name: str
    url: str
    depth: int
    mark: str
    late: bool
    contested: bool
    toggle: str
    is_open: bool
    groups: Sequence[LineGroup]
    named: LineGroup | None
    label: str
    counts: Counts
    before: Counts | None
    note: str
    breaks: bool

    @property
    def single(self) -> bool:
        """Whether it is a unit at the end of the line, of which nothing is counted."""
        return self.depth > 0 and self.named is None and not self.groups

    @property
    def silent(self) -> int:
        """How many of its units do not answer."""
        return self.counts.at(Mark.SILENT)

    @property
    def never_told(self) -> int:
        """How many of its units nobody told."""
        return self.counts.at(Mark.NOT_PASSED_DOWN)

    @property
    def begun_change(self) -> int:
        """How many more have started or finished than on the day compared with."""
        return self.counts.begun - self.before.begun if self.before else 0


def nearest(line: Line) -> list[int]:
    """The positions that head the rows: directly below the plan's place, or where what lies
    above is not seen, as high up as one sees."""
    return [
        each
        for each, above in enumerate(line.parents)
        if line.seen[each] and each and (above == 0 or not line.seen[above])
    ]


def _in_order(here: Asked, positions: Iterable[int]) -> list[int]:
    """Units of one group: by stage, or in their official order, which is kept where two days
    are compared."""
    found = [each for each in positions if here.line.seen[each]]
    if here.given("bars") == "code" or here.found.before is not None:
        return found
    return sorted(found, key=lambda each: ORDER[here.picture.units[each].mark])


def groups_of(here: Asked, row: int) -> list[LineGroup]:
    """The bars of a row: a group for each place in it that has units of its own, and those
    directly in it."""
    line, units = here.line, here.picture.units
    if not line.children[row]:
        return [LineGroup([_bar(units[row])])]
    groups, direct = [], []
    for child in line.children[row]:
        ends = _in_order(here, line.ends(child))
        if line.children[child] and ends:
            stand = units[child].stand
            groups.append(
                LineGroup([_bar(units[each]) for each in ends], units[child].mark, stand.late)
            )
        else:
            direct += ends
    if direct:
        groups.append(LineGroup([_bar(units[each]) for each in _in_order(here, direct)]))
    return groups


def _bar(unit: Unit) -> LineBar:
    return LineBar(unit.mark, unit.stand.late)


@dataclass(frozen=True)
class Section:
    """Rows under one heading; without a name they have none."""

    name: str
    rows: Sequence[Row]


def sections(here: Asked, shown: Sequence[tuple[int, int]], drawn: Sequence[Row]) -> list[Section]:
    """The rows of the strip; in official order under the groups that divide their tier, each
    with what is opened in it. A group without rows is left out."""
    if here.given("order") == WORST_FIRST or here.division is None:
        return [Section("", drawn)] if drawn else []
    _grouping, groups = here.division
    found: list[tuple[Group | None, list[Row]]] = []
    for (position, depth), row in zip(shown, drawn, strict=True):
        if depth == 0:
            group = groups.get(position)
            if not found or found[-1][0] != group:
                found.append((group, []))
        found[-1][1].append(row)
    return [Section(group.name if group else "", rows) for group, rows in found]


def shown_rows(here: Asked) -> list[tuple[int, int]]:
    """The positions of the strip's rows with their depth, the opened ones with what lies in
    them."""
    line = here.line
    chosen = nearest(line)
    if here.given("only") == "breaks":
        chosen = [row for row in chosen if _is_broken(here, row)]
    if here.given("order") == WORST_FIRST:
        chosen.sort(key=lambda row: -here.picture.counts(line.ends(row)).broken)
    elif here.division is not None:  # what is in no group stands first, without a heading
        _grouping, groups = here.division
        chosen.sort(key=lambda row: groups[row].position if row in groups else -1)
    path = line.path(here.at)
    shown: list[tuple[int, int]] = []
    for row in chosen:
        shown.append((row, 0))
        shown += _opened(line, row, path, 1)
    return shown


def names_in(here: Asked, shown: Iterable[tuple[int, int]]) -> set[int]:
    """The positions that the rows name: their own, and the bars of what is opened."""
    named = set()
    for row, depth in shown:
        named.add(row)
        named.update(here.line.children[row] if depth else ())
    return named


def rows(here: Asked, shown: Iterable[tuple[int, int]]) -> list[Row]:
    """The rows of the strip."""
    path = here.line.path(here.at)
    names = here.named(names_in(here, shown))
    return [_row(here, row, depth, path, names) for row, depth in shown]


def _opened(line: Line, row: int, path: Sequence[int], depth: int) -> list[tuple[int, int]]:
    """What stands below a row that is opened, tier by tier."""
    if row not in path:
        return []
    found = []
    for child in line.children[row]:
        if line.seen[child]:
            found.append((child, depth))
            found += _opened(line, child, path, depth + 1)
    return found


def _is_broken(here: Asked, row: int) -> bool:
    counts = here.picture.counts([row, *here.line.below(row)])
    return bool(counts.broken or counts.late)


def _row(here: Asked, row: int, depth: int, path: Sequence[int], names: Mapping[int, Place]) -> Row:
    line, unit = here.line, here.picture.units[row]
    ends = line.ends(row)
    counts = here.picture.counts(ends)
    inside = line.children[row]
    is_open = row in path and bool(inside)
    place = names[row]
    above = line.parents[row]
    closed = here.link(at=line.codes[above] if above and line.seen[above] else None)
    note, breaks = _note(here, row)
    return Row(
        code=place.code,
        name=place.name,
        url=unit_url(here, row),
        depth=depth,
        mark=unit.mark,
        late=unit.stand.late,
        contested=unit.stand.contested,
        toggle="" if not inside else closed if is_open else here.link(at=place.code),
        is_open=is_open,
        groups=groups_of(here, row) if not depth else [],
        named=_named(here, row, names) if depth and inside else None,
        label=f"{place.name}: {in_words(counts)}",
        counts=counts,
        before=here.found.before.counts(ends) if here.found.before else None,
        note=note,
        breaks=breaks,
    )


def _named(here: Asked, row: int, names: Mapping[int, Place]) -> LineGroup:
    """The units of an opened row's part, each with its name, its stage and since when."""
    units = here.picture.units
    bars = []
    for each in _in_order(here, here.line.children[row]):
        unit = units[each]
        said = [f"{names[each].name}: {MARK_WORDS[unit.mark]}"]
        said += [str(LATE)] if unit.stand.late else []
        since = since_text(here, unit)
        said += [_("since %(day)s") % {"day": since}] if since else []
        said += [evidence_text(unit)] if unit.stand.evidence else []
        bars.append(
            LineBar(unit.mark, unit.stand.late, listed(said, language()), unit_url(here, each))
        )
    return LineGroup(bars, units[row].mark, units[row].stand.late)


def _note(here: Asked, row: int) -> tuple[str, bool]:
    """What there is to say of a row, and whether the line breaks there."""
    unit = here.picture.units[row]
    since = since_text(here, unit)
    below = here.picture.counts(here.line.ends(row)).at(Mark.NOT_PASSED_DOWN)
    if unit.mark is Mark.NOT_APPLICABLE:
        return (_("Not applicable since %(day)s.") % {"day": since} if since else ""), False
    if unit.stand.silent:
        return _silence(here, row, since, below), True
    if not here.line.children[row]:
        said = [_("since %(day)s") % {"day": since}] if since else []
        said += [evidence_text(unit)] if unit.stand.evidence else []
        return listed(said, language()), False
    silent = [each for each in here.picture.breaks(row) if each.silent and each.at != row]
    if silent:
        told = sum(each.below for each in silent)
        return (
            ngettext(
                "Breaks here: %(count)s place silent, %(below)s below never told.",
                "Breaks here: %(count)s places silent, %(below)s below never told.",
                len(silent),
            )
            % {"count": number(len(silent)), "below": number(told)},
            True,
        )
    if unit.mark is Mark.NOT_PASSED_DOWN:
        return _("Never told, and so nobody below it: %(count)s.") % {"count": number(below)}, False
    if below:
        return _("Not passed on to %(count)s yet.") % {"count": number(below)}, False
    return "", False


def _silence(here: Asked, row: int, since: str, below: int) -> str:
    unit = here.picture.units[row]
    said = (
        _("Signed for, and not taken on by %(time)s.")
        if unit.stand.stage is Stage.RECEIVED
        else _("No answer by %(time)s.")
    ) % {"time": since}
    if below and here.line.children[row]:
        said += " " + ngettext(
            "%(count)s below was never told.", "%(count)s below were never told.", below
        ) % {"count": number(below)}
    return said
