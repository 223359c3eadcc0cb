"""Signing in and out, and what belongs to oneself.

No password is ever an argument: what an action is called with is digested into the journal.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from throughline.bodies.models import Holding, Person, Post
from throughline.bodies.permissions import require_in_person
from throughline.bodies.queries import today
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Forbidden, Invalid, NotFound
from throughline.places.queries import valid_on


@action("person.sign_in")
def sign_in(act: Act, *, person: Person) -> Person:
    """Put on record that a person signed in. Failures stand in `SignInAttempt` instead."""
    act.about(person)
    return person


@action("person.sign_out")
def sign_out(act: Act, *, person: Person) -> Person:
    """Put on record that a person signed out."""
    act.about(person)
    return person


@action("person.switch_post")
def switch_post(act: Act, *, person: Person, post: Post) -> Post:
    """Put on record that a person goes on acting in another post held today."""
    require_in_person(act.actor, person)
    if not Holding.objects.filter(valid_on(today()), person=person, post=post).exists():
        raise NotFound(_("You hold no such post."))
    act.about(person)
    act.record(before={"post": act.actor.post}, post=post.pk)
    return post


@action("person.set_language")
def set_language(act: Act, *, person: Person, language: str) -> Person:
    """Choose the language of the pages; empty means what the browser asks for."""
    require_in_person(act.actor, person)
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(_("There are no pages in this language."), place="language")
    with act.changing(person, "language"):
        person.language = language
        person.save(update_fields=["language"])
    return person


@action("person.change_password")
def change_password(act: Act, *, person: Person, encoded: str) -> Person:
    """Replace the password by another, given as `encoded_password` stores it.

    Every other session of the person ends by it. A one-time password is replaced while it
    counts; from then on the person may do what the posts held allow.
    """
    require_in_person(act.actor, person)
    if person.one_time_until and clock.now() >= person.one_time_until:
        raise Forbidden(
            _("The one-time password has expired."),
            rule="people.one-time-password",
            lifted_by=_("an administrator, who gives another one"),
        )
    with act.changing(person, "password", "one_time_until"):
        person.password = encoded
        person.one_time_until = None
        person.save(update_fields=["password", "one_time_until"])
    return person
