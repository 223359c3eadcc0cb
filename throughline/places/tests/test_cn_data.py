"""China's places as the folder `packs/cn-places` gives them: whole, consistent on every day,
and enough for the real tables of both censuses."""

from __future__ import annotations

import csv
import itertools
import os
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from throughline.places.folder import Folder, PlaceRow, SuccessionRow, read_folder

FOLDER = Path(__file__).parents[3] / "packs" / "cn-places"
LEVELS = {"nation": 0, "province": 1, "prefecture": 2, "county": 3}
# 金门县 is listed and not governed; the rest of these lie outside the tree as wholes.
OUTSIDE = {"710000", "810000", "820000", "350527"}


@cache
def folder() -> Folder:
    return read_folder(FOLDER)


@cache
def by_code() -> dict[str, list[PlaceRow]]:
    found: dict[str, list[PlaceRow]] = defaultdict(list)
    for row in folder().places:
        found[row.code].append(row)
    return found


def valid(row: PlaceRow, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def in_tree(row: PlaceRow) -> bool:
    return row.kind in ("regular", "zone")


def tree_on(day: date) -> dict[str, PlaceRow]:
    return {row.code: row for row in folder().places if in_tree(row) and valid(row, day)}


def days_of_change() -> list[date]:
    starts = {row.valid_from for row in folder().places}
    return sorted(starts | {row.valid_to for row in ended() if row.valid_to})


def ended() -> list[PlaceRow]:
    return [row for row in folder().places if row.valid_to is not None]


def successions_of(row: PlaceRow) -> list[SuccessionRow]:
    return [
        each
        for each in folder().successions
        if each.origin == row.code and each.date == row.valid_to
    ]


def test_no_two_validities_of_a_code_overlap():
    for rows in by_code().values():
        ordered = sorted(rows, key=lambda row: row.valid_from)
        for before, after in itertools.pairwise(ordered):
            assert before.valid_to is not None, before
            assert before.valid_to <= after.valid_from, (before, after)


def test_every_place_lies_in_one_of_a_higher_tier_on_every_day_it_exists():
    for day in days_of_change():
        tree = tree_on(day)
        for row in tree.values():
            if row.code == "CN":
                continue
            assert row.parent in tree, (day, row)
            assert LEVELS[tree[row.parent].tier] < LEVELS[row.tier], (day, row)


def test_a_county_lies_under_its_prefecture_wherever_there_is_one():
    for day in days_of_change():
        tree = tree_on(day)
        for row in tree.values():
            own = f"{row.code[:4]}00"
            if row.tier == "county" and own in tree:
                assert row.parent == own, (day, row)


def test_there_are_31_provinces_on_every_day_and_each_has_a_tile_of_its_own():
    for day in days_of_change():
        provinces = {row.code for row in tree_on(day).values() if row.tier == "province"}
        assert len(provinces) == 31
        assert {code for code, _col, _row in folder().tiles} == provinces
    assert len({(col, row) for _code, col, row in folder().tiles}) == 31


def test_districts_of_the_municipalities_lie_directly_under_them():
    tree = tree_on(date(2020, 11, 1))
    assert not [code for code in tree if code[:2] in ("11", "12", "31", "50") and code[4:] == "00"
                and code[2:] != "0000"]  # fmt: skip
    assert tree["110101"].parent == "110000"
    assert tree["500235"].parent == "500000"
    assert tree["429004"].parent == "420000"


def test_what_lies_outside_and_what_is_a_heading_stays_out_of_the_tree():
    assert {row.code for row in folder().places if row.kind == "outside"} == OUTSIDE
    headings = {row.code for row in folder().places if row.kind == "heading"}
    assert {"110100", "500200", "419000", "429000", "469000", "659000", "130101"} <= headings
    assert not headings & set(tree_on(date(2020, 11, 1)))


def test_a_code_used_twice_names_two_units():
    before, after = sorted(by_code()["500110"], key=lambda row: row.valid_from)
    assert (before.name_zh, after.name_zh) == ("万盛区", "綦江区")
    assert before.valid_to == after.valid_from


def test_every_code_that_is_gone_has_a_successor_or_is_doubtful_with_a_reason():
    assert ended()
    for row in ended():
        found = successions_of(row)
        assert found, row
        for each in found:
            assert each.reason
            assert each.successor or each.doubtful, row
            assert each.weight is not None or each.doubtful, row


def test_weights_of_a_place_that_is_gone_add_up_to_one_where_they_are_known():
    for row in ended():
        weights = [each.weight for each in successions_of(row)]
        known = [weight for weight in weights if weight is not None]
        if len(known) == len(weights):
            assert sum(known) == pytest.approx(1), row


def test_a_successor_exists_when_the_place_is_gone():
    for each in folder().successions:
        if each.successor:
            assert any(valid(row, each.date) for row in by_code()[each.successor]), each


def test_no_territory_stands_twice_under_an_old_code_and_its_new_one():
    for each in folder().successions:
        if each.kind in ("rename", "recode", "upgrade") and not each.doubtful:
            begins = {row.valid_from for row in by_code()[each.successor]}
            assert each.date in begins, each


@pytest.mark.parametrize(
    ("code", "name_en", "sort_key"),
    [
        ("150000", "Inner Mongolia", "nei meng gu zi zhi qu"),
        ("610000", "Shaanxi", "shan xi sheng"),
        ("610100", "Xi'an City", "xi an shi"),
        ("430100", "Changsha City", "chang sha shi"),
        ("500000", "Chongqing", "chong qing shi"),
        ("350200", "Xiamen City", "xia men shi"),
        ("341500", "Lu'an City", "lu an shi"),
        ("341600", "Bozhou City", "bo zhou shi"),
        ("331000", "Taizhou City", "tai zhou shi"),
        ("340300", "Bengbu City", "beng bu shi"),
        ("140400", "Changzhi City", "chang zhi shi"),
        ("330382", "Yueqing City", "yue qing shi"),
        ("371524", "Dong'e County", "dong e xian"),
        ("141024", "Hongtong County", "hong tong xian"),
        ("222400", "Yanbian Korean Autonomous Prefecture", "yan bian chao xian zu zi zhi zhou"),
        ("650100", "Ürümqi City", "wu lu mu qi shi"),
        ("152921", "Alxa Left Banner", "a la shan zuo qi"),
        ("622926", "Dongxiang Autonomous County", "dong xiang zu zi zhi xian"),
    ],
)
def test_names_in_english_and_pinyin_keys_are_those_on_maps(code, name_en, sort_key):
    row = by_code()[code][-1]
    assert (row.name_en, row.sort_key) == (name_en, sort_key)


def test_every_place_has_both_names_and_a_key():
    for row in folder().places:
        assert row.name_zh
        assert row.name_en
        assert row.sort_key == row.sort_key.strip().lower() != ""


# -- the tables of both censuses ----------------------------------------------------------


def census(year: int) -> list[dict[str, str]]:
    real = os.environ.get("THROUGHLINE_REAL_DATA")
    if not real:
        pytest.skip("THROUGHLINE_REAL_DATA is unset: the real census tables are not at hand")
    path = Path(real) / "census" / f"census_{year}.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def codes(year: int) -> set[str]:
    return {row["code"].strip() for row in census(year)} - {""}


@pytest.mark.parametrize("year", [2010, 2020])
@pytest.mark.parametrize(("month", "day"), [(11, 1), (12, 31)])
def test_every_code_of_a_census_is_known_on_its_day_and_at_the_end_of_its_year(year, month, day):
    on = date(year, month, day)
    known = {row.code for row in folder().places if valid(row, on)}
    assert codes(year) - known == set()


@pytest.mark.parametrize("year", [2010, 2020])
def test_the_tree_of_a_census_holds_nothing_that_the_census_does_not_count(year):
    """But for the island groups of Sansha, which the tables lack or print without a code."""
    extra = set(tree_on(date(year, 11, 1))) - codes(year) - {"CN"}
    names = {by_code()[code][-1].name_zh for code in extra}
    assert names == {"西沙群岛", "南沙群岛", "中沙群岛的岛礁及其海域"}


def test_347_codes_of_2010_are_gone_by_2020_and_438_are_new():
    gone, new = codes(2010) - codes(2020), codes(2020) - codes(2010)
    assert (len(gone), len(new)) == (347, 438)
    tree = tree_on(date(2020, 11, 1))
    assert not gone & set(tree)
    for code in gone:
        assert successions_of(by_code()[code][0]), code


def test_parents_in_the_tables_of_2020_are_the_parents_in_the_tree():
    """A county's prefecture in the table has the name of its parent in the tree."""
    tree = tree_on(date(2020, 11, 1))
    provinces = {"110000", "120000", "310000", "500000"}
    for row in census(2020):
        place = tree.get(row["code"].strip())
        if place is None or place.tier != "county":
            continue
        above = tree[place.parent]
        printed = row["prefecture"].strip()
        assert printed == above.name_zh or above.tier == "province", (row["code"], above)
        if place.parent in provinces:
            assert row["province"].strip() == above.name_zh
