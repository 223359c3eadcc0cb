"""Roll-up of observations over the tree of places: first form, in memory.

The face is `figures`, and `tables` for several indicators at once: one statement asks for the
standing observations, which are added up over the tree of each period.
"""

from throughline.figures.rollup.build import Wanted, figures, tables
from throughline.figures.rollup.grouping import GroupFigure, by_group, members_of
from throughline.figures.rollup.standing import Standing, standing_observations
from throughline.figures.rollup.table import Figure, Stated, Table

__all__ = [
    "Figure",
    "GroupFigure",
    "Standing",
    "Stated",
    "Table",
    "Wanted",
    "by_group",
    "figures",
    "members_of",
    "standing_observations",
    "tables",
]
