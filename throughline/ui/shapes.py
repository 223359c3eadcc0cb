"""What the components of the interface are given: plain values, no database, no HTML.

Texts are already in the reader's language. A `url` that is empty means "no link". A status is
one of the keys of `throughline.ui.words.STATUS_WORDS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class Crumb:
    """One step of the breadcrumb; the last has no link."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Choice:
    """One of several views or filter values, each a link."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Filter:
    """A filter that opens to its choices. `clear_url` is given while it narrows the list."""

    label: str
    choices: Sequence[Choice]
    clear_url: str = ""

    @property
    def current(self) -> str:
        """The label of the choice in force."""
        return next((choice.label for choice in self.choices if choice.current), "")


@dataclass(frozen=True)
class Paging:
    """A page of a list: its number (from 1), the rows a page holds, the rows there are."""

    number: int
    size: int
    total: int

    @property
    def first(self) -> int:
        """The number of the first row shown, from 1; 0 when there is none."""
        return min((self.number - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(self.number * self.size, self.total)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class Bar:
    """Progress on the way from baseline (0) to target (1). `done` below 0 moved away, above 1
    went beyond; None is "no value". `expected` is where it should be today."""

    done: float | None
    expected: float | None = None
    status: str = "no_data"

    @classmethod
    def between(
        cls,
        *,
        baseline: float,
        target: float,
        value: float | None,
        expected: float | None = None,
        status: str = "no_data",
    ) -> Bar:
        """The bar of figures in the indicator's unit, whichever way is better. A target equal
        to its baseline leaves no way to measure: no bar is drawn.

        >>> Bar.between(baseline=10, target=20, value=15).done
        0.5
        >>> Bar.between(baseline=20, target=10, value=15).done
        0.5
        """

        def way(figure: float | None) -> float | None:
            if figure is None or target == baseline:
                return None
            return (figure - baseline) / (target - baseline)

        return cls(way(value), way(expected), status)


@dataclass(frozen=True)
class Completeness:
    """How much has been reported: units, and the fraction (0..1) of the weight they hold,
    None where no weight is known. `weight_of` names it: "population"."""

    reported: int
    expected: int
    weight: float | None = None
    weight_of: str = ""

    @property
    def units(self) -> float:
        """The fraction of units that reported; 0 where none is expected."""
        return self.reported / self.expected if self.expected else 0.0


@dataclass(frozen=True)
class Sparkline:
    """A small line of equally spaced values, None where nothing was reported."""

    values: Sequence[float | None]
    target: float | None = None
    status: str = "no_data"


@dataclass(frozen=True)
class ChartPoint:
    """A figure of one period in a trajectory chart. `at` is the day it speaks of (usually the
    last of the period); `text` is the value as printed, "" where there is none. `note` stands
    beside an open point ("preliminary"). `revised_from` is the value before the revision that
    `revision` describes. `check` is our own roll-up where an official figure stands. `made` says
    how a longer period's figure comes about ("from 4 quarters"); `so_far` is what one that is not
    complete comes to, `bridged` what a figure of another edition reads in the target's: both
    stand beside the line."""

    period: str
    at: date
    value: float | None
    text: str = ""
    provisional: bool = False
    note: str = ""
    url: str = ""
    revised_from: float | None = None
    revision: str = ""
    check: str = ""
    completeness: Completeness | None = None
    made: str = ""
    so_far: float | None = None
    so_far_text: str = ""
    bridged: float | None = None
    bridged_text: str = ""


@dataclass(frozen=True)
class ChartTarget:
    """The target of a trajectory chart: "target ≤ 15.5", and "end of 2025" below it. `span`
    are both ends of what is wanted, where it has two."""

    period: str
    at: date
    value: float
    text: str
    detail: str = ""
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Gap:
    """The distance between the last point, or what it reads over a bridge, and the trajectory:
    "1.5 above", "where it should be". `expected` is the trajectory's value on that day; `good`
    when it is the better side."""

    expected: float
    text: str
    detail: str = ""
    good: bool = False


@dataclass(frozen=True)
class Chart:
    """A series, its trajectory and its target. `unit` heads the value axis, with what is
    better ("percentage points; lower is better"); `title` says for a reader who does not see
    it what is drawn. `trajectory` holds day and value of each corner, the target included."""

    title: str
    unit: str
    points: Sequence[ChartPoint]
    trajectory: Sequence[tuple[date, float]] = ()
    target: ChartTarget | None = None
    gap: Gap | None = None
    reported_by: str = ""


@dataclass(frozen=True)
class Tile:
    """A unit of a tile map. `shade` is "0" to "3", "none" (no report) or a status; `short`
    is the label where the screen is narrow; `title` says all of it in words."""

    column: int
    row: int
    label: str
    value: str
    shade: str
    url: str = ""
    short: str = ""
    title: str = ""


@dataclass(frozen=True)
class Shade:
    """One line of a tile map's legend."""

    shade: str
    words: str


