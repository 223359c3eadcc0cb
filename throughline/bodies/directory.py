"""What the lists and pages of bodies and people read, and the choices their forms offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from throughline.bodies.models import (
    Body,
    BodyAlias,
    Holding,
    Person,
    PersonDetails,
    Post,
    Relation,
)
from throughline.bodies.queries import (
    bodies_visible_to,
    people_administered,
    people_visible_to,
    places_administered,
    standing_of,
    today,
)
from throughline.kernel.actor import Actor
from throughline.kernel.models import JournalEntry
from throughline.kernel.search import holding_words, nearness, squeezed
from throughline.places.models import Closure, Place
from throughline.places.queries import bearing_words, valid_on

# -- bodies --------------------------------------------------------------------------------


def bodies_bearing(rows: QuerySet[Body], words: str) -> QuerySet[Body]:
    """Those of some bodies whose key or names, other names too, hold the words."""
    own = holding_words("key", "name_en", "name_zh", "short_en", "short_zh", words=words)
    also = BodyAlias.objects.filter(holding_words("alias", words=words)).order_by()
    # A union, because no index answers an "or" over two tables.
    found = Body.objects.filter(own).order_by().values("pk").union(also.values("body"))
    return rows.filter(pk__in=found)


def bodies_at(rows: QuerySet[Body], words: str) -> QuerySet[Body]:
    """Those of some bodies whose place bears the words, or lies in one that does."""
    places = bearing_words(words).values("pk")
    inside = Closure.objects.filter(
        valid_on(today()), ancestor__in=places, descendant=OuterRef("place")
    )
    return rows.filter(Exists(inside))


def ended_bodies(rows: QuerySet[Body], ended: bool) -> QuerySet[Body]:
    """Those of some bodies that have ended by today, or those that have not."""
    gone = Q(valid_to__lte=today())
    return rows.filter(gone) if ended else rows.exclude(gone)


def administered_among(actor: Actor, places: Iterable[int | None]) -> set[int | None]:
    """Those of some places (their ids) whose people and bodies an actor may change; None,
    which is no place, is the installation's alone."""
    standing = standing_of(actor)
    if standing.is_installation:
        return set(places)
    if not standing.may_administer:
        return set()
    wanted = [place for place in places if place is not None]
    rows = Place.objects.filter(places_administered("pk", actor), pk__in=wanted)
    return set(rows.values_list("pk", flat=True))


def is_administered(actor: Actor, place: Place | None) -> bool:
    """Whether an actor may change people and bodies at a place."""
    key = place.pk if place else None
    return key in administered_among(actor, [key])


def relations_of(body: Body) -> tuple[list[Relation], list[Relation]]:
    """A body's relations of all times: to those above it, and to those below it."""
    above = body.relations_above.select_related("superior__place")
    below = body.relations_below.select_related("subordinate__place")
    latest = (F("valid_to").desc(nulls_first=True), "kind", F("valid_from").asc(nulls_first=True))
    return (
        list(above.order_by(*latest, "superior__sort_key")),
        list(below.order_by(*latest, "subordinate__sort_key")),
    )


def holders_in(actor: Actor, body: Body) -> dict[int, list[Holding]]:
    """By post of a body, the time of all in it whom the actor sees, the latest first."""
    rows = (
        Holding.objects.filter(post__body=body, person__in=people_visible_to(actor))
        .select_related("person__details", "post")
        .order_by(F("valid_to").desc(nulls_first=True), "-valid_from", "pk")
    )
    found: dict[int, list[Holding]] = {}
    for each in rows:
        found.setdefault(each.post_id, []).append(each)
    return found


# -- people --------------------------------------------------------------------------------


def people_bearing(rows: QuerySet[Person], words: str) -> QuerySet[Person]:
    """Those of some people whose name holds the words, or whose login holds them as typed."""
    named = PersonDetails.objects.filter(holding_words("name", "name_en", words=words))
    typed = squeezed(words)
    known = Person.objects.filter(login__contains=typed, details__blanked_at__isnull=True)
    login = known if typed else known.none()
    return rows.filter(pk__in=named.order_by().values("person").union(login.values("pk")))


def holdings_seen(actor: Actor) -> QuerySet[Holding]:
    """The time in posts that an administrator knows of: of bodies in reach; for audit all."""
    rows = Holding.objects.select_related("post__body__place", "person__details")
    if standing_of(actor).audits:
        return rows
    return rows.filter(places_administered("post__body__place", actor))


def posts_of(actor: Actor, people: Iterable[Person]) -> dict[int, list[Holding]]:
    """By person (its id) the posts held today that the actor knows of."""
    found: dict[int, list[Holding]] = {each.pk: [] for each in people}
    for each in holdings_seen(actor).filter(valid_on(today()), person__in=list(found)):
        found[each.person_id].append(each)
    return found


