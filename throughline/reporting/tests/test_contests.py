"""A locality contests a figure about itself, and its producer answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.cast import Member
from tests.world import World
from throughline.bodies.rules import Duty
from throughline.figures.actions import record_observation
from throughline.figures.marking import marks_at, said_of
from throughline.figures.models import Observation
from throughline.figures.queries import observations_visible_to
from throughline.files.storage import store
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.work import Group
from throughline.notices.models import Notice
from throughline.reporting.actions import (
    Exhibit,
    answer_contest,
    check_report,
    contest_value,
    prepare_report,
    review_report,
    sign_report,
    withdraw_contest,
)
from throughline.reporting.models import Contest, Report
from throughline.reporting.queries import contest_by_id, contests_visible_to, giver_of
from throughline.reporting.rules.contesting import ContestKind, ContestState, Verdict
from throughline.reporting.tests.country import GOOD, PERIOD, Reported, colleague, open_for_counties
from throughline.reporting.work import count_for, work_for
from throughline.subjects.models import Attachment

YEAR = "2020"


def exhibit(text: str = "a ledger") -> Exhibit:
    return Exhibit(file=store(text.encode(), "ledger.txt"), name="ledger.txt")


def contested(world: World, series: str = "jobs-reported", **more: Any) -> Contest:
    """The county contests a figure of its own that stands for 2020."""
    given: dict[str, Any] = {
        "proposed": 12.0,
        "grounds": "We counted twelve.",
        "evidence": [exhibit()],
    } | more
    return contest_value(
        world.cast.county.actor, observation=world.standing(series, "N111", YEAR), **given
    )


def enquired(world: World, **more: Any) -> Contest:
    return contested(world, "people-official", **{"proposed": None, "evidence": []} | more)


def producer(world: World, contest: Contest) -> Actor:
    found: Member = world.cast.leads if contest.kind == ContestKind.CONTEST else world.cast.supports
    return found.actor


def answered(world: World, contest: Contest, verdict: Verdict, **more: Any) -> Contest:
    standing = world.standing(contest.series.key, "N111", YEAR)
    given: dict[str, Any] = {"reason": "We looked again.", "against": standing.pk} | more
    return answer_contest(producer(world, contest), contest=contest, verdict=verdict, **given)


def record(world: World, value: float, series: str = "jobs-reported") -> Observation:
    """Another figure in place of the one that stands, by whoever may."""
    standing = world.standing(series, "N111", YEAR)
    return record_observation(
        SYSTEM, series=world.series[series], place=world.cast.places["N111"],
        period=Period.parse(YEAR), value=value, status=standing.status, note="Found later.",
        supersedes=standing.pk,
    )  # fmt: skip


# -- contesting ----------------------------------------------------------------------------


def test_a_department_figure_is_contested_with_a_proposal_and_evidence(world: World) -> None:
    before = world.standing("jobs-reported", "N111", YEAR)
    contest = contested(world)
    assert (contest.kind, contest.state) == (ContestKind.CONTEST, ContestState.OPEN)
    assert (contest.value, contest.proposed) == (10.0, 12.0)
    assert world.standing("jobs-reported", "N111", YEAR) == before, "the figure stands"
    [attached] = Attachment.objects.filter(kind="contest", key=str(contest.pk))
    assert (attached.name, attached.body) == ("ledger.txt", world.cast.county.body)
    [told] = Notice.objects.filter(kind="value-contested").select_related("body")
    assert told.body == world.cast.leads.body


def test_a_contest_without_proposal_grounds_or_evidence_is_refused_at_each(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        contested(world, proposed=None, grounds=" ", evidence=[])
    assert {each.field for each in refused.value.problems} == {"proposed", "grounds", "files"}
    with pytest.raises(Invalid, match="not contested"):
        contested(world, proposed=10.0)
    assert not Contest.objects.exists()


def test_an_official_figure_is_asked_about_and_nothing_has_to_be_proposed(world: World) -> None:
    contest = enquired(world)
    assert (contest.kind, contest.proposed) == (ContestKind.ENQUIRY, None)
    [told] = Notice.objects.filter(kind="value-asked-about").select_related("body")
    assert told.body == world.cast.supports.body


def test_of_one_figure_there_is_one_open_contest(world: World) -> None:
    contest = contested(world)
    with pytest.raises(Conflict, match="already"):
        contested(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contest.objects.create(
            observation=contest.observation, series=contest.series, place=contest.place,
            period=contest.period, value=10.0, kind=contest.kind, proposed=1.0, grounds="x",
            person="x", at=contest.at, act=0,
        )  # fmt: skip
    withdraw_contest(world.cast.county.actor, contest=contest)
    contested(world)


def test_only_for_its_own_place_does_a_body_contest(world: World) -> None:
    figure = world.standing("jobs-reported", "N111", YEAR)
    given: dict[str, Any] = {"proposed": 12.0, "grounds": "x", "evidence": [exhibit()]}
    for name in ("province", "prefecture", "coordinator", "supports", "top", "auditor"):
        with pytest.raises(Forbidden, match="answers for"):
            contest_value(getattr(world.cast, name).actor, observation=figure, **given)
    reader = colleague(world.cast.county, "reader", Duty.READ)
    with pytest.raises(Forbidden, match="answers for"):
        contest_value(reader, observation=figure, **given)


def test_where_nobody_reports_the_government_above_contests_what_a_form_asks(
    world: World,
) -> None:
    figure = world.standing("jobs-reported", "N112", YEAR)
    prefecture = world.cast.prefecture.actor
    given: dict[str, Any] = {"proposed": 12.0, "grounds": "x", "evidence": [exhibit()]}
    with pytest.raises(Forbidden, match="answers for"):
        contest_value(prefecture, observation=figure, **given)
    open_for_counties(world)
    with pytest.raises(Forbidden, match="answers for"):
        contest_value(world.cast.sibling.actor, observation=figure, **given)
    contest = contest_value(prefecture, observation=figure, **given)
    assert contest.body == world.cast.prefecture.body


def test_nobody_contests_what_he_gave_himself_even_after_it_was_accepted(
    reported: Reported,
) -> None:
    world = reported.world
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    review_report(reported.reviewer, report=reported.report)
    sign_report(reported.signer, report=reported.report)
    check_report(world.cast.prefecture.actor, report=reported.report)
    check_report(world.cast.province.actor, report=reported.report)
    figure = world.standing("jobs-reported", "N111", PERIOD)
    assert figure.status == Observation.Status.ACCEPTED, "the province wrote it last"
    assert giver_of(figure) == "n111-government"
    with pytest.raises(Forbidden, match="gave this figure itself"):
        contest_value(
            reported.filler, observation=figure, proposed=1.0, grounds="x", evidence=[exhibit()]
        )


def test_what_the_superior_filled_in_for_it_a_county_contests(reported: Reported) -> None:
    world = reported.world
    body = world.cast.prefecture.body
    body.one_step = True
    body.save()
    Report.objects.filter(pk=reported.report.pk).update(body=body)
    prepare_report(world.cast.prefecture.actor, report=reported.report, values=GOOD)
    sign_report(world.cast.prefecture.actor, report=reported.report)
    figure = world.standing("jobs-reported", "N111", PERIOD)
    contest = contest_value(
        reported.filler, observation=figure, proposed=9.0, grounds="x", evidence=[exhibit()]
    )
    assert contest.value == GOOD["jobs-reported"]["value"]


def test_the_producer_does_not_contest_its_own_figure(world: World) -> None:
    world.series["jobs-reported"].producer = world.cast.county.body
    world.series["jobs-reported"].save()
    with pytest.raises(Forbidden, match="produces"):
        contested(world)


def test_a_figure_that_was_superseded_or_withdrawn_is_not_contested(world: World) -> None:
    old = world.standing("jobs-reported", "N111", YEAR)
    record(world, 11.0)
    given: dict[str, Any] = {"proposed": 12.0, "grounds": "x", "evidence": [exhibit()]}
    with pytest.raises(Conflict, match="in the meantime"):
        contest_value(world.cast.county.actor, observation=old, **given)
    last = world.standing("jobs-reported", "N111", YEAR)
    gone = record_observation(
        SYSTEM, series=last.series, place=last.place, period=Period.parse(YEAR), value=None,
        status=last.status, note="Wrong.", supersedes=last.pk,
    )  # fmt: skip
    with pytest.raises(Conflict, match="withdrawn"):
        contest_value(world.cast.county.actor, observation=gone, **given)


# -- answering -----------------------------------------------------------------------------


def test_accepted_the_proposed_figure_stands_and_names_the_contest(world: World) -> None:
    contest = contested(world)
    old = world.standing("jobs-reported", "N111", YEAR)
    done = answered(world, contest, Verdict.ACCEPTED)
    new = world.standing("jobs-reported", "N111", YEAR)
    assert (new.value, new.status, new.supersedes_id) == (12.0, old.status, old.pk)
    assert f"no. {contest.pk}" in new.note
    assert f"第{contest.pk}号" in new.note_zh
    assert (done.state, done.result, done.against) == (ContestState.ANSWERED, new, old)
    entry = JournalEntry.objects.get(act=new.act)
    assert (entry.verb, entry.body_code) == ("value.answer_contest", "leading-department")
    [told] = Notice.objects.filter(kind="contest-answered").select_related("body")
    assert told.body == world.cast.county.body


def test_accepted_with_change_the_producers_own_figure_stands(world: World) -> None:
    contest = contested(world)
    with pytest.raises(Invalid):
        answered(world, contest, Verdict.CHANGED)
    with pytest.raises(Invalid):
        answered(world, contest, Verdict.CHANGED, value=12.0)
    answered(world, contest, Verdict.CHANGED, value=11.0)
    assert world.standing("jobs-reported", "N111", YEAR).value == 11.0


def test_refused_the_figure_stands_and_there_is_a_reason(world: World) -> None:
    contest = contested(world)
    with pytest.raises(Invalid):
        answered(world, contest, Verdict.REFUSED, reason=" ")
    done = answered(world, contest, Verdict.REFUSED)
    assert world.standing("jobs-reported", "N111", YEAR) == contest.observation
    assert (done.result, done.reason) == (None, "We looked again.")


def test_an_enquiry_is_answered_by_a_correction_that_the_producer_releases(world: World) -> None:
    contest = enquired(world)
    with pytest.raises(Invalid) as refused:
        answered(world, contest, Verdict.ACCEPTED)
    assert [each.field for each in refused.value.problems] == ["value"]
    answered(world, contest, Verdict.ACCEPTED, value=1010.0)
    assert world.standing("people-official", "N111", YEAR).value == 1010.0


def test_only_the_producer_answers_and_nobody_his_own_contest(world: World) -> None:
    contest = contested(world)
    for name in ("county", "province", "coordinator", "supports", "top", "auditor"):
        with pytest.raises(Forbidden, match="producer"):
            answer_contest(
                getattr(world.cast, name).actor, contest=contest, verdict=Verdict.REFUSED,
                reason="x", against=contest.observation_id,
            )  # fmt: skip
    Contest.objects.filter(pk=contest.pk).update(person=world.cast.leads.actor.person)
    with pytest.raises(Forbidden, match="asked himself"):
        answered(world, contest, Verdict.REFUSED)


def test_what_the_producer_saw_has_changed_and_it_answers_on_the_present_figure(
    world: World,
) -> None:
    contest = contested(world)
    new = record(world, 11.0)
    with pytest.raises(Conflict, match=r"changed.*11"):
        answered(world, contest, Verdict.ACCEPTED, against=contest.observation_id)
    done = answered(world, contest, Verdict.ACCEPTED, against=new.pk)
    assert (done.against, done.observation.value) == (new, 10.0)
    assert world.standing("jobs-reported", "N111", YEAR).supersedes == new


def test_what_was_proposed_stands_by_now_and_accepting_it_writes_nothing(world: World) -> None:
    contest = contested(world)
    new = record(world, 12.0)
    done = answered(world, contest, Verdict.ACCEPTED)
    assert (done.result, done.state) == (None, ContestState.ANSWERED)
    assert world.standing("jobs-reported", "N111", YEAR) == new


def test_what_is_closed_is_neither_answered_nor_withdrawn_again(world: World) -> None:
    contest = contested(world)
    answered(world, contest, Verdict.REFUSED)
    with pytest.raises(Conflict, match="answered already"):
        answered(world, contest, Verdict.ACCEPTED)
    with pytest.raises(Conflict, match="answered already"):
        withdraw_contest(world.cast.county.actor, contest=contest)
    other = enquired(world)
    withdraw_contest(world.cast.county.actor, contest=other, reason="It was ours.")
    with pytest.raises(Conflict, match="withdrawn"):
        answered(world, other, Verdict.REFUSED)
    other.refresh_from_db()
    assert (other.state, other.reason) == (ContestState.WITHDRAWN, "It was ours.")


def test_it_is_withdrawn_by_the_body_that_made_it(world: World) -> None:
    contest = contested(world)
    for name in ("leads", "prefecture", "auditor"):
        with pytest.raises(Forbidden):
            withdraw_contest(getattr(world.cast, name).actor, contest=contest)
    withdraw_contest(colleague(world.cast.county, "head", Duty.SIGN, Duty.READ), contest=contest)


# -- who sees it, and where ----------------------------------------------------------------


def test_who_sees_the_figure_sees_that_it_is_contested_and_nobody_else(world: World) -> None:
    contest, cast = contested(world), world.cast
    seen = {name for name, member in cast if contests_visible_to(member.actor).exists()}
    assert seen == {
        "coordinator", "leads", "supports", "top", "auditor", "province", "prefecture", "county",
    }  # fmt: skip
    with pytest.raises(NotFound):
        contest_by_id(cast.sibling.actor, contest.pk)


def test_a_producer_without_a_part_in_the_indicator_sees_what_it_has_to_answer(
    world: World,
) -> None:
    uninvolved = world.cast.uninvolved
    world.series["roads-reported"].producer = uninvolved.body
    world.series["roads-reported"].save()
    figure = world.standing("roads-reported", "N111", YEAR)
    assert not observations_visible_to(uninvolved.actor).filter(pk=figure.pk).exists()
    contest = contested(world, "roads-reported")
    assert contest_by_id(uninvolved.actor, contest.pk) == contest
    [item] = work_for(uninvolved.actor)
    assert (item.url, item.is_to_do) == (f"/contested/{contest.pk}/", True)
    answer_contest(
        uninvolved.actor, contest=contest, verdict=Verdict.REFUSED, reason="No", against=figure.pk
    )
    assert work_for(uninvolved.actor) == []


def test_my_work_shows_what_waits_for_an_answer_and_what_was_answered(world: World) -> None:
    cast = world.cast
    contest = contested(world)
    enquired(world)
    assert [each.group for each in work_for(cast.county.actor)] == [Group.WAITING] * 2
    assert count_for(cast.county.actor) == 0, "it is not his turn"
    assert (count_for(cast.leads.actor), count_for(cast.supports.actor)) == (1, 1)
    answered(world, contest, Verdict.REFUSED)
    assert count_for(cast.leads.actor) == 0
    groups = {each.group for each in work_for(cast.county.actor)}
    assert groups == {Group.WAITING, Group.STARTED}
    Contest.objects.filter(pk=contest.pk).update(closed_at=clock.now() - timedelta(days=15))
    assert [each.group for each in work_for(cast.county.actor)] == [Group.WAITING]


def test_the_mark_stands_at_the_figure_until_it_is_answered(world: World) -> None:
    contest, place = contested(world), world.cast.places["N111"]
    jobs = world.indicators["jobs"]
    spot = (place.pk, jobs.pk, YEAR)
    assert set(marks_at(world.cast.county.actor, [place.pk], [jobs.pk])) == {spot}
    assert marks_at(world.cast.sibling.actor, [place.pk], [jobs.pk]) == {}
    answered(world, contest, Verdict.REFUSED)
    assert marks_at(world.cast.county.actor, [place.pk], [jobs.pk]) == {}


def test_beside_a_figure_stands_the_way_to_contest_it_or_its_mark(world: World) -> None:
    figure = world.standing("jobs-reported", "N111", YEAR)
    county, leads = world.cast.county.actor, world.cast.leads.actor
    [way] = said_of(county, [figure])[figure.pk]
    assert (way.warns, way.url) == (False, f"/contested/new/{figure.pk}/")
    assert said_of(leads, [figure]) == {}
    contest = contested(world)
    [mark] = said_of(leads, [figure])[figure.pk]
    assert (mark.warns, mark.url) == (True, f"/contested/{contest.pk}/")
