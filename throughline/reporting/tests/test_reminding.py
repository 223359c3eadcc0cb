"""催报: who is reminded when, by the clock and by hand, and nobody twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F, Model

from throughline.bodies.rules import Duty
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.notices.models import Notice
from throughline.reporting.actions import (
    ask_extension,
    decide_extension,
    lock_cycle,
    open_cycle,
    prepare_report,
    remind_reports,
    return_report,
    review_report,
    sign_report,
    urge_reports,
)
from throughline.reporting.jobs import keep_cycles
from throughline.reporting.models import Cycle, Extension, Reminder, Report
from throughline.reporting.telling import OPENED, REMINDED, URGED
from throughline.reporting.tests.country import GOOD, PERIOD, Reported

WEEK, TWO_DAYS, HOURS, CLOSE = 168, 48, 4, 0


SHIFTED: dict[type[Model], tuple[str, ...]] = {
    Cycle: ("opens_at", "closes_at", "told_at", "counts_from"),
    Report: ("until", "decided_at", "first_signed_at", "signed_at", "prepared_at"),
    Extension: ("until", "decided_at", "asked_at"),
    Reminder: ("due", "at"),
}


def wait(span: timedelta) -> None:
    """Let time pass: the journal takes no time that is to come, so that all that there is goes
    back instead."""
    for model, fields in SHIFTED.items():
        model._default_manager.update(**{each: F(each) - span for each in fields})


def wait_until(reported: Reported, before: timedelta) -> None:
    """Let time pass until so long before the cycle's close."""
    close = Cycle.objects.get(pk=reported.cycle.pk).closes_at
    wait(close - before - clock.now())


def tick() -> list[int]:
    """What the clock reminds of now: how many hours before, for each reminder."""
    known = set(Reminder.objects.values_list("pk", flat=True))
    keep_cycles(0)
    rows = Reminder.objects.filter(before__isnull=False)
    return sorted(each.before or 0 for each in rows if each.pk not in known)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def told(kind: str) -> list[tuple[str, int]]:
    """Who was told by notices of a kind, and of how many units."""
    rows = Notice.objects.filter(kind=kind).select_related("body")
    return sorted((each.body.key, each.facts.get("count", 1)) for each in rows)


