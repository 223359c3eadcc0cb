"""Everything that happens to people, bodies, posts and tokens.

No password and no token's secret is ever an argument: what an action is called with is
digested into the journal. Names and contacts come as `Identity`, whose digest is keyed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from throughline.bodies import rules
from throughline.bodies.models import (
    Body,
    BodyAlias,
    Holding,
    Person,
    PersonDetails,
    Post,
    Relation,
    Token,
    opaque_id,
)
from throughline.bodies.permissions import (
    require_administrator,
    require_administrator_of,
    require_in_person,
    signed_in,
)
from throughline.bodies.queries import people_visible_to, today
from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.bodies.signing_in import keyed_digest, plain_login
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import canonical
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.places.models import Place
from throughline.places.queries import valid_on


class Identity:
    """What tells who a person is, on its way to the tables that can forget it.

    To the journal it is one keyed digest, so that nobody can confirm a guess against it
    after the person was blanked.
    """

    def __init__(
        self, login: str, *, name: str = "", name_en: str = "", email: str = "", phone: str = ""
    ) -> None:
        self.login = plain_login(login)
        self.details = {"name": name, "name_en": name_en, "email": email, "phone": phone}

    @property
    def code(self) -> str:
        """What stands for it where arguments are digested."""
        return keyed_digest("identity", canonical([self.login, self.details]))


# -- signing in and out, and what belongs to oneself ---------------------------------------


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

    Every other session of the person ends by it.
    """
    require_in_person(act.actor, person)
    with act.changing(person, "password"):
        person.password = encoded
        person.save(update_fields=["password"])
    return person


# -- tokens ------------------------------------------------------------------------------


@action("token.issue")
def issue_token(
    act: Act,
    *,
    person: Person,
    post: Post,
    name: str,
    prefix: str,
    digest: str,
    scopes: Collection[str],
    expires_at: datetime,
) -> Token:
    """Issue a token for a post one holds. The caller made the secret (`new_secret`), shows
    it once, and passes only its prefix and digest."""
    if not signed_in(act.actor).is_installation:
        require_in_person(act.actor, person)
    wanted = frozenset(scopes) | {Scope.READ}
    if not wanted <= frozenset(Scope):
        raise Invalid(_("Choose scopes of those offered."), place="scopes")
    name = name.replace("\x00", "").strip()
    if not 0 < len(name) <= 80:
        raise Invalid(_("Give the token a name of up to 80 characters."), place="name")
    now = clock.now()
    if not now < expires_at <= now + rules.LONGEST_TOKEN_LIFE:
        raise Invalid(_("A token lasts for a year at most."), place="expires_at")
    if not Holding.objects.filter(valid_on(today()), person=person, post=post).exists():
        raise NotFound(_("This person holds no such post."))
    token = Token.objects.create(
        person=person,
        post=post,
        name=name,
        prefix=prefix,
        secret_hash=digest,
        scopes=sorted(wanted),
        expires_at=expires_at,
    )
    act.about(token)
    act.record(person=person.opaque, post=post.pk, name=name, scopes=wanted, expires_at=expires_at)
    return token


@action("token.revoke")
def revoke_token(act: Act, *, token: Token) -> Token:
    """End a token for good: one's own, or as an administrator any below one's place."""
    if token.person.opaque != act.actor.person:
        require_administrator_of(act.actor, token.post.body.place)
    token = Token.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at:
        return token
    with act.changing(token, "revoked_at"):
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
    return token


# -- people ------------------------------------------------------------------------------


def _leave_audit_to_the_installation(act: Act, duties: frozenset[str]) -> None:
    """Who administers must not be able to let anyone, himself included, see everything."""
    if Duty.AUDIT in duties and not signed_in(act.actor).is_installation:
        raise Forbidden(
            _("A post that sees everything is given with the installation."),
            rule="posts.audit",
            lifted_by=_("whoever runs the installation, by the command line"),
        )


@action("person.create")
def create_person(act: Act, *, identity: Identity, encoded: str, language: str = "") -> Person:
    """Create a person who can sign in; `encoded` is what `encoded_password` gave."""
    require_administrator(act.actor)
    if Person.objects.filter(login=identity.login).exists():
        raise Conflict(_("This login is taken."), place="login")
    person = Person.objects.create(login=identity.login, password=encoded, language=language)
    PersonDetails.objects.create(person=person, **identity.details)
    act.about(person)
    act.record(person=person.opaque, language=language)
    return person


