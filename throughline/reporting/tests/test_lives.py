"""The life of a report, from the empty sheet to accepted figures, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.world import World
from throughline.bodies.models import Body
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.notices.kinds import sentence_of
from throughline.notices.models import Notice
from throughline.places.models import Place, Scheme, Tier
from throughline.reporting.actions import (
    ask_extension,
    ask_unlock,
    check_report,
    decide_extension,
    lock_cycle,
    open_cycle,
    prepare_report,
    return_report,
    review_report,
    send_back_report,
    sign_report,
    submit_report,
    unlock_cycle,
)
from throughline.reporting.actions.cycles import named_after
from throughline.reporting.asking import asked_of
from throughline.reporting.drafting import save_sheet, sheet_values
from throughline.reporting.models import Cycle, Report
from throughline.reporting.queries import (
    cycle_by_key,
    cycles_visible_to,
    report_of,
    reports_visible_to,
)
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tests.country import GOOD, PERIOD, Reported, add_forms

VALUE: dict[str, Any] = {"absent": False, "note": ""}


def signed(reported: Reported) -> Report:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    review_report(reported.reviewer, report=reported.report)
    return sign_report(reported.signer, report=reported.report)


def accepted(reported: Reported) -> Report:
    signed(reported)
    check_report(reported.world.cast.prefecture.actor, report=reported.report)
    return check_report(reported.world.cast.province.actor, report=reported.report)


def close(reported: Reported) -> None:
    """Let the cycle's time pass."""
    Cycle.objects.filter(pk=reported.cycle.pk).update(
        opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - timedelta(seconds=1)
    )


def test_every_county_gets_one_report_and_its_bodies_are_told(reported: Reported) -> None:
    rows = Report.objects.filter(cycle=reported.cycle)
    assert sorted(rows.values_list("place__code", flat=True)) == ["N111", "N112", "N211"]
    told = Notice.objects.filter(kind="cycle-opened")
    assert [each.body.key for each in told.select_related("body")] == ["n111-government"]


def test_a_figure_that_two_forms_ask_for_is_one_cell(reported: Reported) -> None:
    asked = asked_of(reported.report)
    assert [each.key for each in asked.lines] == ["jobs-reported", "roads-reported"]
    assert [form.key for form in asked.by_key["roads-reported"].forms] == ["people", "works"]


def test_from_the_sheet_to_accepted_figures(reported: Reported) -> None:
    world = reported.world
    save_sheet(reported.filler, reported.report, {"jobs-reported": {"value": 12} | VALUE})
    assert world.last("jobs-reported", "N111", PERIOD) is None
    prepare_report(
        reported.filler, report=reported.report, values={"roads-reported": GOOD["roads-reported"]}
    )
    review_report(reported.reviewer, report=reported.report)
    assert world.last("jobs-reported", "N111", PERIOD) is None, (
        "nothing counts before the signature"
    )
    sign_report(reported.signer, report=reported.report)
    given = world.standing("jobs-reported", "N111", PERIOD)
    assert (given.value, given.status) == (12.0, Observation.Status.UNREVIEWED)
    row = check_report(world.cast.prefecture.actor, report=reported.report)
    assert (row.step, row.turn and row.turn.code) == (ReportStep.SIGNED, "N1")
    assert world.standing("jobs-reported", "N111", PERIOD).status == Observation.Status.UNREVIEWED
    row = check_report(world.cast.province.actor, report=reported.report)
    assert row.step == ReportStep.ACCEPTED
    for series in GOOD:
        assert world.standing(series, "N111", PERIOD).status == Observation.Status.ACCEPTED


def test_each_act_is_one_entry_of_the_journal(reported: Reported) -> None:
    before = JournalEntry.objects.count()
    accepted(reported)
    verbs = JournalEntry.objects.order_by("position").values_list("verb", flat=True)[before:]
    assert list(verbs) == [
        "report.prepare", "report.review", "report.sign", "report.check", "report.check",
    ]  # fmt: skip


