"""Remarks, attachments and following, by the cast."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.cast import Member
from tests.world import World, build_world
from throughline.bodies.queries import standing_of
from throughline.figures.actions import record_observation
from throughline.figures.subjects import indicator_subject, place_subject
from throughline.files.storage import store
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.memory import remembering
from throughline.kernel.models import Draft, JournalEntry
from throughline.kernel.period import Period
from throughline.plans.subjects import element_subject
from throughline.subjects import actions
from throughline.subjects.kinds import KINDS, subject_visible_to
from throughline.subjects.models import Attachment, Following, Remark
from throughline.subjects.queries import (
    attachments_visible_to,
    changes_of,
    presence_of,
    remarks_visible_to,
)
from throughline.subjects.rules import LONGEST_REMARK, Audience
from throughline.subjects.viewing import followed, panel

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The world, in which nobody follows anything yet."""
    built = build_world()
    Following.objects.all().delete()
    return built


TASK = element_subject("growth", "task", "Task")


def remark(by: Member, text: str = "The date is wrong.", audience: str = "all") -> Remark:
    return actions.add_remark(by.actor, subject=TASK, text=text, audience=audience)


def seers(world: World) -> set[str]:
    return {name for name, member in world.cast if remarks_visible_to(member.actor, TASK).exists()}


def test_a_remark_is_on_record_with_its_words(world: World) -> None:
    made = remark(world.cast.county)
    entry = JournalEntry.objects.latest("position")
    assert (entry.verb, entry.subject) == ("remark.add", f"subjects.remark:{made.pk}")
    assert "The date is wrong." in entry.body


def test_a_remark_for_all_is_seen_by_all_who_work_on_plans(world: World) -> None:
    remark(world.cast.county)
    every = {name for name, _member in world.cast}
    assert seers(world) == every - {"administrator", "former", "nobody"}


def test_a_remark_for_the_line_is_not_seen_beside_it(world: World) -> None:
    remark(world.cast.county, audience=Audience.LINE)
    assert {"county", "prefecture", "province", "coordinator", "auditor"} <= seers(world)
    assert "sibling" not in seers(world)


def test_a_remark_for_the_body_stays_there(world: World) -> None:
    remark(world.cast.county, audience=Audience.BODY)
    assert seers(world) == {"county", "auditor"}


@pytest.mark.parametrize("name", ["administrator", "former"])
def test_who_works_on_no_plan_says_nothing(world: World, name: str) -> None:
    with pytest.raises(Forbidden, match="post"):
        remark(getattr(world.cast, name))


@pytest.mark.parametrize(
    ("text", "audience", "field"),
    [(" \r\n ", "all", "text"), ("a" * (LONGEST_REMARK + 1), "all", "text"), ("a", "", "audience")],
)
def test_what_is_wrong_is_named_by_its_field(
    world: World, text: str, audience: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        remark(world.cast.county, text, audience)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_its_author_takes_it_back_once(world: World) -> None:
    made = remark(world.cast.county)
    actions.withdraw_remark(world.cast.county.actor, remark=made)
    with pytest.raises(Conflict):
        actions.withdraw_remark(world.cast.county.actor, remark=made)


def test_another_body_does_not_take_it_back(world: World) -> None:
    made = remark(world.cast.county)
    with pytest.raises(Forbidden):
        actions.withdraw_remark(world.cast.province.actor, remark=made)


def test_one_file_stands_once_a_body(world: World) -> None:
    file = store(BytesIO(b"minutes"), "minutes.docx")
    for member in (world.cast.county, world.cast.province):
        actions.add_attachment(
            member.actor, subject=TASK, file=file, name="minutes.docx", audience="line"
        )
    with pytest.raises(Conflict):
        actions.add_attachment(
            world.cast.county.actor, subject=TASK, file=file, name="again.docx", audience="all"
        )
    seen = attachments_visible_to(world.cast.sibling.actor, TASK)
    assert not seen.exists()


def test_what_was_taken_away_can_be_attached_again(world: World) -> None:
    file = store(BytesIO(b"minutes"), "minutes.docx")
    county = world.cast.county.actor
    for _time in range(2):
        made = actions.add_attachment(
            county, subject=TASK, file=file, name="minutes.docx", audience="all"
        )
        actions.withdraw_attachment(county, attachment=made)
    assert Attachment.objects.filter(key=TASK.key, withdrawn_at__isnull=False).count() == 2


# -- subjects ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("plan", "growth"), ("element", "growth/task"), ("indicator", "land/jobs"),
        ("place", "land/N111"),
    ],
)  # fmt: skip
def test_every_kind_of_subject_is_found_under_its_key(world: World, kind: str, key: str) -> None:
    found = subject_visible_to(world.cast.county.actor, kind, key)
    assert (found.kind, found.key) == (kind, key)
    assert set(KINDS) >= {kind}


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("plan", "secret"), ("element", "secret/task"), ("element", "growth"),
        ("indicator", "land/none"), ("indicator", "none/jobs"), ("place", "land/X"),
        ("unknown", "a"), ("plan", "a\x00"), ("plan", "a" * 300), ("place", ""),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(world: World, kind: str, key: str) -> None:
    with pytest.raises(NotFound):
        subject_visible_to(world.cast.county.actor, kind, key)


