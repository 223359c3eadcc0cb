"""Very many at once: who is asked to come again loses nothing, and is not late for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from throughline.bodies.models import Person
from throughline.kernel import clock
from throughline.kernel.canonical import plain
from throughline.kernel.errors import Conflict, TurnedAway
from throughline.kernel.models import JournalEntry
from throughline.reporting.actions import lock_cycle, prepare_report, review_report, sign_report
from throughline.reporting.actions.filling import submit_report
from throughline.reporting.models import Cycle, Report, Sheet, Ticket
from throughline.reporting.tests.country import GOOD, Reported
from throughline.reporting.tickets import LASTS, admit_signature, admit_submission
from throughline.running import pressure


def is_high() -> bool:
    """Every request has stood in line for too long."""
    return True


@pytest.fixture
def rush(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """While it stands, submissions are turned away; `undo` ends it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pressure, "is_high", is_high)
        yield patched


@pytest.fixture
def small(reported: Reported) -> Reported:
    """The county's body lets one person prepare and sign."""
    body = reported.world.cast.county.body
    body.one_step = True
    body.save()
    return reported


def turned_away(reported: Reported) -> TurnedAway:
    with pytest.raises(TurnedAway) as told:
        admit_submission(reported.filler, reported.report, GOOD)
    return told.value


def let_pass(reported: Reported, time: timedelta) -> None:
    """Let time pass, by setting all instants back: the journal takes no entry of the future."""
    Cycle.objects.update(opens_at=F("opens_at") - time, closes_at=F("closes_at") - time)
    Ticket.objects.update(issued_at=F("issued_at") - time, until=F("until") - time)
    reported.cycle.refresh_from_db()
    reported.report = Report.objects.select_related("cycle", "place").get(pk=reported.report.pk)


A_MOMENT = timedelta(seconds=30)


def shortly_before_the_close(reported: Reported) -> None:
    let_pass(reported, reported.cycle.closes_at - clock.now() - A_MOMENT)


def test_without_a_rush_nobody_is_turned_away(small: Reported):
    admit_submission(small.filler, small.report, GOOD)
    assert not Ticket.objects.exists() and not Sheet.objects.exists()


def test_what_was_given_is_kept_and_no_act_was_done(small: Reported, rush: pytest.MonkeyPatch):
    before = JournalEntry.objects.count()
    told = turned_away(small)
    kept = Sheet.objects.get(report=small.report)
    assert (kept.values, kept.saved_by) == (GOOD, small.filler.person)
    assert small.again().step == "open"
    assert told.retry_after > 0 and told.until > told.until - LASTS
    assert JournalEntry.objects.count() == before


def test_used_in_its_time_it_is_on_time_after_the_close(small: Reported, rush: pytest.MonkeyPatch):
    shortly_before_the_close(small)
    turned_away(small)
    rush.undo()
    let_pass(small, LASTS - A_MOMENT)
    issued = Ticket.objects.get().issued_at
    done = submit_report(small.filler, report=small.report, values=None)
    assert done.signed_at and done.signed_at > small.cycle.closes_at
    assert (done.step, done.late, done.values) == ("signed", False, GOOD)
    assert not Ticket.objects.exists(), "it is used"
    said = json.loads(JournalEntry.objects.latest("position").body)["after"]
    assert said["ticket"] == plain(issued)


def test_used_after_its_time_it_does_not_help(small: Reported, rush: pytest.MonkeyPatch):
    shortly_before_the_close(small)
    turned_away(small)
    rush.undo()
    let_pass(small, LASTS)
    assert submit_report(small.filler, report=small.report).late


@pytest.mark.parametrize(("waited", "late"), [(2.0, False), (0.5, True)])
def test_who_stood_in_line_at_the_close_came_in_time(small: Reported, waited: float, late: bool):
    let_pass(small, small.cycle.closes_at - clock.now() + timedelta(seconds=1))
    with pressure.served_after(waited):
        assert submit_report(small.filler, report=small.report, values=GOOD).late == late
    said = json.loads(JournalEntry.objects.latest("position").body)["after"]
    assert ("came" in said) == (not late)


