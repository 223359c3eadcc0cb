"""From a file and a declared mapping to what would be stored, and a report that names every
row. Reads places and series; writes nothing (the action `load_observations` does).
"""

from throughline.figures.loading.directory import Directory, Gazetteer
from throughline.figures.loading.mappings import known_mappings, mapping_named
from throughline.figures.loading.outcome import (
    Candidate,
    Reading,
    ZoneWanted,
    in_reader_language,
)
from throughline.figures.loading.reading import ReadFile, read_file, unreadable

__all__ = [
    "Candidate",
    "Directory",
    "Gazetteer",
    "ReadFile",
    "Reading",
    "ZoneWanted",
    "in_reader_language",
    "known_mappings",
    "mapping_named",
    "read_file",
    "unreadable",
]
