"""What is asked of a unit: the lines of all forms at once, each figure a single time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from django.db import connection

from throughline.figures.models import Series
from throughline.kernel.period import Period
from throughline.places.models import Tier
from throughline.places.queries import children, tree_at
from throughline.reporting import comparing
from throughline.reporting.models import Cycle, Form, FormLine, FormRule, Report
from throughline.reporting.rules.life import levels_above
from throughline.reporting.rules.validating import Level, Line, Rule, RuleKind, Usual

BACK = 12
"""Periods before its own that a sheet knows."""


@dataclass(frozen=True)
class AskedLine:
    """A figure that is asked for, all who ask for it, and whether any of them wants it filled."""

    line: FormLine
    series: Series
    forms: tuple[Form, ...]
    required: bool

    @property
    def key(self) -> str:
        """The series' key, by which the cell goes everywhere."""
        return self.series.key


@dataclass(frozen=True)
class Asked:
    """All that is asked of a unit in a cycle."""

    forms: tuple[Form, ...]
    lines: tuple[AskedLine, ...]
    rules: tuple[FormRule, ...]
    by_key: Mapping[str, AskedLine] = field(repr=False)

    @cached_property
    def rule_lines(self) -> list[Line]:
        """The lines as the rules take them."""
        return [
            Line(
                series=each.key,
                required=each.required,
                decimals=each.series.indicator.decimals,
                low=each.series.indicator.minimum,
                high=each.series.indicator.maximum,
            )
            for each in self.lines
        ]

    @cached_property
    def rules_held(self) -> list[Rule]:
        """The rules of all forms, as they are held."""
        return [
            Rule(
                key=f"{each.form.key}/{each.key}", level=Level(each.level),
                kind=RuleKind(each.kind), must=each.must, series=each.series, factor=each.factor,
                periods=each.periods, says_en=each.says_en, says_zh=each.says_zh,
            )
            for each in self.rules
        ]  # fmt: skip

    @cached_property
    def compared(self) -> list[AskedLine]:
        """The lines that a rule compares with the periods before."""
        other = {RuleKind.MUST, RuleKind.PEERS}
        named = {each.series for each in self.rules if each.kind not in other}
        return [each for each in self.lines if each.key in named]

    @property
    def beside(self) -> list[comparing.Compared]:
        """The series that a rule compares with those of similar places."""
        keys = {each.series for each in self.rules if each.kind == RuleKind.PEERS}
        return [
            (each.series.pk, each.key, each.series.indicator.decimals)
            for each in self.lines
            if each.key in keys
        ]


KEPT = 60
"""Seconds for which a process keeps what a cycle asks. Its forms are as they were when it was
opened; the words and bounds of an indicator may change with its pack meanwhile."""


@dataclass(frozen=True)
class Shape:
    """What of a cycle does not change: the levels of the tiers that fill in, and of those that
    check; and the plans (their ids) on whose tasks it asks for progress reports, each with the
    tier whose bodies owe them."""

    levels: frozenset[int]
    review: tuple[int, ...]
    tasks: tuple[tuple[int, int], ...] = ()


def shape_of(cycle: Cycle) -> Shape:
    """What of a cycle does not change."""
    return _shape(cycle.pk)


@lru_cache(maxsize=256)
def _shape(cycle: int) -> Shape:
    forms = Form.objects.filter(cycles=cycle)
    review = Tier.objects.filter(pk__in=forms.values("review")).values_list("level", flat=True)
    with_lines = forms.filter(lines__isnull=False)
    levels = frozenset(with_lines.values_list("tier__level", flat=True))
    tasks = forms.filter(tasks=True).values_list("plan", "tier").distinct().order_by("plan", "tier")
    return Shape(levels, tuple(sorted(set(review))), tuple(tasks))


