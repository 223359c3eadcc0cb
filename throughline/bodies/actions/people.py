"""People: who can sign in, and who they are.

Names and contacts come as `Identity`, whose digest is keyed; a password comes encoded.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from throughline.bodies.actions.taking import taken_once
from throughline.bodies.models import Holding, Person, PersonDetails, Token, opaque_id
from throughline.bodies.permissions import (
    require_administrator,
    require_administrator_of,
    require_administrator_of_person,
)
from throughline.bodies.queries import today
from throughline.bodies.rules import is_login
from throughline.bodies.signing_in import keyed_digest, plain_login
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import canonical
from throughline.kernel.errors import Conflict, Invalid, Problem

LONGEST = {"name": 120, "name_en": 120, "email": 254, "phone": 40}


class Identity:
    """What tells who a person is, on its way to the tables that can forget it.

    To the journal it is one keyed digest, so that nobody can confirm a guess against it
    after the person was blanked.
    """

    def __init__(
        self, login: str, *, name: str = "", name_en: str = "", email: str = "", phone: str = ""
    ) -> None:
        self.login = plain_login(login)
        given = {"name": name, "name_en": name_en, "email": email, "phone": phone}
        self.details = {field: text.replace("\x00", "").strip() for field, text in given.items()}

    @property
    def code(self) -> str:
        """What stands for it where arguments are digested."""
        return keyed_digest("identity", canonical([self.login, self.details]))


def _require_storable(identity: Identity) -> None:
    """Raise Invalid that names every field which cannot be stored as it is."""
    problems = []
    if not is_login(identity.login):
        told = _("A login is made of small Latin letters, digits, and . _ @ - after the first.")
        problems.append(Problem("login", told, field="login"))
    for field, text in identity.details.items():
        longest = LONGEST[field]
        if len(text) > longest:
            told = _("At most %(count)s characters.") % {"count": longest}
            problems.append(Problem(field, told, field=field))
    if identity.details["email"]:
        try:
            validate_email(identity.details["email"])
        except ValidationError:
            told = _("This is no e-mail address.")
            problems.append(Problem("email", told, field="email"))
    if problems:
        raise Invalid(_("The person cannot be stored as given."), problems=problems)


@action("person.create")
def create_person(
    act: Act,
    *,
    identity: Identity,
    encoded: str,
    language: str = "",
    one_time_until: datetime | None = None,
) -> Person:
    """Create a person who can sign in; `encoded` is what `encoded_password` gave. With
    `one_time_until` the password counts until then, and only to choose another."""
    require_administrator(act.actor)
    _require_storable(identity)
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(_("There are no pages in this language."), place="language")
    with taken_once(_("This login is taken."), "login"):
        person = Person.objects.create(
            login=identity.login, password=encoded, language=language, one_time_until=one_time_until
        )
    PersonDetails.objects.create(person=person, **identity.details)
    act.about(person)
    act.record(person=person.opaque, language=language, one_time_until=one_time_until)
    return person


@action("person.correct")
def correct_person(act: Act, *, person: Person, identity: Identity, seen: str = "") -> Person:
    """Correct name and contacts; the login stays. `seen` is the code of the identity that
    was seen standing: where somebody corrected it meanwhile, nothing is changed."""
    require_administrator_of_person(act.actor, person)
    _require_storable(identity)
    details = PersonDetails.objects.select_for_update().get(person=person)
    if details.blanked_at:
        raise Conflict(_("This person was forgotten."))
    if seen and seen != identity_of(person, details).code:
        raise Conflict(_("Somebody corrected this person meanwhile. Look at what stands now."))
    with act.changing(details, *identity.details):
        for field, text in identity.details.items():
            setattr(details, field, text)
        details.save(update_fields=list(identity.details))
    return person


def identity_of(person: Person, details: PersonDetails) -> Identity:
    """Who a person is now, as it would be given."""
    given = {field: getattr(details, field) for field in ("name", "name_en", "email", "phone")}
    return Identity(person.login, **given)


@action("person.reset_password")
def reset_password(act: Act, *, person: Person, encoded: str, one_time_until: datetime) -> Person:
    """Give a person a one-time password in place of the own one; all sessions end.

    Tokens stay: they are revoked one by one, or all by deactivating.
    """
    require_administrator_of_person(act.actor, person)
    person = Person.objects.select_for_update().get(pk=person.pk)
    _require_not_forgotten(person)
    with act.changing(person, "password", "one_time_until"):
        person.password = encoded
        person.one_time_until = one_time_until
        person.save(update_fields=["password", "one_time_until"])
    return person


def _require_not_forgotten(person: Person) -> None:
    if PersonDetails.objects.filter(person=person, blanked_at__isnull=False).exists():
        raise Conflict(_("This person was forgotten."))


@action("person.deactivate")
def deactivate_person(act: Act, *, person: Person) -> Person:
    """Let a person sign in no more, and no token of theirs count; posts stay as they are."""
    return _set_active(act, person, False, _("This person is inactive already."))


@action("person.reactivate")
def reactivate_person(act: Act, *, person: Person) -> Person:
    """Undo a deactivation."""
    return _set_active(act, person, True, _("This person is active already."))


def _set_active(act: Act, person: Person, active: bool, already: str) -> Person:
    require_administrator_of_person(act.actor, person)
    person = Person.objects.select_for_update().get(pk=person.pk)
    _require_not_forgotten(person)
    if person.is_active is active:
        raise Conflict(already)
    with act.changing(person, "is_active"):
        person.is_active = active
        person.save(update_fields=["is_active"])
    return person


@action("person.blank")
def blank_person(act: Act, *, person: Person) -> Person:
    """Forget who a person was: name, contacts, login and password go, tokens and posts end.

    The opaque id stays, so that the record still says that it was the same one.
    """
    require_administrator_of_person(act.actor, person)
    person = Person.objects.select_for_update().get(pk=person.pk)
    for holding in person.holdings.select_related("post__body__place"):
        require_administrator_of(act.actor, holding.post.body.place)
    now = clock.now()
    details = PersonDetails.objects.select_for_update().get(person=person)
    if details.blanked_at:
        raise Conflict(_("This person was forgotten already."))
    with act.changing(details, "name", "name_en", "email", "phone", "blanked_at"):
        details.name = details.name_en = details.email = details.phone = ""
        details.blanked_at = now
        details.save()
    with act.changing(person, "login", "password", "one_time_until", "is_active"):
        person.login = opaque_id()
        person.set_unusable_password()
        person.one_time_until = None
        person.is_active = False
        person.save(update_fields=["login", "password", "one_time_until", "is_active"])
    Token.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=now)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    Holding.objects.filter(lasting, person=person).update(
        valid_to=Greatest(F("valid_from"), Value(today()))
    )
    return person
