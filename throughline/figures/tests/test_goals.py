"""What is said of targets: monotone, mirrored, without units, and the same in bulk."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from throughline.figures import rules
from throughline.figures.cube.verdicts import Prepared, judge_strips
from throughline.figures.rules import (
    Band,
    Direction,
    Goal,
    Operator,
    Status,
    Why,
    bulk,
    expected_value,
    judge,
)
from throughline.kernel.period import Period, Span

calm = settings(deadline=None, max_examples=60)
"""A machine that does much else at once is slow, and that is no fault."""

START, END = Period(2020), Period(2030)
BETTER = [
    Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.AHEAD, Status.ACHIEVED,
]  # fmt: skip
numbers = st.floats(-1000, 1000).map(lambda value: round(value, 3))
years = st.integers(2018, 2032).map(Period)
ONE_SIDED = [Operator.GE, Operator.LE, Operator.PLUS, Operator.MINUS]


@st.composite
def goals(draw: Any, operators: Any = tuple(Operator)) -> Goal:
    operator = draw(st.sampled_from(operators))
    value = None if operator is Operator.DIRECTION else draw(numbers)
    upper = None
    if operator is Operator.RANGE:
        upper = value + draw(st.floats(0.5, 100))
    based = draw(st.integers(0, 5)) > 0
    low = draw(numbers)
    trajectory = draw(st.sampled_from(["linear", "linear", "steps", "given"]))
    steps: tuple[tuple[Period, float], ...] = ()
    if trajectory != "linear":
        wanted = sorted(draw(st.sets(st.integers(2021, 2029), min_size=1, max_size=4)))
        steps = tuple((Period(year), draw(numbers)) for year in wanted)
    return Goal(
        operator=operator,
        value=value,
        upper=upper,
        by=END,
        baseline=draw(numbers) if based else None,
        baseline_period=START if based else None,
        strict=draw(st.booleans()),
        percent=draw(st.booleans()),
        tolerance=draw(st.none() | st.floats(0, 10)),
        decimals=draw(st.none() | st.integers(0, 3)),
        direction=draw(st.sampled_from(list(Direction))),
        band=Band(low, low + draw(st.floats(0, 50))) if draw(st.booleans()) else None,
        trajectory=trajectory,
        steps=steps,
    )


def near(goal: Goal) -> list[float]:
    """Values at and beside every edge that a goal knows."""
    edges = [goal.value, goal.upper, goal.baseline, goal.number, goal.aim]
    if goal.wanted:
        edges += [goal.wanted.low, goal.wanted.high]
    found = [edge for edge in edges if edge is not None and math.isfinite(edge)]
    return found + [edge + side for edge in found for side in (-0.01, 0.01)] or [0.0]


@calm
@given(goals(), numbers, years, st.data())
def test_whole_arrays_are_judged_as_each_cell_alone(goal, value, period, data):
    values = [value, *near(goal)]
    alone = [judge(goal, each, period) for each in [*values, None]]
    table = np.array([[each] for each in values] + [[math.nan]])
    said = bulk.judge_all(bulk.Goals.of([goal] * len(table)), table, [period])
    for row, one in enumerate(alone):
        assert bulk.STATUSES[said.status[row, 0]] is one.status
        assert said.met[row, 0] == (bulk.NONE if one.met is None else one.met)
        assert same(said.progress[row, 0], one.progress)
        assert same(said.expected[row, 0], one.expected)
        move, why = said.move[row, 0], said.why[row, 0]
        assert (None if move == bulk.NONE else bulk.MOVES[move]) is one.move
        assert (None if why == bulk.NONE else bulk.WHYS[why]) is one.why


def same(bulk_value: float, alone: float | None) -> bool:
    return math.isnan(bulk_value) if alone is None else bool(bulk_value == alone)


@calm
@given(st.lists(goals(), min_size=1, max_size=8), st.data())
def test_several_targets_and_periods_at_once_are_each_their_own(several, data):
    periods = [Period(2019), Period(2024), Period(2024, Span.QUARTER, 3), Period(2031)]
    table = np.array([[data.draw(numbers) for _ in periods] for _ in several])
    said = bulk.judge_all(bulk.Goals.of(several), table, periods)
    for row, goal in enumerate(several):
        for column, period in enumerate(periods):
            one = judge(goal, float(table[row, column]), period)
            assert bulk.STATUSES[said.status[row, column]] is one.status
            assert same(said.expected[row, column], one.expected)
    assert sum(said.counts().values()) == table.size


@calm
@given(st.lists(goals(), min_size=1, max_size=8), st.data())
def test_the_compiled_pass_says_the_same_of_status_and_gap(several, data):
    periods = [Period(2019), Period(2024), Period(2024, Span.QUARTER, 3), Period(2031)]
    columns = []
    for goal in several:
        values = st.sampled_from([math.nan, *near(goal)]) | numbers
        columns.append([data.draw(values) for _ in periods])
    ready, table = bulk.Goals.of(several), np.array(columns)
    plain = bulk.judge_all(ready, table, periods)
    strips = np.ascontiguousarray(table.T)
    status, gap = judge_strips(Prepared.of(ready, periods), strips)
    assert status.tolist() == plain.status.T.tolist()
    assert np.array_equal(gap, plain.gap.T, equal_nan=True)


def test_the_compiled_pass_holds_over_more_targets_than_a_block():
    rng = np.random.default_rng(5)
    values = rng.choice([rules.Operator.GE, rules.Operator.LE, rules.Operator.DIRECTION], 700)
    several = [
        Goal(each, None if each is Operator.DIRECTION else 65, Period(2025), 60, START)
        for each in values
    ]
    ready, table = bulk.Goals.of(several), rng.uniform(55, 70, (700, 1))
    plain = bulk.judge_all(ready, table, [Period(2023)])
    status, gap = judge_strips(Prepared.of(ready, [Period(2023)]), table.T.copy())
    assert status[0].tolist() == plain.status[:, 0].tolist()
    assert np.array_equal(gap[0], plain.gap[:, 0], equal_nan=True)
    with pytest.raises(ValueError, match="periods by goals"):
        judge_strips(Prepared.of(ready, [Period(2023)]), table)


@calm
@given(goals(ONE_SIDED), numbers, st.floats(0, 500), years)
def test_a_better_figure_never_has_a_worse_status(goal, value, more, period):
    towards = -1 if goal.operator in (Operator.LE, Operator.MINUS) else 1
    assume(not rules.holds(goal))
    worse, better = judge(goal, value, period), judge(goal, value + towards * more, period)
    assume(worse.status in BETTER and better.status in BETTER)
    assert BETTER.index(worse.status) <= BETTER.index(better.status)
    if worse.progress is not None and better.progress is not None:
        moves_right = (towards > 0) == ((goal.aim or 0) > (goal.baseline or 0))
        assert not moves_right or worse.progress <= better.progress


MIRRORED = {
    Operator.GE: Operator.LE, Operator.LE: Operator.GE, Operator.PLUS: Operator.MINUS,
    Operator.MINUS: Operator.PLUS,
}  # fmt: skip
OPPOSITE = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP}


def mirrored(goal: Goal) -> Goal:
    value, upper = goal.value, goal.upper
    if goal.operator not in (Operator.PLUS, Operator.MINUS) and value is not None:
        value = -value
    if goal.operator is Operator.RANGE and value is not None and upper is not None:
        value, upper = -upper, value
    return replace(
        goal,
        operator=MIRRORED.get(goal.operator, goal.operator),
        value=value,
        upper=upper if upper is None else (-goal.value if goal.value is not None else None),
        baseline=None if goal.baseline is None else -goal.baseline,
        direction=OPPOSITE.get(goal.direction, goal.direction),
        band=None if goal.band is None else Band(-goal.band.high, -goal.band.low),
        steps=tuple((period, -step) for period, step in goal.steps),
    )


@calm
@given(goals(), numbers, years)
def test_falling_targets_read_like_rising_ones(goal, value, period):
    here, there = judge(goal, value, period), judge(mirrored(goal), -value, period)
    assert (here.status, here.met, here.move, here.why) == (
        there.status, there.met, there.move, there.why,
    )  # fmt: skip
    assert alike(here.progress, there.progress)
    assert alike(here.expected, None if there.expected is None else -there.expected)


def alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@calm
@given(goals(), numbers, years, st.sampled_from([2.0**-40, 0.25, 4.0, 2.0**30]))
def test_the_unit_of_measure_changes_nothing(goal, value, period, scale):
    """Powers of two, so that nothing but the unit changes."""
    goal = replace(goal, decimals=None)
    times = {
        name: None if getattr(goal, name) is None else getattr(goal, name) * scale
        for name in ("upper", "baseline", "tolerance")
    }
    kept = goal.percent and goal.operator in (Operator.PLUS, Operator.MINUS)
    other = replace(
        goal,
        value=goal.value if kept or goal.value is None else goal.value * scale,
        band=None if goal.band is None else Band(goal.band.low * scale, goal.band.high * scale),
        steps=tuple((when, step * scale) for when, step in goal.steps),
        **times,
    )
    here, there = judge(goal, value, period), judge(other, value * scale, period)
    assert replace(here, expected=None) == replace(there, expected=None)


MONTHS = [Period(2020 + n // 12, Span.MONTH, n % 12 + 1) for n in range(11, 144)]


@calm
@given(goals([Operator.GE, Operator.LE, Operator.ABOUT, Operator.RANGE]))
def test_lines_and_given_values_never_jump(goal):
    assume(goal.trajectory != "steps" and goal.baseline is not None)
    path = [expected_value(goal, month) for month in MONTHS]
    known = [each for each in path if each is not None]
    assume(known)
    corners = [value for _day, value in rules.corners(goal)]
    steepest = max(
        (abs(after - before) for before, after in pairwise(corners)),
        default=0.0,
    )
    # The shortest leg is a year, so in a month no more than a tenth of its height is climbed.
    assert all(abs(after - before) <= steepest / 10 + 1e-9 for before, after in pairwise(known))
    assert known[0] == goal.baseline and known[-1] == goal.aim


@calm
@given(goals(), numbers, years, st.integers(0, 3))
def test_figures_that_read_alike_are_judged_alike(goal, value, period, decimals):
    goal = replace(goal, decimals=decimals)
    shown = rules.shown(value, decimals)
    assert judge(goal, value, period) == judge(goal, shown, period)


@calm
@given(goals(), years)
def test_what_binary_cannot_hold_flips_nothing(goal, period):
    for value in near(goal):
        noisy = value * (1 + 1e-15)
        assert judge(goal, value, period).status is judge(goal, noisy, period).status


@calm
@given(goals(), numbers, years)
def test_what_cannot_be_judged_says_why_and_nothing_else_does(goal, value, period):
    said = judge(goal, value, period)
    assert (said.status is Status.NO_DATA) == (said.why is not None)
    assert judge(goal, None, period).why is Why.NO_FIGURE


@calm
@given(goals([Operator.EQ, Operator.ABOUT, Operator.RANGE]), numbers, years)
def test_the_further_from_what_is_to_be_hit_the_worse(goal, value, period):
    assume(goal.baseline is not None and not rules.holds(goal))
    wanted = goal.wanted
    assert wanted is not None
    further = value + (1.0 if value > wanted.high else -1.0)
    assume(not wanted.holds(value))
    here, there = judge(goal, value, period).progress, judge(goal, further, period).progress
    if here is not None and there is not None:
        assert there < here <= 1


# -- by hand -------------------------------------------------------------------------------

AT = Period(2025)


@pytest.mark.parametrize(
    ("goal", "value", "status", "progress"),
    [
        (Goal(Operator.ABOUT, 60, END, 40, START, tolerance=3), 50, "on_track", 0.5),
        (Goal(Operator.ABOUT, 60, END, 40, START, tolerance=3), 57, "achieved", 0.85),
        (Goal(Operator.ABOUT, 60, END, 40, START, tolerance=3), 66, "at_risk", 0.85),
        (Goal(Operator.ABOUT, 60, END, 40, START, tolerance=3), 80, "off_track", 0.15),
        (Goal(Operator.EQ, 60, END, 40, START, decimals=1), 60.04, "achieved", 1.0),
        (Goal(Operator.EQ, 60, END, 40, START, decimals=1), 60.1, "at_risk", 0.9975),
        (Goal(Operator.RANGE, 3, END, 9, START, upper=5), 7, "on_track", 0.5),
        (Goal(Operator.RANGE, 3, END, 9, START, upper=5), 4, "achieved", 1.0),
        (Goal(Operator.RANGE, 3, END, 4, START, upper=5), 4.5, "on_track", None),
        (Goal(Operator.RANGE, 3, END, 4, START, upper=5), 5.5, "at_risk", None),
        (Goal(Operator.PLUS, 20, END, 100, START), 110, "on_track", 0.5),
        (Goal(Operator.PLUS, 20, END, 200, START, percent=True), 220, "on_track", 0.5),
        (Goal(Operator.MINUS, 18, END, 100, START, percent=True), 91, "on_track", 0.5),
        (Goal(Operator.MINUS, 18, END, 100, START, percent=True), 101, "off_track", -1 / 18),
        (Goal(Operator.GE, 43, END, 40, START, strict=True), 43, "ahead", 1.0),
        (Goal(Operator.LE, 0.3, END, 0.5, START), 0.1 + 0.2, "achieved", None),
    ],
)
def test_each_operator_halfway(goal, value, status, progress):
    said = judge(goal, value, AT)
    assert said.status == status
    if progress is not None:
        assert said.progress == pytest.approx(progress)


@pytest.mark.parametrize(
    ("direction", "value", "year", "status"),
    [
        (Direction.UP, 46.7, 2021, "on_track"),
        (Direction.UP, 45.4, 2021, "at_risk"),
        (Direction.UP, 45.0, 2021, "off_track"),
        (Direction.DOWN, 45.0, 2021, "on_track"),
        (Direction.UP, 46.7, 2030, "achieved"),
        (Direction.UP, 45.4, 2030, "off_track"),
        (Direction.UP, 46.7, 2020, "not_started"),
        (Direction.BAND, 46.7, 2021, "on_track"),
        (Direction.BAND, 40.0, 2021, "off_track"),
    ],
)
def test_a_direction_is_kept_or_not_and_has_no_number(direction, value, year, status):
    goal = Goal(
        Operator.DIRECTION, None, END, 45.4, START,
        decimals=1, direction=direction, band=Band(50, 60),
    )  # fmt: skip
    said = judge(goal, value, Period(year))
    assert said.status == status
    assert (said.progress, said.expected, said.met) == (None, None, None)


def test_more_than_the_baseline_itself_leaves_no_way_to_measure():
    goal = Goal(Operator.GE, 45.4, END, 45.4, START, strict=True)
    assert judge(goal, 45.0, AT).why is Why.NO_WAY
    assert judge(goal, 46.0, AT).status is Status.ACHIEVED
    assert judge(goal, 45.0, END).status is Status.OFF_TRACK


def test_a_direction_without_a_baseline_or_a_band_is_not_judged():
    bare = Goal(Operator.DIRECTION, None, END)
    assert judge(bare, 1.0, AT).why is Why.NO_BASELINE
    banded = Goal(Operator.DIRECTION, None, END, 1.0, START, direction=Direction.BAND)
    assert judge(banded, 2.0, AT).why is Why.NO_BAND


STEPS = ((Period(2022), 10.0), (Period(2026), 50.0))
STAIRS = Goal(Operator.GE, 100, END, 0, START, trajectory="steps", steps=STEPS)


@pytest.mark.parametrize(
    ("year", "value", "status"),
    [
        (2021, 0, "not_started"), (2022, 10, "on_track"), (2025, 10, "on_track"),
        (2025, 11, "ahead"), (2026, 11, "off_track"), (2026, 45, "on_track"),
        (2030, 99, "off_track"), (2030, 100, "achieved"),
    ],
)  # fmt: skip
def test_steps_are_due_when_they_are_due(year, value, status):
    assert judge(STAIRS, value, Period(year)).status == status


def test_given_values_are_due_as_the_plan_gives_them():
    goal = replace(STAIRS, trajectory="given")
    assert [expected_value(goal, Period(year)) for year in (2021, 2024, 2028)] == [5, 30, 75]
    assert judge(goal, 30, Period(2024)).status == "on_track"
    assert judge(goal, 30, Period(2025)).status == "at_risk"


def test_a_bridge_carries_a_figure_and_its_absence():
    bridge = rules.linked(60.60, 62.71, "shift")
    assert bridge is not None and bridge.cross(60.60) == pytest.approx(62.71)
    assert bridge.cross(None) is None


# -- time and formulas in bulk -------------------------------------------------------------

cells = st.none() | st.integers(-(10**6), 10**6).map(float)


@calm
@given(st.lists(cells, min_size=1, max_size=12), st.sampled_from(["sum", "last", "mean", "none"]))
def test_periods_add_up_in_bulk_as_alone(parts, how):
    alone = rules.over_time(how, parts)
    table = np.array([[math.nan if each is None else each] for each in parts])
    value, so_far, given_ = bulk.over_time_all(how, table)
    assert same(value[0], alone.value) and same(so_far[0], alone.so_far)
    assert given_[0] == alone.given


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b-1", "c", "2", "0.5"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/×÷−"), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("-{}".format, inner),
    ),
    max_leaves=8,
)


@calm
@given(EXPRESSIONS, st.fixed_dictionaries({"a": cells, "b-1": cells, "c": cells}))
def test_formulas_give_in_bulk_what_they_give_alone(text, values):
    try:
        formula = rules.Formula.parse(text)
    except rules.FormulaError as error:
        assert error.kind == "division_by_zero" or error.kind == "too_deep"
        return
    arrays = {key: np.array([math.nan if each is None else each]) for key, each in values.items()}
    found = bulk.formula_of(formula, arrays)
    assert same(float(np.ravel(found)[0]), formula.of(values))


@calm
@given(st.text(alphabet="ab1-+*/(), .×$", max_size=30))
def test_any_text_is_a_formula_or_an_error_with_its_place(text):
    try:
        formula = rules.Formula.parse(text)
    except rules.FormulaError as error:
        assert 0 <= error.at <= len(text)
        return
    assert rules.Formula.parse(formula.written({})).keys == formula.keys


@calm
@given(EXPRESSIONS, st.fixed_dictionaries({"a": cells, "b-1": cells, "c": cells}))
def test_a_written_formula_means_the_same(text, values):
    try:
        formula = rules.Formula.parse(text)
        again = rules.Formula.parse(formula.written({}))
    except rules.FormulaError:
        assume(False)
    one, other = formula.of(values), again.of(values)
    assert (one is None) == (other is None)
    assert one is None or other is None or math.isclose(one, other, rel_tol=1e-9)


@calm
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40),
    st.randoms(use_true_random=False),
)
def test_quartiles_do_not_hear_the_order_nor_who_is_far_out(values, random):
    spread = rules.spread_of(values)
    shuffled = list(values)
    random.shuffle(shuffled)
    assert spread == rules.spread_of(shuffled)
    assert spread is not None
    assert min(values) <= spread.low_quartile <= spread.median <= spread.high_quartile
    far = sorted(values)
    far[-1] += 1e9
    again = rules.spread_of(far)
    # Of four, the highest quartile reaches to the outermost; the median never does.
    assert again is not None and again.median == spread.median
