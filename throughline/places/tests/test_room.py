"""The tree over time: codes on a day, closure, registration, groups, loading again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Invalid, NotFound
from throughline.places.actions import (
    GroupDefinition,
    define_grouping,
    load_places,
    register_place,
    set_members,
)
from throughline.places.folder import Folder, PlaceRow, SuccessionRow, read_folder
from throughline.places.models import Closure, Place
from throughline.places.queries import (
    ancestors,
    children,
    descendants,
    members,
    place_by_code,
    places_by_name,
    scheme_by_key,
    search_places,
    tree_at,
)

pytestmark = pytest.mark.django_db
START, MIDDLE, LATE = date(2010, 1, 1), date(2015, 1, 1), date(2020, 6, 1)
TIERS = [
    {"key": key, "level": level, "name_en": key, "name_zh": ""}
    for level, key in enumerate(["nation", "province", "county"])
]


def row(
    code: str,
    tier: str,
    parent: str = "",
    start: date = START,
    end: date | None = None,
    kind: str = "regular",
) -> PlaceRow:
    return PlaceRow(
        code, f"地{code}", f"Place {code}", f"di {code.lower()}", tier, parent, kind, start, end, ""
    )


def folder(*places: PlaceRow, **more) -> Folder:
    return Folder({"key": "t", "name_en": "Test"}, TIERS, list(places), **more)


SMALL = folder(
    row("N", "nation"),
    row("A", "province", "N"),
    row("B", "province", "N"),
    row("A1", "county", "A"),
    row("A2", "county", "A", end=MIDDLE),
    row("A3", "county", "A", start=MIDDLE),
    row("B1", "county", "B"),
    row("H", "county", "A", kind="heading"),
    successions=[SuccessionRow("A2", "A3", MIDDLE, "rename", 1.0, False, "renamed")],
)


@pytest.fixture
def scheme():
    load_places(SYSTEM, folder=SMALL)
    return scheme_by_key("t")


def test_loading_again_changes_nothing(scheme):
    assert load_places(SYSTEM, folder=SMALL) == 0
    assert scheme_by_key("t").revision == scheme.revision


def test_a_code_is_found_on_the_days_of_its_validity(scheme):
    assert place_by_code(scheme, "A2", MIDDLE - timedelta(days=1)).code == "A2"
    with pytest.raises(NotFound) as ended:
        place_by_code(scheme, "A2", MIDDLE)
    assert "2015-01-01" in ended.value.message and "A3" in (ended.value.remedy or "")
    with pytest.raises(NotFound, match="only from 2015-01-01"):
        place_by_code(scheme, "A3", START)
    with pytest.raises(NotFound, match="no place with the code"):
        place_by_code(scheme, "ZZ", START)


def test_the_tree_of_a_day_holds_what_was_valid_then_parents_first(scheme):
    before, after = tree_at(scheme, START), tree_at(scheme, LATE)
    assert set(before.codes) == {"N", "A", "B", "A1", "A2", "B1"}
    assert set(after.codes) == {"N", "A", "B", "A1", "A3", "B1"}
    assert all(parent < here for here, parent in enumerate(after.parents))
    assert after.codes[after.parents[after.codes.index("A3")]] == "A"


def test_headings_are_known_by_code_and_stand_in_no_tree(scheme):
    assert place_by_code(scheme, "H", START).kind == Place.Kind.HEADING
    assert "H" not in tree_at(scheme, START).codes


def test_what_lies_above_and_below(scheme):
    a1 = place_by_code(scheme, "A1", LATE)
    assert [place.code for place in ancestors(a1, LATE)] == ["N", "A", "A1"]
    a = place_by_code(scheme, "A", LATE)
    assert {place.code for place in descendants(a, LATE)} == {"A", "A1", "A3"}
    assert [place.code for place in children(a, START)] == ["A1", "A2"]


def test_names_codes_and_keys_without_spaces_are_found(scheme):
    for words in ("地A1", "Place A1", "A1", "di a1", "dia1"):
        assert "A1" in {place.code for place in search_places(scheme, words, LATE)}, words
    assert not search_places(scheme, "  ", LATE)
    assert not search_places(scheme, "A2", LATE), "it had ended"
    a = place_by_code(scheme, "A", LATE)
    assert places_by_name(scheme, "地B1", LATE, within=a) == []


def test_a_unit_without_a_code_gets_one_of_our_own_for_its_time(scheme):
    a = place_by_code(scheme, "A", LATE)
    tier = place_by_code(scheme, "A1", LATE).tier

    def register(name: str) -> Place:
        return register_place(
            SYSTEM,
            name=name,
            parent=a,
            tier=tier,
            valid_from=date(2020, 1, 1),
            valid_to=date(2021, 1, 1),
            reason="in a census table",
        )

    first, second = register("新区"), register("园区")
    assert (first.code, second.code, first.official) == ("A-01", "A-02", False)
    assert "A-01" in tree_at(scheme, LATE).codes
    assert "A-01" not in tree_at(scheme, date(2021, 1, 1)).codes
    with pytest.raises(Conflict):
        register("新区")


def test_members_change_and_stay_history(scheme):
    grouping = define_grouping(
        SYSTEM, scheme=scheme, key="g", name_en="G", name_zh="", computed_from="", note_en="",
        note_zh="", groups=[GroupDefinition("x", "X")],
    )  # fmt: skip
    group = grouping.groups.get()
    a1, b1 = (place_by_code(scheme, code, LATE) for code in ("A1", "B1"))
    set_members(SYSTEM, group=group, places=[a1], valid_from=START)
    set_members(SYSTEM, group=group, places=[b1], valid_from=MIDDLE)
    assert members(grouping, START) == {"x": [a1.pk]}
    assert members(grouping, LATE) == {"x": [b1.pk]}


def test_a_parent_that_is_not_there_at_the_time_is_refused_with_its_row():
    with pytest.raises(Invalid, match="Rows 4"):
        load_places(
            SYSTEM,
            folder=folder(
                row("N", "nation"),
                row("A", "province", "N", start=MIDDLE),
                row("A1", "county", "A", start=START, end=MIDDLE),
            ),
        )


def test_faults_of_a_folder_are_named_by_file_and_row(tmp_path):
    (tmp_path / "places.yaml").write_text(
        "scheme: {key: t, name_en: T}\ntiers: [{key: nation, level: 0, name_en: Nation}]\n"
    )
    header = "code,name,name_en,sort_key,tier,parent,kind,valid_from,valid_to,note\n"
    lines = [
        "N,,N,n,nation,,regular,2010-01-01,,",
        "A,,A,a,planet,N,regular,2010-01-01,,",
        "B,,B,b,nation,Q,regular,2010-01-01,2009-01-01,",
        "C,,C,c,nation,N,regular,yesterday,,",
    ]
    (tmp_path / "places.csv").write_text(header + "\n".join(lines) + "\n")
    with pytest.raises(Invalid) as found:
        read_folder(tmp_path)
    told = {(problem.place, problem.field) for problem in found.value.problems}
    assert ("places.csv row 3", "tier") in told
    assert ("places.csv row 4", "parent") in told and ("places.csv row 4", "valid_to") in told
    assert ("places.csv row 5", "") in told


@st.composite
def histories(draw):
    """Random provinces and counties with random lives inside their parent's."""
    rows = [row("N", "nation")]
    for p in range(draw(st.integers(1, 3))):
        start = START + timedelta(days=draw(st.integers(0, 300)))
        end = start + timedelta(days=draw(st.integers(200, 900)))
        rows.append(row(f"P{p}", "province", "N", start, end))
        for c in range(draw(st.integers(0, 3))):
            begin = start + timedelta(days=draw(st.integers(0, 100)))
            last = begin + timedelta(days=draw(st.integers(1, 90)))
            rows.append(row(f"P{p}C{c}", "county", f"P{p}", begin, min(last, end)))
    return rows


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=histories(), days=st.lists(st.integers(0, 1300), min_size=3, max_size=3))
def test_the_closure_says_on_any_day_what_walking_up_says(rows, days):
    from django.db import transaction

    with transaction.atomic():
        load_places(SYSTEM, folder=folder(*rows))
        scheme = scheme_by_key("t")
        for offset in days:
            day = START + timedelta(days=offset)
            alive = {r.code: r for r in rows if r.valid_from <= day and not ended(r, day)}
            walked = set()
            for code in alive:
                above = code
                while above in alive:
                    walked.add((above, code))
                    above = alive[above].parent
            pairs = Closure.objects.filter(valid(day), ancestor__scheme=scheme)
            said = set(pairs.values_list("ancestor__code", "descendant__code"))
            assert said == walked
        transaction.set_rollback(True)


