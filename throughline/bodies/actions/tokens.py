"""Tokens. No secret is ever an argument: what an action is called with is digested into the
journal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from throughline.bodies import rules
from throughline.bodies.models import Holding, Person, Post, Token
from throughline.bodies.permissions import (
    require_administrator_of,
    require_in_person,
    signed_in,
)
from throughline.bodies.queries import today
from throughline.bodies.rules import Scope
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Invalid, NotFound
from throughline.places.queries import valid_on


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