# -- following -----------------------------------------------------------------------------


def change_jobs(world: World) -> None:
    county = world.cast.county
    record_observation(
        county.actor, series=world.series["jobs-reported"], place=world.cast.places["N111"],
        period=Period.parse("2021"), value=99.0, status="unreviewed", note="counted again",
        supersedes=world.standing("jobs-reported", "N111", "2021").pk,
    )  # fmt: skip


def news_of(member: Member) -> list[str]:
    found, _gone = followed(member.actor)
    return [event.text for each in found for event in each.news]


def test_who_follows_an_indicator_is_told_of_its_figures(world: World) -> None:
    jobs = indicator_subject(world.indicators["jobs"])
    for member in (world.cast.province, world.cast.sibling):
        actions.follow_subject(member.actor, subject=jobs)
        actions.follow_subject(member.actor, subject=jobs)
    assert Following.objects.count() == 2
    assert news_of(world.cast.province) == []
    change_jobs(world)
    assert news_of(world.cast.province) == ["1 figure was recorded or changed."]
    assert news_of(world.cast.sibling) == [], "the figure is for the line of N111"


def test_a_place_is_followed_too_and_read_news_are_put_aside(world: World) -> None:
    county = world.cast.prefecture
    actions.follow_subject(county.actor, subject=place_subject(world.cast.places["N111"]))
    change_jobs(world)
    seen = JournalEntry.objects.latest("position").position
    assert len(news_of(county)) == 1
    actions.mark_read(county.actor, position=seen)
    assert news_of(county) == []
    change_jobs_back(world)
    assert len(news_of(county)) == 1


def change_jobs_back(world: World) -> None:
    world.observe(JournalEntry.objects.latest("position").act, "jobs-reported", "N111", "2023")


def test_remarks_of_others_are_news_and_own_ones_are_not(world: World) -> None:
    actions.follow_subject(world.cast.province.actor, subject=TASK)
    remark(world.cast.county)
    remark(world.cast.province)
    changes = changes_of(world.cast.province.actor, TASK, 0)
    assert len([each for each in changes if "The date is wrong." in each.text]) == 1


def test_what_one_follows_is_nobody_elses_business(world: World) -> None:
    actions.follow_subject(world.cast.province.actor, subject=TASK)
    assert followed(world.cast.coordinator.actor) == ([], [])
    actions.unfollow_subject(world.cast.coordinator.actor, subject=TASK)
    assert Following.objects.count() == 1


# -- pages ---------------------------------------------------------------------------------


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.person)
    return client


