"""The sheet of a unit: what it shows to whom, and that nothing that is typed is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from throughline.bodies.models import Person
from throughline.kernel.actor import Actor
from throughline.plans.models import Indicator
from throughline.reporting.actions import (
    ask_extension,
    check_report,
    prepare_report,
    return_report,
    review_report,
    send_back_report,
    sign_report,
)
from throughline.reporting.asking import asked_of, forget
from throughline.reporting.drafting import read_typed, save_sheet, sheet_values
from throughline.reporting.models import FormLine, Report, Sheet
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tests.country import GOOD, Reported
from throughline.ui import writing

JOBS, ROADS = "jobs-reported", "roads-reported"
MOST_QUERIES = 45
"""A page asks for who reads it, what waits for him, and what it shows."""


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(Person.objects.get(opaque=actor.person))
    return client


def address(name: str = "report-sheet", place: str = "N111") -> str:
    return reverse(name, args=["all-2022", place])


def text_of(answer: Any) -> str:
    """What a page says, white space squeezed; the test client's answers have no exported type."""
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def sent(actor: Actor, cells: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Any:
    """The answer to what a page sends while one types."""
    body = json.dumps({"cells": cells, "known": known or {}})
    return browser(actor).post(address("save-sheet"), body, content_type="application/json")


def typed(text: str, *, absent: bool = False, note: str = "") -> dict[str, Any]:
    return {"text": text, "absent": absent, "note": note}


def form(jobs: str, roads: str, **more: str) -> dict[str, str]:
    return {f"value-{JOBS}": jobs, f"value-{ROADS}": roads} | more


def signed(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    review_report(reported.reviewer, report=reported.report)
    sign_report(reported.signer, report=reported.report)


# -- what it shows -------------------------------------------------------------------------


def test_it_asks_for_each_figure_once_and_says_who_asks(reported: Reported) -> None:
    said = text_of(browser(reported.filler).get(address()))
    assert said.count(f'name="value-{ROADS}"') == 1
    assert "Paper of people" in said and "Paper of works" in said
    assert "Several ask for this figure" in said
    assert "2 bodies ask for them" in said


def test_every_line_has_the_periods_before_and_the_change(reported: Reported) -> None:
    before = reported.world.standing("jobs-reported", "N111", "2021").value
    assert before is not None
    save_sheet(
        reported.filler, reported.report, {JOBS: {"value": before * 2, "absent": False, "note": ""}}
    )
    said = text_of(browser(reported.filler).get(address()))
    assert f'data-label="2021">{before:g}</td>' in said
    assert ">+100 %</td>" in said


def test_the_page_calls_its_reader_by_name(reported: Reported) -> None:
    said = text_of(browser(reported.filler).get(address()))
    assert "<b>County</b>" in said


def test_only_who_fills_in_gets_a_form(reported: Reported) -> None:
    for actor in (reported.reviewer, reported.world.cast.top.actor):
        assert "data-cell" not in text_of(browser(actor).get(address()))
    assert "data-cell" in text_of(browser(reported.filler).get(address()))


def test_a_draft_is_the_units_own(reported: Reported) -> None:
    save_sheet(
        reported.filler,
        reported.report,
        {JOBS: {"value": 987654.0, "absent": False, "note": "a secret"}},
    )
    assert "987,654" in text_of(browser(reported.reviewer).get(address()))
    said = text_of(browser(reported.world.cast.top.actor).get(address()))
    assert "987,654" not in said and "a secret" not in said
    assert "has not signed" in said


def test_what_is_prepared_is_not_seen_above_before_it_is_signed(reported: Reported) -> None:
    prepare_report(
        reported.filler,
        report=reported.report,
        values=GOOD | {JOBS: GOOD[JOBS] | {"value": 4321.0}},
    )
    above = browser(reported.world.cast.top.actor)
    assert "4,321" not in text_of(above.get(address()))
    review_report(reported.reviewer, report=reported.report)
    sign_report(reported.signer, report=reported.report)
    assert "4,321" in text_of(above.get(address()))


def test_who_cannot_edit_any_more_is_told_why_and_who_can_lift_it(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    said = text_of(browser(reported.filler).get(address()))
    assert "data-cell" not in said
    assert "The report is under review in" in said and "It can be sent back there." in said


def test_each_hand_sees_its_own_button(reported: Reported) -> None:
    acts = ("review-sheet", "sign-sheet", "check-sheet", "return-sheet", "send-back-sheet")

    def offered(actor: Actor) -> set[str]:
        said = text_of(browser(actor).get(address()))
        return {name for name in acts if address(name) in said}

    prefecture = reported.world.cast.prefecture.actor
    assert offered(reported.reviewer) == set()
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    assert offered(reported.reviewer) == {"review-sheet", "send-back-sheet"}
    assert offered(prefecture) == set()
    review_report(reported.reviewer, report=reported.report)
    assert offered(reported.signer) == {"sign-sheet", "send-back-sheet"}
    sign_report(reported.signer, report=reported.report)
    assert offered(prefecture) == {"check-sheet", "return-sheet"}
    assert offered(reported.signer) == set()


def test_a_remark_stands_at_its_cell_until_it_is_signed_again(reported: Reported) -> None:
    signed(reported)
    prefecture = reported.world.cast.prefecture.actor
    return_report(prefecture, report=reported.report, cells={JOBS: "Twice last year's."})
    filler = browser(reported.filler)
    said = text_of(filler.get(address()))
    assert 'class="remark"' in said
    assert f'<a href="#field-{JOBS}">1.1 Jobs</a>' in said, "the note above leads there"
    signed(reported)
    assert 'class="remark"' not in text_of(filler.get(address()))
    assert "Twice last year" in text_of(filler.get(address())), "the story keeps it"


def test_who_returns_a_report_sees_what_it_says(reported: Reported) -> None:
    signed(reported)
    prefecture = browser(reported.world.cast.prefecture.actor)
    assert "Given: 12" in text_of(prefecture.get(address("return-sheet")))


def test_who_decides_on_more_time_sees_until_when_and_why(reported: Reported) -> None:
    until = reported.report.times.due + timedelta(days=3)
    asked = ask_extension(reported.filler, report=reported.report, until=until, reason="Floods.")
    there = reverse("decide-more-time", args=[asked.pk])
    said = text_of(browser(reported.world.cast.coordinator.actor).get(there))
    zone = ZoneInfo(reported.cycle.zone)
    for each in (until, reported.report.times.due):
        assert writing.instant(each, zone, "en").replace("\xa0", " ") in said
    assert "Floods." in said


def test_no_time_runs_on_a_sheet_that_is_signed_or_locked(reported: Reported) -> None:
    filler = browser(reported.filler)
    assert "data-countdown" in text_of(filler.get(address()))
    signed(reported)
    assert "data-countdown" not in text_of(filler.get(address()))


def test_what_was_sent_back_inside_is_not_told_outside(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    send_back_report(reported.reviewer, report=reported.report, reason="Look again, Li.")
    assert "Look again, Li." in text_of(browser(reported.filler).get(address()))
    above = text_of(browser(reported.world.cast.top.actor).get(address()))
    assert "Look again, Li." not in above and "Sent back by" not in above


def test_the_story_names_who_did_what(reported: Reported) -> None:
    signed(reported)
    check_report(reported.world.cast.prefecture.actor, report=reported.report, note="Looked at.")
    said = text_of(browser(reported.filler).get(address()))
    for sentence in (
        "Prepared by",
        "Reviewed by",
        "Signed by",
        "Checked for Place N11",
        "Looked at.",
    ):
        assert sentence in said


def test_a_page_costs_the_same_whatever_is_asked(reported: Reported) -> None:
    client = browser(reported.filler)
    client.get(address())

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address()).status_code == 200
        return len(asked)

    few = cost()
    lines = FormLine.objects.get(form__key="people", series__key=JOBS)
    others = reported.world.series
    for at, key in enumerate(sorted(set(others) - {JOBS, ROADS})[:3], 10):
        FormLine.objects.create(
            form=lines.form, series=others[key], position=at, number=f"2.{at}", section_en="More"
        )
    forget()
    assert "2.10" in text_of(client.get(address()))
    assert cost() == few <= MOST_QUERIES


# -- what is typed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "absent"),
    [
        ("１，２３４", 1234.0, False),
        ("3.5万", 35000.0, False),
        ("0.29万", 2900.0, False),
        ("(12)", -12.0, False),
        ("", None, False),
        ("暂缺", None, False),
        ("不适用", None, True),
        ("—", None, True),
        ("N/A", None, True),
    ],
)
def test_numbers_are_read_as_people_write_them(
    reported: Reported, text: str, value: float | None, absent: bool
) -> None:
    reading = read_typed(asked_of(reported.report), {JOBS: typed(text)})
    assert reading.values == {JOBS: {"value": value, "absent": absent, "note": ""}}


@pytest.mark.parametrize("text", ["12,34", "zwölf", "1.2.3", "63%", "3万%", "2022-06-21"])
def test_what_could_mean_two_things_is_no_number(reported: Reported, text: str) -> None:
    reading = read_typed(asked_of(reported.report), {JOBS: typed(text)})
    assert reading.values == {} and [each.field for each in reading.problems] == [JOBS]


def test_what_is_typed_is_kept_cell_by_cell_and_a_faulty_cell_holds_up_no_other(
    reported: Reported,
) -> None:
    answer = sent(reported.filler, {JOBS: typed("3.5万"), ROADS: typed("two")}).json()
    assert answer["cells"][JOBS]["text"] == "35,000"
    assert list(answer["problems"]) == [ROADS]
    values, revision = sheet_values(reported.report)
    assert (values[JOBS]["value"], revision) == (35000.0, 1)


def test_another_ones_cells_come_back_and_what_is_replaced_is_told(reported: Reported) -> None:
    sent(reported.filler, {JOBS: typed("7"), ROADS: typed("1")})
    nothing = {"value": None, "absent": False, "note": ""}
    prefecture = reported.world.cast.prefecture.actor
    answer = sent(prefecture, {JOBS: typed("9")}, {JOBS: nothing}).json()
    assert answer["cells"][ROADS]["value"] == 1.0
    assert answer["replaced"][JOBS]["value"] == 7.0 and answer["by"]
    again = sent(prefecture, {JOBS: typed("10")}, {JOBS: nothing | {"value": 9.0}}).json()
    assert again["replaced"] == {}
    assert sheet_values(reported.report)[0][JOBS]["value"] == 10.0


def test_to_look_saves_nothing(reported: Reported) -> None:
    assert sent(reported.filler, {}).json()["saved"] is None
    assert not Sheet.objects.filter(report=reported.report).exists()


def test_who_may_not_save_is_told_as_json(reported: Reported) -> None:
    assert sent(reported.reviewer, {JOBS: typed("1")}).status_code == 403
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    late = sent(reported.filler, {JOBS: typed("1")})
    assert late.status_code == 409 and "under review" in late.json()["message"]
    assert sent(reported.world.cast.sibling.actor, {}).status_code == 404


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"cells": []}', '{"cells": {"a": 1}}', '{"known": {"a": null}}']
)
def test_what_is_no_sheet_is_refused(reported: Reported, body: str) -> None:
    answer = browser(reported.filler).post(
        address("save-sheet"), body, content_type="application/json"
    )
    assert answer.status_code == (200 if body == "" else 422)


