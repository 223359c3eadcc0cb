"""Posts held by people, from a day on and up to another."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.bodies.models import Holding, Person, PersonDetails, Post
from throughline.bodies.permissions import (
    require_administrator_of,
    require_installation_for_audit,
)
from throughline.bodies.rules import Duty
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Forbidden, Invalid


@action("person.appoint")
def appoint_person(
    act: Act, *, person: Person, post: Post, valid_from: date, valid_to: date | None = None
) -> Holding:
    """Give a person a post from a day on, up to but not including another."""
    require_administrator_of(act.actor, post.body.place)
    require_installation_for_audit(act.actor, _duties(post))
    if act.actor.person == person.opaque:
        raise Forbidden(
            _("Nobody appoints himself."),
            rule="people.appoint-another",
            lifted_by=_("another administrator"),
        )
    if valid_to and valid_to <= valid_from:
        raise Invalid(_("A post is held for a day at least."), place="valid_to")
    person, post = _locked(person, post)
    if PersonDetails.objects.filter(person=person, blanked_at__isnull=False).exists():
        raise Conflict(_("This person was forgotten."), place="person")
    ends = post.body.valid_to
    if ends and (valid_to is None or valid_to > ends):
        raise Conflict(
            _("The body ends on %(day)s; nobody holds a post in it from then on.") % {"day": ends},
            place="valid_to" if valid_from < ends else "post",
        )
    _require_free(person, post, valid_from, valid_to)
    holding = Holding.objects.create(
        person=person, post=post, valid_from=valid_from, valid_to=valid_to
    )
    act.about(holding)
    act.record(person=person.opaque, post=post.pk, valid_from=valid_from, valid_to=valid_to)
    return holding


def _duties(post: Post) -> frozenset[Duty]:
    return frozenset(Duty(duty) for duty in post.duties)


def _locked(person: Person, post: Post) -> tuple[Person, Post]:
    """The person, then the post with its body, so that none of them ends meanwhile."""
    return (
        Person.objects.select_for_update().get(pk=person.pk),
        Post.objects.select_for_update().select_related("body").get(pk=post.pk),
    )


def _require_free(
    person: Person,
    post: Post,
    valid_from: date,
    valid_to: date | None,
    besides: Holding | None = None,
) -> None:
    """Raise Conflict where the person holds the post on any of these days."""
    until = Q(valid_from__lt=valid_to) if valid_to else Q()
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    others = Holding.objects.filter(until, still, person=person, post=post)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise Conflict(_("This person holds this post in that time already."), place="valid_from")


def _as_seen(holding: Holding, seen: date | None) -> Holding:
    """The holding, locked, if it still ends as it was seen to."""
    holding = Holding.objects.select_for_update().get(pk=holding.pk)
    if holding.valid_to != seen:
        told = _("Somebody ended this time in the post meanwhile: it ends on %(day)s.")
        if holding.valid_to is None:
            raise Conflict(_("Somebody reopened this time in the post meanwhile."))
        raise Conflict(told % {"day": holding.valid_to}, place="valid_to")
    return holding


@action("holding.end")
def end_holding(act: Act, *, holding: Holding, valid_to: date, seen: date | None = None) -> Holding:
    """End a person's time in a post; `valid_to` is the first day without it, `seen` the end
    that was seen standing (none)."""
    require_administrator_of(act.actor, holding.post.body.place)
    require_installation_for_audit(act.actor, _duties(holding.post))
    holding = _as_seen(holding, seen)
    if valid_to < holding.valid_from:
        raise Invalid(_("A post cannot end before it began."), place="valid_to")
    with act.changing(holding, "valid_to"):
        holding.valid_to = valid_to
        holding.save(update_fields=["valid_to"])
    return holding


@action("holding.reopen")
def reopen_holding(act: Act, *, holding: Holding, seen: date) -> Holding:
    """Undo the end of a person's time in a post; `seen` is the end that was seen standing.

    Not where the person or the body ended, or the person holds the post again since.
    """
    require_administrator_of(act.actor, holding.post.body.place)
    require_installation_for_audit(act.actor, _duties(holding.post))
    if act.actor.person == holding.person.opaque:
        raise Forbidden(
            _("Nobody appoints himself."),
            rule="people.appoint-another",
            lifted_by=_("another administrator"),
        )
    person, post = _locked(holding.person, holding.post)
    holding = _as_seen(holding, seen)
    if post.body.valid_to:
        raise Conflict(_("The body has ended, and with it the posts in it."))
    if PersonDetails.objects.filter(person=person, blanked_at__isnull=False).exists():
        raise Conflict(_("This person was forgotten."))
    _require_free(person, post, holding.valid_from, None, besides=holding)
    with act.changing(holding, "valid_to"):
        holding.valid_to = None
        holding.save(update_fields=["valid_to"])
    return holding
