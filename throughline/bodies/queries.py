"""Who an actor is today, and which bodies, people and places are in sight from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from throughline.bodies import rules
from throughline.bodies.models import (
    Body,
    Holding,
    Person,
    PersonDetails,
    Post,
    Relation,
    Token,
)
from throughline.bodies.rules import BodyKind, Duty, Line, RelationKind, Scope, Standing
from throughline.kernel import clock
from throughline.kernel.actor import Actor, Door
from throughline.kernel.conditions import Written
from throughline.kernel.memory import remember, remembered
from throughline.kernel.models import JournalEntry
from throughline.kernel.selecting import select, the_one
from throughline.places.models import Place
from throughline.places.queries import valid_on

EVERYTHING = Q(Value(True))
NOTHING = Q(Value(False))


def today() -> date:
    """The day on which permissions are judged, in UTC."""
    return clock.now().date()


# -- who the actor is --------------------------------------------------------------------


STANDINGS = "standings"
ACTING_FOR = "acting for"
POSTS = "posts"
HELD = "held"


def _remember(standing: Standing) -> Standing:
    remember((STANDINGS, standing.person, standing.post, standing.scopes), standing)
    return standing


def holdings_of(person: Person, on: date | None = None) -> QuerySet[Holding]:
    """The posts that an active person holds on a day (today), the longest held first."""
    return (
        Holding.objects.filter(valid_on(on or today()), person=person, person__is_active=True)
        .select_related("post__body__place")
        .order_by("valid_from", "id")
    )


_HELD = """bodies_person w
  LEFT JOIN (bodies_holding h JOIN bodies_post p ON p.id = h.post_id
             JOIN bodies_body b ON b.id = p.body_id LEFT JOIN places_place a ON a.id = b.place_id)
    ON h.person_id = w.id AND h.valid_from <= %s AND (h.valid_to IS NULL OR h.valid_to > %s)
 WHERE w.id = %s
 ORDER BY h.valid_from, h.id"""


def person_with_posts(person: int) -> Person | None:
    """A person (by id) and, for the request to remember, the posts held today: what every
    request asks first."""
    day, found, held = today(), None, []
    given = [day, day, person]
    rows = select(_HELD, given, w=Person, h=Holding, p=Post, b=Body, a=Place)
    for who, holding, post, body, place in rows:
        found = who
        if holding is not None:
            body.place, post.body, holding.post, holding.person = place, body, post, who
            held.append(holding)
    remember((HELD, person), held if found is not None and found.is_active else [])
    return found


def _held_today(person: Person) -> list[Holding]:
    """`holdings_of` today, each with its post, its body and where that sits."""
    return remembered((HELD, person.pk), lambda: list(holdings_of(person)))


def _standing(person: str, holding: Holding | None, scopes: frozenset[str] | None) -> Standing:
    if holding is None:
        return Standing(person=person, scopes=scopes)
    body = holding.post.body
    if body.kind != BodyKind.OFFICE:
        remember((ACTING_FOR, body.pk), frozenset({body.pk}))
    return Standing(
        person=person,
        post=holding.post_id,
        body=body.pk,
        body_kind=BodyKind(body.kind),
        place=body.place_id,
        duties=frozenset(Duty(duty) for duty in holding.post.duties),
        scopes=scopes,
    )


def standing_of(actor: Actor) -> Standing:
    """What counts of an actor today: the capacity, if the post is (still) held.

    One query, and one a request. An actor whose post is no longer held, who was made
    inactive, or who is nobody has a standing without a post.
    """
    if actor.is_nobody:
        return Standing()
    if actor.person == rules.INSTALLATION:
        return Standing(person=actor.person, duties=frozenset(Duty))
    return remembered((STANDINGS, *actor.capacity), lambda: _standing_today(actor))


def _standing_today(actor: Actor) -> Standing:
    holding = the_one(
        Holding.objects.filter(
            valid_on(today()),
            person__opaque=actor.person,
            person__is_active=True,
            post=actor.post,
        ).select_related("post__body")
    )
    return _standing(actor.person, holding, actor.scopes)


def own_place(actor: Actor) -> Place | None:
    """The place of the body that an actor acts for; None for who sees no content."""
    standing = standing_of(actor)
    if standing.place is None or not standing.sees_content:
        return None
    return Place.objects.select_related("scheme").get(pk=standing.place)


def actor_for(
    person: Person,
    post: int | None = None,
    *,
    door: Door,
    request_id: str = "",
    scopes: frozenset[str] | None = None,
) -> Actor:
    """The actor that a person is in one of the posts held today, or without any.

    Without `post`, or where that one is no longer held, it is the post held longest.
    A token is bound to its post instead: see `actor_of_token`.
    """
    holdings = _held_today(person)
    chosen = next((each for each in holdings if each.post_id == post), None)
    holding = chosen or (holdings[0] if holdings else None)
    return _actor(person, holding, door, request_id, scopes)


def _actor(
    person: Person,
    holding: Holding | None,
    door: Door,
    request_id: str,
    scopes: frozenset[str] | None,
) -> Actor:
    standing = _remember(_standing(person.opaque, holding, scopes))
    if holding is not None:
        remember((POSTS, holding.post_id), holding.post)
    return Actor(
        person=person.opaque,
        post=standing.post,
        body=standing.body,
        body_code=holding.post.body.key if holding else "",
        door=door,
        request_id=request_id,
        scopes=scopes,
    )


def token_of(secret: str) -> Token | None:
    """The token with this secret, if it counts now. Revoked, expired: as if it were not."""
    token = (
        Token.objects.filter(secret_hash=rules.secret_hash(secret)).select_related("person").first()
    )
    return token if token and token.counts else None


def actor_of_token(token: Token, request_id: str = "") -> Actor | None:
    """The actor of a token; None once its person no longer holds its post."""
    holding = holdings_of(token.person).filter(post=token.post_id).first()
    if holding is None:
        return None
    return _actor(token.person, holding, Door.API, request_id, frozenset(token.scopes))


@dataclass(frozen=True)
class Introduction:
    """How an actor is called on a page: name, and post in its body."""

    person: str
    post: str


_NAMED = """bodies_persondetails d
  JOIN bodies_person p ON p.id = d.person_id
 WHERE p.opaque = %s"""


def introduction_of(actor: Actor) -> Introduction:
    """Name and post of an actor in the reader's language; empty for nobody."""
    named = ""
    for details, person in select(_NAMED, [actor.person], d=PersonDetails, p=Person):
        details.person = person
        named = str(details)
    held = standing_of(actor).post
    return Introduction(named, str(_post(held)) if held else "")


