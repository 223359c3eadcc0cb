"""Bodies and demo people of a pack."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from tests.cast import ALWAYS, Cast
from throughline.bodies.loading import load_bodies, load_people
from throughline.bodies.models import Body, Holding, Person, Post, Relation
from throughline.bodies.queries import standing_of
from throughline.bodies.signing_in import person_signing_in
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.models import JournalEntry
from throughline.places.models import Closure, Parentage, Place

PACK = "key: land-pack\nscheme: land\ndemo: {demo}\n"

BODIES = """
bodies:
  - key: planning
    name_en: Planning Agency
    name_zh: 规划机构
    short_en: Planning
    kind: department
    place: N
    aliases: [The Agency, 机构]
    posts:
      - {key: head, title_en: Head, title_zh: 主任, duties: [sign, read]}
  - key: institute
    name_en: Institute
    kind: institution
    illustrative: true
    relations:
      - {to: planning, kind: leads}
templates:
  - for_tier: province
    key: "{code}-plan"
    name_en: "{place} Planning"
    name_zh: "{place}规划局"
    kind: department
    relations:
      - {to: planning, kind: guides}
  - for_tier: county
    key: "{code}-plan"
    name_en: "{place} Planning"
    name_zh: "{place}规划局"
    kind: department
    illustrative: true
    relations:
      - {to: "{parent}-plan", kind: guides}
      - {to: "{code}-gov", kind: leads}
    posts:
      - {key: officer, title_en: Officer, title_zh: 经办人, duties: [report, read]}
  - for_tier: county
    key: "{code}-gov"
    name_en: "Government of {place}"
    kind: government
"""

PEOPLE = """
people:
  - login: demo-head
    name: 何立
    name_en: He Li
    language: zh
    posts:
      - {post: planning/head, from: 2022-06-21}
  - login: demo-former
    name: 吴桐
    posts:
      - {post: n111-plan/officer, from: 2021-01-01, to: 2022-01-01}
  - login: demo-nobody
    name: 无名
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK.format(demo="true"))
    (tmp_path / "bodies.yaml").write_text(BODIES)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    return tmp_path


def test_bodies_are_stored_as_listed(cast: Cast, pack: Path):
    counts = load_bodies(SYSTEM, folder=pack)
    assert counts == {"bodies": 10, "relations": 9, "posts": 4}
    body = Body.objects.get(key="planning")
    assert (body.name_zh, body.short_en, body.place) == ("规划机构", "Planning", cast.places["N"])
    assert {each.alias for each in body.aliases.all()} == {"The Agency", "机构"}
    assert Body.objects.get(key="institute").place is None
    assert Body.objects.get(key="institute").illustrative
    assert not body.illustrative


def test_a_template_makes_one_body_for_every_place_of_its_tier(cast: Cast, pack: Path):
    load_bodies(SYSTEM, folder=pack)
    made = dict(Body.objects.filter(key__endswith="-plan").values_list("key", "name_zh"))
    assert made == {
        "n1-plan": "地N1规划局",
        "n2-plan": "地N2规划局",
        "n111-plan": "地N111规划局",
        "n112-plan": "地N112规划局",
        "n211-plan": "地N211规划局",
    }
    assert Body.objects.get(key="n111-gov").name_en == "Government of Place N111"
    assert Post.objects.filter(key="officer", body__place__tier__key="county").count() == 3


def test_a_superior_is_found_over_a_tier_without_such_bodies(cast: Cast, pack: Path):
    """No prefecture has a planning body: the province's guides the county's."""
    load_bodies(SYSTEM, folder=pack)
    relations = Relation.objects.filter(subordinate__key="n111-plan")
    assert set(relations.values_list("superior__key", "kind")) == {
        ("n1-plan", "guides"),
        ("n111-gov", "leads"),
    }


def test_zones_headings_and_places_of_the_past_get_no_bodies(cast: Cast, pack: Path):
    Place.objects.filter(code="N111").update(kind=Place.Kind.ZONE)
    Place.objects.filter(code="N112").update(valid_to=date(2015, 1, 1))
    load_bodies(SYSTEM, folder=pack)
    assert set(Body.objects.filter(key__endswith="-gov").values_list("key", flat=True)) == {
        "n211-gov"
    }