def test_what_breaks_a_hard_rule_is_not_prepared_and_what_was_typed_is_kept(
    reported: Reported,
) -> None:
    bad = {"jobs-reported": {"value": 3} | VALUE, "roads-reported": {"value": 4} | VALUE}
    save_sheet(reported.filler, reported.report, bad)
    with pytest.raises(Invalid) as refused:
        prepare_report(reported.filler, report=reported.report)
    assert {each.code for each in refused.value.problems} == {
        "people/roads-within-jobs", "people/few-jobs",
    }  # fmt: skip
    assert "More roads than jobs." in [each.message for each in refused.value.problems]
    values, _revision = sheet_values(reported.report)
    assert values["jobs-reported"]["value"] == 3.0


def test_what_is_unusual_passes_with_an_explanation(reported: Reported) -> None:
    few: dict[str, Any] = GOOD | {
        "jobs-reported": {"value": 4, "absent": False, "note": "The works closed."}
    }
    prepare_report(reported.filler, report=reported.report, values=few)
    assert reported.again().step == ReportStep.PREPARED


def test_an_empty_cell_stops_and_one_that_is_not_applicable_does_not(reported: Reported) -> None:
    with pytest.raises(Invalid) as refused:
        prepare_report(
            reported.filler, report=reported.report, values={"jobs-reported": GOOD["jobs-reported"]}
        )
    assert [each.code for each in refused.value.problems] == ["empty"]
    absent = {"roads-reported": {"value": None, "absent": True, "note": "No roads here."}}
    prepare_report(reported.filler, report=reported.report, values=GOOD | absent)