def _post(post: int) -> Post:
    """A post with its body; the one that is acted in was read when the request began."""
    ask = Post.objects.select_related("body__place").get
    return remembered((POSTS, post), lambda: ask(pk=post))


def body_of(standing: Standing) -> Body | None:
    """The body of a standing, with its place; None where it acts for none."""
    return None if standing.post is None else _post(standing.post).body


# -- places ------------------------------------------------------------------------------


_BELOW = """EXISTS (
    SELECT FROM places_closure AS below
    WHERE below.ancestor_id = %s AND below.descendant_id = {column}
        AND below.valid_from <= %s AND (below.valid_to IS NULL OR below.valid_to > %s))"""

_ABOVE = """EXISTS (
    SELECT FROM places_closure AS above
    WHERE above.descendant_id = %s AND above.ancestor_id = {column}
        AND above.valid_from <= %s AND (above.valid_to IS NULL OR above.valid_to > %s))"""


def _lies_below(field: str, place: int) -> Written:
    return Written(_BELOW, field, place, today(), today())


def _lies_above(field: str, place: int) -> Written:
    return Written(_ABOVE, field, place, today(), today())


def places_in_line(field: str, actor: Actor) -> Q:
    """Rows whose place (a foreign key at `field`) is the actor's own, below or above it.

    By today's tree. Auditors have everything in line; a post that only administers,
    an ex-holder and nobody have nothing.
    """
    standing = standing_of(actor)
    if standing.audits:
        return EVERYTHING
    if not standing.sees_content or standing.place is None:
        return NOTHING
    return Q(_lies_below(field, standing.place)) | Q(_lies_above(field, standing.place))


def places_in_sight(field: str, actor: Actor) -> Q:
    """Rows whose place (a foreign key at `field`) is open to the actor by what the body is:
    to a government its line, to any other body its own place alone. What a department sees
    beyond that comes from its part in a matter, not from where it sits.
    """
    standing = standing_of(actor)
    if standing.audits or standing.governs:
        return places_in_line(field, actor)
    if not standing.sees_content or standing.place is None:
        return NOTHING
    return Q(**{field: standing.place})


def places_below(field: str, actor: Actor) -> Q:
    """Rows whose place (a foreign key at `field`) is the actor's own or below it, by
    today's tree. For what a place answers for itself and for those under it."""
    standing = standing_of(actor)
    if standing.is_installation:
        return EVERYTHING
    if not standing.sees_content or standing.place is None:
        return NOTHING
    return Q(_lies_below(field, standing.place))


def places_administered(field: str, actor: Actor) -> Q:
    """Rows whose place (a foreign key at `field`) this actor administers: people, bodies
    and posts there. The tree below the administrator's own place, and no other."""
    standing = standing_of(actor)
    if standing.is_installation:
        return EVERYTHING
    if not standing.administers or standing.place is None:
        return NOTHING
    return Q(_lies_below(field, standing.place))


# -- bodies and people -------------------------------------------------------------------


def bodies_visible_to(actor: Actor) -> QuerySet[Body]:
    """The directory of bodies: open to all who hold a post, because any body may have to
    ask any other; closed to the rest, who meet bodies where a document names them."""
    standing = standing_of(actor)
    if standing.post is None and not standing.is_installation:
        return Body.objects.none()
    return Body.objects.all()


