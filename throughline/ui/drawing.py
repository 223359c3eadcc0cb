"""Where things stand in the small drawings. Pure geometry: shapes in, coordinates out, in
pixels with y downwards. The templates in `ui/components/` only print it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from throughline.ui.shapes import Bar, LineBar, LineGroup, Sparkline

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


# Throughline ---------------------------------------------------------------------------------

# A bar's height by its mark; what has none is drawn otherwise: hollow, as a dash, as a dot.
LINE_HEIGHT, LINE_BASE = 25, 15.5
HEIGHTS = {
    "finished": 13.6, "started": 10.9, "refined": 8.2, "taken_on": 5.4, "received": 2.7,
    "assigned": 1.2,
}  # fmt: skip
STEP, BAR, BETWEEN = 4.5, 3.6, 1.6
DOTTED = frozenset({"silent", "not_passed_down"})


@dataclass(frozen=True)
class Stroke:
    """A path of one colour; `width` is that of its stroke."""

    mark: str
    path: str
    width: float


@dataclass(frozen=True)
class LineDrawing:
    """Bars on lines. Equal bars behind one another are one dashed stroke as thick as they are
    high, so that three thousand units are drawn in a few paths. `ground` are the lines that
    the bars stand on, `dotted` where nobody answered, `bare` those without a mark."""

    width: float
    strokes: Sequence[Stroke]
    hollow: str
    dots: str
    ground: Sequence[Stroke]
    dotted: str
    bare: str
    late: str
    late_ground: str


def draw_line(groups: Sequence[LineGroup]) -> LineDrawing:
    """The drawing of the groups of one row, in units of a common scale for all rows."""
    strokes: dict[str, list[str]] = {}
    ground: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    x = 0.0
    for number, group in enumerate(groups):
        x += BETWEEN if number else 0.0
        start, end = rounded(x), rounded(x + len(group.bars) * STEP - STEP + BAR)
        for at, run in _runs([each.mark for each in group.bars]):
            here = rounded(x + at * STEP)
            _add_run(group.bars[at].mark, here, run, strokes, parts)
        for at, run in _runs([each.late for each in group.bars]):
            if group.bars[at].late:
                parts.setdefault("late", []).append(_dashes(x + at * STEP, 21.1, run))
        if group.mark in DOTTED:
            parts.setdefault("dotted", []).append(f"M{start:g} 17.2H{end:g}")
        elif group.mark and group.mark != "not_applicable":
            ground.setdefault(group.mark, []).append(f"M{start:g} 17.2H{end:g}")
        elif group.bars:
            parts.setdefault("bare", []).append(f"M{start:g} 16.7H{end:g}")
        if group.late:
            parts.setdefault("late_ground", []).append(f"M{start:g} 23.9H{end:g}")
        x += len(group.bars) * STEP
    return LineDrawing(
        width=rounded(max(x, 1.0)),
        strokes=[
            Stroke(mark, "".join(found), HEIGHTS.get(mark, 1.6)) for mark, found in strokes.items()
        ],
        hollow="".join(parts.get("hollow", [])),
        dots="".join(parts.get("dots", [])),
        ground=[Stroke(mark, "".join(found), 2.6) for mark, found in ground.items()],
        dotted="".join(parts.get("dotted", [])),
        bare="".join(parts.get("bare", [])),
        late="".join(parts.get("late", [])),
        late_ground="".join(parts.get("late_ground", [])),
    )


def _add_run(
    mark: str, x: float, run: int, strokes: dict[str, list[str]], parts: dict[str, list[str]]
) -> None:
    if mark == "silent":
        outline = "".join(
            f"M{rounded(x + at * STEP + 0.5):g} 15v-12.6h2.6v12.6z" for at in range(run)
        )
        parts.setdefault("hollow", []).append(outline)
    elif mark == "not_passed_down":
        parts.setdefault("dots", []).append(_dashes(x + 1, 13.9, run))
    else:
        middle = 8.5 if mark == "not_applicable" else LINE_BASE - HEIGHTS[mark] / 2
        strokes.setdefault(mark, []).append(_dashes(x, middle, run))


def _dashes(x: float, y: float, run: int) -> str:
    """So many bars behind one another; the pattern of the stroke makes them."""
    return f"M{rounded(x):g} {round(y, 2):g}h{rounded(run * STEP - STEP + BAR):g}"


def _runs(values: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Where each stretch of equal values begins, and how long it is.

    >>> list(_runs("aab"))
    [(0, 2), (2, 1)]
    """
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield start, at - start
            start = at


WIDE_STEP, WIDE_BAR = 11.0, 9.0


@dataclass(frozen=True)
class NamedBar:
    """One bar that can be pointed at: a full rectangle, a hollow one, or a mark."""

    bar: LineBar
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class NamedLine:
    """The bars of one group, each by itself, on the group's line."""

    width: float
    bars: Sequence[NamedBar]
    end: float


def draw_named_line(group: LineGroup) -> NamedLine:
    """The drawing of one group in which each bar has a name."""
    bars = []
    for number, bar in enumerate(group.bars):
        height = 1.6 if bar.mark == "not_applicable" else HEIGHTS.get(bar.mark, 12.6)
        y = 7.7 if bar.mark == "not_applicable" else LINE_BASE - height
        bars.append(NamedBar(bar, rounded(number * WIDE_STEP), rounded(y), height))
    end = rounded(max(len(group.bars), 1) * WIDE_STEP - WIDE_STEP + WIDE_BAR)
    return NamedLine(end + 1, bars, end)


@dataclass(frozen=True)
class TierPart:
    """One mark in the bar of a tier."""

    mark: str
    x: float
    y: float
    width: float
    height: float


TIER_WIDTH, TIER_LEAST = 400, 3.0


def draw_tier(counts: Mapping[str, int], order: Sequence[str]) -> list[TierPart]:
    """A tier's units as one bar, each part as wide as its share and as high as it has come."""
    present = [(mark, counts.get(mark, 0)) for mark in order if counts.get(mark, 0)]
    total = sum(count for _mark, count in present)
    spare = TIER_WIDTH - TIER_LEAST * len(present)
    parts, x = [], 0.0
    for mark, count in present:
        width = TIER_LEAST + spare * count / total
        height = HEIGHTS.get(mark, 13.0) * 22 / 13.6
        parts.append(
            TierPart(mark, rounded(x), rounded(24 - height), rounded(width - 1), rounded(height))
        )
        x += width
    return parts
