"""From the cube, or from standing observations, to the table of a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from throughline.bodies.models import Body
from throughline.figures.cube.columns import NOTHING, Read, by_part, contributing
from throughline.figures.cube.measures import Measure
from throughline.figures.cube.numbers import Numbers
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import Key
from throughline.figures.models import Series
from throughline.figures.rollup.composed import Composed, Rolled
from throughline.figures.rollup.cubed import Asked, Found, parts_in_cube, read_cube
from throughline.figures.rollup.longer import Longer, Shorter, shorter_in
from throughline.figures.rollup.longer import made_of as beside
from throughline.figures.rollup.measuring import Home, cells_of, measure_of, parts_of, shape_of
from throughline.figures.rollup.standing import standing_observations
from throughline.figures.rollup.table import Table
from throughline.kernel.memory import remembered
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_now
from throughline.kernel.selecting import select
from throughline.places.models import Scheme
from throughline.places.queries import Tree, trees_at
from throughline.plans.models import Edition, Indicator
from throughline.plans.queries import behind
from throughline.plans.rules import Formula

__all__ = ["Wanted", "figures", "parts_of", "tables"]


@dataclass(frozen=True)
class Wanted:
    """One table: of an indicator, in an edition, for a period."""

    indicator: Indicator
    edition: Edition
    period: Period

    @property
    def strip(self) -> Key:
        """Where in the cube its figures lie."""
        return Key(self.edition.scheme_id, self.edition.pk, self.period.code)


@lru_cache(maxsize=64)
def _shape(tree: Tree) -> Shape:
    return shape_of(tree)


@dataclass(frozen=True)
class _Question:
    """What some tables have in common: what everything is made of, and the series read."""

    known: Known
    made_of: Mapping[int, Sequence[Indicator]]
    series: Mapping[int, Series]

    def measures(self, wanted: Wanted) -> list[Measure]:
        """What is rolled up for a table: the indicator, or whatever its formula is made of."""
        formula = Indicator.Kind.FORMULA
        indicator = wanted.indicator
        several = self.made_of[indicator.pk] if indicator.kind == formula else [indicator]
        return [measure_of(each) for each in several if each.kind != formula]


def _needed(indicators: Iterable[Indicator]) -> set[int]:
    """Every indicator that is read for some: parts, weights."""
    found: set[int] = set()
    for each in indicators:
        found |= {each.pk, *(part.pk for part in parts_of(each))}
        found |= {each.weight_id} if each.weight_id else set()
    return found


_SERIES = """figures_series s
  JOIN plans_edition e ON e.id = s.edition_id
  JOIN bodies_body b ON b.id = s.producer_id
 WHERE s.indicator_id = ANY(%s) AND s.edition_id = ANY(%s)
 ORDER BY s.id"""


def _series_of(made_of: Iterable[Sequence[Indicator]], editions: set[int]) -> dict[int, Series]:
    """The series of all that is needed; a request asks once for those of an indicator in an
    edition, whichever tables need them."""
    needed = _needed(each for several in made_of for each in several)
    wanted = {(indicator, edition) for indicator in needed for edition in editions}
    read: dict[tuple[int, int], list[Series]] = remembered("series by indicator", dict)
    missing = wanted - read.keys()
    if missing:
        read |= {each: [] for each in missing}
        asked = [list({each[number] for each in missing}) for number in (0, 1)]
        for each, edition, producer in select(_SERIES, asked, s=Series, e=Edition, b=Body):
            each.edition, each.producer = edition, producer
            if (each.indicator_id, each.edition_id) in missing:
                read[each.indicator_id, each.edition_id].append(each)
    return {each.pk: each for key in wanted for each in read[key]}


def _read_rows(asked: Mapping[Wanted, Asked], question: _Question) -> dict[Wanted, Found]:
    """What stands in the series that the tables need: one statement, whatever is asked."""
    series = list(question.series.values())
    periods = list({each.period for each in asked})
    rows = standing_observations(series, periods, question.known)
    cells = cells_of(rows, {each.pk: Home.of(each) for each in series})
    days: dict[Scheme, set[date]] = {}
    for each in asked:
        days.setdefault(each.indicator.scheme, set()).add(each.period.end)
    trees = {scheme: trees_at(scheme, ends, question.known) for scheme, ends in days.items()}
    read: dict[Key, Read] = {}
    for each in asked:
        if each.strip not in read:
            shape = _shape(trees[each.indicator.scheme][each.period.end])
            read[each.strip] = Read(shape, by_part(cells.get(each.strip, NOTHING)))
    found = {}
    for each, what in asked.items():
        source = read[each.strip]
        found[each] = Found(source.shape, source.cells, dict.fromkeys(what.measures, source))
    return found


def _table(wanted: Wanted, question: _Question, found: Found) -> Table:
    rolled = {each.key: Numbers(each, source) for each, source in found.sources.items()}
    made_of = question.made_of[wanted.indicator.pk]
    numbers = _numbers(wanted.indicator, found.shape, rolled, {each.key: each for each in made_of})
    used = {
        series
        for measure in found.sources
        for part in measure.parts
        for series in contributing(found.shape, measure.column(part), found.cells)
    }
    summed = [question.series[each] for each in used if each in question.series]
    return Table(
        indicator=wanted.indicator,
        edition=wanted.edition,
        period=wanted.period,
        numbers=numbers,
        cells=found.cells.get(wanted.indicator.pk, NOTHING),
        series=question.series,
        summed=tuple(sorted(summed, key=lambda each: (each.rank, each.pk))),
    )


def _numbers(
    indicator: Indicator,
    shape: Shape,
    rolled: Mapping[int, Rolled],
    by_key: Mapping[str, Indicator],
) -> Rolled:
    """The numbers of an indicator: rolled up, or composed of those of others (which name each
    other in no circle: packs are checked for it)."""
    if indicator.kind != Indicator.Kind.FORMULA:
        return rolled[indicator.pk]
    formula = Formula.parse(indicator.formula)
    parts = {
        key: _numbers(by_key[key], shape, rolled, by_key) for key in formula.keys if key in by_key
    }
    return Composed(shape, formula, parts)


def tables(wanted: Iterable[Wanted], known: Known | None = None) -> dict[Wanted, Table]:
    """Several tables, of any indicators, editions and periods, read at once.

    What is known now comes from the cube where it stands at the journal's head; else, and
    for what was known before, the very same figures are computed from the observations. A
    stated total (a figure above the reporting units) is kept beside the roll-up and never
    added to it. A period longer than those that an indicator is given by is put together from
    them, as the indicator says.
    """
    several = list(dict.fromkeys(wanted))
    if not several:
        return {}
    known = known or known_now()
    within = _within(several, known)
    shorter = [one for parts in within.values() for each in parts if each for one in each]
    read = _read([each for each in several if each not in within] + shorter, known)
    return {
        each: _longer(each, within[each], read) if each in within else read[each]
        for each in several
    }


def _within(several: Sequence[Wanted], known: Known) -> dict[Wanted, list[list[Wanted] | None]]:
    """For tables of longer periods, those of each shorter one: first the indicator's, then what
    has to be read beside it. None where nothing is known of that period; a longer one of which
    nothing at all is known is left out, and read as any other."""
    found: dict[Wanted, list[list[Wanted] | None]] = {}
    longer = {each: shorter_in(each.indicator, each.period) for each in several}
    longer = {each: periods for each, periods in longer.items() if periods}
    if not longer:
        return {}
    held = parts_in_cube(known)
    behind_each = behind([each.indicator for each in longer]) if held is not None else {}
    for each, periods in longer.items():
        several_of = [each.indicator, *beside(each.indicator)]
        there = None
        if held is not None:
            parts = behind_each[each.indicator.pk]
            there = {code for part in parts for edition, code in held.get(part.pk, ())
                     if edition == each.edition.pk}  # fmt: skip
        within = [
            [Wanted(one, each.edition, period) for one in several_of]
            if there is None or period.code in there
            else None
            for period in periods
        ]
        if any(within):
            found[each] = within
    return found


def _longer(
    wanted: Wanted, within: Sequence[list[Wanted] | None], read: Mapping[Wanted, Table]
) -> Table:
    shorter = [
        Shorter(read[each[0]], {one.indicator.pk: read[one] for one in each[1:]}) if each else None
        for each in within
    ]
    return Longer.of(wanted.indicator, wanted.period, shorter)


def _read(wanted: Iterable[Wanted], known: Known) -> dict[Wanted, Table]:
    """Tables of the periods that indicators are given by."""
    several = list(dict.fromkeys(wanted))
    made_of = behind(list({each.indicator.pk: each.indicator for each in several}.values()))
    series = _series_of(made_of.values(), {each.edition.pk for each in several})
    question = _Question(known, made_of, series)
    asked = {each: Asked(each.strip, question.measures(each)) for each in several}
    found = read_cube(asked, question.known)
    missing = {each: what for each, what in asked.items() if each not in found}
    if missing:
        found |= _read_rows(missing, question)
    return {each: _table(each, question, found[each]) for each in several}


def figures(
    indicator: Indicator,
    periods: Sequence[Period],
    edition: Edition,
    known: Known | None = None,
) -> dict[Period, Table]:
    """The figures of an indicator in one edition, for some periods, at every unit."""
    found = tables((Wanted(indicator, edition, period) for period in periods), known)
    return {wanted.period: table for wanted, table in found.items()}
