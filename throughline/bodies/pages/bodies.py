"""The directory of bodies, and one body: relations, posts, who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import (
    administered_among,
    bodies_at,
    bodies_bearing,
    ended_bodies,
    holders_in,
    is_administered,
    relations_of,
)
from throughline.bodies.models import BODY_KINDS, DUTIES, Body, Holding, Post, Relation
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import bodies_visible_to, people_administered, standing_of, today
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.places.models import Place
from throughline.places.queries import schemes
from throughline.places.search import names_above
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
ALL = "all"


def found_body(actor: Actor, key: str) -> Body:
    """A body of the directory, or NotFound."""
    signed_in(actor)
    bodies = bodies_visible_to(actor).select_related("place__scheme", "place__tier")
    found = bodies.filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no such body."))
    return found


# -- the list ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of the directory."""

    body: Body
    kind: str
    where: str
    url: str


@dataclass(frozen=True)
class Asked:
    """What the directory is narrowed to."""

    words: str
    place: str
    kind: str
    scheme: str
    ended: bool

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.place or self.kind or self.ended)


def _own_scheme(actor: Actor) -> str:
    place = standing_of(actor).place
    if place is None:
        return ALL
    return Place.objects.values_list("scheme__key", flat=True).get(pk=place)


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    def text(name: str) -> str:
        return request.GET.get(name, "").strip()[:100]

    known = dict(BODY_KINDS)
    return Asked(
        words=text("words"),
        place=text("place"),
        kind=text("kind") if text("kind") in known else "",
        scheme=text("scheme") or _own_scheme(actor),
        ended=text("ended") == "yes",
    )


def _narrowed(rows: QuerySet[Body], asked: Asked) -> QuerySet[Body]:
    rows = ended_bodies(rows, asked.ended)
    if asked.scheme != ALL:
        rows = rows.filter(place__scheme__key=asked.scheme)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.words:
        rows = bodies_bearing(rows, asked.words)
    if asked.place:
        rows = bodies_at(rows, asked.place)
    return rows


@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """The bodies of one country, found by name, by place and by kind."""
    actor = actor_of(request)
    signed_in(actor)
    asked = _asked(request, actor)
    rows = _narrowed(bodies_visible_to(actor), asked)
    order = {"key": ["key"], "-key": ["-key"]}.get(request.GET.get("sort", ""), ["sort_key", "key"])
    paging = Paging(page_of(request), PAGE, rows.count())
    shown = rows.select_related("place").order_by(*order)[(paging.number - 1) * PAGE :][:PAGE]
    context = {
        "asked": asked,
        "rows": _rows(list(shown)),
        "paging": paging,
        "schemes": _schemes(request, asked),
        "kinds": _kinds(request, asked),
        "ended": _ended(request, asked),
        "sentence": ngettext("%(count)s body.", "%(count)s bodies.", paging.total)
        % {"count": f"{paging.total:,}"},
        "may_create": standing_of(actor).may_administer,
    }
    return render(request, "bodies/bodies.html", context)


def _rows(found: Sequence[Body]) -> list[Row]:
    above = names_above({each.place_id for each in found if each.place_id}, today())
    return [
        Row(
            each,
            str(each.get_kind_display()),
            " › ".join([*above[each.place.pk], each.place.name]) if each.place else "",
            reverse("body", args=[each.key]),
        )
        for each in found
    ]


def _schemes(request: HttpRequest, asked: Asked) -> list[Choice]:
    """Each country, and all of them; bodies at no place are among all only."""
    choices = [(each.key, each.name) for each in schemes()] + [(ALL, _("all"))]
    return [
        Choice(name, query_with(request.GET, scheme=key, page=None), key == asked.scheme)
        for key, name in choices
    ]


def _kinds(request: HttpRequest, asked: Asked) -> Filter:
    choices = [("", _("all")), *BODY_KINDS]
    return Filter(
        _("Kind"),
        [
            Choice(
                str(word), query_with(request.GET, kind=key or None, page=None), key == asked.kind
            )
            for key, word in choices
        ],
        query_with(request.GET, kind=None, page=None) if asked.kind else "",
    )


def _ended(request: HttpRequest, asked: Asked) -> list[Choice]:
    return [
        Choice(_("of today"), query_with(request.GET, ended=None, page=None), not asked.ended),
        Choice(_("ended"), query_with(request.GET, ended="yes", page=None), asked.ended),
    ]


# -- one body ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tie:
    """A relation as it is seen from one body."""

    relation: Relation
    other: Body
    kind: str
    url: str
    lasts: bool
    may_end: bool


@dataclass(frozen=True)
class Filled:
    """A post with what it is there for, and the time of those in it."""

    post: Post
    duties: str
    holders: Sequence[Holder]


@dataclass(frozen=True)
class Holder:
    """Somebody's time in a post; with an address where the person's page may be opened."""

    name: str
    holding: Holding
    url: str
    lasts: bool


def lasts(valid_to: date | None) -> bool:
    """Whether something goes on today."""
    return valid_to is None or valid_to > today()


@require_safe
def body(request: HttpRequest, key: str) -> HttpResponse:
    """A body: what it is called, above and below whom it stands, its posts and who holds them."""
    actor = actor_of(request)
    found = found_body(actor, key)
    above, below = relations_of(found)
    administered = is_administered(actor, found.place)
    context = {
        "body": found,
        "kind": found.get_kind_display(),
        "aliases": [each.alias for each in found.aliases.order_by("alias")],
        "above": [_tie(each, each.superior, administered) for each in above],
        "below": _ties_below(actor, below[:PAGE]),
        "below_count": len(below),
        "more_below": max(0, len(below) - PAGE),
        "posts": _posts(actor, found),
        "administered": administered,
        "lasts": lasts(found.valid_to),
        "trail": _trail(found),
    }
    return render(request, "bodies/body.html", context)


def _trail(found: Body) -> list[Crumb]:
    crumbs = [Crumb(_("Bodies"), reverse("bodies"))]
    if found.place:
        above = names_above([found.place.pk], today())[found.place.pk]
        place = reverse("place", args=[found.place.scheme.key, found.place.code])
        crumbs += [*(Crumb(name) for name in above), Crumb(found.place.name, place)]
    return [*crumbs, Crumb(found.name)]


def _ties_below(actor: Actor, below: Sequence[Relation]) -> list[Tie]:
    places = administered_among(actor, [each.subordinate.place_id for each in below])
    return [_tie(each, each.subordinate, each.subordinate.place_id in places) for each in below]


def _tie(relation: Relation, other: Body, administered: bool) -> Tie:
    """A relation; `administered` says whether the actor administers the subordinate."""
    going_on = lasts(relation.valid_to)
    return Tie(
        relation,
        other,
        str(relation.get_kind_display()),
        reverse("body", args=[other.key]),
        going_on,
        going_on and administered,
    )


def _posts(actor: Actor, found: Body) -> list[Filled]:
    words = {key: str(word) for key, word in DUTIES}
    holders = holders_in(actor, found)
    people = {each.person_id for several in holders.values() for each in several}
    known = set(people_administered(actor).filter(pk__in=people).values_list("pk", flat=True))

    def holder(each: Holding) -> Holder:
        url = reverse("person", args=[each.person.opaque]) if each.person_id in known else ""
        return Holder(str(each.person.details), each, url, lasts(each.valid_to))

    return [
        Filled(
            post,
            _(", ").join(words[duty] for duty in post.duties),
            [holder(each) for each in holders.get(post.pk, ())],
        )
        for post in found.posts.select_related("body")
    ]