def test_a_remark_made_on_the_page_stands_on_the_element(world: World) -> None:
    county = browser(world.cast.county)
    address = reverse("add-remark", args=["element", "growth/task"])
    Draft.objects.create(
        person=world.cast.county.actor.person, form="remark:element:growth/task", url="/",
        title="t", content={"text": ["half"]}, updated_at=JournalEntry.objects.latest("at").at,
    )  # fmt: skip
    page = county.get(reverse("beside", args=["element", "growth/task"])).content.decode()
    assert "half</textarea>" in page
    assert county.post(address, {"text": "Too late.", "audience": "line"}).status_code == 302
    assert not Draft.objects.filter(form="remark:element:growth/task").exists()
    element = county.get(reverse("element", args=["growth", "task"])).content.decode()
    assert "Too late." in element


def test_what_was_refused_stays_in_the_form(world: World) -> None:
    address = reverse("add-remark", args=["element", "growth/task"])
    answer = browser(world.cast.county).post(address, {"text": "Kept.", "audience": "nobody"})
    assert answer.status_code == 422
    assert "Kept.</textarea>" in answer.content.decode()


def test_a_file_comes_back_as_it_was_and_is_never_run(world: World) -> None:
    county = browser(world.cast.county)
    sent = SimpleUploadedFile("page.html", b"<script>alert(1)</script>", "text/html")
    address = reverse("add-attachment", args=["place", "land/N111"])
    assert county.post(address, {"file": sent, "for": "all"}).status_code == 302
    answer = county.get(reverse("attachment", args=[Attachment.objects.latest("id").pk]))
    assert isinstance(answer, FileResponse)
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_no_file_is_a_fault_of_its_field(world: World) -> None:
    address = reverse("add-attachment", args=["place", "land/N111"])
    answer = browser(world.cast.county).post(address, {"for": "all"})
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()


def test_an_address_elsewhere_is_no_way_back(world: World) -> None:
    address = reverse("follow-subject", args=["plan", "growth"])
    for wanted in ("//evil.example/", "https://evil.example/", "javascript:alert(1)"):
        answer = browser(world.cast.county).post(address, {"next": wanted})
        assert answer["Location"] == "/plans/growth/#beside"


def test_a_followed_plan_that_vanished_can_be_left(world: World) -> None:
    county = world.cast.county
    Following.objects.create(
        person=county.actor.person, kind="plan", key="gone",
        since=JournalEntry.objects.latest("at").at,
    )  # fmt: skip
    client = browser(county)
    assert "no longer there" in client.get(reverse("followed")).content.decode()
    answer = client.post(reverse("unfollow-subject", args=["plan", "gone"]))
    assert answer.status_code == 302
    assert not Following.objects.exists()


# -- what the page of a subject shows beside it ---------------------------------------------


def test_where_nothing_stands_nobody_asks_who_may_see_it(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    strand = element_subject("growth", "strand", "Strand")
    with remembering():
        standing_of(world.cast.leads.actor)
        with django_assert_num_queries(1):
            shown = panel(world.cast.leads.actor, strand)
    assert (shown.remarks, shown.attachments, shown.followed) == ([], [], False)


@pytest.mark.parametrize("audience", list(Audience))
def test_each_is_shown_what_is_there_for_him(world: World, audience: Audience) -> None:
    county = world.cast.county
    actions.withdraw_remark(county.actor, remark=remark(county, audience=audience))
    actions.add_attachment(
        county.actor,
        subject=TASK,
        file=store(BytesIO(b"minutes"), "minutes.docx"),
        name="minutes.docx",
        audience=audience,
    )
    actions.follow_subject(county.actor, subject=TASK)
    for name, member in world.cast:
        shown = panel(member.actor, TASK)
        assert shown.total == remarks_visible_to(member.actor, TASK).count(), name
        attached = attachments_visible_to(member.actor, TASK)
        assert len(shown.attachments) == attached.count(), name
        assert shown.followed is (name == "county"), name
    assert panel(county.actor, TASK).total


def test_what_was_taken_away_is_not_asked_for(world: World) -> None:
    county = world.cast.county.actor
    made = actions.add_attachment(
        county,
        subject=TASK,
        file=store(BytesIO(b"minutes"), "minutes.docx"),
        name="minutes.docx",
        audience="all",
    )
    assert presence_of(county, TASK).attachments
    actions.withdraw_attachment(county, attachment=made)
    assert not presence_of(county, TASK).attachments