# -- without scripts -----------------------------------------------------------------------


def test_the_form_alone_prepares_the_report(reported: Reported) -> None:
    answer = browser(reported.filler).post(address("prepare-sheet"), form("12", "2"))
    assert answer.status_code == 302
    row = reported.again()
    assert row.step == ReportStep.PREPARED and row.values[JOBS]["value"] == 12.0


def test_what_stands_in_the_way_is_said_and_all_that_was_typed_stays(reported: Reported) -> None:
    answer = browser(reported.filler).post(
        address("prepare-sheet"), form("3", "twelve", **{f"note-{ROADS}": "counted by hand"})
    )
    said = text_of(answer)
    assert answer.status_code == 422
    assert 'id="error-summary"' in said and f'href="#field-{ROADS}"' in said
    assert 'value="twelve"' in said and "counted by hand" in said
    assert sheet_values(reported.report)[0][JOBS]["value"] == 3.0
    assert reported.again().step == ReportStep.OPEN


def test_what_cannot_be_read_is_told_together_with_what_else_stands_in_the_way(
    reported: Reported,
) -> None:
    answer = browser(reported.filler).post(address("prepare-sheet"), form("", "twelve"))
    summary = text_of(answer).partition('id="error-summary"')[2].partition("<h1>")[0]
    assert f'href="#field-{ROADS}"' in summary and "is text where a number is expected" in summary
    assert f'href="#field-{JOBS}"' in summary and "This figure is missing." in summary
    assert "Correct it." not in summary, "there is nothing yet to be corrected"
    kept = browser(reported.filler).post(address("prepare-sheet"), form("", "twelve", keep="1"))
    assert "This figure is missing." not in text_of(kept), "who only keeps it is not done yet"


