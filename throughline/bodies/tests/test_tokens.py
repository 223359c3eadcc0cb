"""Tokens: scoped, expiring, hashed, bound to a person and a post."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError

from tests.cast import DISMISSED, Cast, Member
from throughline.bodies import actions
from throughline.bodies.authentication import Secret, actor_from_token, new_secret
from throughline.bodies.models import Holding, Person, Token
from throughline.bodies.queries import journal_visible_to, standing_of, tokens_visible_to
from throughline.bodies.rules import Duty, Scope
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated


def issue(member: Member, *scopes: Scope, actor: Actor | None = None, days: int = 30):
    secret = new_secret()
    token = actions.issue_token(
        actor or member.actor,
        person=member.person,
        post=member.post,
        name="upload",
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=list(scopes),
        expires_at=clock.now() + timedelta(days=days),
    )
    return token, secret


def test_a_secret_has_256_random_bits_and_is_kept_as_a_hash(cast: Cast):
    token, secret = issue(cast.county)
    assert isinstance(secret, Secret)
    assert len(secret.text.split("_", 2)[2]) == 43
    assert new_secret().text != secret.text
    row = str(Token.objects.values().get(pk=token.pk))
    assert secret.text not in row
    assert secret.digest in row


def test_a_token_acts_as_its_person_in_its_post(cast: Cast):
    _token, secret = issue(cast.county, Scope.FIGURES_WRITE)
    actor = actor_from_token(secret.text)
    assert (actor.person, actor.post) == (cast.county.person.opaque, cast.county.post.pk)
    assert (actor.door, actor.body_code) == (Door.API, "n111-government")
    assert sorted(actor.scopes or ()) == ["figures:write", "read"]


def test_scopes_narrow_what_the_post_may_do(cast: Cast):
    _token, secret = issue(cast.county)
    standing = standing_of(actor_from_token(secret.text))
    assert standing.duties == standing_of(cast.county.actor).duties
    assert not standing.has(Duty.REPORT, Scope.FIGURES_WRITE)
    assert standing_of(cast.county.actor).has(Duty.REPORT, Scope.FIGURES_WRITE)


def test_scopes_do_not_widen_what_the_post_may_do(cast: Cast):
    _token, secret = issue(cast.county, Scope.BODIES_WRITE)
    with pytest.raises(Forbidden):
        actions.create_person(
            actor_from_token(secret.text), identity=actions.Identity("new"), encoded="!"
        )


def test_an_administrators_token_without_the_scope_changes_nothing(cast: Cast):
    for scopes, may in ((), False), ((Scope.BODIES_WRITE,), True):
        _token, secret = issue(cast.administrator, *scopes)
        assert standing_of(actor_from_token(secret.text)).may_administer is may


def test_the_journal_needs_its_scope(cast: Cast):
    _token, secret = issue(cast.auditor)
    assert not journal_visible_to(actor_from_token(secret.text)).exists()
    _token, secret = issue(cast.auditor, Scope.JOURNAL_READ)
    assert journal_visible_to(actor_from_token(secret.text)).exists()


def test_a_token_expires(cast: Cast):
    _token, secret = issue(cast.county, days=1)
    with time_machine.travel(clock.now() + timedelta(days=1)), pytest.raises(Unauthenticated):
        actor_from_token(secret.text)


def test_a_revoked_token_counts_no_more(cast: Cast):
    token, secret = issue(cast.county)
    actions.revoke_token(cast.county.actor, token=token)
    with pytest.raises(Unauthenticated):
        actor_from_token(secret.text)


def test_a_token_ends_with_the_holding_of_its_post(cast: Cast):
    _token, secret = issue(cast.county)
    Holding.objects.create(person=cast.county.person, post=cast.province.post, valid_from=DISMISSED)
    Holding.objects.filter(post=cast.county.post).update(valid_to=DISMISSED)
    with pytest.raises(Unauthenticated):
        actor_from_token(secret.text)


def test_a_token_ends_with_its_person(cast: Cast):
    _token, secret = issue(cast.county)
    Person.objects.filter(pk=cast.county.person.pk).update(is_active=False)
    with pytest.raises(Unauthenticated):
        actor_from_token(secret.text)


@pytest.mark.parametrize("text", ["", "tl_000000_nonsense", "\x00"])
def test_what_is_no_token_is_refused(cast: Cast, text: str):
    with pytest.raises(Unauthenticated):
        actor_from_token(text)


def test_use_is_noted_at_most_once_a_minute(cast: Cast, django_assert_num_queries):
    token, secret = issue(cast.county)
    with time_machine.travel(clock.now(), tick=False) as time:
        actor_from_token(secret.text)
        first = Token.objects.get(pk=token.pk).last_used_at
        assert first == clock.now()
        time.shift(59)
        with django_assert_num_queries(2):
            actor_from_token(secret.text)
        assert Token.objects.get(pk=token.pk).last_used_at == first
        time.shift(1)
        actor_from_token(secret.text)
        assert Token.objects.get(pk=token.pk).last_used_at == clock.now()


def test_nobody_issues_a_token_in_anothers_name(cast: Cast):
    for other in (cast.administrator, cast.auditor, cast.top):
        with pytest.raises(NotFound):
            issue(cast.county, actor=other.actor)
    token, _secret = issue(cast.county, actor=SYSTEM)
    assert token.person == cast.county.person


def test_a_token_issues_no_token(cast: Cast):
    _token, secret = issue(cast.county, Scope.BODIES_WRITE)
    with pytest.raises(Forbidden):
        issue(cast.county, actor=actor_from_token(secret.text))


def test_an_ex_holder_gets_no_token(cast: Cast):
    with pytest.raises(NotFound):
        issue(cast.former)


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_token_lasts_for_a_year_at_most(cast: Cast, days: int):
    with pytest.raises(Invalid):
        issue(cast.county, days=days)


def test_the_database_refuses_a_token_that_may_not_read(cast: Cast):
    token, _secret = issue(cast.county)
    with pytest.raises(IntegrityError):
        Token.objects.filter(pk=token.pk).update(scopes=["figures:write"])


def test_tokens_are_seen_by_their_holder_and_administrators(cast: Cast):
    token, _secret = issue(cast.county)
    seeing = {name for name, each in cast if token in tokens_visible_to(each.actor)}
    assert seeing == {"county", "administrator"}


def test_an_administrator_revokes_and_others_do_not(cast: Cast):
    token, _secret = issue(cast.county)
    with pytest.raises(Forbidden):
        actions.revoke_token(cast.province.actor, token=token)
    assert actions.revoke_token(cast.administrator.actor, token=token).revoked_at
