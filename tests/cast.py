"""The cast: a small country and the people whom every permission test calls by name.

A pytest plugin. `cast` builds the world with a dozen bulk inserts, so that each test has
its own. Places (their codes say where they lie):

    N ── N1 ── N11 ── N111, N112
     └── N2 ── N21 ── N211
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date

import pytest

from throughline.bodies.models import (
    Body,
    Holding,
    Person,
    PersonDetails,
    Post,
    Relation,
)
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel.actor import NOBODY, Actor, Door
from throughline.places.models import Closure, Parentage, Place, Scheme, Tier

ALWAYS = date(2000, 1, 1)
APPOINTED = date(2020, 1, 1)
DISMISSED = date(2022, 1, 1)

TIERS = ("nation", "province", "prefecture", "county")
CODES = ("N", "N1", "N2", "N11", "N21", "N111", "N112", "N211")

OFFICER = (Duty.REPORT, Duty.REVIEW, Duty.SIGN, Duty.READ)

# name in the cast: (its body, kind of body, place, duties of the post)
PARTS: dict[str, tuple[str, BodyKind, str, tuple[Duty, ...]]] = {
    "coordinator": (
        "lead-agency",
        BodyKind.DEPARTMENT,
        "N",
        (Duty.COORDINATE, Duty.MANAGE_PLAN, *OFFICER),
    ),
    "leads": ("leading-department", BodyKind.DEPARTMENT, "N", OFFICER),
    "supports": ("supporting-department", BodyKind.DEPARTMENT, "N", OFFICER),
    "uninvolved": ("uninvolved-department", BodyKind.DEPARTMENT, "N", OFFICER),
    "office": ("conference-office", BodyKind.OFFICE, "N", (Duty.COORDINATE, Duty.READ)),
    "top": ("cabinet", BodyKind.GOVERNMENT, "N", (Duty.DECIDE, Duty.READ)),
    "auditor": ("audit-office", BodyKind.DEPARTMENT, "N", (Duty.AUDIT,)),
    "administrator": ("information-centre", BodyKind.INSTITUTION, "N", (Duty.ADMINISTER,)),
    "province": ("n1-government", BodyKind.GOVERNMENT, "N1", OFFICER),
    "sibling": ("n2-government", BodyKind.GOVERNMENT, "N2", OFFICER),
    "prefecture": ("n11-government", BodyKind.GOVERNMENT, "N11", OFFICER),
    "county": ("n111-government", BodyKind.GOVERNMENT, "N111", OFFICER),
    "former": ("lead-agency", BodyKind.DEPARTMENT, "N", OFFICER),
}

RELATIONS = (
    ("cabinet", RelationKind.LEADS, "lead-agency"),
    ("cabinet", RelationKind.LEADS, "leading-department"),
    ("cabinet", RelationKind.LEADS, "supporting-department"),
    ("cabinet", RelationKind.LEADS, "uninvolved-department"),
    ("cabinet", RelationKind.LEADS, "n1-government"),
    ("cabinet", RelationKind.LEADS, "n2-government"),
    ("n1-government", RelationKind.LEADS, "n11-government"),
    ("n11-government", RelationKind.LEADS, "n111-government"),
)


@dataclass(frozen=True, repr=False)
class Member:
    """One of the cast: who acts, the row of the person, and the post and body acted in.

    The rows of nobody were never saved.
    """

    actor: Actor
    person: Person = field(default_factory=Person)
    post: Post = field(default_factory=Post)
    body: Body = field(default_factory=Body)


@dataclass(frozen=True, repr=False)
class Cast:
    """Everybody by name, and the world they act in."""

    coordinator: Member
    """of the lead agency"""
    leads: Member
    """of the department that leads an element"""
    supports: Member
    """of a department that supports it"""
    uninvolved: Member
    """of a department that has no part"""
    office: Member
    """of the conference's office"""
    top: Member
    auditor: Member
    administrator: Member
    province: Member
    """of N1"""
    sibling: Member
    """of N2, the province beside it"""
    prefecture: Member
    """of N11, in N1"""
    county: Member
    """of N111, in N11"""
    former: Member
    """who held a post of the lead agency until 2022"""
    nobody: Member = field(default_factory=lambda: Member(NOBODY))
    scheme: Scheme = field(default_factory=Scheme)
    places: dict[str, Place] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, Member]]:
        """Name and member of everybody, nobody included."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Member):
                yield each.name, value


def _above(code: str) -> list[str]:
    """The codes of a place and those above it, from the top."""
    return [code[:end] for end in range(1, len(code) + 1)]


def build_places() -> tuple[Scheme, dict[str, Place]]:
    """The scheme `land` and its eight places by code, always valid."""
    scheme = Scheme.objects.create(key="land", name_en="Land", name_zh="国")
    tiers = Tier.objects.bulk_create(
        Tier(scheme=scheme, key=key, level=level, name_en=key.title())
        for level, key in enumerate(TIERS)
    )
    rows = Place.objects.bulk_create(
        Place(
            scheme=scheme,
            code=code,
            name_en=f"Place {code}",
            name_zh=f"地{code}",
            sort_key=code.lower(),
            tier=tiers[len(code) - 1],
            valid_from=ALWAYS,
        )
        for code in CODES
    )
    places = {row.code: row for row in rows}
    Parentage.objects.bulk_create(
        Parentage(place=places[code], parent=places[code[:-1]], valid_from=ALWAYS)
        for code in CODES
        if len(code) > 1
    )
    Closure.objects.bulk_create(
        Closure(
            ancestor=places[above],
            descendant=places[code],
            distance=len(code) - len(above),
            valid_from=ALWAYS,
        )
        for code in CODES
        for above in _above(code)
    )
    return scheme, places


def build_bodies(places: dict[str, Place]) -> dict[str, Body]:
    """The bodies of the cast by key, and their relations."""
    wanted = {key: (kind, place) for key, kind, place, _duties in PARTS.values()}
    rows = Body.objects.bulk_create(
        Body(key=key, name_en=key.replace("-", " ").title(), kind=kind, place=places[place])
        for key, (kind, place) in wanted.items()
    )
    bodies = {row.key: row for row in rows}
    Relation.objects.bulk_create(
        Relation(superior=bodies[above], subordinate=bodies[below], kind=kind)
        for above, kind, below in RELATIONS
    )
    return bodies


def build_cast() -> Cast:
    """The world and everybody in it."""
    scheme, places = build_places()
    bodies = build_bodies(places)
    posts = Post.objects.bulk_create(
        Post(body=bodies[body], key=name, title_en=name.title(), duties=list(duties))
        for name, (body, _kind, _place, duties) in PARTS.items()
    )
    people = Person.objects.bulk_create(Person(login=name, password="!") for name in PARTS)
    PersonDetails.objects.bulk_create(
        PersonDetails(person=person, name=f"姓名 {person.login}", name_en=person.login.title())
        for person in people
    )
    Holding.objects.bulk_create(
        Holding(
            post=post,
            person=person,
            valid_from=APPOINTED,
            valid_to=DISMISSED if person.login == "former" else None,
        )
        for post, person in zip(posts, people, strict=True)
    )
    members = {
        person.login: Member(_actor(person, post), person, post, post.body)
        for post, person in zip(posts, people, strict=True)
    }
    return Cast(**members, scheme=scheme, places=places, bodies=bodies)


def _actor(person: Person, post: Post) -> Actor:
    return Actor(
        person=person.opaque,
        post=post.pk,
        body=post.body_id,
        body_code=post.body.key,
        door=Door.WEB,
        request_id="test",
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody by name, in a world of their own."""
    return build_cast()