@action("person.appoint")
def appoint_person(
    act: Act, *, person: Person, post: Post, valid_from: date, valid_to: date | None = None
) -> Holding:
    """Give a person a post from a day on, up to but not including another."""
    require_administrator_of(act.actor, post.body.place)
    _leave_audit_to_the_installation(act, frozenset(post.duties))
    if act.actor.person == person.opaque:
        raise Forbidden(
            _("Nobody appoints himself."),
            rule="people.appoint-another",
            lifted_by=_("another administrator"),
        )
    if valid_to and valid_to <= valid_from:
        raise Invalid(_("A post is held for a day at least."), place="valid_to")
    Post.objects.select_for_update().get(pk=post.pk)
    until = Q(valid_from__lt=valid_to) if valid_to else Q()
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    if Holding.objects.filter(until, still, person=person, post=post).exists():
        raise Conflict(_("This person holds this post in that time already."))
    holding = Holding.objects.create(
        person=person, post=post, valid_from=valid_from, valid_to=valid_to
    )
    act.about(holding)
    act.record(person=person.opaque, post=post.pk, valid_from=valid_from, valid_to=valid_to)
    return holding


@action("holding.end")
def end_holding(act: Act, *, holding: Holding, valid_to: date) -> Holding:
    """End a person's time in a post; `valid_to` is the first day without it."""
    require_administrator_of(act.actor, holding.post.body.place)
    holding = Holding.objects.select_for_update().get(pk=holding.pk)
    if valid_to < holding.valid_from:
        raise Invalid(_("A post cannot end before it began."), place="valid_to")
    with act.changing(holding, "valid_to"):
        holding.valid_to = valid_to
        holding.save(update_fields=["valid_to"])
    return holding


@action("person.blank")
def blank_person(act: Act, *, person: Person) -> Person:
    """Forget who a person was: name, contacts, login and password go, tokens and posts end.

    The opaque id stays, so that the record still says that it was the same one.
    """
    require_administrator(act.actor)
    if not people_visible_to(act.actor).filter(pk=person.pk).exists():
        raise NotFound(_("There is no such person."))
    for holding in person.holdings.select_related("post__body__place"):
        require_administrator_of(act.actor, holding.post.body.place)
    now = clock.now()
    details = PersonDetails.objects.select_for_update().get(person=person)
    with act.changing(details, "name", "name_en", "email", "phone", "blanked_at"):
        details.name = details.name_en = details.email = details.phone = ""
        details.blanked_at = now
        details.save()
    with act.changing(person, "login", "password", "is_active"):
        person.login = opaque_id()
        person.set_unusable_password()
        person.is_active = False
        person.save(update_fields=["login", "password", "is_active"])
    Token.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=now)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    Holding.objects.filter(lasting, person=person).update(
        valid_to=Greatest(F("valid_from"), Value(today()))
    )
    return person


# -- bodies, relations, posts --------------------------------------------------------------


@action("body.create")
def create_body(
    act: Act,
    *,
    key: str,
    kind: BodyKind,
    name_en: str,
    name_zh: str = "",
    short_en: str = "",
    short_zh: str = "",
    place: Place | None = None,
    aliases: Collection[str] = (),
    illustrative: bool = False,
) -> Body:
    """Create a body under a key that no other bears."""
    require_administrator_of(act.actor, place)
    if Body.objects.filter(key=key).exists():
        raise Conflict(_("This key is taken."), place="key")
    body = Body.objects.create(
        key=key,
        kind=kind,
        name_en=name_en,
        name_zh=name_zh,
        short_en=short_en,
        short_zh=short_zh,
        place=place,
        illustrative=illustrative,
        sort_key=key,
    )
    BodyAlias.objects.bulk_create(BodyAlias(body=body, alias=alias) for alias in aliases)
    act.about(body)
    act.record(key=key, kind=kind, name_en=name_en, name_zh=name_zh, place=place)
    return body


@action("body.relate")
def relate_bodies(
    act: Act,
    *,
    superior: Body,
    subordinate: Body,
    kind: RelationKind,
    valid_from: date | None = None,
) -> Relation:
    """Put one body under another by a kind of relation, from a day on (always)."""
    require_administrator_of(act.actor, subordinate.place)
    if superior.pk == subordinate.pk:
        raise Invalid(_("A body is not its own superior."), place="superior")
    relation, _created = Relation.objects.get_or_create(
        superior=superior, subordinate=subordinate, kind=kind, valid_from=valid_from
    )
    act.about(relation)
    act.record(superior=superior.key, subordinate=subordinate.key, kind=kind, valid_from=valid_from)
    return relation


@action("post.create")
def create_post(
    act: Act,
    *,
    body: Body,
    key: str,
    title_en: str,
    duties: Collection[Duty],
    title_zh: str = "",
) -> Post:
    """Create a post in a body, with what it is there for."""
    require_administrator_of(act.actor, body.place)
    wanted = frozenset(duties)
    _leave_audit_to_the_installation(act, wanted)
    if Post.objects.filter(body=body, key=key).exists():
        raise Conflict(_("This body has a post with this key."), place="key")
    post = Post.objects.create(
        body=body, key=key, title_en=title_en, title_zh=title_zh, duties=sorted(wanted)
    )
    act.about(post)
    act.record(body=body.key, key=key, title_en=title_en, title_zh=title_zh, duties=wanted)
    return post