def test_a_line_that_may_be_left_empty_says_so(reported: Reported) -> None:
    page = browser(reported.filler).get(address())
    assert "may be left empty" not in text_of(page).partition("<h2")[0]
    FormLine.objects.filter(series__key=JOBS).update(required=False)
    forget()
    assert "may be left empty" in text_of(browser(reported.filler).get(address()))


def test_rules_are_said_at_the_cell_with_the_way_to_the_other(reported: Reported) -> None:
    answer = browser(reported.filler).post(address("prepare-sheet"), form("3", "8"))
    said = text_of(answer)
    assert "More roads than jobs." in said and "Very few jobs. Why?" in said
    assert f'<a href="#field-{JOBS}">Go to 1.1</a>' in said
    explained = browser(reported.filler).post(
        address("prepare-sheet"), form("3", "2", **{f"note-{JOBS}": "A small county."})
    )
    assert explained.status_code == 302


def test_an_old_page_does_not_undo_what_a_colleague_typed_into_another_cell(
    reported: Reported,
) -> None:
    known = {JOBS: typed(""), ROADS: typed("")}
    save_sheet(reported.filler, reported.report, {ROADS: GOOD[ROADS]})
    answer = browser(reported.filler).post(
        address("prepare-sheet"), form("12", "", known=json.dumps(known))
    )
    assert answer.status_code == 302
    assert reported.again().values[ROADS]["value"] == 2.0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0, 100, "(0 to 100)"), (0, None, "(at least 0)"), (None, 1500.5, "(at most 1,500.5)")],
)
def test_what_is_possible_is_said(
    reported: Reported, low: float | None, high: float | None, said: str
) -> None:
    Indicator.objects.filter(series__key=JOBS).update(minimum=low, maximum=high)
    forget()
    number = "-5" if high is None else "2000"
    answer = browser(reported.filler).post(address("prepare-sheet"), form(number, "-9"))
    assert f"The figure is outside of what is possible {said}." in text_of(answer)


def test_a_small_body_signs_in_one_step(reported: Reported) -> None:
    client = browser(reported.filler)
    assert 'name="submit"' not in text_of(client.get(address()))
    body = reported.world.cast.county.body
    body.one_step = True
    body.save()
    assert 'name="submit"' in text_of(client.get(address()))
    assert client.post(address("prepare-sheet"), form("12", "2", submit="1")).status_code == 302
    assert Report.objects.get(pk=reported.report.pk).step == ReportStep.SIGNED


def test_keeping_sends_nothing(reported: Reported) -> None:
    client = browser(reported.filler)
    assert client.post(address("prepare-sheet"), form("12", "", keep="1")).status_code == 302
    assert reported.again().step == ReportStep.OPEN
    assert sheet_values(reported.report)[0][JOBS]["value"] == 12.0
