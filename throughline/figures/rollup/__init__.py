"""Roll-up of observations over the tree of places.

The face is `figures`, and `tables` for several indicators at once: they come from the cube
where it stands at the journal's head, else one statement asks for the standing observations,
which are rolled up in the same order to the same bits.
"""

from throughline.figures.rollup.build import Wanted, figures, tables
from throughline.figures.rollup.cubed import parts_in_cube
from throughline.figures.rollup.grouping import GroupFigure, by_group, members_of
from throughline.figures.rollup.longer import adds_up, longer_of, shorter_in
from throughline.figures.rollup.standing import Standing, standing_observations
from throughline.figures.rollup.table import Figure, Stated, Table

__all__ = [
    "Figure",
    "GroupFigure",
    "Standing",
    "Stated",
    "Table",
    "Wanted",
    "adds_up",
    "by_group",
    "figures",
    "longer_of",
    "members_of",
    "parts_in_cube",
    "shorter_in",
    "standing_observations",
    "tables",
]