def in_bodies_bearing(rows: QuerySet[Person], actor: Actor, words: str) -> QuerySet[Person]:
    """Those of some people who hold a post today in a body that bears the words."""
    bodies = bodies_bearing(bodies_visible_to(actor), words).values("pk")
    held = holdings_seen(actor).filter(
        valid_on(today()), post__body__in=bodies, person=OuterRef("pk")
    )
    return rows.filter(Exists(held))


PEOPLE_STATES = ("active", "one-time", "without-post", "inactive", "forgotten")


def people_in_state(rows: QuerySet[Person], actor: Actor, state: str) -> QuerySet[Person]:
    """Those of some people who are in one of `PEOPLE_STATES`; another state narrows nothing."""
    forgotten = Q(details__blanked_at__isnull=False)
    held = Exists(holdings_seen(actor).filter(valid_on(today()), person=OuterRef("pk")))
    match state:
        case "active":
            return rows.filter(is_active=True)
        case "one-time":
            return rows.filter(is_active=True, one_time_until__isnull=False)
        case "without-post":
            return rows.filter(~held, ~forgotten)
        case "inactive":
            return rows.filter(~forgotten, is_active=False)
        case "forgotten":
            return rows.filter(forgotten)
    return rows


def with_last_sign_in(rows: QuerySet[Person]) -> QuerySet[Person]:
    """The people, each with the instant of the last sign-in on record as `signed_in_at`."""
    entries = JournalEntry.objects.filter(verb="person.sign_in", person=OuterRef("opaque"))
    last = entries.order_by().values("person").annotate(last=Max("at")).values("last")
    return rows.annotate(signed_in_at=Subquery(last))


def last_sign_in(person: Person) -> datetime | None:
    """When a person signed in last, as the journal has it."""
    entries = JournalEntry.objects.filter(verb="person.sign_in", person=person.opaque)
    last: datetime | None = entries.aggregate(last=Max("at"))["last"]
    return last


# -- what forms offer to choose from ---------------------------------------------------------

OFFERED = 12
"""How many rows a form offers; words find others."""


@dataclass(frozen=True)
class Option:
    """One row that a form offers: what is sent, what is read."""

    value: str
    label: str
    detail: str = ""


def _option(row: Post | Person | Body | Place) -> Option:
    match row:
        case Post():
            return Option(str(row.pk), f"{row.title}, {row.body}", f"{row.body.key}/{row.key}")
        case Person():
            return Option(row.opaque, str(row.details), row.login)
        case Body():
            return Option(row.key, row.name, row.key)
        case Place():
            return Option(str(row.pk), row.name, f"{row.tier.name} {row.code}")


@dataclass(frozen=True)
class Offer:
    """The rows among which a form lets one choose, as far as the actor may choose them, and
    how one of them is offered."""

    rows: QuerySet[Any]
    found: QuerySet[Any]
    key: str
    option: Callable[[Any], Option] = _option


Offerer = Callable[[Actor, str, str], Offer | None]
"""What a room above offers: to whom, beside what (its key), for which words."""

OFFERERS: dict[str, Offerer] = {}


def declare(kind: str, offerer: Offerer) -> None:
    """Let forms choose among the rows of a room above. Called by `config/wiring.py`."""
    OFFERERS[kind] = offerer


def is_open(what: str) -> bool:
    """Whether what is offered is no matter of administration: whoever lays out a task names a
    body, and the directory is open; rooms above say themselves what one may choose."""
    return what == "bodies" or what.partition("-")[0] in OFFERERS


def offered(actor: Actor, what: str, words: str) -> Offer | None:
    """The rows that a form offers for some words: bodies to all to whom the directory is open;
    posts, people and places to administrators; `kind-key` what a room above offers beside the
    thing of that key; None for anything else."""
    kind, _dash, beside = what.partition("-")
    if kind in OFFERERS:
        return OFFERERS[kind](actor, beside, words)
    standing = standing_of(actor)
    if what == "bodies":
        every = bodies_visible_to(actor).select_related("place")
        near = nearness("name_en", "name_zh", words=words)
        return Offer(
            every,
            bodies_bearing(every, words).annotate(near=near).order_by("near", "sort_key"),
            "key",
        )
    if not standing.administers:
        return None
    if what == "posts":
        posts = Post.objects.select_related("body").filter(
            places_administered("body__place", actor)
        )
        bodies = bodies_bearing(bodies_visible_to(actor), words).values("pk")
        named = posts.filter(body__in=bodies)
        return Offer(posts, named.order_by("body__sort_key", "key"), "pk")
    if what == "people":
        people = people_administered(actor).filter(is_active=True).select_related("details")
        return Offer(people, people_bearing(people, words).order_by("login"), "opaque")
    if what == "places":
        places = Place.objects.select_related("tier", "scheme").filter(
            places_administered("pk", actor), valid_on(today())
        )
        bearing = places.filter(pk__in=bearing_words(words).values("pk"))
        return Offer(places, bearing.order_by("tier__level", "sort_key"), "pk")
    return None
