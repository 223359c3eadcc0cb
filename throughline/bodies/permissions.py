"""What an action asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.bodies.models import Holding, Person
from throughline.bodies.queries import (
    people_administered,
    places_administered,
    standing_of,
    today,
)
from throughline.bodies.rules import Duty, Scope, Standing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, NotFound, Unauthenticated
from throughline.kernel.permissions import require_installation as require_installation
from throughline.places.models import Place


def signed_in(actor: Actor) -> Standing:
    """The standing of an actor who is somebody; raises Unauthenticated for nobody."""
    if actor.is_nobody:
        raise Unauthenticated(_("Sign in first."))
    return standing_of(actor)


def require_in_a_post(actor: Actor, scope: Scope, *, token: str, post: str, rule: str) -> Standing:
    """The standing of one who acts in a post that works on plans, with a token that may, if it
    is one. `token` and `post` are what is said where one does not, by the scope or by `rule`."""
    standing = signed_in(actor)
    if standing.is_installation:
        return standing
    if not standing.allows(scope):
        raise Forbidden(token, rule="token.scope")
    if standing.body is None or not standing.sees_content:
        raise Forbidden(
            post, rule=rule, lifted_by=_("an administrator, who appoints people to posts")
        )
    return standing


def require_administrator(actor: Actor) -> Standing:
    """The standing of one who may change people, bodies and posts at all."""
    standing = signed_in(actor)
    if not standing.may_administer:
        raise Forbidden(
            _("Only an administrator changes people, bodies and posts."),
            rule="bodies.administer",
            lifted_by=_("an administrator of your place or of one above it"),
        )
    return standing


def require_administrator_of(actor: Actor, place: Place | None) -> Standing:
    """The standing of an administrator of a place: of itself or of one above it."""
    standing = require_administrator(actor)
    here = place is not None and Place.objects.filter(places_administered("pk", actor), pk=place.pk)
    if not standing.is_installation and not here:
        raise Forbidden(
            _("An administrator answers for the own place and those below it."),
            rule="bodies.administer-below",
            lifted_by=_("an administrator of a place above"),
        )
    return standing


def require_administrator_of_person(actor: Actor, person: Person) -> Standing:
    """The standing of an administrator in whose reach a person is: with every post that the
    person holds today or will hold. Nobody administers himself, or whoever audits: by their
    password one could become more than one is."""
    standing = require_administrator(actor)
    if not people_administered(actor).filter(pk=person.pk).exists():
        raise NotFound(_("There is no such person."))
    if standing.is_installation:
        return standing
    if actor.person == person.opaque:
        raise Forbidden(
            _("Nobody administers himself."),
            rule="people.administer-another",
            lifted_by=_("another administrator"),
            remedy=_("Your password and language stand under My account."),
        )
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    held = Holding.objects.filter(lasting, person=person)
    if held.exclude(places_administered("post__body__place", actor)).exists():
        raise Forbidden(
            _("This person holds a post outside of what you administer."),
            rule="people.administer-below",
            lifted_by=_("an administrator of a place above"),
        )
    if held.filter(post__duties__contains=[Duty.AUDIT.value]).exists():
        require_installation_for_audit(actor, {Duty.AUDIT})
    return standing


def require_installation_for_audit(actor: Actor, duties: Collection[Duty]) -> None:
    """Raise where duties audit, unless the installation acts: who administers must not be
    able to let anyone, himself included, see everything, or to stop who does."""
    if Duty.AUDIT in duties and not signed_in(actor).is_installation:
        raise Forbidden(
            _("A post that sees everything is given with the installation."),
            rule="posts.audit",
            lifted_by=_("whoever runs the installation, by the command line"),
        )


def require_directory_of_people(actor: Actor) -> None:
    """Raise unless lists of people are open to the actor: to administrators and to audit."""
    standing = signed_in(actor)
    if not (standing.administers or standing.audits):
        raise Forbidden(
            _("Lists of people are for administrators."),
            rule="people.list",
            remedy=_("Who holds which post stands on the page of the body."),
        )


def require_in_person(actor: Actor, person: Person) -> None:
    """Raise unless the person does it for himself, signed in, and not by a token."""
    signed_in(actor)
    if actor.person != person.opaque:
        raise NotFound(_("There is no such person."))
    if actor.scopes is not None:
        raise Forbidden(
            _("This is done in person, not by a token."),
            rule="people.in-person",
            remedy=_("Sign in with the browser."),
        )
