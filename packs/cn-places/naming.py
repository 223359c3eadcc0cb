"""English names and pinyin keys of places, by rule and by the lists in `by-hand/`.

The rule gives what most maps give: the name proper in pinyin without tones, then the kind of
unit in English. Names that are not Chinese by origin stand in `by-hand/english.csv`.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from pypinyin import lazy_pinyin

BY_HAND = Path(__file__).parent / "by-hand"

PEOPLES = {
    "蒙古族": "Mongol", "蒙古": "Mongol", "回族": "Hui", "藏族": "Tibetan", "苗族": "Miao",
    "彝族": "Yi", "壮族": "Zhuang", "布依族": "Bouyei", "朝鲜族": "Korean", "满族": "Manchu",
    "侗族": "Dong", "瑶族": "Yao", "白族": "Bai", "土家族": "Tujia", "哈尼族": "Hani",
    "哈萨克族": "Kazakh", "哈萨克": "Kazakh", "傣族": "Dai", "黎族": "Li", "傈僳族": "Lisu",
    "佤族": "Va", "畲族": "She", "拉祜族": "Lahu", "水族": "Sui", "东乡族": "Dongxiang",
    "纳西族": "Naxi", "景颇族": "Jingpo", "柯尔克孜": "Kirgiz", "土族": "Tu",
    "达斡尔族": "Daur", "仫佬族": "Mulao", "羌族": "Qiang", "布朗族": "Blang",
    "撒拉族": "Salar", "毛南族": "Maonan", "仡佬族": "Gelao", "锡伯": "Xibe",
    "普米族": "Pumi", "塔吉克": "Tajik", "怒族": "Nu", "保安族": "Bonan", "裕固族": "Yugur",
    "独龙族": "Derung", "各族": "Multi-ethnic",
}  # fmt: skip
PEOPLE = "|".join(sorted(PEOPLES, key=len, reverse=True))

# The last words of a name, the longest first where one ends another.
KINDS = {
    "自治州": "Autonomous Prefecture",
    "自治县": "Autonomous County",
    "自治旗": "Autonomous Banner",
    "地区": "Prefecture",
    "左翼中旗": "Left Middle Banner",
    "左翼后旗": "Left Rear Banner",
    "右翼前旗": "Right Front Banner",
    "右翼中旗": "Right Middle Banner",
    "右翼后旗": "Right Rear Banner",
    "左旗": "Left Banner",
    "右旗": "Right Banner",
    "前旗": "Front Banner",
    "中旗": "Middle Banner",
    "后旗": "Rear Banner",
    "稀土高新技术产业开发区": "Rare Earth High-tech Industrial Development Zone",
    "火炬高技术产业开发区": "Torch High-tech Industrial Development Zone",
    "医药高新技术产业开发区": "Medical High-tech Industrial Development Zone",
    "汽车经济技术开发区": "Automotive Economic and Technological Development Zone",
    "高新技术产业开发区": "High-tech Industrial Development Zone",
    "高新技术开发区": "High-tech Development Zone",
    "经济技术开发区": "Economic and Technological Development Zone",
    "经济开发区": "Economic Development Zone",
    "城乡一体化示范区": "Urban-Rural Integration Demonstration Zone",
    "航空港经济综合实验区": "Airport Economy Experimental Zone",
    "综合物流产业聚集区": "Logistics Industry Zone",
    "循环化工园区": "Circular Chemical Industry Park",
    "文化旅游创意园区": "Cultural Tourism and Creative Park",
    "工业园区": "Industrial Park",
    "风景名胜区": "Scenic Area",
    "管理区管委会": "Administrative Zone",
    "管理区": "Administrative Zone",
    "示范区": "Demonstration Zone",
    "矿区": "Mining District",
    "特区": "Special District",
    "新区": "New Area",
    "新城": "New Town",
    "群岛": "Islands",
    "市": "City",
    "县": "County",
    "区": "District",
    "旗": "Banner",
    "盟": "League",
}
KIND = re.compile(f"({'|'.join(sorted(KINDS, key=len, reverse=True))})$")
HEADINGS = {
    "市辖区": "Districts of the city",
    "县": "Counties of the city",
    "省直辖县级行政区划": "County-level units directly under the province",
    "自治区直辖县级行政区划": "County-level units directly under the region",
}
SYLLABLE_NEEDS_MARK = re.compile(r"^[aeo]")


@cache
def _list(name: str) -> list[dict[str, str]]:
    with (BY_HAND / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def _english() -> dict[tuple[str, str], str]:
    return {(row["province"], row["name"]): row["name_en"] for row in _list("english.csv")}


@cache
def _corrections() -> list[tuple[str, list[str]]]:
    """Readings that a dictionary of common words gets wrong; short texts first, so that the
    longer, more particular ones have the last word."""
    found = [(row["text"], row["syllables"].split()) for row in _list("pinyin.csv")]
    return sorted(found, key=lambda pair: len(pair[0]))


def syllables(name: str) -> list[str]:
    """The reading of a name, without tones, a syllable for each character."""
    found: list[str] = lazy_pinyin(name)
    for text, reading in _corrections():
        start = name.find(text)
        while start >= 0:
            found[start : start + len(text)] = reading
            start = name.find(text, start + 1)
    return found


def sort_key(name: str) -> str:
    """Syllables without tones, separated by spaces."""
    return " ".join(syllables(name))


def english(code: str, name: str, heads: frozenset[str] = frozenset()) -> str:
    """The English name; `heads` are words that may stand at the beginning of it, such as the
    province and the city in the name of a zone."""
    if name in HEADINGS:
        return HEADINGS[name]
    known = _english()
    province = code[:2]
    whole = known.get((province, name))
    if whole:
        return whole
    found = KIND.search(name)
    proper, kind = (name[: found.start()], KINDS[found[1]]) if found else (name, "")
    peoples: list[str] = []
    while people := re.search(f"({PEOPLE})$", proper):
        if not proper[: people.start()] and not peoples and "自治" not in name:
            break
        peoples.insert(0, PEOPLES[people[1]])
        proper = proper[: people.start()]
    words = [_word(province, word) for word in _split(proper, heads)]
    return " ".join([*words, *peoples, kind]).strip()


def _split(proper: str, heads: frozenset[str]) -> list[str]:
    words = []
    while proper:
        sizes = range(len(proper), 1, -1)
        word = next((proper[:size] for size in sizes if proper[:size] in heads), proper)
        words.append(word)
        proper = proper[len(word) :].removeprefix("市")
    return words


def _word(province: str, proper: str) -> str:
    known = _english().get((province, proper))
    if known:
        return known
    read = [each.replace("v", "ü") for each in _reading(proper)]
    return "".join(
        f"'{each}" if number and SYLLABLE_NEEDS_MARK.match(each) else each
        for number, each in enumerate(read)
    ).capitalize()


def _reading(proper: str) -> list[str]:
    """A name proper is read as in its whole name: 单县 is Shan County."""
    return syllables(f"{proper}县")[:-1] if len(proper) == 1 else syllables(proper)
