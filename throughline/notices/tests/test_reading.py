"""Who gets what, in a successor's hands too, and what reading does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import APPOINTED, DISMISSED, Cast, Member
from throughline.bodies.models import Holding, Person, PersonDetails, Post, Relation
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel import clock, journal
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.memory import remembering
from throughline.kernel.models import JournalEntry
from throughline.notices import pages
from throughline.notices.actions import read_all_notices, read_notice
from throughline.notices.models import Notice, Reading
from throughline.notices.queries import inbox_of, notices_visible_to, unread_count
from throughline.notices.sending import Telling, notify_all
from throughline.notices.tests.test_sending import perform

pytestmark = pytest.mark.django_db


def tell(cast: Cast, member: str, *, times: int = 1, **more: object) -> list[Notice]:
    """The body of one of the cast is told something by the leading department."""
    told: Member = getattr(cast, member)
    found: list[Notice] = perform(
        cast.leads.actor,
        lambda act: notify_all(
            act,
            [
                Telling(
                    to=told.body, kind="reminder", subject=f"plan:p{number}", url="/plans/",
                    facts={"title_en": f"Jobs {number}", "title_zh": f"就业{number}"},
                    **more,  # type: ignore[arg-type]
                )
                for number in range(times)
            ],
        ),
    )  # fmt: skip
    return found


def colleague(cast: Cast, member: str, *duties: Duty) -> Actor:
    """Somebody else in the body of one of the cast."""
    beside: Member = getattr(cast, member)
    post = Post.objects.create(
        body=beside.body, key=f"second-{Post.objects.count()}", title_en="Second",
        duties=list(duties or (Duty.READ,)),
    )  # fmt: skip
    person = Person.objects.create(login=f"colleague{post.pk}", password="!")
    PersonDetails.objects.create(person=person, name="同事")
    Holding.objects.create(post=post, person=person, valid_from=APPOINTED)
    return replace(beside.actor, person=person.opaque, post=post.pk)


def getters(cast: Cast) -> set[str]:
    return {name for name, member in cast if notices_visible_to(member.actor).exists()}


def agree(actor: Actor) -> int:
    """What list, count and query say of an inbox in which nothing was read: the same."""
    counts = {
        notices_visible_to(actor).count(), unread_count(actor), inbox_of(actor).total,
        inbox_of(actor, unread=True).total, len(inbox_of(actor).lines),
    }  # fmt: skip
    assert len(counts) == 1
    return counts.pop()


# -- whose inbox it is in --------------------------------------------------------------------


def test_a_body_is_told_and_nobody_else_not_even_audit(cast: Cast) -> None:
    tell(cast, "county")
    assert getters(cast) == {"county"}
    assert agree(SYSTEM) == 0


def test_those_who_held_a_post_get_nothing_any_more(cast: Cast) -> None:
    tell(cast, "coordinator")
    assert getters(cast) == {"coordinator"}
    assert agree(cast.former.actor) == 0


def test_who_audits_reads_what_his_own_body_is_told(cast: Cast) -> None:
    tell(cast, "auditor")
    assert getters(cast) == {"auditor"}


def test_a_successor_gets_what_came_before(cast: Cast) -> None:
    tell(cast, "county", post=cast.county.post)
    Holding.objects.filter(post=cast.county.post).update(valid_to=DISMISSED)
    Holding.objects.create(post=cast.county.post, person=cast.sibling.person, valid_from=APPOINTED)
    successor = replace(cast.county.actor, person=cast.sibling.person.opaque)
    assert agree(successor) == 1
    assert agree(cast.county.actor) == 0


def test_all_posts_of_a_body_that_work_on_plans_are_told(cast: Cast) -> None:
    tell(cast, "county")
    assert agree(colleague(cast, "county")) == 1
    assert agree(colleague(cast, "county", Duty.ADMINISTER)) == 0


def test_one_post_alone_is_told(cast: Cast) -> None:
    second = colleague(cast, "county", Duty.ADMINISTER)
    tell(cast, "county", post=Post.objects.get(pk=second.post or 0))
    assert (agree(second), agree(cast.county.actor)) == (1, 0)


def test_one_person_alone_is_told_while_in_the_body(cast: Cast) -> None:
    second = colleague(cast, "county")
    tell(cast, "county", person=second.person)
    assert (agree(second), agree(cast.county.actor)) == (1, 0)
    Holding.objects.create(
        post=cast.sibling.post, valid_from=APPOINTED,
        person=Person.objects.get(opaque=second.person),
    )  # fmt: skip
    elsewhere = replace(cast.sibling.actor, person=second.person)
    assert agree(elsewhere) == 0


def test_an_office_reads_what_the_body_is_told_that_it_is_an_office_of(cast: Cast) -> None:
    office = cast.office.body
    assert office.kind == BodyKind.OFFICE
    Relation.objects.create(superior=cast.leads.body, subordinate=office, kind=RelationKind.LEADS)
    tell(cast, "leads")
    tell(cast, "leads", post=cast.leads.post)
    assert (agree(cast.office.actor), agree(cast.leads.actor)) == (1, 2)


# -- reading ---------------------------------------------------------------------------------


def test_reading_is_ones_own_and_on_record(cast: Cast) -> None:
    [notice, _other] = tell(cast, "county", times=2)
    second = colleague(cast, "county")
    read_notice(cast.county.actor, notice=notice)
    read_notice(cast.county.actor, notice=notice)
    assert (unread_count(cast.county.actor), unread_count(second)) == (1, 2)
    assert Reading.objects.count() == 1
    entry = JournalEntry.objects.filter(verb="notice.read").latest("position")
    assert entry.subject == f"notices.notice:{notice.pk}"
    lines = dict(inbox_of(cast.county.actor).lines)
    assert lines[notice] is True
    assert notice not in dict(inbox_of(cast.county.actor, unread=True).lines)


def test_what_is_not_addressed_to_one_is_not_there_to_be_read(cast: Cast) -> None:
    [notice] = tell(cast, "county")
    with pytest.raises(NotFound):
        read_notice(cast.sibling.actor, notice=notice)


def test_all_are_read_up_to_what_was_on_record_when_one_looked(cast: Cast) -> None:
    tell(cast, "county", times=3)
    looked = journal.head()[0]
    tell(cast, "county")
    assert read_all_notices(cast.county.actor, position=looked) == 3
    assert unread_count(cast.county.actor) == 1
    assert read_all_notices(cast.county.actor, position=looked) == 0


def test_what_came_to_light_later_stays_unread_whatever_its_number(cast: Cast) -> None:
    """A long act that began to tell before, and was committed after one had looked."""
    [late] = tell(cast, "county")
    [seen] = tell(cast, "county")
    acts = {late.pk: seen.act, seen.pk: late.act}
    for notice, act in acts.items():
        Notice.objects.filter(pk=notice).update(act=act)
    position = JournalEntry.objects.get(act=acts[seen.pk]).position
    read_all_notices(cast.county.actor, position=position)
    unread = inbox_of(cast.county.actor, unread=True)
    assert [row.pk for row, _read in unread.lines] == [late.pk]


def test_a_count_is_asked_anew_once_something_was_read(cast: Cast) -> None:
    [notice] = tell(cast, "county")
    with remembering():
        assert unread_count(cast.county.actor) == 1
        read_notice(cast.county.actor, notice=notice)
        assert unread_count(cast.county.actor) == 0


# -- the page and the API ----------------------------------------------------------------------


@pytest.fixture
def client(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.county.person)
    return found


def text(client: Client, **query: str) -> str:
    return client.get(reverse("inbox", query=query)).content.decode()


def test_an_empty_inbox_says_what_would_come(client: Client) -> None:
    assert "Nothing is unread." in text(client)
    assert "Nothing has come yet." in text(client, show="all")


def test_one_click_opens_the_thing_and_marks_it_read(cast: Cast, client: Client) -> None:
    [notice] = tell(cast, "county")
    assert "Indicator: Jobs 0" in text(client)
    answer = client.post(reverse("open-notice", args=[notice.pk]))
    assert (answer.status_code, answer["Location"]) == (302, "/plans/")
    assert "Indicator: Jobs 0" not in text(client)
    assert 'href="/plans/"><b>reminder</b> Indicator: Jobs 0</a>' in text(client, show="all")


def test_it_is_read_in_the_readers_language(cast: Cast, client: Client) -> None:
    tell(cast, "county")
    answer = client.get(reverse("inbox"), headers={"Accept-Language": "zh-hans"})
    assert "就业0" in answer.content.decode()


def test_marking_leads_back_to_where_one_was(cast: Cast, client: Client) -> None:
    [notice] = tell(cast, "county")
    address = reverse("read-notice", args=[notice.pk])
    assert client.post(address, {"next": "/inbox/?page=2"})["Location"] == "/inbox/?page=2"
    assert client.post(address, {"next": "//elsewhere.example"})["Location"] == "/inbox/"


def test_the_bar_counts_what_is_unread(cast: Cast, client: Client) -> None:
    tell(cast, "county", times=3)
    assert 'Inbox<span class="n">3</span>' in text(client)
    shown = journal.head()[0]
    client.post(reverse("read-notices"), {"position": str(shown)})
    assert 'Inbox<span class="n">' not in text(client)


def test_a_long_inbox_has_pages(cast: Cast, client: Client) -> None:
    tell(cast, "county", times=pages.PAGE + 1)
    assert "Jobs 30" in text(client)
    assert "Jobs 0<" in text(client, page="2")
    assert "Jobs 0<" in text(client, page="99"), "the last page there is"


def test_notices_stand_by_day_the_last_first(cast: Cast) -> None:
    now = clock.now()
    old, new, newer = tell(cast, "county", times=3)
    for notice, ago in ((old, 2), (new, 0), (newer, 2)):
        notice.at = now - timedelta(days=ago)
    lines = [pages._line(notice, False, now) for notice in (newer, new, old)]
    days = pages._days(lines, lines[1].day)
    assert [[line.notice for line in day.lines] for day in days] == [[new], [newer, old]]
    assert [day.is_today for day in days] == [True, False]


def test_the_api_gives_what_the_page_shows(cast: Cast, client: Client) -> None:
    first, second = tell(cast, "county", times=2)
    found = client.get("/api/notices", {"limit": 1}).json()
    assert [each["id"] for each in found["notices"]] == [second.pk]
    assert (found["unread"], found["notices"][0]["title"]) == (2, "Indicator: Jobs 1")
    more = client.get("/api/notices", {"before": second.pk}).json()
    assert [each["id"] for each in more["notices"]] == [first.pk]
    assert client.post(f"/api/notices/{first.pk}/read").json()["read"] is True
    answer = client.post(f"/api/notices/read?position={found['position']}")
    assert answer.json() == {"read": 1}
    assert client.get("/api/notices", {"unread": "true"}).json()["notices"] == []
