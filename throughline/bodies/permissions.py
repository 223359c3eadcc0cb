"""What an action asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.models import Person
from throughline.bodies.queries import places_administered, standing_of
from throughline.bodies.rules import Standing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, NotFound, Unauthenticated
from throughline.kernel.permissions import require_installation as require_installation
from throughline.places.models import Place


def signed_in(actor: Actor) -> Standing:
    """The standing of an actor who is somebody; raises Unauthenticated for nobody."""
    if actor.is_nobody:
        raise Unauthenticated(_("Sign in first."))
    return standing_of(actor)


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
