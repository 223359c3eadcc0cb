"""Administering people and bodies: what is refused, what is told, what is undone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast, Member
from throughline.bodies import actions
from throughline.bodies.models import Body, Holding, Person, PersonDetails, Post, Relation
from throughline.bodies.queries import today
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.models import Draft, JournalEntry

LATER = date(2030, 1, 1)


def administering(cast: Cast, member: Member) -> Actor:
    """The member with a post that administers its own place and those below."""
    Post.objects.filter(pk=member.post.pk).update(duties=[Duty.ADMINISTER.value])
    return member.actor


def holding_of(member: Member) -> Holding:
    return Holding.objects.get(person=member.person, post=member.post)


def correct(actor: Actor, person: Person, **given: str) -> Person:
    return actions.correct_person(
        actor, person=person, identity=actions.Identity(person.login, **given)
    )


# -- whom one may change ---------------------------------------------------------------------


def test_a_person_is_changed_by_who_administers_all_posts_to_come(cast: Cast):
    below = administering(cast, cast.prefecture)
    correct(below, cast.county.person, name="新名")
    assert PersonDetails.objects.get(person=cast.county.person).name == "新名"
    elsewhere = actions.appoint_person(
        SYSTEM, person=cast.county.person, post=cast.sibling.post, valid_from=LATER
    )
    for act in (correct, lambda actor, person: actions.deactivate_person(actor, person=person)):
        with pytest.raises(Forbidden, match="outside of what you administer"):
            act(below, cast.county.person)
    elsewhere.delete()
    actions.deactivate_person(below, person=cast.county.person)


def test_who_once_worked_there_is_not_taken_over(cast: Cast):
    below = administering(cast, cast.prefecture)
    Holding.objects.create(
        person=cast.top.person, post=cast.county.post,
        valid_from=date(2010, 1, 1), valid_to=date(2011, 1, 1),
    )  # fmt: skip
    with pytest.raises(Forbidden):
        actions.reset_password(
            below, person=cast.top.person, encoded="!", one_time_until=clock.now()
        )


def test_a_person_out_of_sight_does_not_exist(cast: Cast):
    with pytest.raises(NotFound):
        correct(administering(cast, cast.prefecture), cast.sibling.person)


def test_nobody_administers_himself_or_who_audits(cast: Cast):
    actor = cast.administrator.actor
    with pytest.raises(Forbidden, match="administers himself"):
        actions.deactivate_person(actor, person=cast.administrator.person)
    for act in (actions.deactivate_person, actions.blank_person):
        with pytest.raises(Forbidden, match="sees everything"):
            act(actor, person=cast.auditor.person)
    with pytest.raises(Forbidden, match="sees everything"):
        actions.end_holding(actor, holding=holding_of(cast.auditor), valid_to=today())
    with pytest.raises(Forbidden, match="sees everything"):
        actions.end_body(actor, body=cast.auditor.body, valid_to=today())
    actions.deactivate_person(SYSTEM, person=cast.auditor.person)


def test_everything_that_cannot_be_stored_is_named_at_once(cast: Cast):
    identity = actions.Identity("李 四", name="名" * 121, email="nobody")
    with pytest.raises(Invalid) as refused:
        actions.create_person(cast.administrator.actor, identity=identity, encoded="!")
    assert {each.field for each in refused.value.problems} == {"login", "name", "email"}


def test_what_was_seen_standing_protects_a_correction(cast: Cast):
    person = cast.county.person
    seen = actions.identity_of(person, PersonDetails.objects.get(person=person)).code
    correct(SYSTEM, person, name="甲")
    with pytest.raises(Conflict, match="meanwhile"):
        actions.correct_person(
            SYSTEM, person=person, identity=actions.Identity("county", name="乙"), seen=seen
        )
    body = JournalEntry.objects.get(verb="person.correct").body
    assert "甲" not in body


# -- time in posts -----------------------------------------------------------------------------


def test_an_end_is_moved_only_as_it_was_seen(cast: Cast):
    holding = holding_of(cast.county)
    actions.end_holding(SYSTEM, holding=holding, valid_to=LATER)
    with pytest.raises(Conflict, match="2030-01-01"):
        actions.end_holding(SYSTEM, holding=holding, valid_to=date(2029, 1, 1))
    moved = actions.end_holding(SYSTEM, holding=holding, valid_to=date(2029, 1, 1), seen=LATER)
    assert moved.valid_to == date(2029, 1, 1)


def test_an_end_is_undone_unless_the_post_is_held_again(cast: Cast):
    holding = holding_of(cast.county)
    actions.end_holding(SYSTEM, holding=holding, valid_to=today())
    assert actions.reopen_holding(SYSTEM, holding=holding, seen=today()).valid_to is None
    actions.end_holding(SYSTEM, holding=holding, valid_to=today())
    actions.appoint_person(
        SYSTEM, person=cast.county.person, post=cast.county.post, valid_from=today()
    )
    with pytest.raises(Conflict, match="already"):
        actions.reopen_holding(SYSTEM, holding=holding, seen=today())


def test_nobody_reopens_his_own_post(cast: Cast):
    former = holding_of(cast.former)
    Post.objects.filter(pk=cast.administrator.post.pk).update(duties=["administer"])
    Holding.objects.filter(pk=former.pk).update(person=cast.administrator.person)
    with pytest.raises(Forbidden, match="appoints himself"):
        actions.reopen_holding(
            cast.administrator.actor,
            holding=Holding.objects.get(pk=former.pk),
            seen=date(2022, 1, 1),
        )


# -- bodies --------------------------------------------------------------------------------------


def test_a_body_ends_with_its_relations_and_the_time_in_its_posts(cast: Cast):
    body = cast.bodies["n11-government"]
    later = actions.appoint_person(
        SYSTEM, person=cast.county.person, post=cast.prefecture.post, valid_from=LATER
    )
    actions.end_body(cast.administrator.actor, body=body, valid_to=today())
    assert not Relation.objects.filter(subordinate=body, valid_to__isnull=True).exists()
    assert not Relation.objects.filter(superior=body, valid_to__isnull=True).exists()
    assert holding_of(cast.prefecture).valid_to == today()
    later.refresh_from_db()
    assert later.valid_to == later.valid_from, "it never begins"
    with pytest.raises(Conflict):
        actions.appoint_person(
            SYSTEM, person=cast.sibling.person, post=cast.prefecture.post, valid_from=today()
        )
    with pytest.raises(Conflict):
        actions.create_post(SYSTEM, body=body, key="x", title_en="X", duties=[])
    with pytest.raises(Conflict, match="already"):
        actions.end_body(SYSTEM, body=Body.objects.get(pk=body.pk), valid_to=LATER)


def test_relations_do_not_overlap_or_go_both_ways(cast: Cast):
    above, below = cast.bodies["n1-government"], cast.bodies["n11-government"]
    for superior, subordinate in ((above, below), (below, above)):
        with pytest.raises(Conflict):
            actions.relate_bodies(
                SYSTEM, superior=superior, subordinate=subordinate,
                kind=RelationKind.LEADS, valid_from=LATER,
            )  # fmt: skip
    relation = Relation.objects.get(superior=above, subordinate=below)
    actions.end_relation(SYSTEM, relation=relation, valid_to=LATER)
    actions.relate_bodies(
        SYSTEM, superior=above, subordinate=below, kind=RelationKind.LEADS, valid_from=LATER
    )
    with pytest.raises(Conflict, match="meanwhile"):
        actions.end_relation(SYSTEM, relation=relation, valid_to=today())


NAMES: dict[str, Any] = {
    "name_en": "Council", "name_zh": "国务院", "short_en": "", "short_zh": "",
}  # fmt: skip


def test_names_are_corrected_with_the_other_names(cast: Cast):
    body = cast.bodies["cabinet"]
    actions.correct_body(SYSTEM, body=body, aliases=["a", "b", "a", " "], **NAMES)
    actions.correct_body(SYSTEM, body=body, aliases=["b", "c"], **NAMES)
    assert sorted(body.aliases.values_list("alias", flat=True)) == ["b", "c"]
    with pytest.raises(Invalid):
        actions.correct_body(SYSTEM, body=body, aliases=[], **{**NAMES, **dict.fromkeys(NAMES, "")})


def test_a_small_body_is_marked_as_one_and_stays_so_until_it_is_said(cast: Cast):
    body = cast.bodies["cabinet"]
    for said, stands in ((None, False), (True, True), (None, True), (False, False)):
        actions.correct_body(SYSTEM, body=body, aliases=[], **NAMES, one_step=said)
        body.refresh_from_db()
        assert body.one_step is stands


def test_the_form_marks_a_small_body(cast: Cast):
    browser = Client()
    browser.force_login(cast.administrator.person)
    address = "/bodies/n111-government/correct"
    form = {"name_en": "N111 Government", "signing": "one_step"}
    assert "one person may prepare and sign" in browser.get(address).content.decode()
    assert browser.post(address, form).status_code == 302
    assert Body.objects.get(key="n111-government").one_step
    page = browser.get("/bodies/n111-government/").content.decode()
    assert "one person may prepare and sign" in page


@pytest.mark.parametrize("key", ["", "UPPER", "发改委", "-x", "a b"])
def test_a_key_that_no_address_can_bear_is_refused(cast: Cast, key: str):
    with pytest.raises(Invalid):
        actions.create_body(SYSTEM, key=key, kind=BodyKind.OFFICE, name_en="New")


# -- pages ---------------------------------------------------------------------------------------


@pytest.fixture
def client(cast: Cast) -> Client:
    browser = Client()
    browser.force_login(cast.administrator.person)
    return browser


def test_a_refused_form_keeps_what_was_typed(client: Client, cast: Cast):
    form = {"key": "Not A Key", "name_zh": "某委", "kind": "office", "aliases": "一\n二"}
    answer = client.post("/new-body/", form | {"place": str(cast.places["N1"].pk)})
    text = answer.content.decode()
    assert answer.status_code == 422
    for kept in ("Not A Key", "某委", "一\n二", '<option value="office" selected'):
        assert kept in text
    assert f'name="place" value="{cast.places["N1"].pk}" checked' in text
    assert 'href="#field-key"' in text


def test_looking_for_a_choice_does_nothing_and_loses_nothing(client: Client, cast: Cast):
    form = {
        "person": cast.county.person.opaque, "post-words": "n11-government", "find": "post",
        "valid_from": "2024-05-06", "valid_to": "nonsense",
    }  # fmt: skip
    answer = client.post("/appointment/", form)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not JournalEntry.objects.filter(verb="person.appoint").exists()
    assert f'value="{cast.prefecture.post.pk}"' in text
    assert f'value="{cast.county.person.opaque}" checked' in text
    assert "2024-05-06" in text


def test_a_draft_is_filled_in_and_removed_by_the_act(client: Client, cast: Cast):
    Draft.objects.create(
        person=cast.administrator.actor.person, form="body:new", url="/new-body/", title="New body",
        content={"name_zh": ["草稿里的名"]}, updated_at=clock.now(),
    )  # fmt: skip
    assert "草稿里的名" in client.get("/new-body/").content.decode()
    form = {"key": "new", "name_zh": "某委", "kind": "office", "place": cast.places["N1"].pk}
    assert client.post("/new-body/", form).status_code == 302
    assert not Draft.objects.exists()


def test_who_was_slower_is_told_and_may_then_insist(client: Client, cast: Cast):
    holding = holding_of(cast.county)
    actions.end_holding(SYSTEM, holding=holding, valid_to=LATER)
    form = {"valid_to": "2029-01-01", "seen": ""}
    answer = client.post(f"/holdings/{holding.pk}/end", form)
    assert answer.status_code == 409
    assert 'name="seen" value="2030-01-01"' in answer.content.decode()
    form["seen"] = "2030-01-01"
    assert client.post(f"/holdings/{holding.pk}/end", form).status_code == 302
    assert holding_of(cast.county).valid_to == date(2029, 1, 1)


def test_forgetting_asks_for_the_login(client: Client, cast: Cast):
    address = f"/people/{cast.county.person.opaque}/forget"
    assert "1 post held ends today." in client.get(address).content.decode()
    assert client.post(address, {"login": "prefecture"}).status_code == 409
    assert client.post(address, {"login": "county"}).status_code == 302
    page = client.get(f"/people/{cast.county.person.opaque}/").content.decode()
    assert "A person who was forgotten" in page
    assert "姓名 county" not in page


def test_a_person_elsewhere_is_shown_with_the_posts_in_reach(cast: Cast):
    administering(cast, cast.prefecture)
    actions.appoint_person(
        SYSTEM, person=cast.county.person, post=cast.sibling.post, valid_from=LATER
    )
    browser = Client()
    browser.force_login(cast.prefecture.person)
    text = browser.get(f"/people/{cast.county.person.opaque}/").content.decode()
    assert "N111 Government" in text
    assert "N2 Government" not in text
    assert "outside of what you administer" in text


@pytest.mark.parametrize(
    ("query", "logins"),
    [
        ({"words": "姓名 county"}, {"county"}),
        ({"words": "count"}, {"county"}),
        ({"body": "lead-agency"}, {"coordinator"}),
        ({"state": "without-post"}, {"former"}),
        ({"state": "inactive"}, {"sibling"}),
        ({"state": "one-time"}, {"top"}),
    ],
)
def test_people_are_filtered(client: Client, cast: Cast, query, logins):
    Person.objects.filter(login="sibling").update(is_active=False)
    Person.objects.filter(login="top").update(one_time_until=clock.now() + timedelta(days=1))
    rows = client.get("/people/", query).context["rows"]
    assert {row.person.login for row in rows} == logins


def test_bodies_of_other_countries_are_not_mixed_in(client: Client, cast: Cast):
    Body.objects.create(key="stateless", name_en="Stateless", kind="other")
    keys = {row.body.key for row in client.get("/bodies/").context["rows"]}
    assert "stateless" not in keys
    assert "cabinet" in keys
    every = {row.body.key for row in client.get("/bodies/", {"scheme": "all"}).context["rows"]}
    assert every == keys | {"stateless"}
    below = client.get("/bodies/", {"place": "N11"}).context["rows"]
    assert {row.body.key for row in below} == {"n11-government", "n111-government"}
