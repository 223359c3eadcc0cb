"""What became of every code that is gone, as far as names and a list by hand say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from editions import Place

FIELDS = ("from_code", "to_code", "date", "kind", "weight", "doubtful", "reason")
SUCCESSOR, KIND = FIELDS.index("to_code"), FIELDS.index("kind")
LAST_WORD = re.compile(r"(地区|自治县|特区|[市县区])$")


def rows(places: Sequence[Place], by_hand: Iterable[Mapping[str, str]]) -> list[list[str]]:
    """A row for every place that ended, or several where it was divided."""
    known: dict[tuple[str, str], list[list[str]]] = {}
    for row in by_hand:
        known.setdefault((row["from_code"], row["date"]), []).append([row[k] for k in FIELDS])
    begun: dict[date, list[Place]] = {}
    for place in places:
        begun.setdefault(place.valid_from, []).append(place)
    followed: dict[str, str] = {}
    found = []
    # Prefectures first: they tell whether a county moved or only its prefecture was recoded.
    for place in sorted(places, key=lambda each: (each.tier != "prefecture", each.code)):
        if place.valid_to is None:
            continue
        said = known.pop((place.code, str(place.valid_to)), None)
        said = said or [_by_name(place, begun.get(place.valid_to, ()), followed)]
        if said[0][KIND] in ("recode", "upgrade"):
            followed[place.code] = said[0][SUCCESSOR]
        found += said
    if known:
        raise SystemExit(f"by-hand/succession.csv names what did not end: {sorted(known)}")
    return sorted(found)


def _by_name(gone: Place, begun: Iterable[Place], followed: Mapping[str, str]) -> list[str]:
    """The unit of the same name, or of the same but for its last word, that began that day."""
    near = [each for each in begun if (each.tier, each.code[:2]) == (gone.tier, gone.code[:2])]
    same = [each for each in near if each.name == gone.name]
    like = [each for each in near if _proper(each.name) == _proper(gone.name)]
    begins = [gone.code, "", str(gone.valid_to)]
    if len(same) == 1:
        begins[1] = same[0].code
        if same[0].parent in (gone.parent, followed.get(gone.parent)):
            return [*begins, "recode", "1", "no", "the same name under a new code"]
        return [*begins, "transfer", "1", "no", f"the same name, now under {same[0].parent}"]
    if len(like) == 1:
        begins[1] = like[0].code
        return [*begins, "upgrade", "1", "no", f"{gone.name} became {like[0].name}"]
    return [*begins, "unknown", "", "yes", "no list says what followed; to be settled"]


def _proper(name: str) -> str:
    return LAST_WORD.sub("", name)
