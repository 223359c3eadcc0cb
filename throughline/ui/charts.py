"""The trajectory chart: a series against its way to the target. Pure geometry; the template
`ui/components/trajectory_chart.html` prints it. Labels are placed so that none covers another
or a line; one that finds no room is left to the table beside the chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from throughline.ui.drawing import Point, path, rounded, unbroken
from throughline.ui.shapes import Chart, ChartPoint, Completeness
from throughline.ui.writing import number, share

WIDE, NARROW = 880, 380

LINE = 15.0
TOP = 28.0
PLOT = 216.0
BAR = 74.0


@dataclass(frozen=True)
class Box:
    """A rectangle that a text covers."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def crossed_by(self, start: Point, end: Point) -> bool:
        """Whether the straight line from start to end runs through the rectangle."""
        (x1, y1), (x2, y2) = start, end
        enter, leave = 0.0, 1.0
        for delta, low, high in (
            (x2 - x1, self.left - x1, self.right - x1),
            (y2 - y1, self.top - y1, self.bottom - y1),
        ):
            if delta == 0:
                if low > 0 or high < 0:
                    return False
                continue
            first, second = sorted((low / delta, high / delta))
            enter, leave = max(enter, first), min(leave, second)
        return enter < leave


@dataclass(frozen=True)
class Label:
    """A placed text: baseline at (x, y), `anchor` as in SVG."""

    x: float
    y: float
    anchor: str
    text: str
    kind: str = ""
    url: str = ""


@dataclass(frozen=True)
class Mark:
    """A point of the series, solid when final, open when provisional."""

    x: float
    y: float
    provisional: bool
    title: str
    url: str


@dataclass(frozen=True)
class Aside:
    """A value that stands beside the line and is no point of it: `kind` "so-far" or
    "bridged"."""

    x: float
    y: float
    kind: str
    title: str
    url: str


@dataclass(frozen=True)
class Tick:
    """A line of the value axis."""

    y: float
    text: str


@dataclass(frozen=True)
class Reported:
    """Completeness of one period under the axis."""

    x: float
    units: float
    weight: float | None
    text: str


@dataclass(frozen=True)
class ChartDrawing:
    """Everything the template prints, for one width."""

    width: int
    height: int
    left: float
    right: float
    axis_y: float
    ticks: Sequence[Tick]
    runs: Sequence[str]
    bridges: Sequence[str]
    trajectory: str
    marks: Sequence[Mark]
    asides: Sequence[Aside]
    revisions: Sequence[tuple[float, float, float]]
    missing: Sequence[float]
    target: Point | None
    target_span: tuple[float, float, float] | None
    gap: tuple[float, float, float] | None
    gap_good: bool
    labels: Sequence[Label]
    reported: Sequence[Reported]
    reported_width: float = 0.0
    reported_y: float = 0.0


def text_width(text: str, size: float = 12.0) -> float:
    """About how wide a text is set, in pixels, on the safe side: Chinese is square, Latin
    half of that, with narrow and wide letters.

    >>> round(text_width("17.6"), 1), round(text_width("目标"), 1)
    (22.6, 24.0)
    """
    return size * sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    if ord(letter) > 0x2E7F:
        return 1.0
    if letter in "fijlrt.,;:'|()[]! ·":
        return 0.32
    if letter in "mwMW%":
        return 0.85
    return 0.64 if letter.isupper() else 0.52


def axis_steps(low: float, high: float, most: int = 5) -> tuple[list[float], int]:
    """Round values that span low to high, and the decimals they need.

    >>> axis_steps(15.5, 18.5)
    ([15.0, 16.0, 17.0, 18.0, 19.0], 0)
    >>> axis_steps(63.84, 65)
    ([63.5, 64.0, 64.5, 65.0], 1)
    """
    if high - low <= 1e-6 * max(1.0, abs(high)):
        margin = abs(high) * 0.05 if abs(high) > 1e-3 else 1.0
        low, high = low - margin, high + margin
    least = (high - low) / most
    power = math.floor(math.log10(least))
    if least > 5 * 10**power:
        power += 1
    step = next(digit for digit in (1, 2, 5) if digit * 10**power >= least) * 10.0**power
    decimals = max(0, -power)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, decimals) for index in range(first, last + 1)], decimals