def test_who_came_after_the_close_is_late_with_a_ticket_too(
    small: Reported, rush: pytest.MonkeyPatch
):
    shortly_before_the_close(small)
    let_pass(small, A_MOMENT)
    turned_away(small)
    rush.undo()
    assert submit_report(small.filler, report=small.report).late


def test_coming_again_keeps_the_first_instant_and_the_newest_figures(
    small: Reported, rush: pytest.MonkeyPatch
):
    turned_away(small)
    let_pass(small, timedelta(minutes=5))
    first = Ticket.objects.get()
    later = {**GOOD, "jobs-reported": {**GOOD["jobs-reported"], "value": 13.0}}
    with pytest.raises(TurnedAway):
        admit_submission(small.filler, small.report, later)
    again = Ticket.objects.get()
    assert again.issued_at == first.issued_at and again.until > first.until
    assert Sheet.objects.get().values == later
    let_pass(small, LASTS)
    turned_away(small)
    newest = Ticket.objects.get()
    assert newest.until - newest.issued_at == LASTS, "an old one does not live on"


def test_a_signature_is_turned_away_with_a_ticket_too(reported: Reported, rush: pytest.MonkeyPatch):
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    review_report(reported.reviewer, report=reported.report)
    shortly_before_the_close(reported)
    with pytest.raises(TurnedAway):
        admit_signature(reported.signer, reported.report)
    rush.undo()
    let_pass(reported, 2 * A_MOMENT)
    assert not sign_report(reported.signer, report=reported.report).late


def test_a_report_that_has_gone_on_gets_no_ticket(small: Reported, rush: pytest.MonkeyPatch):
    stale = Report.objects.select_related("cycle", "place", "body").get(pk=small.report.pk)
    submit_report(small.filler, report=small.report, values=GOOD)
    admit_submission(small.filler, stale, GOOD)  # the act itself says what stands against it
    assert not Ticket.objects.exists() and not Sheet.objects.exists()


def test_a_call_that_is_repeated_in_the_rush_gets_the_answer_that_it_got(
    small: Reported, rush: pytest.MonkeyPatch
):
    client = Client()
    client.force_login(Person.objects.get(opaque=small.filler.person))

    def send() -> Any:
        return client.post(
            reverse("api:report-submit", args=[small.cycle.key, "N111"]),
            json.dumps({"values": GOOD}), content_type="application/json",
            headers={"Idempotency-Key": "one"},
        )  # fmt: skip

    rush.undo()
    first = send()
    rush.setattr(pressure, "is_high", is_high)
    again = send()
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()


def test_the_cycle_is_not_locked_while_a_ticket_can_be_used(
    small: Reported, rush: pytest.MonkeyPatch
):
    owner = small.world.cast.coordinator.actor
    shortly_before_the_close(small)
    turned_away(small)
    let_pass(small, LASTS - A_MOMENT)
    with pytest.raises(Conflict, match="ticket"):
        lock_cycle(owner, cycle=small.cycle)
    let_pass(small, A_MOMENT)
    assert lock_cycle(owner, cycle=small.cycle).locked_at is not None


def test_the_page_and_the_api_say_when_to_come_again(small: Reported, rush: pytest.MonkeyPatch):
    client = Client()
    client.force_login(Person.objects.get(opaque=small.filler.person))
    where = [small.cycle.key, "N111"]
    by_api = client.post(
        reverse("api:report-submit", args=where), json.dumps({"values": GOOD}),
        content_type="application/json",
    )  # fmt: skip
    assert by_api.status_code == 429 and by_api.json()["error"] == "turned-away"
    assert int(by_api["Retry-After"]) > 0 and by_api.json()["until"]
    page = client.post(
        reverse("prepare-sheet", args=where),
        {"value-jobs-reported": "14", "value-roads-reported": "2", "submit": "1"},
    )
    assert page.status_code == 429
    said = page.content.decode()
    assert "Very many report at this moment" in said and 'value="14"' in said
    assert (
        "Very many reported at the same time"
        in client.get(reverse("report-sheet", args=where)).content.decode()
    )
