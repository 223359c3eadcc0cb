"""From a file and a declared mapping to what would be stored, and a report that names every
row. Reads places and series; writes nothing (the action `load_observations` does).
"""

from throughline.figures.loading.checking import run_checks
from throughline.figures.loading.directory import Directory
from throughline.figures.loading.interpreting import Candidate, Reading, ZoneWanted, interpret
from throughline.figures.loading.source import Source, read_source

__all__ = [
    "Candidate",
    "Directory",
    "Reading",
    "Source",
    "ZoneWanted",
    "interpret",
    "read_source",
    "run_checks",
]