@dataclass
class Page:
    """What is on the drawing so far, so that the next label keeps clear of it."""

    left: float
    right: float
    top: float
    bottom: float
    lines: list[tuple[Point, Point]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    def place(self, lines: Sequence[Label], tries: Sequence[tuple[float, float, str]]) -> bool:
        """Set the lines of a label at the first of the tries (x, y of the first baseline,
        anchor) where they cover nothing; else at the first that at least covers no other
        label; else not at all. Returns whether it was set."""
        width = max(text_width(line.text) for line in lines)
        boxed = [(spot, self._box(spot, width, len(lines))) for spot in tries]
        inside = [(spot, box) for spot, box in boxed if self._free(box)]
        clear = [(spot, box) for spot, box in inside if not self._crossed(box)]
        for (x, y, anchor), box in [*clear, *inside][:1]:
            self.boxes.append(box)
            self.labels.extend(
                Label(rounded(x), rounded(y + LINE * n), anchor, line.text, line.kind, line.url)
                for n, line in enumerate(lines)
            )
            return True
        return False

    @staticmethod
    def _box(spot: tuple[float, float, str], width: float, lines: int) -> Box:
        x, y, anchor = spot
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        return Box(left - 2, y - 11, left + width + 2, y + LINE * (lines - 1) + 3)

    def _free(self, box: Box) -> bool:
        inside = (
            box.left >= self.left
            and box.right <= self.right
            and box.top >= self.top
            and box.bottom <= self.bottom
        )
        return inside and not any(box.meets(other) for other in self.boxes)

    def _crossed(self, box: Box) -> bool:
        return any(box.crossed_by(start, end) for start, end in self.lines)


@dataclass(frozen=True)
class Scale:
    """How days and values become x and y."""

    across: Callable[[date], float]
    up: Callable[[float], float]


def draw_chart(chart: Chart, width: int, language: str) -> ChartDrawing:
    """The drawing of a chart at a width, its numbers written for the language. A chart without
    any value draws its axes alone."""
    ticks, decimals = axis_steps(*_span(chart))
    texts = [number(tick, decimals) for tick in ticks]
    left = max(text_width(text) for text in texts) + 10
    right = width - 12 - _room_at_right(chart, width)
    bottom = TOP + PLOT
    scale = _scale(chart, (left + 14, right - 14), (ticks[0], ticks[-1]))
    places = [_place(point, scale) for point in chart.points]
    runs = list(unbroken(places))
    trajectory = [(scale.across(day), scale.up(value)) for day, value in chart.trajectory]
    page = Page(0, width, 0, bottom)
    page.lines = [line for run in [*runs, trajectory] for line in pairwise(run)]
    page.boxes = [Box(x - 5, y - 5, x + 5, y + 5) for run in runs for x, y in run]
    target = _draw_target(chart, scale, page)
    gap = _draw_gap(chart, scale, page)
    revisions = _draw_revisions(chart, places, scale, page)
    asides = _draw_asides(chart, scale, page)
    _label_points(chart, places, page)
    axis = _axis_labels(chart, scale, bottom + 20, (0, width))
    reported, reported_width = _reported(chart, scale, (0, width), language)
    below = 88 if reported else 34
    return ChartDrawing(
        width=width,
        height=round(bottom + below),
        left=rounded(left),
        right=rounded(right),
        axis_y=bottom,
        ticks=[
            Tick(rounded(scale.up(tick)), text) for tick, text in zip(ticks, texts, strict=True)
        ],
        runs=[path(run) for run in runs if len(run) > 1],
        bridges=[path([before[-1], after[0]]) for before, after in pairwise(runs)],
        trajectory=path(trajectory) if len(trajectory) > 1 else "",
        marks=[
            Mark(rounded(place[0]), rounded(place[1]), point.provisional, _title(point), point.url)
            for point, place in zip(chart.points, places, strict=True)
            if place
        ],
        asides=asides,
        revisions=revisions,
        missing=[
            rounded(scale.across(point.at))
            for point in chart.points
            if point.value is None and point.so_far is None
        ],
        target=target,
        target_span=_target_span(chart, scale),
        gap=gap,
        gap_good=bool(chart.gap and chart.gap.good),
        labels=[*page.labels, *axis],
        reported=reported,
        reported_width=reported_width,
        reported_y=bottom + 50,
    )


def _span(chart: Chart) -> tuple[float, float]:
    values = [point.value for point in chart.points if point.value is not None]
    values += [point.revised_from for point in chart.points if point.revised_from is not None]
    values += [value for point in chart.points for _kind, value, _text in _beside_line(point)]
    values += [value for _, value in chart.trajectory]
    if chart.target:
        values += [chart.target.value, *(chart.target.span or ())]
    return (min(values), max(values)) if values else (0.0, 1.0)


def _room_at_right(chart: Chart, width: int) -> float:
    """On a wide drawing the target's words stand right of it; a narrow one has no such room."""
    if chart.target is None or width < WIDE:
        return 0.0
    words = max(text_width(chart.target.text), text_width(chart.target.detail))
    return min(words, width / 4)


def _scale(chart: Chart, across: tuple[float, float], values: tuple[float, float]) -> Scale:
    days = [point.at for point in chart.points] + [day for day, _ in chart.trajectory]
    if chart.target:
        days.append(chart.target.at)
    first, last = (min(days), max(days)) if days else (date.min, date.min)
    length = (last - first).days
    low, high = values

    def x(day: date) -> float:
        share = (day - first).days / length if length else 0.5
        return across[0] + share * (across[1] - across[0])

    def y(value: float) -> float:
        return TOP + PLOT - (value - low) / (high - low) * PLOT

    return Scale(x, y)


def _place(point: ChartPoint, scale: Scale) -> Point | None:
    return None if point.value is None else (scale.across(point.at), scale.up(point.value))


def _title(point: ChartPoint) -> str:
    return " ".join(part for part in (point.period, point.text, point.note) if part)


def _beside(spot: Point, away: float) -> list[tuple[float, float, str]]:
    """Where a label of two lines may stand: right, then left, then above, then below."""
    x, y = spot
    return [
        (x + away, y + 1, "start"),
        (x - away, y + 1, "end"),
        (x + 8, y - 30, "end"),
        (x + 8, y + 22, "end"),
        (x, y - 30, "middle"),
        (x, y + 22, "middle"),
    ]


def _draw_target(chart: Chart, scale: Scale, page: Page) -> Point | None:
    if chart.target is None:
        return None
    x, y = scale.across(chart.target.at), scale.up(chart.target.value)
    page.boxes.append(Box(x - 8, y - 8, x + 8, y + 8))
    if chart.target.span:
        low, high = chart.target.span
        page.lines.append(((x, scale.up(high)), (x, scale.up(low))))
    words = [Label(0, 0, "", chart.target.text, "b"), Label(0, 0, "", chart.target.detail)]
    page.place(words, _beside((x, y), 13))
    return (rounded(x), rounded(y))


def _target_span(chart: Chart, scale: Scale) -> tuple[float, float, float] | None:
    """Where the bar of a range stands, and its upper and lower end."""
    if chart.target is None or chart.target.span is None:
        return None
    low, high = chart.target.span
    across = rounded(scale.across(chart.target.at))
    return across, rounded(scale.up(high)), rounded(scale.up(low))


def _draw_gap(chart: Chart, scale: Scale, page: Page) -> tuple[float, float, float] | None:
    last = next((point for point in reversed(chart.points) if point.value is not None), None)
    if chart.gap is None or last is None or last.value is None:
        return None
    x = scale.across(last.at)
    y = scale.up(last.value if last.bridged is None else last.bridged)
    end = scale.up(chart.gap.expected)
    if abs(end - y) < 2:
        return None
    page.lines.append(((x, y), (x, end)))
    middle = (y + end) / 2
    kind = "off good" if chart.gap.good else "off b"
    page.place(
        [Label(0, 0, "", chart.gap.text, kind), Label(0, 0, "", chart.gap.detail)],
        [
            (x + side * 9, middle + shift, anchor)
            for shift in (0, 24, -24, 44, -44)
            for side, anchor in ((1, "start"), (-1, "end"))
        ],
    )
    return (rounded(x), rounded(y), rounded(end))


def _draw_revisions(
    chart: Chart, places: Sequence[Point | None], scale: Scale, page: Page
) -> list[tuple[float, float, float]]:
    """Dotted rings where values stood before revision: x, y of the ring, y of the value."""
    rings = []
    for point, place in zip(chart.points, places, strict=True):
        if place is None or point.revised_from is None:
            continue
        x, y, before = place[0], place[1], scale.up(point.revised_from)
        rings.append((rounded(x), rounded(before), rounded(y)))
        page.boxes.append(Box(x - 5, before - 5, x + 5, before + 5))
        down = 20.0 if before > y else -12.0
        page.place(
            [Label(0, 0, "", point.revision, "", point.url)],
            [
                (x + side * 4, before + down + shift, anchor)
                for shift in (0.0, math.copysign(16, down), math.copysign(32, down))
                for side, anchor in ((1, "end"), (-1, "start"))
            ],
        )
    return rings


def _draw_asides(chart: Chart, scale: Scale, page: Page) -> list[Aside]:
    """The values beside the line, each labelled where it finds room."""
    found = []
    for point in chart.points:
        for kind, value, text in _beside_line(point):
            x, y = scale.across(point.at), scale.up(value)
            page.boxes.append(Box(x - 7, y - 6, x + 7, y + 6))
            title = f"{point.period} {text}"
            found.append(Aside(rounded(x), rounded(y), kind, title, point.url))
            page.place([Label(0, 0, "", text, "", point.url)], _around(x, y))
    return found


def _beside_line(point: ChartPoint) -> list[tuple[str, float, str]]:
    """Kind, value and text of what stands beside the line in a period."""
    there = [
        ("so-far", point.so_far, point.so_far_text),
        ("bridged", point.bridged, point.bridged_text),
    ]
    return [(kind, value, text) for kind, value, text in there if value is not None]


def _around(x: float, y: float) -> list[tuple[float, float, str]]:
    """Where the label of a point may stand."""
    return [
        (x, y - 11, "middle"),
        (x, y + 20, "middle"),
        (x + 9, y - 9, "start"),
        (x - 9, y - 9, "end"),
        (x + 9, y + 16, "start"),
        (x - 9, y + 16, "end"),
    ]


def _label_points(chart: Chart, places: Sequence[Point | None], page: Page) -> None:
    """Values at their points: the last first, then the first, then what still finds room."""
    pairs = [(point, place) for point, place in zip(chart.points, places, strict=True) if place]
    ordered = [*pairs[-1:], *pairs[:1], *pairs[1:-1]] if len(pairs) > 1 else pairs
    for point, (x, y) in ordered:
        if not page.place([Label(0, 0, "", point.text, "b", point.url)], _around(x, y)):
            continue
        if point.note:
            label = page.labels[-1]
            half = text_width(label.text) / 2
            centre = {
                "start": label.x + half,
                "middle": label.x,
                "end": label.x - half,
            }[label.anchor]
            page.place(
                [Label(0, 0, "", point.note)],
                [
                    (centre + half + 6, label.y, "start"),
                    (centre - half - 6, label.y, "end"),
                    (centre, label.y - 14, "middle"),
                    (centre, label.y + 14, "middle"),
                ],
            )


def _axis_labels(chart: Chart, scale: Scale, y: float, within: tuple[float, float]) -> list[Label]:
    """The periods under the axis: the target's, the last and the first with a value, then the
    others where they fit."""
    wanted = [(chart.target.at, chart.target.period, "ax b")] if chart.target else []
    told = [(p.at, p.period, "ax") for p in chart.points if p.value is not None or _beside_line(p)]
    untold = [(p.at, p.period, "ax") for p in chart.points if p.value is None]
    ordered = wanted + told[-1:] + told[:1] + told[1:-1] + untold
    page = Page(within[0], within[1], 0, y + LINE)
    for day, text, kind in ordered:
        x = scale.across(day)
        if not any(text == label.text for label in page.labels):
            page.place([Label(0, 0, "", text, kind)], [(x, y, "middle")])
    return page.labels


def _reported(
    chart: Chart, scale: Scale, within: tuple[float, float], language: str
) -> tuple[list[Reported], float]:
    """Bars of completeness under the periods, as wide as the closest two allow; left to the
    table where that is too little. Their numbers are written where they fit."""
    shown = [(scale.across(point.at), point.completeness) for point in chart.points]
    bars = [(centre, complete) for centre, complete in shown if complete]
    apart = min((after[0] - before[0] for before, after in pairwise(bars)), default=2 * BAR)
    width = min(BAR, apart - 8)
    if width < BAR / 4:
        return [], 0.0
    texts = [completeness_text(complete, language) for _, complete in bars]
    fit = all(text_width(text) <= apart - 4 for text in texts)
    return [
        Reported(
            x=rounded(min(max(centre - width / 2, within[0]), within[1] - width)),
            units=rounded(complete.units * width),
            weight=None if complete.weight is None else rounded(complete.weight * width),
            text=text if fit else "",
        )
        for (centre, complete), text in zip(bars, texts, strict=True)
    ], rounded(width)


def completeness_text(complete: Completeness, language: str) -> str:
    """Completeness in figures alone.

    >>> completeness_text(Completeness(27, 31, 0.93), "zh-hans")
    '27/31 · 93%'
    """
    units = f"{number(complete.reported)}/{number(complete.expected)}"
    return units if complete.weight is None else f"{units} · {share(complete.weight, language)}"