def ended(place: PlaceRow, day: date) -> bool:
    return place.valid_to is not None and place.valid_to <= day


def valid(day: date):
    from throughline.places.queries import valid_on

    return valid_on(day)


DESCRIPTION = "scheme: {key: s, name_en: S}\ntiers:\n  - {key: t, level: 0, name_en: t}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scheme: &a {key: s}\ntiers: [*a]\n", "line 1: anchors"),
        ("scheme: !!python/name:os.system {key: s}\ntiers: []\n", "line 1: tags"),
        ("scheme: " + "[" * 9 + "]" * 9 + "\ntiers: []\n", "too deeply"),
        (DESCRIPTION + "# " + "x" * 100_000, "100,000 bytes"),
        ("- scheme", "must hold the keys"),
        ("scheme: s\ntiers: t\n", "must be a group of keys"),
        (DESCRIPTION.replace("level", "leval"), "list of key and level"),
        ("scheme: {key\n", "places.yaml"),
    ],
)
def test_a_description_from_a_stranger_is_bounded(tmp_path, text, said):
    (tmp_path / "places.yaml").write_text(text)
    with pytest.raises(Invalid) as refused:
        read_folder(tmp_path)
    (problem,) = refused.value.problems
    assert said in f"{problem.place} {problem.message}"


def test_a_table_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "places.yaml").write_text(DESCRIPTION)
    (tmp_path / "places.csv").write_text(
        "code,name_en,sort_key,tier,parent,valid_from,valid_to\nA,A,a,t,,2000-01-01,\n"
    )
    assert len(read_folder(tmp_path).places) == 1
    monkeypatch.setattr("throughline.places.folder.MAX_TABLE_BYTES", 20)
    with pytest.raises(Invalid) as refused:
        read_folder(tmp_path)
    assert "20 bytes" in refused.value.problems[0].message
