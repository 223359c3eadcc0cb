"""What became of every code that is gone, as far as names and a list by hand say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

FIELDS = ("from_code", "to_code", "date", "kind", "weight", "doubtful", "reason")
SUFFIX = re.compile(r"(地区|自治县|林区|特区|[市县区])$")
NOTHING_SAYS = "no list says what followed; to be settled"


class Place(Protocol):
    """What is needed of a place."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


def rows(places: Sequence[Place], by_hand: Iterable[Mapping[str, str]]) -> Iterator[list[str]]:
    """One row, or several of a split, for every place that ended; prefectures first, for they
    tell whether a county moved or only its prefecture was recoded."""
    known: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in by_hand:
        known.setdefault((row["from_code"], row["date"]), []).append(row)
    begun: dict[date, list[Place]] = {}
    for place in places:
        begun.setdefault(place.valid_from, []).append(place)
    followed: dict[str, str] = {}
    found = []
    for place in sorted(places, key=lambda each: (each.tier != "prefecture", each.code)):
        if place.valid_to is None:
            continue
        said = known.pop((place.code, str(place.valid_to)), None)
        if said:
            found += [
                [row[key] for key in FIELDS] for row in said
            ]
            continue
        found.append(_by_name(place, begun.get(place.valid_to, ()), followed))
        followed[place.code] = found[-1][1]
    if known:
        raise SystemExit(f"by-hand/succession.csv names what did not end: {sorted(known)}")
    return iter(sorted(found))


def _by_name(gone: Place, begun: Iterable[Place], followed: Mapping[str, str]) -> list[str]:
    """The unit of the same name, or the same but for its last word, that began that day."""
    same_tier = [
        each for each in begun if each.tier == gone.tier and each.code[:2] == gone.code[:2]
    ]
    same = [each for each in same_tier if each.name == gone.name]
    like = [each for each in same_tier if _stem(each.name) == _stem(gone.name)]
    day = str(gone.valid_to)
    if len(same) == 1:
        moved = same[0].parent not in (gone.parent, followed.get(gone.parent))
        kind, reason = (
            ("transfer", f"the same name, now under {same[0].parent}")
            if moved
            else ("recode", "the same name under a new code")
        )
        return [gone.code, same[0].code, day, kind, "1", "no", reason]
    if len(like) == 1:
        reason = f"{gone.name} became {like[0].name}"
        return [gone.code, like[0].code, day, "upgrade", "1", "no", reason]
    return [gone.code, "", day, "unknown", "", "yes", NOTHING_SAYS]


def _stem(name: str) -> str:
    return SUFFIX.sub("", name)
