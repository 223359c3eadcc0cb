"""The list of people, and one person: posts over time, tokens, state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import (
    PEOPLE_STATES,
    holdings_seen,
    in_bodies_bearing,
    last_sign_in,
    people_bearing,
    people_in_state,
    posts_of,
    with_last_sign_in,
)
from throughline.bodies.models import Holding, Person, Token
from throughline.bodies.permissions import (
    require_administrator_of_person,
    require_directory_of_people,
)
from throughline.bodies.queries import people_administered, today, tokens_visible_to
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, NotFound
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
ORDERS = {
    "login": ("login",),
    "name": ("details__name_en", "details__name", "login"),
    "signed-in": ("signed_in_at", "login"),
}


def state_word(person: Person) -> str:
    """How a person stands, in a word or two."""
    if person.details.blanked_at:
        return _("forgotten")
    if not person.is_active:
        return _("inactive")
    if person.one_time_until is None:
        return _("active")
    if person.one_time_until <= clock.now():
        return _("one-time password expired")
    return _("one-time password given")


def found_person(actor: Actor, opaque: str) -> Person:
    """A person whose page the actor may open, or NotFound."""
    require_directory_of_people(actor)
    people = people_administered(actor).select_related("details")
    found = people.filter(opaque=opaque).first()
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


# -- the list ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    person: Person
    name: str
    state: str
    posts: Sequence[Holding]
    url: str


def _state_words() -> Mapping[str, str]:
    return {
        "": _("all"),
        "active": _("active"),
        "one-time": _("with a one-time password"),
        "without-post": _("without a post today"),
        "inactive": _("inactive"),
        "forgotten": _("forgotten"),
    }


def _state_filter(request: HttpRequest, state: str) -> Filter:
    choices = [
        Choice(word, query_with(request.GET, state=key or None, page=None), key == state)
        for key, word in _state_words().items()
    ]
    clear = query_with(request.GET, state=None, page=None) if state else ""
    return Filter(_("State"), choices, clear)


def in_order(rows: QuerySet[Person], sort: str) -> QuerySet[Person]:
    """The people by one of `ORDERS`, downwards with a minus; by login where it is none."""
    first, *rest = ORDERS.get(sort.lstrip("-"), ORDERS["login"])
    by = F(first).desc(nulls_last=True) if sort.startswith("-") else F(first).asc(nulls_last=True)
    return rows.order_by(by, *rest, "pk")


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """People in reach of an administrator: found by name or login, by body, by state."""
    actor = actor_of(request)
    require_directory_of_people(actor)
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("words", "body", "state")}
    rows = people_administered(actor)
    if asked["words"]:
        rows = people_bearing(rows, asked["words"])
    if asked["body"]:
        rows = in_bodies_bearing(rows, actor, asked["body"])
    if asked["state"] in PEOPLE_STATES:
        rows = people_in_state(rows, actor, asked["state"])
    paging = Paging(page_of(request), PAGE, rows.count())
    ordered = in_order(with_last_sign_in(rows), request.GET.get("sort", ""))
    shown = ordered.select_related("details")[(paging.number - 1) * PAGE :][:PAGE]
    context = {
        "rows": _rows(actor, list(shown)),
        "paging": paging,
        "states": _state_filter(request, asked["state"]),
        "narrowed": any(asked.values()),
        "sentence": _sentence(paging.total),
        **asked,
    }
    return render(request, "bodies/people.html", context)


def _sentence(total: int) -> str:
    return ngettext("%(count)s person.", "%(count)s people.", total) % {"count": f"{total:,}"}


def _rows(actor: Actor, found: Sequence[Person]) -> list[Row]:
    held = posts_of(actor, found)
    return [
        Row(
            each,
            str(each.details),
            state_word(each),
            held[each.pk],
            reverse("person", args=[each.opaque]),
        )
        for each in found
    ]


# -- one person ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A post of a person, with what may be done about it."""

    holding: Holding
    lasts: bool
    state: str


@never_cache
@require_safe
def person(request: HttpRequest, person: str) -> HttpResponse:
    """A person: how to reach him, the posts held over time, tokens, the last sign-in."""
    actor = actor_of(request)
    found = found_person(actor, person)
    refusal = _refusal(actor, found)
    context = {
        "found": found,
        "details": found.details,
        "state": state_word(found),
        "last_sign_in": last_sign_in(found),
        "held": [_held(each) for each in holdings_seen(actor).filter(person=found)],
        "tokens": _tokens(actor, found),
        "refusal": refusal,
        "lifted": _("Whom to ask: %(who)s") % {"who": refusal.lifted_by} if refusal else "",
        "forgotten": found.details.blanked_at is not None,
        "trail": [Crumb(_("People"), reverse("people")), Crumb(str(found.details))],
    }
    return render(request, "bodies/person.html", context)


def _refusal(actor: Actor, found: Person) -> Forbidden | None:
    """Why the actor may not change this person; None where he may."""
    try:
        require_administrator_of_person(actor, found)
    except Forbidden as error:
        return error
    return None


def _held(holding: Holding) -> Held:
    now = today()
    lasts = holding.valid_to is None or holding.valid_to > now
    if not lasts:
        return Held(holding, False, _("ended"))
    return Held(holding, True, _("to come") if holding.valid_from > now else _("held"))


def _tokens(actor: Actor, found: Person) -> list[Token]:
    """The tokens of a person that the actor sees, those that count first."""
    tokens = tokens_visible_to(actor).filter(person=found)
    return sorted(tokens, key=lambda token: not token.counts)
