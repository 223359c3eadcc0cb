"""The router of the room, and how its operations find what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import bodies_visible_to
from throughline.cascade import actions
from throughline.cascade.models import Assignment
from throughline.cascade.queries import assignment_by_id
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.plans.models import Element
from throughline.plans.queries import elements_visible_to, plan_in_force

router = Router()


class WordsIn(Schema):
    """A text in one language or both."""

    en: str = ""
    zh: str = ""

    def text(self) -> actions.Text:
        return actions.Text(en=self.en, zh=self.zh)


def actor_signed_in(request: HttpRequest) -> Actor:
    """Who asks; raises Unauthenticated for nobody."""
    actor = actor_of(request)
    signed_in(actor)
    return actor


def found(request: HttpRequest, key: int) -> tuple[Actor, Assignment]:
    """Who asks, and an assignment that exists for him."""
    actor = actor_signed_in(request)
    return actor, assignment_by_id(actor, key)


def body_by_key(actor: Actor, key: str, field: str = "body") -> Body:
    """A body that a request names; raises Invalid where there is none."""
    row = bodies_visible_to(actor).select_related("place").filter(key=key).first()
    if row is None:
        text = _("There is no body “%(key)s”.") % {"key": key}
        raise Invalid(text, problems=[Problem(field, text, field=field)])
    return row


def bodies_by_key(actor: Actor, keys: Sequence[str], field: str) -> list[Body]:
    """Several bodies in the order in which they are named."""
    return [body_by_key(actor, key, field) for key in keys]


def element_by_key(actor: Actor, plan: str, key: str) -> Element:
    """An element of a plan in force, or NotFound."""
    version = plan_in_force(actor, plan)
    rows = elements_visible_to(actor).filter(version=version, key=key)
    row = rows.select_related(
        "paper", "thread", "version__plan__lead_body", "version__plan__place"
    ).first()
    if row is None:
        raise NotFound(_("The plan has no such element."))
    return row
