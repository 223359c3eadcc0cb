"""Where things stand in the small drawings. Pure geometry: shapes in, coordinates out, in
pixels with y downwards. The templates in `ui/components/` only print it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from throughline.ui.shapes import Bar, Sparkline

Point = tuple[float, float]


def rounded(value: float) -> float:
    """A coordinate to a tenth of a pixel: enough for the eye, and short."""
    return round(value, 1)


def path(points: Sequence[Point]) -> str:
    """The data of an SVG path through the points.

    >>> path([(0, 1.25), (3, 4)])
    'M0 1.2L3 4'
    """
    return "M" + "L".join(f"{rounded(x):g} {rounded(y):g}" for x, y in points)


# Progress bar --------------------------------------------------------------------------------

# Room to the left for what moved away and to the right for what went beyond the target.
BAR_WIDTH, BAR_START, BAR_TARGET = 120, 18, 100


@dataclass(frozen=True)
class BarDrawing:
    """A bar from the baseline to where it stands; `outline` is its closed path. An end that
    lies beyond the drawing is drawn as a point, `clipped`."""

    width: int
    start: float
    target: float
    outline: str
    expected: float | None
    clipped: bool


def bar_place(fraction: float) -> float:
    """The x of a fraction of the way, not held inside the drawing."""
    return BAR_START + fraction * (BAR_TARGET - BAR_START)


def draw_bar(bar: Bar) -> BarDrawing:
    """The drawing of a bar. All bars share one scale, so that a column of them compares."""
    outline, clipped = "", False
    if bar.done is not None:
        end = min(max(bar_place(bar.done), 1.0), BAR_WIDTH - 1.0)
        clipped = end != bar_place(bar.done)
        neck = end - (4 if bar.done > 0 else -4) if clipped else end
        tip = f"L{rounded(end):g} 8" if clipped else ""
        outline = f"M{BAR_START} 5H{rounded(neck):g}{tip}L{rounded(neck):g} 11H{BAR_START}Z"
    expected = None
    if bar.expected is not None:
        expected = rounded(min(max(bar_place(bar.expected), 1.0), BAR_WIDTH - 1.0))
    return BarDrawing(BAR_WIDTH, BAR_START, BAR_TARGET, outline, expected, clipped)


# Sparkline -----------------------------------------------------------------------------------

SPARK_WIDTH, SPARK_HEIGHT = 84, 22


@dataclass(frozen=True)
class SparkDrawing:
    """Runs of reported values, dotted links across what was not reported, lone values as
    dots, the last value known, and the height of the target."""

    width: int
    height: int
    runs: Sequence[str]
    bridges: Sequence[str]
    lone: Sequence[Point]
    last: Point | None
    last_is_current: bool
    target: float | None


def draw_sparkline(line: Sparkline) -> SparkDrawing:
    """The drawing of a sparkline; the scale takes in the values and the target."""
    known = [value for value in line.values if value is not None]
    scale = [*known, *([] if line.target is None else [line.target])]
    low, high = (min(scale), max(scale)) if scale else (0.0, 0.0)
    step = (SPARK_WIDTH - 10) / max(1, len(line.values) - 1)

    def height(value: float) -> float:
        if high == low:
            return SPARK_HEIGHT / 2
        return rounded(SPARK_HEIGHT - 3 - (value - low) / (high - low) * (SPARK_HEIGHT - 6))

    places = [
        None if value is None else (rounded(3 + step * index), height(value))
        for index, value in enumerate(line.values)
    ]
    runs = list(unbroken(places))
    last = runs[-1][-1] if runs else None
    return SparkDrawing(
        width=SPARK_WIDTH,
        height=SPARK_HEIGHT,
        runs=[path(run) for run in runs if len(run) > 1],
        bridges=[path([before[-1], after[0]]) for before, after in pairwise(runs)],
        lone=[run[0] for run in runs if len(run) == 1],
        last=last,
        last_is_current=bool(line.values) and line.values[-1] is not None,
        target=None if line.target is None else height(line.target),
    )


def unbroken(places: Sequence[Point | None]) -> Iterator[list[Point]]:
    """The stretches without a gap.

    >>> list(unbroken([(0, 1), (1, 1), None, (3, 1)]))
    [[(0, 1), (1, 1)], [(3, 1)]]
    """
    run: list[Point] = []
    for place in places:
        if place is not None:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


# Bar of statuses -----------------------------------------------------------------------------

STATUS_BAR_WIDTH = 296
STATUS_BAR_LEAST = 14.0


@dataclass(frozen=True)
class StatusPart:
    """One status in a bar of statuses, with how many have it."""

    status: str
    count: int
    x: float
    width: float
    middle: float


def draw_status_bar(
    counts: Mapping[str, int], order: Sequence[str], width: int = STATUS_BAR_WIDTH
) -> list[StatusPart]:
    """Parts proportional to the counts, in the given order. A part is never narrower than its
    number needs; the wide ones give what that takes."""
    present = [(status, counts.get(status, 0)) for status in order if counts.get(status, 0)]
    total = sum(count for _, count in present)
    spare = width - STATUS_BAR_LEAST * len(present)
    parts, x = [], 0.0
    for status, count in present:
        part = STATUS_BAR_LEAST + spare * count / total
        middle = rounded(x + part / 2 - 0.25)
        parts.append(StatusPart(status, count, rounded(x + 0.5), rounded(part - 1.5), middle))
        x += part
    return parts
