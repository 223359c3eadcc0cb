"""The compiled kernels, the plain roll-up and the recomputation after a change: one bit
pattern, whatever the tree and the figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.figures import rules
from throughline.figures.cube.measures import ORDER, Lane, Measure, Op
from throughline.figures.cube.plain import rolled
from throughline.figures.cube.rolling import roll_again, roll_up
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import Key, Layout, Strip, tile
from throughline.figures.tests.forests import strips

CASES = settings(max_examples=150, deadline=None)


@CASES
@given(strips())
def test_compiled_and_plain_give_the_same_bits(strip: Strip) -> None:
    roll_up([strip])
    for lane in strip.layout.lanes:
        plain = rolled(strip.shape, lane, strip.column)
        assert strip.lane(lane).tobytes() == plain.tobytes(), lane


@CASES
@given(strips(), st.data())
def test_a_change_gives_the_bits_of_a_full_roll_up(strip: Strip, data: st.DataObject) -> None:
    roll_up([strip])
    units = st.integers(0, len(strip.shape) - 1)
    columns = st.integers(0, len(strip.layout.columns) - 1)
    for _ in range(3):
        changed = data.draw(st.lists(st.tuples(units, columns), min_size=1, max_size=4))
        for unit, column in changed:
            orders = strip.layout.columns[column].holds == ORDER
            missing = data.draw(st.booleans()) and not orders
            value = np.nan if missing else data.draw(st.floats(-1e9, 1e9))
            strip.own[unit, column] = value
        roll_again(strip, [unit for unit, _ in changed], [column for _, column in changed])
        after = strip.above.copy()
        roll_up([strip])
        assert after.tobytes() == strip.above.tobytes()


@CASES
@given(strips())
def test_sums_are_those_of_the_rules(strip: Strip) -> None:
    """The order of adding is the one that `rules.roll_up` fixes."""
    roll_up([strip])
    parents = strip.shape.parents.tolist()
    for lane in strip.layout.lanes:
        if lane.op is Op.SUM:
            own = strip.column(lane.a)
            values = {here: float(x) for here, x in enumerate(own) if x == x}
            sums = rules.roll_up(parents, values, [True] * len(parents))
            assert strip.lane(lane).tolist() == [total or 0.0 for total in sums.totals]


def test_a_running_difference_would_drift() -> None:
    """Why a change recomputes a parent from its children instead of adding a difference."""
    children = [0.1, 0.2, 0.3]
    total = (0.0 + 0.3) + 0.2 + 0.1
    for value in (1e16, 0.7):
        total, children[0] = total + (value - children[0]), value
    assert total != (0.0 + 0.3) + 0.2 + 0.7


def flat(values: list[float], measure: Measure) -> Strip:
    """One unit with others right below it."""
    count = len(values)
    tiers = ["nation", *["county"] * count]
    shape = Shape.of(range(count + 1), [-1, *[0] * count], tiers, {"nation": 0, "county": 1})
    layout = Layout.of([measure])
    own = np.full((count + 1, len(layout.columns)), np.nan)
    for number, column in enumerate(layout.columns):
        own[1:, number] = range(count) if column.holds == ORDER else values
    above = np.zeros((1, len(layout.lanes)))
    return Strip(Key(1, 1, "2020"), shape, layout, own, above, {})


NAN = float("nan")


@pytest.mark.parametrize(
    ("kind", "direction", "values", "expected"),
    [
        ("max", "up", [3.0, NAN, 5.0], 5.0),
        ("worst_of", "up", [3.0, NAN, 5.0], 3.0),
        ("worst_of", "down", [3.0, NAN, 5.0], 5.0),
        ("worst_of", "band", [6.9, 7.2, 8.8], 8.8),
        ("worst_of", "band", [6.0, 9.0], 6.0),  # as far outside: the first
        ("worst_of", "band", [6.6, 7.5], 6.6),
        ("last", "up", [3.0, 5.0, NAN], 5.0),
        ("sum", "up", [3.0, NAN, 5.0], 8.0),
        ("sum", "up", [NAN, NAN], NAN),
        ("max", "up", [NAN, NAN], NAN),
    ],
)
def test_every_kind(kind: str, direction: str, values: list[float], expected: float) -> None:
    measure = Measure(1, kind, (1,), "county", direction=direction, low=6.5, high=8.5)
    strip = flat(values, measure)
    roll_up([strip])
    lanes = {name: strip.lane(lane) for name, lane in measure.lanes().items()}
    assert np.array_equal(measure.finished(lanes)[:1], [expected], equal_nan=True)


def test_a_mean_is_weighed_and_leaves_out_what_has_no_weight() -> None:
    measure = Measure(1, "weighted_mean", (1,), "county", weight=2)
    strip = flat([0.0] * 4, measure)
    number = strip.layout.column_number
    strip.own[1:, number[measure.column(1)]] = [10.0, 20.0, NAN, 99.0]
    strip.own[1:, number[measure.column(2)]] = [1.0, 3.0, 5.0, 0.0]
    roll_up([strip])
    lanes = {name: strip.lane(lane) for name, lane in measure.lanes().items()}
    assert measure.finished(lanes)[0] == 17.5
    marks = {name: strip.lane(lane) for name, lane in measure.marks().items()}
    assert (marks["weight"][0], marks["whole"][0]) == (4.0, 9.0)


@pytest.mark.parametrize("under", [0.0, NAN])
def test_a_ratio_to_nothing_is_no_value(under: float) -> None:
    measure = Measure(1, "ratio", (1, 2), "county", scale=100)
    strip = flat([1.0], measure)
    strip.own[1:, strip.layout.column_number[measure.column(2)]] = under
    roll_up([strip])
    lanes = {name: strip.lane(lane) for name, lane in measure.lanes().items()}
    assert np.isnan(measure.finished(lanes)).all()


def test_what_float32_cannot_hold_stays_float64() -> None:
    people = np.array([[126_012_510.0]])
    assert tile(people).dtype == np.float64
    assert people.astype(np.float32)[0, 0] == 126_012_512, "the people that would be made up"
    assert tile(np.array([[63.84]])).dtype == np.float64
    assert tile(np.array([[12_345_678.0, NAN]])).dtype == np.float32


@CASES
@given(strips())
def test_half_the_space_gives_the_same_bits(strip: Strip) -> None:
    small = np.round(np.clip(strip.own, -1e6, 1e6))
    wide = Strip(strip.key, strip.shape, strip.layout, small, strip.above, strip.cells)
    half = Strip(strip.key, strip.shape, strip.layout, tile(small), strip.above, strip.cells)
    assert half.own.dtype == np.float32
    roll_up([wide])
    roll_up([half])
    assert wide.above.tobytes() == half.above.tobytes()


def test_lanes_of_neighbours_are_filled_in_one_sweep() -> None:
    rates = [Measure(20 + n, "ratio", (n, n + 5), "county", weight=1) for n in range(1, 6)]
    shared = [Measure(30 + n, "ratio", (n, 11), "county", weight=1) for n in range(1, 6)]
    asked = [*rates, *shared]
    absent = {lane.a for each in asked for lane in each.all_lanes if lane.a.holds}
    layout = Layout.of(asked, absent)
    swept = [(Op(row[0]), row[3], row[6]) for row in layout.runs.tolist()]
    assert (Op.BOTH, 1, 5) in swept
    assert (Op.BOTH, 0, 5) in swept
    assert [lane.op for lane in layout.lanes[: layout.paired]] == [Op.SUM] * layout.paired
    counted = layout.lanes[layout.paired : 2 * layout.paired]
    assert [lane.a for lane in counted] == list(layout.columns[: layout.paired])
    assert isinstance(layout.lanes[0], Lane)
