"""Arithmetic of figures. Pure: no Django, no database; the doctests are the specification.

`adding` how figures add up over places and periods, `goals` what a target asks, `trajectories`
where it should be by when, `judging` what a figure says against it, `bridges` how figures cross
from one edition to another, `peers` what similar places have, `classes` classes by a bound.
`bulk` holds the same judgement for whole arrays with NumPy; it is imported by name, by those who
need it.
"""

from throughline.figures.rules.adding import (
    Sums,
    Whole,
    differs,
    mean_over_time,
    over_time,
    periods_in,
    ratio,
    ratio_over_time,
    roll_up,
    shown,
    weighted_mean,
    worst,
)
from throughline.figures.rules.bridges import Bridge, linked
from throughline.figures.rules.classes import SizeClass, classify
from throughline.figures.rules.confidence import ConfidenceLevel
from throughline.figures.rules.goals import (
    ABOUT_SHARE,
    Band,
    Direction,
    Goal,
    Operator,
    holds,
)
from throughline.figures.rules.judging import (
    Corridor,
    Judgement,
    Move,
    Status,
    Why,
    judge,
    missing_to,
    progress,
    status,
)
from throughline.figures.rules.peers import (
    FEWEST_PEERS,
    Position,
    Spread,
    nearest,
    position_among,
    spread_of,
)
from throughline.figures.rules.trajectories import (
    Trajectory,
    corners,
    due_share,
    elapsed,
    expected_value,
)
from throughline.plans.rules import Formula, FormulaError, evaluation_order

__all__ = [
    "ABOUT_SHARE",
    "FEWEST_PEERS",
    "Band",
    "Bridge",
    "ConfidenceLevel",
    "Corridor",
    "Direction",
    "Formula",
    "FormulaError",
    "Goal",
    "Judgement",
    "Move",
    "Operator",
    "Position",
    "SizeClass",
    "Spread",
    "Status",
    "Sums",
    "Trajectory",
    "Whole",
    "Why",
    "classify",
    "corners",
    "differs",
    "due_share",
    "elapsed",
    "evaluation_order",
    "expected_value",
    "holds",
    "judge",
    "linked",
    "mean_over_time",
    "missing_to",
    "nearest",
    "over_time",
    "periods_in",
    "position_among",
    "progress",
    "ratio",
    "ratio_over_time",
    "roll_up",
    "shown",
    "spread_of",
    "status",
    "weighted_mean",
    "worst",
]
