"""The trajectory chart: where things stand, and that labels cover nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.ui.charts import (
    NARROW,
    WIDE,
    Box,
    ChartDrawing,
    Label,
    axis_steps,
    draw_chart,
    text_width,
)
from throughline.ui.shapes import Chart, ChartPoint, ChartTarget, Completeness, Gap

FIGURES = st.floats(min_value=-1e6, max_value=1e6)


def point(year: int, value: float | None, **more: Any) -> ChartPoint:
    text = "" if value is None else f"{value:.1f}"
    plain = ChartPoint(str(year), date(year, 12, 31), value, text)
    return replace(plain, **more)


def falling(**more: Any) -> Chart:
    chart = Chart(
        title="Gap",
        unit="points",
        points=[point(2020, 18.5), point(2021, 18.0), point(2022, 17.5, provisional=True)],
        trajectory=[(date(2020, 12, 31), 18.5), (date(2025, 12, 31), 15.5)],
        target=ChartTarget("2025", date(2025, 12, 31), 15.5, "target ≤ 15.5", "end of 2025"),
    )
    return replace(chart, **more)


def covered(label: Label) -> Box:
    """The letters of a label, without the air that is kept around them."""
    width = text_width(label.text)
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return Box(left, label.y - 9, left + width, label.y + 1)


def overlapping(drawn: ChartDrawing) -> list[tuple[str, str]]:
    return [
        (one.text, other.text)
        for one, other in combinations([label for label in drawn.labels if label.text], 2)
        if covered(one).meets(covered(other))
    ]


def test_later_is_further_right_and_more_is_higher():
    marks = draw_chart(falling(), WIDE, "en").marks
    assert [mark.x for mark in marks] == sorted(mark.x for mark in marks)
    assert [mark.y for mark in marks] == sorted(mark.y for mark in marks)
    assert [mark.provisional for mark in marks] == [False, False, True]


def test_a_year_without_a_value_breaks_the_line_and_is_marked_on_the_axis():
    chart = falling(points=[point(2020, 18.5), point(2021, None), point(2022, 17.5)])
    drawn = draw_chart(chart, WIDE, "en")
    assert drawn.runs == []
    assert len(drawn.bridges) == 1
    assert len(drawn.missing) == 1
    assert len(drawn.marks) == 2


def test_the_gap_reaches_from_the_last_point_to_the_trajectory():
    drawn = draw_chart(falling(gap=Gap(17.3, "0.2 above")), WIDE, "en")
    assert drawn.gap is not None
    x, top, bottom = drawn.gap
    assert (x, top) == (drawn.marks[-1].x, drawn.marks[-1].y)
    assert bottom > top
    assert "0.2 above" in [label.text for label in drawn.labels]


def test_a_revised_value_leaves_a_ring_where_it_stood():
    revised = point(2022, 17.5, revised_from=17.0, revision="17.0 until May")
    drawn = draw_chart(falling(points=[point(2020, 18.5), revised]), WIDE, "en")
    [(x, ring, now)] = drawn.revisions
    assert x == drawn.marks[-1].x
    assert ring > now == drawn.marks[-1].y


@pytest.mark.parametrize("width", [WIDE, NARROW])
@given(
    values=st.lists(st.one_of(st.none(), FIGURES), min_size=1, max_size=12),
    target=st.one_of(st.none(), FIGURES),
)
@settings(max_examples=60, deadline=None)
def test_labels_never_cover_one_another_and_everything_lies_inside(width, values, target):
    points = [point(2014 + n, value, note="preliminary") for n, value in enumerate(values)]
    last = date(2026, 12, 31)
    chart = Chart(
        title="Any",
        unit="unit",
        points=points,
        target=None if target is None else ChartTarget("2026", last, target, "target", "end"),
        gap=None if target is None else Gap(target, "so much above"),
    )
    drawn = draw_chart(chart, width, "en")
    assert overlapping(drawn) == []
    for mark in drawn.marks:
        assert drawn.left <= mark.x <= drawn.right
        assert 0 <= mark.y <= drawn.axis_y
    for label in drawn.labels:
        assert covered(label).left >= 0
        assert covered(label).right <= width


def test_completeness_is_left_to_the_table_where_bars_would_not_fit():
    complete = Completeness(27, 31, 0.93)
    few = [point(2020 + n, 1.0 + n, completeness=complete) for n in range(3)]
    many = [point(1990 + n, 1.0 + n, completeness=complete) for n in range(30)]
    wide = draw_chart(falling(points=few), WIDE, "zh-hans")
    assert [bar.text for bar in wide.reported] == ["27/31 · 93%"] * 3
    assert draw_chart(falling(points=many), NARROW, "zh-hans").reported == []


@given(FIGURES, FIGURES)
def test_the_axis_spans_its_values_with_few_even_steps(one, other):
    low, high = sorted((one, other))
    steps, _decimals = axis_steps(low, high)
    unseen = (steps[-1] - steps[0]) / 1e6
    assert steps[0] <= low + unseen
    assert steps[-1] >= high - unseen
    assert 2 <= len(steps) <= 8
    assert len(set(steps)) == len(steps)


def test_a_chart_without_any_value_still_has_its_axes():
    drawn = draw_chart(Chart("Nothing", "unit", [point(2020, None)]), WIDE, "en")
    assert drawn.ticks
    assert drawn.marks == []


def test_a_range_is_drawn_from_end_to_end_and_the_axis_holds_it() -> None:
    day = date(2025, 12, 31)
    ranged = ChartTarget("2025", day, 16.0, "target 14 to 16", span=(14.0, 16.0))
    drawn = draw_chart(falling(target=ranged), 600, "en")
    assert drawn.target_span is not None and drawn.target is not None
    across, upper, lower = drawn.target_span
    assert (across, upper) == drawn.target
    assert upper < lower <= drawn.axis_y
    assert draw_chart(falling(), 600, "en").target_span is None


def test_what_is_not_complete_stands_beside_the_line_and_is_no_point_of_it() -> None:
    running = point(2023, None, so_far=13.0, so_far_text="13.0")
    drawn = draw_chart(falling(points=[point(2021, 18.0), point(2022, 17.5), running]), WIDE, "en")
    [aside] = drawn.asides
    assert aside.kind == "so-far" and aside.x > drawn.marks[-1].x and aside.y > drawn.marks[-1].y
    assert len(drawn.marks) == 2
    assert drawn.missing == []
    assert "13.0" in [label.text for label in drawn.labels]


def test_what_a_figure_reads_over_a_bridge_is_where_the_gap_is_measured_from() -> None:
    crossed = point(2022, 14.0, bridged=17.9, bridged_text="17.9")
    drawn = draw_chart(falling(points=[crossed], gap=Gap(17.3, "0.6 above")), WIDE, "en")
    [aside] = drawn.asides
    assert (aside.kind, aside.x) == ("bridged", drawn.marks[0].x)
    assert aside.y < drawn.marks[0].y
    assert drawn.gap is not None and drawn.gap[:2] == (aside.x, aside.y)