def asked_of(report: Report) -> Asked:
    """What the cycle of a report asks of its unit. One with nothing below it fills in what is
    asked of the tiers below as well."""
    place, cycle = report.place, report.cycle
    level = place.tier.level
    deeper = any(each > level for each in shape_of(cycle).levels)
    lowest = deeper and not children(place, Period.parse(cycle.period).end).exists()
    return _asked_in(cycle.pk, level, lowest, int(time.monotonic() // KEPT))


@lru_cache(maxsize=256)
def _asked_in(cycle: int, level: int, lowest: bool, _while: int) -> Asked:
    forms = [
        form
        for form in Form.objects.filter(cycles=cycle, lines__isnull=False)
        .select_related("asked_by", "plan", "tier")
        .order_by("key")
        .distinct()
        if form.tier.level == level or (lowest and form.tier.level > level)
    ]
    of_form = {form.pk: form for form in forms}
    rows = FormLine.objects.filter(form__in=forms).select_related(
        "series__indicator", "series__edition", "series__producer"
    )
    lines: dict[str, AskedLine] = {}
    for row in sorted(rows, key=lambda each: (of_form[each.form_id].key, each.position)):
        form = of_form[row.form_id]
        before = lines.get(row.series.key)
        if before is None:
            lines[row.series.key] = AskedLine(row, row.series, (form,), row.required)
        else:
            lines[row.series.key] = AskedLine(
                before.line, before.series, (*before.forms, form), before.required or row.required
            )
    rules = FormRule.objects.filter(form__in=forms).select_related("form")
    # Lines of several forms under one heading stand together, where it stands first.
    headings = {each.line.section_en: 0 for each in lines.values()}
    order = {heading: at for at, heading in enumerate(headings)}
    return Asked(
        tuple(forms),
        tuple(sorted(lines.values(), key=lambda each: order[each.line.section_en])),
        tuple(rules.order_by("form__key", "position")),
        lines,
    )


def forget() -> None:
    """Forget what cycles ask, for tests, in which cycles come and go under the same numbers."""
    _shape.cache_clear()
    _asked_in.cache_clear()
    comparing.forget()


def places_above(report: Report) -> dict[int, int]:
    """By level, the places (their ids) in which the unit of a report lies, by the tree of the
    period's end; the unit itself stands at its own level."""
    day = Period.parse(report.cycle.period).end
    tree = tree_at(report.place.tier.scheme, day)
    here = tree.ids.index(report.place_id) if report.place_id in tree.ids else -1
    found = {}
    while here >= 0:
        found[tree.levels[here]] = tree.ids[here]
        here = tree.parents[here]
    return found


def places_that_check(report: Report, above: int) -> list[int]:
    """The places (their ids) above a level in which the unit of a report lies and whose tier
    checks it, the nearest first."""
    in_places = places_above(report)
    levels = levels_above(shape_of(report.cycle).review, above)
    return [in_places[level] for level in levels if level in in_places]


def code_of_turn(report: Report) -> str | None:
    """The code of the place that checks a report next, without reading the place."""
    if report.turn_id is None:
        return None
    tree = tree_at(report.place.tier.scheme, Period.parse(report.cycle.period).end)
    return tree.codes[tree.ids.index(report.turn_id)]


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


_STANDING = """
SELECT DISTINCT ON (place_id, series_id, period)
       place_id, series_id, period, id, value, status, note, act
  FROM figures_observation
 WHERE place_id = ANY(%s) AND series_id = ANY(%s) AND period = ANY(%s)
 ORDER BY place_id, series_id, period, id DESC
"""

AtPlace = dict[tuple[int, str], Standing]
"""By series and period, the figures that stand at a place, whatever their release."""


def standing_at(
    places: Collection[int], series: Collection[int], periods: Sequence[Period]
) -> Callable[[], dict[int, AtPlace]]:
    """The figures that stand at some places, by place. In two steps, as `kernel.selecting.send`."""
    cursor = connection.cursor()
    codes = [each.code for each in periods]
    cursor.execute(_STANDING, [list(places), sorted(series), codes])

    def found() -> dict[int, AtPlace]:
        by_place: dict[int, AtPlace] = {place: {} for place in places}
        with cursor:
            for place, of, code, *rest in cursor.fetchall():
                by_place[place][of, code] = Standing(*rest)
        return by_place

    return found


@dataclass(frozen=True)
class Known:
    """What is known of a unit when its sheet is looked at: what is asked, and the figures that
    stand in the sheet's period and in those before."""

    asked: Asked
    period: Period
    before: tuple[Period, ...]
    standing: Mapping[tuple[int, str], Standing]
    peers: Mapping[str, Usual]

    def here(self, each: AskedLine) -> Standing | None:
        """The figure that stands in a line's cell."""
        return self.standing.get((each.series.pk, self.period.code))

    def history(self, each: AskedLine) -> list[float | None]:
        """The figures of a line in the periods before, oldest first."""
        found = (self.standing.get((each.series.pk, period.code)) for period in self.before)
        return [None if one is None else one.value for one in found]


def known_of(report: Report) -> Known:
    """What is known of a report's unit, in one statement."""
    return send_for_known(report, comparing.peers_of(report, asked_of(report).beside))()


def send_for_known(report: Report, peers: Mapping[str, Usual]) -> Callable[[], Known]:
    """`known_of` in two steps, as `kernel.selecting.send`; what is usual among the unit's peers
    is read once a cycle and process, and not on the way."""
    asked, period = asked_of(report), Period.parse(report.cycle.period)
    before = tuple(periods_before(period))
    series = [each.series.pk for each in asked.lines]
    standing = standing_at([report.place_id], series, [*before, period])
    return lambda: Known(asked, period, before, standing()[report.place_id], peers)


def known_of_several(reports: Sequence[Report], back: int = BACK) -> dict[int, Known]:
    """The same of the reports of one cycle, by their ids, with as many periods before; in one
    statement for all."""
    asked = {report.pk: asked_of(report) for report in reports}
    series = {each.series.pk for several in asked.values() for each in several.lines}
    if not reports:
        return {}
    period = Period.parse(reports[0].cycle.period)
    before = tuple(periods_before(period, back))
    standing = standing_at([each.place_id for each in reports], series, [*before, period])()
    return {
        report.pk: Known(
            asked[report.pk], period, before, standing[report.place_id],
            comparing.peers_of(report, asked[report.pk].beside),
        )
        for report in reports
    }  # fmt: skip
