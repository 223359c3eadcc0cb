"""The geometry of the small drawings."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from throughline.ui import drawing
from throughline.ui.shapes import Bar, LineBar, LineGroup, Sparkline
from throughline.ui.words import MARK_WORDS, STATUS_WORDS

ORDER = list(STATUS_WORDS)
FIGURE = st.floats(min_value=-1000, max_value=1000)


def horizontal(outline: str) -> list[float]:
    """The x coordinates of a bar's outline."""
    return [float(x) for x in re.findall(r"[MHL](-?[\d.]+)", outline)]


@given(FIGURE, st.floats(min_value=1, max_value=500), FIGURE)
def test_rising_and_falling_indicators_read_alike(baseline, way, walked):
    rising = Bar.between(baseline=baseline, target=baseline + way, value=baseline + walked)
    falling = Bar.between(baseline=baseline, target=baseline - way, value=baseline - walked)
    assert rising.done is not None
    assert falling.done is not None
    assert abs(rising.done - falling.done) < 1e-6


def test_a_bar_ends_where_its_value_is_between_baseline_and_target():
    half = drawing.draw_bar(Bar(done=0.5, expected=0.8))
    middle = (drawing.BAR_START + drawing.BAR_TARGET) / 2
    assert max(horizontal(half.outline)) == middle
    assert half.expected is not None
    assert half.expected > middle
    assert not half.clipped


def test_a_value_that_moved_away_stands_left_of_the_baseline():
    away = drawing.draw_bar(Bar(done=-0.1))
    assert min(horizontal(away.outline)) < drawing.BAR_START
    assert max(horizontal(away.outline)) == drawing.BAR_START


def test_a_value_beyond_the_target_passes_the_diamond():
    beyond = drawing.draw_bar(Bar(done=1.1))
    assert max(horizontal(beyond.outline)) > drawing.BAR_TARGET
    assert not beyond.clipped


@given(st.floats(min_value=-1e6, max_value=1e6))
def test_a_bar_never_leaves_its_drawing_and_says_when_it_would(done):
    drawn = drawing.draw_bar(Bar(done=done))
    ends = horizontal(drawn.outline)
    assert min(ends) >= 0
    assert max(ends) <= drawing.BAR_WIDTH
    assert drawn.clipped == (not 1 <= drawing.bar_place(done) <= drawing.BAR_WIDTH - 1)


def test_without_a_value_there_is_no_bar():
    assert drawing.draw_bar(Bar(done=None, expected=0.8)).outline == ""
    assert Bar.between(baseline=5, target=5, value=7).done is None


def test_a_sparkline_is_broken_and_dotted_where_nothing_was_reported():
    drawn = drawing.draw_sparkline(Sparkline([1.0, 2.0, None, 2.0, 3.0]))
    assert len(drawn.runs) == 2
    assert len(drawn.bridges) == 1
    assert drawn.last_is_current


def test_a_sparkline_keeps_a_lone_value_and_says_that_the_last_is_old():
    drawn = drawing.draw_sparkline(Sparkline([None, 2.0, None]))
    assert drawn.runs == []
    assert drawn.lone == [drawn.last]
    assert not drawn.last_is_current


def test_a_sparkline_of_nothing_draws_nothing():
    drawn = drawing.draw_sparkline(Sparkline([None, None]))
    assert drawn.last is None
    assert not drawn.runs
    assert not drawing.draw_sparkline(Sparkline([])).runs


@given(st.lists(st.one_of(st.none(), FIGURE), max_size=30), st.one_of(st.none(), FIGURE))
def test_every_value_of_a_sparkline_and_its_target_lie_inside(values, target):
    drawn = drawing.draw_sparkline(Sparkline(values, target))
    for place in [*drawn.lone, *filter(None, [drawn.last])]:
        assert 0 <= place[0] <= drawn.width
        assert 0 <= place[1] <= drawn.height
    assert drawn.target is None or 0 <= drawn.target <= drawn.height


@given(st.dictionaries(st.sampled_from(ORDER), st.integers(min_value=0, max_value=5000)))
def test_parts_of_a_status_bar_are_in_order_fit_and_hold_their_numbers(counts):
    parts = drawing.draw_status_bar(counts, ORDER)
    assert {part.status: part.count for part in parts} == {k: n for k, n in counts.items() if n}
    assert [part.status for part in parts] == [key for key in ORDER if counts.get(key)]
    for part in parts:
        assert part.width >= drawing.STATUS_BAR_LEAST - 1.6
        assert part.x + part.width <= drawing.STATUS_BAR_WIDTH + 0.2


MARKS = st.lists(st.sampled_from(list(MARK_WORDS)), max_size=40)


def drawn_bars(drawn: drawing.LineDrawing) -> int:
    """How many bars the strokes of a row amount to."""
    paths = [*(each.path for each in drawn.strokes), drawn.dots]
    lengths = [float(each) for path in paths for each in re.findall(r"h([\d.]+)", path)]
    runs = sum(round((length - drawing.BAR) / drawing.STEP) + 1 for length in lengths)
    return runs + drawn.hollow.count("z")


@given(st.lists(MARKS, max_size=6))
def test_every_unit_of_a_row_is_drawn_once(groups):
    """Runs of equal bars are one dashed stroke each; none is lost and none drawn twice."""
    drawn = drawing.draw_line([LineGroup([LineBar(each) for each in marks]) for marks in groups])
    assert drawn_bars(drawn) == sum(map(len, groups))


def test_where_nobody_answered_the_line_is_dotted_and_the_late_lie_below():
    silent = LineGroup([LineBar("not_passed_down")] * 3, "silent", late=True)
    drawn = drawing.draw_line([silent, LineGroup([LineBar("started", late=True)], "started")])
    assert drawn.dotted.startswith("M0 ")
    assert drawn.late_ground.count("M") == 1
    assert drawn.late.count("M") == 1
    assert [each.mark for each in drawn.ground] == ["started"]


@given(st.dictionaries(st.sampled_from(list(MARK_WORDS)), st.integers(0, 5000)))
def test_the_parts_of_a_tier_fit_and_stand_in_order(counts):
    parts = drawing.draw_tier(counts, list(MARK_WORDS))
    assert [part.mark for part in parts] == [key for key in MARK_WORDS if counts.get(key)]
    for part in parts:
        assert part.x + part.width <= drawing.TIER_WIDTH + 0.2
        assert part.height <= 22.1
