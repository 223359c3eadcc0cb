"""Roll-up of observations over the tree of places: first form, in memory.

The face is `figures`; it asks one statement for the standing observations of an indicator
(or of its two parts) and adds them up over the tree of each period.
"""

from throughline.figures.rollup.build import figures
from throughline.figures.rollup.grouping import GroupFigure, by_group, members_of
from throughline.figures.rollup.standing import Standing, standing_observations
from throughline.figures.rollup.table import Figure, Stated, Table

__all__ = [
    "Figure",
    "GroupFigure",
    "Standing",
    "Stated",
    "Table",
    "by_group",
    "figures",
    "members_of",
    "standing_observations",
]