def test_nobody_passes_on_his_own_work(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    with pytest.raises(Forbidden, match="prepared himself"):
        review_report(reported.filler, report=reported.report)
    with pytest.raises(Conflict, match="not been reviewed"):
        sign_report(reported.signer, report=reported.report)


def test_a_small_body_submits_in_one_step(reported: Reported) -> None:
    with pytest.raises(Conflict, match="one-step"):
        submit_report(reported.filler, report=reported.report, values=GOOD)
    body = reported.world.cast.county.body
    body.one_step = True
    body.save()
    row = submit_report(reported.filler, report=reported.report, values=GOOD)
    assert row.step == ReportStep.SIGNED
    assert reported.world.standing("jobs-reported", "N111", PERIOD).value == 12.0


def test_a_signed_sheet_says_who_can_return_it(reported: Reported) -> None:
    signed(reported)
    with pytest.raises(Conflict, match=r"N11.* return"):
        save_sheet(reported.filler, reported.report, {"jobs-reported": {"value": 13} | VALUE})


def test_a_returned_cell_bears_its_reason_and_the_step_before_hears(reported: Reported) -> None:
    world = reported.world
    signed(reported)
    check_report(world.cast.prefecture.actor, report=reported.report)
    row = return_report(
        world.cast.province.actor,
        report=reported.report,
        cells={"jobs-reported": "Twice last year's."},
    )
    assert row.step == ReportStep.RETURNED
    assert list(row.remarks.values_list("series__key", "reason")) == [
        ("jobs-reported", "Twice last year's.")
    ]
    heard = Notice.objects.filter(kind="report-returned").select_related("body")
    assert sorted((each.body.key, each.reading_only) for each in heard) == [
        ("n11-government", True), ("n111-government", False),
    ]  # fmt: skip
    prepare_report(
        reported.filler, report=reported.report, values={"jobs-reported": {"value": 7} | VALUE}
    )
    assert reported.again().values["jobs-reported"]["value"] == 7.0


def test_an_accepted_report_can_come_back_and_its_figures_change_by_superseding(
    reported: Reported,
) -> None:
    accepted(reported)
    return_report(
        reported.world.cast.province.actor, report=reported.report, reason="Counted anew."
    )
    signed(reported)
    again = reported.world.standing("jobs-reported", "N111", PERIOD)
    assert again.status == Observation.Status.ACCEPTED, "what was accepted is said again"
    assert reported.again().round == 2


def test_another_line_and_another_tier_do_not_check(reported: Reported) -> None:
    signed(reported)
    cast = reported.world.cast
    for member in (cast.sibling, cast.province, cast.county, cast.coordinator):
        with pytest.raises(Forbidden):
            check_report(member.actor, report=reported.report)


def test_a_tier_without_a_body_that_checks_is_passed_over(reported: Reported) -> None:
    sibling = reported.world.cast.sibling
    sibling.body.one_step = True
    sibling.body.save()
    report = Report.objects.get(cycle=reported.cycle, place__code="N211")
    row = submit_report(sibling.actor, report=report, values=GOOD)
    assert row.turn is not None
    assert row.turn.code == "N2", "there is nobody in N21"
    Body.objects.filter(pk=sibling.body.pk).update(valid_to=clock.now().date())
    return_report(reported.world.cast.coordinator.actor, report=report, reason="Look again.")
    row = submit_report(SYSTEM, report=report)
    assert (row.step, row.turn) == (ReportStep.SIGNED, None), (
        "it is the turn of who opened the cycle"
    )


def test_a_signer_of_the_unit_does_not_check_it_in_another_post(reported: Reported) -> None:
    signed(reported)
    Report.objects.filter(pk=reported.report.pk).update(
        signed_by=reported.world.cast.prefecture.actor.person
    )
    with pytest.raises(Forbidden, match="own hands"):
        check_report(reported.world.cast.prefecture.actor, report=reported.report)


def test_inside_the_body_it_is_sent_back_with_a_reason(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    with pytest.raises(Invalid):
        send_back_report(reported.reviewer, report=reported.report, reason=" ")
    send_back_report(reported.reviewer, report=reported.report, reason="Look again.")
    assert reported.again().step == ReportStep.RETURNED
    prepare_report(reported.filler, report=reported.report)


def test_before_it_opens_and_once_it_is_locked_nothing_is_filled_in(reported: Reported) -> None:
    cell = {"jobs-reported": {"value": 13} | VALUE}
    Cycle.objects.filter(pk=reported.cycle.pk).update(opens_at=clock.now() + timedelta(hours=1))
    with pytest.raises(Conflict, match="not open yet"):
        save_sheet(reported.filler, reported.report, cell)
    close(reported)
    save_sheet(reported.filler, reported.report, cell)
    lock_cycle(reported.world.cast.coordinator.actor, cycle=reported.cycle)
    with pytest.raises(Conflict, match=r"locked.*two people"):
        save_sheet(reported.filler, reported.report, cell)


def test_after_the_close_a_report_is_taken_and_marked_late(reported: Reported) -> None:
    close(reported)
    assert signed(reported).late
    Report.objects.filter(pk=reported.report.pk).update(step=ReportStep.RETURNED)
    assert signed(reported).late, "it does not come to be in time by being returned"


def test_more_time_is_asked_for_and_granted(reported: Reported) -> None:
    close(reported)
    until = clock.now() + timedelta(days=2)
    asked = ask_extension(reported.filler, report=reported.report, until=until, reason="Floods.")
    with pytest.raises(Conflict):
        ask_extension(reported.filler, report=reported.report, until=until, reason="Again.")
    with pytest.raises(Forbidden):
        decide_extension(reported.world.cast.prefecture.actor, extension=asked, granted=True)
    decide_extension(reported.world.cast.coordinator.actor, extension=asked, granted=True)
    assert told_of_time() == [True]
    assert not signed(reported).late


def test_a_refusal_of_time_says_why(reported: Reported) -> None:
    asked = ask_extension(
        reported.filler, report=reported.report, until=clock.now() + timedelta(days=9), reason="?"
    )
    with pytest.raises(Invalid):
        decide_extension(reported.world.cast.coordinator.actor, extension=asked, granted=False)
    decide_extension(
        reported.world.cast.coordinator.actor, extension=asked, granted=False, answer="No."
    )
    assert reported.again().until is None
    assert told_of_time() == [False]


def told_of_time() -> list[bool]:
    """What the notices on more time say: whether it was granted."""
    told = Notice.objects.filter(kind="extension-decided")
    said = [(each.facts, sentence_of(each.kind, "", each.facts).title) for each in told]
    assert all(("granted" if facts["granted"] else "refused") in title for facts, title in said)
    return [facts["granted"] for facts, _title in said]


def test_a_lock_is_undone_by_two_people(reported: Reported) -> None:
    cast = reported.world.cast
    with pytest.raises(Conflict, match="still open"):
        lock_cycle(cast.coordinator.actor, cycle=reported.cycle)
    close(reported)
    lock_cycle(cast.coordinator.actor, cycle=reported.cycle)
    with pytest.raises(Conflict, match="Nobody has asked"):
        unlock_cycle(cast.coordinator.actor, cycle=reported.cycle)
    ask_unlock(cast.coordinator.actor, cycle=reported.cycle, reason="A late correction.")
    with pytest.raises(Forbidden, match="Another person"):
        unlock_cycle(cast.coordinator.actor, cycle=reported.cycle)


def test_whose_reports_one_sees(reported: Reported) -> None:
    cast = reported.world.cast
    seen = {
        name: sorted(reports_visible_to(member.actor).values_list("place__code", flat=True))
        for name, member in cast
    }
    everything = ["N111", "N112", "N211"]
    assert seen == {
        "coordinator": everything, "leads": everything, "supports": [], "uninvolved": [],
        "office": [], "top": everything, "auditor": everything, "administrator": [],
        "province": ["N111", "N112"], "sibling": ["N211"], "prefecture": ["N111", "N112"],
        "county": ["N111"], "former": [], "nobody": [],
    }  # fmt: skip
    with pytest.raises(NotFound):
        report_of(cast.sibling.actor, reported.cycle.key, "N111")


def test_the_superior_fills_in_for_a_county_and_another_checks(reported: Reported) -> None:
    cast = reported.world.cast
    report = Report.objects.get(cycle=reported.cycle, place__code="N112")
    prepare_report(cast.prefecture.actor, report=report, values=GOOD)
    assert Report.objects.get(pk=report.pk).body == cast.prefecture.body
    with pytest.raises(Forbidden):
        prepare_report(cast.sibling.actor, report=reported.report, values=GOOD)


def test_a_cycle_without_a_title_is_named_after_its_forms_and_period(world: World) -> None:
    forms = add_forms(world)
    english, chinese = (
        named_after(forms, Period.parse("2022Q3"), language) for language in ("en", "zh")
    )
    first, second = (form.title_en for form in forms)
    assert english == f"{first}\xa0· {second} (Q3 2022)", "the dot never begins a line"
    titles = "、".join(form.title_zh or form.title_en for form in forms)
    assert chinese == f"{titles}（2022年三季度）"


def test_a_cycle_is_opened_by_who_asks_and_with_sound_times(world: World) -> None:
    forms, now = add_forms(world), clock.now()
    given: dict[str, Any] = {
        "key": "x",
        "title": "X",
        "period": Period.parse("2022"),
        "opens_at": now,
    }
    with pytest.raises(Forbidden):
        open_cycle(
            world.cast.uninvolved.actor, forms=forms, closes_at=now + timedelta(days=1), **given
        )
    with pytest.raises(Invalid) as refused:
        open_cycle(
            world.cast.coordinator.actor, forms=forms, closes_at=now - timedelta(days=1),
            **given | {"title": "X" * 301, "key": "No Key", "period": Period.parse("2022Q1")},
        )  # fmt: skip
    assert {each.field for each in refused.value.problems} == {
        "title", "key", "period", "closes_at",
    }  # fmt: skip


def test_a_cycle_of_another_country_does_not_exist_save_for_who_has_a_hand_in_it(
    reported: Reported,
) -> None:
    world = reported.world
    isle = Scheme.objects.create(key="isle", name_en="Isle")
    tier = Tier.objects.create(scheme=isle, key="isle", level=0, name_en="Isle")
    place = Place.objects.create(
        scheme=isle, code="X1", name_en="X", sort_key="x", tier=tier, valid_from=date(2000, 1, 1)
    )
    Body.objects.filter(pk=world.cast.sibling.body.pk).update(place=place)
    Body.objects.filter(pk=world.cast.leads.body.pk).update(place=place)
    seen = {
        name: [each.key for each in cycles_visible_to(getattr(world.cast, name).actor)]
        for name in ("county", "sibling", "leads", "uninvolved", "auditor", "administrator")
    }
    here = [reported.cycle.key]
    assert seen == {
        "county": here, "sibling": [], "leads": here, "uninvolved": here, "auditor": here,
        "administrator": [],
    }  # fmt: skip
    with pytest.raises(NotFound):
        cycle_by_key(world.cast.sibling.actor, reported.cycle.key)