def people_visible_to(actor: Actor) -> QuerySet[Person]:
    """People who hold or held a post in a body of the actor's line, for they answer for
    its acts; for an administrator also those at and below its place, and those without
    any post, who wait for one."""
    standing = standing_of(actor)
    if standing.audits:
        return Person.objects.all()
    field = "post__body__place"
    seen = places_in_line(field, actor) | places_administered(field, actor)
    holdings = Holding.objects.filter(person=OuterRef("pk"))
    people = Q(Exists(holdings.filter(seen)))
    if standing.administers:
        people |= ~Q(Exists(holdings))
    return Person.objects.filter(people)


def people_administered(actor: Actor) -> QuerySet[Person]:
    """People whose pages an actor opens: for an administrator those who hold or held a post
    at or below its place and those without any post; for audit, to read, all."""
    standing = standing_of(actor)
    if standing.audits:
        return Person.objects.all()
    if not standing.administers:
        return Person.objects.none()
    holdings = Holding.objects.filter(person=OuterRef("pk"))
    here = holdings.filter(places_administered("post__body__place", actor))
    return Person.objects.filter(Q(Exists(here)) | ~Q(Exists(holdings)))


def tokens_visible_to(actor: Actor) -> QuerySet[Token]:
    """One's own tokens; for an administrator those of the posts at and below its place."""
    own = NOTHING if actor.is_nobody else Q(person__opaque=actor.person)
    tokens = Token.objects.filter(own | places_administered("post__body__place", actor))
    return tokens.select_related("post__body")


def relations_today() -> QuerySet[Relation]:
    """The relations that hold today; one whose beginning is not known has begun."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=today())
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    return Relation.objects.filter(begun, lasting)


def lines_between(one: int, other: int) -> frozenset[Line]:
    """How one body (its id) stands to another today; empty is 不相隶属."""
    pair = [one, other]
    relations = relations_today().filter(superior__in=pair, subordinate__in=pair)
    triples = relations.values_list("superior_id", "subordinate_id", "kind")
    return rules.line_of(triples, one, other)


def superiors_of(body: Body) -> QuerySet[Relation]:
    """The relations in which a body is the subordinate today."""
    return relations_today().filter(subordinate=body).select_related("superior")


def demo_people() -> QuerySet[Person]:
    """The people of a demo, whom the sign-in page lists with what they are."""
    return (
        Person.objects.filter(demo=True, is_active=True)
        .select_related("details")
        .prefetch_related("holdings__post__body")
        .order_by("id")
    )


def acting_for(body: int) -> frozenset[int]:
    """The bodies (their ids) in whose name a body acts: itself, and for an office of a
    department (the planning department of a commission, say) the body that it is an office
    of. One statement, once a request; none for the actor's own body where it is no office."""
    return remembered((ACTING_FOR, body), lambda: _acting_for(body))


def _acting_for(body: int) -> frozenset[int]:
    office_of = relations_today().filter(
        subordinate=body, subordinate__kind=BodyKind.OFFICE, kind=RelationKind.LEADS
    )
    return frozenset({body, *office_of.values_list("superior_id", flat=True)})


GUIDING = (RelationKind.GUIDES, RelationKind.VERTICAL, RelationKind.DUAL)
"""The relations by which a department stands in a line of departments."""


def guiding(body: int) -> frozenset[int]:
    """The bodies (their ids) above a body in its line of departments, over all tiers, today:
    what the national department works on, its counterparts below work on too. A handful, one
    statement a tier, once a request."""
    return remembered(("guiding", body), lambda: _guiding(body))


def _guiding(body: int) -> frozenset[int]:
    found: set[int] = set()
    here = {body}
    while here:
        above = relations_today().filter(subordinate__in=here, kind__in=GUIDING)
        here = set(above.values_list("superior_id", flat=True)) - found - {body}
        found |= here
    return frozenset(found)


# -- the journal -------------------------------------------------------------------------


def journal_visible_to(actor: Actor) -> QuerySet[JournalEntry]:
    """Entries of acts of one's own and of one's own body; all of them for audit.

    When colleagues sign in and out, which post they go on in and which language they choose
    is theirs alone: it is no act of the body. A token needs the scope for it.
    """
    standing = standing_of(actor)
    if actor.is_nobody or not standing.allows(Scope.JOURNAL_READ):
        return JournalEntry.objects.none()
    if standing.audits:
        return JournalEntry.objects.all()
    seen = Q(person=actor.person)
    if actor.body_code and standing.body is not None:
        seen |= Q(body_code=actor.body_code) & ~Q(verb__in=rules.PERSONAL_VERBS)
    return JournalEntry.objects.filter(seen)


def names_of(people: Iterable[str]) -> dict[str, str]:
    """The names of people by their opaque ids, as far as they are not blanked; those of the same
    people are read once a request."""
    wanted = frozenset(people)
    return remembered(("names", wanted), lambda: _names_of(wanted))


def _names_of(people: frozenset[str]) -> dict[str, str]:
    rows = Person.objects.filter(opaque__in=people).select_related("details")
    return {row.opaque: str(row.details) for row in rows}