@dataclass(frozen=True)
class TileMap:
    """Units placed by neighbourhood, one tile each."""

    title: str
    tiles: Sequence[Tile]
    legend: Sequence[Shade] = ()
    note: str = ""


@dataclass(frozen=True)
class LineBar:
    """A unit on a line; `mark` is a key of `throughline.ui.words.MARK_WORDS`. `title` says it
    all in words; it and `url` are for bars that are drawn wide enough to be pointed at."""

    mark: str
    late: bool = False
    title: str = ""
    url: str = ""


@dataclass(frozen=True)
class LineGroup:
    """Units that stand on one line, which has a mark of its own: the counties of a
    prefecture. Without a mark they stand directly under what the whole row is of."""

    bars: Sequence[LineBar]
    mark: str = ""
    late: bool = False


@dataclass(frozen=True)
class Event:
    """One entry of a timeline; `by_clock` when no person did it."""

    at: datetime
    text: str
    why: str = ""
    url: str = ""
    by_clock: bool = False


@dataclass(frozen=True)
class Fact:
    """A term and what holds: `text` may be safe HTML, such as a rendered status."""

    term: str
    text: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Act:
    """A button. With `method` "post" it is a form of its own; `primary` fills it, once a
    region."""

    label: str
    url: str
    primary: bool = False
    method: str = "get"


@dataclass(frozen=True)
class WorkItem:
    """A line of My work: what to do (verb, then the subject), since or until when, the acts.
    `due` says what the date is, "answer by 3 Jul 2025" or "laid 2 days ago"; `due_at` how near
    it is, or the exact instant."""

    verb: str
    subject: str
    url: str
    detail: str = ""
    due: str = ""
    due_at: str = ""
    overdue: bool = False
    acts: Sequence[Act] = ()


class ProblemLike(Protocol):
    """A fault of an input, as `throughline.kernel.errors.Problem` has it."""

    @property
    def place(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def field(self) -> str: ...


@dataclass(frozen=True)
class Field:
    """A form field as the tag `form_field` hands it to its template."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    unit: str = ""
    hint: str = ""
    error: str = ""
    required: bool = True
    choices: Sequence[tuple[str, str]] = ()

    @property
    def anchor(self) -> str:
        """The id of the input, which the error summary links to."""
        return anchor(self.name)


def anchor(name: str) -> str:
    """The id of the input of a field.

    >>> anchor("value")
    'field-value'
    """
    return f"field-{name}"


@dataclass(frozen=True)
class Said:
    """A remark. One that was taken back has no text any more, and says when."""

    at: datetime
    by: str
    text: str
    audience: str
    withdrawn_at: datetime | None = None
    withdraw_url: str = ""


@dataclass(frozen=True)
class Attached:
    """A file set beside a subject; `size` in bytes."""

    title: str
    name: str
    size: int
    at: datetime
    by: str
    audience: str
    url: str
    withdraw_url: str = ""


@dataclass(frozen=True)
class BesidePanel:
    """What stands beside a subject: some of its `total` remarks, its attachments, whether the
    reader follows it. `url` is the page where one writes and attaches."""

    url: str
    remarks: Sequence[Said]
    total: int
    attachments: Sequence[Attached]
    followed: bool
    follow_url: str
    unfollow_url: str
    may_speak: bool

    @property
    def more(self) -> int:
        """How many remarks are not among those given."""
        return self.total - len(self.remarks)
