"""Progress with evidence: inside the body, then up, and at the end the closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import APPOINTED, Member
from tests.world import World
from throughline.bodies.models import Holding, Person, PersonDetails, Post
from throughline.cascade import actions
from throughline.cascade.models import Assignment, Milestone, ProgressReport
from throughline.cascade.permissions import LEADER
from throughline.cascade.queries import assignment_by_id, milestones_of, reports_visible_to
from throughline.cascade.tests.steps import LATER, again, element, lay, taken_on
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.plans.models import Element

LINK = actions.Proof(title="The register", url="https://example.org/register")


def colleague(world: World, member: str = "province") -> Actor:
    """Another person in the body of a member of the cast, with the same duties."""
    beside: Member = getattr(world.cast, member)
    post = Post.objects.create(body=beside.body, key="second", duties=beside.post.duties)
    person = Person.objects.create(login=f"second-{member}", password="!")
    PersonDetails.objects.create(person=person)
    Holding.objects.create(post=post, person=person, valid_from=APPOINTED)
    return replace(beside.actor, person=person.opaque, post=post.pk)


def prepared(world: World, row: Assignment, kind: str = "progress", **more) -> ProgressReport:
    actor = world.cast.province.actor
    return actions.prepare_report(actor, assignment=row, kind=kind, text="Half is done", **more)


def signed(world: World, report: ProgressReport, second: Actor) -> ProgressReport:
    actions.review_report(second, report=report)
    return actions.sign_report(world.cast.province.actor, report=report)


@pytest.fixture
def row(world):
    return taken_on(world, lay(world, "n1-government"))


def test_a_report_goes_through_the_body_and_then_up(world, row):
    second = colleague(world)
    report = prepared(world, row, evidence=[LINK])
    with pytest.raises(Conflict, match="reviewed"):
        actions.sign_report(world.cast.province.actor, report=report)
    with pytest.raises(Forbidden) as refused:
        actions.review_report(world.cast.province.actor, report=report)
    assert refused.value.rule == "cascade.another"
    signed(world, report, second)
    assert Notice.objects.get(kind="progress-signed").body.key == "lead-agency"
    actions.accept_report(world.cast.coordinator.actor, report=report)
    assert again(row).started_at is not None
    assert again(row).closed_at is None


def test_a_small_body_may_sign_in_one_step(world, row):
    world.cast.province.body.one_step = True
    world.cast.province.body.save()
    report = prepared(world, row)
    actions.sign_report(world.cast.province.actor, report=report)
    report.refresh_from_db()
    assert report.step == "signed"


def test_in_one_step_one_person_prepares_and_signs_with_one_entry(world, row):
    province = world.cast.province
    said = {"assignment": row, "kind": "completion", "text": "Done", "evidence": [LINK]}
    with pytest.raises(Conflict, match="one-step"):
        actions.prepare_and_sign(province.actor, **said)
    assert not ProgressReport.objects.exists()
    province.body.one_step = True
    province.body.save()
    before = JournalEntry.objects.count()
    report = actions.prepare_and_sign(province.actor, **said)
    assert (report.step, report.signed_by) == ("signed", province.actor.person)
    assert report.evidence.count() == 1
    assert JournalEntry.objects.count() == before + 1
    assert reports_visible_to(world.cast.coordinator.actor).filter(pk=report.pk).exists()


def test_the_form_offers_one_step_only_where_the_body_has_set_it(world, row):
    browser = Client()
    browser.force_login(world.cast.province.person)
    address = reverse("prepare-report", args=[row.pk])
    sent = {"kind": "progress", "text": "Half of it", "then": "sign"}
    assert "Prepare and sign" not in browser.get(address).content.decode()
    refused = browser.post(address, sent)
    assert refused.status_code == 409
    assert "Half of it" in refused.content.decode()
    world.cast.province.body.one_step = True
    world.cast.province.body.save()
    assert "Prepare and sign" in browser.get(address).content.decode()
    browser.post(address, sent)
    assert ProgressReport.objects.get().step == "signed"


def test_a_post_that_does_not_sign_is_told_who_does_where_one_step_is_set(world, row):
    browser = Client()
    browser.force_login(world.cast.province.person)
    address = reverse("prepare-report", args=[row.pk])
    world.cast.province.body.one_step = True
    world.cast.province.body.save()
    post = Post.objects.get(pk=world.cast.province.actor.post)
    assert "this post does not sign for it" not in browser.get(address).content.decode()
    post.duties = [each for each in post.duties if each not in LEADER]
    post.save()
    shown = browser.get(address).content.decode()
    assert "this post does not sign for it" in shown
    assert "Prepare and sign" not in shown


def test_what_is_not_signed_is_the_bodys_own(world, row):
    report = prepared(world, row)
    for name, sees in (("province", True), ("auditor", True), ("coordinator", False)):
        actor = getattr(world.cast, name).actor
        assert reports_visible_to(actor).filter(pk=report.pk).exists() is sees
    signed(world, report, colleague(world))
    assert reports_visible_to(world.cast.coordinator.actor).filter(pk=report.pk).exists()
    assert not reports_visible_to(world.cast.sibling.actor).filter(pk=report.pk).exists()


def test_what_is_returned_says_why_and_is_prepared_again(world, row):
    second = colleague(world)
    report = signed(world, prepared(world, row), second)
    with pytest.raises(Invalid):
        actions.return_report(world.cast.coordinator.actor, report=report, reason=" ")
    actions.return_report(world.cast.coordinator.actor, report=report, reason="Where?")
    assert Notice.objects.get(kind="progress-returned").facts["words"] == "Where?"
    same = prepared(world, row, evidence=[LINK])
    assert same.pk == report.pk
    assert same.step == "draft"
    signed(world, same, second)
    with pytest.raises(Conflict):
        prepared(world, row)


def test_a_task_is_closed_on_evidence_only(world, row):
    with pytest.raises(Invalid) as refused:
        prepared(world, row, "completion")
    assert refused.value.problems[0].field == "evidence"
    report = signed(world, prepared(world, row, "completion", evidence=[LINK]), colleague(world))
    actions.accept_report(world.cast.coordinator.actor, report=report)
    assert again(row).closed_at is not None
    with pytest.raises(Conflict, match="closed"):
        prepared(world, again(row))


def test_evidence_is_a_file_a_figure_or_a_link_that_is_named(world, row):
    faulty = [
        actions.Proof(title="", url="https://example.org"),
        actions.Proof(title="Nothing"),
        actions.Proof(title="Link", url="javascript:alert(1)"),
        actions.Proof(title="Figure", indicator=world.indicators["jobs"], period="last year"),
    ]
    with pytest.raises(Invalid) as refused:
        prepared(world, row, evidence=faulty)
    assert {problem.place for problem in refused.value.problems} == {
        f"evidence {number}" for number in (1, 2, 3, 4)
    }
    figure = actions.Proof(
        title="Jobs", indicator=world.indicators["jobs"], place=world.cast.places["N1"],
        period="2021",
    )  # fmt: skip
    file = actions.Proof(title="The list", file=world.file)
    report = prepared(world, row, evidence=[figure, file, LINK])
    assert [each.kind for each in report.evidence.all()] == ["figure", "file", "link"]


def test_a_reform_measure_is_piloted_evaluated_and_extended_in_this_order(world):
    Element.objects.filter(key="task").update(kind="reform_measure")
    row = taken_on(world, lay(world, "n1-government"))
    second = colleague(world)
    for kind in ("evaluated", "extended", "completion"):
        with pytest.raises(Invalid):
            prepared(world, row, kind, evidence=[LINK])
    for kind in ("pilot", "evaluated", "extended", "completion"):
        report = signed(world, prepared(world, row, kind, evidence=[LINK]), second)
        actions.accept_report(world.cast.coordinator.actor, report=report)
    assert again(row).closed_at is not None


def test_steps_are_set_anew_and_those_that_are_done_stay(world, row):
    actor = world.cast.province.actor
    nodes = [
        actions.Node(title="Survey", due=LATER - timedelta(days=100)),
        actions.Node(title="Works", due=LATER, after=0),
    ]
    actions.set_milestones(actor, assignment=row, nodes=nodes)
    survey, works = milestones_of(row)
    assert works.after == survey
    report = signed(world, prepared(world, row, done=[survey]), colleague(world))
    actions.accept_report(world.cast.coordinator.actor, report=report)
    survey.refresh_from_db()
    assert survey.done_at is not None
    actions.set_milestones(
        actor, assignment=row, nodes=[actions.Node(title="All works", due=LATER)]
    )
    assert [each.title for each in milestones_of(row)] == ["Survey", "All works"]
    assert Milestone.objects.count() == 3
    with pytest.raises(Invalid) as refused:
        actions.set_milestones(
            actor, assignment=row, nodes=[actions.Node(title="", due=LATER, after=3)]
        )
    assert len(refused.value.problems) == 2


def test_a_task_that_nobody_took_on_is_not_reported_on(world):
    row = lay(world, "n1-government")
    with pytest.raises(Conflict):
        prepared(world, row)


@pytest.mark.parametrize("name", ["sibling", "county", "coordinator", "auditor"])
def test_nobody_else_reports_for_a_body(world, row, name):
    actor = getattr(world.cast, name).actor
    with pytest.raises(Forbidden):
        actions.prepare_report(actor, assignment=row, kind="progress", text="All is done")


def test_only_the_body_that_laid_out_the_task_accepts(world, row):
    report = signed(world, prepared(world, row), colleague(world))
    for name in ("province", "sibling", "leads", "auditor"):
        with pytest.raises(Forbidden):
            actions.accept_report(getattr(world.cast, name).actor, report=report)
    assert assignment_by_id(world.cast.coordinator.actor, row.pk).element == element(world)
