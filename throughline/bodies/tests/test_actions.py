"""What happens to people, bodies and posts, by whom, and what the journal says of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from tests.cast import Cast, Member
from throughline.bodies import actions
from throughline.bodies.authentication import new_secret
from throughline.bodies.models import Holding, Person, PersonDetails, Post, Token
from throughline.bodies.queries import lines_between, standing_of, today
from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from throughline.kernel.journal import content_of
from throughline.kernel.models import JournalEntry

IDENTITY = {"name": "张维民", "name_en": "Zhang Weimin", "email": "zwm@example.org"}
PHONE = "+86 10 5550 1234"


def new_person(actor: Actor, login: str = "zhang.weimin") -> Person:
    identity = actions.Identity(login, phone=PHONE, **IDENTITY)
    return actions.create_person(actor, identity=identity, encoded="!")


def administrator_of(cast: Cast, member: Member) -> Actor:
    """The member with a post that administers its own place and those below."""
    Post.objects.filter(pk=member.post.pk).update(duties=[Duty.ADMINISTER.value])
    return member.actor


# -- who may -----------------------------------------------------------------------------


def test_administrators_and_the_installation_create_people(cast: Cast):
    for name, member in cast:
        if name == "administrator":
            continue
        refusal = Unauthenticated if name == "nobody" else Forbidden
        if name == "auditor":
            refusal = Forbidden
        with pytest.raises(refusal):
            new_person(member.actor, login=f"by-{name}")
    assert new_person(cast.administrator.actor).login == "zhang.weimin"
    assert new_person(SYSTEM, login="another").is_active


def test_an_administrator_answers_for_the_own_place_and_below(cast: Cast):
    actor = administrator_of(cast, cast.prefecture)
    person = new_person(actor)
    county = cast.county.post
    actions.appoint_person(actor, person=person, post=county, valid_from=today())
    assert Holding.objects.filter(person=person, post=county).exists()
    for post in (cast.province.post, cast.sibling.post):
        with pytest.raises(Forbidden, match="own place and those below"):
            actions.appoint_person(actor, person=person, post=post, valid_from=today())
    with pytest.raises(Forbidden):
        actions.create_body(
            actor, key="n2-new", kind=BodyKind.OFFICE, name_en="New", place=cast.places["N2"]
        )
    with pytest.raises(Forbidden):
        actions.create_body(actor, key="nowhere", kind=BodyKind.OFFICE, name_en="New")


def test_nobody_appoints_himself(cast: Cast):
    with pytest.raises(Forbidden, match="appoints himself"):
        actions.appoint_person(
            cast.administrator.actor,
            person=cast.administrator.person,
            post=cast.coordinator.post,
            valid_from=today(),
        )


def test_administering_does_not_open_everything(cast: Cast):
    """An administrator neither makes a post that audits nor gives one to a friend."""
    with pytest.raises(Forbidden, match="sees everything"):
        actions.create_post(
            cast.administrator.actor,
            body=cast.bodies["cabinet"],
            key="second-auditor",
            title_en="Auditor",
            duties=[Duty.READ, Duty.AUDIT],
        )
    with pytest.raises(Forbidden, match="sees everything"):
        actions.appoint_person(
            cast.administrator.actor,
            person=cast.uninvolved.person,
            post=cast.auditor.post,
            valid_from=today(),
        )


@pytest.mark.parametrize("name", ["province", "administrator", "auditor"])
def test_language_and_password_are_ones_own(cast: Cast, name: str):
    actor = getattr(cast, name).actor
    with pytest.raises(NotFound):
        actions.set_language(actor, person=cast.county.person, language="en")
    with pytest.raises(NotFound):
        actions.change_password(actor, person=cast.county.person, encoded="!")


# -- people and posts ----------------------------------------------------------------------


def test_an_appointment_opens_and_its_end_closes(cast: Cast):
    person = new_person(SYSTEM)
    post = cast.province.post
    holding = actions.appoint_person(SYSTEM, person=person, post=post, valid_from=today())
    actor = Actor(person=person.opaque, post=post.pk)
    assert standing_of(actor).place == cast.places["N1"].pk
    actions.end_holding(SYSTEM, holding=holding, valid_to=today())
    assert standing_of(actor).post is None


def test_a_post_is_not_held_twice_by_the_same_person_at_a_time(cast: Cast):
    person, post, later = cast.county.person, cast.county.post, date(2030, 1, 1)
    with pytest.raises(Conflict):
        actions.appoint_person(SYSTEM, person=person, post=post, valid_from=later)
    with pytest.raises(IntegrityError):
        Holding.objects.create(person=person, post=post, valid_from=later)


def test_a_post_may_be_held_again_later(cast: Cast):
    person, post = cast.former.person, cast.former.post
    with pytest.raises(Conflict):
        actions.appoint_person(SYSTEM, person=person, post=post, valid_from=date(2021, 12, 31))
    actions.appoint_person(SYSTEM, person=person, post=post, valid_from=date(2022, 1, 1))
    assert standing_of(cast.former.actor).post == post.pk


def test_time_in_a_post_runs_forward(cast: Cast):
    holding = Holding.objects.get(person=cast.county.person)
    with pytest.raises(Invalid):
        actions.end_holding(SYSTEM, holding=holding, valid_to=date(2019, 1, 1))
    with pytest.raises(Invalid):
        actions.appoint_person(
            SYSTEM,
            person=new_person(SYSTEM),
            post=cast.county.post,
            valid_from=today(),
            valid_to=today(),
        )


def test_a_login_is_taken_once_in_whatever_case(cast: Cast):
    with pytest.raises(Conflict):
        new_person(SYSTEM, login="County")


def test_bodies_posts_and_relations(cast: Cast):
    body = actions.create_body(
        cast.administrator.actor,
        key="n1-drc",
        kind=BodyKind.DEPARTMENT,
        name_en="Commission",
        place=cast.places["N1"],
        aliases=["DRC"],
    )
    agency = cast.bodies["lead-agency"]
    first, second = (
        actions.relate_bodies(
            cast.administrator.actor, superior=agency, subordinate=body, kind=RelationKind.GUIDES
        )
        for _ in range(2)
    )
    assert first == second
    assert {line.kind for line in lines_between(agency.pk, body.pk)} == {RelationKind.GUIDES}
    post = actions.create_post(
        cast.administrator.actor, body=body, key="officer", title_en="Officer", duties=[Duty.READ]
    )
    assert post.duties == ["read"]
    with pytest.raises(Conflict):
        actions.create_post(
            cast.administrator.actor, body=body, key="officer", title_en="Officer", duties=[]
        )
    with pytest.raises(Invalid):
        actions.relate_bodies(SYSTEM, superior=body, subordinate=body, kind=RelationKind.LEADS)


# -- forgetting ----------------------------------------------------------------------------


def test_blanking_forgets_who_it_was_and_ends_what_was_held(cast: Cast):
    person = new_person(SYSTEM)
    actions.appoint_person(SYSTEM, person=person, post=cast.county.post, valid_from=today())
    actions.appoint_person(
        SYSTEM, person=person, post=cast.province.post, valid_from=today() + timedelta(days=9)
    )
    secret = new_secret()
    token = actions.issue_token(
        SYSTEM,
        person=person,
        post=cast.county.post,
        name="upload",
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=[],
        expires_at=clock.now() + timedelta(days=9),
    )
    opaque = person.opaque
    actions.blank_person(cast.administrator.actor, person=person)
    person = Person.objects.get(opaque=opaque)
    details = PersonDetails.objects.get(person=person)
    assert (details.name, details.name_en, details.email, details.phone) == ("", "", "", "")
    assert details.blanked_at
    assert str(details) == opaque
    assert "zhang" not in person.login
    assert not person.is_active
    assert not person.has_usable_password()
    assert Token.objects.get(pk=token.pk).revoked_at
    assert standing_of(Actor(person=opaque, post=cast.county.post.pk)).post is None
    ends = person.holdings.order_by("valid_from").values_list("valid_to", flat=True)
    assert list(ends) == [today(), today() + timedelta(days=9)]


def test_what_was_blanked_stays_blank(cast: Cast):
    actions.blank_person(SYSTEM, person=cast.county.person)
    with pytest.raises(IntegrityError):
        PersonDetails.objects.filter(person=cast.county.person).update(name="李秋")


def test_blanking_needs_every_post_in_reach(cast: Cast):
    actor = administrator_of(cast, cast.prefecture)
    Holding.objects.create(
        person=cast.county.person, post=cast.sibling.post, valid_from=date(2021, 1, 1)
    )
    with pytest.raises(Forbidden):
        actions.blank_person(actor, person=cast.county.person)
    with pytest.raises(NotFound):
        actions.blank_person(actor, person=cast.sibling.person)


# -- the journal ---------------------------------------------------------------------------


def test_the_journal_never_holds_what_it_must_forget(cast: Cast):
    """Everything is done to one person; none of the values stands in any entry."""
    person = new_person(SYSTEM)
    actions.appoint_person(SYSTEM, person=person, post=cast.county.post, valid_from=today())
    me = Actor(person=person.opaque, post=cast.county.post.pk)
    encoded = make_password("a password of the tests")
    actions.sign_in(me, person=person)
    actions.change_password(me, person=person, encoded=encoded)
    actions.set_language(me, person=person, language="zh-hans")
    secret = new_secret()
    actions.issue_token(
        me,
        person=person,
        post=cast.county.post,
        name="upload",
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=[Scope.FIGURES_WRITE],
        expires_at=clock.now() + timedelta(days=9),
    )
    actions.sign_out(me, person=person)
    actions.blank_person(SYSTEM, person=person)
    written = "\n".join(JournalEntry.objects.values_list("body", flat=True))
    assert JournalEntry.objects.count() == 8
    for value in [*IDENTITY.values(), PHONE, "zhang", encoded, secret.text, secret.digest]:
        assert value not in written
    blanked = content_of(JournalEntry.objects.get(verb="person.blank").body)
    assert blanked["before"]["name"] == blanked["after"]["name"] == "changed"


def test_a_guess_cannot_be_confirmed_against_the_journal(cast: Cast, settings):
    """The digest of the arguments depends on the installation's secret key."""
    one = actions.Identity("zhang", name="张维民").code
    assert one == actions.Identity("zhang", name="张维民").code
    assert one != actions.Identity("zhang", name="张为民").code
    settings.SECRET_KEY = "another installation"
    assert one != actions.Identity("zhang", name="张维民").code


def test_the_same_key_gives_the_same_answer(cast: Cast):
    keyed = cast.administrator.actor.keyed("k-1")
    person = new_person(keyed)
    assert new_person(keyed) == person
    with pytest.raises(Conflict):
        new_person(keyed, login="someone.else")