def test_loading_again_changes_nothing_but_what_the_file_changed(cast: Cast, pack: Path):
    load_bodies(SYSTEM, folder=pack)
    before = sorted(Body.objects.values_list("pk", "key", "name_en"))
    relations = Relation.objects.count()
    load_bodies(SYSTEM, folder=pack)
    assert sorted(Body.objects.values_list("pk", "key", "name_en")) == before
    assert Relation.objects.count() == relations
    (pack / "bodies.yaml").write_text(BODIES.replace("Planning Agency", "Agency of Plans"))
    load_bodies(SYSTEM, folder=pack)
    assert Body.objects.get(key="planning").name_en == "Agency of Plans"


@pytest.mark.parametrize(
    ("sound", "faulty", "told"),
    [
        ("place: N\n", "place: X9\n", "no place with the code X9"),
        ("to: planning, kind: leads", "to: absent, kind: leads", "No body has the key absent"),
    ],
)
def test_of_a_faulty_file_nothing_is_stored(cast: Cast, pack: Path, sound, faulty, told):
    (pack / "bodies.yaml").write_text(BODIES.replace(sound, faulty))
    with pytest.raises(Invalid) as refused:
        load_bodies(SYSTEM, folder=pack)
    assert told in refused.value.problems[0].message
    assert not Body.objects.filter(key__in=["planning", "n111-plan"]).exists()
    assert not JournalEntry.objects.exists()


def test_a_file_that_is_no_yaml_or_missing_is_named(cast: Cast, pack: Path):
    (pack / "bodies.yaml").write_text("bodies: [")
    with pytest.raises(Invalid, match="not YAML"):
        load_bodies(SYSTEM, folder=pack)
    (pack / "bodies.yaml").unlink()
    with pytest.raises(NotFound):
        load_bodies(SYSTEM, folder=pack)


def test_loading_is_for_the_installation(cast: Cast, pack: Path):
    """A pack can bring posts that see everything, and people with a password all know."""
    for name, member in cast:
        if name == "nobody":
            continue
        for load in (load_bodies, load_people):
            with pytest.raises(Forbidden):
                load(member.actor, folder=pack)


def test_demo_people_sign_in_with_the_demos_password(cast: Cast, pack: Path):
    load_bodies(SYSTEM, folder=pack)
    load_people(SYSTEM, folder=pack)
    person = person_signing_in("demo-head", "throughline-demo", "192.0.2.1")
    assert person.demo
    assert person.language == "zh-hans"
    holding = Holding.objects.get(person=person)
    assert standing_of(Actor(person=person.opaque, post=holding.post_id)).duties
    former = Holding.objects.get(person__login="demo-former")
    assert standing_of(Actor(person=former.person.opaque, post=former.post_id)).post is None


def test_loading_people_again_adds_nothing(cast: Cast, pack: Path):
    load_bodies(SYSTEM, folder=pack)
    for _ in range(2):
        assert load_people(SYSTEM, folder=pack) == {"people": 3}
    assert Person.objects.filter(demo=True).count() == 3
    assert Holding.objects.filter(person__demo=True).count() == 2


def test_only_a_demo_brings_people(cast: Cast, pack: Path):
    (pack / "pack.yaml").write_text(PACK.format(demo="false"))
    assert load_people(SYSTEM, folder=pack) == {"people": 0}
    assert not Person.objects.filter(demo=True).exists()


def test_a_pack_does_not_take_over_a_login(cast: Cast, pack: Path):
    """Else loading a demo would give a real person a password that everyone knows."""
    (pack / "people.yaml").write_text("people: [{login: county, name: Anybody}]")
    with pytest.raises(Conflict):
        load_people(SYSTEM, folder=pack)
    assert Person.objects.get(login="county").password == "!"


def test_thousands_of_bodies_are_loaded_in_seconds(cast: Cast, pack: Path):
    """3,300 counties with two bodies each; the bound is generous to slow machines."""
    county = cast.places["N111"]
    rows = Place.objects.bulk_create(
        Place(
            scheme=cast.scheme,
            code=f"X{number:05}",
            name_en=f"County {number}",
            sort_key=f"{number}",
            tier=county.tier,
            valid_from=ALWAYS,
        )
        for number in range(3300)
    )
    Parentage.objects.bulk_create(
        Parentage(place=row, parent=cast.places["N11"], valid_from=ALWAYS) for row in rows
    )
    Closure.objects.bulk_create(
        Closure(ancestor=row, descendant=row, distance=0, valid_from=ALWAYS) for row in rows
    )
    begun = time.perf_counter()
    counts = load_bodies(SYSTEM, folder=pack)
    assert counts["bodies"] == 6610
    assert time.perf_counter() - begun < 60, "a statement for each body would take minutes"