def sign(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    review_report(reported.reviewer, report=reported.report)
    sign_report(reported.signer, report=reported.report)


def after(reported: Reported, before: float) -> list[int]:
    """What the clock reminds of so many hours before the cycle's close."""
    wait_until(reported, hours(before))
    return tick()


def test_each_time_before_the_close_comes_once(reported: Reported) -> None:
    assert reported.cycle.remind == [WEEK, TWO_DAYS, HOURS, CLOSE]
    assert after(reported, 72) == [], "a week before, it was not open yet"
    assert after(reported, 48) == [TWO_DAYS] * 3
    assert after(reported, 48) == []
    assert after(reported, 47) == []
    assert after(reported, 4) == [HOURS] * 3
    assert after(reported, -0.001) == [CLOSE] * 3
    assert after(reported, -216) == []
    entries = JournalEntry.objects.filter(verb="report.remind")
    assert [(each.door, each.person) for each in entries] == [("job", "system")] * 3


def test_one_notice_goes_to_each_body_for_all_units_for_which_it_answers(
    reported: Reported,
) -> None:
    after(reported, 48)
    # N112 has nobody that reports; its prefecture, which has, answers for it.
    assert told(REMINDED) == [("n11-government", 1), ("n111-government", 1), ("n2-government", 1)]
    notices = Notice.objects.filter(kind=REMINDED).select_related("body")
    urls = {each.body.key: each.url for each in notices}
    assert urls["n111-government"] == f"/cycles/{reported.cycle.key}/units/N111/"


def test_several_units_of_one_body_are_one_notice(reported: Reported) -> None:
    posts = reported.world.cast.county.post
    posts.duties = [Duty.READ.value]
    posts.save()
    after(reported, 4)
    assert ("n11-government", 2) in told(REMINDED)
    notice = Notice.objects.get(kind=REMINDED, body__key="n11-government")
    assert notice.url == f"/cycles/{reported.cycle.key}/"


def test_who_has_signed_is_not_reminded(reported: Reported) -> None:
    sign(reported)
    assert len(after(reported, 48)) == 2
    assert "n111-government" not in dict(told(REMINDED))


def test_a_prepared_report_is_asked_of_the_body_that_prepared_it(reported: Reported) -> None:
    prepare_report(reported.world.cast.prefecture.actor, report=reported.report, values=GOOD)
    after(reported, 48)
    assert told(REMINDED) == [("n11-government", 2), ("n2-government", 1)]


def test_after_a_stop_only_the_last_time_counts(reported: Reported) -> None:
    assert after(reported, -24) == [CLOSE] * 3


def test_more_time_has_its_own_reminders(reported: Reported) -> None:
    until = reported.cycle.closes_at + timedelta(days=3)
    asked = ask_extension(reported.filler, report=reported.report, until=until, reason="Floods.")
    wait_until(reported, hours(1))
    coordinator = reported.world.cast.coordinator.actor
    decide_extension(coordinator, extension=asked, granted=True)
    assert after(reported, 0) == [CLOSE] * 2, "the others' close"
    assert after(reported, 47 - 72) == [TWO_DAYS]
    assert after(reported, -72) == [CLOSE]
    assert Reminder.objects.filter(report=reported.report).count() == 2


def test_one_that_came_back_is_reminded_from_then_on_and_is_not_late_by_it(
    reported: Reported,
) -> None:
    sign(reported)
    wait_until(reported, hours(40))
    return_report(reported.world.cast.prefecture.actor, report=reported.report, reason="Look.")
    own = Reminder.objects.filter(report=reported.report)
    after(reported, 39)
    assert not own.exists(), "the two days lay before it came back"
    after(reported, 3)
    assert [each.before for each in own] == [HOURS]
    after(reported, -1)
    assert own.count() == 1, "it was signed in time"


def test_a_locked_cycle_reminds_nobody(reported: Reported) -> None:
    wait_until(reported, hours(-0.02))
    lock_cycle(reported.world.cast.coordinator.actor, cycle=reported.cycle)
    assert tick() == []


def test_nobody_but_the_clock_reminds_so(reported: Reported) -> None:
    with pytest.raises(Forbidden):
        remind_reports(reported.world.cast.coordinator.actor, cycle=reported.cycle)
    with pytest.raises(Conflict):
        remind_reports(SYSTEM, cycle=reported.cycle)
    assert not JournalEntry.objects.filter(verb="report.remind").exists()


def test_the_opening_is_told_at_its_hour(reported: Reported) -> None:
    now = clock.now()
    forms = list(reported.cycle.forms.all())
    before = Notice.objects.filter(kind=OPENED).count()
    cycle = open_cycle(
        reported.world.cast.coordinator.actor, key="later", forms=forms,
        period=Period.parse(PERIOD), opens_at=now + timedelta(hours=3),
        closes_at=now + timedelta(days=30),
    )  # fmt: skip
    assert cycle.told_at is None
    wait(hours(2))
    tick()
    assert Notice.objects.filter(kind=OPENED).count() == before
    wait(hours(1))
    tick()
    told_now = Notice.objects.filter(kind=OPENED).count()
    assert told_now > before
    wait(hours(1))
    tick()
    assert Notice.objects.filter(kind=OPENED).count() == told_now
    assert JournalEntry.objects.filter(verb="cycle.announce", door="job").count() == 1


def test_a_cycle_reminds_as_its_forms_say_or_as_is_said_when_it_is_opened(
    reported: Reported,
) -> None:
    forms = list(reported.cycle.forms.order_by("key"))
    forms[0].remind, forms[1].remind = [24, 0], []
    for form in forms:
        form.save()

    def opened(key: str, remind: list[int] | None) -> Cycle:
        return open_cycle(
            reported.world.cast.coordinator.actor, key=key, forms=forms,
            period=Period.parse(PERIOD), opens_at=clock.now(),
            closes_at=clock.now() + timedelta(days=9), remind=remind,
        )  # fmt: skip

    assert opened("as-forms-say", None).remind == [24, 0]
    assert opened("as-said", [3, 72]).remind == [72, 3]
    assert opened("never", []).remind == []
    with pytest.raises(Invalid):
        opened("too-early", [24 * 91])


# -- by hand -------------------------------------------------------------------------------


def reports(reported: Reported, *codes: str) -> list[Report]:
    rows = Report.objects.filter(cycle=reported.cycle)
    return list(rows.filter(place__code__in=codes) if codes else rows)


def test_the_owner_urges_all_that_are_missing_with_a_sentence(reported: Reported) -> None:
    sign(reported)
    owner = reported.world.cast.coordinator.actor
    assert urge_reports(
        owner, cycle=reported.cycle, reports=reports(reported), words=" Today, please. "
    ) == 2  # fmt: skip
    assert told(URGED) == [("n11-government", 1), ("n2-government", 1)]
    assert Notice.objects.filter(kind=URGED)[0].facts["words"] == "Today, please."


def test_a_tier_above_urges_its_own_units_and_no_others(reported: Reported) -> None:
    province, county = reported.world.cast.province.actor, reported.world.cast.county.actor
    own = reports(reported, "N111", "N112")
    assert urge_reports(province, cycle=reported.cycle, reports=own) == 2
    with pytest.raises(Forbidden):
        urge_reports(province, cycle=reported.cycle, reports=reports(reported))
    with pytest.raises(Forbidden):
        urge_reports(county, cycle=reported.cycle, reports=reports(reported, "N111"))


def test_nobody_is_urged_again_within_five_minutes(reported: Reported) -> None:
    owner = reported.world.cast.coordinator.actor
    urge_reports(owner, cycle=reported.cycle, reports=reports(reported, "N111"))
    with pytest.raises(Conflict):
        urge_reports(owner, cycle=reported.cycle, reports=reports(reported, "N111"))
    assert urge_reports(owner, cycle=reported.cycle, reports=reports(reported)) == 2, "the others"
    wait(timedelta(minutes=5, seconds=1))
    assert urge_reports(owner, cycle=reported.cycle, reports=reports(reported)) == 3


def test_what_is_signed_or_locked_is_not_urged(reported: Reported) -> None:
    owner = reported.world.cast.coordinator.actor
    sign(reported)
    with pytest.raises(Conflict):
        urge_reports(owner, cycle=reported.cycle, reports=reports(reported, "N111"))
    with pytest.raises(Invalid):
        urge_reports(owner, cycle=reported.cycle, reports=[])
    wait_until(reported, hours(-0.02))
    lock_cycle(owner, cycle=reported.cycle)
    with pytest.raises(Conflict):
        urge_reports(owner, cycle=reported.cycle, reports=reports(reported))
